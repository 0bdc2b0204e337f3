//! What is taken in and what is refused, by one table of bad input each.

mod parquet;
mod twin;

use std::io::Write;

use ::arrow::array::{AsArray, Int64Array};
use ::arrow::datatypes::{Decimal128Type, Int64Type, UInt64Type};
use encoding_rs::GB18030;

use super::*;
use crate::keys::SourceSalt;
use parquet::{money, parquet_file, strings};

const CSV: Format = Format::Csv {
    encoding: EncodingChoice::Auto,
    separator: Some(b','),
};

const PERSONS: &str = "
dataset: ybj/persons
units:
  person: { column: id, form: resident-id }
columns:
  id:     { type: text, level: general-4, kind: direct }
  age:    { type: integer, level: general-2, kind: quasi }
  amount: { type: 'decimal(7,2)', nullable: false, level: general-3, kind: sensitive }
";

fn key() -> UnitKey {
    UnitKey::from_key(crate::keys::SecretKey::from_slice(&[9; 32]).unwrap())
}

fn source(bytes: &[u8]) -> Source {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    Source::file(file.path()).unwrap()
}

fn schema(text: &str) -> DatasetSchema {
    DatasetSchema::parse("schema.yaml", text).unwrap()
}

fn take(bytes: &[u8], format: Format, text: &str) -> Result<Vec<RecordBatch>, IntakeError> {
    Intake::open(source(bytes), format, &schema(text), &key())?.collect()
}

/// Asserts that the file is refused with this text, and that the text holds none of its longer cells.
fn refused(bytes: &[u8], format: Format, text: &str, expect: &str) {
    let error = take(bytes, format, text).unwrap_err();
    assert_eq!(error.to_string(), expect);
    let source = std::error::Error::source(&error).map(ToString::to_string);
    for shown in [
        error.to_string(),
        format!("{error:?}"),
        source.unwrap_or_default(),
    ] {
        assert!(!shown.contains("CANARY"), "a value is shown: {shown}");
    }
}

#[test]
fn bad_csv() {
    let check = |rest: &str, expect: &str| refused(rest.as_bytes(), CSV, PERSONS, expect);
    check(
        "",
        "the file is empty; its first line must name the columns",
    );
    check(
        "\n\n",
        "the file is empty; its first line must name the columns",
    );
    check(
        "id,age\nCANARY,1\n",
        "the file has no column `amount`; add it or take it out of the schema",
    );
    check(
        "id;age;amount\nCANARY;1;2\n",
        "the file has no column `id`, `age`, `amount`; add it or take it out of the schema (the header has one column only: is the separator right?)",
    );
    check(
        "id,age,amount,phone,mail\n",
        "column `phone`, `mail` of the file has no type and label in the schema; every column needs both",
    );
    check("id,age,amount,age\n", "the header names column `age` twice");
    check("id,,amount\n", "column 2 of the header has no name");
    check(
        "id,age,amount\nCANARY,1,1\nCANARY,1\n",
        "record 2 (line 3) has 2 fields, the header has 3; check separator and quotation marks",
    );
    check(
        "id,age,amount\nCANARY,1,1,CANARY,CANARY,CANARY\n",
        "record 1 (line 2) has 4 fields, the header has 3; check separator and quotation marks",
    );
    check(
        "id,age,amount\n\"a\nb\",1,1\n\"CANARY,1,1\nx,1,1\n",
        "record 2 (line 4) opens a quotation mark that the file never closes",
    );
    check(
        "id,age,amount\n\"CANARY\"x,1,1\n",
        "record 1 (line 2) has text after a closing quotation mark; write a quotation mark inside a field twice",
    );
    check(
        "id,age,amount\nx,1,1\nx,CANARY,1\n",
        "column `age`, record 2 (line 3): the value is not an integer of 64 bits (digits, with - where needed)",
    );
    check(
        "amount,id,age\n123456.78,x,1\n",
        "column `amount`, record 1 (line 2): the value is not a decimal(7,2): at most 5 digits before the point and 2 after it",
    );
    check(
        "id,age,amount\nx,1,\n",
        "column `amount`, record 1 (line 2): the cell is empty, but the schema says `nullable: false`",
    );
    check(
        "id,age,amount\nx,1,\"\"\n",
        "column `amount`, record 1 (line 2): the cell is empty, but the schema says `nullable: false`",
    );
    let long = format!("id,age,amount\n\"CANARY{}", "x".repeat(RECORD_BYTES_MAX));
    check(
        &long,
        "record 1 (line 2) is longer than 1048576 bytes; a quotation mark may be missing",
    );
    let wide: Vec<String> = (0..=FIELDS_MAX + 1).map(|i| format!("c{i}")).collect();
    check(&wide.join(","), "the header has more than 4096 columns");
}

