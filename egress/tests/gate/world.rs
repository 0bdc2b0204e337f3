//! Small tables in memory and the way from SQL to rows or refusal.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray, UInt64Array,
};
use datafusion::arrow::util::display::array_value_to_string;
use datafusion::catalog::{MemTable, TableProvider};
use egress::{
    ColumnType, Comparison, Constant, Contract, Governance, GovernedColumn, GovernedTable, Kind,
    Refusal, Released, RowFilter, RunLimits, TableName, Use, govern, run,
};

pub(crate) const K: u64 = 3;

/// One claim: person (None = unknown), region, diagnosis, age, amount.
pub(crate) type Claim = (Option<u64>, &'static str, &'static str, i64, Option<f64>);

/// Persons 1–5 in 6501 with 6 claims, 6 and 7 in 6502 with 5 claims, three persons and two unknown
/// ones in 6503, all of 6599 outside the row filter. Person 4 has an id of 15 digits in one claim and
/// 18 in the other: the vault gives both the same number.
pub(crate) const CLAIMS: &[Claim] = &[
    (Some(1), "6501", "A", 30, Some(10.0)),
    (Some(2), "6501", "A", 41, Some(20.0)),
    (Some(3), "6501", "B", 52, Some(30.0)),
    (Some(4), "6501", "B", 35, Some(40.0)),
    (Some(4), "6501", "A", 35, Some(50.0)),
    (Some(5), "6501", "B", 60, Some(0.0)),
    (Some(6), "6502", "A", 33, Some(1.0)),
    (Some(6), "6502", "A", 33, Some(2.0)),
    (Some(6), "6502", "B", 33, Some(3.0)),
    (Some(7), "6502", "A", 44, Some(4.0)),
    (Some(7), "6502", "A", 44, Some(5.0)),
    (Some(8), "6503", "A", 21, Some(7.0)),
    (Some(9), "6503", "A", 22, Some(8.0)),
    (Some(10), "6503", "A", 23, Some(9.0)),
    (None, "6503", "A", 24, Some(100.0)),
    (None, "6503", "A", 25, None),
    (Some(11), "6599", "not a number", 0, Some(1e9)),
];

pub(crate) fn column(name: &str, data_type: ColumnType, uses: &[Use]) -> GovernedColumn {
    GovernedColumn {
        name: name.to_owned(),
        data_type,
        nullable: true,
        uses: uses.iter().copied().collect(),
        kind: Kind::Other,
    }
}

pub(crate) fn governance() -> Governance {
    use ColumnType::{Date, Float, Integer, Text};
    let person = vec!["person".to_owned()];
    let claims = GovernedTable {
        schema: "ybj".to_owned(),
        table: "claims".to_owned(),
        columns: vec![
            column("id", Text, &[Use::Join]),
            column("name", Text, &[]),
            column("region", Text, &[Use::Group, Use::Compare]),
            column(
                "diagnosis",
                Text,
                &[Use::Group, Use::Compare, Use::Aggregate],
            ),
            column("age", Integer, &[Use::Group, Use::Compare]),
            column("amount", Float, &[Use::Aggregate]),
            column("flag", Integer, &[Use::Aggregate]),
            column("visit", Date, &[Use::Group]),
        ],
        units: person.clone(),
        rows: Some(RowFilter::Compare {
            column: "region".to_owned(),
            op: Comparison::NotEq,
            value: Constant::Text("6599".to_owned()),
        }),
        general_1: false,
    };
    let persons = GovernedTable {
        schema: "gaj".to_owned(),
        table: "persons".to_owned(),
        columns: vec![
            column("id", Text, &[Use::Join]),
            column("sex", Text, &[Use::Group]),
            column("salary", Float, &[Use::Aggregate]),
        ],
        units: person,
        rows: None,
        general_1: false,
    };
    let regions = GovernedTable {
        schema: "pub".to_owned(),
        table: "regions".to_owned(),
        columns: vec![
            column("code", Text, &[Use::Join, Use::Group]),
            column("title", Text, &[Use::Group]),
        ],
        units: Vec::new(),
        rows: None,
        general_1: true,
    };
    let loose = GovernedTable {
        general_1: false,
        table: "loose".to_owned(),
        ..regions.clone()
    };
    Governance {
        tables: vec![claims, persons, regions, loose],
        contract: Contract {
            k: K,
            rows_max: 100,
            max_groups: 1_000,
        },
    }
}

