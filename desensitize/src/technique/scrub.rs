//! `scrub`: free text and JSON documents in which the identifiers that are found are replaced and the rest stays.

mod json;

use std::fmt;

use arrow::array::{Array, ArrayRef};

use super::{Column, Kernel, Sentence, TEXT_DOMAIN, token::TokenKey};
use crate::{
    Fault, Phrase, Unsuitable,
    broken::{Broken, Malformed},
    identifier::{Identifier, find::find},
    rewrite,
};

/// Replaces every identifier found in a text (see [`Identifier`]) and keeps everything else.
///
/// In a JSON document strings and names of members are read with their escapes undone, and a number that is an
/// identifier becomes 0, so that each member keeps its type; all other bytes stay as they are. A text that is no JSON
/// document is broken input under [`ScrubFormat::Json`].
/// What a reader learns: everything that is not found to be an identifier (names and addresses among it), which kind
/// of identifier stood where, and what the replacement tells. No column of direct identifiers is safe under it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrub {
    /// How the text is read.
    pub format: ScrubFormat,
    /// What an identifier becomes.
    pub with: Replacement,
}

/// How a scrubbed text is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScrubFormat {
    /// As one running text.
    #[default]
    Text,
    /// As a JSON document (RFC 8259).
    Json,
}

/// What an identifier found in a text becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replacement {
    /// The mask of its kind ([`Identifier::mask`]).
    #[default]
    Mask,
    /// The token of its one spelling under [`TEXT_DOMAIN`], the same wherever it is met.
    Token,
    /// The word of its kind in brackets, `[mobile]`.
    Redact,
}

impl Scrub {
    pub(crate) fn domain(self) -> Option<&'static str> {
        (self.with == Replacement::Token).then_some(TEXT_DOMAIN)
    }

    pub(crate) fn learnable(self) -> Sentence {
        let (en, zh) = match self.with {
            Replacement::Mask => ("its masked form", "其遮蔽后的形式"),
            Replacement::Token => ("which of them are equal", "哪些相同"),
            Replacement::Redact => ("nothing else of it", "不含其他内容"),
        };
        Sentence::new(
            format!(
                "all text that is not found to be an identifier, names and addresses included; of an identifier its kind and {en}"
            ),
            format!("可知未被识别为标识符的全部文字（含姓名、地址）；标识符仅可知其类型及{zh}"),
        )
    }

    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        column.must_be_text(Phrase::new("constant or null", "constant 或 null"))?;
        let key = match self.with {
            Replacement::Token => Some(TokenKey::new(column.key()?)),
            Replacement::Mask | Replacement::Redact => None,
        };
        Ok(Box::new(ScrubKernel { scrub: self, key }))
    }
}

impl fmt::Display for Scrub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = match self.format {
            ScrubFormat::Text => "text",
            ScrubFormat::Json => "json",
        };
        let with = match self.with {
            Replacement::Mask => "mask",
            Replacement::Token => "token",
            Replacement::Redact => "redact",
        };
        write!(f, "{format} with {with}")
    }
}

/// Scrubs each text.
struct ScrubKernel {
    scrub: Scrub,
    /// The key of tokens, where they are asked for.
    key: Option<TokenKey>,
}

impl ScrubKernel {
    /// Appends a text with its identifiers replaced and returns how many there were.
    fn text(&self, text: &str, out: &mut String) -> u64 {
        let mut copied = 0;
        let mut replaced = 0;
        for found in find(text) {
            out.push_str(text.get(copied..found.range.start).unwrap_or(""));
            self.replace(
                found.identifier,
                text.get(found.range.clone()).unwrap_or(""),
                out,
            );
            copied = found.range.end;
            replaced += 1;
        }
        out.push_str(text.get(copied..).unwrap_or(""));
        replaced
    }

    /// Appends what an identifier becomes.
    fn replace(&self, identifier: Identifier, spelling: &str, out: &mut String) {
        let before = out.len();
        let written = match (self.scrub.with, &self.key) {
            (Replacement::Mask, _) => identifier.mask(spelling, out).is_ok(),
            (Replacement::Token, Some(key)) => {
                let mut canonical = String::new();
                let valid = identifier.canonical(spelling, &mut canonical).is_ok();
                out.push_str(key.token(&canonical).as_str());
                valid
            }
            (Replacement::Token | Replacement::Redact, _) => false,
        };
        if !written {
            // Also when a mask refuses what the search took for an identifier: it never passes through.
            out.truncate(before);
            out.extend(["[", identifier.id(), "]"]);
        }
    }
}

impl Kernel for ScrubKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _companion: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let mut replaced = 0;
        let scrubbed = rewrite::text(column, broken, |value, out| {
            replaced += match self.scrub.format {
                ScrubFormat::Text => self.text(value, out),
                ScrubFormat::Json => json::scrub(value, out, |text, out| self.text(text, out))
                    .ok_or(Malformed(Phrase::new("a JSON document", "JSON 文档")))?,
            };
            Ok(())
        })?;
        broken.replaced += replaced;
        Ok(scrubbed)
    }
}

#[cfg(test)]
mod tests;
