//! Pairs of coordinates: two decimals side by side, each with at least three digits behind its point.

use std::ops::Range;

use super::{Candidate, Page, is_word};
use crate::identifier::Identifier;

/// Digits behind the point at least: about 100 metres; prices and sizes rarely have as many.
const FRACTION_DIGITS_MIN: usize = 3;
/// Characters between the two decimals at most: a comma and a blank.
const GAP_MAX: usize = 2;

pub(super) fn scan(page: &Page<'_>, candidates: &mut Vec<Candidate>) {
    if !page.has('.') {
        return;
    }
    let decimals: Vec<Range<usize>> = page
        .runs(|character| character.is_ascii_digit() || matches!(character, '.' | '+' | '-'))
        .into_iter()
        .filter(|run| is_precise(page, run))
        .collect();
    for pair in decimals.windows(2) {
        let [first, second] = pair else { continue };
        let glyphs = first.start..second.end;
        let gap = first.end..second.start;
        let beside = (1..=GAP_MAX).contains(&gap.len())
            && gap
                .clone()
                .all(|at| matches!(page.at(at), Some(',' | ';' | '、' | ' ')));
        let bounded = !is_word(page.before(glyphs.start)) && !is_word(page.at(glyphs.end));
        if beside && bounded && Identifier::Gps.validate(page.written(&glyphs)).is_ok() {
            candidates.push(Candidate {
                identifier: Identifier::Gps,
                glyphs,
            });
        }
    }
}

fn is_precise(page: &Page<'_>, run: &Range<usize>) -> bool {
    let glyphs = page.glyphs.get(run.clone()).unwrap_or(&[]);
    let point = glyphs.iter().position(|glyph| glyph.character == '.');
    point.is_some_and(|point| glyphs.len() - point > FRACTION_DIGITS_MIN)
}
