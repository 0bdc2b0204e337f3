//! AES-NI or VAES, and AVX2: four rows in a register, for processors without AVX-512.
//!
//! As in the sibling, a row's half is one 64-bit lane, and two registers of blocks hold the even and the odd rows of
//! four. AVX2 has neither a product of 64-bit lanes nor a conversion of them, so the digests are reduced in double
//! precision: with a fused product the rest of a division is exact as long as it is below 2^53.

use std::arch::x86_64::{
    __m256d, __m256i, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT, _mm_aesenc_si128,
    _mm_aesenclast_si128, _mm_loadu_si128, _mm256_add_epi64, _mm256_add_pd, _mm256_aesenc_epi128,
    _mm256_aesenclast_epi128, _mm256_blendv_pd, _mm256_broadcastsi128_si256, _mm256_castpd_si256,
    _mm256_castsi256_pd, _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_fnmadd_pd,
    _mm256_loadu_si256, _mm256_mul_pd, _mm256_round_pd, _mm256_set_epi64x, _mm256_set_m128i,
    _mm256_set1_epi64x, _mm256_set1_pd, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_storeu_si256, _mm256_sub_epi64, _mm256_sub_pd, _mm256_unpackhi_epi64,
    _mm256_unpacklo_epi64, _mm256_xor_si256,
};

use super::keys::{ROUND_KEYS_MAX, RoundKeys};
use crate::ff1::{
    Direction, ROUNDS, TILE_ROWS,
    kernel::Tile,
    plan::{Half, Plan},
};

/// Rows of one register.
const LANES: usize = 4;
/// Registers of a tile's column.
const GROUPS: usize = TILE_ROWS / LANES;
/// The largest modulus whose sums and rests double precision holds exactly.
const MODULUS_MAX: u64 = 1 << 50;

/// Whether the halves of a plan are of those that double precision holds.
pub(super) const fn takes(plan: &Plan) -> bool {
    // The other half has as many numerals or one less.
    plan.low.modulus <= MODULUS_MAX
}

