//! Digit strings against crate `fpe` alone, and what is broken input.

use fpe::ff1::{FF1, FlexibleNumeralString};
use proptest::prelude::*;

use super::*;
use crate::{ColumnKey, broken::Answer};

fn recipe(first: usize, last: usize) -> FpeDigits {
    FpeDigits {
        keep_first: first,
        keep_last: last,
        ..FpeDigits::new("d")
    }
}

fn bound(recipe: &FpeDigits) -> DigitsKernel {
    let key = Ff1Key::new(Cipher::Aes256, &[9; 32]).unwrap();
    DigitsKernel::new(&key, recipe, b"p".to_vec()).unwrap()
}

fn kernel(first: usize, last: usize) -> DigitsKernel {
    bound(&recipe(first, last))
}

/// One row of a column whose broken values become null.
fn encrypt(kernel: &DigitsKernel, value: &str) -> Option<String> {
    let mut broken = Broken {
        column: "c",
        first_row: 0,
        answer: &Answer::Null,
        count: 0,
        replaced: 0,
    };
    let column = StringArray::from(vec![value]);
    let out = kernel.apply(&column, None, &mut broken).unwrap();
    let out = out.as_string::<i32>();
    assert_eq!(broken.count, u64::from(out.is_null(0)));
    out.is_valid(0).then(|| out.value(0).to_owned())
}

/// The same with the tweak spelt out and big integers.
fn reference(value: &str, first: usize, last: usize) -> String {
    let (head, rest) = value.split_at(first);
    let (middle, tail) = rest.split_at(rest.len() - last);
    let digits = |text: &str| text.bytes().map(|digit| digit - b'0').collect::<Vec<_>>();
    let tweak = [
        b"p".to_vec(),
        vec![
            u8::try_from(value.len()).unwrap(),
            u8::try_from(first).unwrap(),
        ],
        digits(head),
        vec![u8::try_from(last).unwrap()],
        digits(tail),
    ];
    let numerals: Vec<u16> = digits(middle).into_iter().map(u16::from).collect();
    let ff1 = FF1::<aes::Aes256>::new(&[9; 32], 10).unwrap();
    let encrypted = Vec::<u16>::from(
        ff1.encrypt(&tweak.concat(), &FlexibleNumeralString::from(numerals))
            .unwrap(),
    );
    let middle: String = encrypted
        .into_iter()
        .map(|digit| char::from_digit(u32::from(digit), 10).unwrap())
        .collect();
    format!("{head}{middle}{tail}")
}

proptest! {
    #[test]
    fn agrees_with_the_reference(value in "[0-9]{14,64}", first in 0usize..=4, last in 0usize..=4) {
        let encrypted = encrypt(&kernel(first, last), &value);
        prop_assert_eq!(&encrypted, &Some(reference(&value, first, last)));
        let back = kernel(first, last).reverse(&encrypted.unwrap());
        prop_assert_eq!(back, Some(value));
    }
}

#[test]
fn spellings_and_leading_zeros() {
    let plain = kernel(0, 0);
    assert_eq!(
        encrypt(&plain, " ００００１２３４ "),
        encrypt(&plain, "00001234")
    );
    let lengths = ["000000", "0000000", "00000000"].map(|value| encrypt(&plain, value).unwrap());
    assert_eq!(lengths.clone().map(|value| value.len()), [6, 7, 8]);
    assert!(
        !lengths[1].starts_with(&lengths[0]) && !lengths[2].starts_with(&lengths[1]),
        "each length is its own domain"
    );
    assert_eq!(&encrypt(&kernel(3, 0), "13912345678").unwrap()[..3], "139");
}

#[test]
fn kept_digits_change_the_rest() {
    let kernel = kernel(3, 0);
    let rest = |value: &str| encrypt(&kernel, value).unwrap()[3..].to_owned();
    assert_ne!(rest("13912345678"), rest("13812345678"));
}

