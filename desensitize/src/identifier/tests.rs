//! Published examples, one wrong character in each, spellings, and the chance of a random text.

use proptest::prelude::*;

use super::*;

/// Valid numbers in their one spelling; published examples and ones made by hand from the rules.
pub(crate) const VALID: &[(Identifier, &str)] = &[
    (Identifier::ResidentId, "11010519491231002X"),
    (Identifier::ResidentId, "440524188001010014"),
    (Identifier::CreditCode, "91350100M000100Y43"),
    (Identifier::CreditCode, "91440300MA5H8REU3K"),
    (Identifier::CreditCode, "91440300MA5DLQQW0F"),
    (Identifier::CreditCode, "91110108MA01G0FB09"),
    (Identifier::OrganisationCode, "MA5H8REU3"),
    (Identifier::OrganisationCode, "MA01G0FB0"),
    (Identifier::OrganisationCode, "M000100Y4"),
    (Identifier::TaxNumber, "91440300MA5H8REU3K"),
    (Identifier::TaxNumber, "440300MA5H8REU3"),
    (Identifier::TaxNumber, "11010519491231002X01"),
    (Identifier::BankCard, "4111111111111111"),
    (Identifier::BankCard, "5500000000000004"),
    (Identifier::BankCard, "378282246310005"),
    (Identifier::BankCard, "6011000990139424"),
    (Identifier::Mobile, "13912345678"),
    (Identifier::Landline, "01062345678"),
    (Identifier::Landline, "09912345678"),
    (Identifier::Landline, "075581234567-801"),
    (Identifier::Plate, "新A12345"),
    (Identifier::Plate, "京A8B88C"),
    (Identifier::Plate, "粤BD12345"),
    (Identifier::Plate, "粤BDK1234"),
    (Identifier::Plate, "沪A12345F"),
    (Identifier::Plate, "新A1234学"),
    (Identifier::Plate, "粤Z12A4港"),
    (Identifier::Passport, "E12345678"),
    (Identifier::Passport, "EA1234567"),
    (Identifier::Passport, "G12345678"),
    (Identifier::Passport, "SE1234567"),
    (Identifier::Passport, "P1234567"),
    (Identifier::Passport, "141234567"),
    (Identifier::HongKongMacaoPermit, "H12345678"),
    (Identifier::HongKongMacaoPermit, "M1234567801"),
    (Identifier::TaiwanPermit, "12345678"),
    (Identifier::TaiwanPermit, "0123456701"),
    (Identifier::Vin, "1M8GDM9AXKP042788"),
    (Identifier::Vin, "11111111111111111"),
    (Identifier::Vin, "1HGCM82633A004352"),
    (Identifier::Imei, "490154203237518"),
    (Identifier::Imei, "356938035643809"),
    (Identifier::Postcode, "830000"),
    (Identifier::Email, "zhang.san@example.com.cn"),
    (Identifier::Ip, "203.0.113.7"),
    (Identifier::Ip, "2001:db8::7"),
    (Identifier::Mac, "00:1B:63:84:45:E6"),
    (Identifier::Gps, "43.825592,87.616848"),
];

#[test]
fn published_examples_are_valid_and_their_own_spelling() {
    for (identifier, text) in VALID {
        let mut spelling = String::from("before ");
        assert_eq!(
            identifier.canonical(text, &mut spelling),
            Ok(()),
            "{identifier} {text}"
        );
        assert_eq!(spelling, format!("before {text}"));
        assert!(identifier.shape(text));
    }
    let named: std::collections::HashSet<Identifier> =
        VALID.iter().map(|(identifier, _)| *identifier).collect();
    assert_eq!(named.len(), Identifier::ALL.len());
}

