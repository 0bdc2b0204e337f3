//! `mask`: some graphemes kept at either end, the rest behind a mark of fixed width.

mod mobile;
#[cfg(test)]
mod reference;

use std::{fmt, iter};

use arrow::array::{Array, ArrayRef};
use unicode_segmentation::UnicodeSegmentation;

use super::ends::{Counted, ends};
use super::{Column, Kernel, Sentence};
use crate::{
    Fault, Identifier, Phrase, Unsuitable,
    broken::{Broken, Malformed},
    folding::{NAME_SEPARATOR, is_direction_control, is_name_separator, is_right_to_left},
    name::surname,
    phrase::said,
    rewrite,
};

use mobile::MobileMask;

/// The symbol of a hidden grapheme.
pub const MASK_SYMBOL: char = '*';
/// Symbols of a mask whose width does not follow the text, since length identifies.
pub const MASK_WIDTH: usize = 3;
/// What stands for hidden graphemes, [`MASK_WIDTH`] times [`MASK_SYMBOL`].
const HIDDEN: &str = "***";
/// Digits of a mobile number that a mask may keep: of the 10^11 numbers at least 10^5 then look alike.
pub const MOBILE_KEPT_MAX: usize = 6;
/// Characters of one grapheme that may be kept; a longer pile of marks could carry a whole value and is hidden.
pub const GRAPHEME_CHARACTERS_MAX: usize = 8;
/// First strong isolate and pop directional isolate (UAX #9): keep right-to-left text from reordering its neighbours.
const ISOLATE: (char, char) = ('\u{2068}', '\u{2069}');

/// Keeps the first and last graphemes of a text and hides the rest behind `***`.
///
/// At least one grapheme is always hidden: a text with no more graphemes than are kept is hidden whole.
/// Text that runs from right to left comes out isolated (U+2068 … U+2069).
/// What a reader learns: the kept graphemes and, under `keep_length`, how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mask {
    /// What the column holds.
    pub kind: MaskKind,
    /// Graphemes kept at the beginning, of each part of a name.
    pub first: usize,
    /// Graphemes kept at the end, of each part of a name.
    pub last: usize,
    /// One symbol per hidden grapheme instead of [`MASK_WIDTH`].
    pub keep_length: bool,
}

/// What a masked column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskKind {
    /// A person's name; parts separated by `·` (also • ・ U+2027, written back as `·`) are masked apart.
    Name,
    /// A person's name whose surname is kept, compound ones whole; other names as under [`MaskKind::Name`].
    Surname,
    /// A mainland mobile number, with or without 86, blanks and hyphens; anything else is broken input.
    Mobile,
    /// Any text, as one piece.
    Text,
    /// A valid identifier, by the default mask of its kind ([`Identifier::mask`]); anything else is broken input.
    Identifier(Identifier),
}

impl Mask {
    /// A name: the first grapheme of each part.
    #[must_use]
    pub const fn name() -> Self {
        Self {
            kind: MaskKind::Name,
            first: 1,
            last: 0,
            keep_length: false,
        }
    }

    /// A name: the surname, or the first grapheme of each part where there is none to be told.
    #[must_use]
    pub const fn surname() -> Self {
        Self {
            kind: MaskKind::Surname,
            ..Self::name()
        }
    }

    /// A mobile number: the three digits of the operator's range.
    #[must_use]
    pub const fn mobile() -> Self {
        Self {
            kind: MaskKind::Mobile,
            first: 3,
            last: 0,
            keep_length: false,
        }
    }

    /// An identifier: the parts that its default mask keeps; `first`, `last` and `keep_length` have no say in them.
    #[must_use]
    pub const fn identifier(identifier: Identifier) -> Self {
        Self {
            kind: MaskKind::Identifier(identifier),
            first: 0,
            last: 0,
            keep_length: false,
        }
    }

    /// Any text: nothing kept.
    #[must_use]
    pub const fn text() -> Self {
        Self {
            kind: MaskKind::Text,
            first: 0,
            last: 0,
            keep_length: false,
        }
    }

