//! Every technique from a policy to the kernels, and the page that says of each what it leaves to learn.

use policy::{DatasetSchema, ScenarioPolicy};

use super::*;

/// A column type and a technique as a policy writes it.
const CATALOGUE: [(&str, &str); 42] = [
    ("text", "keep"),
    ("text", "{ mask: { kind: name } }"),
    ("text", "{ mask: { kind: surname } }"),
    ("text", "{ mask: { kind: mobile } }"),
    ("text", "{ mask: { kind: text, first: 1, last: 1 } }"),
    ("text", "{ mask: { kind: bank-card } }"),
    ("text", "redact"),
    ("text", "\"null\""),
    ("integer", "{ constant: { value: 0 } }"),
    ("text", "{ truncate: { graphemes: 3 } }"),
    ("integer", "{ truncate: { to: 100 } }"),
    ("date", "{ truncate: { to: month } }"),
    ("float", "{ round: { to: 0.5 } }"),
    ("integer", "{ bucket: { size: 30 } }"),
    ("integer", "{ bucket: { edges: [0, 18, 60] } }"),
    ("integer", "{ top_bottom: { bottom: 0, top: 90 } }"),
    ("date", "{ top_bottom: { top: 2026-01-31 } }"),
    ("date", "{ date_shift: { days: 30 } }"),
    ("date", "{ generalize: { to: year } }"),
    ("text", "{ generalize: { to: prefecture } }"),
    ("integer", "{ generalize: { age: 5 } }"),
    ("float", "{ generalize: { grid: 2 } }"),
    ("text", "{ generalize: { hierarchy: chapters } }"),
    (
        "integer",
        "{ noise: { distribution: laplace, scale: 5, min: 0, max: 120 } }",
    ),
    ("text", "swap"),
    ("integer", "{ microaggregate: { k: 5 } }"),
    ("integer", "hash_drop"),
    ("text", "token"),
    ("text", "{ token: { as: credit-code } }"),
    (
        "text",
        "{ fpe: { domain: resident-id, keep: [province, sex] } }",
    ),
    (
        "text",
        "{ fpe: { domain: resident-id, mode: valid, cipher: sm4 } }",
    ),
    ("text", "{ fpe: { domain: digits, keep_first: 3 } }"),
    ("text", "{ fpe: { domain: digits, cipher: sm4 } }"),
    ("text", "{ fpe: { domain: bank-card } }"),
    ("text", "{ fpe: { domain: credit-code } }"),
    ("text", "{ fpe: { domain: mobile, mode: valid } }"),
    ("text", "{ fpe: { domain: plate } }"),
    ("text", "{ fpe: { domain: vin, cipher: sm4 } }"),
    ("date", "{ fpe: { same_person_as: id } }"),
    (
        "integer",
        "{ fpe: { same_person_as: id, male: 1, female: 2 } }",
    ),
    ("text", "{ scrub: { with: mask } }"),
    ("text", "{ scrub: { with: token, format: json } }"),
];

/// The plan of a table with a column per entry, or the faults.
fn plan(catalogue: &[(&str, &str)]) -> Result<SamplePlan, policy::Faults> {
    let (mut types, mut listed) = (String::new(), String::new());
    for (place, (column_type, technique)) in catalogue.iter().enumerate() {
        types += &format!("  c{place}: {{ type: {column_type}, level: general-1, kind: other }}\n");
        listed += &format!("      c{place}: {{ sample: {technique} }}\n");
    }
    let schema = format!(
        "dataset: a/t\nunits: {{ person: {{ column: id, form: resident-id }} }}\ncolumns:\n  id: {{ type: text, level: general-4, kind: direct }}\n{types}"
    );
    let policy = format!(
        "scenario: s\npurpose: p\nvalid: {{ from: 2026-02-01, until: 2036-01-31 }}\nhierarchies:\n  chapters: |\n    J20;J\n    J21;J\ndatasets:\n  a/t:\n    columns:\n      id: {{ sample: {{ fpe: {{ domain: resident-id, keep: [sex] }} }} }}\n{listed}sample: {{ method: uniform, rate: 1 }}\n"
    );
    let schema = DatasetSchema::parse("schema", &schema)?;
    SamplePlan::new(&policy::check(
        &ScenarioPolicy::parse("policy", &policy)?,
        &[schema],
    )?)
}

