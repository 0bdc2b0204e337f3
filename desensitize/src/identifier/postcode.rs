//! Mainland postcode: six digits, the first two of them a province's.

use super::{Flaw, Rules, judged, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "postcode",
    en: "postcode",
    zh: "邮政编码",
    expected: Phrase::new("a mainland postcode", "大陆邮政编码"),
    read,
    judge,
    mask: |code, out| spelling::first(code, 2, out),
    kept: ("the province (the first two digits)", "所属省份（前两位）"),
    chance: 0.60,
    domain: Some("postcode"),
};

/// Digits of a postcode.
const DIGITS: usize = 6;
/// Pairs of digits that provinces have, by their tens (China Post): 0 Inner Mongolia, Shanxi, Hebei; 1 Beijing and the
/// north-east; 2 Shanghai, Jiangsu, Anhui, Shandong; 3 Tianjin, Zhejiang, Jiangxi, Fujian; 4 Chongqing, Hunan, Hubei,
/// Henan; 5 the south; 6 the south-west; 7 the north-west; 8 Qinghai, Xinjiang, Tibet; 9 none.
const UNITS: [&[u8]; 10] = [
    b"1234567",
    b"012356",
    b"01234567",
    b"0123456",
    b"01234567",
    b"1234567",
    b"1234567",
    b"12345",
    b"13456",
    b"",
];

fn read(text: &str, out: &mut String) -> bool {
    spelling::read(text, DIGITS, out, |code| {
        code.len() == DIGITS && spelling::digits(code)
    })
}

fn judge(code: &str) -> Result<(), Flaw> {
    let assigned = match code.as_bytes() {
        [tens, units, ..] => UNITS
            .get(usize::from(tens.wrapping_sub(b'0')))
            .is_some_and(|of| of.contains(units)),
        _ => false,
    };
    judged(assigned, true)
}
