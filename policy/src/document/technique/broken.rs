//! `on_broken`: what becomes of a value that its technique cannot work on.

use super::Technique;
use crate::fault::FaultKind;
use crate::read::{Fields, Reader};
use crate::words::words;

words! {
    /// What becomes of a value that is not what its column should hold, such as an id with a wrong check digit.
    OnBroken {
        /// The whole sample is refused; the default, so that nothing is changed silently.
        Error = "error",
        /// The cell becomes empty.
        Null = "null",
        /// The cell becomes the redaction mark.
        Redact = "redact",
        /// The cell becomes a pseudonym.
        Token = "token",
    }
}

/// The key, read beside each technique's own.
pub(super) const ON_BROKEN: &str = "on_broken";

/// What is written beside a technique; a technique of which no value is broken has nothing to say.
pub(super) fn read(
    reader: &mut Reader,
    fields: &Fields<'_>,
    technique: &Technique,
) -> Option<OnBroken> {
    let Some(entry) = fields.entry(ON_BROKEN) else {
        return Some(OnBroken::Error);
    };
    if !technique.can_break() {
        let word = technique.as_str();
        let (en, zh) = match technique.variant() {
            Some((key, value)) => (
                format!("`{key}: {value}` of `{word}`"),
                format!("`{word}` 的 `{key}: {value}`"),
            ),
            None => (format!("`{word}`"), format!("`{word}`")),
        };
        let en =
            format!("`on_broken` has no meaning for {en}, of which no value is broken; remove it");
        let zh = format!("{zh} 没有不合格的值，`on_broken` 无意义，请删去");
        reader.fault(FaultKind::Rule, entry.place, en, zh);
        return None;
    }
    reader.word(&entry.value, "`on_broken`", OnBroken::WORDS, &[])
}
