//! What a recipe is refused for, in the words a policy's author reads.

use arrow::datatypes::{DataType, Field, TimeUnit};
use std::sync::Arc;

use desensitize::{
    Bound, Bucket, BucketEdges, Centre, Constant, DateShift, Distribution, Fpe, FpeDigits,
    FpeResidentId, Generalize, Mask, Microaggregate, Noise, OnBroken, Period, RegionLevel, Round,
    Swap, Technique, Token, TopBottom, Transform, Truncate, TruncateTo,
    hierarchy::Hierarchy,
    resident_id::{Kept, Part},
};

use crate::columns::{compile, recipe};

fn check(technique: Technique, data_type: &DataType, nullable: bool, expect: &str) {
    let refused = compile(&recipe(technique), data_type, nullable).unwrap_err();
    assert_eq!(refused.to_string(), expect);
}

fn ids(parts: &[Part]) -> Technique {
    Technique::Fpe(Fpe::ResidentId(FpeResidentId::marked(Kept::from_parts(
        parts.iter().copied(),
    ))))
}

fn digits(first: usize, last: usize, length: Option<usize>) -> Technique {
    let digits = FpeDigits {
        keep_first: first,
        keep_last: last,
        length,
        ..FpeDigits::new("phone")
    };
    Technique::Fpe(Fpe::Digits(digits))
}

#[test]
fn types_and_nulls() {
    check(
        Technique::Null,
        &DataType::Utf8,
        false,
        "column `c`: `null` writes nulls and the column is not nullable; use `constant`",
    );
    check(
        Technique::Redact,
        &DataType::Int64,
        true,
        "column `c`: `redact` works on text (Utf8), not on Int64; use `constant`",
    );
    check(
        Technique::Round(Round { to: 10.into() }),
        &DataType::Utf8,
        true,
        "column `c`: `round` works on numbers (Int64, Float64, Decimal128), not on Utf8; use `generalize`",
    );
    check(
        Technique::Token(Token::text()),
        &DataType::Int64,
        true,
        "column `c`: `token` works on text (Utf8), not on Int64; use `constant`",
    );
}

#[test]
fn parameters() {
    let round = |to: &str| {
        Technique::Round(Round {
            to: to.parse().unwrap(),
        })
    };
    let bucket = |width: i32| {
        let (width, origin) = (width.into(), 0.into());
        let edges = BucketEdges::Width { width, origin };
        Technique::Bucket(Bucket { edges })
    };
    check(
        round("0"),
        &DataType::Int64,
        true,
        "column `c`: `round` needs a step above zero, such as `to: 10`",
    );
    check(
        round("0.5"),
        &DataType::Int64,
        true,
        "column `c`: `round` cannot write 0.5 in Int64; use a multiple of the column's smallest unit",
    );
    check(
        bucket(-5),
        &DataType::Int64,
        true,
        "column `c`: `bucket` needs a width above zero, such as `width: 5`",
    );
    check(
        Technique::Constant(Constant {
            value: "yes".to_owned(),
        }),
        &DataType::Timestamp(TimeUnit::Microsecond, None),
        true,
        "column `c`: `constant` has a value that is not of the column's type Timestamp(µs); write one that is",
    );
    check(
        Technique::Mask(Mask {
            last: 4,
            ..Mask::mobile()
        }),
        &DataType::Utf8,
        true,
        "column `c`: `mask` keeps at most 6 of a mobile number's 11 digits; lower `first` or `last`",
    );
}

