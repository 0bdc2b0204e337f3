//! What surrogates keep: numbers of one body, kept parts, marks, and a surrogate for each value.

use super::{twins::with_checks, *};

#[test]
fn every_serial_of_a_type_has_its_own_surrogate() {
    let kernel = kernel(FpeIdentifier::marked(Identifier::Imei), 3);
    let mut splits: Vec<Option<Split>> = (0..1_000_000)
        .map(|rank| Split::new(&["49015420"], 0, rank))
        .collect();
    kernel.permute_all(&mut splits, Way::Encrypt);
    let mut seen = vec![false; splits.len()];
    for split in splits.into_iter().flatten() {
        assert!(!std::mem::replace(
            &mut seen[usize::try_from(split.rank).unwrap()],
            true
        ));
    }
    assert!(seen.into_iter().all(|seen| seen));
}

#[test]
fn numbers_of_one_body_join() {
    for mode in [Mode::Marked, Mode::Valid] {
        let of = |identifier, text| {
            surrogate(
                &kernel(
                    FpeIdentifier {
                        mode,
                        ..FpeIdentifier::marked(identifier)
                    },
                    5,
                ),
                text,
            )
            .unwrap()
        };
        let code = of(Identifier::OrganisationCode, "MA5H8REU-3");
        let credit = of(Identifier::CreditCode, "91440300MA5H8REU3K");
        assert_eq!(&credit[8..17], code);
        assert_eq!(&credit[..8], "91440300");
        assert_eq!(of(Identifier::TaxNumber, "91440300MA5H8REU3K"), credit);
        assert_eq!(&of(Identifier::TaxNumber, "440300MA5H8REU3")[6..], code);
        // The same body registered elsewhere.
        let elsewhere = with_checks(
            Identifier::CreditCode,
            "92650102MA5H8REU3?".to_owned(),
            &[17],
        );
        assert_eq!(&of(Identifier::CreditCode, &elsewhere)[8..17], code);

        let plain = of(Identifier::Mobile, "13912345678");
        assert_eq!(of(Identifier::Mobile, "+86 139 1234 5678"), plain);
        let permit = of(Identifier::HongKongMacaoPermit, "H12345678");
        assert_eq!(
            of(Identifier::HongKongMacaoPermit, "H1234567801"),
            format!("{permit}01")
        );
        let permit = of(Identifier::TaiwanPermit, "12345678");
        assert_eq!(
            of(Identifier::TaiwanPermit, "1234567802"),
            format!("{permit}02")
        );
    }
}

#[test]
fn what_stays_stays_and_what_marks_is_never_issued() {
    let of = |identifier, text: &str| {
        surrogate(&kernel(FpeIdentifier::marked(identifier), 5), text).unwrap()
    };
    for (mobile, prefix) in [
        ("13912345678", "939"),
        ("15012345678", "900"),
        ("16612345678", "916"),
        ("19912345678", "999"),
    ] {
        assert_eq!(&of(Identifier::Mobile, mobile)[..3], prefix);
    }
    for (landline, prefix) in [
        ("010-62345678", "910"),
        ("0551-62345678", "9051"),
        ("0660-2345678", "9160"),
        ("0991-2345678", "9991"),
    ] {
        assert_eq!(&of(Identifier::Landline, landline)[..prefix.len()], prefix);
    }
    // A number that begins with 9 is a subscriber's only as a short code 95 or 96.
    for second in 3..=9 {
        let marked = of(Identifier::Mobile, &format!("1{second}012345678"));
        assert!(!marked.starts_with("95") && !marked.starts_with("96") && marked.starts_with('9'));
    }
    let plate = of(Identifier::Plate, "新A12345");
    assert!(plate.starts_with("新A"));
    assert_eq!(
        Identifier::Plate.validate(&plate),
        Err(NotIdentifier::Unassigned(Identifier::Plate))
    );
    assert!(of(Identifier::Passport, "E12345678").ends_with(|last| ('Q'..='Z').contains(&last)));
    assert!(of(Identifier::Mac, "00:1B:63:84:45:E6").starts_with("01:1B:63:"));
    assert_eq!(&of(Identifier::Vin, "1M8GDM9AXKP042788")[..3], "1M8");
    assert_eq!(&of(Identifier::BankCard, "4111111111111111")[..6], "411111");
}
