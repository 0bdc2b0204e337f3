//! VAES and AVX-512: eight rows in a register, four AES blocks in a register.
//!
//! A row's half is one 64-bit lane. The two 128-bit blocks registers of eight rows hold the even and the odd rows, so
//! that interleaving the state's words makes the blocks and interleaving the blocks makes the digests.

use std::{
    arch::x86_64::{
        __m512d, __m512i, _mm_loadu_si128, _mm512_add_epi64, _mm512_aesenc_epi128,
        _mm512_aesenclast_epi128, _mm512_and_si512, _mm512_broadcast_i32x4, _mm512_cvtepi64_pd,
        _mm512_cvtepu64_pd, _mm512_cvtpd_epi64, _mm512_fmadd_pd, _mm512_loadu_si512,
        _mm512_min_epu64, _mm512_mul_pd, _mm512_mullo_epi64, _mm512_set1_epi64, _mm512_set1_pd,
        _mm512_setzero_si512, _mm512_shuffle_epi8, _mm512_slli_epi64, _mm512_srli_epi64,
        _mm512_storeu_si512, _mm512_sub_epi64, _mm512_ternarylogic_epi64, _mm512_unpackhi_epi64,
        _mm512_unpacklo_epi64, _mm512_xor_si512,
    },
    ops::Range,
};

use super::keys::RoundKeys;
use crate::ff1::{
    Direction, ROUNDS, TILE_ROWS,
    kernel::Tile,
    plan::{Half, Plan},
};

/// Rows of one register.
pub(super) const LANES: usize = 8;
/// Registers of a tile's column.
const GROUPS: usize = TILE_ROWS / LANES;
/// Rows that are worked on together: their four registers of blocks hide the latency of AES.
const ROWS: usize = 2 * LANES;
/// Three-way exclusive or, as the truth table of `vpternlogq`.
const XOR3: i32 = 0x96;

/// Runs all rounds over a tile.
#[target_feature(enable = "aes,vaes,avx512f,avx512bw,avx512dq")]
pub(super) fn rounds(keys: &RoundKeys, plan: &Plan, direction: Direction, tile: &mut Tile) {
    if let Some(keys) = keys.array::<15>() {
        directed(keys, plan, direction, tile);
    } else if let Some(keys) = keys.array::<13>() {
        directed(keys, plan, direction, tile);
    } else if let Some(keys) = keys.array::<11>() {
        directed(keys, plan, direction, tile);
    }
}

#[target_feature(enable = "aes,vaes,avx512f,avx512bw,avx512dq")]
fn directed<const KEYS: usize>(
    keys: &[[u8; 16]; KEYS],
    plan: &Plan,
    direction: Direction,
    tile: &mut Tile,
) {
    match (direction, Digest::of(plan)) {
        (Direction::Encrypt, Digest::Short) => all::<KEYS, false, SHORT>(keys, plan, tile),
        (Direction::Encrypt, Digest::Biased) => all::<KEYS, false, BIASED>(keys, plan, tile),
        (Direction::Encrypt, Digest::Split) => all::<KEYS, false, SPLIT>(keys, plan, tile),
        (Direction::Encrypt, Digest::Long) => all::<KEYS, false, LONG>(keys, plan, tile),
        (Direction::Decrypt, Digest::Short) => all::<KEYS, true, SHORT>(keys, plan, tile),
        (Direction::Decrypt, Digest::Biased) => all::<KEYS, true, BIASED>(keys, plan, tile),
        (Direction::Decrypt, Digest::Split) => all::<KEYS, true, SPLIT>(keys, plan, tile),
        (Direction::Decrypt, Digest::Long) => all::<KEYS, true, LONG>(keys, plan, tile),
    }
}

