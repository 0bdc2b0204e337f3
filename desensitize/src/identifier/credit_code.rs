//! 统一社会信用代码 (GB 32100-2015): authority, category, region (6), organisation code (9), check character.

use crate::Phrase;
use std::ops::Range;

use super::{
    Characters, Flaw, ORGANISATION_DOMAIN, Rules, judged, organisation_code, province, spelling,
};

pub(super) const RULES: Rules = Rules {
    id: "credit-code",
    en: "unified social credit code",
    zh: "统一社会信用代码",
    expected: Phrase::new(
        "a valid unified social credit code",
        "有效的统一社会信用代码",
    ),
    read,
    judge,
    mask: |code, out| spelling::first(code, 4, out),
    kept: (
        "the registering authority, the category and the province",
        "登记管理部门、机构类别与省份",
    ),
    // 12 of 31 authorities, 32 of 100 regions, and both check characters right: of 31 and of 31.
    chance: (12.0 / 31.0) * (32.0 / 100.0) / 961.0,
    domain: Some(ORGANISATION_DOMAIN),
};

/// The characters of a code by value: digits and capitals without I, O, S, V, Z (GB 32100, table 2).
pub(crate) static ALPHABET: Characters = Characters::new(b"0123456789ABCDEFGHJKLMNPQRTUWXY");
/// Characters of a code.
pub(super) const CHARACTERS: usize = 18;
/// Where the organisation code stands.
pub(super) const ORGANISATION: Range<usize> = 8..17;
/// Where the region stands.
const REGION: Range<usize> = 2..8;
/// Registering authorities (GB 32100, table 1 and its later additions): offices of the staffing commission, foreign
/// affairs, justice, culture, civil affairs, tourism, religion, trade unions, market regulation, the army, farming, others.
const AUTHORITIES: [u8; 12] = *b"123456789ANY";
/// A region of codes registered with no province: by the ministries themselves.
const NATIONAL: [u8; 2] = *b"10";

fn read(text: &str, out: &mut String) -> bool {
    spelling::read(text, CHARACTERS, out, |code| {
        code.len() == CHARACTERS
            && code.iter().all(|character| ALPHABET.contains(*character))
            && spelling::digits(code.get(REGION).unwrap_or(&[]))
    })
}

fn judge(code: &str) -> Result<(), Flaw> {
    let code = code.as_bytes();
    let region = code.get(REGION).unwrap_or(&[]);
    let assigned = code
        .first()
        .is_some_and(|authority| AUTHORITIES.contains(authority))
        && (province::leads(region) || region.starts_with(&NATIONAL));
    let checked = code.last().copied() == check(code)
        && organisation_code::holds(code.get(ORGANISATION).unwrap_or(&[]));
    judged(assigned, checked)
}

/// The check character behind the first 17 characters: weights are powers of 3 modulo 31 (GB 32100, annex A).
pub(crate) fn check(code: &[u8]) -> Option<u8> {
    let mut weight = 1;
    let mut sum = 0;
    for character in code.iter().take(CHARACTERS - 1) {
        let value = ALPHABET.value(*character)?;
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    u8::try_from(ALPHABET.at(31 - sum % 31)).ok()
}
