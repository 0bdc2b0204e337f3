//! Released files: exact bytes, the same for the same batches, and whole or not there.

use std::convert::Infallible;
use std::fs;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, NullArray,
    StringArray, TimestampMicrosecondArray,
};
use arrow::compute::concat_batches;
use policy::DatasetSchema;
use proptest::prelude::*;

use super::*;
use crate::intake::{EncodingChoice, Format, Intake, Source};
use crate::keys::UnitKey;

const FORMATS: [FileFormat; 3] = [
    FileFormat::Parquet,
    FileFormat::Csv(CsvOptions {
        mark: true,
        separator: b',',
    }),
    FileFormat::ArrowStream,
];

fn table() -> RecordBatch {
    let amounts = Decimal128Array::from(vec![Some(150), Some(-5), None])
        .with_precision_and_scale(20, 2)
        .unwrap();
    let columns: [(&str, ArrayRef); 7] = [
        (
            "名称",
            Arc::new(StringArray::from(vec![Some("a,\"b\"\nc"), Some(""), None])),
        ),
        (
            "n",
            Arc::new(Int64Array::from(vec![Some(i64::MIN), Some(0), None])),
        ),
        (
            "f",
            Arc::new(Float64Array::from(vec![Some(0.1), Some(1e300), None])),
        ),
        ("amount", Arc::new(amounts)),
        (
            "day",
            Arc::new(Date32Array::from(vec![Some(11016), Some(-1), None])),
        ),
        (
            "at",
            Arc::new(TimestampMicrosecondArray::from(vec![
                Some(0),
                Some(-1),
                None,
            ])),
        ),
        (
            "ok",
            Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .unwrap()
}

fn write(dir: &Path, name: &str, format: FileFormat, batches: &[RecordBatch]) -> WrittenFile {
    let schema = batches[0].schema();
    write_file(
        dir,
        name,
        format,
        &schema,
        batches.iter().cloned().map(Ok::<_, Infallible>),
    )
    .unwrap()
}

#[test]
fn csv_says_exactly_what_the_cells_say() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), "t.csv", FORMATS[1], &[table()]);
    let big = format!("1{}", "0".repeat(300));
    let expect = format!(
        "\u{feff}名称,n,f,amount,day,at,ok\r\n\"a,\"\"b\"\"\nc\",-9223372036854775808,0.1,1.50,2000-02-29,1970-01-01 00:00:00,true\r\n\"\",0,{big},-0.05,1969-12-31,1969-12-31 23:59:59.999999,false\r\n,,,,,,\r\n"
    );
    let bytes = fs::read(&written.path).unwrap();
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), expect);
    assert_eq!(
        (written.rows, written.bytes, written.digest),
        (3, bytes.len() as u64, Digest::of(&bytes))
    );

    let options = CsvOptions {
        mark: false,
        separator: b';',
    };
    let plain = write(dir.path(), "t.csv", FileFormat::Csv(options), &[table()]);
    assert!(
        fs::read_to_string(plain.path)
            .unwrap()
            .starts_with("名称;n;f;")
    );
}

#[test]
fn the_same_batches_are_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let digest = |name: &str| write(dir.path(), name, format, &[table(), table()]).digest;
        assert_eq!(digest("a"), digest("b"), "{format:?}");
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert_eq!(digest("a"), digest("c"), "{format:?}");
    }
}

#[test]
fn metadata_of_columns_is_not_released() {
    let dir = tempfile::tempdir().unwrap();
    let field = Field::new("a", ::arrow::datatypes::DataType::Int64, true)
        .with_metadata([("made".to_owned(), "by-canary".to_owned())].into());
    let schema = Arc::new(Schema::new_with_metadata(
        vec![field],
        [("host".to_owned(), "canary".to_owned())].into(),
    ));
    let batch = RecordBatch::try_new(schema, vec![Arc::new(Int64Array::from(vec![1]))]).unwrap();
    for format in FORMATS {
        let bytes =
            fs::read(write(dir.path(), "a", format, std::slice::from_ref(&batch)).path).unwrap();
        assert!(
            !bytes.windows(6).any(|window| window == b"canary"),
            "{format:?}"
        );
    }
}

#[test]
fn parquet_and_arrow_read_back() {
    let dir = tempfile::tempdir().unwrap();
    let parquet = write(dir.path(), "t.parquet", FileFormat::Parquet, &[table()]);
    let reader = ::parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(
        fs::File::open(parquet.path).unwrap(),
        100,
    )
    .unwrap();
    assert_eq!(reader.map(Result::unwrap).collect::<Vec<_>>(), [table()]);
    let stream = write(dir.path(), "t.arrows", FileFormat::ArrowStream, &[table()]);
    let reader =
        ::arrow::ipc::reader::StreamReader::try_new(fs::File::open(stream.path).unwrap(), None)
            .unwrap();
    assert_eq!(reader.map(Result::unwrap).collect::<Vec<_>>(), [table()]);
}

