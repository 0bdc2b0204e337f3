//! 组织机构代码 (GB 11714-1997): eight digits or capitals and a check character; `12345678-9` or without the hyphen.

use super::{Flaw, ORGANISATION_DOMAIN, Rules, judged, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "organisation-code",
    en: "organisation code",
    zh: "组织机构代码",
    expected: Phrase::new("a valid organisation code", "有效的组织机构代码"),
    read,
    judge,
    mask: |code, out| spelling::first(code, 2, out),
    kept: (
        "the first two characters, which tell little but whether the body is newer than 2015",
        "前两位，大致可知机构是否于 2015 年后登记",
    ),
    chance: 1.0 / 11.0,
    domain: Some(ORGANISATION_DOMAIN),
};

/// Characters of a code.
pub(super) const CHARACTERS: usize = 9;
/// Weights of the eight characters (GB 11714, 3.3).
const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

fn read(text: &str, out: &mut String) -> bool {
    spelling::read(text, CHARACTERS, out, is_shaped)
}

/// Eight digits or capitals, and a digit or X.
pub(super) fn is_shaped(code: &[u8]) -> bool {
    code.len() == CHARACTERS
        && code.iter().all(u8::is_ascii_alphanumeric)
        && code
            .last()
            .is_some_and(|last| last.is_ascii_digit() || *last == b'X')
}

fn judge(code: &str) -> Result<(), Flaw> {
    judged(true, holds(code.as_bytes()))
}

/// Whether the last of nine characters is the check character of the others.
pub(super) fn holds(code: &[u8]) -> bool {
    code.split_last()
        .is_some_and(|(last, body)| body.len() == 8 && *last == check(body))
}

/// The check character of eight digits or capitals; letters count from A = 10 to Z = 35 (GB 11714, table 1).
pub(crate) fn check(body: &[u8]) -> u8 {
    let sum: u32 = body
        .iter()
        .zip(WEIGHTS)
        .map(|(character, weight)| char::from(*character).to_digit(36).unwrap_or(0) * weight)
        .sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => b'0' + u8::try_from(digit).unwrap_or(0),
    }
}
