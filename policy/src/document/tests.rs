//! Policy documents as a person writes them: canonical JSON, or every fault with its caret.

use super::*;
use crate::fault::{FaultKind, Lang};

fn check(text: &str, expect: &str) {
    let shown = match ScenarioPolicy::parse("policy.yaml", text) {
        Ok(policy) => policy.canonical_json(),
        Err(faults) => faults.to_string(),
    };
    assert_eq!(shown, expect.trim_start_matches('\n'), "for:\n{text}");
}

/// The document of design 04 with what this version does not enforce taken out.
const ENFORCED: &str = "\
scenario: medical-insurance-fraud        # 医保欺诈识别
purpose: \"识别异常报销行为\"
valid: { from: 2026-02-01, until: 2027-01-31 }
datasets:
  ybj/claims:
    rows: \"region LIKE '65%'\"
    columns:
      resident_id: { compute: [join],      sample: { fpe: { domain: resident-id, keep: [prefecture, birth_band, sex] } } }
      name:        { compute: [],          sample: { mask: { kind: name } } }
      birth_date:  { compute: [group],     sample: { generalize: { to: year } } }
      amount:      { compute: [aggregate], sample: { round: { to: 10 } } }
sample: { method: consistent, unit: person, rate: 0.01, rows_max: 100_000, k_map: 5 }
output: { shape: statistics, k: 10, rows_max: 10_000 }
";

#[test]
fn the_document_of_the_design() {
    check(
        ENFORCED,
        r#"
{"datasets":{"ybj/claims":{"columns":{"amount":{"compute":["aggregate"],"sample":{"round":{"on_broken":"error","to":"10"}}},"birth_date":{"compute":["group"],"sample":{"generalize":{"on_broken":"error","to":"year"}}},"name":{"compute":[],"sample":{"mask":{"first":null,"kind":"name","last":null}}},"resident_id":{"compute":["join"],"sample":{"fpe":{"cipher":"aes-256","domain":{"born":null,"keep":["prefecture","sex","birth_band"],"mode":"marked","name":"resident-id"},"on_broken":"error"}}}},"rows":"region LIKE '65%'"}},"format":"karez.policy/1","hierarchies":{},"output":{"k":10,"rows_max":10000,"shape":"statistics"},"purpose":"识别异常报销行为","sample":{"k":null,"k_map":5,"membership":"unknown","method":"consistent","one_way":null,"rate":"0.01","rows_max":100000,"suppress_max":"0.1","unit":"person"},"scenario":"medical-insurance-fraud","valid":{"from":"2026-02-01","until":"2027-01-31"}}"#,
    );
}

