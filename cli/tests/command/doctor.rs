//! `doctor`: its exit code is its finding.

use serde_json::json;

use crate::binary::run;

#[test]
fn the_exit_code_is_the_finding() {
    let ran = run(["doctor", "--output", "json"]);
    let found = ran.json();
    let rows = found["rows"].as_array().unwrap();
    let holds = rows.iter().all(|row| row["result"] == "holds");
    assert_eq!(found["healthy"], json!(holds));
    assert_eq!(ran.code, Some(if holds { 0 } else { 1 }), "{}", ran.stderr);
    for layer in ["namespaces", "landlock", "seccomp"] {
        assert!(
            rows.iter().any(|row| row["subject"] == layer),
            "{layer} is not tried"
        );
    }
    if holds {
        let attacked = rows
            .iter()
            .any(|row| row["subject"].as_str().unwrap().starts_with("attack: "));
        assert!(attacked, "a jail that holds is attacked");
    }
}
