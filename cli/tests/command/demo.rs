//! `demo`: exits 0, can run twice, names its directory.

use crate::binary::{Ran, karez, run};

#[test]
fn the_demo_runs_twice_in_directories_of_their_own() {
    if run(["doctor"]).code != Some(0) {
        println!("SKIPPED: this host has no jail; see karez doctor");
        run(["demo"]).expect(125);
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    for language in ["C.UTF-8", "zh_CN.UTF-8"] {
        let ran = karez()
            .arg("demo")
            .env("TMPDIR", temporary.path())
            .env("LC_ALL", language)
            .output()
            .unwrap();
        let told = Ran::of(ran).expect(0);
        assert_eq!(told.stderr, "");
        assert!(
            told.stdout.contains(temporary.path().to_str().unwrap()),
            "{}",
            told.stdout
        );
        assert!(told.stdout.contains("lineage verify"), "{}", told.stdout);
    }
    assert_eq!(temporary.path().read_dir().unwrap().count(), 2);
}

#[test]
fn an_existing_directory_is_not_taken() {
    if run(["doctor"]).code != Some(0) {
        println!("SKIPPED: this host has no jail; see karez doctor");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let ran = karez()
        .args(["demo", "--dir"])
        .arg(directory.path())
        .output()
        .unwrap();
    Ran::of(ran).expect(1);
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}
