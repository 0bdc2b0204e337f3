//! FF1 as a whole: published vectors, crate `fpe` and the slow twin.

use std::path::Path;

use proptest::prelude::*;
use serde_json::Value;

use super::{reference, *};

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

/// The AES of a key's length.
fn aes(key: &[u8]) -> Cipher {
    match key.len() {
        16 => Cipher::Aes128,
        24 => Cipher::Aes192,
        _ => Cipher::Aes256,
    }
}

/// Encrypts under every kernel of this machine and decrypts back; they must agree.
fn check(cipher: Cipher, key: &[u8], radix: u32, tweak: &[u8], plain: &[u16], expect: &[u16]) {
    for kernel in Kernel::available(cipher) {
        let key = Ff1Key::with_kernel(cipher, key, kernel).unwrap();
        let ff1 = Ff1::new(&key, radix).unwrap();
        let mut text = plain.to_vec();
        ff1.encrypt(tweak, &mut text).unwrap();
        assert_eq!(text, expect, "{kernel:?}, radix {radix}, encrypt");
        ff1.decrypt(tweak, &mut text).unwrap();
        assert_eq!(text, plain, "{kernel:?}, radix {radix}, decrypt");
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
    for (key_bytes, radix, tweak, plain, cipher) in SAMPLES {
        let (key, tweak) = (&key[..key_bytes], bytes(tweak));
        let (plain, cipher) = (numerals(plain, DIGITS), numerals(cipher, DIGITS));
        check(aes(key), key, radix, &tweak, &plain, &cipher);
        let twin = reference::encrypt(aes(key), key, radix, &tweak, &plain);
        assert_eq!(twin, cipher, "the slow twin");
    }
}

/// A published file of the shared data, or a visible skip.
fn published(file: &str) -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/ff1");
    let text = std::fs::read_to_string(folder.join(file)).ok();
    if text.is_none() {
        println!("SKIPPED: {file} is not in {}", folder.display());
    }
    Some(serde_json::from_str(&text?).unwrap())
}

#[test]
fn nist_acvp() {
    let read = (
        published("acvp/prompt.json"),
        published("acvp/expectedResults.json"),
    );
    let (Some(prompt), Some(expected)) = read else {
        return;
    };
    let groups = |document: &Value| document["testGroups"].as_array().unwrap().clone();
    let mut run = 0;
    for (group, answers) in groups(&prompt).iter().zip(groups(&expected)) {
        let radix = group["radix"].as_u64().unwrap() as u32;
        let alphabet = group["alphabet"].as_str().unwrap();
        let tests = group["tests"].as_array().unwrap();
        for (test, answer) in tests.iter().zip(answers["tests"].as_array().unwrap()) {
            assert_eq!(test["tcId"], answer["tcId"]);
            let text = |field: &str| {
                let text = test[field].as_str().or(answer[field].as_str());
                numerals(text.unwrap(), alphabet)
            };
            let hex = |field: &str| bytes(test[field].as_str().unwrap());
            let (key, tweak) = (hex("key"), hex("tweak"));
            check(aes(&key), &key, radix, &tweak, &text("pt"), &text("ct"));
            run += 1;
        }
    }
    println!("{run} ACVP tests");
    assert_eq!(run, 750);
}

/// FF1-SM4 of another implementation: no standard publishes vectors for it.
#[test]
fn sm4_cross_vectors() {
    let Some(vectors) = published("ff1_sm4_cross.json") else {
        return;
    };
    let vectors = vectors.as_array().unwrap();
    for vector in vectors {
        let list = |field: &str| -> Vec<u16> {
            let list = vector[field].as_array().unwrap().iter();
            list.map(|numeral| numeral.as_u64().unwrap() as u16)
                .collect()
        };
        let hex = |field: &str| bytes(vector[field].as_str().unwrap());
        let radix = vector["radix"].as_u64().unwrap() as u32;
        check(
            Cipher::Sm4,
            &hex("key"),
            radix,
            &hex("tweak"),
            &list("msg"),
            &list("ct"),
        );
    }
    println!("{} SM4 vectors", vectors.len());
    assert!(!vectors.is_empty());
}

