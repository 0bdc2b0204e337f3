//! The functions that governed SQL may call. Nothing else is registered with the planner.
//!
//! Below the aggregate a function must be total: it may not fail on any row, since whether a run
//! fails is an answer about that row (attack A13). Hence constants for all arguments but the first,
//! and no function that fails on far dates or large numbers.

use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::functions;
use datafusion::functions_aggregate::{average, count, sum};
use datafusion::logical_expr::{AggregateUDF, Expr, ScalarUDF};

/// What to do with a function's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// On the list.
    Allowed,
    /// Returns one row's value.
    SingleValue,
    /// A window function.
    Window,
    /// A grouping set.
    Sets,
    /// Not known here.
    Unlisted,
}

/// Aggregates whose result is, or can be, one row's own value.
const SINGLE_VALUE: &[&str] = &[
    "min",
    "max",
    "median",
    "mode",
    "first",
    "last",
    "first_value",
    "last_value",
    "nth_value",
    "any_value",
    "array_agg",
    "string_agg",
    "listagg",
    "group_concat",
    "percentile_cont",
    "percentile_disc",
    "approx_percentile_cont",
    "approx_median",
    "quantile",
    "min_by",
    "max_by",
    "arg_min",
    "arg_max",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
];

const WINDOW: &[&str] = &[
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "lag",
    "lead",
];

const SETS: &[&str] = &["grouping", "rollup", "cube"];

/// Aggregates.
pub(crate) const AGGREGATES: &[&str] = &["count", "sum", "avg"];

/// Scalar functions allowed below the aggregate (in filters and group keys) and above it.
pub(crate) const TOTAL: &[&str] = &[
    "lower",
    "upper",
    "btrim",
    "trim",
    "substr",
    "substring",
    "left",
    "character_length",
    "char_length",
    "length",
    "concat",
    "starts_with",
    "date_part",
    "floor",
    "ceil",
    "round",
    "coalesce",
    "nullif",
];

/// Scalar functions allowed above the aggregate only, where every input is already published.
pub(crate) const PUBLISHED: &[&str] = &["abs"];

/// Units of `date_part`.
const DATE_PARTS: &[&str] = &[
    "year", "quarter", "month", "week", "day", "dow", "doy", "isodow", "hour", "minute", "second",
];

/// Longest text length or position in `substr` and `left`.
const MAX_TEXT_LENGTH: i64 = 10_000;

/// Most digits of `round`.
const MAX_ROUND_DIGITS: i64 = 15;

pub(crate) fn verdict(name: &str) -> Verdict {
    let is = |list: &[&str]| list.contains(&name);
    if is(AGGREGATES) || is(TOTAL) || is(PUBLISHED) {
        Verdict::Allowed
    } else if is(SINGLE_VALUE) {
        Verdict::SingleValue
    } else if is(WINDOW) {
        Verdict::Window
    } else if is(SETS) {
        Verdict::Sets
    } else {
        Verdict::Unlisted
    }
}

/// The list as a person reads it.
pub(crate) fn list() -> String {
    [AGGREGATES, TOTAL, PUBLISHED].concat().join(", ")
}

/// The scalar functions that the planner may resolve.
pub(crate) fn scalar(name: &str) -> Option<Arc<ScalarUDF>> {
    Some(match name {
        "lower" => functions::string::lower(),
        "upper" => functions::string::upper(),
        "btrim" | "trim" => functions::string::btrim(),
        "concat" => functions::string::concat(),
        "starts_with" => functions::string::starts_with(),
        "substr" | "substring" => functions::unicode::substr(),
        "left" => functions::unicode::left(),
        "character_length" | "char_length" | "length" => functions::unicode::character_length(),
        "date_part" => functions::datetime::date_part(),
        "floor" => functions::math::floor(),
        "ceil" => functions::math::ceil(),
        "round" => functions::math::round(),
        "abs" => functions::math::abs(),
        "coalesce" => functions::core::coalesce(),
        "nullif" => functions::core::nullif(),
        // Fails closed: what is not listed does not exist.
        _ => return None,
    })
}

/// The aggregates that the planner may resolve.
pub(crate) fn aggregate(name: &str) -> Option<Arc<AggregateUDF>> {
    Some(match name {
        "count" => count::count_udaf(),
        "sum" => sum::sum_udaf(),
        "avg" => average::avg_udaf(),
        // Fails closed, as above.
        _ => return None,
    })
}

/// Whether a call is total, that is, fails on no row: its other arguments are constants in range.
pub(crate) fn is_total(name: &str, args: &[Expr]) -> bool {
    match (name, args) {
        ("lower" | "upper" | "character_length" | "floor" | "ceil" | "btrim", [_]) => true,
        ("round", [_]) => true,
        ("round", [_, digits]) => integer(digits).is_some_and(|d| d.abs() <= MAX_ROUND_DIGITS),
        ("btrim" | "starts_with", [_, text]) => is_text(text),
        ("concat" | "coalesce", [_, ..]) => true,
        ("nullif", [_, _]) => true,
        ("substr", [_, start]) => integer(start).is_some_and(in_text),
        ("substr", [_, start, length]) => {
            integer(start).is_some_and(in_text) && integer(length).is_some_and(in_text)
        }
        ("left", [_, length]) => integer(length).is_some_and(in_text),
        ("date_part", [part, _]) => {
            text(part).is_some_and(|p| DATE_PARTS.contains(&p.to_lowercase().as_str()))
        }
        _ => false,
    }
}

/// Whether a call compares its arguments with each other.
pub(crate) fn compares(name: &str) -> bool {
    matches!(name, "nullif" | "coalesce" | "starts_with")
}

fn in_text(number: i64) -> bool {
    (0..=MAX_TEXT_LENGTH).contains(&number)
}

fn is_text(expr: &Expr) -> bool {
    text(expr).is_some()
}

fn text(expr: &Expr) -> Option<&str> {
    match constant(expr)? {
        ScalarValue::Utf8(Some(text))
        | ScalarValue::Utf8View(Some(text))
        | ScalarValue::LargeUtf8(Some(text)) => Some(text),
        _ => None,
    }
}

fn integer(expr: &Expr) -> Option<i64> {
    match constant(expr)? {
        ScalarValue::Int64(Some(number)) => Some(*number),
        ScalarValue::Int32(Some(number)) => Some(i64::from(*number)),
        ScalarValue::UInt64(Some(number)) => i64::try_from(*number).ok(),
        _ => None,
    }
}

/// The value of a literal, through the casts that type coercion adds.
fn constant(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        Expr::Cast(cast) => constant(&cast.expr),
        Expr::TryCast(cast) => constant(&cast.expr),
        _ => None,
    }
}
