//! The leak first, without the barrier; then the same query with it.

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::MemTable;
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::TreeNode;
use datafusion::prelude::SessionContext;

use super::*;
use crate::recheck;
use crate::{ColumnType, Comparison, Constant, GovernedColumn, Kind, RowFilter, Use};

/// A hidden row's cell, which must not show in any answer.
const CANARY: &str = "canary-7f3a";

/// Predicates that fail on the hidden row only.
const PROBES: &[&str] = &[
    "CAST(code AS INT) > 0",
    "1 / (CAST(nullif(code, 'canary-7f3a') AS INT) - 7) = 1 OR CAST(code AS INT) = 7",
    "code LIKE '%' AND CAST(code AS INT) BETWEEN 0 AND 99",
    "CASE WHEN code > 'a' THEN CAST(code AS INT) ELSE 1 END = 1",
];

fn table() -> GovernedTable {
    let column = |name: &str| GovernedColumn {
        name: name.to_owned(),
        data_type: ColumnType::Text,
        nullable: true,
        uses: [Use::Compare, Use::Group].into(),
        kind: Kind::Other,
    };
    GovernedTable {
        schema: "ybj".to_owned(),
        table: "claims".to_owned(),
        columns: vec![column("region"), column("code")],
        units: vec!["person".to_owned()],
        rows: Some(RowFilter::Compare {
            column: "region".to_owned(),
            op: Comparison::Eq,
            value: Constant::Text("6501".to_owned()),
        }),
        general_1: false,
    }
}

fn raw(hidden_code: &str) -> Arc<dyn TableProvider> {
    let batch = RecordBatch::try_from_iter_with_nullable([
        (
            "region",
            Arc::new(StringArray::from(vec!["6501", "6501", "6599"])) as ArrayRef,
            true,
        ),
        (
            "code",
            Arc::new(StringArray::from(vec!["1", "2", hidden_code])) as ArrayRef,
            true,
        ),
        (
            "__unit_person",
            Arc::new(UInt64Array::from(vec![1, 2, 3])) as ArrayRef,
            true,
        ),
    ])
    .unwrap();
    Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap())
}

/// The barrier provider with the barrier taken off: the row filter alone.
#[derive(Debug)]
struct WithoutBarrier(BarrierProvider);

#[async_trait]
impl TableProvider for WithoutBarrier {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = self.0.scan(state, projection, filters, limit).await?;
        let barrier = plan.downcast_ref::<BarrierExec>().unwrap();
        Ok(Arc::clone(&barrier.inner))
    }
}

async fn physical(provider: Arc<dyn TableProvider>, sql: &str) -> Arc<dyn ExecutionPlan> {
    let context = SessionContext::new();
    context.register_table("claims", provider).unwrap();
    let frame = context.sql(sql).await.unwrap();
    frame.create_physical_plan().await.unwrap()
}

/// What the engine answers, its error in its own words.
async fn outcome(provider: Arc<dyn TableProvider>, probe: &str) -> Result<String, String> {
    let context = SessionContext::new();
    context.register_table("claims", provider).unwrap();
    let sql = format!("SELECT region FROM claims WHERE {probe}");
    let frame = context.sql(&sql).await.map_err(|e| e.to_string())?;
    let batches = frame.collect().await.map_err(|e| e.to_string())?;
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    Ok(format!("{rows} rows"))
}

fn guarded(hidden_code: &str) -> Arc<dyn TableProvider> {
    Arc::new(BarrierProvider::new(&table(), raw(hidden_code)))
}

fn bare(hidden_code: &str) -> Arc<dyn TableProvider> {
    Arc::new(WithoutBarrier(BarrierProvider::new(
        &table(),
        raw(hidden_code),
    )))
}

#[tokio::test]
async fn without_the_barrier_a_hidden_row_answers() {
    let mut leaks = 0;
    for probe in PROBES {
        let harmless = outcome(bare("3"), probe).await;
        let canary = outcome(bare(CANARY), probe).await;
        if harmless != canary {
            leaks += 1;
            assert!(canary.unwrap_err().contains(CANARY));
        }
    }
    assert!(leaks > 0, "the control no longer shows the leak");
}

#[tokio::test]
async fn with_the_barrier_no_hidden_row_changes_the_outcome() {
    for probe in PROBES {
        let harmless = outcome(guarded("3"), probe).await;
        let canary = outcome(guarded(CANARY), probe).await;
        assert_eq!(harmless, canary, "{probe}");
    }
}

