//! `fpe`: format-preserving encryption, FF1 (NIST SP 800-38G) over AES-256 or SM4 under the column domain's key.

pub(crate) mod digits;
pub(crate) mod identifier;
pub(crate) mod resident_id;
pub(crate) mod same_person;

use std::fmt;

use super::{Column, Kernel, RESIDENT_ID_DOMAIN, Sentence};
use crate::{Phrase, Share, Unsuitable, ff1::Cipher};

pub use digits::FpeDigits;
pub use identifier::FpeIdentifier;
pub use resident_id::{FpeResidentId, Mode};
pub use same_person::{PersonPart, SamePerson};

/// Encrypts identifiers to identifiers of the same shape: a permutation, so that keys stay keys and joins still hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fpe {
    /// Strings of decimal digits.
    Digits(FpeDigits),
    /// 居民身份证.
    ResidentId(FpeResidentId),
    /// Birth date or sex beside a 居民身份证.
    SamePerson(SamePerson),
    /// Every other identifier with a domain of at least a million values.
    Identifier(FpeIdentifier),
}

impl Fpe {
    pub(crate) fn domain(&self) -> &str {
        match self {
            Self::Digits(digits) => &digits.domain,
            Self::ResidentId(_) | Self::SamePerson(_) => RESIDENT_ID_DOMAIN,
            Self::Identifier(identifier) => identifier.domain(),
        }
    }

    /// The raw column of ids whose surrogates this column follows.
    pub(crate) fn companion(&self) -> Option<&str> {
        match self {
            Self::SamePerson(person) => Some(&person.id),
            _ => None,
        }
    }

    /// The block cipher under FF1.
    #[must_use]
    pub const fn cipher(&self) -> Cipher {
        match self {
            Self::Digits(digits) => digits.cipher,
            Self::ResidentId(id) => id.cipher,
            Self::SamePerson(person) => person.recipe.cipher,
            Self::Identifier(identifier) => identifier.cipher,
        }
    }

    /// Whether surrogates can be told from real identifiers; none for digits, which have no check character.
    #[must_use]
    pub const fn mode(&self) -> Option<Mode> {
        match self {
            Self::Digits(_) => None,
            Self::ResidentId(id) => Some(id.mode),
            Self::SamePerson(person) => Some(person.recipe.mode),
            Self::Identifier(identifier) => Some(identifier.mode),
        }
    }

    pub(crate) fn learnable(&self) -> Sentence {
        match self {
            Self::Digits(digits) => digits.learnable(),
            Self::ResidentId(id) => id.learnable(),
            Self::SamePerson(person) => person.learnable(),
            Self::Identifier(identifier) => identifier.learnable(),
        }
    }

    pub(crate) fn somebodys(&self) -> Option<Share> {
        match self {
            Self::Digits(_) | Self::SamePerson(_) => None,
            Self::ResidentId(id) => Some(id.somebodys()),
            Self::Identifier(identifier) => identifier.somebodys(),
        }
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        if !matches!(self, Self::SamePerson(_)) {
            column.must_be_text(Phrase::new(
                "round, generalize or constant",
                "round、generalize 或 constant",
            ))?;
        }
        match self {
            Self::Digits(digits) => digits.compile(column),
            Self::ResidentId(id) => id.compile(column),
            Self::SamePerson(person) => person.compile(column),
            Self::Identifier(identifier) => identifier.compile(column),
        }
    }
}

pub(crate) fn reversible() -> Sentence {
    Sentence::new(
        "reversible by whoever holds the key; with the key destroyed, by nobody",
        "持有密钥者可逆；密钥销毁后不可逆",
    )
}

impl fmt::Display for Fpe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits(digits) => digits.fmt(f),
            Self::ResidentId(id) => id.fmt(f),
            Self::SamePerson(person) => person.fmt(f),
            Self::Identifier(identifier) => identifier.fmt(f),
        }
    }
}
