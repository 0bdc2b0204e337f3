//! From a spelling as tables have it to one of ASCII capitals and digits, without blanks and hyphens.

use crate::technique::mask::{MASK_SYMBOL, MASK_WIDTH};

pub(super) use crate::folding::ascii_twin as narrow;

/// Whether a character only groups the others: a blank, a hyphen or one of its look-alikes.
pub(super) fn is_grouping(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '－')
}

/// Appends ASCII letters (as capitals) and digits without grouping; no more than `most`, and nothing else.
pub(super) fn compact(text: &str, most: usize, out: &mut String) -> bool {
    // Most values are written in their one spelling, letter case aside.
    if text.len() <= most && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        out.extend(text.chars().map(|character| character.to_ascii_uppercase()));
        return true;
    }
    let end = out.len() + most;
    for character in text.chars().filter(|character| !is_grouping(*character)) {
        let character = narrow(character).to_ascii_uppercase();
        if !character.is_ascii_alphanumeric() || out.len() == end {
            return false;
        }
        out.push(character);
    }
    true
}

/// Appends a compact text and says whether `fits` holds for it.
pub(super) fn read(
    text: &str,
    most: usize,
    out: &mut String,
    fits: impl FnOnce(&[u8]) -> bool,
) -> bool {
    let from = out.len();
    compact(text, most, out) && fits(out.as_bytes().get(from..).unwrap_or(&[]))
}

/// Whether every byte is a digit.
pub(super) fn digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

/// The part of a text before a position, and `***`.
pub(super) fn first(spelling: &str, kept: usize, out: &mut String) {
    out.push_str(spelling.get(..kept).unwrap_or(""));
    hide(out);
}

/// `***`.
pub(super) fn hide(out: &mut String) {
    out.extend(std::iter::repeat_n(MASK_SYMBOL, MASK_WIDTH));
}