/// The shortest string of a radix that holds a million values.
fn shortest(radix: u32) -> usize {
    (1..)
        .find(|numerals| u64::from(radix).pow(*numerals) >= DOMAIN_MIN)
        .unwrap() as usize
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn agrees_with_crate_fpe_and_the_twin(
        key in any::<[u8; 32]>(),
        cipher in prop::sample::select(Cipher::ALL.to_vec()),
        radix in prop_oneof![4 => 2u32..=36, 1 => 37u32..=65_535, 1 => Just(65_536)],
        length in 0usize..=56,
        tweak in prop::collection::vec(any::<u8>(), 0..=45),
        seed in prop::collection::vec(any::<u16>(), 56),
    ) {
        let key = &key[..cipher.key_bytes()];
        let length = length.max(shortest(radix));
        let plain: Vec<u16> = seed.iter().take(length).map(|seed| (u32::from(*seed) % radix) as u16).collect();
        let expect = reference::crate_fpe(cipher, key, radix, &tweak, &plain);
        prop_assert_eq!(&reference::encrypt(cipher, key, radix, &tweak, &plain), &expect);
        check(cipher, key, radix, &tweak, &plain, &expect);
    }
}

#[test]
fn every_radix_and_length_agrees_with_crate_fpe() {
    let key = [0x5a; 32];
    for radix in 2..=36 {
        for length in shortest(radix)..=56 {
            // The largest value of either half, where a wrong reduction shows.
            let plain = vec![(radix - 1) as u16; length];
            let tweak = vec![7; (length * 3 + radix as usize) % 46];
            let expect = reference::crate_fpe(Cipher::Aes256, &key, radix, &tweak, &plain);
            check(Cipher::Aes256, &key, radix, &tweak, &plain, &expect);
        }
    }
}

#[test]
fn short_domains_and_foreign_numerals_are_refused() {
    let key = Ff1Key::new(Cipher::Aes256, &[0; 32]).unwrap();
    for radix in 2..=36 {
        let short = shortest(radix) - 1;
        let refused = Ff1::new(&key, radix)
            .unwrap()
            .encrypt(b"", &mut vec![0; short]);
        assert_eq!(
            refused,
            Err(Outside::Short {
                numerals: short,
                radix
            })
        );
    }
    let ten = Ff1::new(&key, 10).unwrap();
    let mut foreign = [1, 2, 10, 4, 5, 6];
    let refused = ten.decrypt(b"", &mut foreign);
    assert_eq!(
        refused,
        Err(Outside::Numeral {
            position: 2,
            radix: 10
        })
    );
    assert_eq!(foreign, [1, 2, 10, 4, 5, 6], "nothing was changed");
    assert_eq!(
        ten.encrypt(&[0; 65_536], &mut [1; 8]),
        Err(Outside::TweakLength)
    );
    for radix in [0, 1, 65_537] {
        assert_eq!(Ff1::new(&key, radix).err(), Some(Outside::Radix { radix }));
    }
    let cipher = Cipher::Sm4;
    let refused = Ff1Key::new(cipher, &[0; 32]).err();
    assert_eq!(refused, Some(Outside::KeyBytes { cipher, found: 32 }));
    let small = RankCipher::new(&key, 999_999).err();
    assert_eq!(small, Some(Outside::Small { size: 999_999 }));
}

#[test]
fn nothing_secret_prints() {
    let key = Ff1Key::new(Cipher::Sm4, &[0x41; 16]).unwrap();
    let ranks = RankCipher::new(&key, 2_000_000).unwrap();
    let printed = format!("{key:?} {:?} {ranks:?}", ranks.tweak(b"x").unwrap());
    assert!(
        printed.starts_with("Ff1Key(Sm4, …) TweakState(…) "),
        "{printed}"
    );
    assert!(!printed.contains("65, 65"), "{printed}");
}
