//! Published vectors, and crate `fpe`'s own big-integer strings as the reference twin.

use std::path::Path;

use aes::{Aes128, Aes192};
use fpe::ff1::FlexibleNumeralString;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

impl<C: KeyInit + BlockCipherEncrypt + Clone> Ff1<C> {
    /// Undoes [`Ff1::encrypt`]; here only, since reversal is no part of this crate's surface.
    fn decrypt(&self, tweak: &[u8], cipher: Numerals) -> Numerals {
        self.cipher.decrypt(tweak, &cipher).unwrap()
    }
}

const DIGITS: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

fn numerals(text: &str, alphabet: &str) -> Vec<u16> {
    text.chars()
        .map(|digit| alphabet.chars().position(|known| known == digit).unwrap() as u16)
        .collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// Encrypts and decrypts under a key of any length; none where the kernel does not take the radix and length.
fn known<C: KeyInit + BlockCipherEncrypt + Clone>(
    key: &[u8],
    radix: u32,
    tweak: &[u8],
    plain: &[u16],
) -> Option<Vec<u16>> {
    let ff1 = Ff1::<C>::with_cipher(key, radix).unwrap();
    let read = Numerals::read(radix, plain).ok()?;
    let encrypted = ff1.encrypt(tweak, read).unwrap();
    assert_eq!(ff1.decrypt(tweak, encrypted), read);
    let mut out = plain.to_vec();
    encrypted.write(&mut out);
    Some(out)
}

fn by_key_length(key: &[u8], radix: u32, tweak: &[u8], plain: &[u16]) -> Option<Vec<u16>> {
    match key.len() {
        16 => known::<Aes128>(key, radix, tweak, plain),
        24 => known::<Aes192>(key, radix, tweak, plain),
        _ => known::<Aes256>(key, radix, tweak, plain),
    }
}

/// NIST's samples for SP 800-38G ("FF1samples.pdf"): key length in bytes, radix, tweak, plain text, cipher text.
const SAMPLES: [(usize, u32, &str, &str, &str); 9] = [
    (16, 10, "", "0123456789", "2433477484"),
    (16, 10, "39383736353433323130", "0123456789", "6124200773"),
    (
        16,
        36,
        "3737373770717273373737",
        "0123456789abcdefghi",
        "a9tv40mll9kdu509eum",
    ),
    (24, 10, "", "0123456789", "2830668132"),
    (24, 10, "39383736353433323130", "0123456789", "2496655549"),
    (
        24,
        36,
        "3737373770717273373737",
        "0123456789abcdefghi",
        "xbj3kv35jrawxv32ysr",
    ),
    (32, 10, "", "0123456789", "6657667009"),
    (32, 10, "39383736353433323130", "0123456789", "1001623463"),
    (
        32,
        36,
        "3737373770717273373737",
        "0123456789abcdefghi",
        "xs8a0azh2avyalyzuwd",
    ),
];

/// The samples' longest key; the shorter ones are its beginnings.
const SAMPLE_KEY: &str = "2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94";

#[test]
fn nist_samples_1_to_9() {
    let key = bytes(SAMPLE_KEY);
    for (number, (key_bytes, radix, tweak, plain, cipher)) in (1..).zip(SAMPLES) {
        let found = by_key_length(
            &key[..key_bytes],
            radix,
            &bytes(tweak),
            &numerals(plain, DIGITS),
        );
        assert_eq!(found, Some(numerals(cipher, DIGITS)), "sample {number}");
    }
}

/// Every ACVP test whose halves fit this kernel; the others are counted, not passed over in silence.
#[test]
fn nist_acvp() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/ff1/acvp");
    let read = |file: &str| std::fs::read_to_string(folder.join(file)).ok();
    let (Some(prompt), Some(expected)) = (read("prompt.json"), read("expectedResults.json")) else {
        println!(
            "SKIPPED: NIST's ACVP vectors are not in {}",
            folder.display()
        );
        return;
    };
    let (prompt, expected): (Value, Value) = (
        serde_json::from_str(&prompt).unwrap(),
        serde_json::from_str(&expected).unwrap(),
    );
    let groups = |document: &Value| document["testGroups"].as_array().unwrap().clone();
    let (mut run, mut too_long) = (0, 0);
    for (group, answers) in groups(&prompt).iter().zip(groups(&expected)) {
        let (radix, alphabet) = (
            group["radix"].as_u64().unwrap() as u32,
            group["alphabet"].as_str().unwrap(),
        );
        for (test, answer) in group["tests"]
            .as_array()
            .unwrap()
            .iter()
            .zip(answers["tests"].as_array().unwrap())
        {
            assert_eq!(test["tcId"], answer["tcId"]);
            let text = |field: &str| {
                numerals(
                    test[field].as_str().or(answer[field].as_str()).unwrap(),
                    alphabet,
                )
            };
            let hex = |field: &str| bytes(test[field].as_str().unwrap());
            match by_key_length(&hex("key"), radix, &hex("tweak"), &text("pt")) {
                Some(found) => {
                    assert_eq!(found, text("ct"), "test {}", test["tcId"]);
                    run += 1;
                }
                None => too_long += 1,
            }
        }
    }
    println!(
        "{run} of {} ACVP tests fit halves of {HALF_BITS_MAX} bits",
        run + too_long
    );
    assert_eq!(run + too_long, 750);
    assert_eq!(run, ACVP_THAT_FIT);
}

