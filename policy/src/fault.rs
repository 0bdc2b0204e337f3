//! What is wrong in a document, where, and how to put it right.
//!
//! A fault shows the writer's own line with a caret under the place. The line is the document's, never a table's: no
//! fault can carry a cell's value.

use std::fmt;
use std::sync::Arc;

/// A document with more faults than this is reported up to here; the rest would only scroll away.
pub const FAULTS_SHOWN_MAX: usize = 50;

/// The language of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// 简体中文.
    Zh,
}

/// A place in a document: line and column counted from 1 in characters, and how many characters it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Length in characters, at least 1.
    pub length: usize,
}

impl Place {
    /// The first character of a document.
    pub const START: Self = Self {
        line: 1,
        column: 1,
        length: 1,
    };
}

/// What sort of fault it is, for callers that count or map them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The text is not YAML as it is accepted here.
    Syntax,
    /// A key that no version knows.
    UnknownKey,
    /// A key, method or technique that is known but not enforced by this version.
    NotEnforced,
    /// Something required is absent.
    Missing,
    /// A value of the wrong form or outside its range.
    Value,
    /// A name that refers to nothing.
    UnknownName,
    /// Well-formed, but a rule forbids it.
    Rule,
}

/// One fault with its place and its text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What sort.
    pub kind: FaultKind,
    en: String,
    zh: String,
}

impl Fault {
    /// A fault with its sentence in English and in Chinese.
    #[must_use]
    pub fn new(
        kind: FaultKind,
        place: Place,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> Self {
        Self {
            place,
            kind,
            en: en.into(),
            zh: zh.into(),
        }
    }

    /// The sentence alone, without place and caret.
    #[must_use]
    pub fn message(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// The text of a document under the name that faults call it by.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Source {
    name: Arc<str>,
    text: Arc<str>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({})", self.name)
    }
}

impl Source {
    /// A byte order mark is no part of the text: columns are counted behind it.
    pub(crate) fn new(name: &str, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The faults of this document in the order of their places.
    pub(crate) fn refuse(&self, mut faults: Vec<Fault>) -> Faults {
        if faults.is_empty() {
            let en = "the document cannot be accepted";
            faults.push(Fault::new(
                FaultKind::Rule,
                Place::START,
                en,
                "文档不能被接受",
            ));
        }
        faults.sort_by_key(|fault| fault.place);
        faults.dedup();
        Faults {
            source: self.clone(),
            faults,
        }
    }

    fn render(&self, fault: &Fault, lang: Lang, f: &mut impl fmt::Write) -> fmt::Result {
        let Place { line, column, .. } = fault.place;
        write!(f, "{}:{line}:{column}: {}", self.name, fault.message(lang))?;
        let shown = self.text.lines().nth(line.saturating_sub(1)).unwrap_or("");
        if shown.trim().is_empty() {
            return Ok(());
        }
        let number = line.to_string();
        let gutter = " ".repeat(number.len() + 2);
        write!(
            f,
            "\n  {number} | {shown}\n{gutter} | {}",
            carets(shown, fault.place)
        )
    }
}

/// The line under a shown line: carets below the place, as wide on a terminal as the text above them.
fn carets(shown: &str, place: Place) -> String {
    let start = place.column.saturating_sub(1);
    let mut under = String::new();
    for c in shown.chars().take(start) {
        match c {
            '\t' => under.push('\t'),
            c => under.push_str(if is_wide(c) { "  " } else { " " }),
        }
    }
    let mut any = false;
    for c in shown.chars().skip(start).take(place.length.max(1)) {
        under.push_str(if is_wide(c) { "^^" } else { "^" });
        any = true;
    }
    if !any {
        under.push('^');
    }
    under
}

/// Whether a terminal draws the character two cells wide (Unicode TR 11, blocks of the scripts our documents use).
fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x20000..=0x3fffd)
}

/// Every fault of one document, in the order of their places; its [`Display`](fmt::Display) shows them in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    source: Source,
    faults: Vec<Fault>,
}

impl Faults {
    /// The faults one by one.
    pub fn iter(&self) -> std::slice::Iter<'_, Fault> {
        self.faults.iter()
    }

    /// How many there are; at least one.
    #[expect(clippy::len_without_is_empty, reason = "a refusal is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.faults.len()
    }

    /// All faults with file name, place, line and carets.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(lang, &mut text);
        text
    }

    fn write(&self, lang: Lang, f: &mut impl fmt::Write) -> fmt::Result {
        for (i, fault) in self.faults.iter().take(FAULTS_SHOWN_MAX).enumerate() {
            if i > 0 {
                f.write_char('\n')?;
            }
            self.source.render(fault, lang, f)?;
        }
        match self.faults.len().saturating_sub(FAULTS_SHOWN_MAX) {
            0 => Ok(()),
            more => match lang {
                Lang::En => write!(f, "\nand {more} more"),
                Lang::Zh => write!(f, "\n另有 {more} 处"),
            },
        }
    }
}

impl<'f> IntoIterator for &'f Faults {
    type Item = &'f Fault;
    type IntoIter = std::slice::Iter<'f, Fault>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(Lang::En, f)
    }
}

impl std::error::Error for Faults {}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, place: Place, expect: &str) {
        let fault = Fault::new(FaultKind::Value, place, "is wrong", "有误");
        let faults = Source::new("p.yaml", text).refuse(vec![fault]);
        assert_eq!(faults.to_string(), expect);
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        check(
            "a: 1\nbb: two\n",
            Place {
                line: 2,
                column: 5,
                length: 3,
            },
            "p.yaml:2:5: is wrong\n  2 | bb: two\n    |     ^^^",
        );
        check(
            "\tx: 医保 # c\n",
            Place {
                line: 1,
                column: 8,
                length: 1,
            },
            "p.yaml:1:8: is wrong\n  1 | \tx: 医保 # c\n    | \t        ^",
        );
        check(
            "x: 医保",
            Place {
                line: 1,
                column: 4,
                length: 2,
            },
            "p.yaml:1:4: is wrong\n  1 | x: 医保\n    |    ^^^^",
        );
        check("", Place::START, "p.yaml:1:1: is wrong");
    }

    #[test]
    fn long_lists_are_cut_and_say_so() {
        let text = "x\n".repeat(60);
        let faults = (1..=60)
            .map(|line| {
                let place = Place {
                    line,
                    column: 1,
                    length: 1,
                };
                Fault::new(FaultKind::Value, place, "is wrong", "有误")
            })
            .collect();
        let faults = Source::new("p.yaml", &text).refuse(faults);
        assert!(faults.to_string().ends_with("\nand 10 more"));
        assert!(faults.message(Lang::Zh).ends_with("\n另有 10 处"));
    }
}
