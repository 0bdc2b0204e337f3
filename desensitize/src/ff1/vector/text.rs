//! The characters of a tile's rows to numbers and back, in AVX-512: sixty-four characters at a time.
//!
//! Reading: a table says each character's numeral; the numerals of a half are moved to the end of its word, zeros in front;
//! neighbours become numbers below radix², those below radix⁴, and so on. Writing goes the same way back: each step divides
//! by the reciprocal. What a step divides is small enough for the reciprocal's precision, which
//! `numbers_and_characters_of_every_radix` tries out.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_cmpge_epu64_mask, _mm512_cvtepi32_ps, _mm512_cvtepu64_pd,
    _mm512_cvttpd_epu64, _mm512_cvttps_epi32, _mm512_fmadd_pd, _mm512_fmadd_ps, _mm512_loadu_si512,
    _mm512_madd_epi16, _mm512_maddubs_epi16, _mm512_mask_add_epi64, _mm512_mask_sub_epi64,
    _mm512_movepi8_mask, _mm512_mul_epu32, _mm512_mul_pd, _mm512_mulhi_epu16, _mm512_mullo_epi16,
    _mm512_mullo_epi64, _mm512_or_si512, _mm512_permutex2var_epi8, _mm512_permutex2var_epi64,
    _mm512_permutexvar_epi8, _mm512_set1_epi16, _mm512_set1_epi32, _mm512_set1_epi64,
    _mm512_set1_pd, _mm512_set1_ps, _mm512_shuffle_epi8, _mm512_slli_epi16, _mm512_slli_epi32,
    _mm512_slli_epi64, _mm512_srli_epi64, _mm512_storeu_si512, _mm512_sub_epi16, _mm512_sub_epi32,
    _mm512_sub_epi64, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64,
};

use super::avx512::{LANES, load, store};
use crate::ff1::{
    Alphabet,
    kernel::Tile,
    plan::Plan,
    strings::{CHARACTERS_MAX, CHARACTERS_MIN, REGISTER_BYTES, Strings, is_wide},
};

/// In a shuffle's index: a zero and no byte.
const NOTHING: u8 = 0x80;
/// Bytes of a word of sixteen, and of a register's lane.
const LANE_BYTES: usize = 16;

type Register = [u8; REGISTER_BYTES];

/// How strings of one alphabet and length are read and written; its existence shows that the processor runs its code.
pub(crate) struct Text {
    wide: bool,
    radix: u32,
    /// The numeral of each character of ASCII, or a byte with its upper bit set.
    table: [Register; 2],
    /// The character of each numeral.
    symbols: Register,
    /// Moves each half's numerals to the end of its word.
    align: Register,
    /// Moves words of numerals together again, for two rows of eight at a time where a row is wide.
    join: [Register; 4],
}

impl Text {
    /// None where the strings are too short or too long.
    pub(super) fn new(alphabet: &Alphabet, plan: &Plan) -> Option<Self> {
        let (high, low) = (plan.high.numerals, plan.low.numerals);
        let characters = high + low;
        if !(CHARACTERS_MIN..=CHARACTERS_MAX).contains(&characters) {
            return None;
        }
        let wide = is_wide(characters);
        let mut symbols = [0; REGISTER_BYTES];
        symbols
            .iter_mut()
            .zip(alphabet.symbols())
            .for_each(|(to, from)| *to = *from);
        let [first, last] = alphabet.table().as_chunks().0 else {
            return None;
        };
        let join = if wide {
            [0, 2, 4, 6].map(|row| wide_join(high, low, row))
        } else {
            [narrow_join(high, low); 4]
        };
        Some(Self {
            wide,
            radix: plan.radix,
            table: [*first, *last],
            symbols,
            align: align(wide, high, low),
            join,
        })
    }

    /// Reads the rows' halves into the tile; the rows with a character outside the alphabet have their bits set.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi")]
    pub(super) fn read(&self, strings: &Strings, tile: &mut Tile) -> u64 {
        let reader = Reader::new(self);
        let halves = tile.high.as_chunks_mut().0.iter_mut();
        let halves = halves.zip(tile.low.as_chunks_mut().0);
        let mut foreign = 0;
        let registers = strings.registers();
        if self.wide {
            let (rows, _) = registers.as_chunks::<4>();
            for (group, ((high, low), rows)) in halves.zip(rows).enumerate() {
                foreign |= reader.wide(rows, high, low) << (LANES * group);
            }
        } else {
            let (rows, _) = registers.as_chunks::<2>();
            for (group, ((high, low), rows)) in halves.zip(rows).enumerate() {
                foreign |= reader.narrow(rows, high, low) << (LANES * group);
            }
        }
        foreign
    }