fn id_of(person: Option<u64>, row: usize) -> String {
    match person {
        Some(4) if row.is_multiple_of(2) => "ID-4-SHORT".to_owned(),
        Some(person) => format!("ID-{person}"),
        None => format!("BROKEN-{row}"),
    }
}

pub(crate) fn claims_table(claims: &[Claim]) -> RecordBatch {
    let texts = |f: fn(&Claim) -> &'static str| -> ArrayRef {
        Arc::new(claims.iter().map(f).map(Some).collect::<StringArray>())
    };
    let ids: StringArray = claims
        .iter()
        .enumerate()
        .map(|(row, claim)| Some(id_of(claim.0, row)))
        .collect();
    let flags: Int64Array = (0..claims.len())
        .map(|row| Some(i64::from(row == 0)))
        .collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(ids.clone())),
        ("name", Arc::new(ids)),
        ("region", texts(|c| c.1)),
        ("diagnosis", texts(|c| c.2)),
        (
            "age",
            Arc::new(claims.iter().map(|c| Some(c.3)).collect::<Int64Array>()),
        ),
        (
            "amount",
            Arc::new(claims.iter().map(|c| c.4).collect::<Float64Array>()),
        ),
        ("flag", Arc::new(flags)),
        (
            "visit",
            Arc::new(Date32Array::from(vec![20_000; claims.len()])),
        ),
        (
            "__unit_person",
            Arc::new(claims.iter().map(|c| c.0).collect::<UInt64Array>()),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))
        .unwrap()
}

fn persons_table() -> RecordBatch {
    let people: Vec<u64> = (1..=10).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "id",
            Arc::new(
                people
                    .iter()
                    .map(|p| Some(format!("ID-{p}")))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "sex",
            Arc::new(
                people
                    .iter()
                    .map(|p| Some(if p % 2 == 0 { "F" } else { "M" }))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "salary",
            Arc::new(people.iter().map(|_| Some(100.0)).collect::<Float64Array>()),
        ),
        (
            "__unit_person",
            Arc::new(people.iter().map(|p| Some(*p)).collect::<UInt64Array>()),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))
        .unwrap()
}

fn regions_table() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "code",
            Arc::new(StringArray::from(vec!["6501", "6502", "6503"])),
        ),
        (
            "title",
            Arc::new(StringArray::from(vec!["乌鲁木齐", "克拉玛依", "吐鲁番"])),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true)))
        .unwrap()
}

pub(crate) fn provider(batch: RecordBatch) -> Arc<dyn TableProvider> {
    Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap())
}

pub(crate) const LIMITS: RunLimits = RunLimits {
    memory_bytes: 64 * 1024 * 1024,
    partitions: 1,
};

pub(crate) fn answer_over(
    sql: &str,
    claims: &[Claim],
    governance: &Governance,
    limits: RunLimits,
) -> Result<Released, Refusal> {
    let query = govern(sql, governance)?;
    let sources = HashMap::from([
        (
            TableName::new("ybj", "claims"),
            provider(claims_table(claims)),
        ),
        (TableName::new("gaj", "persons"), provider(persons_table())),
        (TableName::new("pub", "regions"), provider(regions_table())),
        (TableName::new("pub", "loose"), provider(regions_table())),
    ]);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap()
        .block_on(run(&query, sources, limits))
}

pub(crate) fn answer(sql: &str) -> Result<Released, Refusal> {
    answer_over(sql, CLAIMS, &governance(), LIMITS)
}

/// The rows as their cells between commas, a missing value as nothing, whole floats without a point.
pub(crate) fn lines(released: &Released) -> Vec<String> {
    let batches = released.batches.iter();
    let line = |batch: &RecordBatch, row: usize| {
        let cells = batch.columns().iter();
        let cells = cells.map(|column| array_value_to_string(column, row).unwrap());
        let whole = |cell: String| cell.strip_suffix(".0").map_or(cell.clone(), str::to_owned);
        cells.map(whole).collect::<Vec<_>>().join(",")
    };
    batches
        .flat_map(|batch| (0..batch.num_rows()).map(move |row| line(batch, row)))
        .collect()
}
