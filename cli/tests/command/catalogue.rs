//! Every technique of the catalogue, from a policy document to released files, on a table made for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::binary::{Ran, fixture, karez};

/// Column, type, kind and technique; the values are made by [`cells`].
const COLUMNS: [(&str, &str, &str, &str); 36] = [
    (
        "id",
        "text",
        "direct",
        "{ fpe: { domain: resident-id, keep: [province] } }",
    ),
    (
        "birth_date",
        "date",
        "other",
        "{ fpe: { same_person_as: id } }",
    ),
    ("sex", "text", "other", "{ fpe: { same_person_as: id } }"),
    ("name", "text", "direct", "{ mask: { kind: surname } }"),
    ("name_token", "text", "direct", "{ token: { as: name } }"),
    ("mobile", "text", "direct", "{ mask: { kind: mobile } }"),
    (
        "mobile_token",
        "text",
        "direct",
        "{ token: { as: mobile } }",
    ),
    (
        "card",
        "text",
        "direct",
        "{ fpe: { domain: digits, keep_first: 2 } }",
    ),
    ("plate", "text", "direct", "{ mask: { kind: plate } }"),
    ("vin", "text", "direct", "{ token: { as: vin } }"),
    ("credit", "text", "direct", "{ token: { as: credit-code } }"),
    (
        "organisation",
        "text",
        "direct",
        "{ token: { as: organisation-code } }",
    ),
    (
        "card_code",
        "text",
        "direct",
        "{ fpe: { domain: bank-card } }",
    ),
    ("plate_code", "text", "direct", "{ fpe: { domain: plate } }"),
    (
        "vin_code",
        "text",
        "direct",
        "{ fpe: { domain: vin, cipher: sm4 } }",
    ),
    (
        "credit_code",
        "text",
        "direct",
        "{ fpe: { domain: credit-code } }",
    ),
    (
        "body_code",
        "text",
        "direct",
        "{ fpe: { domain: organisation-code } }",
    ),
    (
        "mobile_code",
        "text",
        "direct",
        "{ fpe: { domain: mobile } }",
    ),
    (
        "age_bounded",
        "integer",
        "other",
        "{ top_bottom: { bottom: 20, top: 70 } }",
    ),
    (
        "age_noisy",
        "integer",
        "other",
        "{ noise: { distribution: laplace, scale: 5, min: 0, max: 120 } }",
    ),
    (
        "age_grouped",
        "integer",
        "other",
        "{ microaggregate: { k: 5 } }",
    ),
    ("age_swapped", "integer", "other", "swap"),
    (
        "age_bucket",
        "integer",
        "other",
        "{ bucket: { edges: [0, 18, 60] } }",
    ),
    ("age_band", "integer", "other", "{ generalize: { age: 5 } }"),
    (
        "region",
        "text",
        "other",
        "{ generalize: { to: prefecture } }",
    ),
    ("place", "text", "other", "{ generalize: { grid: 1 } }"),
    (
        "diagnosis",
        "text",
        "other",
        "{ generalize: { hierarchy: chapters, level: 1 } }",
    ),
    ("visit", "date", "other", "{ date_shift: { days: 30 } }"),
    (
        "visit_month",
        "date",
        "other",
        "{ truncate: { to: month } }",
    ),
    (
        "amount",
        "\"decimal(12,2)\"",
        "other",
        "{ round: { to: 10 } }",
    ),
    ("address", "text", "direct", "redact"),
    ("note", "text", "other", "{ scrub: { with: mask } }"),
    ("answer", "text", "other", "hash_drop"),
    ("tag", "text", "other", "{ constant: { value: x } }"),
    ("empty", "text", "other", "\"null\""),
    ("plain", "text", "other", "keep"),
];

