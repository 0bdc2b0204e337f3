//! Words of errors in both languages, known when the program is written.

use std::fmt;

/// A few words of an error, such as what a value should have been; displayed in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// English.
    pub en: &'static str,
    /// 简体中文。
    pub zh: &'static str,
}

impl Phrase {
    /// The same words in both languages.
    #[must_use]
    pub const fn new(en: &'static str, zh: &'static str) -> Self {
        Self { en, zh }
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.en)
    }
}

/// A [`Sentence`](crate::Sentence) with figures in it, written once for each language.
macro_rules! said {
    ($en:literal, $zh:literal $(, $figure:expr)* $(,)?) => {
        crate::Sentence::new(format!($en $(, $figure)*), format!($zh $(, $figure)*))
    };
}
pub(crate) use said;