/// All rounds, sixteen rows at a time.
///
/// The arithmetic on one group of rows stands between the AES instructions of the next one, so that it waits for no
/// result and the AES units never wait for it.
#[target_feature(enable = "aes,vaes,avx512f,avx512bw,avx512dq")]
fn all<const KEYS: usize, const DECRYPT: bool, const DIGEST: u8>(
    keys: &[[u8; 16]; KEYS],
    plan: &Plan,
    tile: &mut Tile,
) {
    let keys = wide(keys);
    let states = whitened(&keys, tile);
    let moduli = [Modulus::new(&plan.high), Modulus::new(&plan.low)];
    // With one group alone, its next round would begin before the last one has ended.
    let groups = tile.rows.div_ceil(ROWS).max(2);
    let mut before: Option<Flight> = None;
    for step in 0..ROUNDS {
        let round = if DECRYPT { ROUNDS - 1 - step } else { step };
        let even = round % 2 == 0;
        let word = plan.round_word(round).swap_bytes();
        for (group, states) in states.as_chunks().0.iter().enumerate().take(groups) {
            let Some(source) = rows(tile, !even, group) else {
                return;
            };
            let mut blocks = blocks(source, word, states);
            if let Some(flight) = before {
                let modulus = if flight.even { &moduli[0] } else { &moduli[1] };
                let Some([first, second]) = rows_mut(tile, flight.even, flight.group) else {
                    return;
                };
                let [a, b, c, d] = flight.blocks;
                encrypt(&keys, 1..3, &mut blocks);
                store(first, modulus.fold::<DECRYPT, DIGEST>(load(first), a, b));
                encrypt(&keys, 3..KEYS / 2 + 1, &mut blocks);
                store(second, modulus.fold::<DECRYPT, DIGEST>(load(second), c, d));
                encrypt(&keys, KEYS / 2 + 1..KEYS, &mut blocks);
            } else {
                encrypt(&keys, 1..KEYS, &mut blocks);
            }
            before = Some(Flight {
                blocks,
                even,
                group,
            });
        }
    }
    if let Some(flight) = before
        && let Some([first, second]) = rows_mut(tile, flight.even, flight.group)
    {
        let modulus = if flight.even { &moduli[0] } else { &moduli[1] };
        let [a, b, c, d] = flight.blocks;
        store(first, modulus.fold::<DECRYPT, DIGEST>(load(first), a, b));
        store(second, modulus.fold::<DECRYPT, DIGEST>(load(second), c, d));
    }
}

/// The AES blocks of as many rows as a tile holds, ten a row, and nothing else: eight registers hide the latency of AES.
#[target_feature(enable = "aes,vaes,avx512f,avx512bw,avx512dq")]
pub(super) fn aes_alone(keys: &RoundKeys, tile: &mut Tile) {
    if let Some(keys) = keys.array::<15>() {
        chains(keys, tile);
    } else if let Some(keys) = keys.array::<13>() {
        chains(keys, tile);
    } else if let Some(keys) = keys.array::<11>() {
        chains(keys, tile);
    }
}

#[target_feature(enable = "aes,vaes,avx512f,avx512bw,avx512dq")]
fn chains<const KEYS: usize>(keys: &[[u8; 16]; KEYS], tile: &mut Tile) {
    let keys = wide(keys);
    let first = keys.first().copied().unwrap_or(_mm512_setzero_si512());
    for column in [&mut tile.high, &mut tile.low] {
        let lanes = column.as_chunks_mut().0;
        let mut blocks = [_mm512_setzero_si512(); GROUPS];
        for (block, lanes) in blocks.iter_mut().zip(lanes.iter()) {
            *block = load(lanes);
        }
        for _ in 0..ROUNDS {
            for block in &mut blocks {
                *block = _mm512_xor_si512(*block, first);
            }
            encrypt(&keys, 1..KEYS, &mut blocks);
        }
        for (lanes, block) in lanes.iter_mut().zip(blocks) {
            store(lanes, block);
        }
    }
}

/// Sixteen rows between their blocks and what the blocks rewrite.
#[derive(Clone, Copy)]
struct Flight {
    blocks: [__m512i; 4],
    /// Whether the first half is rewritten.
    even: bool,
    group: usize,
}

/// One half of so many rows.
#[inline]
fn rows(tile: &Tile, high: bool, group: usize) -> Option<&[[u64; LANES]; 2]> {
    let column = if high { &tile.high } else { &tile.low };
    column.as_chunks().0.as_chunks().0.get(group)
}

#[inline]
fn rows_mut(tile: &mut Tile, high: bool, group: usize) -> Option<&mut [[u64; LANES]; 2]> {
    let column = if high { &mut tile.high } else { &mut tile.low };
    column.as_chunks_mut().0.as_chunks_mut().0.get_mut(group)
}

/// The rounds of AES under some of its round keys, the last one where it is among them.
#[inline]
#[target_feature(enable = "vaes,avx512f")]
fn encrypt<const KEYS: usize, const BLOCKS: usize>(
    keys: &[__m512i; KEYS],
    some: Range<usize>,
    blocks: &mut [__m512i; BLOCKS],
) {
    let last = some.end == KEYS;
    let middle = keys.get(some.start..some.end - usize::from(last));
    for key in middle.unwrap_or(&[]) {
        for block in blocks.iter_mut() {
            *block = _mm512_aesenc_epi128(*block, *key);
        }
    }
    if let Some(key) = keys.last()
        && last
    {
        for block in blocks.iter_mut() {
            *block = _mm512_aesenclast_epi128(*block, *key);
        }
    }
}

