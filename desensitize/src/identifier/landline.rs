//! Mainland landline number: trunk 0, area code of two or three digits, subscriber's number of seven or eight digits
//! that begins with 2–8, and an extension of up to six digits (电信网编号计划).

use crate::Phrase;
use std::borrow::Cow;

use super::{Flaw, Rules, judged, spelling};

pub(super) const RULES: Rules = Rules {
    id: "landline",
    en: "landline number",
    zh: "固定电话号码",
    expected: Phrase::new(
        "a mainland landline number with its area code",
        "带区号的大陆固定电话号码",
    ),
    read,
    judge,
    mask: |number, out| spelling::first(number, area_length(number), out),
    kept: ("the city (the area code)", "所在城市（区号）"),
    // Of four digits of area and eight behind: no 0, 1 or 2 behind the trunk 0 and no 060x, and 2 to 8 behind them.
    chance: 0.69 / 0.8 * 0.7,
    domain: Some("landline"),
};

/// Digits of area code and subscriber's number together, trunk 0 included: of 7-digit areas, and of 8-digit ones.
const DIGITS: std::ops::RangeInclusive<usize> = 11..=12;
/// Digits of an extension.
const EXTENSION_DIGITS_MAX: usize = 6;
/// Characters of a text that are looked at.
const CHARACTERS_MAX: usize = 40;
/// Words that stand before an extension.
const EXTENSION_SIGNS: [&str; 4] = ["转", "ext.", "ext", "x"];

/// Digits before the subscriber's number, trunk 0 included: 010 and 02x have three, the others four.
pub(crate) fn area_length(number: &str) -> usize {
    match number.as_bytes() {
        [_, b'1' | b'2', ..] => 3,
        _ => 4,
    }
}

fn read(text: &str, out: &mut String) -> bool {
    let from = out.len();
    // Digits and hyphens are written alike by all; anything else is narrowed and put in lower case first.
    let usual = |byte: u8| byte.is_ascii_digit() || byte == b'-';
    let usual = text.len() <= CHARACTERS_MAX && text.bytes().all(usual);
    let lower = if usual {
        Cow::Borrowed(text)
    } else {
        let characters = text.trim().chars().take(CHARACTERS_MAX);
        let narrowed = characters.map(|character| spelling::narrow(character).to_ascii_lowercase());
        Cow::Owned(narrowed.collect())
    };
    let (number, extension) = split_extension(lower.trim_start_matches('('), usual);
    let number = match number.contains([')', '(']) {
        true => Cow::Owned(number.replace([')', '('], "")),
        false => Cow::Borrowed(number),
    };
    if !spelling::compact(&number, *DIGITS.end(), out) {
        return false;
    }
    let main = out.get(from..).unwrap_or("");
    let subscriber = main.len().saturating_sub(area_length(main));
    let fits = main.starts_with('0')
        && spelling::digits(main.as_bytes())
        && (subscriber == 8 || (subscriber == 7 && area_length(main) == 4));
    if fits && !extension.is_empty() {
        out.push('-');
        out.push_str(extension);
    }
    fits && extension.len() <= EXTENSION_DIGITS_MAX && spelling::digits(extension.as_bytes())
}

/// The number and its extension: behind a word, or the third group of digits (`0991-2345678-801`).
fn split_extension(text: &str, usual: bool) -> (&str, &str) {
    let signs = EXTENSION_SIGNS.iter().filter(|_| !usual);
    let by_sign = signs.into_iter().find_map(|sign| text.split_once(sign));
    let by_group = || {
        let (before, last) = text.rsplit_once('-')?;
        let digits = before.bytes().filter(u8::is_ascii_digit).count();
        (digits >= 10).then_some((before, last))
    };
    let (number, extension) = by_sign.or_else(by_group).unwrap_or((text, ""));
    (number, extension.trim())
}

fn judge(number: &str) -> Result<(), Flaw> {
    let (area, subscriber) = number
        .split_at_checked(area_length(number))
        .unwrap_or((number, ""));
    let area = match area.as_bytes() {
        [_, b'1', second] => *second == b'0',
        [_, b'6', second, _] => *second != b'0',
        [_, first, ..] => *first != b'0',
        _ => false,
    };
    judged(
        area && subscriber.starts_with(|digit| matches!(digit, '2'..='8')),
        true,
    )
}
