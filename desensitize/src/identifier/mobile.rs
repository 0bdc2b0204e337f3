//! Mainland mobile number: eleven digits 13x–19x (电信网编号计划), with or without the country code 86.

use super::{Flaw, Rules, judged, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "mobile",
    en: "mobile number",
    zh: "手机号码",
    expected: Phrase::new("a mainland mobile number", "大陆手机号码"),
    read,
    judge,
    mask: |mobile, out| spelling::first(mobile, 3, out),
    kept: (
        "the operator's range (the first three digits)",
        "运营商号段（前三位）",
    ),
    // The first digit is 1, the second 3 to 9.
    chance: 0.07,
    domain: Some("mobile"),
};

/// Digits of a number.
const DIGITS: usize = 11;
/// Spellings of the country code.
const COUNTRY: [&str; 2] = ["0086", "86"];

fn read(text: &str, out: &mut String) -> bool {
    let text = text.trim_start();
    let international = text.strip_prefix(['+', '＋']);
    let from = out.len();
    let most = DIGITS + COUNTRY.map(str::len).into_iter().max().unwrap_or(0);
    if !spelling::compact(international.unwrap_or(text), most, out) {
        return false;
    }
    let written = out.get(from..).unwrap_or("");
    let country = COUNTRY
        .iter()
        .find(|code| written.len() == DIGITS + code.len() && written.starts_with(**code));
    let drop = country.map_or(0, |code| code.len());
    // Behind a plus sign stands a country code, and no other country's.
    let fits = written.len() == DIGITS + drop
        && spelling::digits(written.as_bytes())
        && (international.is_none() || country == Some(&"86"));
    if fits {
        out.drain(from..from + drop);
    }
    fits
}

fn judge(mobile: &str) -> Result<(), Flaw> {
    judged(matches!(mobile.as_bytes(), [b'1', b'3'..=b'9', ..]), true)
}
