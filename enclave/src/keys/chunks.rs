//! Bulk encryption of byte streams in chunks: AES-256-GCM by `ring`, each chunk readable alone.
//!
//! Chunk `i` has the nonce `i`, so one key encrypts one stream, once, from front to back. Its associated data are the
//! stream's context, `i` and whether it is the last one: chunks can be neither swapped nor dropped nor cut off.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::{KeyError, SecretKey};

/// Plain bytes of every chunk but the last: large enough that tags cost nothing, small enough to seek.
pub const CHUNK_BYTES: usize = 64 * 1024;
/// Bytes that a chunk grows by.
pub const TAG_BYTES: usize = 16;

/// Seals and opens the chunks of one stream.
pub struct ChunkCipher {
    key: LessSafeKey,
    context: Vec<u8>,
}

impl ChunkCipher {
    /// A cipher for one stream; `context` is bound to every chunk.
    ///
    /// # Errors
    /// [`KeyError::Length`], which 32 bytes never give.
    pub fn new(key: &SecretKey, context: &[u8]) -> Result<Self, KeyError> {
        let key = UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|_| KeyError::Length)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            context: context.to_vec(),
        })
    }

    /// Encrypts the chunk in place and appends its tag; false only beyond the cipher's own limit of length.
    #[must_use]
    pub fn seal(&self, index: u64, last: bool, chunk: &mut Vec<u8>) -> bool {
        self.key
            .seal_in_place_append_tag(nonce(index), self.aad(index, last), chunk)
            .is_ok()
    }

    /// Decrypts the chunk in place and cuts its tag; false when it is not the chunk that was sealed.
    #[must_use]
    pub fn open(&self, index: u64, last: bool, chunk: &mut Vec<u8>) -> bool {
        let opened = self
            .key
            .open_in_place(nonce(index), self.aad(index, last), chunk);
        let length = opened.ok().map(|plain| plain.len());
        chunk.truncate(length.unwrap_or(0));
        length.is_some()
    }

    fn aad(&self, index: u64, last: bool) -> Aad<Vec<u8>> {
        let mut aad = self.context.clone();
        aad.extend_from_slice(&index.to_be_bytes());
        aad.push(u8::from(last));
        Aad::from(aad)
    }
}

fn nonce(index: u64) -> Nonce {
    let mut nonce = [0; 12];
    for (byte, value) in nonce.iter_mut().skip(4).zip(index.to_be_bytes()) {
        *byte = value;
    }
    Nonce::assume_unique_for_key(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_opens_only_where_it_was_sealed() {
        let key = SecretKey::random().unwrap();
        let cipher = ChunkCipher::new(&key, b"context").unwrap();
        let mut sealed = b"plain".to_vec();
        assert!(cipher.seal(3, false, &mut sealed));
        let opens = |cipher: &ChunkCipher, index, last, bytes: &[u8]| {
            let mut chunk = bytes.to_vec();
            cipher.open(index, last, &mut chunk).then_some(chunk)
        };
        assert_eq!(
            opens(&cipher, 3, false, &sealed).as_deref(),
            Some(b"plain".as_slice())
        );
        assert_eq!(opens(&cipher, 4, false, &sealed), None);
        assert_eq!(opens(&cipher, 3, true, &sealed), None);
        assert_eq!(
            opens(
                &ChunkCipher::new(&key, b"other").unwrap(),
                3,
                false,
                &sealed
            ),
            None
        );
        assert_eq!(opens(&cipher, 3, false, &sealed[..sealed.len() - 1]), None);
    }
}
