//! `policy check`: faults at their place, in the reader's language.

use std::fs;

use crate::binary::{Ran, fixture, karez};

fn check(document: &str, language: &str, format: &str) -> Ran {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path().join("policy.yaml");
    fs::write(&place, document).unwrap();
    let mut command = karez();
    command
        .env("LC_ALL", language)
        .args(["policy", "check", "--output", format])
        .arg(&place)
        .arg("--schema");
    command.args([
        fixture("schemas/persons.yaml"),
        fixture("schemas/claims.yaml"),
    ]);
    Ran::of(command.output().unwrap())
}

fn medical() -> String {
    fs::read_to_string(fixture("policies/medical.yaml")).unwrap()
}

#[test]
fn a_document_that_holds() {
    let ran = check(&medical(), "C", "json").expect(0).json();
    assert_eq!(ran["scenario"], "medical-spending");
    assert_eq!(
        (&ran["samples"], &ran["results"]),
        (&true.into(), &true.into())
    );
}

#[test]
fn a_fault_is_shown_at_its_place() {
    let broken = medical().replace("rows_max: 1_000 }", "rows_maxx: 1_000 }");
    let english = check(&broken, "C", "table").expect(1);
    assert_eq!(english.stdout, "");
    assert!(
        english.stderr.contains("rows_maxx") && english.stderr.contains("^^^"),
        "{}",
        english.stderr
    );
    let chinese = check(&broken, "zh_CN.UTF-8", "table").expect(1);
    assert!(
        chinese.stderr.contains("错误") && chinese.stderr.contains("是否想写"),
        "{}",
        chinese.stderr
    );
}

#[test]
fn a_technique_that_does_not_fit_is_found_before_publishing() {
    let broken = medical().replace("{ mask: { kind: mobile } }", "{ round: { to: 10 } }");
    let ran = check(&broken, "C", "json").expect(1);
    let error = ran.error();
    assert_eq!(error["reason"], "DOCUMENT_INVALID");
    assert!(
        error["message"].as_str().unwrap().contains("mobile"),
        "{error}"
    );
}

#[test]
fn a_missing_file_is_named() {
    let ran = crate::binary::run([
        "policy",
        "check",
        "/nonexistent.yaml",
        "--schema",
        "/none.yaml",
    ])
    .expect(1);
    assert!(ran.stderr.contains("/none"), "{}", ran.stderr);
}