    /// Writes the characters of the tile's halves.
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi")]
    pub(super) fn write(&self, tile: &Tile, strings: &mut Strings) {
        let writer = Writer::new(self);
        let halves = tile.high.as_chunks().0.iter().zip(tile.low.as_chunks().0);
        let registers = strings.registers_mut();
        if self.wide {
            let (rows, _) = registers.as_chunks_mut::<4>();
            for ((high, low), rows) in halves.zip(rows) {
                writer.wide(load(high), load(low), rows);
            }
        } else {
            let (rows, _) = registers.as_chunks_mut::<2>();
            for ((high, low), rows) in halves.zip(rows) {
                writer.narrow(load(high), load(low), rows);
            }
        }
    }
}

/// A shuffle within lanes: the first `high` bytes of the first word to its end, the last `low` of the second stay.
fn align(wide: bool, high: usize, low: usize) -> Register {
    let word = if wide { LANE_BYTES } else { LANE_BYTES / 2 };
    each(|byte| {
        let (second, place) = (byte % (2 * word) >= word, byte % word);
        if second {
            (place >= word - low).then_some(byte % LANE_BYTES)
        } else {
            place.checked_sub(word - high)
        }
    })
}

/// A shuffle within lanes: both words of eight numerals to the first and the last eight of all.
fn narrow_join(high: usize, low: usize) -> Register {
    const WORD: usize = LANE_BYTES / 2;
    each(|byte| {
        let place = byte % LANE_BYTES;
        let character = if place < WORD {
            place
        } else {
            place + high + low - LANE_BYTES
        };
        Some(match character.checked_sub(high) {
            None => WORD - high + character,
            Some(after) => LANE_BYTES - low + after,
        })
    })
}

/// A permutation of two registers to the first and the last sixteen characters of the rows `row` and `row + 1` of eight.
///
/// The first register has the last eight numerals of both halves of four rows, the second one the four before them of all
/// eight rows.
fn wide_join(high: usize, low: usize, row: usize) -> Register {
    const WORD: usize = LANE_BYTES / 2;
    const ROW_BYTES: usize = 2 * LANE_BYTES;
    each(|byte| {
        let row = row + byte / ROW_BYTES;
        let place = byte % ROW_BYTES;
        let character = if place < LANE_BYTES {
            place
        } else {
            place + high + low - ROW_BYTES
        };
        // Numerals of the half behind this one.
        let (second, behind) = match character.checked_sub(high) {
            None => (0, high - 1 - character),
            Some(after) => (1, low - 1 - after),
        };
        Some(match behind.checked_sub(WORD) {
            None => (row % 4 * 2 + second) * WORD + WORD - 1 - behind,
            Some(more) => REGISTER_BYTES + (row * 2 + second) * (WORD / 2) + WORD / 2 - 1 - more,
        })
    })
}

fn each(index: impl Fn(usize) -> Option<usize>) -> Register {
    std::array::from_fn(|byte| {
        let index = index(byte).and_then(|index| u8::try_from(index).ok());
        index.unwrap_or(NOTHING)
    })
}

/// The constants of reading in registers.
struct Reader {
    table: [__m512i; 2],
    align: __m512i,
    /// The radix and one, for neighbours.
    ones: __m512i,
    /// The radix's square and one.
    twos: __m512i,
    /// The radix's fourth power.
    fours: __m512i,
    /// The radix's eighth power.
    eights: __m512i,
}

impl Reader {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn new(text: &Text) -> Self {
        let [first, last] = &text.table;
        let radix = i64::from(text.radix);
        let square = radix * radix;
        Self {
            table: [characters(first), characters(last)],
            align: characters(&text.align),
            ones: _mm512_set1_epi16((radix | 1 << 8) as i16),
            twos: _mm512_set1_epi32((square | 1 << 16) as i32),
            fours: _mm512_set1_epi64(square * square),
            eights: _mm512_set1_epi64(square * square * square * square),
        }
    }

    /// The numbers of words of eight numerals, one in each 64-bit lane, and which bytes were outside the alphabet.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi")]
    fn eights(&self, register: &Register) -> (__m512i, u64) {
        let text = characters(register);
        let [first, last] = self.table;
        let numerals = _mm512_permutex2var_epi8(first, text, last);
        // The table is asked for the lower seven bits; the upper one says a byte outside ASCII.
        let foreign = _mm512_movepi8_mask(_mm512_or_si512(numerals, text));
        let aligned = _mm512_shuffle_epi8(numerals, self.align);
        let pairs = _mm512_maddubs_epi16(aligned, self.ones);
        let fours = _mm512_madd_epi16(pairs, self.twos);
        let upper = _mm512_mul_epu32(fours, self.fours);
        let lower = _mm512_srli_epi64::<32>(fours);
        (_mm512_add_epi64(upper, lower), foreign)
    }

