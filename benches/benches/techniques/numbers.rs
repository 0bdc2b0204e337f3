//! Numbers, dates and instants.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, TimestampMicrosecondArray,
    UInt64Array,
};
use arrow::compute::DatePart;
use arrow::datatypes::{Date32Type, Decimal128Type, Float64Type, Int64Type};
use benches::{Draw, ROWS};
use desensitize::{
    Bound, Bucket, BucketEdges, Centre, Constant, DateShift, Distribution, Generalize,
    Microaggregate, Noise, Number, Period, RegionLevel, Round, Swap, Technique, TopBottom,
    Truncate, TruncateTo,
};

use crate::{Case, Limit};

/// The seed of the columns.
const SEED: u64 = 20_260_206;
/// Rows that are swapped or grouped together: the policy's default.
const TOGETHER: usize = 8_192;
/// Days from 1970-01-01 to 2025-12-31.
const DAYS: u64 = 20_453;
/// Microseconds of a day.
const DAY: u64 = 86_400_000_000;
/// Hundredths of the largest amount.
const AMOUNT: u64 = 10_000_000;

pub(crate) fn cases() -> Vec<Case> {
    let (grouped, keyed, dated) = (grouped(), keyed(), dated());
    grouped.into_iter().chain(keyed).chain(dated).collect()
}

fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    let mut draw = Draw::new(seed);
    std::iter::repeat_with(move || draw.number()).take(ROWS)
}

fn integers(below: u64) -> ArrayRef {
    let values = numbers(SEED).map(|number| (number % below) as i64);
    Arc::new(Int64Array::from_iter_values(values))
}

fn floats() -> ArrayRef {
    let values = numbers(SEED).map(|number| (number % AMOUNT) as f64 / 100.0);
    Arc::new(Float64Array::from_iter_values(values))
}

fn decimals() -> ArrayRef {
    let values = numbers(SEED).map(|number| i128::from(number % AMOUNT));
    Arc::new(
        Decimal128Array::from_iter_values(values)
            .with_data_type(arrow::datatypes::DataType::Decimal128(12, 2)),
    )
}

fn dates() -> ArrayRef {
    let values = numbers(SEED).map(|number| (number % DAYS) as i32);
    Arc::new(Date32Array::from_iter_values(values))
}

fn instants() -> ArrayRef {
    let values = numbers(SEED).map(|number| (number % (DAYS * DAY)) as i64);
    Arc::new(TimestampMicrosecondArray::from_iter_values(values))
}

/// One entity for every so many rows.
fn entities(rows_each: u64) -> ArrayRef {
    let units = (0..ROWS as u64).map(|row| row / rows_each * 7_919);
    Arc::new(UInt64Array::from_iter_values(units))
}

/// Numbers to their group.
fn grouped() -> Vec<Case> {
    let hundred = Technique::Truncate(Truncate {
        to: TruncateTo::Multiple(100.into()),
    });
    let tens = Technique::Round(Round { to: 10.into() });
    let thirties = Technique::Bucket(Bucket {
        edges: BucketEdges::Width {
            width: 30.into(),
            origin: 0.into(),
        },
    });
    let edges = [0, 7, 14, 18, 30, 45, 60, 75].map(Number::from);
    let edged = Technique::Bucket(Bucket {
        edges: BucketEdges::Edges(edges.to_vec()),
    });
    let coded = Technique::TopBottom(TopBottom {
        bottom: Some(Bound::Number(10.into())),
        top: Some(Bound::Number(90.into())),
    });
    let large = || integers(1_000_000);
    let ages = || integers(120);
    let whole = |each: fn(i64) -> i64| Limit::unary::<Int64Type>(each);
    let float = |each: fn(f64) -> f64| Limit::unary::<Float64Type>(each);
    let decimal = |each: fn(i128) -> i128| Limit::unary::<Decimal128Type>(each);
    vec![
        Case::new(
            "keep, integers",
            large(),
            Technique::Keep,
            whole(|value| value),
        ),
        Case::new("constant, integers", large(), zero(), whole(|_| 0)),
        Case::new(
            "hash_drop, integers",
            large(),
            Technique::HashDrop,
            whole(|_| 0),
        ),
        Case::new(
            "truncate, integers to 100",
            large(),
            hundred.clone(),
            whole(|value| value / 100 * 100),
        ),
        Case::new(
            "truncate, floats to 100",
            floats(),
            hundred.clone(),
            float(|value| (value / 100.0).trunc() * 100.0),
        ),
        Case::new(
            "truncate, decimals to 100",
            decimals(),
            hundred,
            decimal(|value| value / 10_000 * 10_000),
        ),
        Case::new(
            "round, integers to 10",
            large(),
            tens.clone(),
            whole(|value| (value + 5) / 10 * 10),
        ),
        Case::new(
            "round, floats to 10",
            floats(),
            tens.clone(),
            float(|value| (value / 10.0).round() * 10.0),
        ),
        Case::new(
            "round, decimals to 10",
            decimals(),
            tens,
            decimal(|value| (value + 500) / 1_000 * 1_000),
        ),
        Case::new(
            "bucket, integers of 30",
            large(),
            thirties.clone(),
            whole(|value| value - value.rem_euclid(30)),
        ),
        Case::new(
            "bucket, floats of 30",
            floats(),
            thirties.clone(),
            float(|value| (value / 30.0).floor() * 30.0),
        ),
        Case::new(
            "bucket, decimals of 30",
            decimals(),
            thirties,
            decimal(|value| value - value.rem_euclid(3_000)),
        ),
        Case::new(
            "bucket, integers by 8 edges",
            ages(),
            edged,
            whole(|value| value / 15 * 15),
        ),
        Case::new(
            "top_bottom, integers",
            ages(),
            coded.clone(),
            whole(|value| value.clamp(10, 90)),
        ),
        Case::new(
            "top_bottom, floats",
            floats(),
            coded,
            float(|value| value.clamp(10.0, 90.0)),
        ),
        Case::new(
            "generalize, ages to 5 years",
            ages(),
            Technique::Generalize(Generalize::Age { years: 5 }),
            whole(|value| value / 5 * 5),
        ),
        Case::new(
            "generalize, division codes as integers",
            regions(),
            Technique::Generalize(Generalize::Region(RegionLevel::Prefecture)),
            whole(|value| value / 100 * 100),
        ),
        Case::new(
            "generalize, floats to a grid of 2",
            degrees(),
            Technique::Generalize(Generalize::Grid { decimals: 2 }),
            float(|value| (value * 100.0).floor() / 100.0),
        ),
        Case::new(
            "microaggregate, integers by 5",
            large(),
            micro(),
            Limit::sort(TOGETHER),
        ),
        Case::new(
            "microaggregate, floats by 5",
            floats(),
            micro(),
            Limit::sort(TOGETHER),
        ),
    ]
}