#[test]
fn one_spelling_of_many() {
    let check = |identifier: Identifier, text: &str, expect: &str| {
        let mut spelling = String::new();
        assert_eq!(
            identifier.canonical(text, &mut spelling),
            Ok(()),
            "{identifier} {text}"
        );
        assert_eq!(spelling, expect);
    };
    check(
        Identifier::ResidentId,
        "110105491231002",
        "11010519491231002X",
    );
    check(
        Identifier::ResidentId,
        "110105 19491231 002x",
        "11010519491231002X",
    );
    check(
        Identifier::CreditCode,
        "９１４４０３００－ma5h8reu3k",
        "91440300MA5H8REU3K",
    );
    check(Identifier::OrganisationCode, "MA5H8REU-3", "MA5H8REU3");
    check(
        Identifier::BankCard,
        "4111 1111-1111　1111",
        "4111111111111111",
    );
    for text in [
        "+86 139-1234-5678",
        "8613912345678",
        "００８６13912345678",
        "＋８６13912345678",
    ] {
        check(Identifier::Mobile, text, "13912345678");
    }
    for text in ["0991-2345678", "(0991)2345678", "（0991） 2345678"] {
        check(Identifier::Landline, text, "09912345678");
    }
    for text in [
        "0991-2345678-801",
        "0991-2345678转801",
        "09912345678 ext. 801",
    ] {
        check(Identifier::Landline, text, "09912345678-801");
    }
    for text in ["新A·12345", "新a 12345", "新Ａ-１２３４５", "新A•12345"] {
        check(Identifier::Plate, text, "新A12345");
    }
    check(Identifier::Passport, " e 1234 5678", "E12345678");
    check(Identifier::Vin, "1m8gdm9axkp042788", "1M8GDM9AXKP042788");
    check(
        Identifier::Email,
        " Zhang.San＠Example.COM ",
        "zhang.san@example.com",
    );
    check(Identifier::Ip, "::ffff:203.0.113.7", "203.0.113.7");
    check(Identifier::Ip, "2001:0DB8:0:0:0:0:0:7", "2001:db8::7");
    for text in ["001b.6384.45e6", "00-1B-63-84-45-E6", "001B638445E6"] {
        check(Identifier::Mac, text, "00:1B:63:84:45:E6");
    }
    for text in [
        "87.616848, 43.825592",
        "(43.825592，87.616848)",
        "43.825592 87.616848",
    ] {
        check(Identifier::Gps, text, "43.825592,87.616848");
    }
}

#[test]
fn broken_rules_are_named() {
    let check = |identifier: Identifier, text: &str, expect: fn(Identifier) -> NotIdentifier| {
        let mut spelling = String::new();
        assert_eq!(
            identifier.canonical(text, &mut spelling),
            Err(expect(identifier)),
            "{identifier} {text}"
        );
        assert_eq!(spelling, "");
    };
    use NotIdentifier::{Check, Shape, Unassigned};
    check(Identifier::ResidentId, "110105194912310020", Check);
    check(Identifier::ResidentId, "11010519491331002X", Unassigned);
    check(Identifier::CreditCode, "91440300MA5H8REU3L", Check);
    check(Identifier::CreditCode, "91440300MA5H8REU4K", Check);
    check(Identifier::CreditCode, "91440300MA5H8REO3K", Shape);
    check(Identifier::CreditCode, "B1440300MA5H8REU3K", Unassigned);
    check(Identifier::OrganisationCode, "MA5H8REU4", Check);
    check(Identifier::TaxNumber, "440300MA5H8REU4", Check);
    check(Identifier::TaxNumber, "990300MA5H8REU3", Unassigned);
    check(Identifier::TaxNumber, "4403005H8REU31", Shape);
    check(Identifier::BankCard, "4111111111111112", Check);
    check(Identifier::BankCard, "0000000000000000", Unassigned);
    check(Identifier::BankCard, "41111111111", Shape);
    check(Identifier::Mobile, "12912345678", Unassigned);
    check(Identifier::Mobile, "139123456789", Shape);
    check(Identifier::Mobile, "+13912345678", Shape);
    check(Identifier::Mobile, "+85213912345678", Shape);
    check(Identifier::Landline, "09911345678", Unassigned);
    check(Identifier::Landline, "01162345678", Unassigned);
    check(Identifier::Landline, "2345678", Shape);
    check(Identifier::Plate, "新A1AAA5", Unassigned);
    check(Identifier::Plate, "新I12345", Shape);
    check(Identifier::Plate, "新A1I345", Shape);
    check(Identifier::Plate, "台A12345", Shape);
    check(Identifier::Plate, "新A123456", Unassigned);
    check(Identifier::Plate, "新AL12345", Unassigned);
    check(Identifier::Plate, "新A1234港", Unassigned);
    check(Identifier::Passport, "X12345678", Unassigned);
    check(Identifier::Passport, "EI1234567", Unassigned);
    check(Identifier::Passport, "E1234567", Unassigned);
    check(Identifier::HongKongMacaoPermit, "A12345678", Unassigned);
    check(Identifier::HongKongMacaoPermit, "H123456789", Shape);
    check(Identifier::TaiwanPermit, "123456789", Shape);
    check(Identifier::Vin, "1M8GDM9AYKP042788", Check);
    check(Identifier::Vin, "1M8GDM9AXKPO42788", Shape);
    check(Identifier::Imei, "490154203237519", Check);
    check(Identifier::Postcode, "900000", Unassigned);
    for text in [
        "a@b",
        "a..b@example.com",
        "@example.com",
        "a@example.c0m",
        "a@-x.com",
        "a b@example.com",
        "a@b@c.com",
    ] {
        check(Identifier::Email, text, Shape);
    }
    for text in ["203.0.113", "203.0.113.256", "203.0.113.07", "1:2"] {
        check(Identifier::Ip, text, Shape);
    }
    check(Identifier::Mac, "00:1B:63:84:45", Shape);
    check(Identifier::Mac, "00:1B:63:84:45:G6", Shape);
    check(Identifier::Mac, "FF:FF:FF:FF:FF:FF", Unassigned);
    check(Identifier::Gps, "95.1,95.1", Unassigned);
    check(Identifier::Gps, "43.8", Shape);
    for identifier in Identifier::ALL {
        check(identifier, "", Shape);
        check(identifier, "李明", Shape);
    }
}

