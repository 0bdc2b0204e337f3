//! Stand-alone samples of the fixtures and of real census data, against counts made here in another way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use arrow::array::StringArray;

use super::*;
use crate::files::CsvOptions;
use crate::intake::{EncodingChoice, Reading, Source, TextBatches, found};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(name)
}

fn csv(separator: u8) -> Reading {
    Reading {
        separator: Some(separator),
        ..Reading::default()
    }
}

fn medical() -> Inputs {
    Inputs {
        files: vec![
            ("ybj/persons".to_owned(), fixture("data/persons.csv")),
            ("claims".to_owned(), fixture("data/claims.csv")),
        ],
        schemas: vec![
            fixture("schemas/persons.yaml"),
            fixture("schemas/claims.yaml"),
        ],
        policy: fixture("policies/medical.yaml"),
        reading: csv(b','),
    }
}

fn sample(inputs: Inputs, key_file: Option<PathBuf>, out: &Path) -> Result<SampleFiles, RunError> {
    let options = CsvOptions {
        mark: false,
        ..CsvOptions::default()
    };
    let progress = |_| ();
    run_sample(&SampleRun {
        inputs,
        key_file,
        out: out.to_owned(),
        csv: options,
        progress: &progress,
    })
}

fn key_file(dir: &Path, digit: char) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.join(format!("key-{digit}"));
    std::fs::write(&path, digit.to_string().repeat(64)).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// The cells of a file that quotes nothing that is looked at here.
fn column(path: &Path, separator: char, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let place = lines
        .next()
        .unwrap()
        .split(separator)
        .position(|header| header == name)
        .unwrap();
    lines
        .map(|line| line.split(separator).nth(place).unwrap().to_owned())
        .collect()
}

/// The bundled table as a workbook of texts; numbers and days are typed by the schema, as those of CSV are.
fn workbook(csv: &Path, to: &Path) {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().set_name("说明").unwrap();
    let sheet = book.add_worksheet().set_name("数据").unwrap();
    let source = Source::file(csv).unwrap();
    let written = found(&source, EncodingChoice::Auto, None).unwrap();
    let batches = TextBatches::open(&source, written).unwrap();
    for (column, field) in batches.schema().fields().iter().enumerate() {
        sheet.write_string(0, column as u16, field.name()).unwrap();
    }
    let mut first = 1;
    for batch in batches {
        let batch = batch.unwrap();
        for (column, cells) in batch.columns().iter().enumerate() {
            let cells = cells.as_any().downcast_ref::<StringArray>().unwrap();
            for (row, cell) in (first..).zip(cells) {
                if let Some(cell) = cell {
                    sheet.write_string(row, column as u16, cell).unwrap();
                }
            }
        }
        first += batch.num_rows() as u32;
    }
    book.save(to).unwrap();
}

#[test]
fn a_spreadsheet_gives_the_sample_that_its_csv_gives() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    workbook(&fixture("data/persons.csv"), &at("persons.xlsx"));
    let key = key_file(directory.path(), '7');
    let mut inputs = medical();
    inputs.reading = Reading::default();
    sample(inputs.clone(), Some(key.clone()), &at("csv")).unwrap();
    inputs.files = vec![
        ("persons".to_owned(), at("persons.xlsx")),
        ("claims".to_owned(), fixture("data/claims.csv")),
    ];
    let unnamed = sample(inputs.clone(), Some(key.clone()), &at("none")).unwrap_err();
    assert!(unnamed.to_string().contains("name one sheet"), "{unnamed}");
    inputs.reading.sheet = Some("数据".to_owned());
    sample(inputs, Some(key), &at("sheet")).unwrap();
    for name in ["ybj.persons.csv", "ybj.claims.csv", "ybj.persons.parquet"] {
        let read = |from: &str| std::fs::read(at(from).join(name)).unwrap();
        assert!(read("csv") == read("sheet"), "{name}");
    }
}

#[test]
fn the_census_sample_has_the_classes_that_an_independent_count_finds() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/arx/adult/adult.csv");
    if !data.exists() {
        println!("SKIPPED: {} is not there", data.display());
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let inputs = Inputs {
        files: vec![("adult".to_owned(), data.clone())],
        schemas: vec![fixture("schemas/adult.yaml")],
        policy: fixture("policies/adult.yaml"),
        reading: csv(b';'),
    };
    let made = sample(inputs, None, out.path()).unwrap();

    // Every quasi column that the recipe does not make constant, age in steps of twenty.
    let shown = ["sex", "age", "race", "marital-status", "education"];
    let columns: Vec<Vec<String>> = shown.iter().map(|name| column(&data, ';', name)).collect();
    let mut classes: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    for row in 0..columns[0].len() {
        let class = shown
            .iter()
            .zip(&columns)
            .map(|(name, column)| match *name {
                "age" => (column[row].parse::<u64>().unwrap() / 20 * 20).to_string(),
                _ => column[row].clone(),
            });
        *classes.entry(class.collect()).or_default() += 1;
    }
    let found = &made.report.risk().population;
    assert_eq!(found.units, columns[0].len() as u64);
    assert_eq!(found.classes, classes.len() as u64);
    assert_eq!(
        found.uniques,
        classes.values().filter(|size| **size == 1).count() as u64
    );
    for line in &found.distribution {
        let same = classes.values().filter(|size| **size == line.size).count() as u64;
        assert_eq!(line.classes, same, "classes of {}", line.size);
    }

    // Nobody who was released stands in a class of fewer than five of the population.
    let released = out.path().join("census.adult.csv");
    let columns: Vec<Vec<String>> = shown
        .iter()
        .map(|name| column(&released, ',', name))
        .collect();
    assert!(columns[0].len() > 2000, "{} rows", columns[0].len());
    for row in 0..columns[0].len() {
        let class: Vec<String> = columns.iter().map(|column| column[row].clone()).collect();
        assert!(classes[&class] >= 5, "a class of {}", classes[&class]);
    }
    let after = made.report.risk().after.as_ref().unwrap();
    assert_eq!(after.classes.units, columns[0].len() as u64);
}

