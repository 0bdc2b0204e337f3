//! Files as strangers send them: what is found, and whether the drafts hold and read the same file again.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use rust_xlsxwriter::Workbook;

use super::*;
use crate::intake::{EncodingChoice, Format, Intake};
use crate::keys::UnitKey;
use crate::local::check_policy;

fn saved(ending: &str, bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(ending).tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn classified(file: &Path) -> Result<Classified, RunError> {
    classify(&ClassifyRun {
        file: file.to_owned(),
        reading: Reading::default(),
        dataset: "ybj/persons".parse().unwrap(),
        valid: ("2026-02-01".to_owned(), "2027-01-31".to_owned()),
        progress: &|_| {},
    })
}

fn persons() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/data/persons.csv")
}

/// The drafts of a file stand every check of a policy, and the schema reads the file that it was made of.
fn drafts_hold(made: &Classified, source: Source, format: Format) {
    let directory = tempfile::tempdir().unwrap();
    let (schema, policy) = (
        directory.path().join("schema.yaml"),
        directory.path().join("policy.yaml"),
    );
    std::fs::write(&schema, &made.schema).unwrap();
    std::fs::write(&policy, &made.policy).unwrap();
    let checked = check_policy(&policy, &[schema])
        .unwrap_or_else(|error| panic!("{error}\n{}\n{}", made.schema, made.policy));
    assert!(checked.samples && checked.results);
    let schema = DatasetSchema::parse("schema.yaml", &made.schema).unwrap();
    let intake = Intake::open(source, format, &schema, &UnitKey::ephemeral().unwrap()).unwrap();
    let rows: usize = intake.map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows as u64, made.rows);
}

#[test]
fn the_bundled_register_is_read_as_what_it_is() {
    let made = classified(&persons()).unwrap();
    let found: Vec<(&str, &str, &str)> = made
        .columns
        .iter()
        .map(|c| {
            (
                c.column.as_str(),
                c.semantic.as_str(),
                c.column_type.as_str(),
            )
        })
        .collect();
    let expect = [
        ("resident_id", "resident-id", "text"),
        ("name", "person-name", "text"),
        ("sex", "sex", "text"),
        ("birth_date", "birth-date", "date"),
        ("age", "age", "integer"),
        ("mobile", "mobile", "text"),
        ("card_no", "code", "text"),
        ("prefecture", "region", "text"),
        ("county_code", "region", "text"),
        ("address", "address", "text"),
    ];
    assert_eq!(found, expect);
    assert_eq!(
        (made.rows, made.separator, made.encoding.as_deref()),
        (2_000, Some(','), Some("utf-8"))
    );
    drafts_hold(&made, Source::file(&persons()).unwrap(), Format::default());
}

#[test]
fn drafts_and_findings_hold_no_value() {
    let made = classified(&persons()).unwrap();
    let told = format!(
        "{}{}{}",
        made.schema,
        made.policy,
        serde_json::to_string(&made.columns).unwrap()
    );
    for row in std::fs::read_to_string(persons()).unwrap().lines().skip(1) {
        for cell in row.split(',').filter(|cell| cell.chars().count() > 6) {
            assert!(!told.contains(cell), "{cell}");
        }
    }
}

#[test]
fn a_semicolon_file_in_gb18030_with_odd_names_is_read() {
    let text = "编号;\"say \"\"no\"\"\";no;c 4\n007;2025-01-31 08:00;是;1,5\n008;2025-02-01 09:30;否;2,5\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    let file = saved(".csv", &bytes);
    let made = classified(file.path()).unwrap();
    assert_eq!(
        (made.separator, made.encoding.as_deref()),
        (Some(';'), Some("gb18030"))
    );
    let types: Vec<&str> = made
        .columns
        .iter()
        .map(|column| column.column_type.as_str())
        .collect();
    assert_eq!(types, ["text", "timestamp", "boolean", "text"]);
    let format = Format::Csv {
        encoding: EncodingChoice::Auto,
        separator: Some(b';'),
    };
    drafts_hold(&made, Source::file(file.path()).unwrap(), format);
}

