//! The secret of one column domain, and the separate keys that techniques draw from it.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes of a column key.
pub const COLUMN_KEY_BYTES: usize = 32;

/// The secret of one column domain within one scenario or one release.
///
/// The caller derives it per (scenario, [`domain`](crate::Technique::domain)): two tables whose columns share a domain
/// then join, and two scenarios cannot be linked. Dropping every copy makes the release one-way.
/// Wiped on drop; `Debug` prints `…`.
///
/// ```
/// let key = desensitize::ColumnKey::from([7; 32]);
/// assert_eq!(format!("{key:?}"), "ColumnKey(…)");
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ColumnKey([u8; COLUMN_KEY_BYTES]);

impl From<[u8; COLUMN_KEY_BYTES]> for ColumnKey {
    fn from(mut bytes: [u8; COLUMN_KEY_BYTES]) -> Self {
        let key = Self(bytes);
        bytes.zeroize();
        key
    }
}

impl fmt::Debug for ColumnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ColumnKey(…)")
    }
}

impl ColumnKey {
    /// A key for one use, so that no two algorithms ever share key bytes.
    pub(crate) fn subkey(&self, purpose: &str) -> Self {
        Self(self.prf().compute(&[purpose.as_bytes()]))
    }

    /// HMAC-SHA-256 under this key, its key schedule computed once.
    pub(crate) fn prf(&self) -> Prf {
        let mut block = [0u8; SHA256_BLOCK_BYTES];
        for (to, from) in block.iter_mut().zip(self.0) {
            *to = from;
        }
        // A key padded with zeros to a full block is the same HMAC key (RFC 2104, section 2).
        let prf = Prf(Hmac::new(&block.into()));
        block.zeroize();
        prf
    }

    /// The bytes, for a cipher's key schedule.
    pub(crate) fn bytes(&self) -> &[u8; COLUMN_KEY_BYTES] {
        &self.0
    }
}

/// Bytes of a SHA-256 input block (FIPS 180-4), the native key size of HMAC-SHA-256.
const SHA256_BLOCK_BYTES: usize = 64;

/// A keyed pseudo-random function: HMAC-SHA-256 (RFC 2104, FIPS 198-1).
#[derive(Clone)]
pub(crate) struct Prf(Hmac<Sha256>);

impl Prf {
    /// The 32 bytes for the concatenation of the parts.
    pub(crate) fn compute(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Prf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prf(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn is_hmac_sha256_by_its_definition() {
        use sha2::Digest;
        let bytes = [0x4b; 32];
        let mut inner = vec![0x36u8; 64];
        let mut outer = vec![0x5cu8; 64];
        for position in 0..32 {
            inner[position] ^= bytes[position];
            outer[position] ^= bytes[position];
        }
        inner.extend_from_slice(b"what do ya want for nothing?");
        outer.extend_from_slice(&Sha256::digest(&inner));
        let by_definition: [u8; 32] = Sha256::digest(&outer).into();
        let prf = ColumnKey::from(bytes).prf();
        assert_eq!(
            prf.compute(&[b"what do ya want ", b"for nothing?"]),
            by_definition
        );
    }

    #[test]
    fn rfc_4231_case_2_with_its_key_padded() {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(b"Jefe");
        let mac = ColumnKey::from(bytes)
            .prf()
            .compute(&[b"what do ya want for nothing?"]);
        assert_eq!(
            hex(&mac),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn purposes_have_unrelated_keys() {
        let key = ColumnKey::from([1; 32]);
        assert_ne!(key.subkey("a").bytes(), key.subkey("b").bytes());
        assert_ne!(key.subkey("a").bytes(), key.bytes());
    }
}
