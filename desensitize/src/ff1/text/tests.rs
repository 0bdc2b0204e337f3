//! Columns against the single strings and crate `fpe`, under every kernel.

use arrow::array::Array;
use proptest::prelude::*;

use super::*;
use crate::ff1::{Cipher, DOMAIN_MIN, Kernel, Letters, reference};

const KEY: [u8; 32] = [0x6b; 32];
const SYMBOLS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

fn key(cipher: Cipher, kernel: Kernel) -> Ff1Key {
    Ff1Key::with_kernel(cipher, &KEY[..cipher.key_bytes()], kernel).unwrap()
}

fn alphabet(radix: u32) -> Alphabet {
    let alphabet = Alphabet::new(radix, Letters::ToUpper).unwrap();
    alphabet.with_separators(" -").unwrap()
}

fn numerals(radix: u32, text: &str) -> Option<Vec<u16>> {
    let text = text.bytes().filter(|byte| !b" -".contains(byte));
    text.map(|byte| {
        let byte = byte.to_ascii_uppercase();
        let numeral = SYMBOLS.iter().position(|symbol| *symbol == byte)?;
        ((numeral as u32) < radix).then_some(numeral as u16)
    })
    .collect()
}

fn shortest(radix: u32) -> usize {
    (1..)
        .find(|numerals| u64::from(radix).pow(*numerals) >= DOMAIN_MIN)
        .unwrap() as usize
}

/// How a text is to come out, the plain way: crate `fpe` over its numerals, then each character in its place.
fn expected(radix: u32, (first, last): (usize, usize), tweak: &[u8], text: &str) -> Option<String> {
    let mut all = numerals(radix, text)?;
    let (count, until) = (all.len(), all.len().checked_sub(last)?);
    if until < first || until - first < shortest(radix) {
        return None;
    }
    let [head, tail] = [&all[..first], &all[until..]].map(<[u16]>::to_vec);
    let tweak = with_kept(tweak, count, &head, &tail);
    let out = reference::crate_fpe(Cipher::Aes256, &KEY, radix, &tweak, &all[first..until]);
    all[first..until].copy_from_slice(&out);
    let mut all = all.into_iter();
    let place = |character: char| match character {
        ' ' | '-' => character,
        _ => char::from(SYMBOLS[usize::from(all.next().unwrap())]),
    };
    Some(text.chars().map(place).collect())
}

fn with_kept(tweak: &[u8], count: usize, first: &[u16], last: &[u16]) -> Vec<u8> {
    let kept = first.iter().chain(last).map(|numeral| *numeral as u8);
    let count = [count as u8; 1].into_iter();
    tweak.iter().copied().chain(count).chain(kept).collect()
}

/// Encrypts and decrypts a column under every kernel and compares each row.
fn check(radix: u32, keep: (usize, usize), tweak: &[u8], plain: &StringArray) {
    let with_kept = |kept: &Kept<'_>| {
        let [first, last] = [kept.first, kept.last]
            .map(|kept| kept.iter().copied().map(u16::from).collect::<Vec<_>>());
        with_kept(tweak, kept.numerals, &first, &last)
    };
    let expect: Vec<_> = plain
        .iter()
        .map(|text| expected(radix, keep, tweak, text?))
        .collect();
    let broken: Vec<_> = (0..plain.len())
        .filter(|row| plain.is_valid(*row) && expect[*row].is_none())
        .collect();
    for kernel in Kernel::available(Cipher::Aes256) {
        let key = key(Cipher::Aes256, kernel);
        let cipher = TextCipher::new(&key, alphabet(radix)).unwrap();
        let cipher = cipher.keeping(keep.0, keep.1);
        let (found, refused) = cipher.encrypt(&with_kept, plain).unwrap();
        let texts: Vec<_> = found.iter().map(|text| text.map(str::to_owned)).collect();
        assert_eq!(texts, expect, "{kernel:?}, radix {radix}");
        assert_eq!(refused, broken, "{kernel:?}, radix {radix}");
        let bytes: usize = found.iter().flatten().map(str::len).sum();
        assert_eq!(found.value_data().len(), bytes, "nothing is left elsewhere");
        let (back, refused) = cipher.decrypt(&with_kept, &found).unwrap();
        let known = |(row, text): (usize, Option<&str>)| {
            let text = text.filter(|_| !broken.contains(&row));
            text.map(str::to_ascii_uppercase)
        };
        let upper: Vec<_> = plain.iter().enumerate().map(known).collect();
        let back: Vec<_> = back.iter().map(|text| text.map(str::to_owned)).collect();
        assert_eq!((back, refused), (upper, Vec::new()), "{kernel:?}, decrypt");
    }
}

