//! Wrapping one key with another: AES-256-GCM (NIST SP 800-38D), the key's path as associated data.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use super::{KEY_BYTES, KeyError, KeyPath, SecretKey};

/// Bytes of a nonce; random, since a key wraps far fewer than 2^32 others (SP 800-38D, 8.3).
const NONCE_BYTES: usize = 12;
/// Bytes of the tag.
const TAG_BYTES: usize = 16;
/// The first byte of a wrapped key: the format, so that a later one can be told apart.
const FORMAT: u8 = 1;
/// Bytes of a wrapped key: format, nonce, ciphertext, tag.
pub(super) const WRAPPED_BYTES: usize = 1 + NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/// The key under its wrapping key, bound to its path.
pub(super) fn wrap(
    wrapping: &SecretKey,
    path: &KeyPath,
    key: &SecretKey,
) -> Result<Vec<u8>, KeyError> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(KeyError::Entropy)?;
    let sealed = seal(wrapping, &nonce, path.to_string().as_bytes(), key.expose());
    let mut wrapped = vec![FORMAT];
    wrapped.extend_from_slice(&nonce);
    wrapped.extend(sealed.ok_or(KeyError::Length)?);
    Ok(wrapped)
}

/// The key, if these bytes were made by [`wrap`] with the same key and path.
pub(super) fn unwrap(
    wrapping: &SecretKey,
    path: &KeyPath,
    wrapped: &[u8],
) -> Result<SecretKey, KeyError> {
    let unopenable = || KeyError::Unopenable {
        path: path.to_string(),
    };
    let (format, rest) = wrapped.split_first().ok_or_else(unopenable)?;
    let (nonce, sealed) = rest
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or_else(unopenable)?;
    if *format != FORMAT {
        return Err(unopenable());
    }
    let opened =
        open(wrapping, nonce, path.to_string().as_bytes(), sealed).ok_or_else(unopenable)?;
    SecretKey::from_slice(&opened)
}

fn seal(key: &SecretKey, nonce: &[u8; NONCE_BYTES], aad: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes256Gcm::new(key.expose().into());
    cipher
        .encrypt(&Nonce::from(*nonce), Payload { msg: plain, aad })
        .ok()
}

fn open(
    key: &SecretKey,
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = Aes256Gcm::new(key.expose().into());
    let opened = cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad });
    opened.ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    /// Test cases 14 and 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", the vectors NIST adopted.
    #[test]
    fn known_answers_of_gcm_with_256_bits() {
        let check = |key: &str, nonce: &str, aad: &str, plain: &str, expect: &str| {
            let key = SecretKey::from_slice(&hex(key)).unwrap();
            let nonce: [u8; 12] = hex(nonce).try_into().unwrap();
            let sealed = seal(&key, &nonce, &hex(aad), &hex(plain)).unwrap();
            assert_eq!(sealed, hex(expect));
            assert_eq!(*open(&key, &nonce, &hex(aad), &sealed).unwrap(), hex(plain));
        };
        check(
            &"00".repeat(32),
            &"00".repeat(12),
            "",
            &"00".repeat(16),
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
        );
        check(
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            "cafebabefacedbaddecaf888",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
        );
    }

    #[test]
    fn a_wrapped_key_opens_only_at_its_own_path_and_whole() {
        let (wrapping, key) = (SecretKey::random().unwrap(), SecretKey::random().unwrap());
        let dataset = |name: &str| KeyPath::Dataset("xj".parse().unwrap(), name.parse().unwrap());
        let path = dataset("ybj/claims");
        let wrapped = wrap(&wrapping, &path, &key).unwrap();
        assert_eq!(wrapped.len(), WRAPPED_BYTES);
        assert_eq!(
            unwrap(&wrapping, &path, &wrapped).unwrap().expose(),
            key.expose()
        );

        assert!(
            unwrap(&wrapping, &dataset("ybj/persons"), &wrapped).is_err(),
            "another path"
        );
        assert!(
            unwrap(&key, &path, &wrapped).is_err(),
            "another wrapping key"
        );
        for i in 0..wrapped.len() {
            let mut altered = wrapped.clone();
            altered[i] ^= 1;
            assert!(
                unwrap(&wrapping, &path, &altered).is_err(),
                "byte {i} altered"
            );
            assert!(
                unwrap(&wrapping, &path, &wrapped[..i]).is_err(),
                "cut at {i}"
            );
        }
    }
}