#[test]
fn broken_digits() {
    for broken in [
        "",
        "12345",
        "12345x",
        "-123456",
        "123 456",
        "٠١٢٣٤٥٦",
        "李明李明李明",
        &"1".repeat(65),
    ] {
        assert_eq!(encrypt(&kernel(0, 0), broken), None, "{broken}");
    }
    assert_eq!(encrypt(&kernel(3, 3), "12345678901"), None);
    assert_eq!(
        encrypt(
            &bound(&FpeDigits {
                length: Some(11),
                ..recipe(0, 0)
            }),
            "1234567890"
        ),
        None
    );
    assert!(encrypt(&kernel(0, 0), &"1".repeat(64)).is_some());
}

/// Usual and unusual spellings, broken values and nulls of one column keep their rows.
#[test]
fn rows_keep_their_places() {
    let rows = [
        Some("12345678"),
        None,
        Some("１２３４５６７８"),
        Some("x"),
        Some(" 12345678"),
        Some("1"),
        Some("87654321"),
    ];
    let kernel = kernel(2, 0);
    let column = StringArray::from(rows.to_vec());
    let mut broken = Broken {
        column: "c",
        first_row: 0,
        answer: &Answer::Redact,
        count: 0,
        replaced: 0,
    };
    let out = kernel
        .apply(&column.slice(1, 6), None, &mut broken)
        .unwrap();
    let found: Vec<_> = out.as_string::<i32>().iter().collect();
    let (one, other) = (reference("12345678", 2, 0), reference("87654321", 2, 0));
    let (one, other, redacted) = (Some(&*one), Some(&*other), Some(crate::REDACTED));
    assert_eq!(found, [None, one, redacted, one, redacted, other]);
    assert_eq!(broken.count, 2);
}

/// The key and tweak of a compiled recipe: a change of either would break every join with samples already out.
#[test]
fn the_subkey_and_tweak_are_those_of_version_1() {
    let column_key = ColumnKey::from([5; 32]);
    let subkey = column_key.subkey("karez/ff1-aes-256/v1");
    let tweak = [
        b"karez/digits/v1".to_vec(),
        1u64.to_be_bytes().to_vec(),
        b"d".to_vec(),
        vec![8, 0, 0],
    ];
    let ff1 = FF1::<aes::Aes256>::new(subkey.bytes(), 10).unwrap();
    let plain = FlexibleNumeralString::from(vec![1, 2, 3, 4, 5, 6, 7, 8]);
    let expect: Vec<u16> = ff1.encrypt(&tweak.concat(), &plain).unwrap().into();
    let key = Ff1Key::of_column(Cipher::Aes256, &column_key).unwrap();
    let recipe = recipe(0, 0);
    let kernel = DigitsKernel::new(&key, &recipe, recipe.tweak()).unwrap();
    let found = encrypt(&kernel, "12345678").unwrap();
    let found: Vec<u16> = found.bytes().map(|digit| u16::from(digit - b'0')).collect();
    assert_eq!(found, expect);
}

#[test]
fn each_cipher_is_a_permutation_of_its_own() {
    let column_key = ColumnKey::from([5; 32]);
    let mut seen = std::collections::HashSet::new();
    for cipher in Cipher::ALL {
        let recipe = FpeDigits {
            cipher,
            ..recipe(3, 0)
        };
        let key = Ff1Key::of_column(cipher, &column_key).unwrap();
        let kernel = DigitsKernel::new(&key, &recipe, recipe.tweak()).unwrap();
        let surrogate = encrypt(&kernel, "13912345678").unwrap();
        assert_eq!(kernel.reverse(&surrogate).as_deref(), Some("13912345678"));
        assert!(seen.insert(surrogate), "{cipher:?}");
    }
    assert_eq!(kernel(3, 0).reverse("139"), None);
    assert!(recipe(1, 2).to_string().ends_with("last 2 kept"));
    let sm4 = FpeDigits {
        cipher: Cipher::Sm4,
        ..recipe(1, 2)
    };
    assert!(sm4.to_string().ends_with("last 2 kept, sm4"));
}
