//! Arbitrary text and broken values: nothing panics, nothing passes through, nothing is printed.

use arrow::{
    array::{Array, Float64Array, StringArray},
    datatypes::DataType,
};
use desensitize::{
    Fault, Fpe, FpeDigits, FpeIdentifier, FpeResidentId, Identifier, Mask, OnBroken, REDACTED,
    Round, TOKEN_BYTES, TOKEN_PREFIX, Technique, Token,
};
use proptest::prelude::*;

use crate::columns::{any_text, apply, compile, recipe, techniques, texts};

/// Techniques whose valid input is a subset of all texts.
fn picky() -> Vec<Technique> {
    vec![
        Technique::Mask(Mask::mobile()),
        Technique::Mask(Mask::identifier(Identifier::Plate)),
        Technique::Token(Token::resident_id()),
        Technique::Fpe(Fpe::Digits(FpeDigits::new("account"))),
        Technique::Fpe(Fpe::Identifier(FpeIdentifier::marked(Identifier::Plate))),
        Technique::Fpe(Fpe::ResidentId(FpeResidentId::marked(Default::default()))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_text_gives_valid_text(value in any_text()) {
        for technique in techniques() {
            let Ok(transform) = compile(&recipe(technique.clone()), &DataType::Utf8, true) else { continue };
            let (out, counts) = apply(&transform, &StringArray::from(vec![value.as_str()]), 1).unwrap();
            let out = out.as_any().downcast_ref::<StringArray>().unwrap();
            prop_assert!(std::str::from_utf8(out.value_data()).is_ok());
            prop_assert_eq!(out.is_null(0), counts.broken == 1 || technique.id() == "null");
        }
    }

    /// Nulls and slices: what lies outside the slice and under nulls changes nothing, and no output names it.
    #[test]
    fn only_the_slice_is_read(
        values in prop::collection::vec(prop::option::weighted(0.8, any_text()), 4..16),
        skip in 0usize..4,
    ) {
        let whole = StringArray::from(values.clone());
        let slice = whole.slice(skip, values.len() - skip - 1);
        let alone = StringArray::from(values[skip..values.len() - 1].to_vec());
        for technique in techniques() {
            let Ok(transform) = compile(&recipe(technique.clone()), &DataType::Utf8, true) else { continue };
            let (out, counts) = apply(&transform, &slice, 1).unwrap();
            let (expect, counts_alone) = apply(&transform, &alone, 1).unwrap();
            prop_assert_eq!(&out, &expect, "{}", technique);
            prop_assert_eq!(counts, counts_alone);
            let out = out.as_any().downcast_ref::<StringArray>().unwrap();
            prop_assert!(std::str::from_utf8(out.value_data()).is_ok());
            prop_assert_eq!(out.value_offsets().first(), Some(&0));
        }
    }

    #[test]
    fn a_long_text_never_shows_through_a_hiding_technique(value in "[\\x{4e00}-\\x{9fff}]{9,20}") {
        for technique in techniques() {
            if matches!(technique.id(), "keep" | "scrub" | "swap") { continue }
            let Ok(transform) = compile(&recipe(technique.clone()), &DataType::Utf8, false) else { continue };
            let (out, _) = apply(&transform, &StringArray::from(vec![value.as_str()]), 1).unwrap();
            let out = out.as_any().downcast_ref::<StringArray>().unwrap().value(0).to_owned();
            let shown = out.chars().filter(|character| value.contains(*character)).count();
            prop_assert!(shown <= 4, "{} shows {} characters", technique, shown);
        }
    }

    #[test]
    fn broken_text_goes_the_declared_way(value in "[a-zA-Z\\x{4e00}-\\x{9fff}]{1,20}") {
        for technique in picky() {
            for on_broken in [OnBroken::Null, OnBroken::Redact, OnBroken::Token, OnBroken::Error] {
                let mut recipe = recipe(technique.clone());
                recipe.on_broken = Some(on_broken);
                let found = texts(&recipe, &[value.as_str()]);
                match on_broken {
                    OnBroken::Null => prop_assert_eq!(&found.as_ref().unwrap().0, &vec![None]),
                    OnBroken::Redact => prop_assert_eq!(&found.as_ref().unwrap().0, &vec![Some(REDACTED.to_owned())]),
                    OnBroken::Token => {
                        let token = found.as_ref().unwrap().0[0].clone().unwrap();
                        prop_assert!(token.starts_with(TOKEN_PREFIX) && token.len() == TOKEN_BYTES);
                    }
                    OnBroken::Error => {
                        let fault = found.clone().unwrap_err();
                        let named = matches!(&fault, Fault::BrokenInput { column, row: 1, .. } if column == "c");
                        prop_assert!(named);
                    }
                }
                if let Ok((_, counts)) = found { prop_assert_eq!(counts.broken, 1) }
            }
        }
    }
}

/// Errors name column and row; the canary is a value that occurs nowhere else.
#[test]
fn an_error_names_the_row_and_never_the_value() {
    const CANARY: &str = "65010119900101canary";
    for technique in picky() {
        let mut recipe = recipe(technique);
        recipe.on_broken = Some(OnBroken::Error);
        let transform = compile(&recipe, &DataType::Utf8, false).unwrap();
        let column = StringArray::from(vec![CANARY]);
        let fault = transform.apply(&column, 41).unwrap_err();
        let printed = format!("{fault} {fault:?} {transform:?}");
        assert!(printed.contains("column `c`, row 41: not a"), "{printed}");
        assert!(!printed.contains(CANARY) && !printed.contains("canary"));
    }
}

#[test]
fn without_a_choice_broken_text_is_null_or_redacted_and_broken_numbers_null_or_an_error() {
    let ids = recipe(Technique::Token(Token::resident_id()));
    let column = StringArray::from(vec!["110105194912310021"]);
    let apply = |nullable| {
        compile(&ids, &DataType::Utf8, nullable)
            .unwrap()
            .apply(&column, 1)
            .unwrap()
            .0
    };
    assert!(apply(true).is_null(0));
    assert_eq!(
        apply(false).as_ref(),
        &StringArray::from(vec![REDACTED]) as &dyn Array
    );
    let round = recipe(Technique::Round(Round { to: 10.into() }));
    let numbers = Float64Array::from(vec![12.0, f64::NAN]);
    let apply = |nullable| {
        compile(&round, &DataType::Float64, nullable)
            .unwrap()
            .apply(&numbers, 1)
    };
    let (rounded, counts) = apply(true).unwrap();
    assert_eq!((rounded.null_count(), counts.broken), (1, 1));
    assert!(matches!(
        apply(false),
        Err(Fault::BrokenInput { row: 2, .. })
    ));
}

#[test]
fn nothing_is_left_outside_a_slice_or_under_a_null() {
    let hidden = StringArray::from(vec![
        Some("hidden-before"),
        Some("shown"),
        Some("hidden-under-null"),
        Some("hidden-after"),
    ]);
    let nulls = arrow::buffer::NullBuffer::from(vec![true, true, false, true]);
    let (offsets, values, _) = hidden.into_parts();
    let slice = StringArray::new(offsets, values, Some(nulls)).slice(1, 2);
    let kept = compile(&recipe(Technique::Keep), &DataType::Utf8, true)
        .unwrap()
        .apply(&slice, 1)
        .unwrap()
        .0;
    let kept = kept.as_any().downcast_ref::<StringArray>().unwrap();
    assert_eq!(kept, &slice);
    assert_eq!(kept.value_data(), b"shown");
}
