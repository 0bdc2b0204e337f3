use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::buffer::{NullBuffer, ScalarBuffer};
use datafusion::arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type, Schema};
use datafusion::arrow::ipc::writer::StreamWriter;

use super::*;
use crate::{ColumnType, Contract, Governance, GovernedColumn, GovernedTable, Kind, Use, govern};

fn query(order: &str) -> GovernedQuery {
    let column = |name: &str, data_type, used| GovernedColumn {
        name: name.to_owned(),
        data_type,
        nullable: true,
        uses: [used].into(),
        kind: Kind::Other,
    };
    let governance = Governance {
        tables: vec![GovernedTable {
            schema: "t".to_owned(),
            table: "x".to_owned(),
            columns: vec![
                column("region", ColumnType::Text, Use::Group),
                column("amount", ColumnType::Float, Use::Aggregate),
            ],
            units: vec!["person".to_owned()],
            rows: None,
            general_1: false,
        }],
        contract: Contract {
            k: 2,
            rows_max: 4,
            max_groups: 10,
        },
    };
    let sql =
        format!("SELECT region, COUNT(*) AS n, SUM(amount) AS s FROM t.x GROUP BY region {order}");
    govern(&sql, &governance).unwrap()
}

fn batch(regions: &[Option<&str>], n: Vec<i64>, s: Float64Array) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(regions.to_vec())),
        Arc::new(Int64Array::from(n)),
        Arc::new(s),
    ];
    RecordBatch::try_new(query("").output_schema(), columns).unwrap()
}

fn raw_stream(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.into_inner().unwrap()
}

fn check_refused(bytes: &[u8], rule: Rule) {
    assert_eq!(rebuild(bytes, &query("")).unwrap_err().rule, rule.id());
}

#[test]
fn hidden_channels_are_written_over() {
    let payload = f64::from_bits(0x7ff8_0000_dead_beef);
    let values = ScalarBuffer::from(vec![payload, -0.0, 4711.0]);
    let under_null = Float64Array::new(values, Some(NullBuffer::from(vec![true, true, false])));
    let dirty = batch(
        &[Some("c"), Some("b"), Some("a")],
        vec![3, 2, 1],
        under_null,
    );
    let rebuilt = rebuild(&raw_stream(&dirty), &query("")).unwrap();
    let rows = rebuilt.batches.first().unwrap();
    let names: Vec<_> = rows.column(0).as_string::<i32>().iter().flatten().collect();
    assert_eq!(names, ["a", "b", "c"]);
    let bits: Vec<u64> = rows
        .column(2)
        .as_primitive::<Float64Type>()
        .values()
        .iter()
        .map(|n| n.to_bits())
        .collect();
    assert_eq!(bits, [0, 0, f64::NAN.to_bits()]);
    assert!(rows.column(2).is_null(0));
}

#[test]
fn the_same_rows_in_any_order_give_the_same_bytes() {
    let sums = || Float64Array::from(vec![1.0, 1.0]);
    let one = batch(&[Some("a"), None], vec![1, 2], sums());
    let two = batch(&[None, Some("a")], vec![2, 1], sums());
    let bytes = |batch: &RecordBatch| {
        let rebuilt = rebuild(&raw_stream(batch), &query("")).unwrap();
        write_ipc(&rebuilt.schema, &rebuilt.batches).unwrap()
    };
    assert_eq!(bytes(&one), bytes(&two));
}

#[test]
fn order_by_is_restored_not_believed() {
    let sums = Float64Array::from(vec![1.0, 1.0, 1.0]);
    let shuffled = batch(&[Some("b"), Some("a"), Some("c")], vec![1, 9, 9], sums);
    let rebuilt = rebuild(&raw_stream(&shuffled), &query("ORDER BY n DESC")).unwrap();
    let rows = rebuilt.batches.first().unwrap();
    let counts = rows.column(1).as_primitive::<Int64Type>().values().to_vec();
    let names: Vec<_> = rows.column(0).as_string::<i32>().iter().flatten().collect();
    assert_eq!((counts, names), (vec![9, 9, 1], vec!["a", "c", "b"]));
}

#[test]
fn what_is_not_the_declared_result_is_refused() {
    let sums = || Float64Array::from(vec![1.0; 5]);
    let names = [Some("a"), Some("b"), Some("c"), Some("d"), Some("e")];
    let many = batch(&names, vec![1; 5], sums());
    check_refused(&raw_stream(&many), Rule::ContractRows);
    check_refused(b"", Rule::ContractBytes);
    check_refused(b"ARROW1\0\0", Rule::ContractBytes);

    let good = raw_stream(&many.slice(0, 2));
    assert!(rebuild(&good, &query("")).is_ok());
    let mut longer = good.clone();
    longer.push(0);
    check_refused(&longer, Rule::ContractBytes);

    let field = Field::new("region", DataType::Utf8, true);
    let other = Schema::new(vec![field.clone()]);
    let other = RecordBatch::try_new(
        Arc::new(other),
        vec![Arc::new(StringArray::from(vec!["a"])) as ArrayRef],
    );
    check_refused(&raw_stream(&other.unwrap()), Rule::ContractBytes);

    let dictionary: DictionaryArray<Int32Type> = vec!["a", "b"].into_iter().collect();
    let coded = RecordBatch::try_from_iter([("region", Arc::new(dictionary) as ArrayRef)]);
    check_refused(&raw_stream(&coded.unwrap()), Rule::ContractBytes);

    let tagged = many.slice(0, 2).schema().as_ref().clone();
    let tagged = tagged.with_metadata([("who".to_owned(), "65".to_owned())].into());
    let tagged = RecordBatch::try_new(Arc::new(tagged), many.slice(0, 2).columns().to_vec());
    check_refused(&raw_stream(&tagged.unwrap()), Rule::ContractBytes);
}

/// Whatever the bytes, the answer is a result or a refusal, and a result is always the declared one.
#[test]
fn no_changed_or_missing_byte_ends_the_reader() {
    let sums = Float64Array::from(vec![Some(1.0), None]);
    let good = raw_stream(&batch(&[Some("乌鲁木齐"), Some("b")], vec![1, 2], sums));
    let query = query("");
    for place in 0..good.len() {
        assert!(rebuild(good.get(..place).unwrap(), &query).is_err());
        for change in [0x01_u8, 0x80, 0xff] {
            let mut bad = good.clone();
            bad[place] ^= change;
            if let Ok(rebuilt) = rebuild(&bad, &query) {
                assert_eq!(
                    rebuilt.batches.first().unwrap().schema(),
                    query.output_schema()
                );
            }
        }
    }
}
