//! Known answers, a slow twin on crate `fpe`, marks that lead back, and the joins that surrogates keep.

use arrow::{array::StringArray, datatypes::Field};
use fpe::ff1::{FF1, FlexibleNumeralString};
use proptest::prelude::*;

use super::*;
use crate::{
    ColumnRecipe, Fpe, NotIdentifier, OnBroken, Technique, Transform, identifier::tests::VALID,
};

const KINDS: [Identifier; 13] = [
    Identifier::CreditCode,
    Identifier::OrganisationCode,
    Identifier::TaxNumber,
    Identifier::BankCard,
    Identifier::Mobile,
    Identifier::Landline,
    Identifier::Plate,
    Identifier::Passport,
    Identifier::HongKongMacaoPermit,
    Identifier::TaiwanPermit,
    Identifier::Vin,
    Identifier::Imei,
    Identifier::Mac,
];

fn kernel(recipe: FpeIdentifier, key: u8) -> IdentifierKernel {
    IdentifierKernel::new(
        recipe,
        recipe.numbering().unwrap(),
        &ColumnKey::from([key; 32]),
    )
    .unwrap()
}

/// The surrogate of one value, or none where it is broken input.
fn surrogate(kernel: &IdentifierKernel, value: &str) -> Option<String> {
    let mut splits = [kernel.split(value, &mut String::new())];
    kernel.permute_all(&mut splits, Way::Encrypt);
    let mut out = String::new();
    kernel.write(&splits[0]?, &mut String::new(), &mut out);
    Some(out)
}

/// An identifier of a space: an example's kept parts and any rank.
fn any_identifier() -> impl Strategy<Value = (Identifier, String)> {
    let examples: Vec<(Identifier, &str)> = VALID
        .iter()
        .copied()
        .filter(|(identifier, _)| KINDS.contains(identifier))
        .collect();
    (prop::sample::select(examples), any::<u64>()).prop_filter_map(
        "in a space",
        |((identifier, text), number)| {
            let numbering = FpeIdentifier::valid(identifier).numbering()?;
            let mut split = (numbering.split)(text)?;
            split.rank = number % numbering.sizes[split.space];
            let mut text = String::new();
            (numbering.join)(&split, &mut text);
            Some((identifier, text))
        },
    )
}

