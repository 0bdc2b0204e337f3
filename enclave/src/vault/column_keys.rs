//! The keys of granted columns, as the worker gets them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ::parquet::encryption::decrypt::FileDecryptionProperties;
use ::parquet::encryption::encrypt::FileEncryptionProperties;
use zeroize::Zeroizing;

use super::VaultError;
use crate::keys::{KEY_BYTES, SecretKey};

/// First byte of the message: its format.
const FORMAT: u8 = 1;
/// The longest name or prefix in the message, in bytes.
const NAME_BYTES_MAX: usize = u16::MAX as usize;

/// The keys that open one encrypted table, and no column more.
///
/// They leave the process only through [`ColumnKeys::into_message`], which is meant for the worker's pipe. The footer key
/// shows the names and types of all columns and the number of rows; values and statistics need the column's own key.
pub struct ColumnKeys {
    aad_prefix: Vec<u8>,
    footer: SecretKey,
    columns: BTreeMap<String, SecretKey>,
}

impl ColumnKeys {
    pub(super) fn new(aad_prefix: &str, footer: SecretKey) -> Self {
        Self {
            aad_prefix: aad_prefix.as_bytes().to_vec(),
            footer,
            columns: BTreeMap::new(),
        }
    }

    pub(super) fn grant(&mut self, column: &str, key: SecretKey) {
        self.columns.insert(column.to_owned(), key);
    }

    /// The columns that these keys open, sorted.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// Whether these keys open the column.
    #[must_use]
    pub fn opens(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Parquet's decryption properties, for a reader other than [`super::EncryptedTable`].
    ///
    /// Parquet keeps its own copy of the keys, which it does not wipe.
    ///
    /// # Errors
    /// [`VaultError::Undecryptable`] when parquet refuses the keys.
    pub fn decryption(&self) -> Result<Arc<FileDecryptionProperties>, VaultError> {
        let mut builder = FileDecryptionProperties::builder(self.footer.expose().to_vec())
            .with_aad_prefix(self.aad_prefix.clone());
        for (column, key) in &self.columns {
            builder = builder.with_column_key(column, key.expose().to_vec());
        }
        builder.build().map_err(|_| VaultError::Undecryptable)
    }

    /// Parquet's encryption properties; every column of the file must be among the keys, or it would be written in clear.
    pub(super) fn encryption(&self) -> Result<Arc<FileEncryptionProperties>, VaultError> {
        let mut builder = FileEncryptionProperties::builder(self.footer.expose().to_vec())
            .with_aad_prefix(self.aad_prefix.clone())
            .with_aad_prefix_storage(false);
        for (column, key) in &self.columns {
            builder = builder.with_column_key(column, key.expose().to_vec());
        }
        builder.build().map_err(|_| VaultError::Undecryptable)
    }

    /// The keys as bytes for the worker's pipe: format, prefix, footer key, then name and key of each column; lengths are
    /// two bytes, big-endian. The message wipes itself.
    #[must_use]
    pub fn into_message(self) -> Zeroizing<Vec<u8>> {
        let names: usize = self
            .columns
            .keys()
            .map(|name| 2 + name.len() + KEY_BYTES)
            .sum();
        // Room for all of it at once, so that no shorter copy is left behind by growing.
        let mut message = Zeroizing::new(Vec::with_capacity(
            1 + 2 + self.aad_prefix.len() + KEY_BYTES + 2 + names,
        ));
        message.push(FORMAT);
        put(&mut message, &self.aad_prefix);
        message.extend_from_slice(self.footer.expose());
        message.extend_from_slice(&length(self.columns.len()));
        for (name, key) in &self.columns {
            put(&mut message, name.as_bytes());
            message.extend_from_slice(key.expose());
        }
        message
    }

    /// Reads what [`ColumnKeys::into_message`] wrote; the caller wipes the bytes.
    ///
    /// # Errors
    /// [`VaultError::KeyMessage`] when the bytes are cut, continued or of another format.
    pub fn from_message(message: &[u8]) -> Result<Self, VaultError> {
        let mut rest = message;
        let parsed = (|| {
            if take(&mut rest, 1)? != [FORMAT] {
                return None;
            }
            let aad_prefix = text(&mut rest)?.to_vec();
            let footer = key(&mut rest)?;
            let count = take_length(&mut rest)?;
            let mut columns = BTreeMap::new();
            for _ in 0..count {
                let name = String::from_utf8(text(&mut rest)?.to_vec()).ok()?;
                columns.insert(name, key(&mut rest)?);
            }
            (rest.is_empty() && columns.len() == count).then_some(Self {
                aad_prefix,
                footer,
                columns,
            })
        })();
        parsed.ok_or(VaultError::KeyMessage)
    }
}

impl fmt::Debug for ColumnKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self.columns().collect();
        f.debug_struct("ColumnKeys")
            .field("columns", &columns)
            .finish_non_exhaustive()
    }
}

/// Names of columns have 128 bytes at most and a file 4,096 columns, so nothing is cut here.
fn length(length: usize) -> [u8; 2] {
    u16::try_from(length.min(NAME_BYTES_MAX))
        .unwrap_or(u16::MAX)
        .to_be_bytes()
}

fn put(message: &mut Vec<u8>, bytes: &[u8]) {
    message.extend_from_slice(&length(bytes.len()));
    message.extend_from_slice(bytes);
}

fn take<'m>(rest: &mut &'m [u8], length: usize) -> Option<&'m [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

fn take_length(rest: &mut &[u8]) -> Option<usize> {
    take(rest, 2)?
        .first_chunk::<2>()
        .map(|bytes| usize::from(u16::from_be_bytes(*bytes)))
}

fn text<'m>(rest: &mut &'m [u8]) -> Option<&'m [u8]> {
    let length = take_length(rest)?;
    take(rest, length)
}

fn key(rest: &mut &[u8]) -> Option<SecretKey> {
    SecretKey::from_slice(take(rest, KEY_BYTES)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_whole_or_not_at_all() {
        let keys = || {
            let mut keys = ColumnKeys::new("tenants/xj", SecretKey::from_slice(&[1; 32]).unwrap());
            keys.grant("金额", SecretKey::from_slice(&[2; 32]).unwrap());
            keys.grant("a", SecretKey::from_slice(&[3; 32]).unwrap());
            keys
        };
        let message = keys().into_message();
        let read = ColumnKeys::from_message(&message).unwrap();
        assert_eq!(read.columns().collect::<Vec<_>>(), ["a", "金额"]);
        assert_eq!(read.columns["a"].expose(), &[3; 32]);
        assert_eq!(*read.into_message(), *message);
        for length in 0..message.len() {
            assert!(
                ColumnKeys::from_message(&message[..length]).is_err(),
                "cut at {length}"
            );
        }
        assert!(ColumnKeys::from_message(&[message.as_slice(), &[0]].concat()).is_err());
        assert_eq!(
            format!("{:?}", keys()),
            r#"ColumnKeys { columns: ["a", "金额"], .. }"#
        );
    }
}
