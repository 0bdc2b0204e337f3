//! A JSON document whose strings and numbers are rewritten in place: every other byte stays as it was written.

use serde::de::IgnoredAny;

/// Appends the document with each string and number scrubbed by `text`, which appends the scrubbed text and returns
/// how many identifiers it replaced; returns their sum, or none where the text is no JSON document.
pub(super) fn scrub(
    document: &str,
    out: &mut String,
    mut text: impl FnMut(&str, &mut String) -> u64,
) -> Option<u64> {
    // The library judges the document; what follows may then trust its quotes and numbers.
    serde_json::from_str::<IgnoredAny>(document).ok()?;
    let mut scrubbed = String::new();
    let mut replaced = 0;
    let mut rest = document;
    while let Some(start) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let (before, literal) = rest.split_at_checked(start)?;
        out.push_str(before);
        let quoted = literal.starts_with('"');
        let end = if quoted {
            string_end(literal)?
        } else {
            number_end(literal)
        };
        let (literal, after) = literal.split_at_checked(end)?;
        let content: String = if quoted {
            serde_json::from_str(literal).ok()?
        } else {
            literal.to_owned()
        };
        scrubbed.clear();
        let found = text(&content, &mut scrubbed);
        match (found, quoted) {
            (0, _) => out.push_str(literal),
            (_, true) => out.push_str(&serde_json::to_string(&scrubbed).ok()?),
            // A number stays a number.
            (_, false) => out.push('0'),
        }
        replaced += found;
        rest = after;
    }
    out.push_str(rest);
    Some(replaced)
}

/// Where a string literal ends, both quotes included.
fn string_end(literal: &str) -> Option<usize> {
    let mut escaped = true; // the opening quote does not close
    for (place, byte) in literal.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(place + 1),
            _ => {}
        }
    }
    None
}

/// Where a number ends.
fn number_end(literal: &str) -> usize {
    let inside = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
    literal.find(|c| !inside(c)).unwrap_or(literal.len())
}
