//! Real workbooks, written by a library of others.

use std::io::Write as _;
use std::path::PathBuf;

use arrow::array::StringArray;
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Formula, Workbook};

use super::*;
use crate::intake::{Found, Intake, TextBatches};
use crate::keys::UnitKey;

/// A workbook in a file that removes itself.
fn saved(fill: impl FnOnce(&mut Workbook)) -> tempfile::NamedTempFile {
    let mut book = Workbook::new();
    fill(&mut book);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&book.save_to_buffer().unwrap()).unwrap();
    file
}

fn read_as(
    file: &tempfile::NamedTempFile,
    sheet: Option<&str>,
    strictness: Strictness,
) -> Result<Sheet, IntakeError> {
    let scratch: PathBuf = std::env::temp_dir();
    let request = SheetRequest {
        sheet,
        strictness,
        schema: None,
        scratch: &scratch,
    };
    Sheet::read(&Source::file(file.path()).unwrap(), &request)
}

/// Header and cells, as the reader of CSV gives them.
fn cells(sheet: &Sheet) -> Vec<Vec<Option<String>>> {
    let found = Found {
        encoding: Encoding::Utf8,
        separator: b',',
    };
    let batches = TextBatches::open(&sheet.source(), found).unwrap();
    let header = batches
        .schema()
        .fields()
        .iter()
        .map(|field| Some(field.name().clone()))
        .collect();
    let mut rows = vec![header];
    for batch in batches {
        let batch = batch.unwrap();
        for row in 0..batch.num_rows() {
            let cell = |column: &arrow::array::ArrayRef| {
                let column = column.as_any().downcast_ref::<StringArray>().unwrap();
                column.iter().nth(row).unwrap().map(str::to_owned)
            };
            rows.push(batch.columns().iter().map(cell).collect());
        }
    }
    rows
}

fn texts(rows: &[&[&str]]) -> Vec<Vec<Option<String>>> {
    let cell = |text: &&str| (!text.is_empty()).then(|| (*text).to_owned());
    rows.iter()
        .map(|row| row.iter().map(cell).collect())
        .collect()
}

#[test]
fn a_sheet_reads_like_the_csv_that_a_person_sees() {
    let day = CellFormat::new().set_num_format("yyyy-mm-dd");
    let time = CellFormat::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let file = saved(|book| {
        let sheet = book.add_worksheet().set_name("患者").unwrap();
        for (column, name) in ["身份证号", "姓名", "入院", "出院", "费用", "次数", "在院"]
            .iter()
            .enumerate()
        {
            sheet.write_string(1, column as u16 + 1, *name).unwrap();
        }
        sheet.write_string(2, 1, "11010519491231002X").unwrap();
        sheet.write_string(2, 2, "王,\"伟\"\n").unwrap();
        let at = |text| ExcelDateTime::parse_from_str(text).unwrap();
        sheet
            .write_datetime_with_format(2, 3, at("2025-01-31"), &day)
            .unwrap();
        sheet
            .write_datetime_with_format(2, 4, at("2025-02-01T08:30:00"), &time)
            .unwrap();
        sheet.write_number(2, 5, 1234.5).unwrap();
        sheet.write_number(2, 6, 3).unwrap();
        sheet.write_boolean(2, 7, true).unwrap();
        // A blank row, then one with a single cell.
        sheet
            .write_formula(4, 6, Formula::new("=1+1").set_result("2"))
            .unwrap();
    });
    let sheet = read_as(&file, None, Strictness::Refuse).unwrap();
    assert_eq!(sheet.name(), "患者");
    let expect = texts(&[
        &["身份证号", "姓名", "入院", "出院", "费用", "次数", "在院"],
        &[
            "11010519491231002X",
            "王,\"伟\"\n",
            "2025-01-31",
            "2025-02-01 08:30:00",
            "1234.5",
            "3",
            "true",
        ],
        &["", "", "", "", "", "2", ""],
    ]);
    assert_eq!(cells(&sheet), expect);
}

#[test]
fn an_id_that_became_a_number_is_refused_by_its_place() {
    let file = saved(|book| {
        let sheet = book.add_worksheet().set_name("Sheet1").unwrap();
        sheet.write_string(0, 0, "id").unwrap();
        sheet.write_string(1, 0, "11010519491231002X").unwrap();
        sheet
            .write_number(2, 0, 440_524_188_001_010_014_u64 as f64)
            .unwrap();
    });
    let error = read_as(&file, None, Strictness::Refuse)
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("sheet `Sheet1`, row 3, column A") && error.contains("15 digits"),
        "{error}"
    );
    assert!(!error.contains("4405"), "{error}");
    let counted = read_as(&file, None, Strictness::Count).unwrap();
    assert_eq!(
        counted.lost(),
        [Lost {
            column: "id".to_owned(),
            digits: 1,
            errors: 0
        }]
    );
    assert_eq!(
        cells(&counted),
        texts(&[&["id"], &["11010519491231002X"], &[""]])
    );
}