#[test]
fn bad_encodings() {
    let utf8 = |text: &str| text.as_bytes().to_vec();
    let gb = |text: &str| GB18030.encode(text).0.into_owned();
    let head = "id,age,amount\n";
    let fixed = |encoding| Format::Csv {
        encoding: EncodingChoice::Fixed(encoding),
        separator: Some(b','),
    };
    let check = |bytes: &[u8], format, expect: &str| refused(bytes, format, PERSONS, expect);

    let wide = "the file is in UTF-16 or UTF-32; save it as UTF-8 (in a spreadsheet: `CSV UTF-8`)";
    let little: Vec<u8> = "\u{feff}id,age"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let big: Vec<u8> = "\u{feff}id,age"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    for format in [CSV, fixed(Encoding::Utf8), fixed(Encoding::Gb18030)] {
        check(&little, format.clone(), wide);
        check(&big, format.clone(), wide);
        let unmarked = &little[2..];
        check(
            unmarked,
            format,
            "byte 1 is 0: the file is binary, or UTF-16 without a mark; save it as UTF-8 (in a spreadsheet: `CSV UTF-8`)",
        );
    }
    // 0xff begins a character of neither encoding.
    let neither = [utf8(head), utf8("王"), vec![0xff], utf8(",1,1\n")].concat();
    check(
        &neither,
        CSV,
        "the file is neither UTF-8 (fails at byte 17) nor GB18030 (fails at byte 16); save it as UTF-8",
    );
    check(
        &neither,
        fixed(Encoding::Utf8),
        "byte 17 does not begin a character of utf-8; check the file there, or choose another encoding",
    );
    check(
        &[utf8(head), gb("王某,1,1\n")].concat(),
        fixed(Encoding::Utf8),
        "byte 14 does not begin a character of utf-8; check the file there, or choose another encoding",
    );
    let marked = [utf8("\u{feff}"), utf8(head), gb("王某,1,1\n")].concat();
    check(
        &marked,
        CSV,
        "byte 17 does not begin a character of utf-8; check the file there, or choose another encoding",
    );
    check(
        &[utf8(head), vec![0xe7, 0x8e]].concat(),
        fixed(Encoding::Utf8),
        "byte 14 does not begin a character of utf-8; check the file there, or choose another encoding",
    );
    // Far into the file, so that the offset crosses the reader's blocks.
    let far = [
        utf8(head),
        "某,1,1\n".repeat(40_000).into_bytes(),
        vec![0xff],
        utf8(",1,1\n"),
    ]
    .concat();
    let offset = head.len() + 40_000 * "某,1,1\n".len();
    check(
        &far,
        fixed(Encoding::Utf8),
        &format!(
            "byte {offset} does not begin a character of utf-8; check the file there, or choose another encoding"
        ),
    );
}

