//! Evenly drawn numbers that follow from a key and a seed: HMAC-SHA-256 over a counter and the seed.

use crate::key::Prf;

/// 64-bit words without end, drawn evenly.
pub(crate) struct Words<'a> {
    prf: &'a Prf,
    seed: &'a [&'a [u8]],
    blocks: u64,
    block: [u8; BLOCK_BYTES],
    used: usize,
}

/// Bytes of one HMAC-SHA-256.
const BLOCK_BYTES: usize = 32;
/// Bytes of a word.
const WORD_BYTES: usize = 8;
/// Parts of a seed at most.
const PARTS_MAX: usize = 3;
/// One over the number of doubles that [`Words::fraction`] chooses among, 2^-53.
const FRACTION_STEP: f64 = 1.0 / 9_007_199_254_740_992.0;

impl<'a> Words<'a> {
    /// The words of a seed of at most three parts.
    pub(crate) const fn new(prf: &'a Prf, seed: &'a [&'a [u8]]) -> Self {
        Self {
            prf,
            seed,
            blocks: 0,
            block: [0; BLOCK_BYTES],
            used: BLOCK_BYTES,
        }
    }

    pub(crate) fn word(&mut self) -> u64 {
        if self.used == BLOCK_BYTES {
            let counter = self.blocks.to_be_bytes();
            let mut parts: [&[u8]; PARTS_MAX + 1] = [&[]; PARTS_MAX + 1];
            let from = std::iter::once(counter.as_slice()).chain(self.seed.iter().copied());
            parts.iter_mut().zip(from).for_each(|(to, from)| *to = from);
            self.block = self.prf.compute(&parts);
            self.blocks += 1;
            self.used = 0;
        }
        let word = self.block.iter().skip(self.used).take(WORD_BYTES);
        self.used += WORD_BYTES;
        word.fold(0, |word, byte| word << 8 | u64::from(*byte))
    }

    /// A number below `choices`, which is above zero; each as likely as any other.
    pub(crate) fn below(&mut self, choices: u64) -> u64 {
        loop {
            if let Some(number) = below(self.word(), choices) {
                return number;
            }
        }
    }

    /// A double in (0, 1], among 2^53 evenly spaced ones.
    pub(crate) fn fraction(&mut self) -> f64 {
        fraction(self.word())
    }
}

/// A word's upper 53 bits as a double in (0, 1].
#[expect(
    clippy::cast_precision_loss,
    reason = "a number up to 2^53 is a double exactly"
)]
pub(crate) fn fraction(word: u64) -> f64 {
    ((word >> 11) + 1) as f64 * FRACTION_STEP
}

/// A number below `choices`, from evenly drawn 64 bits; none for the few words that would favour some number
/// (D. Lemire, Fast Random Integer Generation in an Interval, 2019).
fn below(word: u64, choices: u64) -> Option<u64> {
    let product = u128::from(word) * u128::from(choices);
    let (high, low) = (product >> 64, product & u128::from(u64::MAX));
    let favoured = u128::from(choices.wrapping_neg().checked_rem(choices)?);
    if low < favoured {
        return None;
    }
    u64::try_from(high).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnKey;

    #[test]
    fn no_number_is_favoured() {
        // 2^64 = 3 · 6148914691236517205 + 1: one word is one too many.
        assert_eq!(below(0, 3), None);
        assert_eq!((below(1, 3), below(u64::MAX, 3)), (Some(0), Some(2)));
        assert_eq!((below(0, 4), below(u64::MAX, 4)), (Some(0), Some(3)));
    }

    #[test]
    fn fractions_reach_one_and_never_zero() {
        assert_eq!((fraction(0), fraction(u64::MAX)), (FRACTION_STEP, 1.0));
    }

    #[test]
    fn words_are_the_blocks_of_a_counter() {
        let prf = ColumnKey::from([9; 32]).prf();
        let mut words = Words::new(&prf, &[b"se", b"ed"]);
        let found: Vec<u8> = (0..9).flat_map(|_| words.word().to_be_bytes()).collect();
        let blocks = [0u64, 1, 2].map(|block| prf.compute(&[&block.to_be_bytes(), b"seed"]));
        assert_eq!(found, blocks.concat()[..72]);
    }
}
