//! Identifiers to identifiers of the same kind: some parts kept, the rest ranked, encrypted and written back, check
//! characters computed.
//!
//! One file per identifier, all of one shape: `NUMBERING` says how a valid identifier becomes a number of a space of
//! at least [`DOMAIN_MIN`](crate::DOMAIN_MIN) and back, and how a surrogate is marked. The definition of the numbering is versioned; its
//! digest stands in every tweak, before the kept parts that select the permutation.

mod bank_card;
mod credit_code;
mod document;
mod hk_macao_permit;
mod imei;
mod landline;
mod luhn;
mod mac;
mod mobile;
mod numerals;
mod organisation;
mod organisation_code;
mod passport;
mod phone;
mod plate;
mod refused;
mod serial;
mod split;
mod taiwan_permit;
mod tax_number;
mod vin;

use std::{collections::HashMap, fmt};

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::DataType,
};
use sha2::{Digest, Sha256};

use self::split::{Carried, Split};
use super::Mode;
use crate::{
    ColumnKey, Fault, Identifier, Share, Unsuitable,
    broken::{Broken, Malformed},
    ff1::{Cipher, Ff1Key, Outside, RankCipher, TweakState},
    rewrite,
    technique::{Column, Kernel, Sentence, TEXT_DOMAIN},
};

/// Encrypts identifiers of one kind; the parts that stay readable are the kind's own ([`FpeIdentifier::kept`]).
///
/// Surrogates are written in the one spelling of [`Identifier::canonical`]. Texts that are no valid identifier, and
/// those outside the kind's numbering, are broken input. Credit code, organisation code and tax number of one body get
/// surrogates of one body; a mobile number gets the same with and without 86. Kinds of fewer than [`DOMAIN_MIN`](crate::DOMAIN_MIN) values,
/// and e-mail and IP addresses and coordinates, are refused.
///
/// What a reader learns: the kept parts, and which rows and tables hold the same value. Reversible with the key.
///
/// ```
/// use desensitize::{Fpe, FpeIdentifier, Identifier, Technique};
///
/// let recipe = FpeIdentifier::marked(Identifier::BankCard);
/// assert_eq!(recipe.to_string(), "bank-card, marked");
/// assert!(Technique::Fpe(Fpe::Identifier(recipe)).somebodys().is_some_and(|share| share.share == 0.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FpeIdentifier {
    /// The kind of the column's values.
    pub identifier: Identifier,
    /// Whether surrogates can be told from real identifiers.
    pub mode: Mode,
    /// The block cipher under FF1.
    pub cipher: Cipher,
}

/// How an identifier is numbered.
struct Numbering {
    /// The set in words; another set is another definition, and gives other surrogates.
    definition: &'static str,
    /// How many values each of its spaces holds.
    sizes: &'static [u64],
    /// Takes a valid identifier in its one spelling apart; none where it is outside the set.
    split: fn(&str) -> Option<Split>,
    /// Appends the valid identifier of a split.
    join: fn(&Split, &mut String),
    /// Appends the marked twin of a valid identifier: no identifier of the kind is ever written like it.
    mark: fn(&str, &mut String),
    /// Appends the valid twin of a marked identifier; none where it is no marked one.
    unmark: fn(&str, &mut String) -> Option<()>,
    /// What stays.
    kept: (&'static str, &'static str),
    /// The share of valid surrogates that may be somebody's.
    somebodys: fn() -> Share,
}

/// A share that public figures do not bound: all surrogates may be somebody's.
fn unknown(en: &str, zh: &str) -> Share {
    Share::of(
        1.0,
        1.0,
        Sentence::new(format!("not known: {en}"), format!("未知：{zh}")),
    )
}

/// Bytes of the digest of a definition.
const DIGEST_BYTES: usize = 32;

impl FpeIdentifier {
    /// Marked surrogates under AES-256.
    #[must_use]
    pub const fn marked(identifier: Identifier) -> Self {
        Self {
            identifier,
            mode: Mode::Marked,
            cipher: Cipher::Aes256,
        }
    }

    /// Surrogates that are valid, and may be somebody's, under AES-256.
    #[must_use]
    pub const fn valid(identifier: Identifier) -> Self {
        Self {
            identifier,
            mode: Mode::Valid,
            cipher: Cipher::Aes256,
        }
    }