#[test]
fn what_the_design_writes_beyond_this_version_is_refused_at_its_place() {
    let whole = ENFORCED
        .replace("{ to: 10 } } }", "{ to: 10 } }, dominance: { p: 10 } }\n      diagnosis:   { compute: [group],     sample: { generalize: { hierarchy: icd10-chapter } } }")
        .replace("k_map: 5", "k_map: 5, l: { diagnosis: 2 }")
        .replace("sample: { method", "hierarchies:\n  icd10-chapter: \"J20;J00\"\nsample: { method")
        .replace("10_000 }", "10_000, significant_digits: 6, review: two-person }");
    check(&whole, "
policy.yaml:11:75: `dominance` is not enforced by this version
  11 |       amount:      { compute: [aggregate], sample: { round: { to: 10 } }, dominance: { p: 10 } }
     |                                                                           ^^^^^^^^^
policy.yaml:15:86: `l` is not enforced by this version
  15 | sample: { method: consistent, unit: person, rate: 0.01, rows_max: 100_000, k_map: 5, l: { diagnosis: 2 } }
     |                                                                                      ^
policy.yaml:16:55: `significant_digits` is not enforced by this version
  16 | output: { shape: statistics, k: 10, rows_max: 10_000, significant_digits: 6, review: two-person }
     |                                                       ^^^^^^^^^^^^^^^^^^
policy.yaml:16:78: `review` is not enforced by this version
  16 | output: { shape: statistics, k: 10, rows_max: 10_000, significant_digits: 6, review: two-person }
     |                                                                              ^^^^^^");
}

/// A document with one column `x` and the given sections.
fn with(column: &str, sample: &str, output: &str) -> String {
    format!(
        "scenario: s\npurpose: p\nvalid: {{ from: 2026-02-01, until: 2026-02-01 }}\ndatasets:\n  a/b:\n    columns:\n      x: {column}\nsample: {sample}\noutput: {output}\n"
    )
}

const DRAW: &str = "{ method: uniform, rate: 1 }";
const RESULT: &str = "{ shape: statistics, k: 2 }";

/// The sentences of a document's faults, without places.
fn sentences(text: &str) -> Vec<String> {
    match ScenarioPolicy::parse("p", text) {
        Ok(_) => vec!["ok".into()],
        Err(faults) => faults
            .iter()
            .map(|fault| fault.message(Lang::En).to_owned())
            .collect(),
    }
}

fn one(text: &str, expect: &str) {
    assert_eq!(sentences(text), [expect], "for:\n{text}");
}

#[test]
fn every_known_word_that_is_not_enforced_is_refused_as_such() {
    let refused = |text: String, word: &str| {
        let faults = ScenarioPolicy::parse("p", &text).unwrap_err();
        let expect = format!("`{word}` is not enforced by this version");
        let found = faults
            .iter()
            .any(|f| f.kind == FaultKind::NotEnforced && f.message(Lang::En) == expect);
        assert!(found, "{word}: {faults}");
    };
    for technique in ["k_anonymize", "{ k_anonymize: { k: 5 } }"] {
        let column = format!("{{ sample: {technique} }}");
        refused(with(&column, DRAW, RESULT), "k_anonymize");
    }
    for word in ["dominance", "l", "t", "noise"] {
        refused(
            with(&format!("{{ compute: [], {word}: 1 }}"), DRAW, RESULT),
            word,
        );
    }
    for word in [
        "bernoulli",
        "reservoir",
        "systematic",
        "stratified",
        "cluster",
        "pps",
    ] {
        refused(
            with(
                "{ sample: keep }",
                &format!("{{ method: {word}, rate: 1 }}"),
                RESULT,
            ),
            word,
        );
    }
    for word in ["l", "t", "strata", "closure", "seed", "download", "quotas"] {
        refused(
            with(
                "{ sample: keep }",
                &format!("{{ method: uniform, rate: 1, {word}: 1 }}"),
                RESULT,
            ),
            word,
        );
    }
    for word in ["subject", "model", "open"] {
        refused(
            with(
                "{ sample: keep }",
                DRAW,
                &format!("{{ shape: {word}, k: 2 }}"),
            ),
            word,
        );
    }
    for word in [
        "significant_digits",
        "review",
        "dominance",
        "quotas",
        "columns",
    ] {
        refused(
            with(
                "{ sample: keep }",
                DRAW,
                &format!("{{ shape: statistics, k: 2, {word}: 1 }}"),
            ),
            word,
        );
    }
    for word in ["joins", "quotas", "consents", "expiry", "review"] {
        refused(
            with("{ sample: keep }", DRAW, RESULT) + &format!("{word}: 1\n"),
            word,
        );
    }
}

#[test]
fn sample_sections() {
    let sample = |written: &str| with("{ sample: keep }", written, RESULT);
    for (written, expect) in [
        ("{ method: uniform, rate: 1 }", "ok"),
        (
            "{ method: uniform, rate: 0.000001, k_map: 2, suppress_max: 0 }",
            "ok",
        ),
        (
            "{ method: consistent, unit: person, rate: 0.5, membership: known, k: 3 }",
            "ok",
        ),
        ("{ method: uniform, rate: 1, one_way: false }", "ok"),
        (
            "{ method: uniform, rate: 1, one_way: yes }",
            "`one_way` is `true` or `false`, without quotes",
        ),
        (
            "{ method: consistent, rate: 0.5 }",
            "`unit` is missing; `consistent` draws units: write for example `unit: person`",
        ),
        (
            "{ method: unifrom, rate: 1 }",
            "`unifrom` is unknown in `method`; did you mean `uniform`?",
        ),
        (
            "{ method: uniform }",
            "`rate` is missing; write the share to draw, for example `rate: 0.01`",
        ),
        (
            "{ method: uniform, rate: 0 }",
            "`rate` is a number above 0 and at most 1, without quotes",
        ),
        (
            "{ method: uniform, rate: 1.01 }",
            "`rate` is a number above 0 and at most 1, without quotes",
        ),
        (
            "{ method: uniform, rate: \"1\" }",
            "`rate` is a number above 0 and at most 1, without quotes",
        ),
        (
            "{ method: uniform, rate: 1, rows_max: 0 }",
            "`rows_max` is a whole number from 1, without quotes",
        ),
        (
            "{ method: uniform, rate: 1, rows_max: 9_007_199_254_740_992 }",
            "`rows_max` is a whole number from 1, without quotes",
        ),
        (
            "{ method: uniform, rate: 1, k_map: 1 }",
            "`k_map` is a whole number from 2 to 1000000, without quotes",
        ),
        (
            "{ method: uniform, rate: 1, k: 5 }",
            "`k` gates the sample's own classes and needs `membership: known`; for the gate on the population write `k_map`",
        ),
        (
            "{ method: uniform, rate: 1, membership: known }",
            "`k` is missing; with `membership: known` write the sample's own class size, for example `k: 5`",
        ),
        (
            "{ method: uniform, rate: 1, membership: known, k: 1 }",
            "`k` is a whole number from 2 to 1000000, without quotes",
        ),
        (
            "{ method: uniform, rate: 1, suppress_max: 1.5 }",
            "`suppress_max` is a number from 0 to 1, without quotes",
        ),
        (
            "{ method: uniform, rate: 1, row_max: 5 }",
            "`row_max` is unknown in `sample`; did you mean `rows_max`?",
        ),
        ("[]", "`sample` is a mapping of `key: value`"),
        ("", "`sample` is a mapping of `key: value`"),
    ] {
        one(&sample(written), expect);
    }
}

#[test]
fn output_sections() {
    let output = |written: &str| with("{ sample: keep }", DRAW, written);
    for (written, expect) in [
        ("{ shape: statistics, k: 2, rows_max: 1 }", "ok"),
        (
            "{ shape: statistics }",
            "`k` is missing; write the fewest units behind a released group, for example `k: 10`",
        ),
        ("{ k: 5 }", "`shape` is missing; write `shape: statistics`"),
        (
            "{ shape: statistics, k: 1 }",
            "`k` is a whole number from 2 to 1000000, without quotes",
        ),
        (
            "{ shape: table, k: 5 }",
            "`table` is unknown in `shape`; known are `statistics`",
        ),
    ] {
        one(&output(written), expect);
    }
}

#[test]
fn hierarchies_are_part_of_the_document_and_its_digest() {
    let text = |section: &str| with("{ sample: keep }", DRAW, RESULT) + section;
    let json = |section: &str| {
        ScenarioPolicy::parse("p", &text(section))
            .unwrap()
            .canonical_json()
    };
    let block = "hierarchies:\n  h:  |\n    J21;J00\n    J20;J00\n";
    assert_eq!(
        json(block),
        json("hierarchies: { h: \"J21;J00\\nJ20;J00\" }\n")
    );
    assert_ne!(json(block), json(&block.replace("J20;J00", "J20;J01")));
    assert_ne!(json(block), json(&block.replace("h:  |", "g: |")));
    let lines =
        "a hierarchy is lines of `value;level 1;level 2…` under `|`, without a line of titles";
    one(&text("hierarchies: { h: value }\n"), lines);
    one(&text("hierarchies: { h: [a, b] }\n"), lines);
    one(
        &text("hierarchies: []\n"),
        "`hierarchies` is a mapping of `key: value`",
    );
    one(
        &text("hierarchies: { H: \"a;b\" }\n"),
        "`H` is not a hierarchy: use 1 to 63 lower-case letters, digits, `-` or `_`, beginning with a letter or digit",
    );
}

#[test]
fn sections_may_be_absent_and_defaults_are_written_out() {
    let text = "scenario: s\npurpose: p\nvalid: { from: 2026-02-01, until: 2026-02-01 }\ndatasets: { a/b: { columns: { x: {} } } }\n";
    let policy = ScenarioPolicy::parse("p", text).unwrap();
    assert!(policy.sample.is_none() && policy.output.is_none());
    let policy = ScenarioPolicy::parse("p", &with("{ sample: keep }", DRAW, RESULT)).unwrap();
    let (sample, output) = (policy.sample.unwrap(), policy.output.unwrap());
    assert_eq!(
        (
            sample.k_map,
            sample.k,
            sample.suppress_max.to_string().as_str()
        ),
        (K_MAP_DEFAULT, None, SUPPRESS_MAX_DEFAULT)
    );
    assert_eq!(output.rows_max, OUTPUT_ROWS_MAX_DEFAULT);
}

#[test]
fn many_faults_are_reported_at_once() {
    check("\
senario: Fraud
purpose: ''
valid: { from: 2026-13-01, until: 2027-01-31 }
datasets:
  ybj/claims:
    rows: \"region LIKE '65%' AND amount >\"
    colums: {}
    columns:
      __x: { compute: sum }
      y: { compute: [sum, plain], sample: redacted }
sample: { method: uniform, rate: 2 }
output: { shape: statistics }
", "
policy.yaml:1:1: `scenario` is missing; write for example `scenario: medical-insurance-fraud`
  1 | senario: Fraud
    | ^
policy.yaml:1:1: `senario` is unknown in a scenario policy; did you mean `scenario`?
  1 | senario: Fraud
    | ^^^^^^^
policy.yaml:2:10: `purpose` is a text and not empty
  2 | purpose: ''
    |          ^^
policy.yaml:3:16: `from` is a day such as 2026-02-01
  3 | valid: { from: 2026-13-01, until: 2027-01-31 }
    |                ^^^^^^^^^^
policy.yaml:6:42: expected a value ('text', number, DATE '2020-01-01', TIMESTAMP '2020-01-01 00:00:00', TRUE, FALSE) here
  6 |     rows: \"region LIKE '65%' AND amount >\"
    |                                          ^
policy.yaml:7:5: `colums` is unknown in data set `ybj/claims`; did you mean `columns`?
  7 |     colums: {}
    |     ^^^^^^
policy.yaml:9:7: `__x` is not a column name: use 1 to 128 bytes without control characters, not beginning with `__`, which the vault keeps for itself
  9 |       __x: { compute: sum }
    |       ^^^
policy.yaml:9:23: `compute` is a list, for example [plain, group, aggregate, join, compare]
  9 |       __x: { compute: sum }
    |                       ^^^
policy.yaml:10:22: `sum` is unknown in `compute`; known are `plain`, `group`, `aggregate`, `join`, `compare`
  10 |       y: { compute: [sum, plain], sample: redacted }
     |                      ^^^
policy.yaml:10:43: `redacted` is unknown in `sample` of a column; did you mean `redact`?
  10 |       y: { compute: [sum, plain], sample: redacted }
     |                                           ^^^^^^^^
policy.yaml:11:34: `rate` is a number above 0 and at most 1, without quotes
  11 | sample: { method: uniform, rate: 2 }
     |                                  ^
policy.yaml:12:1: `k` is missing; write the fewest units behind a released group, for example `k: 10`
  12 | output: { shape: statistics }
     | ^^^^^^");
}

#[test]
fn a_filter_written_over_lines_is_shown_at_its_start() {
    let text = |rows: &str| {
        format!(
            "scenario: s\npurpose: p\nvalid: {{ from: 2026-02-01, until: 2026-02-01 }}\ndatasets:\n  a/b:\n    rows: {rows}\n    columns: {{ x: {{}} }}\n"
        )
    };
    for (rows, place) in [
        ("a = 1 AND", (6, 20)),
        ("'a = ''x'' AND'", (6, 11)),
        ("\"a = 1 AND\"", (6, 21)),
        (">-\n      a = 1\n      AND", (7, 7)),
    ] {
        let faults = ScenarioPolicy::parse("p", &text(rows)).unwrap_err();
        let at = faults.iter().next().unwrap().place;
        assert_eq!((at.line, at.column), place, "{rows}: {faults}");
    }
}

#[test]
fn terms_are_whole_days_in_shanghai() {
    let policy = ScenarioPolicy::parse("p", ENFORCED).unwrap();
    // 2026-02-01T00:00:00+08:00 and 2027-01-31T23:59:59+08:00, in seconds of UTC.
    let (first, last) = (1_769_875_200, 1_801_411_199);
    for (seconds, expect) in [
        (first - 1, false),
        (first, true),
        (last, true),
        (last + 1, false),
        (i64::MAX, false),
        (i64::MIN, false),
    ] {
        assert_eq!(
            policy.valid.covers_unix_seconds(seconds),
            expect,
            "{seconds}"
        );
    }
    one(
        &ENFORCED.replace("until: 2027-01-31", "until: 2026-01-31"),
        "`until` lies before `from`; `until` is the last day included",
    );
}

#[test]
fn the_digest_text_follows_content_not_spelling() {
    let json = |text: &str| ScenarioPolicy::parse("p", text).unwrap().canonical_json();
    for (written, respelt) in [
        ("rate: 0.01", "rate: 0.0100"),
        ("100_000", "100000"),
        (", k_map: 5", ""),
        (
            "[prefecture, birth_band, sex]",
            "[sex, birth_band, prefecture]",
        ),
        ("region LIKE '65%'", "(region like '65%')"),
        ("# 医保欺诈识别", ""),
        ("\"识别异常报销行为\"", "识别异常报销行为"),
    ] {
        assert!(ENFORCED.contains(written), "{written}");
        assert_eq!(
            json(&ENFORCED.replace(written, respelt)),
            json(ENFORCED),
            "{respelt}"
        );
    }
    for (written, changed) in [
        ("rate: 0.01", "rate: 0.011"),
        ("k_map: 5", "k_map: 6"),
        (", sex]", "]"),
        ("'65%'", "'66%'"),
        ("k: 10,", "k: 11,"),
        ("[group]", "[group, compare]"),
        ("2027-01-31", "2027-01-30"),
        ("{ kind: name }", "{ kind: name, first: 1 }"),
        ("k_map: 5 }", "k_map: 5, one_way: true }"),
    ] {
        assert!(ENFORCED.contains(written), "{written}");
        assert_ne!(
            json(&ENFORCED.replace(written, changed)),
            json(ENFORCED),
            "{changed}"
        );
    }
}

#[test]
fn chinese() {
    let faults = ScenarioPolicy::parse(
        "p.yaml",
        &with(
            "{ sample: k_anonymize }",
            DRAW,
            "{ shape: statistics, k: 1 }",
        ),
    )
    .unwrap_err();
    assert_eq!(
        faults.message(Lang::Zh),
        "\
p.yaml:7:20: 本版本尚不执行 `k_anonymize`
  7 |       x: { sample: k_anonymize }
    |                    ^^^^^^^^^^^
p.yaml:9:33: `k` 应为不小于 2、不大于 1000000 的整数，不加引号
  9 | output: { shape: statistics, k: 1 }
    |                                 ^"
    );
}

proptest::proptest! {
    /// A document with one stretch of text replaced is read or refused at a place inside it, and never by surprise.
    #[test]
    fn damaged_documents_are_answered(start in 0_usize..900, length in 0_usize..12, put in "[ -~\\n{}\\[\\]:,'\"&*!|>%@`#姓]{0,6}") {
        let chars: Vec<char> = ENFORCED.chars().collect();
        let start = start.min(chars.len());
        let end = (start + length).min(chars.len());
        let text: String = chars[..start].iter().copied().chain(put.chars()).chain(chars[end..].iter().copied()).collect();
        if let Err(faults) = ScenarioPolicy::parse("p", &text) {
            let lines = text.lines().count() + 1;
            proptest::prop_assert!(faults.len() > 0);
            proptest::prop_assert!(faults.iter().all(|fault| fault.place.line <= lines), "{}", faults);
        }
    }
}
