//! Every technique on every type: either refused with a fix, or the same type, nullability and length out.

use std::sync::Arc;

use arrow::{array::Array, datatypes::DataType};
use desensitize::{
    Fault, Fpe, Generalize, INTERVAL_METADATA, LABELS_METADATA, OnBroken, PersonPart,
    TECHNIQUE_METADATA, Technique, hierarchy::Hierarchy,
};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::columns::{apply, column, compile, recipe, techniques, types};

/// Which types a technique takes, said a second time; a technique that widens its types has to say so here.
fn takes(technique: &Technique, data_type: &DataType, nullable: bool) -> bool {
    use DataType::{Boolean, Date32, Decimal128, Float64, Int64, Timestamp, Utf8};
    let written = technique.to_string();
    match (technique.id(), data_type) {
        ("keep" | "swap" | "hash_drop", _) => true,
        ("noise", Int64) => !written.starts_with("noise gaussian 0.5"),
        ("noise", Float64 | Decimal128(..)) => true,
        ("microaggregate", data_type) => !matches!(data_type, Utf8 | Boolean),
        ("null", _) => nullable,
        ("fpe", data_type) if technique.companion().is_some() => same_person(technique, data_type),
        ("fpe", Utf8) => !encrypts_too_few(technique),
        ("mask" | "redact" | "scrub" | "token", data_type) => *data_type == Utf8,
        ("constant", Utf8) => true,
        ("round", Int64) => written == "round to 10",
        ("round", Float64 | Decimal128(..)) => true,
        ("bucket", Int64) => written == "bucket of 5 from -3",
        ("bucket", Float64 | Decimal128(..)) => true,
        ("truncate", data_type) => match data_type {
            Utf8 => written.ends_with("graphemes"),
            Date32 | Timestamp(..) => written.ends_with("month"),
            Int64 | Float64 | Decimal128(..) => written == "truncate to 100",
            _ => false,
        },
        ("top_bottom", Date32) => written == "top_bottom from 1900-01-01",
        ("top_bottom", Timestamp(..)) => written.ends_with("T00:00:00"),
        ("top_bottom", Int64 | Float64 | Decimal128(..)) => written == "top_bottom from 0 to 90",
        ("date_shift", data_type) => matches!(data_type, Date32 | Timestamp(..)),
        ("generalize", data_type) => generalizes(technique, data_type),
        ("constant", Int64 | Float64 | Decimal128(..)) => constant(technique) == "1",
        ("constant", Date32) => constant(technique).starts_with("2026"),
        ("constant", Timestamp(..)) => constant(technique).starts_with("2026"),
        ("constant", Boolean) => constant(technique) == "true",
        _ => false,
    }
}

/// Identifiers that FF1 may not encrypt, or that have a recipe of their own.
fn encrypts_too_few(technique: &Technique) -> bool {
    let Technique::Fpe(Fpe::Identifier(fpe)) = technique else {
        return false;
    };
    matches!(
        fpe.identifier.id(),
        "resident-id" | "postcode" | "email" | "ip" | "gps"
    )
}

fn generalizes(technique: &Technique, data_type: &DataType) -> bool {
    use DataType::{Date32, Decimal128, Float64, Int64, Timestamp, Utf8};
    let Technique::Generalize(generalize) = technique else {
        return false;
    };
    match generalize {
        Generalize::Day | Generalize::Hour => matches!(data_type, Timestamp(..)),
        Generalize::Age { .. } => matches!(data_type, Int64 | Date32 | Timestamp(..)),
        Generalize::Region(_) => matches!(data_type, Utf8 | Int64),
        Generalize::Grid { .. } => matches!(data_type, Utf8 | Float64 | Decimal128(..)),
        Generalize::Hierarchy { hierarchy, .. } => match (data_type, hierarchy.values().next()) {
            (Utf8, _) => true,
            (Int64 | Decimal128(..), first) => first == Some("650102"),
            (Date32 | Timestamp(..), first) => first == Some("1970-01-01"),
            _ => false,
        },
        _ => matches!(data_type, Date32 | Timestamp(..)),
    }
}

fn same_person(technique: &Technique, data_type: &DataType) -> bool {
    use DataType::{Boolean, Date32, Int64, Timestamp, Utf8};
    let Technique::Fpe(Fpe::SamePerson(person)) = technique else {
        return false;
    };
    match &person.part {
        PersonPart::BirthDate => matches!(data_type, Utf8 | Date32 | Timestamp(..)),
        PersonPart::Sex { male, .. } => match data_type {
            Int64 => male == "1",
            Boolean => male == "true",
            _ => *data_type == Utf8,
        },
    }
}

fn constant(technique: &Technique) -> &str {
    match technique {
        Technique::Constant(constant) => &constant.value,
        _ => "",
    }
}

/// Runs one technique over generated columns of one type; only a number that has no representative may stop it.
fn holds(technique: &Technique, data_type: &DataType, nullable: bool) {
    let transform = compile(&recipe(technique.clone()), data_type, nullable).unwrap();
    assert_eq!(
        (
            transform.field().data_type(),
            transform.field().is_nullable()
        ),
        (data_type, nullable)
    );
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(48)
    };
    let ran = TestRunner::new(config).run(&column(data_type.clone(), nullable), |column| {
        let (out, counts) = match apply(&transform, &column, 1) {
            Err(Fault::BrokenInput { .. }) if !nullable && *data_type != DataType::Utf8 => {
                return Ok(());
            }
            other => other.unwrap(),
        };
        prop_assert_eq!((out.data_type(), out.len()), (data_type, column.len()));
        prop_assert!(nullable || out.null_count() == 0);
        prop_assert!(
            (0..column.len()).all(|row| out.is_null(row) || !column.is_null(row)),
            "a null became a value"
        );
        prop_assert_eq!(counts.rows, column.len() as u64);
        prop_assert_eq!(counts.nulls, column.null_count() as u64);
        let new_nulls = (out.null_count() - column.null_count()) as u64;
        let expected_nulls = if nullable { counts.broken } else { 0 };
        prop_assert!(technique.id() == "null" || new_nulls == expected_nulls);
        prop_assert_eq!(
            &apply(&transform, &column, 1).unwrap().0,
            &out,
            "the same input gave another output"
        );
        Ok(())
    });
    ran.unwrap_or_else(|broken| {
        panic!("{technique} on {data_type}, nullable {nullable}: {broken}")
    });
}