#[test]
fn the_encoding_is_found() {
    // Of the two-byte area, of the four-byte area, and one that GB 18030-2022 moved out of private use.
    let rows = "id,age,amount\n王某,1,1\n𠮷㐂,2,2\n\u{9fb4},3,3\n";
    let check = |bytes: Vec<u8>, expect: Encoding| {
        let intake = Intake::open(source(&bytes), CSV, &schema(PERSONS), &key()).unwrap();
        assert_eq!(
            (intake.encoding(), intake.separator()),
            (Some(expect), Some(','))
        );
        let batches: Vec<RecordBatch> = intake.collect::<Result<_, _>>().unwrap();
        let ids: Vec<_> = batches[0]
            .column(0)
            .as_string::<i32>()
            .iter()
            .map(|id| id.unwrap().to_owned())
            .collect();
        assert_eq!(ids, ["王某", "𠮷㐂", "\u{9fb4}"]);
    };
    check(rows.as_bytes().to_vec(), Encoding::Utf8);
    check(format!("\u{feff}{rows}").into_bytes(), Encoding::Utf8);
    check(GB18030.encode(rows).0.into_owned(), Encoding::Gb18030);
    let marked = GB18030.encode("\u{feff}").0.into_owned();
    check(
        [marked, GB18030.encode(rows).0.into_owned()].concat(),
        Encoding::Gb18030,
    );
    for (word, expect) in [
        ("auto", EncodingChoice::Auto),
        ("GBK", EncodingChoice::Fixed(Encoding::Gb18030)),
        ("utf-8", EncodingChoice::Fixed(Encoding::Utf8)),
    ] {
        assert_eq!(word.parse(), Ok(expect));
    }
    assert!("latin1".parse::<EncodingChoice>().is_err());
}

#[test]
fn cells_keep_what_they_say() {
    let text = "amount,id,age\r\n 1.50 ,007,\r\n2,\"\",\" 5 \"\r\n-3.00,,007\r\n4,\"a \"\"b\"\",\nc\",\"\"\r\n5, x ,0\r\n";
    let batches = take(text.as_bytes(), CSV, PERSONS).unwrap();
    let batch = &batches[0];
    let ids: Vec<_> = batch.column(0).as_string::<i32>().iter().collect();
    assert_eq!(
        ids,
        [
            Some("007"),
            Some(""),
            None,
            Some("a \"b\",\nc"),
            Some(" x ")
        ]
    );
    let ages: Vec<_> = batch.column(1).as_primitive::<Int64Type>().iter().collect();
    assert_eq!(ages, [None, Some(5), Some(7), None, Some(0)]);
    let amounts: Vec<_> = batch
        .column(2)
        .as_primitive::<Decimal128Type>()
        .iter()
        .collect();
    assert_eq!(amounts, [150, 200, -300, 400, 500].map(Some));
}

#[test]
fn separators_and_line_ends() {
    let rows = |text: &str, separator: u8| {
        let format = Format::Csv {
            encoding: EncodingChoice::Auto,
            separator: Some(separator),
        };
        take(text.as_bytes(), format, PERSONS)
            .unwrap()
            .iter()
            .map(RecordBatch::num_rows)
            .sum::<usize>()
    };
    assert_eq!(rows("id;age;amount\na,b;1;1\nc;2;2", b';'), 2);
    assert_eq!(
        rows("id\tage\tamount\r\na\t1\t1\r\n\r\nc\t2\t2\r\n\r\n", b'\t'),
        2
    );
    assert_eq!(rows("id|age|amount\ra|1|1\rc|2|2\r", b'|'), 2);
    assert_eq!(rows("id,age,amount\n", b','), 0);
    for separator in [b'"', b'\n', b'\r', 0, 0xe7] {
        let format = Format::Csv {
            encoding: EncodingChoice::Auto,
            separator: Some(separator),
        };
        assert!(matches!(
            take(b"id\n", format, PERSONS),
            Err(IntakeError::Separator)
        ));
    }
}

#[test]
fn a_unit_is_one_person_in_every_spelling_and_nobody_when_unreadable() {
    let text = "id,age,amount\n11010519491231002X,1,1\n11010519491231002x,1,1\n110105491231002,1,1\n,1,1\n110105194912310021,1,1\n\"\",1,1\n";
    let intake = Intake::open(source(text.as_bytes()), CSV, &schema(PERSONS), &key()).unwrap();
    let (fields, tally) = (intake.schema(), intake.tally());
    assert_eq!(fields.field(3).name(), "__unit_person");
    let batches: Vec<RecordBatch> = intake.collect::<Result<_, _>>().unwrap();
    assert_eq!(batches[0].schema(), fields);
    let units: Vec<_> = batches[0]
        .column(3)
        .as_primitive::<UInt64Type>()
        .iter()
        .collect();
    let person = key().numbering("person").number(b"11010519491231002X");
    assert_eq!(units, [person, person, person, None, None, None]);
    // The wrong check digit and the empty text were meant to name somebody; the empty cell was not.
    assert_eq!(tally.progress().rejected_cells, 2);
}

