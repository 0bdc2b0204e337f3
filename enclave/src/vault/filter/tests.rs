//! The kernels against a filter evaluated row by row, in SQL's three-valued logic.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{AsArray, Int64Array as Ids};
use arrow::datatypes::{Field, Int64Type};
use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, Default)]
struct Row {
    text: Option<String>,
    integer: Option<i64>,
    float: Option<f64>,
    decimal: Option<i128>,
    date: Option<i32>,
    time: Option<i64>,
    flag: Option<bool>,
}

fn batch(rows: &[Row]) -> RecordBatch {
    let times: TimestampMicrosecondArray = rows.iter().map(|row| row.time).collect();
    let decimals: Decimal128Array = rows.iter().map(|row| row.decimal).collect();
    let columns: [(&str, ArrayRef); 8] = [
        (
            "text",
            Arc::new(
                rows.iter()
                    .map(|row| row.text.clone())
                    .collect::<StringArray>(),
            ),
        ),
        (
            "integer",
            Arc::new(rows.iter().map(|row| row.integer).collect::<Int64Array>()),
        ),
        (
            "float",
            Arc::new(rows.iter().map(|row| row.float).collect::<Float64Array>()),
        ),
        (
            "decimal",
            Arc::new(decimals.with_precision_and_scale(9, 2).unwrap()),
        ),
        (
            "day",
            Arc::new(rows.iter().map(|row| row.date).collect::<Date32Array>()),
        ),
        ("at", Arc::new(times)),
        (
            "flag",
            Arc::new(rows.iter().map(|row| row.flag).collect::<BooleanArray>()),
        ),
        (
            "row",
            Arc::new((0..rows.len() as i64).map(Some).collect::<Ids>()),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true)))
        .unwrap()
}

/// How a cell stands to a literal; nothing when the cell is empty.
fn order(row: &Row, column: &str, literal: &Literal) -> Option<Ordering> {
    match (column, literal) {
        ("text", Literal::Text(text)) => row
            .text
            .as_ref()
            .map(|cell| cell.as_bytes().cmp(text.as_bytes())),
        ("integer", Literal::Number(n)) => {
            row.integer.map(|cell| policy::Decimal::from(cell).cmp(n))
        }
        ("float", Literal::Number(n)) => {
            row.float.map(|cell| cell.partial_cmp(&n.to_f64()).unwrap())
        }
        ("decimal", Literal::Number(n)) => {
            row.decimal.map(|cell| cell.cmp(&n.units_at(2).unwrap()))
        }
        ("day", Literal::Date(day)) => row
            .date
            .map(|cell| (Date::constant(1970, 1, 1) + jiff::Span::new().days(cell)).cmp(day)),
        ("at", Literal::Timestamp(at)) => row.time.map(|cell| {
            (DateTime::constant(1970, 1, 1, 0, 0, 0, 0) + jiff::Span::new().microseconds(cell))
                .cmp(at)
        }),
        ("flag", Literal::Boolean(value)) => row.flag.map(|cell| cell.cmp(value)),
        _ => unreachable!("{column} and {literal:?}"),
    }
}

fn is_empty(row: &Row, column: &str) -> bool {
    match column {
        "text" => row.text.is_none(),
        "integer" => row.integer.is_none(),
        "float" => row.float.is_none(),
        "decimal" => row.decimal.is_none(),
        "day" => row.date.is_none(),
        "at" => row.time.is_none(),
        _ => row.flag.is_none(),
    }
}

fn is_like(text: &[char], pattern: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('%', rest)) => (0..=text.len()).any(|skip| is_like(&text[skip..], rest)),
        Some((first, rest)) => text
            .split_first()
            .is_some_and(|(c, after)| (*first == '_' || first == c) && is_like(after, rest)),
    }
}

