//! E-mail, IP and MAC addresses: runs of the characters they are written in.

use std::ops::Range;

use super::{Candidate, Page, is_word};
use crate::identifier::{Identifier, email};

/// Groups of a version 6 address that are written out at least, so that `::` in a program is none.
const GROUPS_MIN: usize = 2;

pub(super) fn scan(page: &Page<'_>, candidates: &mut Vec<Candidate>) {
    emails(page, candidates);
    if page.has('.') {
        let numeric = page.runs(|character| character.is_ascii_digit() || character == '.');
        let addresses = numeric.into_iter();
        candidates.extend(addresses.filter_map(|run| address(page, run, '.', Identifier::Ip)));
    }
    if !page.has(':') {
        return;
    }
    let hexadecimal =
        |character: char| character.is_ascii_hexdigit() || matches!(character, ':' | '.');
    for run in page.runs(hexadecimal) {
        candidates.extend(address(page, run.clone(), ':', Identifier::Mac));
        candidates.extend(address(page, run, ':', Identifier::Ip));
    }
}

/// A whole run that is an address, without the punctuation of the sentence around it.
fn address(
    page: &Page<'_>,
    run: Range<usize>,
    separator: char,
    identifier: Identifier,
) -> Option<Candidate> {
    let Range { mut start, mut end } = run;
    if page.at(start) == Some(':') && page.at(start + 1) != Some(':') {
        start += 1;
    }
    while page.before(end) == Some('.')
        || (page.before(end) == Some(':') && page.before(end - 1) != Some(':'))
    {
        end -= 1;
    }
    let glyphs = start..end.max(start);
    let written = page.glyphs.get(glyphs.clone())?;
    let separators = written
        .iter()
        .filter(|glyph| glyph.character == separator)
        .count();
    let groups = written
        .split(|glyph| glyph.character == separator)
        .filter(|group| !group.is_empty())
        .count();
    let enough = match (identifier, separator) {
        (Identifier::Mac, _) => separators == 5 && groups == 6,
        (_, ':') => separators >= 2 && groups >= GROUPS_MIN,
        _ => separators == 3,
    };
    let bounded = !is_word(page.before(glyphs.start)) && !is_word(page.at(glyphs.end));
    (enough && bounded && identifier.validate(page.written(&glyphs)).is_ok())
        .then_some(Candidate { identifier, glyphs })
}

/// Around each `@` the longest address.
fn emails(page: &Page<'_>, candidates: &mut Vec<Candidate>) {
    for (at, glyph) in page.glyphs.iter().enumerate() {
        if glyph.character != '@' {
            continue;
        }
        let is_part = |position: usize| page.at(position).is_some_and(email::is_part);
        let mut start = at;
        while start > 0 && at - start < email::LOCAL_MAX && is_part(start - 1) {
            start -= 1;
        }
        let mut end = at + 1;
        while end - at < email::CHARACTERS_MAX && is_part(end) {
            end += 1;
        }
        // Punctuation at either end is the sentence's.
        while start < at && !is_word(page.at(start)) {
            start += 1;
        }
        while end > at + 1 && !is_word(page.before(end)) {
            end -= 1;
        }
        if Identifier::Email
            .validate(page.written(&(start..end)))
            .is_ok()
        {
            candidates.push(Candidate {
                identifier: Identifier::Email,
                glyphs: start..end,
            });
        }
    }
}
