//! `sample run` and `logic run`: one's own files, no server.

use std::fs;
use std::path::Path;

use std::os::unix::fs::PermissionsExt as _;

use crate::binary::{Ran, fixture, karez, run};

/// A command on the bundled tables; words are split at blanks.
fn on_fixtures(words: &str, paths: &[&Path]) -> Ran {
    let mut command = karez();
    command.args(words.split_whitespace()).args(paths);
    for table in ["persons", "claims"] {
        let file = fixture(&format!("data/{table}.csv"));
        command
            .arg("--input")
            .arg(format!("ybj/{table}={}", file.display()));
        command
            .arg("--schema")
            .arg(fixture(&format!("schemas/{table}.yaml")));
    }
    Ran::of(
        command
            .arg("--policy")
            .arg(fixture("policies/medical.yaml"))
            .output()
            .unwrap(),
    )
}

fn has_a_jail() -> bool {
    let healthy = run(["doctor"]).code == Some(0);
    if !healthy {
        println!("SKIPPED: this host has no jail; see karez doctor");
    }
    healthy
}

fn released(directory: &Path) -> Vec<u8> {
    fs::read(directory.join("ybj.persons.csv")).unwrap()
}

#[test]
fn a_key_makes_a_sample_repeatable_and_no_key_makes_it_one_way() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key");
    fs::write(&key, "5a".repeat(32)).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let draw = |name: &str, with_key: bool| {
        let out = directory.path().join(name);
        let words = if with_key {
            format!("--key-file {}", key.display())
        } else {
            String::new()
        };
        let ran =
            on_fixtures(&format!("sample run --output json {words} --out"), &[&out]).expect(0);
        let report: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("report.json")).unwrap()).unwrap();
        assert_eq!(ran.json()["report"]["one_way"], !with_key);
        assert_eq!(report["one_way"], !with_key);
        released(&out)
    };
    assert_eq!(draw("a", true), draw("b", true));
    assert_ne!(draw("c", false), draw("d", false));
}

#[test]
fn the_byte_order_mark_can_be_left_out() {
    let directory = tempfile::tempdir().unwrap();
    let (with, without) = (
        directory.path().join("with"),
        directory.path().join("without"),
    );
    on_fixtures("sample run --out", &[&with]).expect(0);
    on_fixtures("sample run --no-bom --out", &[&without]).expect(0);
    assert!(released(&with).starts_with("\u{feff}resident_id".as_bytes()));
    assert!(released(&without).starts_with(b"resident_id"));
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (key, out) = (directory.path().join("key"), directory.path().join("out"));
    fs::write(&key, "5a".repeat(32)).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = on_fixtures("sample run --key-file", &[&key, Path::new("--out"), &out]).expect(1);
    assert!(
        ran.stderr.contains("644") && !ran.stderr.contains("5a5a"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_sample_that_the_gate_refuses_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (policy, out) = (
        directory.path().join("strict.yaml"),
        directory.path().join("out"),
    );
    let strict = fs::read_to_string(fixture("policies/medical.yaml")).unwrap();
    let strict = strict.replace(
        "k_map: 5, suppress_max: 0.15",
        "k_map: 5000, suppress_max: 0.01",
    );
    fs::write(&policy, strict).unwrap();
    let mut command = karez();
    command
        .args(["sample", "run", "--output", "json", "--out"])
        .arg(&out)
        .arg("--policy")
        .arg(&policy);
    for table in ["persons", "claims"] {
        let file = fixture(&format!("data/{table}.csv"));
        command
            .arg("--input")
            .arg(format!("{table}={}", file.display()));
        command
            .arg("--schema")
            .arg(fixture(&format!("schemas/{table}.yaml")));
    }
    let ran = Ran::of(command.output().unwrap()).expect(1);
    assert_eq!(ran.error()["reason"], "THRESHOLD");
    assert_eq!(ran.stdout, "");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
}

#[test]
fn a_file_that_breaks_its_schema_is_named_with_its_record() {
    let directory = tempfile::tempdir().unwrap();
    let (claims, out) = (
        directory.path().join("claims.csv"),
        directory.path().join("out"),
    );
    let good = fs::read_to_string(fixture("data/claims.csv")).unwrap();
    let broken = good.replacen("67.54", "sixty-seven-and-a-half", 1);
    assert_ne!(good, broken);
    fs::write(&claims, broken).unwrap();
    let check = |words: &[&str]| {
        let mut command = karez();
        command.args(words).arg("--out").arg(&out);
        command
            .arg("--policy")
            .arg(fixture("policies/medical.yaml"));
        for (table, file) in [
            ("persons", &fixture("data/persons.csv")),
            ("claims", &claims),
        ] {
            command
                .arg("--input")
                .arg(format!("{table}={}", file.display()));
            command
                .arg("--schema")
                .arg(fixture(&format!("schemas/{table}.yaml")));
        }
        let ran = Ran::of(command.output().unwrap()).expect(1);
        let told = &ran.stderr;
        let file = claims.display().to_string();
        assert!(told.contains("amount") && told.contains(&file), "{told}");
        assert!(!told.contains("sixty-seven"), "no cell is told: {told}");
    };
    check(&["sample", "run"]);
    if has_a_jail() {
        let sql = fixture("logic/spend_by_prefecture.sql");
        check(&["logic", "run", "--sql", &sql.display().to_string()]);
    }
}

#[test]
fn inputs_that_do_not_fit_the_policy_are_usage() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out");
    let ran = on_fixtures("sample run --input other=x.csv --out", &[&out]).expect(2);
    assert!(ran.stderr.contains("other"), "{}", ran.stderr);
    let semicolon = on_fixtures("sample run --separator ； --out", &[&out]).expect(2);
    assert!(semicolon.stderr.contains("ASCII"), "{}", semicolon.stderr);
    on_fixtures("sample run --input nofile --out", &[&out]).expect(2);
}

#[test]
fn logic_gives_its_result_on_stdout() {
    if !has_a_jail() {
        return;
    }
    let ran = on_fixtures(
        "logic run --sql",
        &[&fixture("logic/spend_by_prefecture.sql")],
    )
    .expect(0);
    assert!(
        ran.stdout.starts_with("prefecture,claims,amount"),
        "{}",
        ran.stdout
    );
    assert!(ran.stderr.contains("groups withheld"), "{}", ran.stderr);
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out");
    let sql = fixture("logic/spend_by_prefecture.sql");
    on_fixtures("logic run --sql", &[&sql, Path::new("--out"), &out]).expect(0);
    let written = fs::read_to_string(out.join("result.csv")).unwrap();
    assert_eq!(
        written.trim_start_matches('\u{feff}'),
        ran.stdout,
        "stdout and file are the same result"
    );
    on_fixtures("logic run --sql", &[&sql, Path::new("--out"), &out]).expect(1);
}

#[test]
fn logic_that_asks_for_names_is_refused_with_rule_and_column() {
    if !has_a_jail() {
        return;
    }
    let ran = on_fixtures(
        "logic run --output json --sql",
        &[&fixture("logic/names_refused.sql")],
    )
    .expect(1);
    assert_eq!(ran.stdout, "");
    let error = ran.error();
    assert_eq!(error["metadata"]["column"], "ybj.persons.name");
    assert_eq!(error["metadata"]["rule"], "column.not_granted");
}
