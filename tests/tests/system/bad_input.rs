//! Wrong files and documents: each is refused by name and place with what to do, no cell is repeated, and nothing is
//! left behind.

mod served;

use std::fs;
use std::path::{Path, PathBuf};

use crate::binary::{self, Ran};
use crate::canary::{Claims, Persons, Search, csv, files};
use crate::desk::{fixture, fixture_text};

/// Persons of these tests; enough for a sample with classes of five.
const PERSONS: u64 = 2_000;

/// Files of one stand-alone sample, sound until a case spoils them.
struct Case {
    persons: Vec<u8>,
    /// The ending tells the format.
    persons_file: &'static str,
    policy: String,
}

/// What the sound inputs are.
struct Sound {
    persons: Persons,
    persons_csv: Vec<u8>,
    claims_csv: Vec<u8>,
    search: Search,
}

impl Sound {
    fn new() -> Self {
        let persons = Persons::new(11, PERSONS);
        let claims = Claims::new(11, &persons, 2);
        let canaries = [persons.canaries(), claims.canaries()].concat();
        Self {
            persons_csv: csv(&persons),
            claims_csv: csv(&claims),
            search: Search::new(canaries.iter().map(String::as_str)),
            persons,
        }
    }

    fn case(&self) -> Case {
        Case {
            persons: self.persons_csv.clone(),
            persons_file: "persons.csv",
            policy: fixture_text("policies/medical.yaml"),
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.persons_csv.clone()).unwrap()
    }
}

/// Runs `karez sample run` on a case; the second part is what stands in the output directory afterwards.
fn sample(sound: &Sound, case: &Case, work: &Path) -> (Ran, Vec<PathBuf>) {
    let out = work.join("out");
    let place = |name: &str, bytes: &[u8]| {
        fs::write(work.join(name), bytes).unwrap();
        work.join(name).display().to_string()
    };
    let persons = place(case.persons_file, &case.persons);
    let claims = place("claims.csv", &sound.claims_csv);
    let policy = place("policy.yaml", case.policy.as_bytes());
    let schema = |table: &str| {
        fixture(&format!("schemas/{table}.yaml"))
            .display()
            .to_string()
    };
    let ran = binary::run(
        &binary::karez(),
        [
            "sample",
            "run",
            "--input",
            &format!("ybj/persons={persons}"),
            "--input",
            &format!("ybj/claims={claims}"),
            "--schema",
            &schema("persons"),
            "--schema",
            &schema("claims"),
            "--policy",
            &policy,
            "--out",
            &out.display().to_string(),
        ],
    );
    let left = if out.exists() {
        files(&out)
    } else {
        Vec::new()
    };
    (ran, left)
}

/// The n-th line of a text, spoilt.
fn with_line(text: &str, line: usize, spoil: impl Fn(&str) -> String) -> Vec<u8> {
    let lines = text.split_inclusive('\n').enumerate();
    lines
        .map(|(at, text)| {
            if at == line {
                spoil(text)
            } else {
                text.to_owned()
            }
        })
        .collect::<String>()
        .into_bytes()
}

/// The next digit: the check digit then is wrong.
fn wrong_check(line: &str) -> String {
    let (id, rest) = line.split_at(17);
    let wrong = if rest.starts_with('1') { '2' } else { '1' };
    format!("{id}{wrong}{}", &rest[1..])
}

