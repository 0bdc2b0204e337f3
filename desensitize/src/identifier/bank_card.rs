//! Bank card number (ISO/IEC 7812-1): issuer number first, 12–19 digits in all, the last one the Luhn check digit.
//!
//! One random number in ten passes the check, so free text and classification ask for a known [`issuer`] prefix too.

use super::{Flaw, Rules, judged, luhn, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "bank-card",
    en: "bank card number",
    zh: "银行卡号",
    expected: Phrase::new("a valid bank card number", "有效的银行卡号"),
    read,
    judge,
    mask: |card, out| spelling::first(card, BIN_DIGITS, out),
    kept: (
        "the issuer and the card's type (the first six digits)",
        "发卡机构与卡种（前六位）",
    ),
    // No card number begins with 0, and one digit of ten is right.
    chance: 0.9 / 10.0,
    domain: Some("bank-card"),
};

/// Digits of a card number.
const DIGITS: std::ops::RangeInclusive<usize> = 12..=19;
/// Digits of the issuer number that stay readable; ISO/IEC 7812-1:2017 widened it to eight.
const BIN_DIGITS: usize = 6;

fn read(text: &str, out: &mut String) -> bool {
    spelling::read(text, *DIGITS.end(), out, |card| {
        DIGITS.contains(&card.len()) && spelling::digits(card)
    })
}

fn judge(card: &str) -> Result<(), Flaw> {
    judged(!card.starts_with('0'), luhn::holds(card.as_bytes()))
}

/// A range of issuer prefixes, the scheme that holds it, and the lengths of its numbers.
struct Prefix {
    digits: usize,
    first: u32,
    last: u32,
    lengths: &'static [usize],
    scheme: &'static str,
}

const fn prefix(
    digits: usize,
    first: u32,
    last: u32,
    lengths: &'static [usize],
    scheme: &'static str,
) -> Prefix {
    Prefix {
        digits,
        first,
        last,
        lengths,
        scheme,
    }
}

/// The prefixes that are told apart: UnionPay's 62 and 81, the international schemes' published ranges, and the
/// domestic cards issued before UnionPay (JR/T 0008 left their first digit 9, and some of 60, 68 and 69, in use).
const PREFIXES: [Prefix; 22] = [
    prefix(2, 62, 62, &[16, 17, 18, 19], "UnionPay"),
    prefix(3, 810, 817, &[16, 17, 18, 19], "UnionPay"),
    prefix(1, 4, 4, &[13, 16, 19], "Visa"),
    prefix(2, 51, 55, &[16], "Mastercard"),
    prefix(4, 2221, 2720, &[16], "Mastercard"),
    prefix(4, 3528, 3589, &[16, 17, 18, 19], "JCB"),
    prefix(2, 34, 34, &[15], "American Express"),
    prefix(2, 37, 37, &[15], "American Express"),
    prefix(3, 300, 305, &[14], "Diners Club"),
    prefix(2, 36, 36, &[14], "Diners Club"),
    prefix(2, 38, 39, &[14], "Diners Club"),
    prefix(4, 6011, 6011, &[16], "Discover"),
    prefix(3, 644, 649, &[16], "Discover"),
    prefix(2, 65, 65, &[16], "Discover"),
    prefix(5, 95588, 95588, &[19], "domestic"),
    prefix(5, 95595, 95595, &[16], "domestic"),
    prefix(5, 95599, 95599, &[19], "domestic"),
    prefix(6, 966_666, 966_666, &[18], "domestic"),
    prefix(6, 601_428, 601_428, &[17], "domestic"),
    prefix(6, 601_382, 601_382, &[19], "domestic"),
    prefix(6, 603_367, 603_367, &[18], "domestic"),
    prefix(6, 690_755, 690_755, &[15, 18], "domestic"),
];

/// The scheme whose published prefix and length a card number has, or none; the check digit is not looked at.
///
/// A number without a known issuer may still be a card's: the list is that of the schemes' published ranges, not of
/// every bank.
///
/// ```
/// use desensitize::identifier::bank_card::issuer;
///
/// assert_eq!(issuer("6222 0212 3456 7890 12"), Some("UnionPay"));
/// assert_eq!(issuer("2026112300000014"), None);
/// ```
#[must_use]
pub fn issuer(card: &str) -> Option<&'static str> {
    let mut digits = String::new();
    if !read(card, &mut digits) {
        return None;
    }
    let known = |prefix: &&Prefix| {
        let number = digits
            .get(..prefix.digits)
            .and_then(|digits| digits.parse().ok());
        prefix.lengths.contains(&digits.len())
            && number.is_some_and(|number: u32| (prefix.first..=prefix.last).contains(&number))
    };
    PREFIXES.iter().find(known).map(|prefix| prefix.scheme)
}
