//! Text of an id to its parts and back, for batches: the 18 ASCII characters that nearly every cell holds.
//!
//! Eight characters are checked and read at a time; region, date and sequence are looked up in tables that stay in the
//! nearest caches, and so is what each of them adds to the check sum. Every other spelling goes through
//! [`ResidentId::parse`], which is also what this is tested against.

use std::sync::LazyLock;

use super::{
    CHECK_ALPHABET, Domain, FIRST_YEAR, ID_BYTES, LAST_YEAR, Parts, ResidentId, WEIGHTS,
    domain::{FIRST_DAY, SEQUENCES},
    layout::{CYCLE_DAYS, calendar_day},
    marked_after,
};
use crate::calendar::{civil_from_days, days_from_civil};

/// Which check character is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// The right one.
    Right,
    /// The wrong one that marks a surrogate.
    Marked,
}

/// Years of the set.
const YEARS: usize = (LAST_YEAR - FIRST_YEAR) as usize + 1;
/// Counties that a prefecture's two last digits tell apart.
const COUNTIES: usize = 100;
/// No region of the set.
const UNKNOWN: u16 = u16::MAX;
/// Where a piece has its part of the check sum.
const CHECK_SHIFT: u32 = 56;
/// The remainders of the check sum; four parts of an id add one each.
const REMAINDERS: usize = 11;
const CHECK_PARTS: usize = 4;

/// Up to six characters, the first in the lowest byte, and in the highest what they add to the check sum modulo 11.
#[derive(Clone, Copy, Default)]
struct Piece(u64);

impl Piece {
    /// The digits of a number at a position of the id.
    fn new(number: u32, digits: usize, position: usize) -> Self {
        let (mut text, mut rest, mut sum) = (0, number, 0);
        for place in (0..digits).rev() {
            let digit = rest % 10;
            rest /= 10;
            text |= u64::from(digit + u32::from(b'0')) << (8 * place);
            sum += digit * WEIGHTS.get(position + place).copied().unwrap_or(0);
        }
        Self(text | (u64::from(sum % 11) << CHECK_SHIFT))
    }

    #[inline]
    const fn text(self) -> u64 {
        self.0 & ((1 << CHECK_SHIFT) - 1)
    }

    #[inline]
    const fn check(self) -> usize {
        (self.0 >> CHECK_SHIFT) as usize
    }
}

/// The tables, made once.
pub(crate) struct Codec {
    /// The block of each prefecture's four digits; block 0 knows no region.
    blocks: Vec<u16>,
    /// The number of each region by block and county.
    regions: Vec<u16>,
    region_pieces: Vec<Piece>,
    year_pieces: Vec<Piece>,
    /// Month and day, by day of four years that begin with a leap year.
    day_pieces: Vec<Piece>,
    sequence_pieces: Vec<Piece>,
    /// The first day of each month, by year and month from 0, and one more.
    months: Vec<u16>,
    right: [u8; REMAINDERS * CHECK_PARTS],
    marked: [u8; REMAINDERS * CHECK_PARTS],
}

