//! The slow twins: identifiers taken apart by their layout, on crate `fpe`, and plates counted pattern by pattern.

use fpe::ff1::{FF1, FlexibleNumeralString};

use super::*;

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

pub(super) fn with_checks(identifier: Identifier, text: String, checks: &[usize]) -> String {
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
