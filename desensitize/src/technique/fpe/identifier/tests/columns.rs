//! Whole columns: rows in their places, broken input, refusals, and shares.

use arrow::{array::StringArray, datatypes::Field};

use super::{twins::with_checks, *};

#[test]
fn values_outside_a_set_are_broken_input() {
    for (identifier, text) in [
        (Identifier::OrganisationCode, "000000SO?"),
        (Identifier::BankCard, "62220200000?"),
        (Identifier::TaxNumber, "11010519491231002X01"),
        (Identifier::Plate, "粤Z1234港"),
    ] {
        let valid = match text.find('?') {
            Some(place) => with_checks(identifier, text.to_owned(), &[place]),
            None => text.to_owned(),
        };
        assert_eq!(identifier.validate(&valid), Ok(()));
        assert_eq!(
            surrogate(&kernel(FpeIdentifier::marked(identifier), 5), &valid),
            None,
            "{valid}"
        );
    }
}

fn transform(recipe: FpeIdentifier, on_broken: OnBroken) -> Result<Transform, Unsuitable> {
    let recipe = ColumnRecipe {
        on_broken: Some(on_broken),
        ..ColumnRecipe::new("c", Technique::Fpe(Fpe::Identifier(recipe)))
    };
    Transform::compile(
        &recipe,
        &Field::new("c", DataType::Utf8, true),
        Some(&ColumnKey::from([5; 32])),
    )
}

#[test]
fn rows_stay_in_their_places() {
    let recipe = FpeIdentifier::marked(Identifier::BankCard);
    let column = StringArray::from(vec![
        Some("0"),
        Some("4111111111111111"),
        None,
        Some("broken"),
        Some("378282246310005"),
        Some("5500 0000 0000 0004"),
        None,
    ]);
    let expect: Vec<Option<String>> = column
        .iter()
        .map(|value| surrogate(&kernel(recipe, 5), value?))
        .collect();
    let transform = transform(recipe, OnBroken::Null).unwrap();
    for (from, rows) in [(0, 7), (1, 5), (2, 2), (3, 0)] {
        let (out, counts) = transform.apply(&column.slice(from, rows), 1).unwrap();
        assert_eq!(
            out.as_string::<i32>(),
            &StringArray::from(expect[from..from + rows].to_vec())
        );
        let nulls = column.slice(from, rows).null_count() as u64;
        assert_eq!(
            (counts.nulls, counts.broken),
            (nulls, out.null_count() as u64 - nulls)
        );
    }
    let original = transform.reverse(expect[1].as_deref().unwrap());
    assert_eq!(original.as_deref(), Ok("4111111111111111"));
}

#[test]
fn a_kind_of_few_values_is_refused_with_advice() {
    let check = |identifier, expect: &str| {
        let refused = transform(FpeIdentifier::marked(identifier), OnBroken::Null).unwrap_err();
        assert_eq!(refused.to_string(), expect);
    };
    check(
        Identifier::Postcode,
        "column `c`: keeping the province of a postcode leaves 10000 values, fewer than 1000000; keep nothing and use `token`",
    );
    check(
        Identifier::Ip,
        "column `c`: keeping the network of an IP address (16 bits) leaves 65536 values, fewer than 1000000; keep nothing and use `token`",
    );
    check(
        Identifier::Email,
        "column `c`: `fpe` does not encrypt e-mail addresses; use `token`",
    );
    check(
        Identifier::Gps,
        "column `c`: `fpe` does not encrypt coordinates; use `generalize` to a grid",
    );
    check(
        Identifier::ResidentId,
        "column `c`: `fpe` of resident ids has a domain of its own; use `domain: resident-id`",
    );
    for identifier in KINDS {
        assert!(transform(FpeIdentifier::marked(identifier), OnBroken::Error).is_ok());
    }
}

#[test]
fn shares_of_surrogates_that_may_be_somebodys() {
    let share = |recipe: FpeIdentifier| recipe.somebodys().unwrap().share;
    for identifier in KINDS {
        assert!(share(FpeIdentifier::marked(identifier)) == 0.0);
    }
    let mobile = FpeIdentifier::valid(Identifier::Mobile)
        .somebodys()
        .unwrap();
    assert_eq!(mobile.to_string(), "on average 32.55 %");
    assert!(share(FpeIdentifier::valid(Identifier::CreditCode)) < 0.001);
    assert!(share(FpeIdentifier::valid(Identifier::Vin)) < 1e-6);
    let unknown = FpeIdentifier::valid(Identifier::BankCard)
        .somebodys()
        .unwrap();
    assert!(unknown.share == 1.0 && unknown.basis.en.starts_with("not known: "));
}