    pub(crate) fn learnable(self) -> Sentence {
        if let MaskKind::Identifier(identifier) = self.kind {
            return identifier.kept_by_mask();
        }
        let (en_of, zh_of) = match self.kind {
            MaskKind::Name | MaskKind::Surname => (" of each part of the name", "（姓名各节分别）"),
            _ => ("", ""),
        };
        let (en_length, zh_length) = match self.keep_length {
            true => (", and the length", "以及长度"),
            false => ("", ""),
        };
        let (en_surname, zh_surname) = match self.kind {
            MaskKind::Surname => ("the surname, or ", "姓氏，或"),
            _ => ("", ""),
        };
        match ends(self.first, self.last, Counted::Characters) {
            Some(shown) => Sentence::new(
                format!("{en_surname}{}{en_of}{en_length}", shown.en),
                format!("可知{zh_surname}{}{zh_of}{zh_length}", shown.zh),
            ),
            None if self.keep_length => Sentence::new("the length", "可知长度"),
            None => Sentence::new("only which values are null", "仅能看出哪些值为空"),
        }
    }

    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        column.must_be_text(Phrase::new("generalize", "generalize"))?;
        if self.kind == MaskKind::Mobile && self.first.saturating_add(self.last) > MOBILE_KEPT_MAX {
            let problem = said!(
                "keeps at most {MOBILE_KEPT_MAX} of a mobile number's 11 digits; lower `first` or `last`",
                "最多保留手机号码 11 位中的 {MOBILE_KEPT_MAX} 位；请减小 `first` 或 `last`"
            );
            return Err(column.parameter(problem));
        }
        if let MaskKind::Identifier(identifier) = self.kind
            && self != Self::identifier(identifier)
        {
            let problem = said!(
                "of kind {identifier} keeps its own parts; leave out `first`, `last` and `keep_length`",
                "对 {identifier} 保留固定的部分；请去掉 `first`、`last` 与 `keep_length`"
            );
            return Err(column.parameter(problem));
        }
        Ok(Box::new(MaskKernel { mask: self }))
    }

    /// Appends the mask of one unbroken piece of text.
    fn piece(self, piece: &str, out: &mut String) {
        if self.keeps_nothing() && !piece.is_empty() {
            out.push_str(HIDDEN);
        } else if piece.chars().all(is_whole) {
            self.characters(piece, out);
        } else {
            self.graphemes(piece, out);
        }
    }

    /// Whether every piece becomes the same.
    const fn keeps_nothing(self) -> bool {
        self.first == 0 && self.last == 0 && !self.keep_length
    }

    /// Appends the mask of a piece each of whose characters is a grapheme.
    fn characters(self, piece: &str, out: &mut String) {
        if piece.is_empty() {
            return;
        }
        let kept = self.first.saturating_add(self.last);
        let (first, last) = if piece.chars().nth(kept).is_some() {
            (self.first, self.last)
        } else {
            (0, 0)
        };
        let (start, hidden) = split_at_character(piece, first);
        let (hidden, end) = split_before_last(hidden, last);
        out.push_str(start);
        if self.keep_length {
            out.extend(hidden.chars().map(|_| MASK_SYMBOL));
        } else {
            out.push_str(HIDDEN);
        }
        out.push_str(end);
    }

    /// Appends the mask of any piece.
    fn graphemes(self, piece: &str, out: &mut String) {
        let graphemes = piece.graphemes(true).count();
        if graphemes == 0 {
            return;
        }
        let kept = self.first.saturating_add(self.last);
        let (first, last) = if kept < graphemes {
            (self.first, self.last)
        } else {
            (0, 0)
        };
        push_kept(piece.graphemes(true).take(first), out);
        let width = if self.keep_length {
            graphemes - first - last
        } else {
            MASK_WIDTH
        };
        out.extend(iter::repeat_n(MASK_SYMBOL, width));
        push_kept(piece.graphemes(true).skip(graphemes - last), out);
    }

    /// Appends each part of a name masked apart, separated by `·`.
    fn name_parts(self, name: &str, out: &mut String) {
        for (position, part) in name.split(is_name_separator).enumerate() {
            if position > 0 {
                out.push(NAME_SEPARATOR);
            }
            self.piece(part.trim(), out);
        }
    }

    /// Appends the surname and masks what follows, or the parts apart where there is no surname to be told.
    fn after_surname(self, name: &str, out: &mut String) {
        let Some((surname, given)) =
            surname(name).and_then(|start| name.split_at_checked(start.len()))
        else {
            return self.name_parts(name, out);
        };
        out.push_str(surname);
        let hide = Self { first: 0, ..self };
        hide.piece(given, out);
    }

    fn write(self, value: &str, out: &mut String) -> Result<(), Malformed> {
        if self.kind == MaskKind::Mobile {
            return MobileMask::new(self).write(value, out);
        }
        if let MaskKind::Identifier(identifier) = self.kind {
            let malformed = |_| Malformed(identifier.expected());
            return identifier.mask(value, out).map_err(malformed);
        }
        if self.kind == MaskKind::Name && value.chars().all(is_whole) {
            // One part, from left to right.
            self.characters(value.trim(), out);
            return Ok(());
        }
        let isolated = runs_right_to_left(value);
        if isolated {
            out.push(ISOLATE.0);
        }
        match self.kind {
            MaskKind::Name => self.name_parts(value.trim(), out),
            MaskKind::Surname => self.after_surname(value.trim(), out),
            MaskKind::Text | MaskKind::Mobile | MaskKind::Identifier(_) => self.piece(value, out),
        }
        if isolated {
            out.push(ISOLATE.1);
        }
        Ok(())
    }
}