#[test]
fn small_domains() {
    check(
        ids(&[Part::County, Part::BirthYear]),
        &DataType::Utf8,
        true,
        "column `c`: keeping [county, birth_year] leaves 364635 values, fewer than 1000000; keep [county, birth_band], which leaves 3648348",
    );
    check(
        digits(7, 0, Some(11)),
        &DataType::Utf8,
        true,
        "column `c`: keeping 7 of 11 digits leaves 10000 values, fewer than 1000000; keep at most 5 digits",
    );
    check(
        digits(0, 0, Some(4)),
        &DataType::Utf8,
        true,
        "column `c`: keeping 0 of 4 digits leaves 10000 values, fewer than 1000000; keep nothing and use `token`: the value is too short to encrypt",
    );
    check(
        digits(40, 40, None),
        &DataType::Utf8,
        true,
        "column `c`: `fpe` takes values of at most 64 digits and needs 6 beside the kept ones; keep fewer",
    );
    assert!(
        compile(
            &recipe(ids(&[Part::County, Part::BirthBand, Part::Sex])),
            &DataType::Utf8,
            true
        )
        .is_ok()
    );
    assert!(compile(&recipe(digits(5, 0, Some(11))), &DataType::Utf8, true).is_ok());
}

#[test]
fn broken_input_and_keys() {
    let mut number = recipe(Technique::Round(Round { to: 10.into() }));
    number.on_broken = Some(OnBroken::Redact);
    let refused = compile(&number, &DataType::Int64, true).unwrap_err();
    let expect = "column `c`: `on_broken: redact` writes text and the column is Int64; use `error` or, where nullable, `null`";
    assert_eq!(refused.to_string(), expect);
    let field = Field::new("c", DataType::Utf8, false);
    let refused =
        Transform::compile(&recipe(Technique::Token(Token::text())), &field, None).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "column `c`: `token` needs the key of the column domain `text`"
    );
    assert!(
        recipe(Technique::Token(Token::text()))
            .check(&field)
            .is_ok(),
        "a check needs no key"
    );
    assert!(recipe(Technique::Null).check(&field).is_err());
}