#[tokio::test]
async fn a_plan_without_its_barrier_is_not_run() {
    let sql = "SELECT region, COUNT(*) FROM claims WHERE code > '0' GROUP BY region";
    let tables = [table()];
    let open = physical(bare("3"), sql).await;
    let refusal = recheck::physical(&open, &tables).unwrap_err();
    assert_eq!(refusal.rule, "engine.barrier");
    let closed = physical(guarded("3"), sql).await;
    assert!(recheck::physical(&closed, &tables).is_ok());
    // The barrier of a table that was not governed does not count either.
    assert!(recheck::physical(&closed, &[]).is_err());
}

#[tokio::test]
async fn the_barrier_tells_nothing_about_its_source() {
    let plan = physical(guarded("3"), "SELECT region FROM claims LIMIT 1").await;
    let mut barriers = 0;
    let mut open = vec![&plan];
    while let Some(node) = open.pop() {
        if let Some(barrier) = node.downcast_ref::<BarrierExec>() {
            barriers += 1;
            assert!(barrier.children().is_empty());
            assert!(barrier.properties().output_ordering().is_none());
            assert!(!barrier.supports_limit_pushdown());
            assert!(barrier.with_fetch(Some(1)).is_none());
            // The limit did not reach the raw scan.
            let inner = datafusion::physical_plan::displayable(barrier.inner.as_ref());
            assert!(!inner.indent(true).to_string().contains("fetch"));
        }
        open.extend(node.children());
    }
    assert_eq!(barriers, 1);
}

#[tokio::test]
async fn a_source_of_other_types_is_refused() {
    let field = |name: &str, data_type| Field::new(name, data_type, true);
    let schema = Arc::new(Schema::new(vec![
        field("region", DataType::Utf8),
        field("code", DataType::Int64),
        field("__unit_person", DataType::UInt64),
    ]));
    let empty = MemTable::try_new(Arc::clone(&schema), vec![vec![]]).unwrap();
    let provider = Arc::new(BarrierProvider::new(&table(), Arc::new(empty)));
    assert!(outcome(provider, "code = '1'").await.is_err());
}

#[tokio::test]
async fn an_optimised_plan_that_reads_an_ungranted_column_is_not_run() {
    let mut closed = table();
    closed.columns[1].uses.clear();
    let context = SessionContext::new();
    let provider = Arc::new(BarrierProvider::new(&closed, raw("3")));
    context.register_table("claims", provider).unwrap();
    let frame = |sql: &'static str| {
        let context = context.clone();
        async move {
            let plan = context
                .sql(sql)
                .await
                .unwrap()
                .into_optimized_plan()
                .unwrap();
            recheck::logical(&plan).map_err(|refusal| refusal.rule)
        }
    };
    let good = frame("SELECT region, COUNT(*) FROM claims GROUP BY region").await;
    assert_eq!(good, Ok(()));
    for (sql, rule) in [
        (
            "SELECT code, COUNT(*) FROM claims GROUP BY code",
            "column.not_granted",
        ),
        ("SELECT region FROM claims ORDER BY region", "operator.node"),
        (
            "SELECT a.region FROM claims a CROSS JOIN claims b",
            "operator.join",
        ),
    ] {
        assert_eq!(frame(sql).await, Err(rule.to_owned()), "{sql}");
    }
}

#[test]
fn row_filters_mean_what_sql_means() {
    let column = || "code".to_owned();
    let text = |t: &str| Constant::Text(t.to_owned());
    for (filter, expect) in [
        (
            RowFilter::And(vec![
                RowFilter::Like {
                    column: column(),
                    pattern: "65%".to_owned(),
                },
                RowFilter::Not(Box::new(RowFilter::IsNull { column: column() })),
            ]),
            "Boolean(true) AND code LIKE Utf8(\"65%\") AND NOT code IS NULL",
        ),
        (
            RowFilter::Or(vec![RowFilter::In {
                column: column(),
                values: vec![text("a"), text("b")],
            }]),
            "Boolean(false) OR code IN ([Utf8(\"a\"), Utf8(\"b\")])",
        ),
        (
            RowFilter::Compare {
                column: column(),
                op: Comparison::GtEq,
                value: Constant::Date(1),
            },
            "code >= Date32(\"1970-01-02\")",
        ),
    ] {
        assert_eq!(filter.to_expr().to_string(), expect);
        assert!(filter.columns().iter().all(|name| *name == "code"));
        assert!(
            filter
                .to_expr()
                .exists(|e| Ok(matches!(e, Expr::Column(_))))
                .unwrap()
        );
    }
    assert_eq!(ScalarValue::Date32(Some(1)).to_string(), "1970-01-02");
}
