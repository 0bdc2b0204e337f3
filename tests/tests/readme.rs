//! The README's screens, replayed: each `$ …` line of a `console` block is run, and what it prints must be what is shown.
//!
//! `…` in a shown line stands for any text within the line; a line of its own that is `…` stands for any lines.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "tests may stop on the first surprise"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// A command of the README and the lines shown below it.
struct Screen {
    command: String,
    shown: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The folder of the built programs: the test's own is `deps` below it.
fn programs() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a path");
    let deps = test.parent().expect("it lies in a folder");
    deps.parent()
        .expect("which lies in the programs' folder")
        .to_owned()
}

fn screens() -> Vec<Screen> {
    let text = std::fs::read_to_string(root().join("README.md")).expect("there is a README");
    let mut screens: Vec<Screen> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            line => match (line.strip_prefix("$ "), screens.last_mut()) {
                (Some(command), _) => screens.push(Screen {
                    command: command.to_owned(),
                    shown: Vec::new(),
                }),
                (None, Some(screen)) => screen.shown.push(line.to_owned()),
                (None, None) => panic!("a screen begins with `$ `: {line}"),
            },
        }
    }
    screens
}

/// Whether a printed line is what is shown, `…` standing for anything.
fn same(shown: &str, printed: &str) -> bool {
    let mut parts = shown.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else {
        return false;
    };
    let mut last = first;
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
        last = part;
    }
    rest.is_empty() || (shown.ends_with('…') && last.is_empty())
}

/// Compares line by line; a shown `…` alone lets any number of lines pass.
fn compare(screen: &Screen, printed: &str) {
    let mut printed = printed.lines().map(str::trim_end);
    let mut gap = false;
    for shown in &screen.shown {
        if shown == "…" {
            gap = true;
            continue;
        }
        let found = if gap {
            printed.find(|line| same(shown, line))
        } else {
            printed.next()
        };
        gap = false;
        match found {
            Some(line) if same(shown, line) => {}
            other => panic!(
                "`{}` shows\n  {shown}\nbut printed\n  {other:?}",
                screen.command
            ),
        }
    }
    assert!(
        gap || printed.all(str::is_empty),
        "`{}` prints more than is shown",
        screen.command
    );
}

#[test]
fn the_readme_shows_what_the_programs_print() {
    let screens = screens();
    assert!(screens.len() >= 3, "the README has screens");
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", programs().display());
    let home = tempfile::tempdir().expect("a temporary home");
    for screen in screens {
        let run = Command::new("sh")
            .args(["-c", &screen.command])
            .current_dir(root())
            .env("PATH", &path)
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("LC_ALL", "C.UTF-8")
            .env("NO_COLOR", "1")
            .env("COLUMNS", "120")
            .env_remove("KAREZ_HOME")
            .output()
            .expect("a shell runs");
        let printed = format!(
            "{}{}",
            String::from_utf8_lossy(&run.stdout),
            String::from_utf8_lossy(&run.stderr)
        );
        compare(&screen, &printed);
    }
}

#[test]
fn the_comparison_itself_can_fail() {
    assert!(same("size … bytes", "size 12 bytes"));
    assert!(same("at …", "at 2026-11-01"));
    assert!(!same("size … bytes", "size 12 rows"));
    assert!(!same("done", "done twice"));
    assert!(!same("done", "not done"));
}
