//! VAES and AVX-512: eight rows in a register, four AES blocks in a register.
//!
//! A row's half is one 64-bit lane. The two 128-bit blocks registers of eight rows hold the even and the odd rows, so
//! that interleaving the state's words makes the blocks and interleaving the blocks makes the digests.

use std::arch::x86_64::{
    __m512d, __m512i, _mm_loadu_si128, _mm512_add_epi64, _mm512_aesenc_epi128,
    _mm512_aesenclast_epi128, _mm512_and_si512, _mm512_broadcast_i32x4, _mm512_cvtepi64_pd,
    _mm512_cvtepu64_pd, _mm512_cvtpd_epi64, _mm512_fmadd_pd, _mm512_loadu_si512, _mm512_min_epu64,
    _mm512_mul_pd, _mm512_mullo_epi64, _mm512_set1_epi64, _mm512_set1_pd, _mm512_setzero_si512,
    _mm512_shuffle_epi8, _mm512_slli_epi64, _mm512_srli_epi64, _mm512_storeu_si512,
    _mm512_sub_epi64, _mm512_ternarylogic_epi64, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64,
    _mm512_xor_si512,
};

use super::keys::RoundKeys;
use crate::ff1::{
    Direction, ROUNDS, TILE_ROWS,
    kernel::Tile,
    plan::{Half, Plan},
};

/// Rows of one register.
const LANES: usize = 8;
/// Registers of a tile's column.
const GROUPS: usize = TILE_ROWS / LANES;
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
    match direction {
        Direction::Encrypt => all::<KEYS, false>(keys, plan, tile),
        Direction::Decrypt => all::<KEYS, true>(keys, plan, tile),
    }
}

#[target_feature(enable = "aes,vaes,avx512f,avx512bw,avx512dq")]
fn all<const KEYS: usize, const DECRYPT: bool>(
    keys: &[[u8; 16]; KEYS],
    plan: &Plan,
    tile: &mut Tile,
) {
    let mut round_keys = [_mm512_setzero_si512(); KEYS];
    for (wide, key) in round_keys.iter_mut().zip(keys) {
        *wide = broadcast(key);
    }
    let pairs = tile.rows.div_ceil(2 * LANES);
    let states = whitened(&round_keys, tile);
    for step in 0..ROUNDS {
        let round = if DECRYPT { ROUNDS - 1 - step } else { step };
        let (target, source, half) = if round % 2 == 0 {
            (&mut tile.high, &tile.low, &plan.high)
        } else {
            (&mut tile.low, &tile.high, &plan.low)
        };
        let rows = Round {
            keys: &round_keys,
            states: &states,
            word: plan.round_word(round).swap_bytes(),
            half,
            pairs,
        };
        match Digest::of(plan, half) {
            Digest::Short => rows.run::<DECRYPT, SHORT>(target, source),
            Digest::Split => rows.run::<DECRYPT, SPLIT>(target, source),
            Digest::Long => rows.run::<DECRYPT, LONG>(target, source),
        }
    }
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

/// How a digest is reduced, which depends on its length and the modulus.
enum Digest {
    /// 8 bytes and a modulus of 2^15 to 2^32: one quotient in double precision is at most one away.
    Short,
    /// 8 bytes and a smaller modulus: the quotient would lose bits, so two.
    Split,
    /// 12 bytes.
    Long,
}

const SHORT: u8 = 0;
const SPLIT: u8 = 1;
const LONG: u8 = 2;

impl Digest {
    const fn of(plan: &Plan, half: &Half) -> Self {
        match (plan.long_digest(), half.modulus >> 15) {
            (true, _) => Self::Long,
            (false, 0) => Self::Split,
            (false, _) => Self::Short,
        }
    }
}

/// What all rows share in one round.
struct Round<'a, const KEYS: usize> {
    keys: &'a [__m512i; KEYS],
    states: &'a [(__m512i, __m512i); GROUPS],
    /// The round number where the half leaves room, in the order of the block's bytes.
    word: u64,
    half: &'a Half,
    pairs: usize,
}

impl<const KEYS: usize> Round<'_, KEYS> {
    /// Rewrites `target` by the digests of `source`, sixteen rows at a time: four blocks hide the latency of AES.
    #[target_feature(enable = "aes,vaes,avx512f,avx512bw,avx512dq")]
    fn run<const DECRYPT: bool, const DIGEST: u8>(
        &self,
        target: &mut [u64; TILE_ROWS],
        source: &[u64; TILE_ROWS],
    ) {
        let word = _mm512_set1_epi64(self.word.cast_signed());
        let modulus = Modulus::new(self.half);
        let (targets, sources) = (
            target.as_chunks_mut().0.as_chunks_mut::<2>().0,
            source.as_chunks().0.as_chunks::<2>().0,
        );
        let (states, _) = self.states.as_chunks::<2>();
        let pairs = targets.iter_mut().zip(sources).zip(states).take(self.pairs);
        for (([t0, t1], [s0, s1]), [state0, state1]) in pairs {
            let [mut a, mut b] = blocks(load(s0), word, *state0);
            let [mut c, mut d] = blocks(load(s1), word, *state1);
            if let [_, middle @ .., last] = self.keys.as_slice() {
                for key in middle {
                    a = _mm512_aesenc_epi128(a, *key);
                    b = _mm512_aesenc_epi128(b, *key);
                    c = _mm512_aesenc_epi128(c, *key);
                    d = _mm512_aesenc_epi128(d, *key);
                }
                a = _mm512_aesenclast_epi128(a, *last);
                b = _mm512_aesenclast_epi128(b, *last);
                c = _mm512_aesenclast_epi128(c, *last);
                d = _mm512_aesenclast_epi128(d, *last);
            }
            store(t0, modulus.fold::<DECRYPT, DIGEST>(load(t0), a, b));
            store(t1, modulus.fold::<DECRYPT, DIGEST>(load(t1), c, d));
        }
    }
}

/// The varying blocks of eight rows, even rows and odd rows.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
fn blocks(half: __m512i, word: __m512i, state: (__m512i, __m512i)) -> [__m512i; 2] {
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
fn load(lanes: &[u64; LANES]) -> __m512i {
    // SAFETY: the reference is to 64 readable bytes, and the load asks for no alignment.
    unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(lanes: &mut [u64; LANES], value: __m512i) {
    // SAFETY: the reference is to 64 writable bytes, and the store asks for no alignment.
    unsafe { _mm512_storeu_si512(lanes.as_mut_ptr().cast(), value) }
}
