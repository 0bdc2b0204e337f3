//! Vehicle identification number (ISO 3779, GB 16735-2019): maker (3), description (5), check character, model year,
//! plant, and a serial whose last four characters are digits.
//!
//! The check character at position 9 is mandatory in China and North America, and absent from many European vehicles
//! that were never sold there; such a number is not valid here.

use super::{Characters, Flaw, Rules, judged, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "vin",
    en: "vehicle identification number",
    zh: "车辆识别代号",
    expected: Phrase::new(
        "a valid vehicle identification number",
        "有效的车辆识别代号",
    ),
    read,
    judge,
    mask: |vin, out| spelling::first(vin, 3, out),
    kept: ("the maker (the first three characters)", "制造厂（前三位）"),
    // 30 model years of 33 characters, and a check character of 11 in 33 possible ones: a digit or X.
    chance: (30.0 / 33.0) / 33.0,
    domain: Some("vin"),
};

/// Characters of a number: digits and capitals without I, O, Q.
pub(crate) static ALPHABET: Characters = Characters::new(b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ");
/// Characters of a model year (ISO 3779, table 2): those of the number without 0, U and Z.
pub(crate) static YEARS: Characters = Characters::new(b"123456789ABCDEFGHJKLMNPRSTVWXY");
/// Characters of a number.
const CHARACTERS: usize = 17;
/// Where the check character stands, counted from 0.
pub(super) const CHECK: usize = 8;
/// Where the model year stands, counted from 0.
const YEAR: usize = 9;
/// Digits at the end of the serial.
const SERIAL_DIGITS: usize = 4;
/// Weights of the 17 characters; the check character's own is 0 (GB 16735, annex A).
const WEIGHTS: [u32; CHARACTERS] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

fn read(text: &str, out: &mut String) -> bool {
    spelling::read(text, CHARACTERS, out, |vin| {
        vin.len() == CHARACTERS
            && vin.iter().all(|character| ALPHABET.contains(*character))
            && spelling::digits(vin.get(CHARACTERS - SERIAL_DIGITS..).unwrap_or(&[]))
    })
}

fn judge(vin: &str) -> Result<(), Flaw> {
    let vin = vin.as_bytes();
    judged(
        vin.get(YEAR).is_some_and(|year| YEARS.contains(*year)),
        vin.get(CHECK).copied() == Some(check(vin)),
    )
}

/// The check character of 17 characters, whatever stands in its place.
pub(crate) fn check(vin: &[u8]) -> u8 {
    let sum: u32 = vin
        .iter()
        .zip(WEIGHTS)
        .map(|(character, weight)| value(*character) * weight)
        .sum();
    match sum % 11 {
        10 => b'X',
        digit => b'0' + u8::try_from(digit).unwrap_or(0),
    }
}

/// The value of a character (GB 16735, annex A): letters run 1–8 from A, 1–9 from J with 6 and 8 left out, 2–9 from S.
fn value(character: u8) -> u32 {
    let value = match character {
        b'0'..=b'9' => character - b'0',
        b'A'..=b'H' => character - b'A' + 1,
        b'J'..=b'R' => character - b'J' + 1,
        b'S'..=b'Z' => character - b'S' + 2,
        _ => 0,
    };
    u32::from(value)
}