/// The first characters of a text, and the rest.
fn split_at_character(text: &str, characters: usize) -> (&str, &str) {
    let place = text.char_indices().nth(characters);
    let place = place.map_or(text.len(), |(place, _)| place);
    text.split_at_checked(place).unwrap_or((text, ""))
}

/// A text without its last characters, and those.
fn split_before_last(text: &str, characters: usize) -> (&str, &str) {
    let before = characters.checked_sub(1);
    let place = before.map_or(text.len(), |before| {
        let place = text.char_indices().nth_back(before);
        place.map_or(0, |(place, _)| place)
    });
    text.split_at_checked(place).unwrap_or((text, ""))
}

/// Whether a character is always a grapheme of its own, whatever stands beside it: printable ASCII and common Han
/// (UAX #29, rule GB999).
pub(super) const fn is_whole(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{4E00}'..='\u{9FFF}')
}

/// Whether any character is written from right to left.
fn runs_right_to_left(text: &str) -> bool {
    // The first bytes in UTF-8 of U+0580 to U+0FFF, of U+F000 to U+FFFF, and of all beyond: a look at bytes that the
    // processor takes many at a time rules out most texts.
    let may = |byte: u8| matches!(byte, 0xD6..=0xE0 | 0xEF..);
    text.bytes().fold(false, |any, byte| any | may(byte)) && text.chars().any(is_right_to_left)
}

/// Appends graphemes that are kept, without direction controls; an oversized grapheme becomes a symbol.
fn push_kept<'a>(graphemes: impl Iterator<Item = &'a str>, out: &mut String) {
    for grapheme in graphemes {
        if grapheme.chars().count() > GRAPHEME_CHARACTERS_MAX {
            out.push(MASK_SYMBOL);
        } else {
            out.extend(
                grapheme
                    .chars()
                    .filter(|character| !is_direction_control(*character)),
            );
        }
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            MaskKind::Name => "name",
            MaskKind::Surname => "surname",
            MaskKind::Mobile => "mobile",
            MaskKind::Text => "text",
            MaskKind::Identifier(identifier) => return write!(f, "{identifier}"),
        };
        write!(f, "{kind} first {} last {}", self.first, self.last)
    }
}

/// Masks each text.
struct MaskKernel {
    mask: Mask,
}

