//! Every identifier of the list from a policy to a released file: masked, and encrypted where its kind has a domain.
//!
//! What comes out is judged by textbook rules written here, not by the validators of the product.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use crate::binary::{Ran, fixture, karez};

/// How many rows a table of these tests has at least; every kind can make as many different identifiers.
const ROWS_MIN: usize = 500;

/// An identifier of the list.
struct Kind {
    id: &'static str,
    /// The identifier of a row, in some spelling.
    made: fn(usize) -> String,
    /// Its default mask.
    masked: fn(&str) -> String,
    /// How it is encrypted; none where it is refused.
    fpe: Option<Encrypted>,
}

struct Encrypted {
    /// The characters of the original that a valid surrogate begins with.
    kept: usize,
    /// The textbook's rule of a valid one.
    valid: fn(&str) -> bool,
    /// What tells a marked one from every valid one.
    marked: fn(&str) -> bool,
}

const KINDS: [Kind; 18] = [
    Kind {
        id: "resident-id",
        made: resident_id,
        masked: |text| first(text, 2),
        fpe: encrypted(2, resident_holds, |text| {
            text.len() == 18 && !resident_holds(text)
        }),
    },
    Kind {
        id: "credit-code",
        made: credit_code,
        masked: |text| first(text, 4),
        fpe: encrypted(8, credit_holds, |text| {
            let wrong = credit_check(text) != text.chars().nth(17);
            text.len() == 18 && wrong && !organisation_holds(&text[8..17])
        }),
    },
    Kind {
        id: "organisation-code",
        made: |row| {
            let code = organisation_code(row);
            format!("{}-{}", &code[..8], &code[8..])
        },
        masked: |text| first(text, 2),
        fpe: encrypted(0, organisation_holds, |text| {
            text.len() == 9 && !organisation_holds(text)
        }),
    },
    Kind {
        id: "tax-number",
        made: |row| format!("440300{}", organisation_code(row)),
        masked: |text| first(text, 2),
        fpe: encrypted(
            6,
            |text| text.len() == 15 && organisation_holds(&text[6..]),
            |text| text.len() == 15 && !organisation_holds(&text[6..]),
        ),
    },
    Kind {
        id: "bank-card",
        made: |row| with_luhn(format!("622202{row:012}")),
        masked: |text| first(text, 6),
        fpe: encrypted(
            6,
            |text| text.len() == 19 && luhn_holds(text),
            |text| text.len() == 19 && text.starts_with("622202") && !luhn_holds(text),
        ),
    },
    Kind {
        id: "mobile",
        made: |row| match row % 2 {
            0 => format!("139{row:08}"),
            _ => format!("+86 139{row:08}"),
        },
        masked: |_| "139***".to_owned(),
        fpe: encrypted(
            0,
            |text| text.len() == 11 && text.starts_with("139") && digits(text),
            // No subscriber's number begins with 9 but for 95 and 96.
            |text| text.len() == 11 && text.starts_with("939") && digits(text),
        ),
    },
    Kind {
        id: "landline",
        made: |row| format!("0991-2{row:06}"),
        masked: |_| "0991***".to_owned(),
        fpe: encrypted(
            4,
            |text| {
                let subscriber = text[4..].trim_start_matches('-');
                text.starts_with('0')
                    && subscriber.len() == 7
                    && digits(subscriber)
                    && ('2'..='8').contains(&subscriber.chars().next().unwrap())
            },
            |text| text.starts_with("999") && digits(&text.replace('-', "")),
        ),
    },
    Kind {
        id: "plate",
        made: |row| format!("新A{row:05}"),
        masked: |_| "新***".to_owned(),
        fpe: encrypted(2, |text| letters(text, 0..=2), |text| letters(text, 3..=3)),
    },
    Kind {
        id: "passport",
        made: |row| format!("E{row:08}"),
        masked: |_| "E***".to_owned(),
        fpe: encrypted(
            1,
            |text| text.len() == 9 && digits(&text[2..]) && plain(&text[1..2]),
            |text| text.len() == 9 && digits(&text[2..8]) && marked_letter(&text[8..]),
        ),
    },
    Kind {
        id: "hk-macao-permit",
        made: |row| format!("H{row:08}"),
        masked: |_| "H***".to_owned(),
        fpe: encrypted(
            1,
            |text| text.len() == 9 && digits(&text[1..]),
            |text| text.len() == 9 && digits(&text[1..8]) && marked_letter(&text[8..]),
        ),
    },
    Kind {
        id: "taiwan-permit",
        made: |row| format!("{row:08}"),
        masked: |_| "***".to_owned(),
        fpe: encrypted(
            0,
            |text| text.len() == 8 && digits(text),
            |text| text.len() == 8 && digits(&text[..7]) && marked_letter(&text[7..]),
        ),
    },
    Kind {
        id: "vin",
        made: |row| with_vin_check(&format!("1M8GDM9A0KP{row:06}")),
        masked: |_| "1M8***".to_owned(),
        fpe: encrypted(
            3,
            |text| text.len() == 17 && with_vin_check(text) == *text,
            |text| text.len() == 17 && text.starts_with("1M8") && with_vin_check(text) != *text,
        ),
    },
    Kind {
        id: "imei",
        made: |row| with_luhn(format!("49015420{row:06}")),
        masked: |_| "49***".to_owned(),
        fpe: encrypted(
            8,
            |text| text.len() == 15 && luhn_holds(text),
            |text| text.len() == 15 && text.starts_with("49015420") && !luhn_holds(text),
        ),
    },
    Kind {
        id: "postcode",
        made: |row| format!("83{:04}", row % 10_000),
        masked: |_| "83***".to_owned(),
        fpe: None,
    },
    Kind {
        id: "email",
        made: |row| format!("user{row}@qq.com"),
        masked: |_| "u***@qq.com".to_owned(),
        fpe: None,
    },
    Kind {
        id: "ip",
        made: |row| format!("203.0.{}.{}", row / 250, 1 + row % 250),
        masked: |_| "203.0.***".to_owned(),
        fpe: None,
    },
    Kind {
        id: "mac",
        made: |row| {
            format!(
                "00:1b:63:{:02x}:{:02x}:{:02x}",
                row >> 16 & 255,
                row >> 8 & 255,
                row & 255
            )
        },
        masked: |_| "00:1B:63:***".to_owned(),
        fpe: encrypted(
            8,
            |text| hexadecimal(text) && first_byte(text) & 1 == 0,
            // An address of a group is no interface's own.
            |text| hexadecimal(text) && first_byte(text) == 1,
        ),
    },
    Kind {
        id: "gps",
        made: |row| format!("43.{:04},87.6168", row % 10_000),
        masked: |_| "43.***,87.***".to_owned(),
        fpe: None,
    },
];

