//! Receipts: what a caller takes home to prove, without us, that something was logged.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::digest::Digest;
use crate::encoding::{array_from_base64, from_base64, to_base64};

/// The format of this version's receipts.
const FORMAT: &str = "karez-receipt/1";

/// The longest receipt that is read.
pub const RECEIPT_BYTES_MAX: usize = 32 << 20;

/// Leaves in one receipt at most.
pub const RECEIPT_ENTRIES_MAX: usize = 10_000;

/// Why a text is not a receipt.
#[derive(Debug, Error)]
pub enum ReceiptError {
    /// Not the JSON of a receipt.
    #[error("not a receipt: {0}")]
    Json(#[from] serde_json::Error),
    /// A receipt of another version, or too long, or without a leaf.
    #[error("not a receipt: {0}")]
    Malformed(&'static str),
}

/// A checkpoint and leaves under it; the first leaf is the subject, the others are what it rests
/// on.
///
/// As JSON: `{"format":"karez-receipt/1","checkpoint":"<signed note>","entries":[{"index":7,
/// "leaf":"<base64>","inclusion":["<base64 of 32 bytes>",…]},…]}`.
///
/// Privacy: the leaves are readable to whoever holds the receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    format: String,
    checkpoint: String,
    entries: Vec<ReceiptEntry>,
}

/// One leaf of a receipt with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptEntry {
    index: u64,
    leaf: String,
    inclusion: Vec<String>,
}

impl Receipt {
    pub(crate) fn new(checkpoint: String, entries: Vec<ReceiptEntry>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            checkpoint,
            entries,
        }
    }

    /// The signed note.
    #[must_use]
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// The leaves, the subject first.
    #[must_use]
    pub fn entries(&self) -> &[ReceiptEntry] {
        &self.entries
    }

    /// The receipt as JSON text.
    ///
    /// # Errors
    /// [`ReceiptError::Json`], which no receipt made by a log meets.
    pub fn to_json(&self) -> Result<String, ReceiptError> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Reads a receipt. This says nothing about its truth: ask the verifier.
    ///
    /// # Errors
    /// [`ReceiptError`] when it is not a receipt of this version.
    pub fn from_json(bytes: &[u8]) -> Result<Self, ReceiptError> {
        if bytes.len() > RECEIPT_BYTES_MAX {
            return Err(ReceiptError::Malformed("it is too long"));
        }
        let receipt: Self = serde_json::from_slice(bytes)?;
        if receipt.format != FORMAT {
            return Err(ReceiptError::Malformed("its format is not karez-receipt/1"));
        }
        match receipt.entries.len() {
            0 => Err(ReceiptError::Malformed("it has no entries")),
            1..=RECEIPT_ENTRIES_MAX => Ok(receipt),
            _ => Err(ReceiptError::Malformed("it has too many entries")),
        }
    }
}

impl ReceiptEntry {
    pub(crate) fn new(index: u64, leaf: &[u8], inclusion: &[Digest]) -> Self {
        let hashes = inclusion.iter().map(|hash| to_base64(hash.as_bytes()));
        Self {
            index,
            leaf: to_base64(leaf),
            inclusion: hashes.collect(),
        }
    }

    /// The leaf's position.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// The leaf's bytes; none when the text is not base64.
    #[must_use]
    pub fn leaf_bytes(&self) -> Option<Vec<u8>> {
        from_base64(&self.leaf)
    }

    /// The inclusion proof; none when a text is not the base64 of 32 bytes.
    #[must_use]
    pub fn proof(&self) -> Option<Vec<Digest>> {
        let hashes = self.inclusion.iter();
        hashes
            .map(|text| array_from_base64(text).map(Digest::from_bytes))
            .collect()
    }
}