#[test]
fn ids_are_words_and_lead_back() {
    for identifier in Identifier::ALL {
        assert_eq!(Identifier::from_id(identifier.id()), Some(identifier));
        assert_eq!(identifier.to_string(), identifier.id());
        assert!(identifier.name().en.is_ascii());
        assert!(!identifier.name().zh.is_ascii() && !identifier.kept_by_mask().zh.is_ascii());
    }
    assert_eq!(Identifier::from_id("name"), None);
}

#[test]
fn default_masks() {
    let check = |identifier: Identifier, text: &str, expect: &str| {
        let mut masked = String::new();
        assert_eq!(identifier.mask(text, &mut masked), Ok(()), "{text}");
        assert_eq!(masked, expect);
    };
    check(Identifier::ResidentId, "11010519491231002x", "11***");
    check(Identifier::CreditCode, "91440300MA5H8REU3K", "9144***");
    check(Identifier::OrganisationCode, "MA5H8REU-3", "MA***");
    check(Identifier::TaxNumber, "440300MA5H8REU3", "44***");
    check(Identifier::TaxNumber, "91440300MA5H8REU3K", "9144***");
    check(Identifier::BankCard, "4111 1111 1111 1111", "411111***");
    check(Identifier::Mobile, "+86 13912345678", "139***");
    check(Identifier::Landline, "010-62345678", "010***");
    check(Identifier::Landline, "0991-2345678转801", "0991***");
    check(Identifier::Plate, "新A·12345", "新***");
    check(Identifier::Passport, "E12345678", "E***");
    check(Identifier::Passport, "141234567", "***");
    check(Identifier::HongKongMacaoPermit, "H1234567801", "H***");
    check(Identifier::TaiwanPermit, "12345678", "***");
    check(Identifier::Vin, "1M8GDM9AXKP042788", "1M8***");
    check(Identifier::Imei, "490154203237518", "49***");
    check(Identifier::Postcode, "830000", "83***");
    check(Identifier::Email, "zhangsan@qq.com", "z***@qq.com");
    check(
        Identifier::Email,
        "zhangsan@zhangsan-kiln.com.cn",
        "z***@***.com.cn",
    );
    check(Identifier::Email, "z@com.cn", "***@***.cn");
    check(Identifier::Ip, "203.0.113.7", "203.0.***");
    check(Identifier::Ip, "2001:db8::7", "2001:db8:***");
    check(Identifier::Mac, "001b638445e6", "00:1B:63:***");
    check(Identifier::Gps, "87.616848,43.825592", "43.***,87.***");
}

#[test]
fn numbers_of_one_holder_are_one_text() {
    let check = |identifier: Identifier, text: &str, expect: &str| {
        let mut holder = String::new();
        assert_eq!(identifier.holder(text, &mut holder), Ok(()));
        assert_eq!(holder, expect);
    };
    check(Identifier::CreditCode, "91440300MA5H8REU3K", "MA5H8REU3");
    check(Identifier::OrganisationCode, "MA5H8REU-3", "MA5H8REU3");
    check(Identifier::TaxNumber, "91440300MA5H8REU3K", "MA5H8REU3");
    check(Identifier::TaxNumber, "440300MA5H8REU3", "MA5H8REU3");
    check(
        Identifier::TaxNumber,
        "11010519491231002X01",
        "11010519491231002X",
    );
    check(Identifier::HongKongMacaoPermit, "H1234567802", "H12345678");
    check(Identifier::TaiwanPermit, "1234567801", "12345678");
    check(Identifier::Mobile, "+8613912345678", "13912345678");
}

