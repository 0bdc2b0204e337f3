//! Parquet: columns by name, nothing lost, nothing shown, no panic on damage.

use ::parquet::arrow::ArrowWriter;
use arrow::array::{
    ArrayRef, AsArray, Decimal128Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    StringArray, TimestampNanosecondArray,
};
use arrow::datatypes::{Decimal128Type, Int32Type, Int64Type};

use super::*;

pub(super) fn parquet_file(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

pub(super) fn strings(texts: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(texts.to_vec()))
}

pub(super) fn money(units: &[i128], scale: i8) -> ArrayRef {
    Arc::new(
        Decimal128Array::from(units.to_vec())
            .with_precision_and_scale(20, scale)
            .unwrap(),
    )
}

#[test]
fn parquet_by_name_and_without_loss() {
    let names: DictionaryArray<Int32Type> = ["a", "b"].into_iter().collect();
    let file = parquet_file(vec![
        ("amount", money(&[5, -12], 1)),
        ("id", Arc::new(names)),
        ("age", Arc::new(Int32Array::from(vec![Some(7), None]))),
    ]);
    let batches = take(&file, Format::Parquet, PERSONS).unwrap();
    let batch = &batches[0];
    assert_eq!(batch.column(0).as_string::<i32>().value(1), "b");
    assert_eq!(
        batch
            .column(1)
            .as_primitive::<Int64Type>()
            .iter()
            .collect::<Vec<_>>(),
        [Some(7), None]
    );
    assert_eq!(
        batch.column(2).as_primitive::<Decimal128Type>().values(),
        &[50, -120]
    );
}

#[test]
fn bad_parquet() {
    let id = || ("id", strings(&["CANARY", "CANARY"]));
    let age = || ("age", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef);
    let amount = || ("amount", money(&[1, 2], 2));
    let good = parquet_file(vec![id(), age(), amount()]);
    let check = |bytes: &[u8], expect: &str| refused(bytes, Format::Parquet, PERSONS, expect);

    assert!(take(&good, Format::Parquet, PERSONS).is_ok());
    check(
        b"id,age,amount\n",
        "the file is not Parquet: it does not begin with `PAR1`; for CSV choose the format csv",
    );
    check(
        b"",
        "the file is not Parquet: it does not begin with `PAR1`; for CSV choose the format csv",
    );
    let truncated = "the Parquet file is truncated: it does not end with `PAR1`; send it again";
    for length in [4, 8, good.len() / 2, good.len() - 1] {
        check(&good[..length], truncated);
    }
    let middle_lost = [&good[..good.len() / 2], b"PAR1"].concat();
    check(
        &middle_lost,
        "the Parquet file is damaged or uses a feature that is not read; write it again",
    );
    check(
        &[b"PARE".as_slice(), &good[4..]].concat(),
        "the Parquet file is encrypted; send it without encryption, the vault encrypts it",
    );
    check(
        &parquet_file(vec![id(), age()]),
        "the file has no column `amount`; add it or take it out of the schema",
    );
    check(
        &parquet_file(vec![id(), age(), amount(), ("phone", strings(&["a", "b"]))]),
        "column `phone` of the file has no type and label in the schema; every column needs both",
    );
    check(
        &parquet_file(vec![id(), ("age", strings(&["1", "CANARY"])), amount()]),
        "column `age` has type Utf8 in the Parquet file, which does not become integer without loss",
    );
    check(
        &parquet_file(vec![id(), age(), ("amount", money(&[1, 2], 3))]),
        "column `amount` has type Decimal128(20, 3) in the Parquet file, which does not become decimal(7,2) without loss",
    );
    check(
        &parquet_file(vec![id(), age(), ("amount", money(&[1, 10_000_000], 2))]),
        "column `amount`, record 2: the value is not a decimal(7,2): at most 5 digits before the point and 2 after it",
    );
    let missing: ArrayRef = Arc::new(
        Decimal128Array::from(vec![Some(1), None])
            .with_precision_and_scale(7, 2)
            .unwrap(),
    );
    check(
        &parquet_file(vec![id(), age(), ("amount", missing)]),
        "column `amount`, record 2: the cell is empty, but the schema says `nullable: false`",
    );
    let times = "dataset: a/b\ncolumns:\n  t: { type: timestamp, level: general-1, kind: other }\n  f: { type: float, level: general-1, kind: other }\n";
    let file = |nanoseconds: i64, float: f64| {
        parquet_file(vec![
            (
                "t",
                Arc::new(TimestampNanosecondArray::from(vec![0, nanoseconds])) as ArrayRef,
            ),
            ("f", Arc::new(Float64Array::from(vec![0.0, float]))),
        ])
    };
    assert!(take(&file(5000, 1.5), Format::Parquet, times).is_ok());
    refused(
        &file(5001, 1.5),
        Format::Parquet,
        times,
        "column `t`, record 2: the value is not a timestamp without a zone (YYYY-MM-DD HH:MM:SS, with up to six decimals)",
    );
    refused(
        &file(5000, f64::NAN),
        Format::Parquet,
        times,
        "column `f`, record 2: the value is not a finite number (as 1.5 or 1.5e3)",
    );
}

#[test]
fn a_damaged_parquet_file_never_panics_or_shows_a_value() {
    let ids: Vec<String> = (0..500).map(|i| format!("CANARY-{i}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let file = parquet_file(vec![
        ("id", strings(&ids)),
        ("age", Arc::new(Int64Array::from(vec![1; 500]))),
        ("amount", money(&[1; 500], 2)),
    ]);
    let mut refusals = 0;
    for position in (4..file.len() - 4).step_by(7) {
        let mut damaged = file.clone();
        damaged[position] ^= 0x55;
        if let Err(error) = take(&damaged, Format::Parquet, PERSONS) {
            refusals += 1;
            assert!(!format!("{error} {error:?}").contains("CANARY"), "{error}");
        }
    }
    assert!(refusals > 0);
}