/// The rounds compiled for one set of instructions, with one way to encrypt the blocks of `$registers` registers of rows:
/// as many as hide the latency of AES.
macro_rules! rounds {
    ($features:literal, $encrypt:ident, $registers:literal) => {
        use super::*;

        /// Runs all rounds over a tile, whose plan [`takes`] admits.
        #[target_feature(enable = $features)]
        pub(in crate::ff1::vector) fn rounds(
            keys: &RoundKeys,
            plan: &Plan,
            direction: Direction,
            tile: &mut Tile,
        ) {
            let keys = keys.all();
            let wide = broadcast(keys);
            let keys = wide.get(..keys.len()).unwrap_or(&[]);
            match direction {
                Direction::Encrypt => all::<false>(keys, plan, tile),
                Direction::Decrypt => all::<true>(keys, plan, tile),
            }
        }

        #[target_feature(enable = $features)]
        fn all<const DECRYPT: bool>(keys: &[__m256i], plan: &Plan, tile: &mut Tile) {
            let states = whitened(keys, tile);
            for step in 0..ROUNDS {
                let round = if DECRYPT { ROUNDS - 1 - step } else { step };
                let (target, source, half) = if round % 2 == 0 {
                    (&mut tile.high, &tile.low, &plan.high)
                } else {
                    (&mut tile.low, &tile.high, &plan.low)
                };
                let rows = Round {
                    keys,
                    states: &states,
                    word: plan.round_word(round).swap_bytes(),
                    half,
                    groups: tile.rows.div_ceil($registers * LANES),
                };
                match Digest::of(plan, half) {
                    Digest::Short => run::<DECRYPT, SHORT>(&rows, target, source),
                    Digest::Split => run::<DECRYPT, SPLIT>(&rows, target, source),
                    Digest::Long => run::<DECRYPT, LONG>(&rows, target, source),
                }
            }
        }

        /// Rewrites `target` by the digests of `source`.
        #[target_feature(enable = $features)]
        fn run<const DECRYPT: bool, const DIGEST: u8>(
            round: &Round<'_>,
            target: &mut [u64; TILE_ROWS],
            source: &[u64; TILE_ROWS],
        ) {
            let word = _mm256_set1_epi64x(round.word.cast_signed());
            let modulus = Modulus::new(round.half);
            let (targets, sources) = (
                target.as_chunks_mut().0.as_chunks_mut::<$registers>().0,
                source.as_chunks().0.as_chunks::<$registers>().0,
            );
            let (states, _) = round.states.as_chunks::<$registers>();
            let groups = targets
                .iter_mut()
                .zip(sources)
                .zip(states)
                .take(round.groups);
            // Folds one step behind, so that the arithmetic of one group runs beside the AES of the next.
            let mut before: Option<(&mut [[u64; LANES]; $registers], [[__m256i; 2]; $registers])> =
                None;
            for ((target, source), states) in groups {
                let mut digests = [[_mm256_setzero_si256(); 2]; $registers];
                for ((blocks, half), state) in digests.iter_mut().zip(source).zip(states) {
                    *blocks = varying(load(half), word, *state);
                }
                $encrypt(round.keys, &mut digests);
                if let Some((target, digests)) = before.replace((target, digests)) {
                    modulus.fold_all::<DECRYPT, DIGEST>(target, &digests);
                }
            }
            if let Some((target, digests)) = before {
                modulus.fold_all::<DECRYPT, DIGEST>(target, &digests);
            }
        }

        /// The AES blocks of as many rows as a tile holds, ten a row, and nothing else.
        #[target_feature(enable = $features)]
        pub(in crate::ff1::vector) fn aes_alone(keys: &RoundKeys, tile: &mut Tile) {
            let keys = keys.all();
            let wide = broadcast(keys);
            let keys = wide.get(..keys.len()).unwrap_or(&[]);
            let first = keys.first().copied().unwrap_or(_mm256_setzero_si256());
            for column in [&mut tile.high, &mut tile.low] {
                let (lanes, _) = column.as_chunks_mut();
                for lanes in lanes.as_chunks_mut::<2>().0.as_chunks_mut::<$registers>().0 {
                    let mut blocks = [[_mm256_setzero_si256(); 2]; $registers];
                    for ([a, b], blocks) in lanes.iter().zip(&mut blocks) {
                        *blocks = [load(a), load(b)];
                    }
                    for _ in 0..ROUNDS {
                        for block in blocks.as_flattened_mut() {
                            *block = _mm256_xor_si256(*block, first);
                        }
                        $encrypt(keys, &mut blocks);
                    }
                    for ([a, b], blocks) in lanes.iter_mut().zip(blocks) {
                        store(a, blocks[0]);
                        store(b, blocks[1]);
                    }
                }
            }
        }
    };
}

/// One block in a register.
pub(super) mod narrow {
    rounds!("aes,avx2,fma", encrypt_narrow, 2);
}

/// Two blocks in a register.
pub(super) mod wide {
    rounds!("aes,vaes,avx2,fma", encrypt_wide, 4);
}

/// What all rows share in one round.
struct Round<'a> {
    keys: &'a [__m256i],
    states: &'a [(__m256i, __m256i); GROUPS],
    /// The round number where the half leaves room, in the order of the block's bytes.
    word: u64,
    half: &'a Half,
    groups: usize,
}

/// How a digest is reduced, which depends on its length and the modulus.
enum Digest {
    /// 8 bytes and a modulus of 2^15 to 2^32: one quotient in double precision is at most 0.7 away.
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

/// Each round key in both halves of a register.
#[inline]
#[target_feature(enable = "avx2")]
fn broadcast(keys: &[[u8; 16]]) -> [__m256i; ROUND_KEYS_MAX] {
    let mut wide = [_mm256_setzero_si256(); ROUND_KEYS_MAX];
    for (wide, key) in wide.iter_mut().zip(keys) {
        // SAFETY: the reference is to 16 readable bytes, and the load asks for no alignment.
        *wide = _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(key.as_ptr().cast()) });
    }
    wide
}

/// The tweak states of all rows with the first round key already added.
#[inline]
#[target_feature(enable = "avx2")]
fn whitened(keys: &[__m256i], tile: &Tile) -> [(__m256i, __m256i); GROUPS] {
    let zero = _mm256_setzero_si256();
    let first = keys.first().copied().unwrap_or(zero);
    let (key0, key1) = (
        _mm256_unpacklo_epi64(first, first),
        _mm256_unpackhi_epi64(first, first),
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
            _mm256_xor_si256(load(first), key0),
            _mm256_xor_si256(load(second), key1),
        );
    }
    states
}