impl Codec {
    /// The tables of the set.
    pub(crate) fn of_domain() -> &'static Self {
        static CODEC: LazyLock<Codec> = LazyLock::new(Codec::new);
        &CODEC
    }

    fn new() -> Self {
        let (blocks, regions) = region_numbers();
        let checks = |character: fn(u8) -> u8| {
            std::array::from_fn(|sum| {
                CHECK_ALPHABET
                    .get(sum % 11)
                    .map_or(b'?', |right| character(*right))
            })
        };
        Self {
            blocks,
            regions,
            region_pieces: Domain::regions()
                .iter()
                .map(|region| Piece::new(*region, 6, 0))
                .collect(),
            year_pieces: (FIRST_YEAR..=LAST_YEAR)
                .map(|year| Piece::new(u32::from(year), 4, 6))
                .collect(),
            day_pieces: day_pieces(),
            sequence_pieces: (0..=SEQUENCES)
                .map(|sequence| Piece::new(u32::from(sequence), 3, 14))
                .collect(),
            months: months(),
            right: checks(|right| right),
            marked: checks(marked_after),
        }
    }

    /// Reads an id in any accepted spelling; none where the text is no id, or one outside the set.
    #[inline]
    pub(crate) fn parse(&self, text: &str) -> Option<Parts> {
        let plain = <&[u8; ID_BYTES]>::try_from(text.as_bytes()).ok();
        plain
            .and_then(|bytes| self.parse_plain(bytes))
            .or_else(|| self.parse_any(text))
    }

    /// Reads 17 digits and their check character.
    #[inline]
    fn parse_plain(&self, bytes: &[u8; ID_BYTES]) -> Option<Parts> {
        let (first, rest) = bytes.split_first_chunk::<8>()?;
        let (second, last) = rest.split_first_chunk::<8>()?;
        let [last_digit, check] = *last else {
            return None;
        };
        let (first, second) = (u64::from_le_bytes(*first), u64::from_le_bytes(*second));
        if !(all_digits(first) && all_digits(second) && last_digit.is_ascii_digit()) {
            return None;
        }
        let sum = check_sum(first, second, last_digit);
        let right = CHECK_ALPHABET.get((sum % 11) as usize)?;
        if *right != check {
            return None;
        }
        let [province, prefecture, county, century] = pairs(first);
        let [year, month, day, sequence] = pairs(second);
        let region = self.region(province * 100 + prefecture, county)?;
        let sequence = sequence * 10 + u16::from(last_digit - b'0');
        let day = self.day(century * 100 + year, month, day)?;
        (sequence != 0).then_some(Parts {
            region,
            day,
            sequence,
        })
    }

    #[inline]
    fn region(&self, prefecture: u16, county: u16) -> Option<u16> {
        let block = usize::from(*self.blocks.get(usize::from(prefecture))?);
        let region = *self.regions.get(block * COUNTIES + usize::from(county))?;
        (region != UNKNOWN).then_some(region)
    }

    /// The day since 1900-01-01; none outside the set's years or the calendar.
    #[inline]
    fn day(&self, year: u16, month: u16, day: u16) -> Option<u16> {
        let month = month.checked_sub(1).filter(|month| *month < 12)?;
        let months = usize::from(year.checked_sub(FIRST_YEAR)?) * 12 + usize::from(month);
        let [first, next] = *self.months.get(months..months + 2)? else {
            return None;
        };
        let number = first + day.checked_sub(1)?;
        (number < next).then_some(number)
    }

    #[cold]
    fn parse_any(&self, text: &str) -> Option<Parts> {
        self.parts(ResidentId::parse(text).ok()?)
    }

    /// The parts of an id, or none where it is outside the set.
    pub(crate) fn parts(&self, id: ResidentId) -> Option<Parts> {
        let prefecture = u16::try_from(id.region / 100).ok()?;
        Some(Parts {
            region: self.region(prefecture, u16::try_from(id.region % 100).ok()?)?,
            day: u16::try_from(id.birth_day.checked_sub(FIRST_DAY)?)
                .ok()
                .filter(|day| i32::from(*day) + FIRST_DAY <= super::domain::LAST_DAY)?,
            sequence: id.sequence,
        })
    }

    /// The 18 characters of an id of the set.
    #[inline]
    pub(crate) fn write(&self, id: Parts, check: Check) -> Option<[u8; ID_BYTES]> {
        let calendar = calendar_day(id.day);
        let region = self.region_pieces.get(usize::from(id.region))?;
        let year = self.year_pieces.get((4 * calendar / CYCLE_DAYS) as usize)?;
        let day = self.day_pieces.get((calendar % CYCLE_DAYS) as usize)?;
        let sequence = self.sequence_pieces.get(usize::from(id.sequence))?;
        let sum = region.check() + year.check() + day.check() + sequence.check();
        let checks = match check {
            Check::Right => &self.right,
            Check::Marked => &self.marked,
        };
        // Shifted out at the top of the first word, the year's last two digits are the first of the second.
        let first = region.text() | (year.text() << 48);
        let second = (year.text() >> 16) | (day.text() << 16) | (sequence.text() << 48);
        let [_, _, last, ..] = sequence.text().to_le_bytes();
        let mut bytes = [0; ID_BYTES];
        let (to_first, rest) = bytes.split_first_chunk_mut::<8>()?;
        *to_first = first.to_le_bytes();
        let (to_second, rest) = rest.split_first_chunk_mut::<8>()?;
        *to_second = second.to_le_bytes();
        rest.copy_from_slice(&[last, *checks.get(sum)?]);
        Some(bytes)
    }
}