    /// The parts that stay readable, or none where the kind is not encrypted.
    #[must_use]
    pub fn kept(&self) -> Option<Sentence> {
        let (en, zh) = self.numbering()?.kept;
        Some(Sentence::new(en, zh))
    }

    /// SHA-256 of the definition of the set that is permuted, to be recorded with a sample; none where the kind is not
    /// encrypted.
    #[must_use]
    pub fn domain_digest(&self) -> Option<[u8; DIGEST_BYTES]> {
        Some(Sha256::digest(self.numbering()?.definition).into())
    }

    const fn numbering(&self) -> Option<&'static Numbering> {
        match self.identifier {
            Identifier::CreditCode => Some(&credit_code::NUMBERING),
            Identifier::OrganisationCode => Some(&organisation_code::NUMBERING),
            Identifier::TaxNumber => Some(&tax_number::NUMBERING),
            Identifier::BankCard => Some(&bank_card::NUMBERING),
            Identifier::Mobile => Some(&mobile::NUMBERING),
            Identifier::Landline => Some(&landline::NUMBERING),
            Identifier::Plate => Some(&plate::NUMBERING),
            Identifier::Passport => Some(&passport::NUMBERING),
            Identifier::HongKongMacaoPermit => Some(&hk_macao_permit::NUMBERING),
            Identifier::TaiwanPermit => Some(&taiwan_permit::NUMBERING),
            Identifier::Vin => Some(&vin::NUMBERING),
            Identifier::Imei => Some(&imei::NUMBERING),
            Identifier::Mac => Some(&mac::NUMBERING),
            Identifier::ResidentId
            | Identifier::Postcode
            | Identifier::Email
            | Identifier::Ip
            | Identifier::Gps => None,
        }
    }

    pub(crate) fn domain(&self) -> &'static str {
        self.identifier.domain().unwrap_or(TEXT_DOMAIN)
    }

    pub(crate) fn learnable(self) -> Sentence {
        let kept = self
            .kept()
            .unwrap_or_else(|| Sentence::new("nothing", "无"));
        let (en, zh) = (kept.en, kept.zh);
        Sentence::new(
            format!(
                "kept: {en}; and which rows, here and in other tables of the same scenario, hold the same value"
            ),
            format!("保留：{zh}；以及哪些行（含同一场景的其他表）取值相同"),
        )
    }

    pub(crate) fn somebodys(self) -> Option<Share> {
        let numbering = self.numbering()?;
        Some(match self.mode {
            Mode::Valid => (numbering.somebodys)(),
            Mode::Marked => Share::none(Sentence::new(
                "every surrogate has a wrong check character, or a form that is never issued",
                "所有替代号码的校验码均为错误值，或采用从不签发的形式",
            )),
        })
    }

    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        let numbering = self
            .numbering()
            .ok_or_else(|| refused::why(self.identifier, column))?;
        let kernel = IdentifierKernel::new(self, numbering, column.key()?);
        Ok(Box::new(
            kernel.map_err(|outside| column.outside(&outside))?,
        ))
    }
}

impl fmt::Display for FpeIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mode = match self.mode {
            Mode::Marked => "marked",
            Mode::Valid => "valid",
        };
        write!(f, "{}, {mode}", self.identifier)?;
        match self.cipher {
            Cipher::Aes256 => Ok(()),
            other => write!(f, ", {}", other.id()),
        }
    }
}

/// Permutes each space of a numbering, under each kept part.
struct IdentifierKernel {
    recipe: FpeIdentifier,
    numbering: &'static Numbering,
    ciphers: Vec<RankCipher>,
    digest: [u8; DIGEST_BYTES],
}

/// Which way a batch goes.
#[derive(Clone, Copy)]
enum Way {
    Encrypt,
    Decrypt,
}

impl IdentifierKernel {
    fn new(
        recipe: FpeIdentifier,
        numbering: &'static Numbering,
        key: &ColumnKey,
    ) -> Result<Self, Outside> {
        let key = Ff1Key::of_column(recipe.cipher, key)?;
        let ciphers = numbering
            .sizes
            .iter()
            .map(|size| RankCipher::new(&key, *size));
        Ok(Self {
            recipe,
            numbering,
            ciphers: ciphers.collect::<Result<_, _>>()?,
            digest: Sha256::digest(numbering.definition).into(),
        })
    }

    /// Reads one value; `spelling` is a buffer.
    fn split(&self, value: &str, spelling: &mut String) -> Option<Split> {
        spelling.clear();
        self.recipe.identifier.canonical(value, spelling).ok()?;
        (self.numbering.split)(spelling)
    }

