//! What all strings of one radix and length share: halves, their moduli, and the blocks before the varying one.

use std::fmt;

use aes::Block;

use super::{DOMAIN_MIN, Ff1Key, Outside, RADIX_MAX, ROUNDS};

/// Bits of a half's modulus at most: the round number and seven bytes of the half then share one 64-bit word.
const HALF_BITS_MAX: u32 = 56;
/// Bytes of an AES or SM4 block.
const BLOCK_BYTES: usize = 16;
/// Bytes of a tweak at most; the standard leaves the limit to the implementation (SP 800-38G, section 5.1).
const TWEAK_BYTES_MAX: usize = 65_535;

/// One half of a numeral string: `A` or `B` of the standard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Half {
    pub(crate) numerals: usize,
    /// `radix^numerals`, at most 2^56.
    pub(crate) modulus: u64,
    /// `⌊2^64 / modulus⌋`, for a division by multiplication.
    pub(crate) reciprocal: u64,
    /// Leading zero bits of the modulus.
    pub(crate) shift: u32,
    /// `⌊2^62·2^(64 − shift) / modulus⌋`: the same with all the digits that a word holds.
    pub(crate) fine_reciprocal: u64,
    /// `1 / modulus`, rounded.
    pub(crate) inverse: f64,
}

impl Half {
    pub(crate) fn new(radix: u32, numerals: usize) -> Option<Self> {
        let modulus = u64::from(radix).checked_pow(u32::try_from(numerals).ok()?)?;
        if modulus > 1 << HALF_BITS_MAX {
            return None;
        }
        // 2^64 itself is no u64; for a modulus that does not divide it, one less makes no difference.
        let divides = modulus.is_power_of_two();
        let reciprocal = u64::MAX / modulus + u64::from(divides);
        let shift = modulus.leading_zeros();
        let fine = (1u128 << (126 - shift)) / u128::from(modulus);
        Some(Self {
            numerals,
            modulus,
            reciprocal,
            shift,
            fine_reciprocal: u64::try_from(fine).ok()?,
            inverse: 1.0 / modulus as f64,
        })
    }
}

impl Half {
    /// Quotient and remainder by the modulus; the reciprocal, rounded down, makes the quotient at most one too small.
    #[inline]
    pub(crate) const fn divide(&self, number: u64) -> (u64, u64) {
        let quotient = ((number as u128 * self.reciprocal as u128) >> 64) as u64;
        let remainder = number - quotient * self.modulus;
        if remainder >= self.modulus {
            (quotient + 1, remainder - self.modulus)
        } else {
            (quotient, remainder)
        }
    }
}

/// FF1 for strings of one radix and length whose halves fit a machine word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) radix: u32,
    /// `A`, the first `u = ⌊n/2⌋` numerals.
    pub(crate) high: Half,
    /// `B`, the other `v = n − u`.
    pub(crate) low: Half,
    /// `b` of the standard: bytes of the larger half.
    pub(crate) half_bytes: u32,
}

impl Plan {
    /// The plan, or none where a half is wider than the kernels take.
    ///
    /// # Errors
    /// [`Outside::Radix`] and [`Outside::Short`].
    pub(crate) fn new(radix: u32, numerals: usize) -> Result<Option<Self>, Outside> {
        admit(radix, numerals)?;
        let (Some(high), Some(low)) = (
            Half::new(radix, numerals / 2),
            Half::new(radix, numerals - numerals / 2),
        ) else {
            return Ok(None);
        };
        // Step 3: b = ⌈⌈v·log2(radix)⌉ / 8⌉, where ⌈log2 x⌉ is the bit length of x − 1.
        let bits = u64::BITS - (low.modulus - 1).leading_zeros();
        Ok(Some(Self {
            radix,
            high,
            low,
            half_bytes: bits.div_ceil(8),
        }))
    }

    /// Whether a round's digest `y` has 12 bytes instead of 8 (step 4: d = 4·⌈b/4⌉ + 4).
    pub(crate) const fn long_digest(&self) -> bool {
        self.half_bytes > 4
    }

    /// The round number in front of the half, as the last word of the varying block is written.
    pub(crate) const fn round_word(&self, round: u8) -> u64 {
        debug_assert!(round < ROUNDS);
        // At most seven bytes of half, so the shift is below 64.
        (round as u64) << (8 * self.half_bytes)
    }

    /// The chaining value before the varying block: `CIPH` over P and the tweak's whole blocks, and the rest of the
    /// last block beside round number and half (steps 5 and 6.i).
    pub(crate) fn state(&self, key: &Ff1Key, tweak: &[u8]) -> Result<TweakState, Outside> {
        self.next_state(key, tweak, &mut Chain::default())
    }