/// Whether all eight bytes are ASCII digits: the upper half of each is 3, and stays 3 when 6 is added.
#[inline]
const fn all_digits(word: u64) -> bool {
    const UPPER: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    const THREES: u64 = 0x3030_3030_3030_3030;
    const SIXES: u64 = 0x0606_0606_0606_0606;
    word & UPPER == THREES && word.wrapping_add(SIXES) & UPPER == THREES
}

/// The numbers of four pairs of digits.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "each pair is cut to its 16 bits"
)]
const fn pairs(word: u64) -> [u16; 4] {
    const DIGITS: u64 = 0x000F_000F_000F_000F;
    let both = (word & DIGITS) * 10 + ((word >> 8) & DIGITS);
    [
        both as u16,
        (both >> 16) as u16,
        (both >> 32) as u16,
        (both >> 48) as u16,
    ]
}

/// The weighted sum of the digits of two words and of one more ASCII digit.
///
/// Four digits, 16 bits apart, times their weights in reverse: the product's upper 16 bits are the sum of the four
/// products, and no lower sum reaches that far, since each is at most 360.
#[inline]
const fn check_sum(first: u64, second: u64, last_digit: u8) -> u64 {
    const DIGITS: u64 = 0x000F_000F_000F_000F;
    const LAST: u64 = WEIGHTS[16] as u64;
    const fn four(word: u64, weights: u64) -> u64 {
        (word & DIGITS).wrapping_mul(weights) >> 48
    }
    const WEIGHT: [u64; 4] = [reversed(0), reversed(1), reversed(8), reversed(9)];
    let [even, odd, later_even, later_odd] = WEIGHT;
    four(first, even)
        + four(first >> 8, odd)
        + four(second, later_even)
        + four(second >> 8, later_odd)
        + LAST * (last_digit - b'0') as u64
}

/// The weights of every other digit from a position, four of them, the last in the lowest 16 bits.
const fn reversed(position: usize) -> u64 {
    let mut weights = 0;
    let mut place = 0;
    while place < 4 {
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated for four positions below 17"
        )]
        let weight = WEIGHTS[position + 2 * place] as u64;
        weights |= weight << (16 * (3 - place));
        place += 1;
    }
    weights
}

/// The block of each prefecture, and the region's number by block and county.
fn region_numbers() -> (Vec<u16>, Vec<u16>) {
    let mut blocks = vec![0u16; 10_000];
    let mut regions = vec![UNKNOWN; COUNTIES];
    for (number, region) in (0u16..).zip(Domain::regions()) {
        let Some(block) = blocks.get_mut((region / 100) as usize) else {
            continue;
        };
        if *block == 0 {
            *block = u16::try_from(regions.len() / COUNTIES).unwrap_or(0);
            regions.resize(regions.len() + COUNTIES, UNKNOWN);
        }
        let place = usize::from(*block) * COUNTIES + (region % 100) as usize;
        if let Some(place) = regions.get_mut(place) {
            *place = number;
        }
    }
    (blocks, regions)
}

/// Month and day of 1904 to 1907, four years that begin with a leap year.
fn day_pieces() -> Vec<Piece> {
    let first = days_from_civil(1904, 1, 1);
    (first..first + i64::from(CYCLE_DAYS))
        .map(|day| {
            let (_, month, day) = civil_from_days(day);
            Piece::new(month * 100 + day, 4, 10)
        })
        .collect()
}

/// The first day of every month since 1900-01-01, and the day after the last.
fn months() -> Vec<u16> {
    let number = |month: usize| {
        let year = i64::from(FIRST_YEAR) + i64::try_from(month / 12).unwrap_or(0);
        let month = u32::try_from(month % 12).unwrap_or(0) + 1;
        u16::try_from(days_from_civil(year, month, 1) - i64::from(FIRST_DAY)).unwrap_or(0)
    };
    (0..=YEARS * 12).map(number).collect()
}
