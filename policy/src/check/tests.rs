//! Policies against schemas: what fits, or every fault with its caret.

use super::*;
use crate::schema::Kind;

const PERSONS: &str = "\
dataset: ybj/persons
units: { person: { column: resident_id, form: resident-id } }
columns:
  resident_id: { type: text, level: general-4, kind: direct, unit: person }
  name: { type: text, level: general-4, kind: direct }
  birth_date: { type: date, level: general-3, kind: quasi }
  region: { type: text, level: general-2, kind: quasi }
";
const CLAIMS: &str = "\
dataset: ybj/claims
units: { person: { column: resident_id, form: resident-id }, hospital: { column: hospital } }
columns:
  resident_id: { type: text, level: general-4, kind: direct }
  hospital: { type: integer, level: general-1, kind: other }
  amount: { type: \"decimal(12,2)\", level: general-3, kind: sensitive }
  at: { type: timestamp, level: general-3, kind: quasi }
  paid: { type: boolean, level: general-1, kind: other }
  score: { type: float, level: general-1, kind: other }
";
const PLACES: &str = "\
dataset: gov/places
columns:
  region: { type: text, level: general-1, kind: other }
";

/// A policy over the data sets written, drawn with `sample` unless that is empty.
fn policy(datasets: &str, sample: &str) -> ScenarioPolicy {
    let sample = if sample.is_empty() {
        String::new()
    } else {
        format!("sample: {sample}\n")
    };
    let text = format!(
        "scenario: s\npurpose: p\nvalid: {{ from: 2026-02-01, until: 2026-02-01 }}\n{sample}datasets:{datasets}"
    );
    ScenarioPolicy::parse("policy.yaml", &text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn schemas() -> Vec<DatasetSchema> {
    let parse = |text| DatasetSchema::parse("s", text).unwrap();
    [PERSONS, CLAIMS, PLACES].map(parse).into()
}

fn check(datasets: &str, sample: &str, expect: &str) {
    let shown = match super::check(&policy(datasets, sample), &schemas()) {
        Ok(checked) => {
            let unit =
                |d: CheckedDataset<'_>| d.sample_unit.map_or("-".into(), |u| u.name.to_string());
            checked
                .datasets()
                .map(|d| format!("{} by {}", d.policy.id, unit(d)))
                .collect::<Vec<_>>()
                .join(", ")
        }
        Err(faults) => faults.to_string(),
    };
    assert_eq!(shown, expect.trim_start_matches('\n'), "for:\n{datasets}");
}

const CONSISTENT: &str = "{ method: consistent, unit: person, rate: 0.01 }";
const UNIFORM: &str = "{ method: uniform, rate: 0.01 }";

#[test]
fn what_fits() {
    let both = "
  ybj/persons:
    rows: \"region LIKE '65%' AND birth_date >= DATE '1950-01-01' AND name IS NOT NULL\"
    columns: { resident_id: { compute: [join], sample: { fpe: { domain: resident-id } } }, name: { sample: token } }
  ybj/claims:
    rows: \"amount BETWEEN 0 AND 9999999999.99 AND paid = TRUE AND score < 0.125 AND hospital IN (1, 2) AND at > TIMESTAMP '2020-01-01 00:00:00'\"
    columns: { amount: { compute: [aggregate], sample: { constant: { value: 1.5 } } }, hospital: { compute: [] } }
";
    check(
        both,
        CONSISTENT,
        "ybj/persons by person, ybj/claims by person",
    );
    check(both, "", "ybj/persons by -, ybj/claims by -");
    check(
        "\n  ybj/persons: { columns: { region: { sample: keep } } }\n",
        UNIFORM,
        "ybj/persons by person",
    );
    check(
        "\n  gov/places: { columns: { region: { compute: [plain] } } }\n",
        "",
        "gov/places by -",
    );
}

#[test]
fn columns_are_joined_with_their_declarations_in_the_order_of_the_schema() {
    let policy = policy(
        "\n  ybj/persons: { columns: { region: { sample: keep }, name: { sample: redact } } }\n",
        UNIFORM,
    );
    let checked = super::check(&policy, &schemas()).unwrap();
    let dataset = checked.dataset("ybj/persons").unwrap();
    let names: Vec<_> = dataset
        .columns()
        .map(|(listed, declared)| (listed.name.as_str(), declared.kind))
        .collect();
    assert_eq!(names, [("name", Kind::Direct), ("region", Kind::Quasi)]);
    assert!(checked.dataset("ybj/claims").is_none());
}

#[test]
fn names_that_do_not_exist() {
    check(
        "
  ybj/persons:
    rows: \"regoin = 'x' OR nothing = 1\"
    columns: { Name: { sample: redact }, region: { sample: keep } }
  ybj/clams: { columns: { a: { sample: keep } } }
  xyz/other: { columns: { a: { sample: keep } } }
",
        UNIFORM,
        "
policy.yaml:7:12: data set `ybj/persons` has no column `regoin`; did you mean `region`?
  7 |     rows: \"regoin = 'x' OR nothing = 1\"
    |            ^^^^^^
policy.yaml:7:28: data set `ybj/persons` has no column `nothing`
  7 |     rows: \"regoin = 'x' OR nothing = 1\"
    |                            ^^^^^^^
policy.yaml:8:16: data set `ybj/persons` has no column `Name`; did you mean `name`?
  8 |     columns: { Name: { sample: redact }, region: { sample: keep } }
    |                ^^^^
policy.yaml:9:3: there is no data set `ybj/clams`; did you mean `ybj/claims`?
  9 |   ybj/clams: { columns: { a: { sample: keep } } }
    |   ^^^^^^^^^
policy.yaml:10:3: there is no data set `xyz/other`; register it first
  10 |   xyz/other: { columns: { a: { sample: keep } } }
     |   ^^^^^^^^^",
    );
}

#[test]
fn values_that_a_column_cannot_hold() {
    check("
  ybj/claims:
    rows: \"amount > 1.005 OR hospital = '1' OR hospital LIKE '1%' OR at = DATE '2020-01-01' OR paid IN (TRUE, 1)\"
    columns: { hospital: { sample: { constant: { value: \"7\" } } } }
", CONSISTENT, "
policy.yaml:7:21: column `amount` is decimal(12,2) and cannot be compared with this number
  7 |     rows: \"amount > 1.005 OR hospital = '1' OR hospital LIKE '1%' OR at = DATE '2020-01-01' OR paid IN (TRUE, 1)\"
    |                     ^^^^^
policy.yaml:7:41: column `hospital` is integer and cannot be compared with this text
  7 |     rows: \"amount > 1.005 OR hospital = '1' OR hospital LIKE '1%' OR at = DATE '2020-01-01' OR paid IN (TRUE, 1)\"
    |                                         ^^^
policy.yaml:7:48: column `hospital` is integer; LIKE is for text
  7 |     rows: \"amount > 1.005 OR hospital = '1' OR hospital LIKE '1%' OR at = DATE '2020-01-01' OR paid IN (TRUE, 1)\"
    |                                                ^^^^^^^^
policy.yaml:7:75: column `at` is timestamp and cannot be compared with this date
  7 |     rows: \"amount > 1.005 OR hospital = '1' OR hospital LIKE '1%' OR at = DATE '2020-01-01' OR paid IN (TRUE, 1)\"
    |                                                                           ^^^^
policy.yaml:7:111: column `paid` is boolean and cannot be compared with this number
  7 |     rows: \"amount > 1.005 OR hospital = '1' OR hospital LIKE '1%' OR at = DATE '2020-01-01' OR paid IN (TRUE, 1)\"
    |                                                                                                               ^
policy.yaml:8:38: column `hospital` is integer and cannot hold this text exactly
  8 |     columns: { hospital: { sample: { constant: { value: \"7\" } } } }
    |                                      ^^^^^^^^");
}

#[test]
fn direct_identifiers_are_hidden_and_used_columns_are_sampled() {
    check("
  ybj/persons:
    columns:
      resident_id: { compute: [join] }
      name: { sample: keep }
  ybj/claims:
    columns:
      resident_id: { sample: { generalize: { to: year } } }
      amount: { compute: [] }
", CONSISTENT, "
policy.yaml:8:7: column `resident_id` may be computed with, so developers need it in the sample; add a `sample`, for example `redact`
  8 |       resident_id: { compute: [join] }
    |       ^^^^^^^^^^^
policy.yaml:9:23: column `name` is a direct identifier and cannot be released under `keep`; use fpe, token, mask, redact, null, hash_drop or constant
  9 |       name: { sample: keep }
    |                       ^^^^
policy.yaml:12:32: column `resident_id` is a direct identifier and cannot be released under `generalize`; use fpe, token, mask, redact, null, hash_drop or constant
  12 |       resident_id: { sample: { generalize: { to: year } } }
     |                                ^^^^^^^^^^");
}

#[test]
fn bounds_fit_their_column() {
    check(
        "\n  ybj/claims: { columns: { hospital: { sample: { top_bottom: { bottom: 0.5, top: 90 } } } } }\n",
        CONSISTENT,
        "
policy.yaml:6:50: column `hospital` is integer and cannot hold this number exactly
  6 |   ybj/claims: { columns: { hospital: { sample: { top_bottom: { bottom: 0.5, top: 90 } } } } }
    |                                                  ^^^^^^^^^^",
    );
}

#[test]
fn the_column_beside_exists() {
    check(
        "\n  ybj/claims: { columns: { at: { sample: { date_shift: { days: 9, by: hospitl } } } } }\n",
        CONSISTENT,
        "
policy.yaml:6:44: data set `ybj/claims` has no column `hospitl`; did you mean `hospital`?
  6 |   ybj/claims: { columns: { at: { sample: { date_shift: { days: 9, by: hospitl } } } } }
    |                                            ^^^^^^^^^^",
    );
}

#[test]
fn rows_are_seen_together_alike() {
    check(
        "\n  ybj/claims: { columns: { amount: { sample: swap }, score: { sample: { microaggregate: { k: 5, rows: 100 } } } } }\n",
        CONSISTENT,
        "
policy.yaml:6:73: column `score` sees 100 rows together and another of `ybj/claims` sees 8192; write the same `rows`
  6 |   ybj/claims: { columns: { amount: { sample: swap }, score: { sample: { microaggregate: { k: 5, rows: 100 } } } } }
    |                                                                         ^^^^^^^^^^^^^^",
    );
}

#[test]
fn same_person_as_follows_an_encrypted_id_of_its_table() {
    let person = |id: &str, birth: &str, region: &str| {
        format!(
            "
  ybj/persons:
    columns:
      resident_id: {{ sample: {id} }}
      birth_date: {{ sample: {birth} }}
      region: {{ sample: {region} }}
"
        )
    };
    let encrypted = "{ fpe: { domain: resident-id } }";
    let follows = "{ fpe: { same_person_as: resident_id } }";
    let sexes = "{ fpe: { same_person_as: resident_id, male: M, female: F } }";
    let fits = "ybj/persons by person";
    check(&person(encrypted, follows, follows), UNIFORM, fits);
    check(&person(encrypted, follows, sexes), UNIFORM, fits);
    check(&person("token", follows, "keep"), UNIFORM, "
policy.yaml:9:31: `same_person_as` follows an encrypted resident id, and column `resident_id` has none; write `resident_id: { sample: { fpe: { domain: resident-id } } }`
  9 |       birth_date: { sample: { fpe: { same_person_as: resident_id } } }
    |                               ^^^");
    check(
        &person(encrypted, sexes, "{ fpe: { same_person_as: residentid } }"),
        UNIFORM,
        "
policy.yaml:9:31: column `birth_date` is a birth date; remove `male` and `female`
  9 |       birth_date: { sample: { fpe: { same_person_as: resident_id, male: M, female: F } } }
    |                               ^^^
policy.yaml:10:27: data set `ybj/persons` has no column `residentid`; did you mean `resident_id`?
  10 |       region: { sample: { fpe: { same_person_as: residentid } } }
     |                           ^^^",
    );
    check("
  ybj/claims:
    columns:
      resident_id: { sample: { fpe: { domain: resident-id } } }
      score: { sample: { fpe: { same_person_as: resident_id } } }
", CONSISTENT, "
policy.yaml:9:26: column `score` is float; `same_person_as` is for birth dates of type date, timestamp or text and sexes of type text, integer or boolean
  9 |       score: { sample: { fpe: { same_person_as: resident_id } } }
    |                          ^^^");
}

#[test]
fn dates_are_not_shifted_beside_a_released_birth_date() {
    let both = |birth: &str| {
        format!(
            "
  ybj/persons: {{ columns: {{ birth_date: {birth} }} }}
  ybj/claims: {{ columns: {{ at: {{ sample: {{ date_shift: {{ days: 30 }} }} }} }} }}
"
        )
    };
    let fits = "ybj/persons by person, ybj/claims by person";
    let same = "{ sample: { fpe: { same_person_as: resident_id } } }, resident_id: { sample: { fpe: { domain: resident-id } } }";
    for hidden in ["{ sample: \"null\" }", "{ sample: hash_drop }", same] {
        check(&both(hidden), CONSISTENT, fits);
    }
    for shown in [
        "keep",
        "{ generalize: { to: year } }",
        "{ date_shift: { days: 3 } }",
    ] {
        let datasets = both(&format!("{{ sample: {shown} }}"));
        let faults = super::check(&policy(&datasets, CONSISTENT), &schemas()).unwrap_err();
        assert!(
            faults.to_string().contains("column `at` cannot be under date_shift while the birth date `birth_date` of `ybj/persons` is released"),
            "{faults}"
        );
    }
    for (name, expect) in [
        ("CSRQ", true),
        ("BirthDay", true),
        ("date_of_birth", true),
        ("出生日期", true),
        ("claim_date", false),
        ("at", false),
    ] {
        assert_eq!(technique::names_birth(name), expect, "{name}");
    }
}

#[test]
fn units() {
    check("
  gov/places: { columns: { region: { sample: keep } } }
  ybj/claims: { columns: { amount: { sample: keep } } }
", CONSISTENT, "
policy.yaml:4:37: data set `gov/places` declares no unit, so the gate has nothing to count; the provider writes for example `units: { person: row }`
  4 | sample: { method: consistent, unit: person, rate: 0.01 }
    |                                     ^^^^^^");
    check("\n  ybj/claims: { columns: { amount: { sample: keep } } }\n", UNIFORM, "
policy.yaml:4:1: data set `ybj/claims` declares several units; write `unit:` with one of person, hospital
  4 | sample: { method: uniform, rate: 0.01 }
    | ^^^^^^");
    check(
        "\n  ybj/persons: { columns: { region: { sample: keep } } }\n",
        "{ method: uniform, unit: hospital, rate: 1 }",
        "
policy.yaml:4:34: data set `ybj/persons` declares no unit `hospital`, only person
  4 | sample: { method: uniform, unit: hospital, rate: 1 }
    |                                  ^^^^^^^^",
    );
    check("\n  ybj/persons: { columns: { region: {} } }\n", UNIFORM, "
policy.yaml:6:3: no column of `ybj/persons` is in the sample; give one a `sample`, or remove the data set or the `sample` section
  6 |   ybj/persons: { columns: { region: {} } }
    |   ^^^^^^^^^^^");
}

#[test]
fn other_checks_can_point_into_the_document() {
    let policy = policy(
        "\n  ybj/persons: { columns: { region: { sample: { round: { to: 1 } } } } }\n",
        UNIFORM,
    );
    let place = policy.dataset("ybj/persons").unwrap().columns[0]
        .sample
        .as_ref()
        .unwrap()
        .place;
    let fault = crate::Fault::new(
        FaultKind::Rule,
        place,
        "text cannot be rounded",
        "文本不能取整",
    );
    assert_eq!(
        policy.refuse(vec![fault]).to_string(),
        "\
policy.yaml:6:49: text cannot be rounded
  6 |   ybj/persons: { columns: { region: { sample: { round: { to: 1 } } } } }
    |                                                 ^^^^^"
    );
}