/// Every round key in each of a register's four blocks.
#[inline]
#[target_feature(enable = "avx512f")]
fn wide<const KEYS: usize>(keys: &[[u8; 16]; KEYS]) -> [__m512i; KEYS] {
    let mut all = [_mm512_setzero_si512(); KEYS];
    for (wide, key) in all.iter_mut().zip(keys) {
        *wide = broadcast(key);
    }
    all
}

/// The tweak states of all rows with the first round key already added.
#[target_feature(enable = "avx512f")]
fn whitened<const KEYS: usize>(
    keys: &[__m512i; KEYS],
    tile: &Tile,
) -> [(__m512i, __m512i); GROUPS] {
    let zero = _mm512_setzero_si512();
    let first = keys.first().copied().unwrap_or(zero);
    let (key0, key1) = (
        _mm512_unpacklo_epi64(first, first),
        _mm512_unpackhi_epi64(first, first),
    );
    let mut states = [(zero, zero); GROUPS];
    let columns = tile
        .state0
        .as_chunks()
        .0
        .iter()
        .zip(tile.state1.as_chunks().0);
    for (state, (first, second)) in states.iter_mut().zip(columns) {
        *state = (
            _mm512_xor_si512(load(first), key0),
            _mm512_xor_si512(load(second), key1),
        );
    }
    states
}

/// How digests are reduced, which depends on their length and the moduli.
enum Digest {
    /// 8 bytes and moduli of 2^15 to 2^32: one quotient in double precision is at most one away.
    Short,
    /// 8 bytes and moduli from 2^13 on: the quotient is further away, but to one side.
    Biased,
    /// 8 bytes and a smaller modulus: the quotient would lose bits, so two.
    Split,
    /// 12 bytes.
    Long,
}

const SHORT: u8 = 0;
const BIASED: u8 = 1;
const SPLIT: u8 = 2;
const LONG: u8 = 3;

impl Digest {
    const fn of(plan: &Plan) -> Self {
        // The first half is the shorter one.
        match (plan.long_digest(), plan.high.modulus >> 13) {
            (true, _) => Self::Long,
            (false, 0) => Self::Split,
            (false, 1..=3) => Self::Biased,
            (false, _) => Self::Short,
        }
    }
}