fn both(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn plain(row: &Row, filter: &RowFilter) -> Option<bool> {
    let flip = |value: Option<bool>, negated: bool| value.map(|value| value != negated);
    match filter {
        RowFilter::Compare {
            column,
            op,
            operand,
        } => {
            let order = order(row, column.name.as_str(), &operand.literal)?;
            Some(match op {
                Op::Eq => order.is_eq(),
                Op::NotEq => order.is_ne(),
                Op::Lt => order.is_lt(),
                Op::LtEq => order.is_le(),
                Op::Gt => order.is_gt(),
                Op::GtEq => order.is_ge(),
            })
        }
        RowFilter::Like {
            pattern, negated, ..
        } => {
            let text: Vec<char> = row.text.as_ref()?.chars().collect();
            Some(is_like(&text, &pattern.chars().collect::<Vec<_>>()) != *negated)
        }
        RowFilter::In {
            column,
            list,
            negated,
        } => {
            let mut orders = list
                .iter()
                .map(|operand| order(row, column.name.as_str(), &operand.literal));
            let found = if is_empty(row, column.name.as_str()) {
                None
            } else {
                Some(orders.any(|o| o == Some(Ordering::Equal)))
            };
            flip(found, *negated)
        }
        RowFilter::Between {
            column,
            low,
            high,
            negated,
        } => {
            let above = order(row, column.name.as_str(), &low.literal).map(Ordering::is_ge);
            let below = order(row, column.name.as_str(), &high.literal).map(Ordering::is_le);
            flip(both(above, below), *negated)
        }
        RowFilter::IsNull { column, negated } => {
            Some(is_empty(row, column.name.as_str()) != *negated)
        }
        RowFilter::And(parts) => parts
            .iter()
            .map(|part| plain(row, part))
            .fold(Some(true), both),
        RowFilter::Or(parts) => {
            let none = parts
                .iter()
                .map(|part| plain(row, part).map(|v| !v))
                .fold(Some(true), both);
            none.map(|none| !none)
        }
        RowFilter::Not(inner) => plain(row, inner).map(|value| !value),
    }
}

fn kept(rows: &[Row], filter: &RowFilter) -> Vec<i64> {
    let filtered = filter_rows(&batch(rows), filter).unwrap();
    filtered
        .column_by_name("row")
        .unwrap()
        .as_primitive::<Int64Type>()
        .values()
        .to_vec()
}

fn literal(column: &'static str) -> BoxedStrategy<String> {
    match column {
        "text" => "[ab%_是\n.*]{0,3}"
            .prop_map(|text| format!("'{text}'"))
            .boxed(),
        "integer" => (-3_i64..4).prop_map(|n| n.to_string()).boxed(),
        "float" => prop::sample::select(vec!["-1.5", "0", "-0", "0.1", "2"])
            .prop_map(str::to_owned)
            .boxed(),
        "decimal" => prop::sample::select(vec!["-1.5", "0", "0.01", "12.3"])
            .prop_map(str::to_owned)
            .boxed(),
        "day" => prop::sample::select(vec!["1969-12-31", "1970-01-01", "2000-02-29"])
            .prop_map(|d| format!("DATE '{d}'"))
            .boxed(),
        "at" => prop::sample::select(vec!["1969-12-31 23:59:59.999999", "1970-01-01 00:00:00"])
            .prop_map(|t| format!("TIMESTAMP '{t}'"))
            .boxed(),
        _ => any::<bool>().prop_map(|b| b.to_string()).boxed(),
    }
}

fn leaf() -> impl Strategy<Value = String> {
    let columns = ["text", "integer", "float", "decimal", "day", "at", "flag"];
    prop::sample::select(columns.to_vec()).prop_flat_map(|column| {
        let negation = prop::sample::select(vec!["", "NOT "]);
        let op = prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
        let comparison =
            (op, literal(column)).prop_map(move |(op, value)| format!("{column} {op} {value}"));
        let list = (
            negation.clone(),
            prop::collection::vec(literal(column), 1..4),
        )
            .prop_map(move |(not, list)| format!("{column} {not}IN ({})", list.join(", ")));
        let between = (negation.clone(), literal(column), literal(column))
            .prop_map(move |(not, low, high)| format!("{column} {not}BETWEEN {low} AND {high}"));
        let presence = negation
            .clone()
            .prop_map(move |not| format!("{column} IS {not}NULL"));
        let pattern = (negation, literal("text"))
            .prop_map(|(not, pattern)| format!("text {not}LIKE {pattern}"));
        prop_oneof![comparison, list, between, presence, pattern]
    })
}

fn filter() -> impl Strategy<Value = String> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("({})", parts.join(" AND "))),
            prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("({})", parts.join(" OR "))),
            inner.prop_map(|part| format!("NOT ({part})")),
        ]
    })
}

