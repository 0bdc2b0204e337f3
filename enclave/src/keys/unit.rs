//! Keys of a tenant that no release depends on: hidden unit columns, and salts of digests.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::SecretKey;

/// Parts the unit's name from its value; no name holds it.
const SEPARATOR: u8 = 0;

/// Turns the value that identifies a protected unit into a 64-bit number that only this tenant can compute.
#[derive(Debug, Clone)]
pub struct UnitKey(SecretKey);

impl UnitKey {
    pub(super) fn new(key: SecretKey) -> Self {
        Self(key)
    }

    /// A key that lives as long as the process: for stand-alone runs.
    ///
    /// # Errors
    /// [`super::KeyError::Entropy`].
    pub fn ephemeral() -> Result<Self, super::KeyError> {
        SecretKey::random().map(Self)
    }

    /// A key that a person keeps in a file of their own: stand-alone samples drawn with it stay consistent.
    #[must_use]
    pub fn from_key(key: SecretKey) -> Self {
        Self(key)
    }

    /// The numbering of one unit, for example `person`.
    #[must_use]
    pub fn numbering(&self, unit: &str) -> UnitNumbering {
        // HMAC takes keys of any length, so this cannot fail; should it ever, nothing is numbered.
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose())
            .ok()
            .map(|mut mac| {
                mac.update(unit.as_bytes());
                mac.update(&[SEPARATOR]);
                mac
            });
        UnitNumbering(mac)
    }
}

/// The numbers of one protected unit: the first 8 bytes of HMAC-SHA-256(key, name ‖ 0 ‖ value), big-endian.
///
/// Two values collide with probability 2⁻⁶⁴; a collision merges two units, which only ever under-counts.
pub struct UnitNumbering(Option<Hmac<Sha256>>);

impl UnitNumbering {
    /// The number of the unit with this canonical value.
    #[must_use]
    pub fn number(&self, value: &[u8]) -> Option<u64> {
        let mut mac = self.0.clone()?;
        mac.update(value);
        let bytes = mac.finalize().into_bytes();
        bytes
            .first_chunk::<8>()
            .map(|first| u64::from_be_bytes(*first))
    }
}

/// The salt of digests of providers' files, so that nobody can confirm a guessed file from the log.
#[derive(Debug, Clone)]
pub struct SourceSalt(SecretKey);

impl SourceSalt {
    pub(super) fn new(key: SecretKey) -> Self {
        Self(key)
    }

    /// A salt that lives as long as the process: for stand-alone runs.
    ///
    /// # Errors
    /// [`super::KeyError::Entropy`].
    pub fn ephemeral() -> Result<Self, super::KeyError> {
        SecretKey::random().map(Self)
    }

    /// HMAC-SHA-256 of some parts under the salt, each part preceded by its length: a digest that confirms no guess.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> lineage::Digest {
        // HMAC takes keys of any length, so this cannot fail; should it ever, the digest says nothing.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose()) else {
            return lineage::Digest::from_bytes([0; 32]);
        };
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        lineage::Digest::from_bytes(mac.finalize().into_bytes().into())
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_depend_on_key_unit_and_value() {
        let key = |byte| UnitKey::new(SecretKey::from_slice(&[byte; 32]).unwrap());
        let number =
            |key: &UnitKey, unit: &str, value: &[u8]| key.numbering(unit).number(value).unwrap();
        let base = number(&key(1), "person", b"x");
        assert_eq!(base, number(&key(1), "person", b"x"));
        assert_ne!(base, number(&key(2), "person", b"x"));
        assert_ne!(base, number(&key(1), "household", b"x"));
        assert_ne!(base, number(&key(1), "person", b"y"));
        assert_ne!(number(&key(1), "a", b"bc"), number(&key(1), "ab", b"c"));
    }

    /// RFC 4231, test case 2, cut to eight bytes, through the same calls.
    #[test]
    fn known_answer_of_hmac_sha_256() {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"what do ya want ");
        let numbering = UnitNumbering(Some(mac));
        assert_eq!(
            numbering.number(b"for nothing?"),
            Some(0x5bdc_c146_bf60_754e)
        );
    }
}
