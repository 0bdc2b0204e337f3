//! `completion`: a script that its shell accepts.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::binary::run;

#[test]
fn bash_accepts_its_script() {
    let script = run(["completion", "bash"]).expect(0).stdout;
    assert!(script.contains("_karez"));
    let Ok(mut bash) = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn() else {
        println!("SKIPPED: no bash on this machine");
        return;
    };
    bash.stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn every_shell_completes_the_nouns() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(["completion", shell]).expect(0).stdout;
        for noun in ["dataset", "scenario", "product", "lineage"] {
            assert!(script.contains(noun), "{shell}: {noun}");
        }
    }
    run(["completion", "cmd"]).expect(2);
}