#[test]
fn of_several_sheets_one_is_named() {
    let file = saved(|book| {
        for name in ["一", "二"] {
            book.add_worksheet()
                .set_name(name)
                .unwrap()
                .write_string(0, 0, name)
                .unwrap();
        }
        book.add_worksheet()
            .set_name("hidden")
            .unwrap()
            .set_hidden(true);
    });
    let error = read_as(&file, None, Strictness::Refuse)
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("`一`, `二`"), "{error}");
    assert_eq!(
        cells(&read_as(&file, Some("二"), Strictness::Refuse).unwrap()),
        texts(&[&["二"]])
    );
    assert!(matches!(
        read_as(&file, Some("三"), Strictness::Refuse),
        Err(IntakeError::WhichSheet { .. })
    ));
}

#[test]
fn what_stands_beside_the_table_is_refused() {
    let file = saved(|book| {
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "title").unwrap();
        sheet.write_string(1, 0, "a").unwrap();
        sheet.write_string(1, 1, "b").unwrap();
    });
    let error = read_as(&file, None, Strictness::Refuse)
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("row 2, column B") && error.contains("title above"),
        "{error}"
    );
}

#[test]
fn what_is_no_spreadsheet_is_refused() {
    let check = |bytes: &[u8], expect: &str| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let error = read_as(&file, None, Strictness::Refuse)
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(b"", "not a readable");
    check(b"a,b\n", "not a readable");
    check(b"PK\x03\x04 and nothing behind it", "not a readable");
    check(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1], "password");
}

/// A container of one part that unpacks to a thousand times its bytes, and says so falsely.
#[test]
fn a_bomb_is_counted_before_it_is_read() {
    const UNPACKED: u64 = 8 << 20;
    let mut container = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated);
    container
        .start_file("xl/worksheets/sheet1.xml", options)
        .unwrap();
    for _ in 0..UNPACKED >> 20 {
        container.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let mut bytes = container.finish().unwrap().into_inner();
    assert!((bytes.len() as u64) < UNPACKED / 100);
    let refused = |bytes: &[u8], most| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        container::within(&Source::file(file.path()).unwrap(), most)
    };
    assert!(refused(&bytes, UNPACKED).is_ok());
    assert!(matches!(
        refused(&bytes, UNPACKED - 1),
        Err(IntakeError::SpreadsheetTooLarge)
    ));
    // The directory at the end says ten bytes.
    let told = (UNPACKED as u32).to_le_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| bytes[*at..at + 4] == told)
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert!(refused(&bytes, UNPACKED - 1).is_err());
}

#[test]
fn a_schema_types_the_cells_and_faults_name_the_row() {
    let day = CellFormat::new().set_num_format("yyyy-mm-dd");
    let file = saved(|book| {
        let sheet = book.add_worksheet().set_name("S").unwrap();
        sheet.write_string(0, 0, "at").unwrap();
        sheet.write_string(0, 1, "n").unwrap();
        let at = ExcelDateTime::parse_from_str("2025-01-31").unwrap();
        sheet.write_datetime_with_format(1, 0, at, &day).unwrap();
        sheet.write_number(1, 1, 5).unwrap();
        sheet.write_string(6, 1, "canary").unwrap();
    });
    let schema = "dataset: a/b\ncolumns:\n  at: { type: timestamp, level: general-1, kind: other }\n  n: { type: integer, level: general-1, kind: other }\n";
    let schema = DatasetSchema::parse("s", schema).unwrap();
    let scratch = std::env::temp_dir();
    let request = SheetRequest {
        sheet: None,
        strictness: Strictness::Refuse,
        schema: Some(&schema),
        scratch: &scratch,
    };
    let sheet = Sheet::read(&Source::file(file.path()).unwrap(), &request).unwrap();
    assert!(
        cells(&sheet)
            .concat()
            .contains(&Some("2025-01-31 00:00:00".to_owned()))
    );
    let units = UnitKey::ephemeral().unwrap();
    let mut intake = Intake::open(sheet.source(), Sheet::format(), &schema, &units).unwrap();
    let error = sheet.place(intake.next().unwrap().unwrap_err()).to_string();
    assert!(
        error.starts_with("sheet `S`, row 7: column `n`, record 2: the value is not an integer"),
        "{error}"
    );
    assert!(!error.contains("canary"), "{error}");
}
