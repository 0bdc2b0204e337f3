//! 纳税人识别号: since 2015 the credit code; before, the region (6) and the organisation code (9), 15 characters.
//!
//! The 20 characters of a self-employed person without organisation code are the resident id and two digits that count
//! that person's businesses; 17 and 18 characters made of a resident id alone are not accepted, since such a column is
//! one of resident ids.

use crate::Phrase;
use std::ops::Range;

use super::{
    Flaw, Identifier, ORGANISATION_DOMAIN, Rules, credit_code, judged, organisation_code, province,
    spelling,
};

pub(super) const RULES: Rules = Rules {
    id: "tax-number",
    en: "taxpayer number",
    zh: "纳税人识别号",
    expected: Phrase::new(
        "a valid taxpayer number of 15, 18 or 20 characters",
        "有效的 15、18 或 20 位纳税人识别号",
    ),
    read,
    judge,
    mask,
    kept: (
        "the province, and of a newer number the registering authority and category",
        "省份；新号码另有登记管理部门与机构类别",
    ),
    // The form of 15 characters: 31 of 100 regions, and a check character of 11.
    chance: 0.31 / 11.0,
    domain: Some(ORGANISATION_DOMAIN),
};

/// Characters of the older form.
pub(super) const LEGACY_CHARACTERS: usize = 15;
/// Where the older form has the organisation code.
pub(super) const ORGANISATION: Range<usize> = 6..15;
/// Characters of the form of self-employed persons.
pub(super) const PERSON_CHARACTERS: usize = 20;
/// Where that form has the resident id.
pub(super) const PERSON: Range<usize> = 0..18;

fn read(text: &str, out: &mut String) -> bool {
    spelling::read(text, PERSON_CHARACTERS, out, |number| match number.len() {
        LEGACY_CHARACTERS => {
            let (region, code) = number.split_at(ORGANISATION.start);
            spelling::digits(region) && organisation_code::is_shaped(code)
        }
        credit_code::CHARACTERS => {
            as_text(number).is_some_and(|code| Identifier::CreditCode.shape(code))
        }
        PERSON_CHARACTERS => {
            let (person, count) = number.split_at(PERSON.end);
            spelling::digits(count)
                && as_text(person).is_some_and(|id| Identifier::ResidentId.shape(id))
        }
        _ => false,
    })
}

fn as_text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn judge(number: &str) -> Result<(), Flaw> {
    match number.len() {
        LEGACY_CHARACTERS => judged(
            province::leads(number.as_bytes()),
            organisation_code::holds(number.as_bytes().get(ORGANISATION).unwrap_or(&[])),
        ),
        PERSON_CHARACTERS => {
            (Identifier::ResidentId.rules().judge)(number.get(PERSON).unwrap_or(""))
        }
        _ => (credit_code::RULES.judge)(number),
    }
}

fn mask(number: &str, out: &mut String) {
    let kept = if number.len() == credit_code::CHARACTERS {
        4
    } else {
        2
    };
    spelling::first(number, kept, out);
}