#[test]
fn a_failed_write_leaves_what_was_there() {
    let dir = tempfile::tempdir().unwrap();
    for format in FORMATS {
        fs::write(dir.path().join("t"), b"before").unwrap();
        let failing = [Ok(table()), Err("stopped")];
        let error = write_file(dir.path(), "t", format, &table().schema(), failing).unwrap_err();
        assert!(matches!(error, FileError::Batches("stopped")));
        assert_eq!(fs::read(dir.path().join("t")).unwrap(), b"before");
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            1,
            "{format:?} left a temporary file"
        );
    }
    let nulls =
        RecordBatch::try_from_iter([("x", Arc::new(NullArray::new(1)) as ArrayRef)]).unwrap();
    let error = write_file(
        dir.path(),
        "n",
        FORMATS[1],
        &nulls.schema(),
        [Ok::<_, Infallible>(nulls)],
    )
    .unwrap_err();
    assert!(matches!(error, FileError::ColumnType { column } if column == "x"));
    let nowhere = dir.path().join("absent");
    assert!(matches!(
        write_file(
            &nowhere,
            "t",
            FORMATS[1],
            &table().schema(),
            [Ok::<_, Infallible>(table())]
        ),
        Err(FileError::Write { .. })
    ));
}

const SCHEMA: &str = "
dataset: a/b
columns:
  t: { type: text, level: general-1, kind: other }
  n: { type: integer, level: general-1, kind: other }
  f: { type: float, level: general-1, kind: other }
  d: { type: date, level: general-1, kind: other }
  at: { type: timestamp, level: general-1, kind: other }
  m: { type: 'decimal(12,3)', level: general-1, kind: other }
  b: { type: boolean, level: general-1, kind: other }
";

type Cells = (
    Option<String>,
    Option<i64>,
    Option<f64>,
    Option<i32>,
    Option<i64>,
    Option<i64>,
    Option<bool>,
);

fn batch_of(rows: &[Cells]) -> RecordBatch {
    let schema = crate::intake::arrow_schema(&DatasetSchema::parse("s", SCHEMA).unwrap());
    let decimals: Decimal128Array = rows.iter().map(|row| row.5.map(i128::from)).collect();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(
            rows.iter()
                .map(|row| row.0.clone())
                .collect::<StringArray>(),
        ),
        Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>()),
        Arc::new(rows.iter().map(|row| row.2).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|row| row.3).collect::<Date32Array>()),
        Arc::new(
            rows.iter()
                .map(|row| row.4)
                .collect::<TimestampMicrosecondArray>(),
        ),
        Arc::new(decimals.with_precision_and_scale(12, 3).unwrap()),
        Arc::new(rows.iter().map(|row| row.6).collect::<BooleanArray>()),
    ];
    RecordBatch::try_new(schema, columns).unwrap()
}

fn cells() -> impl Strategy<Value = Cells> {
    // The calendar of both readers and writers has the years 1 to 9999.
    let days = -700_000_i32..2_900_000;
    let microseconds = -60_000_000_000_000_000_i64..250_000_000_000_000_000;
    (
        prop::option::of("[a\",;\r\n是 =\u{feff}]{0,6}"),
        prop::option::of(any::<i64>()),
        prop::option::of(
            any::<f64>().prop_filter_map("finite, one zero", |f| f.is_finite().then_some(f + 0.0)),
        ),
        prop::option::of(days),
        prop::option::of(microseconds),
        prop::option::of(-999_999_999_999_i64..=999_999_999_999),
        prop::option::of(any::<bool>()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// What is released as CSV is taken in again as the same values, of every type.
    #[test]
    fn released_csv_is_taken_in_as_it_was(rows in prop::collection::vec(cells(), 1..20), mark: bool, semicolon: bool) {
        let batch = batch_of(&rows);
        let dir = tempfile::tempdir().unwrap();
        let separator = if semicolon { b';' } else { b',' };
        let written = write(dir.path(), "t.csv", FileFormat::Csv(CsvOptions { mark, separator }), std::slice::from_ref(&batch));
        let format = Format::Csv { encoding: EncodingChoice::Auto, separator: Some(separator) };
        let schema = DatasetSchema::parse("s", SCHEMA).unwrap();
        let intake = Intake::open(Source::file(&written.path).unwrap(), format, &schema, &UnitKey::ephemeral().unwrap()).unwrap();
        let read: Vec<RecordBatch> = intake.collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(concat_batches(&batch.schema(), &read).unwrap(), batch);
    }
}