#[test]
fn each_wrong_file_is_refused_by_name_and_place() {
    let sound = Sound::new();
    let text = sound.text();
    let mut parquet = Vec::new();
    fixtures::write_parquet(&sound.persons, &mut parquet).unwrap();
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = |persons_file, persons| Case {
        persons,
        persons_file,
        ..sound.case()
    };
    let middle = parquet.len() / 2;
    let policy = |from: &str, to: &str| {
        let document = fixture_text("policies/medical.yaml");
        assert!(document.contains(from), "{from}");
        Case {
            policy: document.replace(from, to),
            ..sound.case()
        }
    };
    let cases: Vec<(&str, Case, &[&str])> = vec![
        (
            "truncated Parquet",
            file("persons.parquet", parquet[..middle].to_vec()),
            &["persons.parquet", "Parquet"],
        ),
        (
            "eight bytes of Parquet",
            file("persons.parquet", parquet[..8].to_vec()),
            &["persons.parquet", "Parquet"],
        ),
        (
            "a field too many",
            file(
                "persons.csv",
                with_line(&text, 7, |line| line.replacen(',', ",x,", 1)),
            ),
            &["persons.csv", "record 7 (line 8)", "fields", "separator"],
        ),
        (
            "a field too few",
            file(
                "persons.csv",
                with_line(&text, 9, |line| line.split_once(',').unwrap().1.to_owned()),
            ),
            &["persons.csv", "record 9 (line 10)", "fields"],
        ),
        (
            "a quotation mark that nobody closes",
            file(
                "persons.csv",
                with_line(&text, 3, |line| line.replacen(',', ",\"", 1)),
            ),
            &["persons.csv", "record 3 (line 4)", "quotation mark"],
        ),
        (
            "undecodable bytes",
            file("persons.csv", [text.as_bytes(), b"\xff\xff\xff\n"].concat()),
            &["persons.csv", "neither UTF-8", "GB18030", "byte"],
        ),
        (
            "UTF-16 with a mark",
            file("persons.csv", [&b"\xff\xfe"[..], &wide].concat()),
            &["persons.csv", "UTF-16", "save it as UTF-8"],
        ),
        (
            "UTF-16 without a mark",
            file("persons.csv", wide),
            &["persons.csv", "UTF-16", "save it as UTF-8"],
        ),
        (
            "an empty file",
            file("persons.csv", Vec::new()),
            &["persons.csv", "empty"],
        ),
        (
            "a wrong check digit",
            file("persons.csv", with_line(&text, 12, wrong_check)),
            &[
                "`ybj/persons`",
                "`resident_id`",
                "row 12",
                "correct the row",
            ],
        ),
        (
            "a date that is none",
            file(
                "persons.csv",
                with_line(&text, 5, |line| line.replacen("-", "~", 1)),
            ),
            &["persons.csv", "`birth_date`", "record 5 (line 6)"],
        ),
        (
            "an unlabelled column",
            file(
                "persons.csv",
                text.lines()
                    .map(|line| format!("{line},surplus\n"))
                    .collect::<String>()
                    .into_bytes(),
            ),
            &["persons.csv", "surplus", "label"],
        ),
        (
            "a missing column in the policy",
            policy("      county_code: {", "      canton: {"),
            &["policy.yaml", "canton", "ybj/persons"],
        ),
        (
            "a duplicate key",
            policy(
                "scenario: medical-spending",
                "scenario: medical-spending\nscenario: other",
            ),
            &["policy.yaml:5:1", "`scenario` is written twice"],
        ),
        (
            "a duplicate column",
            policy(
                "      sex:         {",
                "      name: { compute: [], sample: \"null\" }\n      sex:         {",
            ),
            &["policy.yaml:", "`name` is written twice"],
        ),
        (
            "a key that is not enforced",
            policy("purpose:", "expiry: 2030-01-01\npurpose:"),
            &["policy.yaml:", "`expiry`", "not enforced by this version"],
        ),
    ];
    let count = cases.len();
    for (name, case, parts) in cases {
        let work = tempfile::tempdir().unwrap();
        let (ran, left) = sample(&sound, &case, work.path());
        println!("{name}: {}", ran.stderr.trim());
        assert_eq!(ran.code, Some(1), "{name}: {ran:?}");
        assert!(ran.stdout.is_empty(), "{name}: {}", ran.stdout);
        assert_eq!(left, Vec::<PathBuf>::new(), "{name} leaves files");
        for part in parts {
            assert!(
                ran.stderr.contains(part),
                "{name}: no `{part}` in: {}",
                ran.stderr
            );
        }
        let leaks = sound
            .search
            .bytes(Path::new("stderr"), ran.stderr.as_bytes());
        assert_eq!(leaks, [], "{name}");
    }
    println!(
        "{count} wrong inputs refused, {} canaries silent",
        sound.search.cells()
    );
}

#[test]
fn the_sound_files_are_taken_and_no_canary_leaves() {
    let sound = Sound::new();
    let work = tempfile::tempdir().unwrap();
    let (ran, left) = sample(&sound, &sound.case(), work.path());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(left.len() >= 5, "{left:?}");
    assert_eq!(sound.search.directory(&work.path().join("out")), []);
    for (name, said) in [("stdout", ran.stdout), ("stderr", ran.stderr)] {
        assert_eq!(sound.search.bytes(Path::new(name), said.as_bytes()), []);
    }
    println!(
        "{} files hold none of {} canaries",
        left.len(),
        sound.search.cells()
    );
}