#[test]
fn a_spreadsheet_is_read_and_lost_digits_are_told() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("企业").unwrap();
    for (column, name) in ["TYSHXYDM", "YHKH", "n"].iter().enumerate() {
        sheet.write_string(0, column as u16, *name).unwrap();
    }
    for row in 1..=60 {
        let codes = [
            "91440300MA5H8REU3K",
            "91440300MA5DLQQW0F",
            "91110108MA01G0FB09",
        ];
        sheet.write_string(row, 0, codes[row as usize % 3]).unwrap();
        sheet
            .write_number(row, 1, 6_222_021_234_567_890_000.0)
            .unwrap();
        sheet.write_number(row, 2, row).unwrap();
    }
    let file = saved(".xlsx", &book.save_to_buffer().unwrap());
    let made = classified(file.path()).unwrap();
    assert_eq!((made.sheet.as_deref(), made.rows), (Some("企业"), 60));
    assert_eq!(made.columns[0].semantic, "credit-code");
    assert!(
        made.schema
            .contains("units: { enterprise: { column: TYSHXYDM, form: text } }"),
        "{}",
        made.schema
    );
    let card = &made.columns[1];
    assert!(card.reasons.iter().any(|reason| {
        reason
            .en
            .contains("60 cells are numbers of more than 15 digits")
    }));
    assert_eq!(card.kind, "direct");
    assert_eq!(made.columns[2].column_type, "integer");
}

/// Types are the file's own, so that the draft reads it: an amount in text stays text, ids as numbers are suppressed.
#[test]
fn a_parquet_file_keeps_its_own_types() {
    use arrow::array::{ArrayRef, Date32Array, Int64Array, StringArray};
    let text = |of: &dyn Fn(i64) -> String| -> ArrayRef {
        Arc::new((0..60).map(|at| Some(of(at))).collect::<StringArray>())
    };
    let batch = RecordBatch::try_from_iter([
        ("plate", text(&|at| format!("新A{:05}", at * 1_237))),
        ("fee", text(&|at| format!("{}.50", at))),
        (
            "day",
            Arc::new(Date32Array::from_iter_values(20_000..20_060)) as ArrayRef,
        ),
        (
            "phone",
            Arc::new(Int64Array::from_iter_values(
                (0..60).map(|at| 13_900_000_000 + at * 77_777_777),
            )) as ArrayRef,
        ),
    ])
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let file = saved(".parquet", &bytes);
    let made = classified(file.path()).unwrap();
    let found: Vec<(&str, &str)> = made
        .columns
        .iter()
        .map(|column| (column.semantic.as_str(), column.column_type.as_str()))
        .collect();
    let expect = [
        ("plate", "text"),
        ("amount", "text"),
        ("date", "date"),
        ("mobile", "integer"),
    ];
    assert_eq!(found, expect);
    assert_eq!(made.columns[3].technique, "\"null\"");
    drafts_hold(&made, Source::file(file.path()).unwrap(), Format::Parquet);
}

/// Values in the place of names would stand in the drafts.
#[test]
fn a_file_without_a_header_is_noticed() {
    let check = |text: &str, position: Option<&str>| {
        let file = saved(".csv", text.as_bytes());
        match (classified(file.path()), position) {
            (Err(RunError::Inputs(error)), Some(position)) => {
                assert!(error.contains(position), "{error}");
                assert!(!error.contains("1101"), "{error}");
            }
            (found, None) => assert!(found.is_ok(), "{text}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    };
    check("no,11010519491231002X\n1,2\n", Some("column 2"));
    check("1234567,2025-01-31,王伟\n1,2,3\n", Some("columns 1, 2"));
    check("地区,2022,2023\na,1,2\n", None);
    check("id,q1,q2\na,1,2\n", None);
}

#[test]
fn what_cannot_be_drafted_or_read_is_refused() {
    let reserved = saved(".csv", b"__unit_x,b\n1,2\n");
    assert!(matches!(
        classified(reserved.path()),
        Err(RunError::Faults(_))
    ));
    let parquet = saved(".parquet", b"PAR1");
    assert!(matches!(
        classified(parquet.path()),
        Err(RunError::Intake { .. })
    ));
    let broken = saved(".csv", b"a,b\n1\n");
    let error = classified(broken.path()).unwrap_err().to_string();
    assert!(error.contains("record 1"), "{error}");
}

#[test]
fn a_draft_is_valid_for_a_year() {
    let check = |seconds, expect: (&str, &str)| {
        let now = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        let (from, until) = term(now).unwrap();
        assert_eq!((from.as_str(), until.as_str()), expect);
    };
    check(0, ("1970-01-01", "1970-12-31"));
    check(951_782_400, ("2000-02-29", "2001-02-27"));
}

#[test]
fn a_decimal_column_is_drafted_as_one() {
    let file = saved(".csv", b"no,amount\n1,12.50\n2,7.25\n3,100.00\n");
    let made = classified(file.path()).unwrap();
    assert!(made.columns[1].column_type.starts_with("decimal("));
    let source = Source::file(file.path()).unwrap();
    drafts_hold(&made, source, Format::default());
}
