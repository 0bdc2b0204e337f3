//! Text of an id to its parts and back, for batches: the 18 ASCII characters that nearly every cell holds.
//!
//! Eight characters are checked and read at a time; region, month and the pieces to write are looked up in tables that
//! stay in the nearer caches, and so is what each of them adds to the check sum. Every other spelling goes through
//! [`ResidentId::parse`], which is also what this is tested against.

use std::sync::LazyLock;

use arrow::array::{Array, StringArray};

use super::{
    CHECK_ALPHABET, Domain, FIRST_YEAR, ID_BYTES, LAST_YEAR, Parts, ResidentId, WEIGHTS,
    domain::{FIRST_DAY, LAST_DAY, SEQUENCES},
    layout::{CYCLE_DAYS, YEARS, calendar_day},
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

/// Counties that a prefecture's two last digits tell apart.
const COUNTIES: usize = 100;
/// Where a piece has its part of the check sum.
const CHECK_SHIFT: u32 = 56;
/// The remainders of the check sum; four parts of an id add one each.
const REMAINDERS: usize = 11;
const CHECK_PARTS: usize = 4;
/// Two digits take seven bits of an index: gaps in a table cost less than a multiplication.
const PAIR_BITS: u32 = 7;
/// Entries of a table by two pairs of digits.
const PAIRS: usize = 1 << (2 * PAIR_BITS);
/// Centuries of the set, 19 and 20.
const CENTURIES: (u64, usize) = (19, 2);
/// Sums of what region and month add to the check sum, of the weighted digits of day and sequence but the last, and of
/// the last: their largest, and one.
const SUMS: usize = 10 + 10 + 9 * (10 + 5 + 8 + 4) + 9 * 2 + 1;

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

/// A region where an id is read, as one word so that it is loaded at once: its number in the lower half, what its digits
/// add to the check sum above, and the bit of [`KNOWN`].
type RegionEntry = u32;
/// Tells a region of the set from none.
const KNOWN: RegionEntry = 1 << 31;

/// A month where an id is read: its first day since 1900-01-01 in the lower half, its days in the next byte, 0 where there
/// is no such month, and what the digits of year and month add to the check sum.
type MonthEntry = u32;

/// The ids of a few rows, and memory to read them with.
#[derive(Default)]
pub(crate) struct Rows {
    regions: Vec<RegionEntry>,
    pub(crate) ids: Vec<Option<Parts>>,
}

/// The tables, made once.
pub(crate) struct Codec {
    /// Where the counties of a prefecture stand in `regions`, by its two pairs of digits; at 0 no region is known.
    prefectures: Box<[u16; PAIRS]>,
    regions: Vec<RegionEntry>,
    /// By century, year and month.
    months: Vec<MonthEntry>,
    /// The right check character by the check sum of the 17 digits.
    by_sum: [u8; SUMS],
    region_pieces: Vec<Piece>,
    year_pieces: [Piece; YEARS],
    /// Month and day, by day of four years that begin with a leap year.
    day_pieces: [Piece; CYCLE_DAYS as usize],
    sequence_pieces: [Piece; SEQUENCES as usize + 1],
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
        let (prefectures, regions) = region_entries();
        let region_pieces = Domain::regions().iter();
        Self {
            prefectures,
            regions,
            months: month_entries(),
            by_sum: checks(|right| right),
            region_pieces: region_pieces
                .map(|region| Piece::new(*region, 6, 0))
                .collect(),
            year_pieces: pieces(|year| Piece::new(u32::from(FIRST_YEAR) + year, 4, 6)),
            day_pieces: pieces(day_piece),
            sequence_pieces: pieces(|sequence| Piece::new(sequence, 3, 14)),
            right: checks(|right| right),
            marked: checks(marked_after),
        }
    }

    /// Reads the ids of a few rows in any accepted spelling; none where a row is null, no id, or an id outside the set.
    pub(crate) fn parse_rows(&self, texts: &StringArray, read: &mut Rows) {
        let Rows { regions, ids } = read;
        ids.clear();
        let Some(plain) = one_width(texts) else {
            ids.extend(texts.iter().map(|text| self.parse(text?)));
            return;
        };
        // In two passes, so that the processor looks up the regions of many rows while it waits for the first.
        regions.clear();
        regions.extend(plain.iter().map(|bytes| self.region_of(bytes)));
        let plain = plain.iter().zip(&*regions);
        ids.extend(plain.map(|(bytes, region)| self.parse_beside(bytes, *region)));
        // The few that are spelt otherwise, or no ids.
        for (row, id) in ids.iter_mut().enumerate().filter(|(_, id)| id.is_none()) {
            *id = self.parse_any(texts.value(row));
        }
    }

    /// Reads an id in any accepted spelling; none where the text is no id, or one outside the set.
    #[inline]
    pub(crate) fn parse(&self, text: &str) -> Option<Parts> {
        let plain = <&[u8; ID_BYTES]>::try_from(text.as_bytes()).ok();
        plain
            .and_then(|bytes| self.parse_beside(bytes, self.region_of(bytes)))
            .or_else(|| self.parse_any(text))
    }

    /// What is known of the region of 18 characters; of other characters than digits, anything.
    #[inline]
    fn region_of(&self, bytes: &[u8; ID_BYTES]) -> RegionEntry {
        let [b0, b1, b2, b3, b4, b5, ..] = *bytes;
        let region = pairs(u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b'0', b'0']) ^ ZEROS);
        self.region(pair(region, 0), pair(region, 1), pair(region, 2))
    }

    /// Reads 17 digits and their check character, of which the region is known.
    #[inline]
    fn parse_beside(&self, bytes: &[u8; ID_BYTES], region: RegionEntry) -> Option<Parts> {
        let (first, rest) = bytes.split_first_chunk::<8>()?;
        let (second, last) = rest.split_first_chunk::<8>()?;
        let [last, check] = *last else {
            return None;
        };
        let (first, second) = (
            u64::from_le_bytes(*first) ^ ZEROS,
            u64::from_le_bytes(*second) ^ ZEROS,
        );
        let last = u64::from(last ^ b'0');
        if (beyond_nine(first) | beyond_nine(second)) & UPPER != 0 || last > 9 {
            return None;
        }
        let century = pair(pairs(first), 3).wrapping_sub(CENTURIES.0);
        let date = pairs(second);
        let (day, month_check) = self.day(century, pair(date, 0), pair(date, 1), pair(date, 2))?;
        let region_check = u64::from(region >> 16 & 0xFF);
        let sum = region_check + month_check + check_sum(second) + last * LAST_WEIGHT;
        let right = *self.by_sum.get(sum as usize)?;
        if region & KNOWN == 0 || right != check && (right, check) != (b'X', b'x') {
            return None;
        }
        Parts::new(region as u16, day, (pair(date, 3) * 10 + last) as u16)
    }

    /// What is known of the region of three pairs of digits.
    #[inline]
    fn region(&self, province: u64, prefecture: u64, county: u64) -> RegionEntry {
        let block = (province << PAIR_BITS | prefecture) as usize % PAIRS;
        let block = self.prefectures.get(block).copied().unwrap_or(0);
        let place = usize::from(block) + county as usize;
        self.regions.get(place).copied().unwrap_or(0)
    }

    /// The day since 1900-01-01 and what year and month add to the check sum; none outside the set's years or the calendar.
    #[inline]
    fn day(&self, century: u64, year: u64, month: u64, day: u64) -> Option<(u16, u64)> {
        let place = century << (2 * PAIR_BITS) | year << PAIR_BITS | month;
        let entry = *self.months.get(usize::try_from(place).ok()?)?;
        // Day 0 wraps to one that no month has.
        let before = (day as u32).wrapping_sub(1);
        let known = before < entry >> 16 & 0xFF;
        known.then_some(((entry + before) as u16, u64::from(entry >> 24)))
    }

    #[cold]
    fn parse_any(&self, text: &str) -> Option<Parts> {
        self.parts(ResidentId::parse(text).ok()?)
    }

    /// The parts of an id, or none where it is outside the set.
    pub(crate) fn parts(&self, id: ResidentId) -> Option<Parts> {
        let [province, prefecture, county] =
            [id.region / 10_000, id.region / 100 % 100, id.region % 100].map(u64::from);
        let region = self.region(province, prefecture, county);
        let day = u16::try_from(id.birth_day.checked_sub(FIRST_DAY)?).ok()?;
        let within = region & KNOWN != 0 && i32::from(day) + FIRST_DAY <= LAST_DAY;
        Parts::new(region as u16, day, id.sequence).filter(|_| within)
    }

    /// Year, month and day of birth as eight digits.
    #[inline]
    pub(crate) fn birth_digits(&self, id: Parts) -> Option<[u8; 8]> {
        let calendar = calendar_day(id.day());
        let year = self.year_pieces.get((4 * calendar / CYCLE_DAYS) as usize)?;
        let day = self.day_pieces.get((calendar % CYCLE_DAYS) as usize)?;
        Some((year.text() | day.text() << 32).to_le_bytes())
    }

    /// The 18 characters of an id of the set.
    #[inline]
    pub(crate) fn write(&self, id: Parts, check: Check) -> Option<[u8; ID_BYTES]> {
        let calendar = calendar_day(id.day());
        let region = self.region_pieces.get(usize::from(id.region()))?;
        let year = self.year_pieces.get((4 * calendar / CYCLE_DAYS) as usize)?;
        let day = self.day_pieces.get((calendar % CYCLE_DAYS) as usize)?;
        let sequence = self.sequence_pieces.get(usize::from(id.sequence()))?;
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

/// The texts of a column that has no null and nothing but texts of 18 bytes.
fn one_width(texts: &StringArray) -> Option<&[[u8; ID_BYTES]]> {
    let offsets = texts.value_offsets();
    let (first, last) = (*offsets.first()?, *offsets.last()?);
    let widths = offsets.iter().zip(offsets.iter().skip(1));
    // All of them, without leaving at the first: that is done many rows at a time.
    let others: i32 = widths
        .map(|(from, to)| i32::from(to - from != ID_BYTES as i32))
        .sum();
    if texts.null_count() > 0 || others > 0 {
        return None;
    }
    let range = usize::try_from(first).ok()?..usize::try_from(last).ok()?;
    Some(texts.values().get(range)?.as_chunks().0)
}

/// Eight characters `0`.
const ZEROS: u64 = 0x3030_3030_3030_3030;
/// The upper half of every byte.
const UPPER: u64 = 0xF0F0_F0F0_F0F0_F0F0;
/// What the last of the 17 digits counts in the check sum.
const LAST_WEIGHT: u64 = WEIGHTS[16] as u64;

/// Sets something in the upper half of each byte that is above 9, itself or a carry of one that is.
#[inline]
const fn beyond_nine(digits: u64) -> u64 {
    const SIXES: u64 = 0x0606_0606_0606_0606;
    digits | digits.wrapping_add(SIXES)
}

/// The numbers of four pairs of digits, 16 bits apart, from the value of each digit in a byte.
#[inline]
const fn pairs(digits: u64) -> u64 {
    (digits * 10 + (digits >> 8)) & 0x00FF_00FF_00FF_00FF
}

/// One of four pairs.
#[inline]
const fn pair(pairs: u64, place: u32) -> u64 {
    pairs >> (16 * place) & 0xFF
}

/// The weighted sum of the digits 13 to 16, from the value of each of eight digits in a byte.
///
/// Four digits times their weights in reverse: the product's upper byte is the sum of the four products, and no lower sum
/// reaches that far, since each is at most 243.
#[inline]
const fn check_sum(second: u64) -> u64 {
    const WEIGHT: u32 = WEIGHTS[12] << 24 | WEIGHTS[13] << 16 | WEIGHTS[14] << 8 | WEIGHTS[15];
    ((second >> 32) as u32).wrapping_mul(WEIGHT) as u64 >> 24
}

/// What is made of the right check character, by check sum.
fn checks<const SUMS: usize>(of_right: fn(u8) -> u8) -> [u8; SUMS] {
    std::array::from_fn(|sum| {
        let right = CHECK_ALPHABET.get(sum % REMAINDERS);
        right.map_or(b'?', |right| of_right(*right))
    })
}

/// The pieces of the numbers from 0.
fn pieces<const PIECES: usize>(piece: impl Fn(u32) -> Piece) -> [Piece; PIECES] {
    std::array::from_fn(|number| piece(u32::try_from(number).unwrap_or(0)))
}

/// Where the counties of each prefecture stand, and the regions that stand there.
fn region_entries() -> (Box<[u16; PAIRS]>, Vec<RegionEntry>) {
    let mut prefectures = Box::new([0u16; PAIRS]);
    let mut regions: Vec<RegionEntry> = vec![0; COUNTIES];
    for (number, region) in (0u32..).zip(Domain::regions()) {
        let pairs = (region / 10_000) << PAIR_BITS | (region / 100 % 100);
        let Some(block) = prefectures.get_mut(pairs as usize) else {
            continue;
        };
        if *block == 0 {
            *block = u16::try_from(regions.len()).unwrap_or(0);
            regions.resize(regions.len() + COUNTIES, 0);
        }
        let place = usize::from(*block) + (region % 100) as usize;
        if let Some(place) = regions.get_mut(place) {
            let check = Piece::new(*region, 6, 0).check();
            *place = KNOWN | u32::try_from(check).unwrap_or(0) << 16 | number;
        }
    }
    (prefectures, regions)
}

/// Month and day, by day of 1904 to 1907, four years that begin with a leap year.
fn day_piece(day: u32) -> Piece {
    let (_, month, day) = civil_from_days(days_from_civil(1904, 1, 1) + i64::from(day));
    Piece::new(month * 100 + day, 4, 10)
}

/// Every month of the set, by century, year and month.
fn month_entries() -> Vec<MonthEntry> {
    let mut entries = vec![0; CENTURIES.1 * PAIRS];
    let first_day = |year, month| days_from_civil(i64::from(year), month, 1) - i64::from(FIRST_DAY);
    for year in u32::from(FIRST_YEAR)..=u32::from(LAST_YEAR) {
        for month in 1..=12 {
            let first = first_day(year, month);
            let next = first_day(year + month / 12, month % 12 + 1);
            let check = Piece::new(year * 100 + month, 6, 6).check();
            let (century, year) = (u64::from(year / 100) - CENTURIES.0, year % 100);
            let place = century << (2 * PAIR_BITS) | u64::from(year << PAIR_BITS | month);
            if let Some(entry) = entries.get_mut(place as usize) {
                let parts = [first, (next - first) << 16, (check as i64) << 24];
                *entry = u32::try_from(parts.iter().sum::<i64>()).unwrap_or(0);
            }
        }
    }
    entries
}
