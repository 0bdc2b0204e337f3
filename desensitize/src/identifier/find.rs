//! Where in a free text are identifiers? The longest ones, none overlapping another.
//!
//! A number is found only between boundaries: a longer run of digits is another number. What a check character does
//! not vouch for needs more than its shape: a bank card a known issuer, an equipment identity a known numbering body,
//! and a permit of eight digits, a postcode or a bare organisation code their name before them ([`CONTEXT_CHARACTERS`]).

mod coordinates;
mod network;
mod number;
mod plate;

use std::ops::Range;

use super::{Identifier, spelling};

/// Characters before a number among which its name is looked for, where it needs one.
pub const CONTEXT_CHARACTERS: usize = 16;

/// An identifier in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub identifier: Identifier,
    /// Where it stands, in bytes of the text; always at character boundaries.
    pub range: Range<usize>,
}

/// The identifiers of a free text, in their order; of overlapping candidates the longest.
///
/// Full-width characters, single blanks and hyphens within a number, and any script around it are taken as they come.
/// What is found is valid in the sense of [`Identifier::validate`]; names and addresses of places are not looked for.
///
/// ```
/// use desensitize::{Identifier, identifier::find::find};
///
/// let text = "患者电话１３９-1234-5678，订单2026112300000014。";
/// let found = find(text);
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].identifier, Identifier::Mobile);
/// assert_eq!(&text[found[0].range.clone()], "１３９-1234-5678");
/// ```
#[must_use]
pub fn find(text: &str) -> Vec<Found> {
    if may_hold(text) {
        search(text)
    } else {
        Vec::new()
    }
}

/// Characters of a MAC address without signs between its bytes.
const MAC_DIGITS: usize = 12;

/// Whether an identifier can be in a text at all: each has a digit, an `@` or a colon, but for a MAC address that is all
/// letters. A look at bytes that most names and addresses of places, and keys of JSON, do not pass.
fn may_hold(text: &str) -> bool {
    // 0xEF begins the full-width forms, among others.
    let sign = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'@' | b':' | 0xEF);
    text.bytes().any(sign) || text.bytes().filter(u8::is_ascii_hexdigit).count() >= MAC_DIGITS
}

/// Searches every character.
fn search(text: &str) -> Vec<Found> {
    let page = Page::of(text);
    let mut candidates = Vec::new();
    number::scan(&page, &mut candidates);
    plate::scan(&page, &mut candidates);
    network::scan(&page, &mut candidates);
    coordinates::scan(&page, &mut candidates);
    // Stable: of equally long candidates the first scanned wins, and scanners name the better proven kind first.
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.glyphs.len()));
    let mut taken = vec![false; page.glyphs.len()];
    let mut found = Vec::new();
    for Candidate { identifier, glyphs } in candidates {
        let Some(place) = taken.get_mut(glyphs.clone()) else {
            continue;
        };
        if !place.contains(&true) {
            place.fill(true);
            found.push(Found {
                identifier,
                range: page.bytes(&glyphs),
            });
        }
    }
    found.sort_by_key(|found| found.range.start);
    found
}

/// A possible identifier, by the positions of its characters.
struct Candidate {
    identifier: Identifier,
    glyphs: Range<usize>,
}

/// A text, its characters narrowed and capitalised, each with its place.
struct Page<'a> {
    text: &'a str,
    glyphs: Vec<Glyph>,
}

#[derive(Clone, Copy)]
struct Glyph {
    character: char,
    start: usize,
    end: usize,
}

impl<'a> Page<'a> {
    fn of(text: &'a str) -> Self {
        let glyph = |(start, character): (usize, char)| Glyph {
            character: spelling::narrow(character).to_ascii_uppercase(),
            start,
            end: start + character.len_utf8(),
        };
        Self {
            text,
            glyphs: text.char_indices().map(glyph).collect(),
        }
    }

    /// The character at a position; none before the first and behind the last.
    fn at(&self, position: usize) -> Option<char> {
        self.glyphs.get(position).map(|glyph| glyph.character)
    }

    /// Whether a character occurs at all.
    fn has(&self, character: char) -> bool {
        self.glyphs.iter().any(|glyph| glyph.character == character)
    }

    /// The character before a position.
    fn before(&self, position: usize) -> Option<char> {
        self.at(position.checked_sub(1)?)
    }

    fn bytes(&self, glyphs: &Range<usize>) -> Range<usize> {
        match self.glyphs.get(glyphs.clone()) {
            Some([first, .., last]) => first.start..last.end,
            Some([only]) => only.start..only.end,
            Some([]) | None => 0..0,
        }
    }

    /// The text as it was written.
    fn written(&self, glyphs: &Range<usize>) -> &'a str {
        self.text.get(self.bytes(glyphs)).unwrap_or("")
    }

    /// Whether one of these names stands shortly before a position; Latin names in capitals.
    fn named(&self, position: usize, names: &[&str]) -> bool {
        let from = position.saturating_sub(CONTEXT_CHARACTERS);
        let before: String = self
            .glyphs
            .get(from..position)
            .unwrap_or(&[])
            .iter()
            .map(|glyph| glyph.character)
            .collect();
        names.iter().any(|name| before.contains(name))
    }

    /// The longest runs of characters that `belong`.
    fn runs(&self, belong: impl Fn(char) -> bool) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (position, glyph) in self.glyphs.iter().enumerate() {
            if !belong(glyph.character) {
                continue;
            }
            match runs.last_mut() {
                Some(run) if run.end == position => run.end += 1,
                _ => runs.push(position..position + 1),
            }
        }
        runs
    }
}

/// Whether a letter or digit stands here, so that no identifier begins or ends beside it.
fn is_word(character: Option<char>) -> bool {
    character.is_some_and(|character| character.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests;