const fn encrypted(
    kept: usize,
    valid: fn(&str) -> bool,
    marked: fn(&str) -> bool,
) -> Option<Encrypted> {
    Some(Encrypted {
        kept,
        valid,
        marked,
    })
}

/// The first characters and the mask.
fn first(text: &str, kept: usize) -> String {
    let kept: String = text.chars().take(kept).collect();
    format!("{kept}***")
}

/// The ids of the fixtures, which are valid 18-digit ones and all different.
fn resident_id(row: usize) -> String {
    static IDS: OnceLock<Vec<String>> = OnceLock::new();
    let ids = IDS.get_or_init(|| {
        let people = fs::read_to_string(fixture("data/persons.csv")).unwrap();
        let ids = people
            .lines()
            .skip(1)
            .filter_map(|line| line.split(',').next());
        ids.filter(|id| resident_holds(id))
            .map(str::to_owned)
            .collect()
    });
    ids[row].clone()
}

/// GB 11643-1999: the weighted sum of the first 17 digits gives the last character.
fn resident_holds(text: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if text.len() != 18 || !digits(&text[..17]) {
        return false;
    }
    let values = text.chars().filter_map(|one| one.to_digit(10));
    let sum: u32 = values
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let date = &text[6..14];
    let right = "10X98765432".chars().nth(sum as usize % 11);
    ("19000101".."20500101").contains(&date) && text.chars().last() == right
}

