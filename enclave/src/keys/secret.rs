//! Thirty-two secret bytes that wipe themselves and never print.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::KeyError;

/// Bytes of every symmetric key here: AES-256, HMAC-SHA-256.
pub const KEY_BYTES: usize = 32;

/// The permission bits by which anybody but the owner reaches a file.
const OTHERS: u32 = 0o077;

/// A symmetric key; wiped when dropped, and `Debug` prints `…`.
///
/// ```
/// use enclave::keys::SecretKey;
///
/// let key = SecretKey::random()?;
/// assert_eq!(format!("{key:?}"), "SecretKey(…)");
/// # Ok::<(), enclave::keys::KeyError>(())
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(Box<[u8; KEY_BYTES]>);

impl SecretKey {
    /// A fresh key from the kernel's entropy.
    ///
    /// # Errors
    /// [`KeyError::Entropy`].
    pub fn random() -> Result<Self, KeyError> {
        let mut key = Self(Box::new([0; KEY_BYTES]));
        getrandom::fill(key.0.as_mut_slice()).map_err(KeyError::Entropy)?;
        Ok(key)
    }

    /// A key from bytes that the caller holds; the caller wipes its own copy.
    ///
    /// # Errors
    /// [`KeyError::Length`] unless there are 32.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.len() != KEY_BYTES {
            return Err(KeyError::Length);
        }
        let mut key = Self(Box::new([0; KEY_BYTES]));
        key.0.copy_from_slice(bytes);
        Ok(key)
    }

    /// Reads a key from a file of 64 hex digits and, if there is one, a line end.
    ///
    /// # Errors
    /// The file is missing, is not a key, or may be read by others than its owner.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let cannot_read = |error| KeyError::file("cannot read the key", path, error);
        let mut file = File::open(path).map_err(cannot_read)?;
        let mode = file.metadata().map_err(cannot_read)?.permissions().mode() & 0o777;
        if mode & OTHERS != 0 {
            return Err(KeyError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        // Room for one byte more than a key and its line end, so that a longer file is noticed and none is grown into.
        let mut text = Zeroizing::new([0; 2 * KEY_BYTES + 2]);
        let mut length = 0;
        while let Some(rest) = text.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match file.read(rest).map_err(cannot_read)? {
                0 => break,
                read => length += read,
            }
        }
        let text = text.get(..length).unwrap_or_default();
        let digits = text.strip_suffix(b"\n").unwrap_or(text);
        Self::from_hex(digits).ok_or_else(|| KeyError::Malformed {
            path: path.to_owned(),
        })
    }

    fn from_hex(digits: &[u8]) -> Option<Self> {
        let mut key = Self(Box::new([0; KEY_BYTES]));
        let (pairs, rest) = digits.as_chunks::<2>();
        if pairs.len() != KEY_BYTES || !rest.is_empty() {
            return None;
        }
        for (byte, [high, low]) in key.0.iter_mut().zip(pairs) {
            *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
        }
        Some(key)
    }

    /// The key as 64 hex digits and a line end, as [`SecretKey::read`] reads it.
    #[must_use]
    pub fn to_hex_line(&self) -> Zeroizing<Vec<u8>> {
        let mut line = Zeroizing::new(Vec::with_capacity(2 * KEY_BYTES + 1));
        for byte in self.0.iter() {
            line.extend(
                [byte >> 4, byte & 15]
                    .map(|digit| digit + if digit < 10 { b'0' } else { b'a' - 10 }),
            );
        }
        line.push(b'\n');
        line
    }

    /// The bytes, for handing to a cipher.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_print_and_have_one_length() {
        let key = SecretKey::from_slice(&[0xab; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "SecretKey(…)");
        for length in [0, 16, 31, 33] {
            assert!(matches!(
                SecretKey::from_slice(&vec![1; length]),
                Err(KeyError::Length)
            ));
        }
        assert_ne!(
            SecretKey::random().unwrap().expose(),
            SecretKey::random().unwrap().expose()
        );
    }
}