#[test]
fn rows_are_units_of_their_own_table() {
    let units = |dataset: &str, rows: usize| {
        let text = format!(
            "dataset: {dataset}\nunits:\n  person: row\ncolumns:\n  a: {{ type: text, level: general-1, kind: other }}\n"
        );
        let batches = take(format!("a\n{}", "x\n".repeat(rows)).as_bytes(), CSV, &text).unwrap();
        let units = batches
            .iter()
            .flat_map(|b| b.column(1).as_primitive::<UInt64Type>().values().to_vec());
        units.collect::<Vec<u64>>()
    };
    let one = units("a/x", BATCH_ROWS * 2 + 5);
    let distinct: std::collections::HashSet<_> =
        one.iter().chain(&units("a/y", 5)).copied().collect();
    assert_eq!(distinct.len(), BATCH_ROWS * 2 + 10);
    assert_eq!(units("a/x", 5), one[..5]);
}

#[test]
fn batches_are_bounded_and_progress_is_told() {
    let rows = BATCH_ROWS * 2 + 1;
    let text = format!("id,age,amount\n{}", "x,1,1\n".repeat(rows));
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let into = Arc::clone(&seen);
    let intake = Intake::open(source(text.as_bytes()), CSV, &schema(PERSONS), &key()).unwrap();
    let intake =
        intake.observed(move |progress| into.lock().unwrap().push((progress.rows, progress.bytes)));
    let sizes: Vec<_> = intake.map(|batch| batch.unwrap().num_rows()).collect();
    assert_eq!(sizes, [BATCH_ROWS, BATCH_ROWS, 1]);
    let seen = seen.lock().unwrap();
    assert_eq!(
        seen.iter().map(|(rows, _)| *rows).collect::<Vec<_>>(),
        [8192, 16384, 16385]
    );
    assert_eq!(seen[2].1, text.len() as u64);

    let wide = format!(
        "id,age,amount\n{}",
        format!("{},1,1\n", "x".repeat(1_000_000)).repeat(40)
    );
    let sizes: Vec<_> = take(wide.as_bytes(), CSV, PERSONS)
        .unwrap()
        .iter()
        .map(RecordBatch::num_rows)
        .collect();
    assert_eq!(sizes, [17, 17, 6]);
}

#[test]
fn a_spooled_upload_reads_like_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let text = format!("id,age,amount\n{}", "王某,1,1\n".repeat(30_000));
    let mut spool = Spool::create(dir.path(), &SourceSalt::ephemeral().unwrap()).unwrap();
    spool.write_all(text.as_bytes()).unwrap();
    let intake = Intake::open(
        Source::spool(spool.finish().unwrap()),
        CSV,
        &schema(PERSONS),
        &key(),
    )
    .unwrap();
    let spooled: Vec<RecordBatch> = intake.collect::<Result<_, _>>().unwrap();
    assert_eq!(spooled, take(text.as_bytes(), CSV, PERSONS).unwrap());

    let parquet = parquet_file(vec![
        ("id", strings(&["x"])),
        ("age", Arc::new(Int64Array::from(vec![1]))),
        ("amount", money(&[100], 2)),
    ]);
    let mut spool = Spool::create(dir.path(), &SourceSalt::ephemeral().unwrap()).unwrap();
    spool.write_all(&parquet).unwrap();
    let intake = Intake::open(
        Source::spool(spool.finish().unwrap()),
        Format::Parquet,
        &schema(PERSONS),
        &key(),
    )
    .unwrap();
    assert_eq!(
        intake.map(|batch| batch.unwrap().num_rows()).sum::<usize>(),
        1
    );
}