/// GB 11714-1997: eight characters and one that the weighted sum gives, letters counted from A = 10.
fn organisation_check(body: &str) -> char {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let values = body.chars().filter_map(|one| one.to_digit(36));
    let sum: u32 = values
        .zip(WEIGHTS)
        .map(|(value, weight)| value * weight)
        .sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap(),
    }
}

fn organisation_holds(text: &str) -> bool {
    let text = text.replace('-', "");
    text.len() == 9 && text.chars().nth(8) == Some(organisation_check(&text[..8]))
}

fn organisation_code(row: usize) -> String {
    let body = format!("MA{row:06}");
    format!("{body}{}", organisation_check(&body))
}

/// GB 32100-2015: powers of 3 over 31 characters.
fn credit_check(text: &str) -> Option<char> {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let values = text.chars().take(17).map(|one| ALPHABET.find(one));
    let mut weight = 1;
    let mut sum = 0;
    for value in values {
        sum += value? * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET.chars().nth((31 - sum % 31) % 31)
}

fn credit_holds(text: &str) -> bool {
    text.len() == 18
        && organisation_holds(&text[8..17])
        && credit_check(text) == text.chars().nth(17)
}

fn credit_code(row: usize) -> String {
    let body = format!("91440300{}", organisation_code(row));
    let check = credit_check(&body).unwrap();
    format!("{body}{check}")
}

/// ISO/IEC 7812-1, annex B: every second digit from the right doubled.
fn luhn_sum(text: &str) -> u32 {
    let digits = text.chars().rev().filter_map(|one| one.to_digit(10));
    let counted = digits.enumerate().map(|(place, digit)| match place % 2 {
        0 => digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    });
    counted.sum()
}

fn luhn_holds(text: &str) -> bool {
    digits(text) && luhn_sum(text).is_multiple_of(10)
}

fn with_luhn(payload: String) -> String {
    let sum = luhn_sum(&format!("{payload}0"));
    format!("{payload}{}", (10 - sum % 10) % 10)
}

/// 49 CFR 565.15: letters as digits, weighted, modulo 11, in the ninth place.
fn with_vin_check(text: &str) -> String {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |one: char| match one {
        '0'..='9' => one as u32 - '0' as u32,
        'A'..='H' => one as u32 - 'A' as u32 + 1,
        'J'..='R' => one as u32 - 'J' as u32 + 1,
        _ => one as u32 - 'S' as u32 + 2,
    };
    let sum: u32 = text
        .chars()
        .map(value)
        .zip(WEIGHTS)
        .map(|(v, w)| v * w)
        .sum();
    let check = "0123456789X".chars().nth(sum as usize % 11).unwrap();
    format!("{}{check}{}", &text[..8], &text[9..])
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|one| one.is_ascii_digit())
}

/// A digit or a letter that is not taken for one.
fn plain(text: &str) -> bool {
    text.chars()
        .all(|one| (one.is_ascii_digit() || one.is_ascii_uppercase()) && !matches!(one, 'I' | 'O'))
}

/// The letters that stand for the digits of a marked document; no document ends in one.
fn marked_letter(text: &str) -> bool {
    text.len() == 1 && text.chars().all(|one| ('Q'..='Z').contains(&one))
}

/// An ordinary plate of 新A with so many letters among its five characters (GA 36: at most two).
fn letters(text: &str, many: std::ops::RangeInclusive<usize>) -> bool {
    let Some(serial) = text.strip_prefix("新A") else {
        return false;
    };
    let letters = serial.chars().filter(char::is_ascii_uppercase).count();
    serial.len() == 5 && plain(serial) && many.contains(&letters)
}

fn hexadecimal(text: &str) -> bool {
    let bytes: Vec<&str> = text.split(':').collect();
    bytes.len() == 6
        && bytes
            .iter()
            .all(|byte| byte.len() == 2 && u8::from_str_radix(byte, 16).is_ok())
}

fn first_byte(text: &str) -> u8 {
    u8::from_str_radix(&text[..2], 16).unwrap()
}

/// A column of the table: its name, its kind's place, and its technique.
struct Column {
    name: String,
    kind: usize,
    technique: String,
}