#[test]
fn the_page_of_techniques_says_what_the_code_says() {
    let plan = plan(&CATALOGUE).unwrap_or_else(|faults| panic!("{faults}"));
    let recipes = plan.tables[0].recipes.iter().skip(1);
    let mut page = String::from(
        "# Techniques · 脱敏方法\n\nWhat a reader of a sample can still learn, and whether the original can be had back. Made from the code by\n`KAREZ_WRITE_PAGE=1 cargo test -p enclave the_page_of_techniques`; without the variable the same test holds the page against\nthe code. Broken values go the way of `on_broken: error | null | redact | token`, which stands beside any technique that\ncan meet one; `error` unless written.\n\n| In a policy · 策略写法 | What a reader learns · 读者可知 | The way back · 可逆性 |\n|---|---|---|\n",
    );
    for ((column_type, written), recipe) in CATALOGUE.iter().zip(recipes) {
        let (learn, back) = (recipe.technique.learnable(), recipe.technique.reversible());
        page += &format!(
            "| `{written}` ({column_type}) | {}<br>{} | {}<br>{} |\n",
            learn.en, learn.zh, back.en, back.zh
        );
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/techniques.md");
    if std::env::var_os("KAREZ_WRITE_PAGE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), page);
}

#[test]
fn every_identifier_of_the_policy_is_one_of_the_kernels() {
    let words = policy::document::Identifier::WORDS
        .iter()
        .map(|(word, _)| *word);
    assert!(words.eq(desensitize::Identifier::ALL.map(desensitize::Identifier::id)));
    for (word, _) in policy::document::Identifier::WORDS {
        for technique in [
            format!("{{ mask: {{ kind: {word} }} }}"),
            format!("{{ token: {{ as: {word} }} }}"),
        ] {
            plan(&[("text", &technique)]).unwrap_or_else(|faults| panic!("{faults}"));
        }
    }
}

#[test]
fn an_identifier_is_encrypted_or_refused_with_what_to_do_instead() {
    for (word, _) in policy::document::Identifier::WORDS {
        let planned = plan(&[("text", &format!("{{ fpe: {{ domain: {word} }} }}"))]);
        match *word {
            "postcode" | "email" | "ip" | "gps" => {
                let faults = planned.unwrap_err().to_string();
                assert!(faults.contains("policy:12:"), "{word}: {faults}");
            }
            _ => drop(planned.unwrap_or_else(|faults| panic!("{word}: {faults}"))),
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_at_its_place() {
    for (column_type, technique, expect) in [
        ("boolean", "{ round: { to: 1 } }", "policy:12:"),
        ("date", "{ date_shift: { days: 3, by: c0 } }", "policy:12:"),
        (
            "text",
            "{ fpe: { domain: resident-id, keep: [county, birth_year] } }",
            "birth_band",
        ),
    ] {
        let faults = plan(&[(column_type, technique)]).unwrap_err().to_string();
        assert!(faults.contains(expect), "{technique}: {faults}");
    }
}

#[test]
fn a_technique_that_disturbs_is_counted_as_though_it_were_not_there() {
    let plan = plan(&[("date", "{ date_shift: { days: 3 } }")]).unwrap();
    let table = &plan.tables[0];
    assert_eq!(table.beside.len(), 1);
    assert_eq!(table.beside[0].name(), &table.unit_column);
    let field = table.columns.field(1);
    let counted = measured::measured_as(&table.recipes[1], field).unwrap();
    assert_eq!(counted.technique, desensitize::Technique::Keep);
}
