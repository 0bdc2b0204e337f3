//! Each technique as a person writes it: its canonical JSON, or the sentence of its fault.

use std::collections::BTreeSet;

use super::*;
use crate::fault::Lang;
use crate::{Faults, ScenarioPolicy};

/// A document with one column `x` released as written.
fn document(written: &str) -> Result<ScenarioPolicy, Faults> {
    let text = format!(
        "\
scenario: s
purpose: p
valid: {{ from: 2026-02-01, until: 2026-02-01 }}
hierarchies:
  chapters: |
    J20;J00
    J21;J00
datasets:
  a/b:
    columns:
      x: {{ sample: {written} }}
"
    );
    ScenarioPolicy::parse("p", &text)
}

/// What a written technique is for the digest, or its faults.
fn check(written: &str, expect: &str) {
    let shown = match document(written) {
        Ok(policy) => {
            let json: Json = serde_json::from_str(&policy.canonical_json()).unwrap();
            let json = json["datasets"]["a/b"]["columns"]["x"]["sample"].to_string();
            assert!(json.starts_with("{\""), "{json}");
            json
        }
        Err(faults) => {
            let sentences = faults.iter().map(|fault| {
                assert!(!fault.message(Lang::Zh).is_ascii(), "{faults}");
                fault.message(Lang::En)
            });
            sentences.collect::<Vec<_>>().join(" | ")
        }
    };
    assert_eq!(shown, expect, "for {written}");
}

