//! AES round keys in the order of the instructions (FIPS 197, section 5.2); crate `aes` does not hand out its own.

use std::arch::x86_64::{
    _mm_aesenclast_si128, _mm_cvtsi128_si32, _mm_set1_epi32, _mm_setzero_si128,
};

use zeroize::{Zeroize, ZeroizeOnDrop};

/// Round keys of AES-256, the longest schedule.
pub(crate) const ROUND_KEYS_MAX: usize = 15;
/// Bytes of a word of the schedule.
const WORD_BYTES: usize = 4;

/// The round keys of one AES key, wiped on drop; those beyond the key's own number are zero.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct RoundKeys {
    keys: [[u8; 16]; ROUND_KEYS_MAX],
    count: usize,
}

impl RoundKeys {
    /// Expands a key of 16, 24 or 32 bytes; none for other lengths.
    #[target_feature(enable = "aes")]
    pub(crate) fn expand(key: &[u8]) -> Option<Self> {
        let words = key.len() / WORD_BYTES;
        if !matches!(key.len(), 16 | 24 | 32) {
            return None;
        }
        let count = words + 7;
        let mut schedule = [0u32; ROUND_KEYS_MAX * 4];
        for (word, bytes) in schedule.iter_mut().zip(key.chunks_exact(WORD_BYTES)) {
            *word = u32::from_le_bytes(bytes.try_into().ok()?);
        }
        let mut constant = 1u8;
        for position in words..count * 4 {
            let mut word = *schedule.get(position - 1)?;
            if position % words == 0 {
                word = substitute(word.rotate_right(8)) ^ u32::from(constant);
                constant = double(constant);
            } else if words > 6 && position % words == 4 {
                word = substitute(word);
            }
            word ^= *schedule.get(position - words)?;
            *schedule.get_mut(position)? = word;
        }
        let mut keys = [[0; 16]; ROUND_KEYS_MAX];
        let bytes = schedule.iter().flat_map(|word| word.to_le_bytes());
        keys.iter_mut()
            .flatten()
            .zip(bytes)
            .for_each(|(to, from)| *to = from);
        schedule.zeroize();
        Some(Self { keys, count })
    }

    /// The round keys, 11, 13 or 15.
    pub(crate) fn all(&self) -> &[[u8; 16]] {
        self.keys.get(..self.count).unwrap_or(&[])
    }

    /// The round keys as an array of their number; none where the key has another length.
    pub(crate) fn array<const COUNT: usize>(&self) -> Option<&[[u8; 16]; COUNT]> {
        self.all().try_into().ok()
    }
}

/// `SubWord`: with the same word in every column, the last round's `ShiftRows` moves nothing.
#[target_feature(enable = "aes")]
fn substitute(word: u32) -> u32 {
    let column = _mm_set1_epi32(word.cast_signed());
    _mm_cvtsi128_si32(_mm_aesenclast_si128(column, _mm_setzero_si128())).cast_unsigned()
}

/// Doubling in the field of FIPS 197, section 4.2.
const fn double(value: u8) -> u8 {
    (value << 1) ^ if value & 0x80 == 0 { 0 } else { 0x1b }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(key: &[u8]) -> Option<[u8; 16]> {
        if !std::arch::is_x86_feature_detected!("aes") {
            println!("SKIPPED: this processor has no AES instructions");
            return None;
        }
        // SAFETY: the processor has the AES instructions.
        let keys = unsafe { RoundKeys::expand(key) }.unwrap();
        Some(keys.keys[keys.count - 1])
    }

    /// The last words of FIPS 197, appendices A.1 to A.3.
    #[test]
    fn expansions_of_fips_197() {
        let known: [(&[u8], u128); 3] = [
            (
                &0x2b7e151628aed2a6abf7158809cf4f3cu128.to_be_bytes(),
                0xd014f9a8c9ee2589e13f0cc8b6630ca6,
            ),
            (
                &[
                    0x8e, 0x73, 0xb0, 0xf7, 0xda, 0x0e, 0x64, 0x52, 0xc8, 0x10, 0xf3, 0x2b, 0x80,
                    0x90, 0x79, 0xe5, 0x62, 0xf8, 0xea, 0xd2, 0x52, 0x2c, 0x6b, 0x7b,
                ],
                0xe98ba06f448c773c8ecc720401002202,
            ),
            (
                &[
                    0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0, 0x85,
                    0x7d, 0x77, 0x81, 0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, 0x2d, 0x98,
                    0x10, 0xa3, 0x09, 0x14, 0xdf, 0xf4,
                ],
                0xfe4890d1e6188d0b046df344706c631e,
            ),
        ];
        for (key, expect) in known {
            assert!(last(key).is_none_or(|found| found == expect.to_be_bytes()));
        }
    }
}
