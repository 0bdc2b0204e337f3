//! Licence plates: a province sign and what follows it.

use super::{Candidate, Page, is_word};
use crate::identifier::{Identifier, province};

/// Characters of a plate: sign, letter, a separator, six characters.
const CHARACTERS: std::ops::RangeInclusive<usize> = 7..=9;

pub(super) fn scan(page: &Page<'_>, candidates: &mut Vec<Candidate>) {
    for start in 0..page.glyphs.len() {
        if !page.at(start).is_some_and(province::is_sign) || !lettered(page, start) {
            continue;
        }
        let longest = CHARACTERS.rev().find_map(|length| {
            let glyphs = start..start + length;
            let ends = !is_word(page.at(glyphs.end)) || !is_word(page.before(glyphs.end));
            let plate = ends && Identifier::Plate.validate(page.written(&glyphs)).is_ok();
            // What is written must be the plate and no blank behind it.
            let whole = page.before(glyphs.end).is_some_and(char::is_alphanumeric);
            (plate && whole).then_some(glyphs)
        });
        candidates.extend(longest.map(|glyphs| Candidate {
            identifier: Identifier::Plate,
            glyphs,
        }));
    }
}

/// Whether a letter stands shortly behind the sign: of the longest plate's characters two may be separators.
fn lettered(page: &Page<'_>, sign: usize) -> bool {
    (1..=3).any(|behind| {
        page.at(sign + behind)
            .is_some_and(|character| character.is_ascii_alphabetic())
    })
}
