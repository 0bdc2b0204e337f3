//! `dataset classify`: a stranger's file is looked at, and the drafts of it hold.

use std::fs;
use std::path::Path;

use crate::binary::{Ran, karez};

/// A resident id of a year, its check character after GB 11643-1999.
fn id(year: usize) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let body = format!("650102{year}0101001");
    let digits = body.chars().filter_map(|c| c.to_digit(10)).zip(WEIGHTS);
    let sum: u32 = digits.map(|(digit, weight)| digit * weight).sum();
    let check = "10X98765432".chars().nth(sum as usize % 11).unwrap();
    format!("{body}{check}")
}

/// Published examples of unified social credit codes.
const CODES: [&str; 3] = [
    "91440300MA5H8REU3K",
    "91440300MA5DLQQW0F",
    "91110108MA01G0FB09",
];

/// A table under names that say nothing: ids, credit codes, and order numbers of as many digits as a card has.
fn write(directory: &Path) -> String {
    let mut number: u64 = 7;
    let rows = (0..300).map(|row: usize| {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let order = 1_000_000_000_000_000 + number % 9_000_000_000_000_000;
        // One id in ten stands among blanks: a rare identifier is one all the same.
        let id = if row.is_multiple_of(10) {
            id(1950 + row / 10)
        } else {
            String::new()
        };
        format!("{id};{};{order}\n", CODES[row % 3])
    });
    let text = format!("c1;c2;c3\n{}", rows.collect::<String>());
    fs::write(directory.join("t.csv"), &text).unwrap();
    text
}

fn classify(directory: &Path, words: &str, language: &str) -> Ran {
    let mut command = karez();
    command
        .env("LC_ALL", language)
        .current_dir(directory)
        .args(["dataset", "classify", "t.csv"])
        .args(words.split_whitespace());
    Ran::of(command.output().unwrap())
}

#[test]
fn identifiers_are_found_under_names_that_say_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let table = write(directory.path());
    let ran = classify(directory.path(), "--output json", "C").expect(0);
    let found = ran.json();
    assert_eq!(
        (&found["rows"], &found["separator"], &found["encoding"]),
        (&300.into(), &";".into(), &"utf-8".into())
    );
    let column = |at: usize, field: &str| found["columns"][at][field].as_str().unwrap();
    let semantics = [0, 1, 2].map(|at| column(at, "semantic"));
    assert_eq!(semantics, ["resident-id", "category", "code"]);
    // Three codes in three hundred rows are three: too few to be sure, enough to ask and to hide them.
    assert_eq!(found["columns"][1]["possible"][0], "credit-code");
    assert_eq!(column(1, "kind"), "direct");
    assert_eq!(column(0, "grade"), "proven");
    assert_eq!(column(0, "kind"), "direct");
    assert!(column(0, "technique").contains("resident-id"));
    let rate = &found["columns"][0]["rates"][0];
    assert_eq!(
        (&rate["valid"], &rate["significant"]),
        (&30.into(), &true.into())
    );
    assert!(rate["chance"].as_f64().unwrap() < 0.1, "{rate}");
    assert!(
        found["schema"]
            .as_str()
            .unwrap()
            .contains("form: resident-id")
    );
    let told = classify(directory.path(), "", "C").expect(0);
    for cell in table.split([';', '\n']).filter(|cell| cell.len() > 2) {
        let said = ran.stdout.contains(cell) || told.stdout.contains(cell);
        assert!(!said, "a value is told: {cell}");
    }
}

#[test]
fn the_table_is_in_the_readers_language() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path());
    let english = classify(directory.path(), "", "C").expect(0);
    for word in ["holds", "technique", "by chance", "reasons"] {
        assert!(english.stdout.contains(word), "{word}: {}", english.stdout);
    }
    assert!(english.stderr.contains("proposal"), "{}", english.stderr);
    let chinese = classify(directory.path(), "", "zh_CN.UTF-8").expect(0);
    for word in ["脱敏方法", "偶然", "理由", "身份证"] {
        assert!(chinese.stdout.contains(word), "{word}: {}", chinese.stdout);
    }
    assert!(chinese.stderr.contains("确认"), "{}", chinese.stderr);
}

#[test]
fn drafts_hold_and_are_never_replaced() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path());
    let words = "--dataset ybj/visits --out draft";
    classify(directory.path(), words, "C").expect(0);
    let draft = directory.path().join("draft");
    let mut command = karez();
    command
        .args(["policy", "check"])
        .arg(draft.join("policy.yaml"))
        .arg("--schema")
        .arg(draft.join("schema.yaml"));
    Ran::of(command.output().unwrap()).expect(0);
    fs::write(draft.join("policy.yaml"), "edited by a person").unwrap();
    fs::remove_file(draft.join("schema.yaml")).unwrap();
    let again = classify(directory.path(), words, "C").expect(1);
    assert!(again.stderr.contains("policy.yaml"), "{}", again.stderr);
    assert!(!draft.join("schema.yaml").exists(), "both or neither");
    assert_eq!(
        fs::read_to_string(draft.join("policy.yaml")).unwrap(),
        "edited by a person"
    );
}

#[test]
fn what_cannot_be_looked_at_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path());
    let check = |words: &str, code: i32, said: &str| {
        let ran = classify(directory.path(), words, "C").expect(code);
        assert!(ran.stderr.contains(said), "{words}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    };
    check("--dataset visits", 2, "OWNER/TABLE");
    check("--separator ；", 2, "ASCII");
    check("--sheet 2024", 2, "spreadsheet");
    fs::remove_file(directory.path().join("t.csv")).unwrap();
    check("", 1, "t.csv");
}