#[test]
fn what_every_value_becomes() {
    check("keep", r#"{"keep":{}}"#);
    check("redact", r#"{"redact":{}}"#);
    check("\"null\"", r#"{"null":{}}"#);
    check("null", r#"{"null":{}}"#);
    check("{ null: {} }", r#"{"null":{}}"#);
    check("hash_drop", r#"{"hash_drop":{}}"#);
    check("{ redact: yes }", "`redact` is a mapping of `key: value`");
    let single =
        "`sample` of a column is one technique, for example `redact` or `{ mask: { kind: name } }`";
    for written in ["", "~", "[redact]", "{ redact: {}, token: {} }", "{}"] {
        check(written, single);
    }
    check(
        "kep",
        "`kep` is unknown in `sample` of a column; did you mean `keep`?",
    );
    check(
        "{ redact: { on_broken: null } }",
        "`on_broken` has no meaning for `redact`, of which no value is broken; remove it",
    );
    check(
        "k_anonymize",
        "`k_anonymize` is not enforced by this version",
    );
}

#[test]
fn constant() {
    check(
        "{ constant: { value: 5 } }",
        r#"{"constant":{"type":"number","value":"5"}}"#,
    );
    check(
        "{ constant: { value: \"5\" } }",
        r#"{"constant":{"type":"text","value":"5"}}"#,
    );
    check(
        "{ constant: { value: x y } }",
        r#"{"constant":{"type":"text","value":"x y"}}"#,
    );
    check(
        "{ constant: { value: true } }",
        r#"{"constant":{"type":"boolean","value":"TRUE"}}"#,
    );
    check(
        "{ constant: { value: 2026-02-01 } }",
        r#"{"constant":{"type":"date","value":"DATE '2026-02-01'"}}"#,
    );
    for written in [
        "{ constant: { value: null } }",
        "{ constant: { value: [1] } }",
    ] {
        check(
            written,
            "`value` is a text, number, day, time, `true` or `false`; for empty cells use `null`",
        );
    }
    check(
        "constant",
        "`value` is missing; write `constant: { value: … }`",
    );
}

#[test]
fn mask() {
    check(
        "{ mask: { kind: text, first: 1, last: 2 } }",
        r#"{"mask":{"first":1,"kind":"text","last":2}}"#,
    );
    check(
        "{ mask: { kind: mobile, on_broken: redact } }",
        r#"{"mask":{"first":null,"kind":"mobile","last":null,"on_broken":"redact"}}"#,
    );
    check(
        "{ mask: { kind: surname } }",
        r#"{"mask":{"first":null,"kind":"surname","last":null}}"#,
    );
    check(
        "{ mask: { kind: bank-card } }",
        r#"{"mask":{"first":null,"kind":"bank-card","last":null,"on_broken":"error"}}"#,
    );
    check(
        "mask",
        "`kind` is missing; write `kind: name`, `text` or an identifier such as `mobile`",
    );
    for first in ["-1", "1.5", "\"1\"", "65"] {
        check(
            &format!("{{ mask: {{ kind: name, first: {first} }} }}"),
            "`first` is a whole number from 0 to 64, without quotes",
        );
    }
    check(
        "{ mask: { kind: name, on_broken: null } }",
        "`on_broken` has no meaning for `kind: name` of `mask`, of which no value is broken; remove it",
    );
    check(
        "{ mask: { kind: emial } }",
        "`emial` is unknown in `kind`; did you mean `email`?",
    );
    check(
        "{ mask: { kind: vin, last: 4 } }",
        "`last` has no meaning for `kind: vin`, which keeps what is the same for many; remove it",
    );
    check(
        "{ mask: { kind: name, width: 3 } }",
        "`width` is not enforced by this version",
    );
}

#[test]
fn truncate() {
    check(
        "{ truncate: { graphemes: 3 } }",
        r#"{"truncate":{"graphemes":3,"on_broken":"error"}}"#,
    );
    check(
        "{ truncate: { to: 0.50, on_broken: null } }",
        r#"{"truncate":{"multiple":"0.5","on_broken":"null"}}"#,
    );
    check(
        "{ truncate: { to: month } }",
        r#"{"truncate":{"on_broken":"error","unit":"month"}}"#,
    );
    let either = "`truncate` has either `graphemes: 3` for texts, or `to` with a number such as `100` or a unit such as `month`";
    check("truncate", either);
    check("{ truncate: { graphemes: 3, to: 100 } }", either);
    check(
        "{ truncate: { graphemes: 0 } }",
        "`graphemes` is a whole number from 1 to 64, without quotes",
    );
    check(
        "{ truncate: { to: -100 } }",
        "`to` is a number above zero, without quotes",
    );
    check(
        "{ truncate: { to: yaer } }",
        "`yaer` is unknown in `to`; did you mean `year`?",
    );
}

#[test]
fn round() {
    check(
        "{ round: { to: 0.50 } }",
        r#"{"round":{"on_broken":"error","to":"0.5"}}"#,
    );
    for to in ["0", "-1", "1e3", "\"10\""] {
        check(
            &format!("{{ round: {{ to: {to} }} }}"),
            "`to` is a number above zero, without quotes",
        );
    }
    check("round", "`to` is missing; write `round: { to: 10 }`");
}

#[test]
fn bucket() {
    check(
        "{ bucket: { size: 30 } }",
        r#"{"bucket":{"on_broken":"error","origin":"0","size":"30"}}"#,
    );
    check(
        "{ bucket: { size: 5, origin: -2.5, on_broken: null } }",
        r#"{"bucket":{"on_broken":"null","origin":"-2.5","size":"5"}}"#,
    );
    check(
        "{ bucket: { edges: [0, 18, 60.0] } }",
        r#"{"bucket":{"edges":["0","18","60"],"on_broken":"error"}}"#,
    );
    let either =
        "`bucket` has either `size` with an optional `origin`, or `edges` such as `[0, 18, 60]`";
    check("bucket", either);
    check("{ bucket: { size: 5, edges: [1] } }", either);
    check("{ bucket: { edges: [1, 2], origin: 1 } }", either);
    check(
        "{ bucket: { size: 0 } }",
        "`size` is a number above zero, without quotes",
    );
    for edges in ["[]", "[1]", "18", "\"[1, 2]\""] {
        check(
            &format!("{{ bucket: {{ edges: {edges} }} }}"),
            "`edges` is a list of 2 to 256 numbers, for example [0, 18, 60]",
        );
    }
    check(
        "{ bucket: { edges: [0, 18, 18] } }",
        "`edges` ascend; this one is not above the one before it",
    );
    check(
        "{ bucket: { edges: [0, a] } }",
        "`edges` is a number of at most 38 digits, without quotes",
    );
}

#[test]
fn top_bottom() {
    check(
        "{ top_bottom: { bottom: 0, top: 90 } }",
        r#"{"top_bottom":{"bottom":"0","on_broken":"error","top":"90"}}"#,
    );
    check(
        "{ top_bottom: { top: 2020-01-01 } }",
        r#"{"top_bottom":{"bottom":null,"on_broken":"error","top":"DATE '2020-01-01'"}}"#,
    );
    check(
        "top_bottom",
        "`top_bottom` has a `bottom`, a `top` or both, for example `{ bottom: 0, top: 90 }`",
    );
    for written in [
        "{ top_bottom: { bottom: 90, top: 90 } }",
        "{ top_bottom: { bottom: 0, top: 2020-01-01 } }",
    ] {
        check(
            written,
            "`bottom` lies below `top`, and both are numbers, days or times",
        );
    }
    check(
        "{ top_bottom: { top: \"90\" } }",
        "`top` is a number, a day or a time, without quotes",
    );
}

#[test]
fn date_shift() {
    check(
        "{ date_shift: { days: 30 } }",
        r#"{"date_shift":{"by":null,"days":30,"on_broken":"error"}}"#,
    );
    check(
        "{ date_shift: { days: 30, by: card_no } }",
        r#"{"date_shift":{"by":"card_no","days":30,"on_broken":"error"}}"#,
    );
    check(
        "date_shift",
        "`days` is missing; write the farthest shift, for example `days: 30`",
    );
    for days in ["0", "3654", "1.5"] {
        check(
            &format!("{{ date_shift: {{ days: {days} }} }}"),
            "`days` is a whole number from 1 to 3653, without quotes",
        );
    }
    check(
        "{ date_shift: { days: 3, by: __unit_person } }",
        "`__unit_person` is not a column name: use 1 to 128 bytes without control characters, not beginning with `__`, which the vault keeps for itself",
    );
}

#[test]
fn generalize() {
    for (group, _) in Group::WORDS {
        check(
            &format!("{{ generalize: {{ to: {group} }} }}"),
            &format!(r#"{{"generalize":{{"on_broken":"error","to":"{group}"}}}}"#),
        );
    }
    check(
        "{ generalize: { age: 5 } }",
        r#"{"generalize":{"age":5,"on_broken":"error"}}"#,
    );
    check(
        "{ generalize: { age: 1 } }",
        "`age` is a whole number from 2 to 50, without quotes",
    );
    check(
        "{ generalize: { grid: 2 } }",
        r#"{"generalize":{"grid":2,"on_broken":"error"}}"#,
    );
    check(
        "{ generalize: { hierarchy: chapters } }",
        r#"{"generalize":{"hierarchy":"chapters","level":1,"on_broken":"error"}}"#,
    );
    check(
        "{ generalize: { hierarchy: chapters, level: 2, on_broken: redact } }",
        r#"{"generalize":{"hierarchy":"chapters","level":2,"on_broken":"redact"}}"#,
    );
    let one = "`generalize` has one of `to: year`, `age: 5`, `grid: 2`, or `hierarchy` with an optional `level`; intervals of numbers are `bucket: { size: 10 }`";
    for written in [
        "generalize",
        "{ generalize: { to: year, grid: 2 } }",
        "{ generalize: { to: year, level: 2 } }",
        "{ generalize: { level: 2 } }",
    ] {
        check(written, one);
    }
    check(
        "{ generalize: { to: yaer } }",
        "`yaer` is unknown in `to`; did you mean `year`?",
    );
    check(
        "{ generalize: { grid: 5 } }",
        "`grid` is a whole number from 0 to 4, without quotes",
    );
    check(
        "{ generalize: { hierarchy: chapter } }",
        "this document has no hierarchy `chapter`; did you mean `chapters`?",
    );
    check(
        "{ generalize: { hierarchy: regions } }",
        "this document has no hierarchy `regions`; write its lines under `hierarchies:`",
    );
    check(
        "{ generalize: { hierarchy: chapters, level: 0 } }",
        "`level` is a whole number from 1 to 16, without quotes",
    );
}

#[test]
fn noise() {
    check(
        "{ noise: { distribution: laplace, scale: 5, min: 0, max: 120 } }",
        r#"{"noise":{"by":null,"distribution":"laplace","max":"120","min":"0","on_broken":"error","scale":"5"}}"#,
    );
    check(
        "{ noise: { distribution: uniform, scale: 0.5, by: card_no } }",
        r#"{"noise":{"by":"card_no","distribution":"uniform","max":null,"min":null,"on_broken":"error","scale":"0.5"}}"#,
    );
    check(
        "noise",
        "`distribution` is missing; write `distribution: laplace`, `gaussian` or `uniform` | `scale` is missing; write how far values move, for example `scale: 5`",
    );
    check(
        "{ noise: { distribution: gauss, scale: 5 } }",
        "`gauss` is unknown in `distribution`; known are `laplace`, `gaussian`, `uniform`",
    );
    check(
        "{ noise: { distribution: uniform, scale: 0 } }",
        "`scale` is a number above zero, without quotes",
    );
    check(
        "{ noise: { distribution: uniform, scale: 1, max: 5 } }",
        "`min` and `max` stand together; write both or none",
    );
    check(
        "{ noise: { distribution: uniform, scale: 1, min: 5, max: 5 } }",
        "`max` lies above `min`",
    );
}

#[test]
fn swap_and_microaggregate() {
    check("swap", r#"{"swap":{"rows":8192}}"#);
    check("{ swap: { rows: 100 } }", r#"{"swap":{"rows":100}}"#);
    check(
        "{ swap: { rows: 19 } }",
        "`rows` is a whole number from 20 to 65536, without quotes",
    );
    check(
        "{ swap: { on_broken: null } }",
        "`on_broken` has no meaning for `swap`, of which no value is broken; remove it",
    );
    check(
        "{ microaggregate: { k: 5 } }",
        r#"{"microaggregate":{"k":5,"method":"mean","on_broken":"error","rows":8192}}"#,
    );
    check(
        "{ microaggregate: { k: 3, method: median, rows: 60 } }",
        r#"{"microaggregate":{"k":3,"method":"median","on_broken":"error","rows":60}}"#,
    );
    check(
        "microaggregate",
        "`k` is missing; write the fewest values of a group, for example `k: 5`",
    );
    check(
        "{ microaggregate: { k: 2 } }",
        "`k` is a whole number from 3 to 1000000, without quotes",
    );
    check(
        "{ microaggregate: { k: 60, rows: 50 } }",
        "`rows` is 50 and holds no group of 60; write at least `rows: 60`",
    );
    check(
        "{ microaggregate: { k: 5, method: mode } }",
        "`mode` is unknown in `method`; known are `mean`, `median`",
    );
}

#[test]
fn token() {
    let unsaid = r#"{"token":{"as":null,"on_broken":"error"}}"#;
    for written in ["token", "{ token: {} }", "{ token: }"] {
        check(written, unsaid);
    }
    check("{ token: { as: text } }", r#"{"token":{"as":"text"}}"#);
    check("{ token: { as: name } }", r#"{"token":{"as":"name"}}"#);
    check(
        "{ token: { as: credit-code, on_broken: null } }",
        r#"{"token":{"as":"credit-code","on_broken":"null"}}"#,
    );
    check(
        "{ token: { as: text, on_broken: null } }",
        "`on_broken` has no meaning for `as: text` of `token`, of which no value is broken; remove it",
    );
    check(
        "{ token: { as: credit } }",
        "`credit` is unknown in `as`; known are `text`, `name`, `resident-id`, `credit-code`, `organisation-code`, `tax-number`, `bank-card`, `mobile`, `landline`, `plate`, `passport`, `hk-macao-permit`, `taiwan-permit`, `vin`, `imei`, `postcode`, `email`, `ip`, `mac`, `gps`",
    );
}

#[test]
fn fpe() {
    check(
        "{ fpe: { domain: resident-id } }",
        r#"{"fpe":{"cipher":"aes-256","domain":{"born":null,"keep":[],"mode":"marked","name":"resident-id"},"on_broken":"error"}}"#,
    );
    check(
        "{ fpe: { domain: resident-id, keep: [sex, province], mode: valid, cipher: sm4 } }",
        r#"{"fpe":{"cipher":"sm4","domain":{"born":null,"keep":["province","sex"],"mode":"valid","name":"resident-id"},"on_broken":"error"}}"#,
    );
    check(
        "{ fpe: { domain: digits, keep_first: 3, on_broken: token } }",
        r#"{"fpe":{"cipher":"aes-256","domain":{"keep_first":3,"keep_last":0,"name":"digits"},"on_broken":"token"}}"#,
    );
    check(
        "{ fpe: { domain: credit-code, mode: valid } }",
        r#"{"fpe":{"cipher":"aes-256","domain":{"mode":"valid","name":"credit-code"},"on_broken":"error"}}"#,
    );
    check(
        "{ fpe: { keep: [sex] } }",
        "`domain` is missing; write `domain: resident-id`, `domain: digits` or another identifier",
    );
    check(
        "{ fpe: { domain: resident-id, keep: [prefecture, county] } }",
        "`keep` names prefecture and county, of which one contains the other; keep the one that is needed",
    );
    check(
        "{ fpe: { domain: resident-id, keep: [birth_year, birth_band, sex] } }",
        "`keep` names birth_year and birth_band, of which one contains the other; keep the one that is needed",
    );
    check(
        "{ fpe: { domain: resident-id, keep: [sex, sex] } }",
        "written twice; keep one",
    );
    check(
        "{ fpe: { domain: resident-id, keep: sex } }",
        "`keep` is a list, for example [province, prefecture, county, sex, birth_year, birth_band]",
    );
    check(
        "{ fpe: { domain: resident-id, keep_first: 6 } }",
        "`keep_first` belongs to `domain: digits`; for a resident id write `keep: [prefecture, sex]`",
    );
    check(
        "{ fpe: { domain: digits, keep: [sex] } }",
        "`keep` belongs to `domain: resident-id`; for digits write `keep_first: 3` or `keep_last: 4`",
    );
    check(
        "{ fpe: { domain: resident-id, born: { from: 1910-01-01, until: 2026-01-31 } } }",
        r#"{"fpe":{"cipher":"aes-256","domain":{"born":{"from":"1910-01-01","until":"2026-01-31"},"keep":[],"mode":"marked","name":"resident-id"},"on_broken":"error"}}"#,
    );
    check(
        "{ fpe: { domain: resident-id, born: { from: 2026-01-31, until: 1910-01-01 } } }",
        "`until` lies before `from`; `until` is the last day included",
    );
    check(
        "{ fpe: { domain: resident-id, born: { from: 1910 } } }",
        "`until` is missing; write `born: { from: 1910-01-01, until: 2026-01-31 }` | `from` is a day such as 2026-02-01",
    );
    check(
        "{ fpe: { domain: digits, mode: valid } }",
        "`mode` has no meaning for `domain: digits`, which have no check character to mark; remove it",
    );
    check(
        "{ fpe: { domain: mobile, keep_first: 7 } }",
        "`keep_first` has no meaning for `domain: mobile`, which keeps what is the same for many; remove it",
    );
    check(
        "{ fpe: { domain: vin, mode: vald } }",
        "`vald` is unknown in `mode`; did you mean `valid`?",
    );
    check(
        "{ fpe: { domain: vin, cipher: sm3 } }",
        "`sm3` is unknown in `cipher`; did you mean `sm4`?",
    );
    check(
        "{ fpe: { domain: digits, on_broken: keep } }",
        "`keep` is unknown in `on_broken`; known are `error`, `null`, `redact`, `token`",
    );
    check(
        "{ fpe: { domain: vin, one_way: true } }",
        "`one_way` is not enforced by this version",
    );
}

#[test]
fn same_person_as() {
    check(
        "{ fpe: { same_person_as: id } }",
        r#"{"fpe":{"female":null,"male":null,"on_broken":"error","part":null,"same_person_as":"id"}}"#,
    );
    check(
        "{ fpe: { same_person_as: id, male: M, female: F, on_broken: null } }",
        r#"{"fpe":{"female":"F","male":"M","on_broken":"null","part":null,"same_person_as":"id"}}"#,
    );
    for written in ["male: M", "female: F", "male: M, female: M"] {
        check(
            &format!("{{ fpe: {{ same_person_as: id, {written} }} }}"),
            "`male` and `female` stand together and differ",
        );
    }
    check(
        "{ fpe: { same_person_as: id, domain: resident-id } }",
        "`domain` is what the id's own column says; beside `same_person_as` remove it",
    );
    check(
        "{ fpe: { domain: digits, male: M } }",
        "`male` stands beside `same_person_as`",
    );
}

#[test]
fn scrub() {
    check(
        "{ scrub: { with: mask } }",
        r#"{"scrub":{"format":"text","with":"mask"}}"#,
    );
    check(
        "{ scrub: { with: mask, on_broken: null } }",
        "`on_broken` has no meaning for `format: text` of `scrub`, of which no value is broken; remove it",
    );
    check(
        "{ scrub: { with: token, format: json, on_broken: redact } }",
        r#"{"scrub":{"format":"json","on_broken":"redact","with":"token"}}"#,
    );
    check(
        "scrub",
        "`with` is missing; write `with: mask`, `token` or `redact`",
    );
    check(
        "{ scrub: { with: mask, format: xml } }",
        "`xml` is unknown in `format`; known are `text`, `json`",
    );
}

/// A word of the catalogue that `parameters` or `as_str` forgot would be refused without a fault, or called another.
#[test]
fn the_catalogue_is_whole() {
    let least = [
        ("mask", "{ kind: name }"),
        ("constant", "{ value: 1 }"),
        ("truncate", "{ to: 1 }"),
        ("round", "{ to: 1 }"),
        ("bucket", "{ size: 1 }"),
        ("top_bottom", "{ top: 1 }"),
        ("date_shift", "{ days: 1 }"),
        ("generalize", "{ to: year }"),
        ("noise", "{ distribution: laplace, scale: 1 }"),
        ("microaggregate", "{ k: 3 }"),
        ("fpe", "{ domain: vin }"),
        ("scrub", "{ with: mask }"),
    ];
    for word in TECHNIQUES.enforced {
        let found = least.iter().find(|(technique, _)| technique == word);
        let written = found.map_or((*word).to_owned(), |(_, body)| {
            format!("{{ {word}: {body} }}")
        });
        let policy = document(&written).unwrap_or_else(|faults| panic!("{word}: {faults}"));
        let sample = policy.datasets[0].columns[0].sample.clone().unwrap();
        assert_eq!(sample.technique.as_str(), *word);
    }
}

#[test]
fn what_hides_identity_hides_a_day_or_keeps_the_place() {
    let hiding: BTreeSet<&str> = [
        "redact",
        "null",
        "hash_drop",
        "token",
        "{ mask: { kind: name } }",
        "{ constant: { value: 1 } }",
        "{ fpe: { domain: vin } }",
        "{ fpe: { same_person_as: id } }",
    ]
    .into();
    let showing = [
        "keep",
        "swap",
        "{ truncate: { graphemes: 3 } }",
        "{ round: { to: 10 } }",
        "{ bucket: { size: 10 } }",
        "{ top_bottom: { top: 10 } }",
        "{ date_shift: { days: 10 } }",
        "{ generalize: { to: year } }",
        "{ noise: { distribution: laplace, scale: 1 } }",
        "{ microaggregate: { k: 5 } }",
        "{ scrub: { with: redact } }",
    ];
    for written in hiding.iter().chain(&showing) {
        let policy = document(written).unwrap();
        let sample = policy.datasets[0].columns[0].sample.as_ref().unwrap();
        assert_eq!(
            sample.technique.hides_identity(),
            hiding.contains(written),
            "{written}"
        );
    }
}