fn columns() -> Vec<Column> {
    let mut columns = Vec::new();
    for (kind, one) in KINDS.iter().enumerate() {
        let id = one.id;
        let mut push = |what: &str, technique: String| {
            columns.push(Column {
                name: format!("{}_{what}", id.replace('-', "_")),
                kind,
                technique,
            });
        };
        push("masked", format!("{{ mask: {{ kind: {id} }} }}"));
        let keep = match id {
            "resident-id" => ", keep: [province]",
            _ => "",
        };
        if one.fpe.is_some() {
            for mode in ["valid", "marked"] {
                push(
                    mode,
                    format!("{{ fpe: {{ domain: {id}, mode: {mode}{keep} }} }}"),
                );
            }
        }
    }
    columns
}

/// Writes a table with a row number, every column of [`columns`], a schema and a policy.
fn write(directory: &Path, columns: &[Column]) -> usize {
    let rows = ROWS_MIN;
    let quoted = |text: String| match text.contains(',') {
        true => format!("\"{text}\""),
        false => text,
    };
    let mut table = String::from("row");
    for column in columns {
        table.push_str(&format!(",{}", column.name));
    }
    for row in 0..rows {
        table.push_str(&format!("\nr{row}"));
        for column in columns {
            let made = (KINDS[column.kind].made)(row);
            table.push_str(&format!(",{}", quoted(made)));
        }
    }
    fs::write(directory.join("t.csv"), table + "\n").unwrap();
    let (mut schema, mut policy) = (
        "dataset: a/t\nunits: { person: { column: resident_id_masked, form: resident-id } }\ncolumns:\n  row: { type: text, level: general-4, kind: other }\n".to_owned(),
        "scenario: s\npurpose: p\nvalid: { from: 2026-02-01, until: 2036-01-31 }\ndatasets:\n  a/t:\n    columns:\n      row: { sample: keep }\n".to_owned(),
    );
    for Column {
        name, technique, ..
    } in columns
    {
        schema.push_str(&format!(
            "  {name}: {{ type: text, level: general-4, kind: direct }}\n"
        ));
        policy.push_str(&format!("      {name}: {{ sample: {technique} }}\n"));
    }
    policy.push_str("sample: { method: consistent, unit: person, rate: 0.8 }\n");
    fs::write(directory.join("schema.yaml"), schema).unwrap();
    fs::write(directory.join("policy.yaml"), policy).unwrap();
    rows
}

/// The cells of a line; a quoted one may hold commas.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for one in line.chars() {
        match one {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => cells.last_mut().unwrap().push(one),
        }
    }
    cells
}

#[test]
fn every_identifier_is_masked_and_encrypted_to_its_kind() {
    let directory = tempfile::tempdir().unwrap();
    let columns = columns();
    let encrypted = columns.iter().filter(|one| !one.name.ends_with("_masked"));
    assert_eq!((KINDS.len(), encrypted.count()), (18, 2 * 14));
    let rows = write(directory.path(), &columns);
    let out = directory.path().join("out");
    let mut command = karez();
    command
        .args(["sample", "run", "--no-bom", "--out"])
        .arg(&out);
    let table = directory.path().join("t.csv");
    command
        .arg("--input")
        .arg(format!("a/t={}", table.display()));
    command
        .arg("--schema")
        .arg(directory.path().join("schema.yaml"));
    command
        .arg("--policy")
        .arg(directory.path().join("policy.yaml"));
    Ran::of(command.output().unwrap()).expect(0);
    let released = fs::read_to_string(out.join("a.t.csv")).unwrap();
    let released: Vec<Vec<String>> = released.lines().map(cells).collect();
    assert!(released.len() > rows / 2, "{} rows", released.len());
    for (place, column) in columns.iter().enumerate() {
        assert_eq!(released[0][place + 1], column.name);
        let shown = released[1..].iter();
        let shown = shown.map(|cells| (cells[0][1..].parse().unwrap(), cells[place + 1].as_str()));
        judge(column, &shown.collect::<Vec<(usize, &str)>>());
    }
    one_body_is_one_surrogate(&columns, &released);
}

