//! Schema files as providers write them: canonical JSON, or every fault with its caret.

use super::*;

fn check(text: &str, expect: &str) {
    let shown = match DatasetSchema::parse("schema.yaml", text) {
        Ok(schema) => format!("{}\n{}", schema.canonical_json(), schema.labels_json()),
        Err(faults) => faults.to_string(),
    };
    assert_eq!(shown, expect.trim_start_matches('\n'), "for:\n{text}");
}

const PERSONS: &str = "\
dataset: ybj/persons
units:
  person: { column: resident_id, form: resident-id }
columns:
  resident_id: { type: text, level: general-4, kind: direct, unit: person }
  birth_date:  { type: date, level: general-3, kind: quasi }
  amount:      { type: \"decimal(12,2)\", nullable: false, level: general-3, kind: sensitive }
";

#[test]
fn a_complete_file() {
    check(
        PERSONS,
        r#"
{"columns":[{"name":"resident_id","nullable":true,"type":"text"},{"name":"birth_date","nullable":true,"type":"date"},{"name":"amount","nullable":false,"type":"decimal(12,2)"}],"dataset":"ybj/persons","format":"karez.schema/1","units":{"person":{"column":"resident_id","form":"resident-id"}}}
{"columns":{"amount":{"kind":"sensitive","level":"general-3"},"birth_date":{"kind":"quasi","level":"general-3"},"resident_id":{"kind":"direct","level":"general-4"}},"dataset":"ybj/persons","format":"karez.labels/1"}"#,
    );
}

#[test]
fn rows_as_units_and_no_units() {
    check(
        "dataset: a/b\nunits: { person: row }\ncolumns: { \"marital-status\": { type: text, level: core, kind: other } }",
        r#"
{"columns":[{"name":"marital-status","nullable":true,"type":"text"}],"dataset":"a/b","format":"karez.schema/1","units":{"person":"row"}}
{"columns":{"marital-status":{"kind":"other","level":"core"}},"dataset":"a/b","format":"karez.labels/1"}"#,
    );
    let schema = DatasetSchema::parse(
        "s",
        "dataset: a/b\ncolumns: { x: { type: text, level: core, kind: other } }",
    )
    .unwrap();
    assert_eq!(schema.units(), []);
}

#[test]
fn spelling_does_not_change_the_content_and_a_label_does_not_change_the_schema() {
    let parse = |text: &str| DatasetSchema::parse("s", text).unwrap();
    let respelt = PERSONS
        .replace(", unit: person", "")
        .replace("\"decimal(12,2)\"", "'decimal(12, 2)'");
    assert_eq!(parse(&respelt), parse(PERSONS));
    assert_eq!(
        parse(&respelt).canonical_json(),
        parse(PERSONS).canonical_json()
    );
    let raised = PERSONS.replace("general-3, kind: quasi", "general-4, kind: quasi");
    assert_eq!(
        parse(&raised).canonical_json(),
        parse(PERSONS).canonical_json()
    );
    assert_ne!(parse(&raised).labels_json(), parse(PERSONS).labels_json());
}

#[test]
fn unlabelled_columns_are_refused_by_name_all_at_once() {
    check("\
dataset: ybj/persons
columns:
  a: { type: text, kind: direct }
  b: { type: text, level: general-1 }
  c: { type: text }
  d: text
  e:
", "
schema.yaml:3:3: column `a` is without `level`; every column needs its label: write `level: general-1 … general-4, important or core` and `kind: direct, quasi, sensitive or other`
  3 |   a: { type: text, kind: direct }
    |   ^
schema.yaml:4:3: column `b` is without `kind`; every column needs its label: write `level: general-1 … general-4, important or core` and `kind: direct, quasi, sensitive or other`
  4 |   b: { type: text, level: general-1 }
    |   ^
schema.yaml:5:3: column `c` is without `level` and `kind`; every column needs its label: write `level: general-1 … general-4, important or core` and `kind: direct, quasi, sensitive or other`
  5 |   c: { type: text }
    |   ^
schema.yaml:6:3: column `d` is written as `{ type: …, level: …, kind: … }`; every column needs its label: write `level: general-1 … general-4, important or core` and `kind: direct, quasi, sensitive or other`
  6 |   d: text
    |   ^
schema.yaml:7:3: column `e` is written as `{ type: …, level: …, kind: … }`; every column needs its label: write `level: general-1 … general-4, important or core` and `kind: direct, quasi, sensitive or other`
  7 |   e:
    |   ^");
}

#[test]
fn values_and_keys() {
    check("\
dataset: persons
extra: 1
columns:
  __x: { type: text, level: general-1, kind: other }
  a: { type: varchar, level: general1, kind: secret, nullabel: true }
  A: { type: text, level: general-1, kind: other, nullable: \"true\", same_person_as: b }
", "
schema.yaml:1:10: `persons` is not a data set: write it as `owner/table`, both of lower-case letters, digits, `-` or `_`
  1 | dataset: persons
    |          ^^^^^^^
schema.yaml:2:1: `extra` is unknown in a schema file; known are `dataset`, `units`, `columns`, `region_table`, `filing`, `contact`
  2 | extra: 1
    | ^^^^^
schema.yaml:4:3: `__x` is not a column name: use 1 to 128 bytes without control characters, not beginning with `__`, which the vault keeps for itself
  4 |   __x: { type: text, level: general-1, kind: other }
    |   ^^^
schema.yaml:5:14: `varchar` is not a column type: use text, integer, float, decimal(p,s) with 1 ≤ p ≤ 38 and s ≤ p, date, timestamp or boolean
  5 |   a: { type: varchar, level: general1, kind: secret, nullabel: true }
    |              ^^^^^^^
schema.yaml:5:30: `general1` is unknown in `level`; did you mean `general-1`?
  5 |   a: { type: varchar, level: general1, kind: secret, nullabel: true }
    |                              ^^^^^^^^
schema.yaml:5:46: `secret` is unknown in `kind`; known are `direct`, `quasi`, `sensitive`, `other`
  5 |   a: { type: varchar, level: general1, kind: secret, nullabel: true }
    |                                              ^^^^^^
schema.yaml:5:54: `nullabel` is unknown in column `a`; did you mean `nullable`?
  5 |   a: { type: varchar, level: general1, kind: secret, nullabel: true }
    |                                                      ^^^^^^^^
schema.yaml:6:3: column `A` differs from another only in upper and lower case; rename one
  6 |   A: { type: text, level: general-1, kind: other, nullable: \"true\", same_person_as: b }
    |   ^
schema.yaml:6:61: `nullable` is `true` or `false`, without quotes
  6 |   A: { type: text, level: general-1, kind: other, nullable: \"true\", same_person_as: b }
    |                                                             ^^^^^^
schema.yaml:6:69: `same_person_as` is not enforced by this version
  6 |   A: { type: text, level: general-1, kind: other, nullable: \"true\", same_person_as: b }
    |                                                                     ^^^^^^^^^^^^^^");
}

#[test]
fn units_and_columns_say_the_same() {
    check("\
dataset: a/b
units:
  person: { column: residentid, form: resident-id }
  firm: { column: born }
  house: village
  Farm: row
columns:
  resident_id: { type: text, level: general-1, kind: direct, unit: person }
  born: { type: date, level: general-1, kind: other }
", "
schema.yaml:3:21: there is no column `residentid`; did you mean `resident_id`?
  3 |   person: { column: residentid, form: resident-id }
    |                     ^^^^^^^^^^
schema.yaml:4:19: column `born` is date and cannot identify a unit of form text; use a text column
  4 |   firm: { column: born }
    |                   ^^^^
schema.yaml:5:10: a unit is `row` or `{ column: …, form: text or resident-id }`
  5 |   house: village
    |          ^^^^^^^
schema.yaml:6:3: `Farm` is not a protected unit: use 1 to 63 lower-case letters, digits, `-` or `_`, beginning with a letter or digit
  6 |   Farm: row
    |   ^^^^");
    check("\
dataset: a/b
units: { person: row }
columns:
  id: { type: text, level: general-1, kind: direct, unit: person }
", "
schema.yaml:4:59: column `id` names unit `person`, but `units` does not say that `person` stands in `id`; write `person: { column: id }` there or remove it here
  4 |   id: { type: text, level: general-1, kind: direct, unit: person }
    |                                                           ^^^^^^");
}

#[test]
fn empty_documents() {
    check(
        "",
        "schema.yaml:1:1: a schema file is a mapping of `key: value`",
    );
    check(
        "dataset: a/b\ncolumns: {}",
        "
schema.yaml:2:10: a data set has 1 to 1024 columns
  2 | columns: {}
    |          ^",
    );
    check(
        "{}",
        "
schema.yaml:1:1: `dataset` is missing; write `dataset: owner/table`
  1 | {}
    | ^
schema.yaml:1:1: `columns` is missing; write `columns:` with one entry per column of the file
  1 | {}
    | ^",
    );
}

#[test]
fn chinese() {
    let faults = DatasetSchema::parse(
        "模式.yaml",
        "dataset: a/b\ncolumns:\n  姓名: { type: text }",
    )
    .unwrap_err();
    assert_eq!(faults.message(crate::Lang::Zh), "\
模式.yaml:3:3: 列 `姓名` 缺少 `level`、`kind`；每一列都须分类分级：请写明 `level`（general-1 … general-4、important、core）与 `kind`（direct、quasi、sensitive、other）
  3 |   姓名: { type: text }
    |   ^^^^");
}

#[test]
fn too_many_columns() {
    let columns: String = (0..=COLUMNS_MAX)
        .map(|i| format!("  c{i}: {{ type: text, level: core, kind: other }}\n"))
        .collect();
    let faults =
        DatasetSchema::parse("s", &format!("dataset: a/b\ncolumns:\n{columns}")).unwrap_err();
    assert!(
        faults
            .to_string()
            .contains("a data set has 1 to 1024 columns"),
        "{faults}"
    );
}