/// A row of the table for a person of the fixtures, given as its cells.
fn cells(person: &[&str], row: usize) -> Vec<String> {
    let [id, name, sex, birth, age, mobile, _, _, county, address] = person else {
        panic!("the fixtures have ten columns");
    };
    let credit = [
        "91440300MA5H8REU3K",
        "91440300MA5DLQQW0F",
        "91110108MA01G0FB09",
    ][row % 3];
    let text = |text: &str| text.to_owned();
    vec![
        text(id),
        text(birth),
        text(sex),
        text(name),
        text(name),
        text(mobile),
        text(mobile),
        format!("{:016}", 6_222_021_234_000_000 + row),
        format!("新A{:05}", row),
        text("1M8GDM9AXKP042788"),
        text(credit),
        credit[8..17].to_owned(),
        card(row),
        format!("新A{:05}", row),
        text("1M8GDM9AXKP042788"),
        text(credit),
        credit[8..17].to_owned(),
        text(mobile),
        text(age),
        text(age),
        text(age),
        text(age),
        text(age),
        text(age),
        text(county),
        format!("\"87.{:04},43.8256\"", row % 10_000),
        text(["J20", "K35"][row % 2]),
        format!("2024-03-{:02}", 1 + row % 28),
        format!("2024-03-{:02}", 1 + row % 28),
        format!("{row}.25"),
        text(address),
        format!("请致电 {mobile} 联系"),
        text("是"),
        text("t"),
        text("gone"),
        format!("p{row}"),
    ]
}

/// A card of a known issuer with its Luhn digit.
fn card(row: usize) -> String {
    let payload = format!("622202{row:012}");
    let doubled = |(place, digit): (usize, u32)| match (place % 2, digit * 2) {
        (1, _) => digit,
        (_, twice) => twice / 10 + twice % 10,
    };
    let digits = payload.chars().rev().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = digits.enumerate().map(doubled).sum();
    format!("{payload}{}", (10 - sum % 10) % 10)
}

/// Writes table, schema and policy; gives the raw rows.
fn write(directory: &Path) -> Vec<Vec<String>> {
    let people = fs::read_to_string(fixture("data/persons.csv")).unwrap();
    let rows: Vec<Vec<String>> = people
        .lines()
        .skip(1)
        .filter(|line| !line.contains('"'))
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|person| person.len() == 10 && person.iter().all(|cell| !cell.is_empty()))
        .enumerate()
        .map(|(row, person)| cells(&person, row))
        .collect();
    let header = COLUMNS.map(|(name, ..)| name).join(",");
    let lines = rows.iter().map(|row| row.join(","));
    let table = std::iter::once(header)
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n");
    fs::write(directory.join("t.csv"), table + "\n").unwrap();
    let declared = COLUMNS.map(|(name, kind, label, _)| {
        format!("  {name}: {{ type: {kind}, level: general-4, kind: {label} }}\n")
    });
    let schema = format!(
        "dataset: a/t\nunits: {{ person: {{ column: id, form: resident-id }} }}\ncolumns:\n{}",
        declared.concat()
    );
    fs::write(directory.join("schema.yaml"), schema).unwrap();
    fs::write(directory.join("policy.yaml"), policy()).unwrap();
    rows
}

fn policy() -> String {
    let listed =
        COLUMNS.map(|(name, _, _, technique)| format!("      {name}: {{ sample: {technique} }}\n"));
    format!(
        "scenario: s\npurpose: p\nvalid: {{ from: 2026-02-01, until: 2036-01-31 }}\ndatasets:\n  a/t:\n    columns:\n{}hierarchies:\n  chapters: |\n    J20;J\n    J21;J\n    K35;K\nsample: {{ method: consistent, unit: person, rate: 0.5 }}\n",
        listed.concat()
    )
}

fn check(directory: &Path) -> Ran {
    let mut command = karez();
    command.args(["policy", "check", "--output", "json"]);
    command.arg(directory.join("policy.yaml"));
    command.arg("--schema").arg(directory.join("schema.yaml"));
    Ran::of(command.output().unwrap())
}