fn zero() -> Technique {
    Technique::Constant(Constant {
        value: "0".to_owned(),
    })
}

fn micro() -> Technique {
    Technique::Microaggregate(Microaggregate {
        k: 5,
        method: Centre::Mean,
        rows: TOGETHER,
    })
}

/// Six digits.
fn regions() -> ArrayRef {
    let values = numbers(SEED).map(|number| 650_100 + (number % 300) as i64);
    Arc::new(Int64Array::from_iter_values(values))
}

/// Degrees of four decimals.
fn degrees() -> ArrayRef {
    let values = numbers(SEED).map(|number| 70.0 + (number % 600_000) as f64 / 10_000.0);
    Arc::new(Float64Array::from_iter_values(values))
}

/// Numbers moved by what the key draws.
fn keyed() -> Vec<Case> {
    let noise = |distribution| {
        Technique::Noise(Noise {
            distribution,
            scale: 5.into(),
            bounds: None,
            domain: "noise".to_owned(),
            entity: None,
        })
    };
    let swap = Technique::Swap(Swap {
        rows: TOGETHER,
        domain: "swap".to_owned(),
    });
    let column = || integers(1_000_000);
    vec![
        Case::new(
            "noise, laplace",
            column(),
            noise(Distribution::Laplace),
            Limit::hmac(),
        ),
        Case::new(
            "noise, gaussian",
            column(),
            noise(Distribution::Gaussian),
            Limit::hmac(),
        ),
        Case::new(
            "noise, uniform",
            column(),
            noise(Distribution::Uniform),
            Limit::hmac(),
        ),
        Case::new(
            "noise, laplace on floats",
            floats(),
            noise(Distribution::Laplace),
            Limit::hmac(),
        ),
        Case::new("swap, integers", column(), swap, Limit::hmac()),
    ]
}

/// Dates and instants.
fn dated() -> Vec<Case> {
    let shift = || {
        Technique::DateShift(DateShift {
            entity: "entity".to_owned(),
            days: 30,
            domain: "dates".to_owned(),
        })
    };
    let month = Technique::Truncate(Truncate {
        to: TruncateTo::Period(Period::Month),
    });
    let coded = Technique::TopBottom(TopBottom {
        bottom: Some(Bound::Date(1_000)),
        top: Some(Bound::Date(15_000)),
    });
    let of = |generalize: Generalize| Technique::Generalize(generalize);
    let day = || Limit::unary::<Date32Type>(|day| day - (day + 3).rem_euclid(7));
    let part = Limit::date_part;
    vec![
        Case::new(
            "date_shift, an entity per row",
            dates(),
            shift(),
            Limit::hmac(),
        )
        .beside(entities(1)),
        Case::new(
            "date_shift, an entity per eight rows",
            dates(),
            shift(),
            Limit::hmac(),
        )
        .beside(entities(8)),
        Case::new(
            "top_bottom, dates",
            dates(),
            coded,
            Limit::unary::<Date32Type>(|day| day.clamp(1_000, 15_000)),
        ),
        Case::new(
            "truncate, dates to the month",
            dates(),
            month,
            part(DatePart::Month),
        ),
        Case::new(
            "generalize, dates to the week",
            dates(),
            of(Generalize::Week),
            day(),
        ),
        Case::new(
            "generalize, dates to the year",
            dates(),
            of(Generalize::Year),
            part(DatePart::Year),
        ),
        Case::new(
            "generalize, dates to ten-year bands",
            dates(),
            of(Generalize::Age { years: 10 }),
            part(DatePart::Year),
        ),
        Case::new(
            "generalize, instants to the quarter",
            instants(),
            of(Generalize::Quarter),
            part(DatePart::Quarter),
        ),
        Case::new(
            "generalize, instants to the hour",
            instants(),
            of(Generalize::Hour),
            part(DatePart::Hour),
        ),
    ]
}