/// Every technique that came with bounds of its own, and what it asks for instead.
#[test]
fn bounds_of_the_catalogue() {
    let int = DataType::Int64;
    let truncate = |to| Technique::Truncate(Truncate { to });
    let edges = |edges: &[i32]| {
        let edges = edges.iter().copied().map(Into::into).collect();
        Technique::Bucket(Bucket {
            edges: BucketEdges::Edges(edges),
        })
    };
    let coding = |bottom, top| Technique::TopBottom(TopBottom { bottom, top });
    let number = |value: i32| Some(Bound::Number(value.into()));
    let swap = |rows| {
        Technique::Swap(Swap {
            rows,
            domain: "swap".to_owned(),
        })
    };
    let groups = |k, rows| {
        Technique::Microaggregate(Microaggregate {
            k,
            method: Centre::Mean,
            rows,
        })
    };
    let noise = |scale: &str, bounds: Option<(i32, i32)>| {
        Technique::Noise(Noise {
            distribution: Distribution::Laplace,
            scale: scale.parse().unwrap(),
            bounds: bounds.map(|(least, most)| (least.into(), most.into())),
            domain: "noise".to_owned(),
            entity: None,
        })
    };
    let shift = |days| {
        Technique::DateShift(DateShift {
            entity: "e".to_owned(),
            days,
            domain: "dates".to_owned(),
        })
    };
    for (technique, data_type, expect) in [
        (
            truncate(TruncateTo::Graphemes(0)),
            DataType::Utf8,
            "`truncate` keeps 1 to 64 graphemes; use `redact` to keep none",
        ),
        (
            truncate(TruncateTo::Graphemes(3)),
            int.clone(),
            "`truncate` works on text (Utf8), not on Int64; use `truncate to a multiple or a period`",
        ),
        (
            truncate(TruncateTo::Multiple(0.into())),
            int.clone(),
            "`truncate` needs a step above zero, such as `to: 100`",
        ),
        (
            truncate(TruncateTo::Period(Period::Day)),
            DataType::Date32,
            "`truncate` to the day changes no date; use a longer period, or `keep`",
        ),
        (
            edges(&[0, 18, 18]),
            int.clone(),
            "`bucket` needs 2 to 256 edges in rising order, such as `edges: [0, 18, 60]`",
        ),
        (
            coding(None, None),
            int.clone(),
            "`top_bottom` needs `bottom`, `top` or both",
        ),
        (
            coding(number(9), number(9)),
            int.clone(),
            "`top_bottom` needs a `bottom` below its `top`; or use `constant`",
        ),
        (
            coding(None, number(9)),
            DataType::Date32,
            "`top_bottom` has a bound that is not of the column's type Date32; write one that is",
        ),
        (
            coding(None, number(1000)),
            DataType::Decimal128(3, 1),
            "`top_bottom` has a bound that its type cannot hold; write one that it can",
        ),
        (
            shift(0),
            DataType::Date32,
            "`date_shift` moves by 1 to 3653 days; choose `days` among them",
        ),
        (
            shift(30),
            int.clone(),
            "`date_shift` works on dates and timestamps, not on Int64; use `noise or bucket`",
        ),
        (
            Technique::Generalize(Generalize::Hour),
            DataType::Date32,
            "`generalize` to the hour changes no date; use a longer period, or `keep`",
        ),
        (
            Technique::Generalize(Generalize::Age { years: 1 }),
            int.clone(),
            "`generalize` needs bands of 2 to 50 years, such as 5",
        ),
        (
            Technique::Generalize(Generalize::Grid { decimals: 5 }),
            DataType::Float64,
            "`generalize` keeps at most 4 decimals of a degree; more is the place itself",
        ),
        (
            Technique::Generalize(Generalize::Grid { decimals: 2 }),
            DataType::Decimal128(5, 2),
            "`generalize` keeps every digit of the column; lower `grid`",
        ),
        (
            Technique::Generalize(Generalize::Region(RegionLevel::County)),
            DataType::Date32,
            "`generalize` works on division codes (Utf8, Int64), not on Date32; use `a hierarchy, or redact`",
        ),
        (
            noise("0", None),
            int.clone(),
            "`noise` needs a scale above zero, such as `scale: 5`",
        ),
        (
            noise("0.5", None),
            int.clone(),
            "`noise` cannot write 0.5 in Int64; use a multiple of the column's smallest unit",
        ),
        (
            noise("1", Some((5, 5))),
            int.clone(),
            "`noise` needs a `min` below its `max`",
        ),
        (
            noise("1", None),
            DataType::Date32,
            "`noise` works on numbers (Int64, Float64, Decimal128), not on Date32; use `date_shift for dates, or generalize`",
        ),
        (
            swap(19),
            int.clone(),
            "`swap` swaps among 20 to 1048576 rows; choose `rows` among them",
        ),
        (
            groups(2, 100),
            int.clone(),
            "`microaggregate` needs a `k` of at least 3 and `rows` from `k` to 1048576",
        ),
        (
            groups(5, 4),
            int.clone(),
            "`microaggregate` needs a `k` of at least 3 and `rows` from `k` to 1048576",
        ),
        (
            groups(5, 100),
            DataType::Utf8,
            "`microaggregate` works on numbers, dates and timestamps, not on Utf8; use `swap or generalize`",
        ),
    ] {
        check(
            technique,
            &data_type,
            true,
            &format!("column `c`: {expect}"),
        );
    }
}

#[test]
fn hierarchies() {
    let generalize = |text: &str, level| {
        let hierarchy = Arc::new(Hierarchy::parse(text).unwrap());
        Technique::Generalize(Generalize::Hierarchy { hierarchy, level })
    };
    for (technique, data_type, expect) in [
        (
            generalize("a;x\n", 0),
            DataType::Utf8,
            "has no level 0; the hierarchy's levels are 1 to 1",
        ),
        (
            generalize("a;x\n", 1),
            DataType::Int64,
            "has a hierarchy with values that are not of the column's type Int64; list its values as the column has them",
        ),
        (
            generalize("a;x\n", 1),
            DataType::Boolean,
            "works on text, integers, decimals, dates and timestamps (to a hierarchy), not on Boolean; use `bucket, constant or redact`",
        ),
        (
            generalize("a;x\n*;y\n", 1),
            DataType::Utf8,
            "has a rule for unlisted values whose group of level 1 has no listed member to stand for it; list one",
        ),
    ] {
        check(
            technique,
            &data_type,
            true,
            &format!("column `c`: `generalize` {expect}"),
        );
    }
}
