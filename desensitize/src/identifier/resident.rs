//! 居民身份证: all rules are those of [`crate::resident_id`].

use super::{Flaw, Rules, spelling};
use crate::{
    Phrase, RESIDENT_ID_DOMAIN,
    resident_id::{ID_BYTES, NotResidentId, ResidentId},
};

pub(super) const RULES: Rules = Rules {
    id: "resident-id",
    en: "resident id",
    zh: "居民身份证号",
    expected: Phrase::new("a valid resident id", "有效的身份证号"),
    read,
    judge,
    mask: |id, out| spelling::first(id, 2, out),
    kept: ("the province of first registration", "首次登记的省份"),
    // A legacy id has no check character: a first digit other than 0, a day of a century, and a sequence other than 000.
    chance: 0.9 * (36_525.0 / 1_000_000.0) * 0.999,
    domain: Some(RESIDENT_ID_DOMAIN),
};

/// Digits of the legacy form.
const LEGACY_DIGITS: usize = 15;

fn read(text: &str, out: &mut String) -> bool {
    let from = out.len();
    let fits = spelling::read(text, ID_BYTES, out, |id| match id {
        [digits @ .., check] if id.len() == ID_BYTES => {
            spelling::digits(digits) && (check.is_ascii_digit() || *check == b'X')
        }
        _ => id.len() == LEGACY_DIGITS && spelling::digits(id),
    });
    if fits && out.len() - from == LEGACY_DIGITS {
        widen(from, out);
    }
    fits
}

/// Replaces a legacy id by its 18 characters where it is one of a person.
fn widen(from: usize, out: &mut String) {
    let long = out.get(from..).map(ResidentId::parse);
    if let Some(Ok(id)) = long {
        out.truncate(from);
        out.extend(id.to_bytes().into_iter().map(char::from));
    }
}

fn judge(id: &str) -> Result<(), Flaw> {
    match ResidentId::parse(id) {
        Ok(_) => Ok(()),
        Err(NotResidentId::Check) => Err(Flaw::Check),
        Err(_) => Err(Flaw::Unassigned),
    }
}
