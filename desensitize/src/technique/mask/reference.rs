//! The plain slow twin of `mask`: every text by graphemes, nothing decided by a look at bytes.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::{
    GRAPHEME_CHARACTERS_MAX, ISOLATE, MASK_SYMBOL, MASK_WIDTH, Mask, MaskKind, mobile::mobile,
};
use crate::folding::{NAME_SEPARATOR, is_direction_control, is_name_separator, is_right_to_left};

/// What `mask` writes, or none where the text is broken input.
fn masked(mask: Mask, text: &str) -> Option<String> {
    if mask.kind == MaskKind::Mobile {
        return mobile(text).map(|digits| piece(mask, &digits));
    }
    let body = match mask.kind {
        MaskKind::Name => {
            let parts = text.trim().split(is_name_separator);
            let parts: Vec<String> = parts.map(|part| piece(mask, part.trim())).collect();
            parts.join(&NAME_SEPARATOR.to_string())
        }
        _ => piece(mask, text),
    };
    if text.chars().any(is_right_to_left) {
        Some(format!("{}{body}{}", ISOLATE.0, ISOLATE.1))
    } else {
        Some(body)
    }
}

fn piece(mask: Mask, text: &str) -> String {
    let graphemes: Vec<&str> = text.graphemes(true).collect();
    if graphemes.is_empty() {
        return String::new();
    }
    let all = mask.first.saturating_add(mask.last) >= graphemes.len();
    let (first, last) = if all { (0, 0) } else { (mask.first, mask.last) };
    let end = graphemes.len() - last;
    let width = if mask.keep_length {
        end - first
    } else {
        MASK_WIDTH
    };
    let mut out: String = graphemes[..first].iter().map(|kept| shown(kept)).collect();
    out.extend(std::iter::repeat_n(MASK_SYMBOL, width));
    out.extend(graphemes[end..].iter().map(|kept| shown(kept)));
    out
}

fn shown(grapheme: &str) -> String {
    if grapheme.chars().count() > GRAPHEME_CHARACTERS_MAX {
        return MASK_SYMBOL.to_string();
    }
    let characters = grapheme.chars();
    characters
        .filter(|character| !is_direction_control(*character))
        .collect()
}

/// Texts of registers, of their misspellings, and of anything else.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "1[2-9][0-9]{9}",
        "[ ]?(\\+?86)?[- ]?1[3-9][0-9]{1,9}[-0-9 x０-９:/]{0,3}",
        "[\u{0}-\u{ff}]{11}",
        "[一-龥]{0,5}[ ·•]?[一-龥a-zA-Z]{0,4}",
        "[ -~一-龥\r\n\t]{0,12}",
        "[ -~一-龥\u{300}-\u{303}\u{200d}\u{fe0f}🇨👩]{0,8}",
        "[\u{580}-\u{8ff}\u{f900}-\u{fffd}\u{2066}-\u{2069}·一]{0,6}",
        "\\PC{0,10}",
    ]
}

fn mask() -> impl Strategy<Value = Mask> {
    let kind = prop_oneof![
        Just(MaskKind::Name),
        Just(MaskKind::Mobile),
        Just(MaskKind::Text)
    ];
    (kind, 0usize..4, 0usize..3, any::<bool>()).prop_map(|(kind, first, last, keep_length)| Mask {
        kind,
        first,
        last,
        keep_length,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20_000) })]

    #[test]
    fn agrees_with_the_plain_twin(mask in mask(), text in text()) {
        let mut out = String::new();
        let written = mask.write(&text, &mut out).is_ok().then_some(out);
        prop_assert_eq!(written, masked(mask, &text));
    }
}

/// Every byte at every place of a number: only eleven digits, 13 to 19 the first two, are masked at once.
#[test]
fn one_changed_byte_is_judged_as_the_plain_twin_judges_it() {
    for place in 0..11 {
        for byte in 0..0x80u8 {
            let mut text = b"13912345678".to_vec();
            text[place] = byte;
            let text = String::from_utf8(text).unwrap();
            let mut out = String::new();
            let written = Mask::mobile().write(&text, &mut out).is_ok().then_some(out);
            assert_eq!(written, masked(Mask::mobile(), &text), "{text:?}");
        }
    }
}