/// The varying blocks of four rows, even rows and odd rows.
#[inline]
#[target_feature(enable = "avx2")]
fn varying(half: __m256i, word: __m256i, state: (__m256i, __m256i)) -> [__m256i; 2] {
    let last = _mm256_xor_si256(big_endian(half), _mm256_xor_si256(word, state.1));
    [
        _mm256_unpacklo_epi64(state.0, last),
        _mm256_unpackhi_epi64(state.0, last),
    ]
}

/// Encrypts blocks by AES-NI; the first round key is in them already.
#[inline]
#[target_feature(enable = "aes,avx2")]
fn encrypt_narrow(keys: &[__m256i], blocks: &mut [[__m256i; 2]; 2]) {
    let ([_, middle @ .., last], [[a, b], [c, d]]) = (keys, *blocks) else {
        return;
    };
    // No closures here: one is compiled for other instructions than the function it is passed to, and then called.
    let mut single = [
        _mm256_castsi256_si128(a),
        _mm256_castsi256_si128(b),
        _mm256_castsi256_si128(c),
        _mm256_castsi256_si128(d),
        _mm256_extracti128_si256::<1>(a),
        _mm256_extracti128_si256::<1>(b),
        _mm256_extracti128_si256::<1>(c),
        _mm256_extracti128_si256::<1>(d),
    ];
    for key in middle {
        let key = _mm256_castsi256_si128(*key);
        for block in &mut single {
            *block = _mm_aesenc_si128(*block, key);
        }
    }
    let last = _mm256_castsi256_si128(*last);
    for block in &mut single {
        *block = _mm_aesenclast_si128(*block, last);
    }
    let [a, b, c, d, e, f, g, h] = single;
    *blocks = [
        [_mm256_set_m128i(e, a), _mm256_set_m128i(f, b)],
        [_mm256_set_m128i(g, c), _mm256_set_m128i(h, d)],
    ];
}

/// Encrypts blocks by VAES; the first round key is in them already.
#[inline]
#[target_feature(enable = "vaes,avx2")]
fn encrypt_wide<const REGISTERS: usize>(keys: &[__m256i], blocks: &mut [[__m256i; 2]; REGISTERS]) {
    let [_, middle @ .., last] = keys else {
        return;
    };
    for key in middle {
        for both in blocks.as_flattened_mut() {
            *both = _mm256_aesenc_epi128(*both, *key);
        }
    }
    for both in blocks.as_flattened_mut() {
        *both = _mm256_aesenclast_epi128(*both, *last);
    }
}

/// A modulus and its reciprocal in every lane.
struct Modulus {
    whole: __m256i,
    modulus: __m256d,
    inverse: __m256d,
}

impl Modulus {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new(half: &Half) -> Self {
        Self {
            whole: _mm256_set1_epi64x(half.modulus.cast_signed()),
            // Exact: the modulus has at most 51 bits.
            modulus: _mm256_set1_pd(half.modulus as f64),
            inverse: _mm256_set1_pd(half.inverse),
        }
    }