/// Every cell of a column, with the row that it was made of.
fn judge(column: &Column, shown: &[(usize, &str)]) {
    let kind = &KINDS[column.kind];
    let (mut originals, mut same) = (BTreeMap::new(), 0);
    for (row, text) in shown {
        let original = (kind.made)(*row);
        let told = || format!("{}: {text} of {original}", column.name);
        let Some(fpe) = kind
            .fpe
            .as_ref()
            .filter(|_| !column.name.ends_with("_masked"))
        else {
            assert_eq!(*text, (kind.masked)(&original), "{}", told());
            continue;
        };
        let plain: String = original
            .chars()
            .filter(|one| !"-+ ".contains(*one))
            .collect();
        if column.name.ends_with("_valid") {
            let kept: String = plain.to_uppercase().chars().take(fpe.kept).collect();
            assert!(text.starts_with(&kept) && (fpe.valid)(text), "{}", told());
        } else {
            assert!((fpe.marked)(text) && !(fpe.valid)(text), "{}", told());
        }
        same += usize::from(*text == plain);
        let earlier = originals.insert(*text, original.clone());
        assert!(earlier.is_none(), "{}: two originals", told());
    }
    // A surrogate may be its own original by chance, at most one in a million.
    assert!(same <= 1, "{}: {same} of {} stay", column.name, shown.len());
}

/// Credit code, organisation code and tax number of one body have surrogates of one body.
fn one_body_is_one_surrogate(columns: &[Column], released: &[Vec<String>]) {
    let place = |name: &str| 1 + columns.iter().position(|one| one.name == name).unwrap();
    for mode in ["valid", "marked"] {
        let at = |kind: &str| place(&format!("{kind}_{mode}"));
        for cells in &released[1..] {
            let organisation = cells[at("organisation_code")].replace('-', "");
            assert_eq!(cells[at("credit_code")][8..17], organisation);
            assert_eq!(cells[at("tax_number")][6..], organisation);
        }
    }
}

#[test]
fn kinds_of_few_values_or_none_to_number_are_refused_with_advice() {
    let directory = tempfile::tempdir().unwrap();
    let refused = KINDS.iter().filter(|kind| kind.fpe.is_none());
    let advice = BTreeMap::from([
        ("postcode", ["10000", "`token`"]),
        ("ip", ["65536", "`token`"]),
        ("email", ["e-mail", "`token`"]),
        ("gps", ["coordinates", "`generalize`"]),
    ]);
    assert_eq!(refused.clone().count(), advice.len());
    for kind in refused {
        let mut columns = columns();
        let name = format!("{}_masked", kind.id);
        let column = columns.iter_mut().find(|one| one.name == name).unwrap();
        column.technique = format!("{{ fpe: {{ domain: {} }} }}", kind.id);
        write(directory.path(), &columns);
        for language in ["C.UTF-8", "zh_CN.UTF-8"] {
            let mut command = karez();
            command.env("LC_ALL", language);
            command.args(["policy", "check"]);
            command.arg(directory.path().join("policy.yaml"));
            command
                .arg("--schema")
                .arg(directory.path().join("schema.yaml"));
            let ran = Ran::of(command.output().unwrap()).expect(1);
            let [one, other] = advice[kind.id];
            assert!(
                ran.stderr.contains(&name) && ran.stderr.contains(other),
                "{}: {}",
                kind.id,
                ran.stderr
            );
            assert!(
                language != "C.UTF-8" || ran.stderr.contains(one),
                "{}",
                ran.stderr
            );
        }
    }
}

#[test]
fn the_textbook_rules_know_published_examples() {
    for good in ["11010519491231002X", "440524188001010014"] {
        let century = good.starts_with("44");
        assert_eq!(
            resident_holds(good),
            !century,
            "{good}: 1880 lies before the domain"
        );
    }
    assert!(!resident_holds("110105194912310021"));
    for good in [
        "91440300MA5H8REU3K",
        "91440300MA5DLQQW0F",
        "91110108MA01G0FB09",
    ] {
        assert!(credit_holds(good), "{good}");
    }
    assert!(!credit_holds("91440300MA5H8REU3A") && !organisation_holds("MA5H8REU-4"));
    assert!(luhn_holds("4111111111111111") && luhn_holds("490154203237518"));
    assert!(!luhn_holds("4111111111111112"));
    assert_eq!(with_vin_check("1M8GDM9A0KP042788"), "1M8GDM9AXKP042788");
}