#[test]
fn the_right_numbering_of_letters_is_used() {
    // With the 31-value numbering the same bodies would carry other check characters.
    let by_31 = |body: &str| {
        let weights = [3, 7, 9, 10, 5, 8, 4, 2];
        let value = |byte: u8| {
            credit_code::ALPHABET
                .all()
                .iter()
                .position(|of| *of == byte)
                .unwrap()
        };
        let sum: usize = body
            .bytes()
            .zip(weights)
            .map(|(byte, weight)| value(byte) * weight)
            .sum();
        *b"0123456789X0".get(11 - sum % 11).unwrap()
    };
    for (body, right) in [("MA5H8REU", b'3'), ("MA5DLQQW", b'0'), ("MA01G0FB", b'0')] {
        assert_eq!(organisation_code::check(body.as_bytes()), right);
        assert_ne!(by_31(body), right);
    }
    assert_eq!(organisation_code::check(b"M000100Y"), by_31("M000100Y"));
}

/// The shape of an identifier, of its form where chance is highest: how many characters of which.
fn shape(identifier: Identifier) -> Option<Vec<(usize, &'static str)>> {
    const DIGITS: &str = "0123456789";
    const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const BOTH: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    Some(match identifier {
        Identifier::ResidentId | Identifier::Imei => vec![(15, DIGITS)],
        Identifier::CreditCode | Identifier::Email | Identifier::Ip => return None,
        Identifier::OrganisationCode => vec![(8, BOTH), (1, "0123456789X")],
        Identifier::TaxNumber => vec![(6, DIGITS), (8, BOTH), (1, "0123456789X")],
        Identifier::BankCard => vec![(16, DIGITS)],
        Identifier::Mobile => vec![(11, DIGITS)],
        Identifier::Landline => vec![(1, "0"), (1, "03456789"), (10, DIGITS)],
        Identifier::Plate => vec![
            (1, "新"),
            (1, "A"),
            (4, "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"),
            (1, "学"),
        ],
        Identifier::Passport | Identifier::HongKongMacaoPermit => vec![(1, CAPITALS), (8, DIGITS)],
        Identifier::TaiwanPermit => vec![(8, DIGITS)],
        Identifier::Vin => vec![(13, "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"), (4, DIGITS)],
        Identifier::Postcode => vec![(6, DIGITS)],
        Identifier::Mac => vec![(12, "0123456789ABCDEF")],
        Identifier::Gps => vec![
            (3, DIGITS),
            (1, "."),
            (4, DIGITS),
            (1, ","),
            (3, DIGITS),
            (1, "."),
            (4, DIGITS),
        ],
    })
}

/// Random characters of a shape, by a generator that is the same in every run.
fn random(shape: &[(usize, &str)], state: &mut u64) -> String {
    let mut text = String::new();
    for (count, alphabet) in shape {
        let alphabet: Vec<char> = alphabet.chars().collect();
        for _ in 0..*count {
            *state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text.push(alphabet[(*state >> 33) as usize % alphabet.len()]);
        }
    }
    text
}

#[test]
fn chance_is_what_random_texts_of_the_shape_reach() {
    const TEXTS: u32 = 100_000;
    let mut state = 1;
    for identifier in Identifier::ALL {
        let Some(shape) = shape(identifier) else {
            continue;
        };
        let texts: Vec<String> = (0..TEXTS).map(|_| random(&shape, &mut state)).collect();
        assert!(
            texts.iter().all(|text| identifier.shape(text)),
            "{identifier}"
        );
        let valid = texts
            .iter()
            .filter(|text| identifier.validate(text).is_ok())
            .count();
        let (found, chance) = (valid as f64 / f64::from(TEXTS), identifier.chance());
        let deviation = (chance * (1.0 - chance) / f64::from(TEXTS)).sqrt();
        assert!(
            (found - chance).abs() <= 5.0 * deviation + 1e-9,
            "{identifier}: {found} of {chance}"
        );
    }
}