    /// As [`Plan::state`], for one tweak of many that begin alike: what the last one's chain has of it is taken over.
    pub(crate) fn next_state(
        &self,
        key: &Ff1Key,
        tweak: &[u8],
        last: &mut Chain,
    ) -> Result<TweakState, Outside> {
        let (blocks, rest) = tweak.as_chunks::<BLOCK_BYTES>();
        if last.tweak_bytes != tweak.len() || last.values.is_empty() {
            let mut first = self.first_block(tweak.len())?;
            key.encrypt_blocks(std::slice::from_mut(&mut first));
            (last.tweak_bytes, last.values) = (tweak.len(), vec![first]);
            last.blocks.clear();
        }
        let alike = blocks.iter().zip(&last.blocks);
        let alike = alike.take_while(|(ours, last)| ours == last).count();
        last.blocks.truncate(alike);
        last.values.truncate(alike + 1);
        let mut value = last.values.last().copied().unwrap_or_default();
        for block in blocks.iter().skip(alike) {
            absorb(&mut value, block);
            key.encrypt_blocks(std::slice::from_mut(&mut value));
            last.blocks.push(*block);
            last.values.push(value);
        }
        absorb(&mut value, rest);
        let room = BLOCK_BYTES - 1 - usize::try_from(self.half_bytes).unwrap_or(0);
        if rest.len() > room {
            key.encrypt_blocks(std::slice::from_mut(&mut value));
        }
        Ok(TweakState::from_block(value))
    }

    /// The same for many tweaks that begin with the same whole blocks and end with one block of their own each, which is
    /// used up.
    pub(crate) fn states(
        &self,
        key: &Ff1Key,
        shared: &[u8],
        ends: &mut [Block],
    ) -> Result<Vec<TweakState>, Outside> {
        let mut chain = self.first_block(shared.len() + BLOCK_BYTES)?;
        key.encrypt_blocks(std::slice::from_mut(&mut chain));
        for block in shared.chunks(BLOCK_BYTES) {
            absorb(&mut chain, block);
            key.encrypt_blocks(std::slice::from_mut(&mut chain));
        }
        ends.iter_mut().for_each(|end| absorb(end, &chain));
        key.encrypt_blocks(ends);
        Ok(ends.iter().copied().map(TweakState::from_block).collect())
    }

    /// P of step 5, for a tweak of so many bytes.
    fn first_block(&self, tweak_bytes: usize) -> Result<Block, Outside> {
        if tweak_bytes > TWEAK_BYTES_MAX {
            return Err(Outside::TweakLength);
        }
        let numerals = self.high.numerals + self.low.numerals;
        let [_, radix @ ..] = self.radix.to_be_bytes();
        let [.., u] = self.high.numerals.to_be_bytes();
        let word = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
        let mut p = [0; BLOCK_BYTES];
        let parts = [1, 2, 1].into_iter().chain(radix).chain([ROUNDS, u]);
        let parts = parts.chain(word(numerals)).chain(word(tweak_bytes));
        p.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        Ok(p.into())
    }
}

/// The chaining values on the way to a tweak's state, of one key and plan.
#[derive(Default)]
pub(crate) struct Chain {
    tweak_bytes: usize,
    /// The tweak's whole blocks.
    blocks: Vec<[u8; BLOCK_BYTES]>,
    /// The values after P and after each block.
    values: Vec<Block>,
}

/// Refuses what FF1 is not defined on, or hides nothing.
pub(crate) fn admit(radix: u32, numerals: usize) -> Result<(), Outside> {
    if !(2..=RADIX_MAX).contains(&radix) {
        return Err(Outside::Radix { radix });
    }
    let exponent = u32::try_from(numerals).unwrap_or(u32::MAX);
    let values = u64::from(radix).checked_pow(exponent).unwrap_or(u64::MAX);
    if numerals < 2 || values < DOMAIN_MIN {
        return Err(Outside::Short { numerals, radix });
    }
    Ok(())
}

fn absorb(chain: &mut Block, bytes: &[u8]) {
    chain
        .iter_mut()
        .zip(bytes)
        .for_each(|(to, from)| *to ^= from);
}

/// A tweak as far as it can be worked off before the value is known; belongs to one key, radix and length.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct TweakState(pub(crate) [u64; 2]);

impl TweakState {
    fn from_block(block: Block) -> Self {
        let both = u128::from_le_bytes(block.into());
        Self([both as u64, (both >> 64) as u64])
    }
}

impl fmt::Debug for TweakState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TweakState(…)")
    }
}
