//! What a recipe is refused for, in the words a policy's author reads.

use arrow::datatypes::{DataType, Field, TimeUnit};
use desensitize::{
    Bucket, BucketEdges, Constant, Fpe, FpeDigits, FpeResidentId, Mask, OnBroken, Round, Technique,
    Token, Transform,
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
