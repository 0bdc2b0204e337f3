//! `SPECIFICATION.md` names files and tests: each of them exists.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::workspace;

/// Folders of the workspace whose files the page names.
const FOLDERS: [&str; 13] = [
    "proto",
    "policy",
    "sampler",
    "desensitize",
    "lineage",
    "verify",
    "sandbox",
    "egress",
    "enclave",
    "cli",
    "fixtures",
    "tests",
    "benches",
];

/// A test's name has at least so many words; fewer are names of keys and columns.
const TEST_WORDS_MIN: usize = 4;

/// Short names that are tests all the same.
const SHORT_TESTS: [&str; 9] = [
    "bad_csv",
    "bad_encodings",
    "nist_acvp",
    "small_domains",
    "a11_windows",
    "a3_single_values",
    "a17_other_paths",
    "exactly_one_actor",
    "separation_of_duties",
];

fn quoted(page: &str) -> BTreeSet<&str> {
    page.split('`').skip(1).step_by(2).collect()
}

fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn is_test(word: &str) -> bool {
    let plain = word
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    plain && (word.split('_').count() >= TEST_WORDS_MIN || SHORT_TESTS.contains(&word))
}

/// What the page names and the repository does not have.
fn missing(page: &str, root: &Path) -> Vec<String> {
    let mut code = String::new();
    for folder in FOLDERS {
        sources(&root.join(folder), &mut code);
    }
    let named = quoted(page);
    let files = named.iter().filter(|word| {
        let folder = word.split_once('/').map(|(folder, _)| folder);
        folder.is_some_and(|folder| FOLDERS.contains(&folder)) && !root.join(word).exists()
    });
    let tests = named
        .iter()
        .filter(|word| is_test(word) && !code.contains(&format!("fn {word}(")));
    files.chain(tests).map(|word| (*word).to_owned()).collect()
}

#[test]
fn every_file_and_test_of_the_page_exists() {
    let page = std::fs::read_to_string(workspace().join("SPECIFICATION.md")).unwrap();
    assert!(
        quoted(&page).iter().filter(|word| is_test(word)).count() > 50,
        "the page names its tests"
    );
    assert_eq!(missing(&page, &workspace()), Vec::<String>::new());
}

#[test]
fn a_name_that_does_not_exist_is_found() {
    let page = format!(
        "`{}` and `sampler/src/no.rs` and `a_short` and `sampler/src/lib.rs`",
        "no_such_test_anywhere"
    );
    let found = missing(&page, &workspace());
    assert_eq!(found, ["sampler/src/no.rs", "no_such_test_anywhere"]);
}
