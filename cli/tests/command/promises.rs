//! What holds for every command: streams, exit codes, languages, quiet ends.

use std::process::Stdio;

use crate::binary::{Ran, karez, run};
use crate::world::Home;

#[test]
fn help_is_data_and_lists_the_exit_codes() {
    let help = run(["--help"]).expect(0);
    assert_eq!(help.stderr, "");
    for line in ["Exit codes:", "  0  done", "  3  no server", "125  a layer"] {
        assert!(help.stdout.contains(line), "{line}");
    }
    assert!(
        run(["job", "submit", "--help"])
            .expect(0)
            .stdout
            .contains("Example:")
    );
}

#[test]
fn wrong_usage_is_two_and_leaves_stdout_alone() {
    for wrong in [
        "",
        "no-such-noun",
        "dataset",
        "dataset get",
        "dataset get UPPER/CASE --as provider",
        "init --bad",
    ] {
        let ran = run(wrong.split_whitespace()).expect(2);
        assert_eq!(ran.stdout, "", "{wrong}");
    }
}

#[test]
fn a_client_says_who_it_is() {
    let home = Home::new();
    let ran = home.run("dataset list").expect(2);
    assert!(
        ran.stderr.contains("--as") && ran.stderr.contains("--identity"),
        "{}",
        ran.stderr
    );
    home.run("dataset list --as provider --identity x")
        .expect(2);
}

#[test]
fn no_server_is_three() {
    let home = Home::new();
    // Port 1 is not listened on.
    let ran = home
        .run("dataset list --as provider --server https://127.0.0.1:1 --output json")
        .expect(3);
    let error = ran.error();
    assert_eq!(error["exit_code"], 3);
    assert!(
        error["message"].as_str().unwrap().contains("127.0.0.1:1"),
        "{error}"
    );
    assert!(
        error["localized_message"]
            .as_str()
            .unwrap()
            .contains("没有服务应答"),
        "{error}"
    );
    home.run("dataset list --as provider --server http://127.0.0.1:1")
        .expect(3);
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let home = Home::new();
    let list = |flag: &str, variable: Option<&str>| {
        let mut command = home.karez();
        command
            .args(["dataset", "list", "--as", "provider"])
            .args(flag.split_whitespace());
        if let Some(server) = variable {
            command.env("KAREZ_SERVER", server);
        }
        Ran::of(command.output().unwrap()).expect(3).stderr
    };
    let (flag, variable) = ("--server https://127.0.0.1:1", "https://127.0.0.1:2");
    assert!(list(flag, Some(variable)).contains("127.0.0.1:1:"));
    assert!(list("", Some(variable)).contains("127.0.0.1:2:"));
    assert!(list("", None).contains("127.0.0.1:7443") || list("", None).contains("another CA"));
}

#[test]
fn a_reader_that_is_gone_ends_the_command_quietly() {
    let mut child = karez()
        .args(["completion", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = Ran::of(child.wait_with_output().unwrap()).expect(0);
    assert_eq!(ended.stderr, "");
}

#[test]
fn colours_are_for_terminals_only() {
    let home = Home::new();
    let ran = home.run("init").expect(1);
    assert!(!ran.stderr.contains('\x1b') && !ran.stdout.contains('\x1b'));
}

#[test]
fn a_worker_is_not_started_by_hand() {
    let ran = run(["__worker"]);
    assert_ne!(ran.code, Some(0));
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
}
