//! `token`: a pseudonym, the same for equal values within the scenario.

use serde_json::{Value, json};

use super::{Identifier, Technique};
use crate::read::{Fields, Keys, Reader};

pub(super) const KEYS: Keys = Keys {
    enforced: &["as", "on_broken"],
    later: &[],
};

/// What the values are taken as, which says when two spellings are one value and which columns join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What is written; a column of resident ids that names a unit is taken as such without it, any other as text.
    pub form: Option<TokenForm>,
}

/// What the values of a token's column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenForm {
    /// Any text.
    Text,
    /// A person's name, its spellings folded.
    Name,
    /// An identifier in any of its spellings; what is none is broken.
    Identifier(Identifier),
}

impl TokenForm {
    /// The word in documents.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Name => "name",
            Self::Identifier(identifier) => identifier.as_str(),
        }
    }

    fn words() -> Vec<(&'static str, Self)> {
        let identifiers = Identifier::WORDS
            .iter()
            .map(|(word, identifier)| (*word, Self::Identifier(*identifier)));
        [("text", Self::Text), ("name", Self::Name)]
            .into_iter()
            .chain(identifiers)
            .collect()
    }
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    let form = match fields.get("as") {
        Some(node) => Some(reader.word(node, "`as`", &TokenForm::words(), &[])?),
        None => None,
    };
    Some(Technique::Token(Token { form }))
}

impl Token {
    pub(super) fn json(self) -> Value {
        json!({ "as": self.form.map(TokenForm::as_str) })
    }
}
