//! Thirty-two secret bytes that wipe themselves and never print.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::KeyError;

/// Bytes of every symmetric key here: AES-256, HMAC-SHA-256.
pub const KEY_BYTES: usize = 32;

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

    /// The bytes, for handing to a cipher.
    #[must_use]
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
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