#[test]
fn type_nullability_and_length_are_kept_or_the_recipe_is_refused() {
    for technique in techniques() {
        for data_type in types() {
            for nullable in [false, true] {
                let compiled = compile(&recipe(technique.clone()), &data_type, nullable);
                let takes = takes(&technique, &data_type, nullable);
                assert_eq!(
                    compiled.is_ok(),
                    takes,
                    "{technique} on {data_type}, nullable {nullable}: {compiled:?}"
                );
                if takes {
                    holds(&technique, &data_type, nullable);
                }
            }
        }
    }
}

#[test]
fn types_outside_the_contract_are_refused() {
    use arrow::datatypes::TimeUnit::{Microsecond, Second};
    let foreign = [
        DataType::LargeUtf8,
        DataType::Utf8View,
        DataType::Int32,
        DataType::Date64,
        DataType::Timestamp(Second, None),
        DataType::Timestamp(Microsecond, Some("+08:00".into())),
        DataType::Binary,
    ];
    for technique in techniques()
        .into_iter()
        .filter(|technique| technique.id() != "null")
    {
        for data_type in &foreign {
            assert!(
                compile(&recipe(technique.clone()), data_type, true).is_err(),
                "{technique} on {data_type}"
            );
        }
    }
}

#[test]
fn every_answer_to_broken_input_fits_its_column_or_is_refused() {
    for data_type in types() {
        for nullable in [false, true] {
            for on_broken in [
                OnBroken::Error,
                OnBroken::Null,
                OnBroken::Redact,
                OnBroken::Token,
            ] {
                let mut recipe = recipe(Technique::Keep);
                recipe.on_broken = Some(on_broken);
                let expect = match on_broken {
                    OnBroken::Error => true,
                    OnBroken::Null => nullable,
                    OnBroken::Redact | OnBroken::Token => data_type == DataType::Utf8,
                };
                let compiled = compile(&recipe, &data_type, nullable);
                assert_eq!(
                    compiled.is_ok(),
                    expect,
                    "{} on {data_type}, nullable {nullable}",
                    on_broken.id()
                );
            }
        }
    }
}

#[test]
fn every_technique_says_what_a_reader_learns_in_both_languages() {
    for technique in techniques() {
        for sentence in [technique.learnable(), technique.reversible()] {
            assert!(
                !sentence.en.is_empty() && !sentence.en.contains('\n') && sentence.en.is_ascii()
            );
            assert!(
                sentence
                    .zh
                    .chars()
                    .any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character))
            );
        }
    }
}

/// A representative stands for itself: what is generalised once is not changed by doing it again.
#[test]
fn representatives_are_their_own_representatives() {
    for technique in techniques() {
        let technique_id = technique.id();
        if technique.interval().is_none() || technique_id == "microaggregate" {
            continue;
        }
        for data_type in types() {
            let Ok(transform) = compile(&recipe(technique.clone()), &data_type, true) else {
                continue;
            };
            let config = ProptestConfig {
                failure_persistence: None,
                ..ProptestConfig::with_cases(96)
            };
            let ran = TestRunner::new(config).run(&column(data_type.clone(), true), |column| {
                let (once, _) = transform.apply(&column, 1).unwrap();
                let (twice, counts) = transform.apply(&once, 1).unwrap();
                prop_assert_eq!(&twice, &once);
                prop_assert_eq!(counts.broken, 0);
                Ok(())
            });
            ran.unwrap_or_else(|broken| panic!("{technique} on {data_type}: {broken}"));
        }
    }
}

/// What the output field says about its values.
#[test]
fn the_field_says_what_a_representative_stands_for() {
    let metadata = |technique: &Technique, data_type: &DataType| {
        let transform = compile(&recipe(technique.clone()), data_type, true).unwrap();
        transform.field().metadata().clone()
    };
    for technique in techniques() {
        for data_type in types() {
            if compile(&recipe(technique.clone()), &data_type, true).is_err() {
                continue;
            }
            let metadata = metadata(&technique, &data_type);
            assert_eq!(
                metadata.get(TECHNIQUE_METADATA),
                Some(&technique.to_string())
            );
            assert_eq!(
                metadata.get(INTERVAL_METADATA),
                technique.interval().as_ref()
            );
            let labelled = technique.to_string().contains("hierarchy");
            assert_eq!(
                metadata.contains_key(LABELS_METADATA),
                labelled,
                "{technique}"
            );
        }
    }
    let hierarchy = Technique::Generalize(Generalize::Hierarchy {
        hierarchy: Arc::new(
            Hierarchy::parse("J45;asthma;lung\nJ18;pneumonia;lung\nI21;infarct;heart\n").unwrap(),
        ),
        level: 2,
    });
    let metadata = metadata(&hierarchy, &DataType::Utf8);
    assert_eq!(metadata[LABELS_METADATA], "J45;lung\nI21;heart\n");
}