fn row() -> impl Strategy<Value = Row> {
    let option = prop::option::of::<BoxedStrategy<i64>>;
    (
        prop::option::of("[ab%_是\n.*]{0,3}"),
        option((-3_i64..4).boxed()),
        prop::option::of(prop::sample::select(vec![-1.5, 0.0, 0.1, 2.0])),
        prop::option::of(prop::sample::select(vec![-150_i128, 0, 1, 1230])),
        prop::option::of(prop::sample::select(vec![-1, 0, 11016])),
        prop::option::of(prop::sample::select(vec![-1_i64, 0, 1])),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(text, integer, float, decimal, date, time, flag)| Row {
            text,
            integer,
            float,
            decimal,
            date,
            time,
            flag,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn kernels_keep_what_the_plain_twin_keeps(text in filter(), rows in prop::collection::vec(row(), 0..12)) {
        let filter: RowFilter = text.parse().unwrap();
        let expect: Vec<i64> = (0_i64..).zip(&rows).filter(|(_, row)| plain(row, &filter) == Some(true)).map(|(i, _)| i).collect();
        prop_assert_eq!(kept(&rows, &filter), expect, "{}", text);
    }
}

#[test]
fn unknown_keeps_no_row() {
    let rows = [
        Row {
            integer: Some(1),
            ..Row::default()
        },
        Row::default(),
    ];
    let check = |filter: &str, expect: &[i64]| {
        assert_eq!(kept(&rows, &filter.parse().unwrap()), expect, "{filter}")
    };
    check("integer = 1", &[0]);
    check("integer <> 1", &[]);
    check("NOT integer = 1", &[]);
    check("integer = 1 OR integer IS NULL", &[0, 1]);
    check("integer NOT IN (2, 3)", &[0]);
    check("integer = 1 OR text = 'a'", &[0]);
    check("integer = 2 AND text = 'a'", &[]);
}

#[test]
fn what_does_not_fit_is_refused_by_column() {
    let schema = batch(&[]).schema();
    let refuse = |filter: &str| check(&schema, &filter.parse().unwrap()).unwrap_err();
    for filter in [
        "integer = 'a'",
        "integer = 1.5",
        "text = 1",
        "decimal < 0.001",
        "flag = 1",
        "day = '1970-01-01'",
        "integer LIKE '1%'",
    ] {
        assert!(
            matches!(refuse(filter), VaultError::FilterType { .. }),
            "{filter}"
        );
    }
    assert!(matches!(refuse("absent = 1"), VaultError::NoColumn { column } if column == "absent"));
    assert!(check(&schema, &"integer = 1 AND text LIKE 'a%'".parse().unwrap()).is_ok());
}

/// So that a type added to the schema is not forgotten above.
#[test]
fn the_batch_has_every_column_type() {
    let types: Vec<DataType> = batch(&[])
        .schema()
        .fields()
        .iter()
        .map(|field: &Arc<Field>| field.data_type().clone())
        .collect();
    for column in [
        "text",
        "integer",
        "float",
        "decimal(9,2)",
        "date",
        "timestamp",
        "boolean",
    ] {
        assert!(
            types.contains(&crate::intake::arrow_type(column.parse().unwrap())),
            "{column}"
        );
    }
}
