//! Spellings that mean the same thing, brought to one: digits, blanks, name separators, Arabic-script look-alikes.

use unicode_normalization::UnicodeNormalization;

/// The name separator every look-alike is folded to: U+00B7, as GB 18030 texts write transliterated names.
pub(crate) const NAME_SEPARATOR: char = '·';

/// A full-width digit or letter as its ASCII twin; any other character unchanged.
pub(crate) fn narrow(character: char) -> char {
    match character {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '＋' | '－' => {
            char::from_u32(u32::from(character) - FULL_WIDTH_OFFSET).unwrap_or(character)
        }
        _ => character,
    }
}

/// Distance of the full-width forms block U+FF01… from ASCII U+0021….
const FULL_WIDTH_OFFSET: u32 = 0xFEE0;

/// Whether a character separates the parts of a transliterated name.
pub(crate) fn is_name_separator(character: char) -> bool {
    matches!(character, NAME_SEPARATOR | '•' | '・' | '\u{2027}' | '･')
}

/// Whether a character only steers the direction of text, and could unbalance the isolate put around a masked name.
pub(crate) fn is_direction_control(character: char) -> bool {
    matches!(character, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a character is written from right to left (Hebrew and Arabic scripts and their presentation forms).
pub(crate) fn is_right_to_left(character: char) -> bool {
    matches!(
        character,
        '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}'
    )
}

/// Writes the form under which two spellings of one text share a token; replaces the content of `folded`.
///
/// Trimmed, NFC, full-width digits and letters narrowed, name separators one, and the Arabic-script letters that
/// keyboards confuse in Uyghur and Kazakh names (ك/ک, ى/ي/ی, ه/ھ/ە) one. ZWNJ is kept: it distinguishes words.
pub(crate) fn fold_for_token(text: &str, folded: &mut String) {
    folded.clear();
    folded.extend(text.trim().nfc().map(narrow).map(fold_letter));
}

/// One representative of each group of confused letters.
fn fold_letter(character: char) -> char {
    match character {
        'ک' => 'ك',
        'ى' | 'ی' => 'ي',
        'ھ' | 'ە' => 'ه',
        other if is_name_separator(other) => NAME_SEPARATOR,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: &str) {
        let mut folded = String::from("left over");
        fold_for_token(input, &mut folded);
        assert_eq!(folded, expect);
    }

    #[test]
    fn spellings_of_one_text_fold_together() {
        check(" ０１２Ａｂ\u{3000}", "012Ab");
        check("阿依古丽•买买提", "阿依古丽·买买提");
        check("阿依古丽・买买提", "阿依古丽·买买提");
        check("阿依古丽\u{2027}买买提", "阿依古丽·买买提");
        check("e\u{301}", "é");
        check("کى", "كي");
        check("ھە", "هه");
        check("a\u{200C}b", "a\u{200C}b");
        check("", "");
    }

    #[test]
    fn rare_characters_survive() {
        check("𠮷𫍽䶮", "𠮷𫍽䶮");
    }

    #[test]
    fn directions() {
        assert!("ئايگۈل".chars().all(is_right_to_left));
        assert!(!"阿依古丽·Aygül".chars().any(is_right_to_left));
    }
}