#[test]
fn the_same_key_gives_the_same_bytes_and_another_key_another_sample() {
    let keys = tempfile::tempdir().unwrap();
    let draw = |digit: char| {
        let out = tempfile::tempdir().unwrap();
        let made = sample(medical(), Some(key_file(keys.path(), digit)), out.path()).unwrap();
        made.files
            .iter()
            .map(|file| file.digest)
            .collect::<Vec<_>>()
    };
    let (first, second, other) = (draw('1'), draw('1'), draw('2'));
    assert_eq!(first, second);
    assert!(first.iter().zip(&other).all(|(a, b)| a != b));
}

#[test]
fn the_same_persons_are_drawn_in_both_tables_and_still_join() {
    let out = tempfile::tempdir().unwrap();
    let made = sample(medical(), None, out.path()).unwrap();
    let persons = column(&out.path().join("ybj.persons.csv"), ',', "resident_id");
    let claims = column(&out.path().join("ybj.claims.csv"), ',', "resident_id");
    let known: BTreeSet<&String> = persons.iter().collect();
    assert_eq!(known.len(), persons.len(), "one row per person");
    assert!(claims.len() > persons.len());
    assert!(
        claims.iter().all(|id| known.contains(id)),
        "every claim finds its person"
    );

    // A marked surrogate is nobody's: none of the source's ids is among them.
    let source: BTreeSet<String> = column(&fixture("data/persons.csv"), ',', "resident_id")
        .into_iter()
        .collect();
    assert!(
        persons
            .iter()
            .all(|id| id.len() == 18 && !source.contains(id))
    );
    let released: Vec<_> = made.report.rows_released().collect();
    assert_eq!(
        released,
        [
            ("ybj/persons", persons.len() as u64),
            ("ybj/claims", claims.len() as u64)
        ]
    );
}

#[test]
fn rows_max_holds_in_every_table() {
    let dir = tempfile::tempdir().unwrap();
    let policy = std::fs::read_to_string(fixture("policies/medical.yaml")).unwrap();
    let path = dir.path().join("policy.yaml");
    std::fs::write(&path, policy.replace("rows_max: 100_000", "rows_max: 300")).unwrap();
    let inputs = Inputs {
        policy: path,
        ..medical()
    };
    let made = sample(inputs, None, &dir.path().join("out")).unwrap();
    for (dataset, rows) in made.report.rows_released() {
        assert!(rows <= 300, "{dataset}: {rows}");
    }
}

#[test]
fn a_refused_sample_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let policy = std::fs::read_to_string(fixture("policies/medical.yaml")).unwrap();
    let path = dir.path().join("policy.yaml");
    std::fs::write(&path, policy.replace("k_map: 5", "k_map: 900")).unwrap();
    let out = dir.path().join("out");
    let refused = sample(
        Inputs {
            policy: path,
            ..medical()
        },
        None,
        &out,
    )
    .unwrap_err();
    assert!(refused.to_string().contains("suppress_max"), "{refused}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0);
}

#[test]
fn uniform_draws_exactly_the_share_before_suppression() {
    let dir = tempfile::tempdir().unwrap();
    let policy = std::fs::read_to_string(fixture("policies/medical.yaml")).unwrap();
    let policy = policy
        .replace("method: consistent", "method: uniform")
        .replace("suppress_max: 0.15", "suppress_max: 1");
    let path = dir.path().join("policy.yaml");
    std::fs::write(&path, policy).unwrap();
    let made = sample(
        Inputs {
            policy: path,
            ..medical()
        },
        None,
        &dir.path().join("out"),
    )
    .unwrap();
    let drawn = made.report.risk().before.classes.units;
    let (_, persons) = made.report.rows_released().next().unwrap();
    assert!(
        persons <= 400 && drawn >= 400,
        "{persons} of 2,000 persons, {drawn} units in both tables"
    );
}

#[test]
fn inputs_are_matched_by_name_and_misses_are_told() {
    let out = tempfile::tempdir().unwrap();
    let check = |files: Vec<(&str, &str)>, expect: &str| {
        let files = files
            .into_iter()
            .map(|(name, file)| (name.to_owned(), fixture(file)))
            .collect();
        let error = sample(Inputs { files, ..medical() }, None, out.path())
            .unwrap_err()
            .to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(
        vec![("persons", "data/persons.csv")],
        "data set `ybj/claims` has no file",
    );
    check(
        vec![("patients", "data/persons.csv")],
        "no data set `patients`",
    );
    check(
        vec![
            ("persons", "data/persons.csv"),
            ("ybj/persons", "data/persons.csv"),
        ],
        "given twice",
    );
    check(
        vec![
            ("persons", "data/claims.csv"),
            ("claims", "data/claims.csv"),
        ],
        "name",
    );
}

#[test]
fn a_policy_that_wants_one_way_samples_takes_no_key() {
    let directory = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(fixture("policies/medical.yaml")).unwrap();
    let policy = directory.path().join("policy.yaml");
    std::fs::write(
        &policy,
        text.replace("sample: { method", "sample: { one_way: true, method"),
    )
    .unwrap();
    let inputs = || Inputs {
        policy: policy.clone(),
        ..medical()
    };
    let out = directory.path().join("out");
    let refused = sample(inputs(), Some(key_file(directory.path(), '7')), &out).unwrap_err();
    assert!(refused.to_string().contains("one_way: true"), "{refused}");
    assert!(!out.exists());
    sample(inputs(), None, &out).unwrap();
}