#[test]
fn every_technique_runs_from_its_policy() {
    let directory = tempfile::tempdir().unwrap();
    let raw = write(directory.path());
    let out = directory.path().join("out");
    let mut command = karez();
    command
        .args(["sample", "run", "--no-bom", "--out"])
        .arg(&out);
    command
        .arg("--input")
        .arg(format!("a/t={}", directory.path().join("t.csv").display()));
    command
        .arg("--schema")
        .arg(directory.path().join("schema.yaml"));
    command
        .arg("--policy")
        .arg(directory.path().join("policy.yaml"));
    Ran::of(command.output().unwrap()).expect(0);

    let released = fs::read_to_string(out.join("a.t.csv")).unwrap();
    for person in &raw {
        // Identity number, name, mobile, card number and address.
        for direct in [0, 3, 5, 12, 30] {
            assert!(
                !released.contains(person[direct].as_str()),
                "column {direct} is in the output"
            );
        }
    }
    let rows: Vec<Vec<&str>> = released
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    let at = |name: &str| rows[0].iter().position(|header| *header == name).unwrap();
    assert!(rows.len() > raw.len() / 4 && rows.len() < raw.len());
    for row in &rows[1..] {
        let birth = row[at("birth_date")].replace('-', "");
        assert_eq!(&row[at("id")][6..14], birth, "birth date and id agree");
        assert_eq!(
            row[at("credit")],
            row[at("organisation")],
            "one body, one token"
        );
        assert_eq!(
            row[at("credit_code")][8..17],
            *row[at("body_code")],
            "one body, one surrogate"
        );
        assert!(row[at("card_code")].starts_with("622202"));
        assert!(row[at("plate_code")].starts_with("新A"));
        assert!(row[at("vin_code")].starts_with("1M8"));
        let age: u32 = row[at("age_bounded")].parse().unwrap();
        assert!((20..=70).contains(&age));
        assert!(["0", "18", "60"].contains(&row[at("age_bucket")]));
        assert!(row[at("region")].ends_with("00"));
    }
    report(&out);
}

/// The report names every technique, and what it says of each.
fn report(out: &Path) {
    let report: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("report.json")).unwrap()).unwrap();
    let columns = report["tables"][0]["columns"].as_array().unwrap();
    assert_eq!(columns.len(), COLUMNS.len());
    let word = |column: &serde_json::Value| {
        let text = column["technique"].as_str().unwrap();
        text.split(' ').next().unwrap().to_owned()
    };
    let found: BTreeSet<String> = columns.iter().map(word).collect();
    let expect = [
        "bucket",
        "constant",
        "date_shift",
        "fpe",
        "generalize",
        "hash_drop",
        "keep",
        "mask",
        "microaggregate",
        "noise",
        "null",
        "redact",
        "round",
        "scrub",
        "swap",
        "token",
        "top_bottom",
        "truncate",
    ];
    assert_eq!(found, expect.map(str::to_owned).into());
    for column in columns {
        assert!(
            column["learnable"]["zh"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        assert_eq!(column["broken"], 0, "{column}");
    }
    let column = |name: &str| {
        columns
            .iter()
            .find(|column| column["name"] == name)
            .unwrap()
    };
    assert!(column("note")["replaced"].as_u64().unwrap() > 0);
    assert_eq!(column("id")["somebodys"]["at_most"], 0.0);
    assert_eq!(column("id")["cipher"], "aes-256");
    assert_eq!(column("id")["mode"], "marked");
    assert!(column("note").get("cipher").is_none());
    assert!(column("id")["resident_ids"]["smallest"].as_u64().unwrap() >= 1_000_000);
}

#[test]
fn the_check_says_among_how_many_ids_one_hides_and_what_would_do() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path());
    let checked = check(directory.path()).expect(0).json();
    assert_eq!(checked["resident_ids"][0]["column"], "id");
    assert!(
        checked["resident_ids"][0]["smallest"]
            .as_str()
            .unwrap()
            .contains(' ')
    );
    for (written, refused, sentence) in [
        (
            "keep: [province]",
            "keep: [county, birth_year]",
            "birth_band",
        ),
        (
            "{ fpe: { same_person_as: id } }",
            "{ fpe: { same_person_as: name } }",
            "follows an encrypted resident id",
        ),
        (
            "{ fpe: { same_person_as: id } }",
            "{ generalize: { to: year } }",
            "gives the shift away",
        ),
        ("J21;J", "J20;K", "hierarchy `chapters`"),
        (
            "{ generalize: { to: prefecture } }",
            "{ date_shift: { days: 3 } }",
            "date_shift",
        ),
    ] {
        let policy = policy().replacen(written, refused, 1);
        fs::write(directory.path().join("policy.yaml"), policy).unwrap();
        let ran = check(directory.path()).expect(1);
        assert!(ran.stderr.contains(sentence), "{refused}: {}", ran.stderr);
    }
}
