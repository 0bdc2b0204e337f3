//! Passport of the People's Republic of China: ordinary (E, G, 14, 15), diplomatic (D, DE), service (S, SE) and public
//! affairs (P, PE).
//!
//! Accepted: E or G and eight digits; E, a letter but I and O, and seven digits (since 2017); D, S or P and seven or
//! eight digits, or followed by E and seven digits; 14 or 15 and seven digits (before 1997).

use super::{Flaw, Rules, judged, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "passport",
    en: "passport number",
    zh: "护照号码",
    expected: Phrase::new("a Chinese passport number", "中国护照号码"),
    read,
    judge,
    mask,
    kept: (
        "the kind of passport (the first letter)",
        "护照种类（首字母）",
    ),
    // Of a letter and eight digits: five letters of 26.
    chance: 5.0 / 26.0,
    domain: Some("passport"),
};

/// Characters of a number at most.
const CHARACTERS_MAX: usize = 9;

fn read(text: &str, out: &mut String) -> bool {
    spelling::read(text, CHARACTERS_MAX, out, |number| match number {
        [first, second, digits @ ..] if first.is_ascii_uppercase() => {
            let length = if second.is_ascii_digit() {
                8..=9
            } else {
                9..=9
            };
            length.contains(&number.len()) && spelling::digits(digits)
        }
        _ => number.len() == CHARACTERS_MAX && spelling::digits(number),
    })
}

fn judge(number: &str) -> Result<(), Flaw> {
    let bytes = number.as_bytes();
    let assigned = match bytes {
        [b'E', second, ..] if second.is_ascii_uppercase() => !matches!(second, b'I' | b'O'),
        [b'D' | b'S' | b'P', second, ..] if second.is_ascii_uppercase() => *second == b'E',
        [b'E' | b'G', ..] => bytes.len() == CHARACTERS_MAX,
        [b'D' | b'S' | b'P', ..] => true,
        [b'1', b'4' | b'5', ..] => true,
        _ => false,
    };
    judged(assigned, true)
}

/// Only letters tell the kind; an old number of digits is hidden whole.
fn mask(number: &str, out: &mut String) {
    spelling::first(number, usize::from(!number.starts_with('1')), out);
}
