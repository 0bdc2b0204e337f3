//! Texts of other people on a terminal: what steers it is shown instead of obeyed.
//!
//! A reviewer approves the logic that is shown. An escape sequence could hide a line of it, and a direction override
//! could show it in another order (Unicode TR 36, section 2.10), so both are written out.

use std::borrow::Cow;

/// The text with its steering characters written as `\u{…}`; line ends and tabs stay.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for one in text.chars() {
        match steers(one) {
            true => shown.extend(one.escape_unicode()),
            false => shown.push(one),
        }
    }
    Cow::Owned(shown)
}

/// Controls, direction marks and characters without width.
const fn steers(one: char) -> bool {
    match one {
        '\n' | '\t' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => true,
        '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(visible(text), expect);
    }

    #[test]
    fn what_steers_is_written_out() {
        check(
            "SELECT 1 -- \u{1b}[2K\u{1b}[1A",
            "SELECT 1 -- \\u{1b}[2K\\u{1b}[1A",
        );
        check("a\rb", "a\\u{d}b");
        check("x \u{202e}y\u{2066}z", "x \\u{202e}y\\u{2066}z");
        check("\u{feff}na\u{200b}me", "\\u{feff}na\\u{200b}me");
    }

    #[test]
    fn other_text_stays() {
        for text in ["", "a\n\tb", "迪丽努尔·阿卜杜拉", "مەريەم تۇرسۇن", "──"]
        {
            check(text, text);
        }
    }
}
