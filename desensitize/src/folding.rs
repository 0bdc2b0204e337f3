//! Spellings that mean the same thing, brought to one: digits, blanks, name separators, Arabic-script look-alikes.

use std::iter::once;

use unicode_normalization::UnicodeNormalization;

/// The name separator every look-alike is folded to: U+00B7, as GB 18030 texts write transliterated names.
pub(crate) const NAME_SEPARATOR: char = '·';

/// A full-width digit or letter as its ASCII twin; any other character unchanged.
pub(crate) fn narrow(character: char) -> char {
    match character {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '＋' | '－' => ascii_twin(character),
        _ => character,
    }
}

/// Any full-width form (U+FF01–FF5E), punctuation included, as its ASCII twin; any other character unchanged.
pub(crate) fn ascii_twin(character: char) -> char {
    match character {
        '！'..='～' => {
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
/// Trimmed, NFC, full-width digits and letters narrowed, name separators one, characters that only steer or stretch
/// dropped, the Arabic-script letters that keyboards confuse in Uyghur and Kazakh names (ك/ک, ى/ي/ی, ه/ھ/ە) and their
/// presentation forms one, and the private code points of GB 18030-2005 the characters that GB 18030-2022 gave them.
/// ZWNJ is kept: it distinguishes words.
pub(crate) fn fold_for_token(text: &str, folded: &mut String) {
    folded.clear();
    if is_folded(text) {
        folded.push_str(text.trim());
        return;
    }
    if text.trim().chars().all(is_lone_letter) {
        // Nothing joins or falls apart, so each letter is folded where it stands.
        folded.extend(text.trim().chars().map(fold_letter));
        return;
    }
    folded.extend(letters(text));
}

/// The folded text, letter by letter.
fn letters(text: &str) -> impl Iterator<Item = char> {
    // Letters are folded apart from their marks, so that ی with a hamza is the same as ئ.
    let letters = text.trim().chars().flat_map(unshaped).nfd();
    let letters = letters.filter(|character| !is_silent(*character));
    letters.map(narrow).map(fold_letter).nfc()
}

/// The form under which two spellings of one text share a token, as [`fold_for_token`] writes it; nothing is written
/// where blanks at the ends are all that is folded.
#[inline]
pub(crate) fn folded_for_token<'a>(text: &'a str, folded: &'a mut String) -> &'a str {
    if is_folded(text) {
        return text.trim();
    }
    fold_for_token(text, folded);
    folded
}

/// Whether no folding changes a text, blanks at its ends aside.
fn is_folded(text: &str) -> bool {
    text.is_ascii() || text.chars().all(is_plain)
}

/// Whether a character is one that no folding changes, whatever stands beside it: most of what registers hold.
const fn is_plain(character: char) -> bool {
    matches!(character, '\0'..='\x7F' | '\u{4E00}'..='\u{9FFF}')
}

/// Whether a character is folded by itself, whatever other such characters stand beside it: the plain ones, separators,
/// and the Arabic-script letters that Unicode does not join without a mark between them. U+06C0, U+06C2 and U+06D3 are
/// taken apart into letters that fold to others.
const fn is_lone_letter(character: char) -> bool {
    is_plain(character)
        || matches!(
            character,
            '·' | '•' | '\u{0620}'..='\u{063F}' | '\u{0641}'..='\u{064A}' | '\u{0671}'..='\u{06BF}' | '\u{06C1}' | '\u{06C3}'..='\u{06D2}' | '\u{06D5}'
        )
}

/// Whether a character changes nothing but direction or width: direction controls, the tatweel, the byte-order mark.
fn is_silent(character: char) -> bool {
    is_direction_control(character) || matches!(character, '\u{0640}' | '\u{FEFF}')
}

/// An Arabic presentation form as the letters it shows; any other character unchanged.
fn unshaped(character: char) -> impl Iterator<Item = char> {
    let shaped = matches!(character, '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}');
    let letters = shaped.then(|| once(character).nfkc());
    let plain = (!shaped).then_some(character);
    letters.into_iter().flatten().chain(plain)
}

/// One representative of each group of confused letters.
fn fold_letter(character: char) -> char {
    match character {
        'ک' => 'ك',
        'ى' | 'ی' => 'ي',
        'ھ' | 'ە' => 'ه',
        other if is_name_separator(other) => NAME_SEPARATOR,
        other => assigned(other),
    }
}

/// A private code point of GB 18030-2005 as the character that GB 18030-2022 maps the same bytes to.
fn assigned(character: char) -> char {
    match character {
        '\u{E81E}' => '\u{9FB4}',
        '\u{E826}' => '\u{9FB5}',
        '\u{E82B}' => '\u{9FB6}',
        '\u{E82C}' => '\u{9FB7}',
        '\u{E832}' => '\u{9FB8}',
        '\u{E843}' => '\u{9FB9}',
        '\u{E854}' => '\u{9FBA}',
        '\u{E864}' => '\u{9FBB}',
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
        check("ی\u{654}", "ئ");
        check("ى\u{654}", "ئ");
        check("ﻳﯘﺳﯜﭖ", "يۇسۈپ");
        check("مـەـمەت", "مهمهت");
        check("\u{2067}ئەخمەت\u{2069}", "ئهخمهت");
        check("a\u{200C}b", "a\u{200C}b");
        check("", "");
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..proptest::test_runner::Config::with_cases(4_000) })]

        /// What is not folded letter by letter would come out the same.
        #[test]
        fn plain_texts_are_folded_as_all_others(text in "[ \t\n\r]?[\u{0}-\u{7f}一-鿿]{0,6}[\u{80}-\u{10ff}\u{f900}-\u{fffd}]{0,2}[ \u{3000}]?") {
            let mut folded = String::from("left over");
            let expect: String = letters(&text).collect();
            proptest::prop_assert_eq!(folded_for_token(&text, &mut folded), &expect);
            fold_for_token(&text, &mut folded);
            proptest::prop_assert_eq!(folded, expect);
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..proptest::test_runner::Config::with_cases(20_000) })]

        /// Names in Arabic script, alone and beside others; the twin takes every letter apart and joins it again.
        #[test]
        fn letters_are_folded_apart_as_together(text in "[ ]?[\u{620}-\u{6ff}·•ａ一a]{0,8}[ ]?") {
            let mut folded = String::new();
            let expect: String = letters(&text).collect();
            fold_for_token(&text, &mut folded);
            proptest::prop_assert_eq!(folded, expect);
        }
    }

    #[test]
    fn every_lone_letter_folds_as_the_twin_folds_it() {
        for letter in ('\0'..=char::MAX).filter(|letter| is_lone_letter(*letter)) {
            let text = format!("a{letter}a");
            assert_eq!(
                format!("a{}a", fold_letter(letter)),
                letters(&text).collect::<String>()
            );
        }
    }

    #[test]
    fn rare_characters_survive() {
        check("𠮷𫍽䶮", "𠮷𫍽䶮");
        // One character, written before and after GB 18030-2022.
        check("\u{E81E}", "\u{9FB4}");
        check("\u{9FB4}", "\u{9FB4}");
    }

    #[test]
    fn directions() {
        assert!("ئايگۈل".chars().all(is_right_to_left));
        assert!(!"阿依古丽·Aygül".chars().any(is_right_to_left));
    }
}