/// How many of the 750 tests have halves within [`HALF_BITS_MAX`]; the rest are longer than any identifier.
const ACVP_THAT_FIT: usize = 702;

/// The longest string whose halves fit.
fn longest(radix: u32) -> usize {
    2 * (f64::from(HALF_BITS_MAX) / f64::from(radix).log2()).floor() as usize
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn agrees_with_big_integers(
        key in any::<[u8; 32]>(),
        radix in prop_oneof![2u32..=36, 37u32..=65_535],
        length in 0.0f64..=1.0,
        tweak in prop::collection::vec(any::<u8>(), 0..=45),
        seed in prop::collection::vec(any::<u16>(), 240),
    ) {
        let shortest = (1_000_000f64.ln() / f64::from(radix).ln()).ceil() as usize;
        let most = longest(radix);
        let count = shortest + (most.saturating_sub(shortest) as f64 * length) as usize;
        let plain: Vec<u16> = seed.iter().take(count).map(|number| (u32::from(*number) % radix) as u16).collect();
        let slow = FF1::<Aes256>::new(&key, radix).unwrap();
        let expect = slow.encrypt(&tweak, &FlexibleNumeralString::from(plain.clone())).map(Vec::<u16>::from).unwrap();
        prop_assert_eq!(known::<Aes256>(&key, radix, &tweak, &plain), Some(expect));
    }

    #[test]
    fn four_numerals_hold_their_rank(radix in 32u32..=65_535, share in 0.0f64..1.0) {
        let rank = (f64::from(radix).powi(4) * share) as u64;
        let numerals = Numerals::from_rank(radix, rank).unwrap();
        prop_assert_eq!(numerals.rank(), Some(rank));
        let mut written = [0; 4];
        numerals.write(&mut written);
        let read = written.iter().fold(0u64, |number, numeral| number * u64::from(radix) + u64::from(*numeral));
        prop_assert_eq!(read, rank);
        prop_assert_eq!(Numerals::read(radix, &written), Ok(numerals));
    }
}

#[test]
fn short_domains_and_foreign_numerals_are_refused() {
    let ff1 = Ff1::new(&ColumnKey::from([0; 32]), 10).unwrap();
    let short = Numerals::read(10, &[1, 2, 3, 4, 5]).unwrap();
    assert_eq!(ff1.encrypt(b"t", short), Err(OutsideFf1));
    assert_eq!(Numerals::read(10, &[1, 2, 10]), Err(OutsideFf1));
    let other = Numerals::read(11, &[1, 2, 3, 4, 5, 6]).unwrap();
    assert_eq!(ff1.encrypt(b"t", other), Err(OutsideFf1));
    assert_eq!(Numerals::read(10, &[9; 100]), Err(OutsideFf1));
    assert_eq!(Numerals::from_rank(32, 32u64.pow(4)), Err(OutsideFf1));
}