    /// Encrypts or decrypts the ranks of one space in one batch.
    fn permute(&self, space: usize, splits: &mut [Option<Split>], way: Way) -> Result<(), Outside> {
        let Some(cipher) = self.ciphers.get(space) else {
            return Ok(());
        };
        let of_space = |split: &&mut Split| split.space == space;
        let mut tweaks = Tweaks {
            cipher,
            digest: &self.digest,
            space,
            index: HashMap::new(),
            states: Vec::new(),
        };
        let (mut which, mut ranks) = (Vec::new(), Vec::new());
        for split in splits.iter_mut().flatten().filter(of_space) {
            which.push(tweaks.number(split.carried.first(split.tweaked))?);
            ranks.push(split.rank);
        }
        match way {
            Way::Encrypt => cipher.encrypt_each(&tweaks.states, &which, &mut ranks)?,
            Way::Decrypt => cipher.decrypt_each(&tweaks.states, &which, &mut ranks)?,
        }
        for (split, rank) in splits.iter_mut().flatten().filter(of_space).zip(ranks) {
            split.rank = rank;
        }
        Ok(())
    }

    /// All spaces; a space that FF1 refuses leaves its values broken.
    fn permute_all(&self, splits: &mut [Option<Split>], way: Way) {
        for space in 0..self.ciphers.len() {
            if self.permute(space, splits, way).is_err() {
                for split in splits.iter_mut() {
                    *split = split.filter(|split| split.space != space);
                }
            }
        }
    }

    /// Appends a surrogate in the recipe's mode; `valid` is a buffer.
    fn write(&self, split: &Split, valid: &mut String, out: &mut String) {
        match self.recipe.mode {
            Mode::Valid => (self.numbering.join)(split, out),
            Mode::Marked => {
                valid.clear();
                (self.numbering.join)(split, valid);
                (self.numbering.mark)(valid, out);
            }
        }
    }
}

/// The tweaks of one space in one batch, each worked off once.
struct Tweaks<'a> {
    cipher: &'a RankCipher,
    digest: &'a [u8; DIGEST_BYTES],
    space: usize,
    index: HashMap<Carried, u32>,
    states: Vec<TweakState>,
}

impl Tweaks<'_> {
    /// The number of the tweak of kept parts: digest, space, parts.
    fn number(&mut self, kept: Carried) -> Result<u32, Outside> {
        if let Some(number) = self.index.get(&kept) {
            return Ok(*number);
        }
        let space = u8::try_from(self.space).unwrap_or(u8::MAX);
        let tweak = [&self.digest[..], &[space], kept.as_bytes()].concat();
        // A batch has fewer rows than 2^32, and no more tweaks than rows.
        let number = u32::try_from(self.states.len()).unwrap_or(u32::MAX);
        self.states.push(self.cipher.tweak(&tweak)?);
        self.index.insert(kept, number);
        Ok(number)
    }
}

impl Kernel for IdentifierKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let texts = column
            .as_string_opt::<i32>()
            .ok_or_else(|| rewrite::mismatch(column, broken, &DataType::Utf8))?;
        let mut buffer = String::new();
        let mut splits: Vec<Option<Split>> = texts
            .iter()
            .flatten()
            .map(|value| self.split(value, &mut buffer))
            .collect();
        self.permute_all(&mut splits, Way::Encrypt);
        // Rewriting visits the same values, nulls left out, in the same order.
        let mut splits = splits.into_iter();
        rewrite::text(column, broken, |_, out| {
            let split = splits.next().flatten();
            let split = split.ok_or(Malformed(self.recipe.identifier.expected()))?;
            self.write(&split, &mut buffer, out);
            Ok(())
        })
    }

    fn reverse(&self, surrogate: &str) -> Option<String> {
        let mut valid = String::new();
        match self.recipe.mode {
            Mode::Valid => valid.push_str(surrogate),
            Mode::Marked => (self.numbering.unmark)(surrogate.trim(), &mut valid)?,
        }
        let mut splits = [self.split(&valid, &mut String::new())];
        self.permute_all(&mut splits, Way::Decrypt);
        let [split] = splits;
        let mut original = String::new();
        (self.numbering.join)(&split?, &mut original);
        Some(original)
    }
}

#[cfg(test)]
mod tests;