    /// Eight rows of two words of eight.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi")]
    fn narrow(&self, [a, b]: &[Register; 2], high: &mut [u64; 8], low: &mut [u64; 8]) -> u64 {
        let (a, foreign_a) = self.eights(a);
        let (b, foreign_b) = self.eights(b);
        store(high, pick(a, &[0, 2, 4, 6, 8, 10, 12, 14], b));
        store(low, pick(a, &[1, 3, 5, 7, 9, 11, 13, 15], b));
        if foreign_a | foreign_b == 0 {
            return 0;
        }
        let all = u128::from(foreign_a) | u128::from(foreign_b) << 64;
        rows_of::<2>(all.to_le_bytes().as_chunks().0)
    }

    /// Eight rows of two words of sixteen.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi")]
    fn wide(&self, [a, b, c, d]: &[Register; 4], high: &mut [u64; 8], low: &mut [u64; 8]) -> u64 {
        let (a, foreign_a) = self.eights(a);
        let (b, foreign_b) = self.eights(b);
        let (c, foreign_c) = self.eights(c);
        let (d, foreign_d) = self.eights(d);
        let (ab, cd) = (self.sixteens(a, b), self.sixteens(c, d));
        store(high, pick(ab, &[0, 4, 1, 5, 8, 12, 9, 13], cd));
        store(low, pick(ab, &[2, 6, 3, 7, 10, 14, 11, 15], cd));
        if foreign_a | foreign_b | foreign_c | foreign_d == 0 {
            return 0;
        }
        let all = [foreign_a, foreign_b, foreign_c, foreign_d].map(u64::to_le_bytes);
        rows_of::<4>(all.as_flattened().as_chunks().0)
    }

    /// The halves of four rows, of which each register has two: those of `a` in the even lanes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn sixteens(&self, a: __m512i, b: __m512i) -> __m512i {
        let upper = _mm512_mullo_epi64(_mm512_unpacklo_epi64(a, b), self.eights);
        _mm512_add_epi64(upper, _mm512_unpackhi_epi64(a, b))
    }
}

/// The rows among whose bits, so many bytes a row, one is set.
#[cold]
fn rows_of<const BYTES: usize>(rows: &[[u8; BYTES]]) -> u64 {
    let bit = |(row, bits): (usize, &[u8; BYTES])| u64::from(*bits != [0; BYTES]) << row;
    rows.iter().enumerate().map(bit).sum()
}

/// The constants of writing in registers.
struct Writer {
    symbols: __m512i,
    join: [__m512i; 4],
    radix: u32,
    /// `1 / radix^8`, rounded down by more than all the rounding of a division.
    inverse8: f64,
    power8: __m512i,
    inverse4: f64,
    power4: __m512i,
    inverse2: f32,
    power2: __m512i,
    inverse: __m512i,
}

impl Writer {
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn new(text: &Text) -> Self {
        let [a, b, c, d] = &text.join;
        let radix = text.radix;
        let square = radix * radix;
        let power4 = i64::from(square) * i64::from(square);
        let power8 = power4 * power4;
        Self {
            symbols: characters(&text.symbols),
            join: [characters(a), characters(b), characters(c), characters(d)],
            radix,
            inverse8: (1.0 - ROUNDING) / power8 as f64,
            power8: _mm512_set1_epi64(power8),
            inverse4: 1.0 / power4 as f64,
            power4: _mm512_set1_epi64(power4),
            inverse2: 1.0 / square as f32,
            power2: _mm512_set1_epi32(square.cast_signed()),
            inverse: _mm512_set1_epi16(((1 << 16) / radix + 1) as i16),
        }
    }

    /// Eight rows of two words of eight.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi")]
    fn narrow(&self, high: __m512i, low: __m512i, [a, b]: &mut [Register; 2]) {
        let [high, low] = [high, low].map(|half| self.numerals(self.fours(half)));
        let [index, ..] = self.join;
        for (register, lanes) in [(a, &FIRST_FOUR), (b, &LAST_FOUR)] {
            let rows = _mm512_shuffle_epi8(pick(high, lanes, low), index);
            put(register, _mm512_permutexvar_epi8(rows, self.symbols));
        }
    }