/// The varying blocks of sixteen rows, even rows and odd rows of eight each.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn blocks(
    [first, second]: &[[u64; LANES]; 2],
    word: u64,
    [state0, state1]: &[(__m512i, __m512i); 2],
) -> [__m512i; 4] {
    let word = _mm512_set1_epi64(word.cast_signed());
    let [a, b] = eight_blocks(load(first), word, *state0);
    let [c, d] = eight_blocks(load(second), word, *state1);
    [a, b, c, d]
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn eight_blocks(half: __m512i, word: __m512i, state: (__m512i, __m512i)) -> [__m512i; 2] {
    let last = _mm512_ternarylogic_epi64::<XOR3>(big_endian(half), word, state.1);
    [
        _mm512_unpacklo_epi64(state.0, last),
        _mm512_unpackhi_epi64(state.0, last),
    ]
}

/// A modulus and its reciprocal in every lane.
struct Modulus {
    modulus: __m512i,
    inverse: __m512d,
}

impl Modulus {
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new(half: &Half) -> Self {
        Self {
            modulus: _mm512_set1_epi64(half.modulus.cast_signed()),
            inverse: _mm512_set1_pd(half.inverse),
        }
    }

    /// Step 6.vi for eight rows: `value ± NUM(digest)` modulo the modulus.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq")]
    fn fold<const DECRYPT: bool, const DIGEST: u8>(
        &self,
        value: __m512i,
        even: __m512i,
        odd: __m512i,
    ) -> __m512i {
        let first = big_endian(_mm512_unpacklo_epi64(even, odd));
        match DIGEST {
            SHORT => self.short::<DECRYPT>(value, first),
            BIASED => self.biased::<DECRYPT>(value, first),
            SPLIT => {
                let rest = _mm512_and_si512(first, _mm512_set1_epi64((1 << SPLIT_BITS) - 1));
                let top = _mm512_srli_epi64::<SPLIT_BITS>(first);
                self.long::<DECRYPT, SPLIT_BITS>(value, top, rest)
            }
            _ => {
                let next = big_endian(_mm512_unpackhi_epi64(even, odd));
                let rest = _mm512_srli_epi64::<LONG_BITS>(next);
                self.long::<DECRYPT, LONG_BITS>(value, first, rest)
            }
        }
    }

    /// `value ± digest` for a digest of one word.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn short<const DECRYPT: bool>(&self, value: __m512i, digest: __m512i) -> __m512i {
        let product = self.multiple(_mm512_cvtepu64_pd(digest));
        // The rest is within 0.7 moduli of zero.
        let sum = if DECRYPT {
            _mm512_add_epi64(_mm512_sub_epi64(value, digest), product)
        } else {
            _mm512_sub_epi64(_mm512_add_epi64(value, digest), product)
        };
        let lifted = self.lift(sum);
        _mm512_min_epu64(lifted, _mm512_sub_epi64(lifted, self.modulus))
    }

    /// `value ± digest` for a digest of one word and a modulus of 2^13 at least.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn biased<const DECRYPT: bool>(&self, value: __m512i, digest: __m512i) -> __m512i {
        let bias = if DECRYPT { BIAS } else { -BIAS };
        let share = _mm512_cvtepu64_pd(digest);
        let quotient = _mm512_fmadd_pd(share, self.inverse, _mm512_set1_pd(bias));
        let product = _mm512_mullo_epi64(_mm512_cvtpd_epi64(quotient), self.modulus);
        // What is added to the value is between nothing and 2.6 moduli.
        let sum = if DECRYPT {
            _mm512_add_epi64(_mm512_sub_epi64(value, digest), product)
        } else {
            _mm512_sub_epi64(_mm512_add_epi64(value, digest), product)
        };
        let twice = _mm512_add_epi64(self.modulus, self.modulus);
        let below = _mm512_min_epu64(sum, _mm512_sub_epi64(sum, twice));
        _mm512_min_epu64(below, _mm512_sub_epi64(below, self.modulus))
    }

    /// `value ± (top·2^BITS + rest)`, the top reduced first.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn long<const DECRYPT: bool, const BITS: u32>(
        &self,
        value: __m512i,
        top: __m512i,
        rest: __m512i,
    ) -> __m512i {
        // Within about half a modulus of zero, as a signed number.
        let top = _mm512_sub_epi64(top, self.multiple(_mm512_cvtepu64_pd(top)));
        let rest = if DECRYPT {
            _mm512_sub_epi64(rest, value)
        } else {
            _mm512_add_epi64(rest, value)
        };
        let scale = _mm512_set1_pd(f64::from(1u32 << (BITS - 1)) * 2.0);
        let whole = _mm512_fmadd_pd(_mm512_cvtepi64_pd(top), scale, _mm512_cvtepi64_pd(rest));
        // Whole numbers wrap, but the difference is again within about half a modulus of zero.
        let exact = _mm512_add_epi64(_mm512_slli_epi64::<BITS>(top), rest);
        let product = self.multiple(whole);
        self.lift(if DECRYPT {
            _mm512_sub_epi64(product, exact)
        } else {
            _mm512_sub_epi64(exact, product)
        })
    }

    /// The multiple of the modulus that is nearest to a number, or a neighbour of it where precision ends.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn multiple(&self, number: __m512d) -> __m512i {
        let quotient = _mm512_cvtpd_epi64(_mm512_mul_pd(number, self.inverse));
        _mm512_mullo_epi64(quotient, self.modulus)
    }

    /// Adds the modulus to what is below zero: read without sign, that is larger than any sum.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn lift(&self, number: __m512i) -> __m512i {
        _mm512_min_epu64(number, _mm512_add_epi64(number, self.modulus))
    }
}

/// More than a quotient of at most 2^51 is away from the true one: three roundings to 53 bits and one to a whole number.
const BIAS: f64 = 1.3;
/// Bits of the lower part where a digest of 8 bytes is taken in two.
const SPLIT_BITS: u32 = 20;
/// Bits of the lower part of a digest of 12 bytes.
const LONG_BITS: u32 = 32;

/// Turns the bytes of each lane around.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn big_endian(lanes: __m512i) -> __m512i {
    let [low, high] = [0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f];
    let order = std::arch::x86_64::_mm512_set4_epi64(high, low, high, low);
    _mm512_shuffle_epi8(lanes, order)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn broadcast(key: &[u8; 16]) -> __m512i {
    // SAFETY: the reference is to 16 readable bytes, and the load asks for no alignment.
    _mm512_broadcast_i32x4(unsafe { _mm_loadu_si128(key.as_ptr().cast()) })
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load(lanes: &[u64; LANES]) -> __m512i {
    // SAFETY: the reference is to 64 readable bytes, and the load asks for no alignment.
    unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn store(lanes: &mut [u64; LANES], value: __m512i) {
    // SAFETY: the reference is to 64 writable bytes, and the store asks for no alignment.
    unsafe { _mm512_storeu_si512(lanes.as_mut_ptr().cast(), value) }
}
