//! The key of recipients' marks: apart from the keys of surrogates, so that a copy is traced after those are gone.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{KEY_BYTES, KeyError, SecretKey};

/// HKDF info before the name of the sample.
const MARK_LABEL: &str = "karez/v1/recipient-mark/";

/// The root of a tenant's recipient marks; it reverses nothing.
#[derive(Debug, Clone)]
pub struct MarkRoot(SecretKey);

impl MarkRoot {
    pub(super) fn new(key: SecretKey) -> Self {
        Self(key)
    }

    /// The key of one sample's marks, by the sample's full name (HKDF-SHA-256, RFC 5869, without salt).
    ///
    /// # Errors
    /// [`KeyError::Length`], which 32 bytes of HKDF output never give.
    pub fn sample(&self, name: &str) -> Result<SecretKey, KeyError> {
        let mut output = Zeroizing::new([0; KEY_BYTES]);
        let info = format!("{MARK_LABEL}{name}");
        Hkdf::<Sha256>::new(None, self.0.expose())
            .expand(info.as_bytes(), output.as_mut_slice())
            .map_err(|_| KeyError::Length)?;
        SecretKey::from_slice(output.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against HMAC written out, as RFC 5869 defines it for one block.
    #[test]
    fn is_hkdf_without_salt_and_each_sample_has_its_own() {
        use hmac::{Hmac, KeyInit, Mac};
        let hmac = |key: &[u8], message: &[u8]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        };
        let root = MarkRoot::new(SecretKey::from_slice(&[7; 32]).unwrap());
        let info = b"karez/v1/recipient-mark/tenants/xj/scenarios/s/samples/1\x01";
        let expect = hmac(&hmac(&[0; 32], &[7; 32]), info);
        let one = root.sample("tenants/xj/scenarios/s/samples/1").unwrap();
        assert_eq!(one.expose().as_slice(), expect);
        let two = root.sample("tenants/xj/scenarios/s/samples/2").unwrap();
        assert_ne!(one.expose(), two.expose());
        assert_eq!(format!("{root:?}"), "MarkRoot(SecretKey(…))");
    }
}
