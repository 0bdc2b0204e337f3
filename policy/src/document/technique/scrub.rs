//! `scrub`: identifiers found in free text are replaced.

use serde_json::{Value, json};

use super::Technique;
use crate::read::{Fields, Keys, Reader};
use crate::words::words;

pub(super) const KEYS: Keys = Keys {
    enforced: &["with", "format", "on_broken"],
    later: &[],
};

words! {
    /// What stands in place of an identifier that is found.
    ScrubWith {
        /// Its mask.
        Mask = "mask",
        /// Its pseudonym.
        Token = "token",
        /// A mark.
        Redact = "redact",
    }
}

words! {
    /// What the text is.
    ScrubFormat {
        /// Any text.
        Text = "text",
        /// A JSON document, of which every text is scanned.
        Json = "json",
    }
}

/// Replaces the identifiers that are found in a text and leaves the rest: names and whatever is not recognised stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scrub {
    /// What stands in their place.
    pub with: ScrubWith,
    /// What the text is.
    pub format: ScrubFormat,
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let with = reader
        .require(
            fields,
            "with",
            "write `with: mask`, `token` or `redact`",
            "请写 `with: mask`、`token` 或 `redact`",
        )
        .and_then(|node| reader.word(node, "`with`", ScrubWith::WORDS, &[]));
    let format = match fields.get("format") {
        Some(node) => reader.word(node, "`format`", ScrubFormat::WORDS, &[]),
        None => Some(ScrubFormat::Text),
    };
    Some(Technique::Scrub(Scrub {
        with: with?,
        format: format?,
    }))
}

impl Scrub {
    pub(super) fn json(self) -> Value {
        json!({ "with": self.with.as_str(), "format": self.format.as_str() })
    }
}