    /// Step 6.vi for several registers of rows.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn fold_all<const DECRYPT: bool, const DIGEST: u8>(
        &self,
        values: &mut [[u64; LANES]],
        digests: &[[__m256i; 2]],
    ) {
        for (value, [even, odd]) in values.iter_mut().zip(digests) {
            store(
                value,
                self.fold::<DECRYPT, DIGEST>(load(value), *even, *odd),
            );
        }
    }

    /// Step 6.vi for four rows: `value ± NUM(digest)` modulo the modulus.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn fold<const DECRYPT: bool, const DIGEST: u8>(
        &self,
        value: __m256i,
        even: __m256i,
        odd: __m256i,
    ) -> __m256i {
        let first = _mm256_unpacklo_epi64(even, odd);
        let top = double(word::<0>(first));
        let (top, last) = match DIGEST {
            SHORT => (top, word::<4>(first)),
            SPLIT => (self.rest(top), word::<4>(first)),
            _ => {
                let next = word::<0>(_mm256_unpackhi_epi64(even, odd));
                (self.append(top, double(word::<4>(first))), next)
            }
        };
        let last = if DECRYPT {
            _mm256_sub_epi64(last, value)
        } else {
            _mm256_add_epi64(last, value)
        };
        self.lift::<DECRYPT>(self.append(top, double(last)))
    }

    /// A number below 2^32, reduced to within half a modulus of zero.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn rest(&self, number: __m256d) -> __m256d {
        _mm256_fnmadd_pd(self.quotient(number), self.modulus, number)
    }

    /// `number·2^32 + next`, reduced to within 0.7 moduli of zero.
    ///
    /// The sum may be rounded, which moves the quotient by a fraction of one; the rest is a whole number below 2^53,
    /// and so exact.
    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn append(&self, number: __m256d, next: __m256d) -> __m256d {
        let shifted = _mm256_mul_pd(number, _mm256_set1_pd(WORD_VALUES));
        let quotient = self.quotient(_mm256_add_pd(shifted, next));
        _mm256_add_pd(_mm256_fnmadd_pd(quotient, self.modulus, shifted), next)
    }

    /// How many times the modulus goes into a number, to the nearest.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn quotient(&self, number: __m256d) -> __m256d {
        const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        _mm256_round_pd::<NEAREST>(_mm256_mul_pd(number, self.inverse))
    }

    /// The number, or its opposite, as a whole number from zero to below the modulus.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn lift<const OPPOSITE: bool>(&self, number: __m256d) -> __m256i {
        let (bias, biased) = (
            _mm256_castpd_si256(_mm256_set1_pd(BIAS)),
            _mm256_castpd_si256(_mm256_add_pd(number, _mm256_set1_pd(BIAS))),
        );
        let whole = if OPPOSITE {
            _mm256_sub_epi64(bias, biased)
        } else {
            _mm256_sub_epi64(biased, bias)
        };
        let lifted = _mm256_castsi256_pd(_mm256_add_epi64(whole, self.whole));
        let whole = _mm256_castsi256_pd(whole);
        // Takes the sum where the sign bit is set.
        _mm256_castpd_si256(_mm256_blendv_pd(whole, lifted, whole))
    }
}

/// `2^32`: the values of a digest's word.
const WORD_VALUES: f64 = (1u64 << 32) as f64;
/// A double whose lowest bit counts one, so that whole numbers of less than 51 bits added to it stand in its lowest bits.
const BIAS: f64 = (3u64 << 51) as f64;

/// Whole numbers from −2^51 to 2^51 in double precision.
#[inline]
#[target_feature(enable = "avx2")]
fn double(whole: __m256i) -> __m256d {
    let bias = _mm256_set1_pd(BIAS);
    let biased = _mm256_add_epi64(whole, _mm256_castpd_si256(bias));
    _mm256_sub_pd(_mm256_castsi256_pd(biased), bias)
}

/// The four bytes from `FROM` on of each lane as a number, the first byte the highest.
#[inline]
#[target_feature(enable = "avx2")]
fn word<const FROM: i64>(lanes: __m256i) -> __m256i {
    // An index with its upper bit set gives zero.
    let low = 0x8080_8080_0001_0203u64.cast_signed() + FROM * 0x0101_0101;
    let high = low + 0x0808_0808;
    _mm256_shuffle_epi8(lanes, _mm256_set_epi64x(high, low, high, low))
}

/// Turns the bytes of each lane around.
#[inline]
#[target_feature(enable = "avx2")]
fn big_endian(lanes: __m256i) -> __m256i {
    let [low, high] = [0x0001_0203_0405_0607, 0x0809_0a0b_0c0d_0e0f];
    _mm256_shuffle_epi8(lanes, _mm256_set_epi64x(high, low, high, low))
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(lanes: &[u64; LANES]) -> __m256i {
    // SAFETY: the reference is to 32 readable bytes, and the load asks for no alignment.
    unsafe { _mm256_loadu_si256(lanes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(lanes: &mut [u64; LANES], value: __m256i) {
    // SAFETY: the reference is to 32 writable bytes, and the store asks for no alignment.
    unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), value) }
}

#[cfg(test)]
mod tests;
