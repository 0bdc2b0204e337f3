//! Digit strings against crate `fpe` alone, and what is broken input.

use fpe::ff1::{FF1, FlexibleNumeralString};
use proptest::prelude::*;

use super::*;
use crate::ColumnKey;

fn kernel(first: usize, last: usize) -> DigitsKernel {
    DigitsKernel {
        ff1: Ff1::new(&ColumnKey::from([9; 32]), RADIX).unwrap(),
        prefix: b"p".to_vec(),
        first,
        last,
        length: None,
    }
}

fn encrypt(kernel: &DigitsKernel, value: &str) -> Option<String> {
    let mut buffers = Buffers::default();
    kernel.encrypt(value, &mut buffers)?;
    Some(
        buffers
            .digits
            .iter()
            .map(|digit| char::from_digit(u32::from(*digit), 10).unwrap())
            .collect(),
    )
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
        prop_assert_eq!(encrypted, Some(reference(&value, first, last)));
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
            &DigitsKernel {
                length: Some(11),
                ..kernel(0, 0)
            },
            "1234567890"
        ),
        None
    );
    assert!(encrypt(&kernel(0, 0), &"1".repeat(64)).is_some());
}