/// Too rare to be met in a sample: each factor by itself, over every authority, region and character.
#[test]
fn chance_of_a_credit_code() {
    let one_of = |of: &dyn Fn(usize) -> bool, all: usize| {
        (0..all).filter(|n| of(*n)).count() as f64 / all as f64
    };
    let code = "91440300MA5H8REU3K";
    let with = |place: usize, character: u8| {
        let mut bytes = code.as_bytes().to_vec();
        bytes[place] = character;
        String::from_utf8(bytes).unwrap()
    };
    let not_unassigned = |text: &str| {
        Identifier::CreditCode.validate(text)
            != Err(NotIdentifier::Unassigned(Identifier::CreditCode))
    };
    let authorities = one_of(
        &|n| not_unassigned(&with(0, credit_code::ALPHABET.all()[n])),
        31,
    );
    let regions = one_of(&|n| not_unassigned(&format!("91{n:02}{}", &code[4..])), 100);
    let last = one_of(
        &|n| {
            Identifier::CreditCode
                .validate(&with(17, credit_code::ALPHABET.all()[n]))
                .is_ok()
        },
        31,
    );
    let organisation = one_of(
        &|n| {
            organisation_code::holds(
                &with(16, credit_code::ALPHABET.all()[n]).as_bytes()[credit_code::ORGANISATION],
            )
        },
        31,
    );
    let chance = authorities * regions * last * organisation;
    assert!(
        (chance - Identifier::CreditCode.chance()).abs() < 1e-12,
        "{chance}"
    );
}

#[test]
fn every_wrong_check_is_wrong_and_the_right_one_is_not_among_them() {
    for (identifier, text) in VALID {
        assert_eq!(identifier.wrong_checks(text), None, "{identifier}");
        let Some(place) = check_place(*identifier, text) else {
            continue;
        };
        let with = |character: char| {
            let mut marked = (*text).to_owned();
            marked.replace_range(place..=place, &character.to_string());
            marked
        };
        let right = text.chars().nth(place).unwrap();
        let other = if right == '0' { '1' } else { '0' };
        let checks = identifier.wrong_checks(&with(other)).unwrap();
        assert_eq!(checks.position(), place);
        let all: Vec<char> = checks.characters().collect();
        assert!(all.contains(&other) && !all.contains(&right) && all.len() >= 9);
        for character in all {
            assert_eq!(
                identifier.validate(&with(character)),
                Err(NotIdentifier::Check(*identifier))
            );
            assert_eq!(identifier.wrong_checks(&with(character)), Some(checks));
        }
    }
}

fn check_place(identifier: Identifier, text: &str) -> Option<usize> {
    match identifier {
        Identifier::Vin => Some(8),
        Identifier::TaxNumber if text.len() != 18 => None,
        Identifier::ResidentId
        | Identifier::CreditCode
        | Identifier::TaxNumber
        | Identifier::BankCard
        | Identifier::Imei => Some(text.len() - 1),
        _ => None,
    }
}

#[test]
fn issuers_of_cards() {
    for (card, scheme) in [
        ("4111111111111111", Some("Visa")),
        ("5500000000000004", Some("Mastercard")),
        ("2223000048400011", Some("Mastercard")),
        ("378282246310005", Some("American Express")),
        ("6222021234567890123", Some("UnionPay")),
        ("9558820200001323775", Some("domestic")),
        ("2026112300000017", None),
        ("1000000000000008", None),
        ("41111111111111111", None),
        ("x", None),
    ] {
        assert_eq!(bank_card::issuer(card), scheme, "{card}");
    }
}

/// Texts near identifiers: pieces of valid ones, full-width twins, signs and anything else.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[0-9A-Za-zＡ-Ｚ０-９新京学港@.:·+\\- ]{0,30}",
        prop::sample::select(VALID).prop_map(|(_, text)| text.to_owned()),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_text_is_answered_and_never_shown_whole(text in any_text()) {
        for identifier in Identifier::ALL {
            let mut spelling = String::new();
            let valid = identifier.canonical(&text, &mut spelling);
            prop_assert_eq!(identifier.validate(&text), valid);
            prop_assert_eq!(valid.is_ok(), !spelling.is_empty());
            prop_assert!(valid.is_err() || identifier.shape(&text));
            prop_assert!(identifier.shape(&text) || matches!(valid, Err(NotIdentifier::Shape(_))));
            let _ = identifier.wrong_checks(&text);
            let mut masked = String::new();
            prop_assert_eq!(identifier.mask(&text, &mut masked), valid);
            if valid.is_ok() {
                let mut again = String::new();
                prop_assert_eq!(identifier.canonical(&spelling, &mut again), Ok(()));
                prop_assert_eq!(&again, &spelling, "the one spelling has another");
                prop_assert!(masked.contains("***") && !masked.contains(&spelling) && !masked.contains(&text));
                prop_assert!(identifier.validate(&masked).is_err());
            } else {
                prop_assert_eq!(masked, "");
            }
        }
    }
}