impl Kernel for MaskKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        if self.mask.kind == MaskKind::Mobile {
            let mask = MobileMask::new(self.mask);
            return rewrite::text(column, broken, |value, out| mask.write(value, out));
        }
        if let MaskKind::Identifier(identifier) = self.mask.kind {
            let mut spelling = String::new();
            return rewrite::text(column, broken, |value, out| {
                let masked = identifier.mask_by(value, &mut spelling, out);
                masked.map_err(|_| Malformed(identifier.expected()))
            });
        }
        rewrite::text(column, broken, |value, out| self.mask.write(value, out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mask: Mask, input: &str, expect: &str) {
        let mut out = String::new();
        assert!(mask.write(input, &mut out).is_ok(), "{input}");
        assert_eq!(out, expect, "{input}");
    }

    #[test]
    fn names() {
        check(Mask::name(), "李明", "李***");
        check(Mask::name(), "欧阳娜娜", "欧***");
        check(
            Mask {
                first: 2,
                ..Mask::name()
            },
            "欧阳娜娜",
            "欧阳***",
        );
        check(Mask::name(), "李", "***");
        check(Mask::name(), "", "");
        check(Mask::name(), " 李明\u{3000}", "李***");
        check(Mask::name(), "𠮷田", "𠮷***");
        check(
            Mask {
                keep_length: true,
                ..Mask::name()
            },
            "欧阳娜娜",
            "欧***",
        );
        check(
            Mask {
                keep_length: true,
                ..Mask::name()
            },
            "李明",
            "李*",
        );
    }

    #[test]
    fn what_hides_has_the_promised_width() {
        let symbols: String = iter::repeat_n(MASK_SYMBOL, MASK_WIDTH).collect();
        assert_eq!(HIDDEN, symbols);
    }

    #[test]
    fn parts_of_a_name_are_masked_apart() {
        for separator in ["·", "•", "・", "\u{2027}", " · "] {
            check(
                Mask::name(),
                &format!("阿依古丽{separator}买买提"),
                "阿***·买***",
            );
        }
        check(Mask::name(), "阿·买买提", "***·买***");
        check(Mask::name(), "··", "··");
    }

    #[test]
    fn surnames_are_kept_whole() {
        check(Mask::surname(), "欧阳娜娜", "欧阳***");
        check(Mask::surname(), "李明", "李***");
        check(Mask::surname(), "欧阳", "欧***");
        check(Mask::surname(), "阿依古丽·买买提", "阿***·买***");
        check(Mask::surname(), "李", "***");
        check(Mask::surname(), "ئايگۈل", "\u{2068}ئ***\u{2069}");
    }

    #[test]
    fn right_to_left_text_is_isolated() {
        check(Mask::name(), "ئايگۈل", "\u{2068}ئ***\u{2069}");
        check(Mask::text(), "ئايگۈل", "\u{2068}***\u{2069}");
        check(Mask::name(), "\u{202E}李明", "***");
        check(
            Mask {
                first: 2,
                ..Mask::name()
            },
            "\u{2069}ئايگۈل",
            "\u{2068}ئ***\u{2069}",
        );
    }

    #[test]
    fn a_grapheme_is_kept_whole_or_not_at_all() {
        check(Mask::name(), "e\u{301}a", "e\u{301}***");
        check(
            Mask {
                first: 1,
                ..Mask::text()
            },
            "👩‍👩‍👧‍👦x",
            "👩‍👩‍👧‍👦***",
        );
        let pile: String = iter::once('a')
            .chain(iter::repeat_n('\u{301}', 40))
            .chain(['b'])
            .collect();
        check(Mask::name(), &pile, "****");
    }

    #[test]
    fn texts() {
        check(Mask::text(), "乌鲁木齐市天山区", "***");
        check(
            Mask {
                first: 3,
                last: 1,
                ..Mask::text()
            },
            "乌鲁木齐市天山区",
            "乌鲁木***区",
        );
        check(
            Mask {
                first: 4,
                last: 4,
                ..Mask::text()
            },
            "乌鲁木齐市天山区",
            "***",
        );
        check(
            Mask {
                first: usize::MAX,
                last: usize::MAX,
                ..Mask::text()
            },
            "乌",
            "***",
        );
    }

    #[test]
    fn mobiles() {
        for spelling in [
            "13912345678",
            "+8613912345678",
            "86 139-1234-5678",
            "１３９１２３４５６７８",
        ] {
            check(Mask::mobile(), spelling, "139***");
        }
        check(
            Mask {
                last: 2,
                keep_length: true,
                ..Mask::mobile()
            },
            "13912345678",
            "139******78",
        );
        for broken in [
            "",
            "12912345678",
            "1391234567",
            "139123456789",
            "139x2345678",
            "李明",
        ] {
            assert!(
                Mask::mobile().write(broken, &mut String::new()).is_err(),
                "{broken}"
            );
        }
    }
}