/// A text of numerals, from numbers.
fn text(radix: u32, seed: &[u8]) -> String {
    let numeral = |seed: &u8| char::from(SYMBOLS[usize::from(*seed) % radix as usize]);
    seed.iter().map(numeral).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(192) })]

    #[test]
    fn columns_agree_with_crate_fpe(
        radix in prop_oneof![2 => Just(10u32), 1 => Just(36), 3 => 2u32..=36],
        keep in prop_oneof![Just((0usize, 0usize)), (0usize..=4, 0usize..=4)],
        tweak in prop::collection::vec(any::<u8>(), 0..=45),
        seeds in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..=56), 0u8..16, any::<prop::sample::Index>()), 0..150),
        (from, until) in any::<(prop::sample::Index, prop::sample::Index)>(),
    ) {
        let rows = seeds.iter().map(|(seed, kind, at)| {
            let mut text = text(radix, seed);
            let at = at.index(text.len() + 1);
            match kind {
                0 => return None,
                1 => text.insert(at, 'é'),
                2 => text.insert(at, '/'),
                3 => text.insert(at, '-'),
                4 => { text.insert(at, ' '); text.insert(0, ' '); }
                5 => text.make_ascii_lowercase(),
                6 => text.insert(at, '１'),
                _ => {}
            }
            Some(text)
        });
        let column: StringArray = rows.collect();
        check(radix, keep, &tweak, &column);
        let (from, until) = (from.index(column.len() + 1), until.index(column.len() + 1));
        let (from, until) = (from.min(until), from.max(until));
        check(radix, keep, &tweak, &column.slice(from, until - from));
    }
}

#[test]
fn every_radix_and_length() {
    for radix in 2..=36 {
        // The largest value of either half, where a wrong reduction shows, and something in between; tiles that are not
        // full among them, and tweaks of 0 to 45 bytes.
        let lengths = || shortest(radix)..=56;
        let largest = lengths().map(|length| vec![radix as u8 - 1; length]);
        let mixed =
            lengths().map(|length| (0..length).map(|at| (at * 37 + length) as u8).collect());
        let rows: Vec<_> = largest
            .chain(mixed)
            .map(|seed| text(radix, &seed))
            .collect();
        let column = StringArray::from(rows);
        check(radix, (0, 0), &vec![7; (radix as usize * 13) % 46], &column);
    }
}

#[test]
fn full_tiles_of_mixed_lengths() {
    let row = |row: usize| {
        let length = 16 + row * 7 % 4;
        let seed: Vec<u8> = (0..length).map(|at| (row * 131 + at * 29) as u8).collect();
        text(10, &seed)
    };
    let column: StringArray = (0..1_000).map(|at| Some(row(at))).collect();
    check(10, (0, 0), b"t", &column);
    check(10, (3, 2), b"t", &column.slice(17, 901));
}

#[test]
fn every_cipher_agrees_with_the_single_strings() {
    for cipher in Cipher::ALL {
        for kernel in Kernel::available(cipher) {
            let key = key(cipher, kernel);
            let texts = TextCipher::new(&key, Alphabet::digits().unwrap()).unwrap();
            let plain = ["123456", "12345678901", "1234567890123456789"];
            let (found, _) = texts
                .encrypt(&|_| b"t".to_vec(), &StringArray::from(plain.to_vec()))
                .unwrap();
            for (plain, found) in plain.iter().zip(found.iter().flatten()) {
                let mut expect = numerals(10, plain).unwrap();
                Ff1::new(&key, 10)
                    .unwrap()
                    .encrypt(b"t", &mut expect)
                    .unwrap();
                assert_eq!(numerals(10, found), Some(expect), "{cipher:?} {kernel:?}");
            }
        }
    }
}

#[test]
fn long_strings_and_the_longest_narrow_ones() {
    for radix in [2, 10, 36] {
        let rows = [31, 32, 33, 64, 111, 112, 113, 114, 200];
        let rows = rows.map(|length| text(radix, &vec![5; length]));
        check(radix, (0, 0), b"", &StringArray::from(rows.to_vec()));
    }
}

#[test]
fn empty_columns_and_nulls() {
    check(10, (0, 0), b"", &StringArray::from(Vec::<&str>::new()));
    check(10, (1, 1), b"", &StringArray::new_null(3));
    check(10, (0, 0), b"", &StringArray::from(vec!["", "", " - "]));
    let far = (usize::MAX, 1);
    check(10, far, b"", &StringArray::from(vec!["1234567890"]));
}

/// Bytes under a null are part of Arrow's buffers, and must not come through.
#[test]
fn what_stands_under_a_null_is_gone() {
    let offsets = OffsetBuffer::new(ScalarBuffer::from(vec![0, 8, 16, 24]));
    let text = Buffer::from_vec(b"111111112222222233333333".to_vec());
    let nulls = NullBuffer::from(vec![true, false, true]);
    let column = StringArray::try_new(offsets, text, Some(nulls)).unwrap();
    check(10, (0, 0), b"", &column);
    check(10, (0, 0), b"", &column.slice(1, 2));
}

#[test]
fn lengths_are_refused_and_a_tweak_too_long() {
    let key = key(Cipher::Aes256, Kernel::Portable);
    let cipher = TextCipher::new(&key, alphabet(10))
        .unwrap()
        .of_lengths(8..=9);
    let column = StringArray::from(vec!["1234567", "12345678", "1234-56789", "1234567890"]);
    let (_, refused) = cipher.encrypt(&|_| Vec::new(), &column).unwrap();
    assert_eq!(refused, [0, 3]);
    let refused = cipher.encrypt(&|_| vec![0; 65_536], &column).err();
    assert_eq!(refused, Some(Outside::TweakLength));
}
