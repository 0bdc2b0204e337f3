//! The secret of one column domain, and the separate keys that techniques draw from it.

use std::fmt;

use sha2::block_api::compress256;
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
        Prf {
            inner: self.padded(INNER_PAD),
            outer: self.padded(OUTER_PAD),
        }
    }

    /// The state of SHA-256 after the key, padded with zeros to a block, and each byte combined with `pad`.
    fn padded(&self, pad: u8) -> State {
        let mut block = [pad; BLOCK_BYTES];
        for (to, from) in block.iter_mut().zip(self.0) {
            *to ^= from;
        }
        let mut state = INITIAL;
        compress256(&mut state, &[block]);
        block.zeroize();
        state
    }

    /// The bytes, for a cipher's key schedule.
    pub(crate) fn bytes(&self) -> &[u8; COLUMN_KEY_BYTES] {
        &self.0
    }
}

/// The eight words that SHA-256 works on.
type State = [u32; 8];
/// What SHA-256 takes in at a time.
type Block = [u8; BLOCK_BYTES];
/// Where SHA-256 begins (FIPS 180-4, section 5.3.3).
const INITIAL: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
/// Bytes of a SHA-256 input block (FIPS 180-4), the native key size of HMAC-SHA-256.
const BLOCK_BYTES: usize = 64;
/// Bytes at the end of the last block that hold the message's length in bits (FIPS 180-4, section 5.1.1).
const LENGTH_BYTES: usize = 8;
/// The byte after a message (FIPS 180-4, section 5.1.1).
const END: u8 = 0x80;
/// What the key is combined with before the message and before its digest (RFC 2104, section 2).
const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;
/// Bytes of a SHA-256 digest.
const DIGEST_BYTES: usize = 32;

/// A keyed pseudo-random function: HMAC-SHA-256 (RFC 2104, FIPS 198-1), with both states after the key at hand.
///
/// A message of up to 55 bytes takes two compressions, the least there is. Wiped on drop.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Prf {
    inner: State,
    outer: State,
}

impl Prf {
    /// The 32 bytes for the concatenation of the parts.
    #[inline]
    pub(crate) fn compute(&self, parts: &[&[u8]]) -> [u8; DIGEST_BYTES] {
        let mut state = self.inner;
        match one_block(parts) {
            Some(block) => compress256(&mut state, &[block]),
            None => state = Message::after_key(state).digest(parts),
        }
        let block = digest_block(&state);
        state = self.outer;
        compress256(&mut state, &[block]);
        let mut digest = [0; DIGEST_BYTES];
        write_state(&state, &mut digest);
        digest
    }
}

/// A message behind the block of a key, in one block with its end; none when it does not fit.
#[inline]
fn one_block(parts: &[&[u8]]) -> Option<Block> {
    let mut block = [0; BLOCK_BYTES];
    let (mut room, length) = block.split_last_chunk_mut::<LENGTH_BYTES>()?;
    let mut bytes = BLOCK_BYTES;
    for part in parts {
        let (place, later) = room.split_at_mut_checked(part.len())?;
        place.copy_from_slice(part);
        (bytes, room) = (bytes + part.len(), later);
    }
    *room.first_mut()? = END;
    *length = (bytes as u64 * 8).to_be_bytes();
    Some(block)
}

/// The inner digest behind the block of the key, in one block with its end.
#[inline]
fn digest_block(state: &State) -> Block {
    const BITS: [u8; LENGTH_BYTES] = ((BLOCK_BYTES + DIGEST_BYTES) as u64 * 8).to_be_bytes();
    let mut block = [0; BLOCK_BYTES];
    if let Some((digest, rest)) = block.split_first_chunk_mut() {
        write_state(state, digest);
        if let Some(end) = rest.first_mut() {
            *end = END;
        }
    }
    if let Some(length) = block.last_chunk_mut() {
        *length = BITS;
    }
    block
}

fn write_state(state: &State, digest: &mut [u8; DIGEST_BYTES]) {
    for (to, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
}

/// SHA-256 over a message of any length behind the block of a key.
struct Message {
    state: State,
    block: Block,
    /// Bytes of the block that are filled.
    filled: usize,
    /// Bytes of the message so far, the key's block counted.
    bytes: u64,
}

impl Message {
    const fn after_key(state: State) -> Self {
        Self {
            state,
            block: [0; BLOCK_BYTES],
            filled: 0,
            bytes: BLOCK_BYTES as u64,
        }
    }

    /// The state after the message and its end.
    fn digest(mut self, parts: &[&[u8]]) -> State {
        for part in parts {
            self.absorb(part);
        }
        self.end();
        self.state
    }

    /// Takes bytes in, and compresses each block that is full.
    fn absorb(&mut self, mut part: &[u8]) {
        self.bytes += part.len() as u64;
        while !part.is_empty() {
            let room = self.block.get_mut(self.filled..).unwrap_or_default();
            let taken = room.len().min(part.len());
            let (now, later) = part.split_at(taken);
            if let Some(room) = room.get_mut(..taken) {
                room.copy_from_slice(now);
            }
            self.filled += taken;
            if self.filled == BLOCK_BYTES {
                self.compress();
            }
            part = later;
        }
    }

    /// Ends the message: its mark, zeros, its length in bits.
    fn end(&mut self) {
        let bits = self.bytes * 8;
        if let Some(byte) = self.block.get_mut(self.filled) {
            *byte = END;
        }
        if self.filled >= BLOCK_BYTES - LENGTH_BYTES {
            self.compress();
        }
        if let Some(length) = self.block.last_chunk_mut::<LENGTH_BYTES>() {
            *length = bits.to_be_bytes();
        }
        self.compress();
    }

    fn compress(&mut self) {
        compress256(&mut self.state, &[self.block]);
        self.block = [0; BLOCK_BYTES];
        self.filled = 0;
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
        use sha2::{Digest, Sha256};
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

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

        /// Every length around the ends of the first three blocks, and every way to cut a message in two.
        #[test]
        fn agrees_with_crate_hmac(bytes in proptest::array::uniform32(0u8..), message in proptest::collection::vec(0u8.., 0..200), cut in 0usize..200) {
            use hmac::{Hmac, KeyInit, Mac};
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&bytes).unwrap();
            mac.update(&message);
            let expect: [u8; 32] = mac.finalize().into_bytes().into();
            let (head, tail) = message.split_at(cut.min(message.len()));
            let prf = ColumnKey::from(bytes).prf();
            proptest::prop_assert_eq!(prf.compute(&[head, tail]), expect);
        }
    }

    #[test]
    fn every_length_to_the_third_block_agrees_with_crate_hmac() {
        use hmac::{Hmac, KeyInit, Mac};
        let message: Vec<u8> = (0..=200).collect();
        let prf = ColumnKey::from([9; 32]).prf();
        for length in 0..=message.len() {
            let message = &message[..length];
            let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&[9; 32]).unwrap();
            mac.update(message);
            let expect: [u8; 32] = mac.finalize().into_bytes().into();
            assert_eq!(prf.compute(&[message]), expect, "{length}");
        }
    }

    #[test]
    fn purposes_have_unrelated_keys() {
        let key = ColumnKey::from([1; 32]);
        assert_ne!(key.subkey("a").bytes(), key.subkey("b").bytes());
        assert_ne!(key.subkey("a").bytes(), key.bytes());
    }
}