    /// Eight rows of two words of sixteen.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vbmi")]
    fn wide(&self, high: __m512i, low: __m512i, registers: &mut [Register; 4]) {
        let (high_above, high) = self.split(high);
        let (low_above, low) = self.split(low);
        let above = _mm512_or_si512(high_above, _mm512_slli_epi64::<32>(low_above));
        let above = self.numerals(above);
        let [high, low] = [high, low].map(|half| self.numerals(self.fours(half)));
        let (first, second) = (pick(high, &FIRST_FOUR, low), pick(high, &LAST_FOUR, low));
        let rows = [first, first, second, second];
        for ((register, index), rows) in registers.iter_mut().zip(self.join).zip(rows) {
            let rows = _mm512_permutex2var_epi8(rows, index, above);
            put(register, _mm512_permutexvar_epi8(rows, self.symbols));
        }
    }

    /// Quotients and remainders by `radix^8` of numbers below `radix^12` and 2^56.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn split(&self, numbers: __m512i) -> (__m512i, __m512i) {
        let share = _mm512_mul_pd(_mm512_cvtepu64_pd(numbers), _mm512_set1_pd(self.inverse8));
        // Exact or one too small.
        let quotient = _mm512_cvttpd_epu64(share);
        let rest = _mm512_sub_epi64(numbers, _mm512_mullo_epi64(quotient, self.power8));
        let short = _mm512_cmpge_epu64_mask(rest, self.power8);
        let one = _mm512_set1_epi64(1);
        (
            _mm512_mask_add_epi64(quotient, short, quotient, one),
            _mm512_mask_sub_epi64(rest, short, rest, self.power8),
        )
    }

    /// The quotients and remainders by `radix^4` of numbers below `radix^8`, the quotients in the lower 32 bits.
    ///
    /// A number and a half, times the reciprocal, is never a whole number: it is further from one than all rounding.
    #[inline]
    #[target_feature(enable = "avx512f,avx512dq")]
    fn fours(&self, eights: __m512i) -> __m512i {
        let (inverse, half) = (self.inverse4, 0.5 * self.inverse4);
        let number = _mm512_cvtepu64_pd(eights);
        let upper = _mm512_fmadd_pd(number, _mm512_set1_pd(inverse), _mm512_set1_pd(half));
        let upper = _mm512_cvttpd_epu64(upper);
        let lower = _mm512_sub_epi64(eights, _mm512_mul_epu32(upper, self.power4));
        _mm512_or_si512(upper, _mm512_slli_epi64::<32>(lower))
    }

    /// The four numerals of each 32-bit number below `radix^4`, the first in the lowest byte.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn numerals(&self, fours: __m512i) -> __m512i {
        let (inverse, half) = (self.inverse2, 0.5 * self.inverse2);
        let number = _mm512_cvtepi32_ps(fours);
        let upper = _mm512_fmadd_ps(number, _mm512_set1_ps(inverse), _mm512_set1_ps(half));
        let upper = _mm512_cvttps_epi32(upper);
        let lower = _mm512_sub_epi32(fours, _mm512_madd_epi16(upper, self.power2));
        let twos = _mm512_or_si512(upper, _mm512_slli_epi32::<16>(lower));

        let upper = _mm512_mulhi_epu16(twos, self.inverse);
        let radix = _mm512_set1_epi16(self.radix as i16);
        let lower = _mm512_sub_epi16(twos, _mm512_mullo_epi16(upper, radix));
        _mm512_or_si512(upper, _mm512_slli_epi16::<8>(lower))
    }
}

/// More than the relative error of a division by multiplication in double precision.
const ROUNDING: f64 = 1.0 / (1u64 << 50) as f64;
/// The first four lanes of two registers in turn.
const FIRST_FOUR: [u64; 8] = [0, 8, 1, 9, 2, 10, 3, 11];
/// The last four.
const LAST_FOUR: [u64; 8] = [4, 12, 5, 13, 6, 14, 7, 15];

/// Lanes of two registers, those of the second counted from 8.
#[inline]
#[target_feature(enable = "avx512f")]
fn pick(a: __m512i, lanes: &[u64; 8], b: __m512i) -> __m512i {
    _mm512_permutex2var_epi64(a, load(lanes), b)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn characters(bytes: &Register) -> __m512i {
    // SAFETY: the reference is to 64 readable bytes, and the load asks for no alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn put(bytes: &mut Register, value: __m512i) {
    // SAFETY: the reference is to 64 writable bytes, and the store asks for no alignment.
    unsafe { _mm512_storeu_si512(bytes.as_mut_ptr().cast(), value) }
}