/// Where an identifier's encrypted characters stand, most significant first, with their alphabets; where its check
/// characters; the kept parts that select the permutation; and the number of the space.
struct Layout {
    encrypted: Vec<(usize, &'static str)>,
    checks: Vec<usize>,
    kept: String,
    space: u8,
}

const D: &str = "0123456789";
const A31: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const A33: &str = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ";
const A34: &str = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

fn layout(identifier: Identifier, text: &str) -> Layout {
    let run = |range: std::ops::Range<usize>, alphabet: &'static str| {
        range.map(move |place| (place, alphabet))
    };
    let end = text.len();
    let of = |encrypted: Vec<(usize, &'static str)>,
              checks: Vec<usize>,
              kept: &str,
              space: usize| Layout {
        encrypted,
        checks,
        kept: kept.to_owned(),
        space: space as u8,
    };
    match (identifier, end) {
        (Identifier::CreditCode, _) | (Identifier::TaxNumber, 18) => {
            of(run(8..16, A31).collect(), vec![16, 17], "", 0)
        }
        (Identifier::OrganisationCode, _) => of(run(0..8, A31).collect(), vec![8], "", 0),
        (Identifier::TaxNumber, _) => of(run(6..14, A31).collect(), vec![14], "", 0),
        (Identifier::BankCard, _) => of(
            run(6..end - 1, D).collect(),
            vec![end - 1],
            &text[..6],
            end - 13,
        ),
        (Identifier::Mobile, _) => of(run(3..11, D).collect(), vec![], &text[..3], 0),
        (Identifier::Landline, _) => {
            let area = if text.starts_with("01") || text.starts_with("02") {
                3
            } else {
                4
            };
            let number = text.find('-').unwrap_or(end);
            let extension = end - (number + 1).min(end);
            let mut encrypted = vec![(area, "2345678")];
            encrypted.extend(run(area + 1..number, D).chain(run(end - extension..end, D)));
            let long = if number - area == 8 { 7 } else { 0 };
            of(encrypted, vec![], &text[..area], long + extension)
        }
        (Identifier::Passport, 9) if text.starts_with('E') => {
            of(run(1..2, A34).chain(run(2..9, D)).collect(), vec![], "E", 0)
        }
        (Identifier::Passport, 9)
            if text.starts_with('1') || text.as_bytes()[1].is_ascii_uppercase() =>
        {
            of(run(2..9, D).collect(), vec![], &text[..2], 2)
        }
        (Identifier::Passport, 9) => of(run(1..9, D).collect(), vec![], &text[..1], 1),
        (Identifier::Passport, _) => of(run(1..8, D).collect(), vec![], &text[..1], 2),
        (Identifier::HongKongMacaoPermit, _) => of(run(1..9, D).collect(), vec![], &text[..1], 0),
        (Identifier::TaiwanPermit, _) => of(run(0..8, D).collect(), vec![], "", 0),
        (Identifier::Vin, _) => {
            let year = run(9..10, "123456789ABCDEFGHJKLMNPRSTVWXY");
            let encrypted = run(3..8, A33)
                .chain(year)
                .chain(run(10..13, A33))
                .chain(run(13..17, D));
            of(encrypted.collect(), vec![8], &text[..3], 0)
        }
        (Identifier::Imei, _) => of(run(8..14, D).collect(), vec![14], &text[..8], 0),
        (Identifier::Mac, _) => {
            let encrypted = [9, 10, 12, 13, 15, 16].map(|place| (place, "0123456789ABCDEF"));
            of(encrypted.to_vec(), vec![], &text[..8], 0)
        }
        _ => panic!("{identifier} has no layout"),
    }
}

/// FF1 on crate `fpe`'s big integers, walked until the number is back below the size.
fn walk(cipher: Cipher, key: &ColumnKey, tweak: &[u8], size: u64, mut rank: u64) -> u64 {
    let radix = (2u64..)
        .find(|radix| u128::from(*radix).pow(4) >= u128::from(size))
        .unwrap();
    loop {
        let digits =
            [3, 2, 1, 0].map(|place| u16::try_from(rank / radix.pow(place) % radix).unwrap());
        let numerals = FlexibleNumeralString::from(digits.to_vec());
        let radix_32 = u32::try_from(radix).unwrap();
        let encrypted = match cipher {
            Cipher::Aes256 => {
                let key = key.subkey("karez/ff1-aes-256/v1");
                FF1::<aes::Aes256>::new(key.bytes(), radix_32)
                    .unwrap()
                    .encrypt(tweak, &numerals)
            }
            _ => {
                let key = key.subkey("karez/ff1-sm4/v1");
                FF1::<sm4::Sm4>::new(&key.bytes()[..16], radix_32)
                    .unwrap()
                    .encrypt(tweak, &numerals)
            }
        };
        let encrypted = Vec::<u16>::from(encrypted.unwrap());
        rank = encrypted
            .iter()
            .fold(0, |rank, digit| rank * radix + u64::from(*digit));
        if rank < size {
            return rank;
        }
    }
}

fn tweak(definition: &str, space: u8, kept: &str) -> Vec<u8> {
    [&Sha256::digest(definition)[..], &[space], kept.as_bytes()].concat()
}

/// The valid surrogate, character by character; check characters found by trying them all.
fn reference(recipe: FpeIdentifier, key: u8, text: &str) -> String {
    let key = ColumnKey::from([key; 32]);
    let Layout {
        encrypted,
        checks,
        kept,
        space,
    } = layout(recipe.identifier, text);
    let size = encrypted
        .iter()
        .map(|(_, alphabet)| alphabet.len() as u64)
        .product();
    let rank = encrypted.iter().fold(0u64, |rank, (place, alphabet)| {
        let character = &text[*place..=*place];
        rank * alphabet.len() as u64 + alphabet.find(character).unwrap() as u64
    });
    let definition = recipe.numbering().unwrap().definition;
    let mut rank = walk(
        recipe.cipher,
        &key,
        &tweak(definition, space, &kept),
        size,
        rank,
    );
    let mut surrogate = text.to_owned();
    for (place, alphabet) in encrypted.iter().rev() {
        let value = usize::try_from(rank % alphabet.len() as u64).unwrap();
        surrogate.replace_range(*place..=*place, &alphabet[value..=value]);
        rank /= alphabet.len() as u64;
    }
    with_checks(recipe.identifier, surrogate, &checks)
}

fn with_checks(identifier: Identifier, text: String, checks: &[usize]) -> String {
    let mut tried = vec![text];
    for place in checks {
        let with = |text: &String| {
            let text = text.clone();
            A31.chars().map(move |check| {
                let mut text = text.clone();
                text.replace_range(*place..=*place, &check.to_string());
                text
            })
        };
        tried = tried.iter().flat_map(with).collect();
    }
    tried
        .into_iter()
        .find(|text| identifier.validate(text).is_ok())
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn agrees_with_the_slow_twin((identifier, text) in any_identifier(), key in any::<u8>(), sm4: bool) {
        prop_assume!(identifier != Identifier::Plate);
        let cipher = if sm4 { Cipher::Sm4 } else { Cipher::Aes256 };
        let recipe = FpeIdentifier { cipher, ..FpeIdentifier::valid(identifier) };
        let found = surrogate(&kernel(recipe, key), &text);
        prop_assert_eq!(found, Some(reference(recipe, key, &text)));
    }

    #[test]
    fn numbers_lead_back_to_valid_identifiers((identifier, text) in any_identifier()) {
        let numbering = FpeIdentifier::valid(identifier).numbering().unwrap();
        let mut spelling = String::new();
        prop_assert_eq!(identifier.canonical(&text, &mut spelling), Ok(()));
        prop_assert_eq!(&spelling, &text);
        let split = (numbering.split)(&text).unwrap();
        prop_assert!(split.rank < numbering.sizes[split.space]);
        let mut joined = String::new();
        (numbering.join)(&split, &mut joined);
        prop_assert_eq!(joined, text);
    }

    #[test]
    fn a_surrogate_is_valid_or_marked_and_leads_back((identifier, text) in any_identifier(), key in any::<u8>()) {
        let [valid, marked] = [FpeIdentifier::valid(identifier), FpeIdentifier::marked(identifier)].map(|recipe| kernel(recipe, key));
        let [of_valid, of_marked] = [&valid, &marked].map(|kernel| surrogate(kernel, &text).unwrap());
        prop_assert_eq!(identifier.validate(&of_valid), Ok(()));
        prop_assert!(identifier.validate(&of_marked).is_err());
        prop_assert_eq!(valid.reverse(&of_valid), Some(text.clone()));
        prop_assert_eq!(marked.reverse(&of_marked), Some(text.clone()));
        // Each mode knows its own surrogates.
        prop_assert_eq!(valid.reverse(&of_marked), None);
        prop_assert_eq!(marked.reverse(&of_valid), None);
        let mut twin = String::new();
        (marked.numbering.unmark)(&of_marked, &mut twin);
        prop_assert_eq!(&twin, &of_valid);
        prop_assert_eq!(of_marked.chars().count(), of_valid.chars().count());
    }

    #[test]
    fn any_wrong_check_of_a_mark_leads_back((identifier, text) in any_identifier(), choice in any::<prop::sample::Index>()) {
        let kernel = kernel(FpeIdentifier::marked(identifier), 1);
        let mut marked = surrogate(&kernel, &text).unwrap();
        let Some(checks) = identifier.wrong_checks(&marked) else {
            // Only kinds whose mark is not, or not alone, in a check character of their own.
            let checked = matches!(identifier, Identifier::CreditCode | Identifier::BankCard | Identifier::Vin | Identifier::Imei);
            prop_assert!(!checked);
            return Ok(());
        };
        let all: Vec<char> = checks.characters().collect();
        let place = checks.position();
        marked.replace_range(place..=place, &all[choice.index(all.len())].to_string());
        prop_assert_eq!(kernel.reverse(&marked), Some(text));
    }

    #[test]
    fn any_text_is_no_surrogate_or_leads_to_a_valid_identifier(text in crate::identifier::tests::any_text()) {
        for identifier in KINDS {
            for recipe in [FpeIdentifier::marked(identifier), FpeIdentifier::valid(identifier)] {
                let kernel = kernel(recipe, 1);
                if let Some(original) = kernel.reverse(&text) {
                    prop_assert_eq!(identifier.validate(&original), Ok(()));
                }
                let _ = surrogate(&kernel, &text);
            }
        }
    }
}

/// The plate's own twin: which serial comes before which is counted pattern by pattern.
#[test]
fn plates_agree_with_a_slow_twin() {
    let key = ColumnKey::from([9; 32]);
    let letters = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    let serials = |length: usize| {
        let mut patterns: Vec<Vec<&str>> = vec![vec![]];
        for _ in 0..length {
            patterns = patterns
                .iter()
                .flat_map(|pattern| [D, letters].map(|next| [&pattern[..], &[next]].concat()))
                .collect();
        }
        patterns.retain(|pattern| {
            pattern
                .iter()
                .filter(|alphabet| **alphabet == letters)
                .count()
                <= 2
        });
        patterns
    };
    let size = |pattern: &[&str]| {
        pattern
            .iter()
            .map(|alphabet| alphabet.len() as u64)
            .product::<u64>()
    };
    let rank_of = |serial: &str| {
        let mut before = 0;
        for pattern in serials(serial.len()) {
            let values: Option<Vec<usize>> = serial
                .chars()
                .zip(&pattern)
                .map(|(character, alphabet)| alphabet.find(character))
                .collect();
            if let Some(values) = values {
                let within = values.iter().zip(&pattern).fold(0, |n, (value, alphabet)| {
                    n * alphabet.len() as u64 + *value as u64
                });
                return before + within;
            }
            before += size(&pattern);
        }
        panic!("{serial}")
    };
    let definition = plate::NUMBERING.definition;
    let kernel = kernel(FpeIdentifier::valid(Identifier::Plate), 9);
    for (plate, kept, rank, size, space) in [
        ("新A12345", "新A", rank_of("12345"), 7_060_000, 0),
        ("京A8B88C", "京A", rank_of("8B88C"), 7_060_000, 0),
        (
            "粤BD12345",
            "粤B",
            (3 * 34 + 1) * 10_000 + 2345,
            3_600_000,
            1,
        ),
        (
            "粤BDK1234",
            "粤B",
            (3 * 34 + 19) * 10_000 + 1234,
            3_600_000,
            1,
        ),
        ("沪A12345F", "沪A", 3_400_000 + 12345 * 2 + 1, 3_600_000, 1),
        (
            "新C1234学",
            "新学",
            2 * 451_600 + rank_of("1234"),
            24 * 451_600,
            2,
        ),
        (
            "新C1Z3A挂",
            "新挂",
            2 * 451_600 + rank_of("1Z3A"),
            24 * 451_600,
            2,
        ),
    ] {
        let split = (plate::NUMBERING.split)(plate).unwrap();
        assert_eq!(
            (split.rank, plate::NUMBERING.sizes[split.space]),
            (rank, size),
            "{plate}"
        );
        let expect = walk(
            Cipher::Aes256,
            &key,
            &tweak(definition, space, kept),
            size,
            rank,
        );
        let surrogate = surrogate(&kernel, plate).unwrap();
        assert_eq!(
            (plate::NUMBERING.split)(&surrogate).unwrap().rank,
            expect,
            "{plate}"
        );
    }
}

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
fn known_answers() {
    let check = |identifier, text: &str, valid: &str, marked: &str| {
        let of = |recipe| surrogate(&kernel(recipe, 7), text).unwrap();
        assert_eq!(of(FpeIdentifier::valid(identifier)), valid, "{text}");
        assert_eq!(of(FpeIdentifier::marked(identifier)), marked, "{text}");
    };
    check(
        Identifier::CreditCode,
        "91350100M000100Y43",
        "913501004BGPLUT61Y",
        "913501004BGPLUT623",
    );
    check(
        Identifier::CreditCode,
        "91440300MA5H8REU3K",
        "91440300T38L8TRF3H",
        "91440300T38L8TRF4M",
    );
    check(
        Identifier::CreditCode,
        "91440300MA5DLQQW0F",
        "91440300U3UUFF901T",
        "91440300U3UUFF902Y",
    );
    check(
        Identifier::CreditCode,
        "91110108MA01G0FB09",
        "9111010893WBT87W18",
        "9111010893WBT87W2C",
    );
    check(
        Identifier::OrganisationCode,
        "MA5H8REU3",
        "T38L8TRF3",
        "T38L8TRF4",
    );
    check(
        Identifier::OrganisationCode,
        "MA01G0FB0",
        "93WBT87W1",
        "93WBT87W2",
    );
    check(
        Identifier::OrganisationCode,
        "M000100Y4",
        "4BGPLUT61",
        "4BGPLUT62",
    );
    check(
        Identifier::TaxNumber,
        "91440300MA5H8REU3K",
        "91440300T38L8TRF3H",
        "91440300T38L8TRF4M",
    );
    check(
        Identifier::TaxNumber,
        "440300MA5H8REU3",
        "440300T38L8TRF3",
        "440300T38L8TRF4",
    );
    check(
        Identifier::BankCard,
        "4111111111111111",
        "4111116559957412",
        "4111116559957413",
    );
    check(
        Identifier::BankCard,
        "5500000000000004",
        "5500001156176234",
        "5500001156176235",
    );
    check(
        Identifier::BankCard,
        "378282246310005",
        "378282411350976",
        "378282411350977",
    );
    check(
        Identifier::BankCard,
        "6011000990139424",
        "6011006468170866",
        "6011006468170867",
    );
    check(
        Identifier::Mobile,
        "13912345678",
        "13919751358",
        "93919751358",
    );
    check(
        Identifier::Landline,
        "01062345678",
        "01023789978",
        "91023789978",
    );
    check(
        Identifier::Landline,
        "09912345678",
        "09913347166",
        "99913347166",
    );
    check(
        Identifier::Landline,
        "075581234567-801",
        "075550872677-226",
        "975550872677-226",
    );
    check(Identifier::Plate, "新A12345", "新A36CS3", "新A5U4TM");
    check(Identifier::Plate, "京A8B88C", "京AT2K76", "京AP75HJ");
    check(Identifier::Plate, "粤BD12345", "粤BK41711", "粤B224JXZ");
    check(Identifier::Plate, "粤BDK1234", "粤BJ50725", "粤B200LGX");
    check(Identifier::Plate, "沪A12345F", "沪AA65576", "沪A004TWJ");
    check(Identifier::Plate, "新A1234学", "新DRC39学", "新DCSR9学");
    check(Identifier::Passport, "E12345678", "EV1007213", "EV100721T");
    check(Identifier::Passport, "EA1234567", "EZ8590313", "EZ859031T");
    check(Identifier::Passport, "G12345678", "G48913464", "G4891346U");
    check(Identifier::Passport, "SE1234567", "SE2587455", "SE258745V");
    check(Identifier::Passport, "P1234567", "P8460343", "P846034T");
    check(Identifier::Passport, "141234567", "149583883", "14958388T");
    check(
        Identifier::HongKongMacaoPermit,
        "H12345678",
        "H04182921",
        "H0418292R",
    );
    check(
        Identifier::HongKongMacaoPermit,
        "M1234567801",
        "M7527725901",
        "M7527725Z01",
    );
    check(Identifier::TaiwanPermit, "12345678", "44562901", "4456290R");
    check(
        Identifier::TaiwanPermit,
        "0123456701",
        "8709772001",
        "8709772Q01",
    );
    check(
        Identifier::Vin,
        "1M8GDM9AXKP042788",
        "1M8UW72516L511680",
        "1M8UW72526L511680",
    );
    check(
        Identifier::Vin,
        "11111111111111111",
        "111PYU749DVRF0893",
        "111PYU74XDVRF0893",
    );
    check(
        Identifier::Vin,
        "1HGCM82633A004352",
        "1HGBEF7Z4SBWR1205",
        "1HGBEF7Z5SBWR1205",
    );
    check(
        Identifier::Imei,
        "490154203237518",
        "490154201872803",
        "490154201872804",
    );
    check(
        Identifier::Imei,
        "356938035643809",
        "356938030098538",
        "356938030098539",
    );
    check(
        Identifier::Mac,
        "00:1B:63:84:45:E6",
        "00:1B:63:4D:A8:EE",
        "01:1B:63:4D:A8:EE",
    );
}

#[test]
fn sets_are_pinned() {
    let pinned = [
        (Identifier::CreditCode, "120b436049d66661"),
        (Identifier::OrganisationCode, "120b436049d66661"),
        (Identifier::TaxNumber, "120b436049d66661"),
        (Identifier::BankCard, "75a8ac1321c35f21"),
        (Identifier::Mobile, "561c5a80f38a9984"),
        (Identifier::Landline, "0a1fc70310c73508"),
        (Identifier::Plate, "7c41e2d06755f094"),
        (Identifier::Passport, "50f3793c7e64eddc"),
        (Identifier::HongKongMacaoPermit, "37488f99e4afa4ab"),
        (Identifier::TaiwanPermit, "7bf0de9aa6b0726e"),
        (Identifier::Vin, "14542ca6209d1365"),
        (Identifier::Imei, "a4429bacd9a4c921"),
        (Identifier::Mac, "398aaac59fda15d7"),
    ];
    assert_eq!(pinned.map(|(identifier, _)| identifier), KINDS);
    for (identifier, expect) in pinned {
        let digest = FpeIdentifier::marked(identifier).domain_digest().unwrap();
        let hex: String = digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, expect, "{identifier}");
    }
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
    let mobile = share(FpeIdentifier::valid(Identifier::Mobile));
    assert!((0.39..0.41).contains(&mobile), "{mobile}");
    assert!(share(FpeIdentifier::valid(Identifier::CreditCode)) < 0.001);
    assert!(share(FpeIdentifier::valid(Identifier::Vin)) < 1e-6);
    let unknown = FpeIdentifier::valid(Identifier::BankCard)
        .somebodys()
        .unwrap();
    assert!(unknown.share == 1.0 && unknown.basis.en.starts_with("not known: "));
}
