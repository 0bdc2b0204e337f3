//! The rounds in safe Rust: 64 blocks at a time through crate `aes` or `sm4`, division by multiplication.

use aes::{
    Block,
    cipher::{
        BlockCipherEncBackend, BlockCipherEncClosure, BlockSizeUser, array::Array, consts::U16,
        inout::InOutBuf,
    },
};

use super::{
    Direction, Ff1Key, ROUNDS, TILE_ROWS,
    kernel::Tile,
    plan::{Half, Plan},
};

/// Runs all rounds over a tile.
pub(crate) fn rounds(key: &Ff1Key, plan: &Plan, direction: Direction, tile: &mut Tile) {
    key.with_backend(Rounds {
        plan,
        direction,
        tile,
    });
}

/// Runs the blocks of a whole tile's rows, ten a row, and nothing of the arithmetic between them.
pub(crate) fn aes_alone(key: &Ff1Key, tile: &mut Tile) {
    let halves = tile.high.iter().zip(&tile.low);
    let mut blocks = [Array([0; 16]); TILE_ROWS];
    for (block, (high, low)) in blocks.iter_mut().zip(halves) {
        *block = Array((u128::from(*high) | (u128::from(*low) << 64)).to_le_bytes());
    }
    for _ in 0..ROUNDS {
        key.encrypt_blocks(&mut blocks);
    }
    for (high, block) in tile.high.iter_mut().zip(&blocks) {
        *high = u128::from_le_bytes((*block).into()) as u64;
    }
}

/// The rounds as one call of the cipher's backend, so that its round keys are loaded once.
struct Rounds<'a> {
    plan: &'a Plan,
    direction: Direction,
    tile: &'a mut Tile,
}

impl BlockSizeUser for Rounds<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for Rounds<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Self {
            plan,
            direction,
            tile,
        } = self;
        let mut blocks = [Array([0; 16]); TILE_ROWS];
        for step in 0..ROUNDS {
            let round = match direction {
                Direction::Encrypt => step,
                Direction::Decrypt => ROUNDS - 1 - step,
            };
            // Even rounds rewrite A from B, odd ones B from A (step 6 without its renaming in viii and ix).
            let even = round % 2 == 0;
            let (target, source, half) = if even {
                (&mut tile.high, &tile.low, &plan.high)
            } else {
                (&mut tile.low, &tile.high, &plan.low)
            };
            let word = plan.round_word(round);
            let states = tile.state0.iter().zip(&tile.state1);
            for ((block, state), half) in blocks.iter_mut().zip(states).zip(source) {
                let last = state.1 ^ (word | half).swap_bytes();
                *block = Array((u128::from(*state.0) | (u128::from(last) << 64)).to_le_bytes());
            }
            let used = blocks.get_mut(..tile.rows).unwrap_or_default();
            let (chunks, tail) = InOutBuf::from(used).into_chunks();
            for chunk in chunks {
                backend.encrypt_par_blocks(chunk);
            }
            backend.encrypt_tail_blocks(tail);
            match (plan.long_digest(), half.modulus >> 32 == 0) {
                (false, _) => fold(direction, half, target, &blocks, short),
                (true, true) => fold(direction, half, target, &blocks, long_narrow),
                (true, false) => fold(direction, half, target, &blocks, long_wide),
            }
        }
    }
}

/// Step 6.vi: adds or subtracts each digest, reduced below twice the modulus by `reduce`.
#[inline(always)]
fn fold(
    direction: Direction,
    half: &Half,
    target: &mut [u64; TILE_ROWS],
    blocks: &[Block; TILE_ROWS],
    reduce: impl Fn(&Half, u64, u32) -> u64,
) {
    let modulus = half.modulus;
    for (value, block) in target.iter_mut().zip(blocks) {
        let both = u128::from_be_bytes((*block).into());
        let (first, next) = ((both >> 64) as u64, (both >> 32) as u32);
        let digest = below(reduce(half, first, next), modulus);
        *value = match direction {
            Direction::Encrypt => below(*value + digest, modulus),
            Direction::Decrypt => below(*value + modulus - digest, modulus),
        };
    }
}

/// A number below twice the modulus, reduced.
#[inline(always)]
fn below(number: u64, modulus: u64) -> u64 {
    // The difference wraps to something larger exactly where there was nothing to subtract.
    number.min(number.wrapping_sub(modulus))
}

/// `number` modulo the half's modulus, plus at most one modulus (Barrett).
#[inline(always)]
fn barrett(half: &Half, number: u64) -> u64 {
    let quotient = high_word(number, half.reciprocal);
    number - quotient * half.modulus
}

/// A digest of 8 bytes.
#[inline(always)]
fn short(half: &Half, first: u64, _: u32) -> u64 {
    barrett(half, first)
}

/// A digest of 12 bytes and a modulus below 2^32.
#[inline(always)]
fn long_narrow(half: &Half, first: u64, next: u32) -> u64 {
    let upper = below(barrett(half, first), half.modulus);
    barrett(half, (upper << 32) | u64::from(next))
}

/// A digest of 12 bytes and a modulus of 2^32 to 2^56.
#[inline(always)]
fn long_wide(half: &Half, first: u64, next: u32) -> u64 {
    let upper = below(barrett(half, first), half.modulus);
    // The product is upper·2^62 / modulus; one below at most, and `next` adds less than one modulus more.
    let quotient = high_word(upper << half.shift, half.fine_reciprocal) >> 30;
    let rest = ((upper << 32) | u64::from(next)).wrapping_sub(quotient.wrapping_mul(half.modulus));
    below(rest, 2 * half.modulus)
}

/// The upper word of a product.
#[inline(always)]
fn high_word(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> 64) as u64
}
