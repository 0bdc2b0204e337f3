//! The numbering of ids that share their kept parts: subdomains, ranks, and what of them stands in a tweak.

use super::{
    BirthDates, BirthPart, DOMAIN_DIGEST_BYTES, Domain, Kept, RegionPart,
    domain::{FIRST_DAY, LAST_DAY, SEQUENCES},
};

/// Bytes of the kept parts in a tweak: three levels, region digits, first day, days, first sequence.
const KEPT_BYTES: usize = 3 + 4 + 4 + 4 + 1;
/// Bytes of a tweak: the digest of the set and the kept parts; whole blocks of the cipher.
pub(crate) const TWEAK_BYTES: usize = DOMAIN_DIGEST_BYTES + KEPT_BYTES;
/// Years of a birth band, which begins with a year that it divides, as 1900 is.
const BAND_YEARS: u32 = 10;
/// Day of the set before which 1900, which has no 29 February, agrees with a calendar of leap years every four years.
const MISSING_LEAP_DAY: u32 = 59;
/// Days of four such years.
pub(super) const CYCLE_DAYS: u32 = 1_461;

/// An id of the set: the number of its region in [`Domain::regions`], its day since 1900-01-01, its sequence.
///
/// Personal data, so without `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) region: u16,
    pub(crate) day: u16,
    pub(crate) sequence: u16,
}

impl Parts {
    /// Birth date in days since 1970-01-01.
    pub(crate) fn birth_day(self) -> i32 {
        FIRST_DAY + i32::from(self.day)
    }

    pub(crate) const fn is_male(self) -> bool {
        self.sequence % 2 == 1
    }
}

/// A day's place in a calendar with a leap year every four years from 1900: the day of 1900's missing leap day is left out.
#[inline]
pub(super) const fn calendar_day(day: u16) -> u32 {
    let day = day as u32;
    day + (day >= MISSING_LEAP_DAY) as u32
}

/// The year of a day of the set, from 0 for 1900.
#[inline]
pub(super) const fn year_of(day: u16) -> u32 {
    4 * calendar_day(day) / CYCLE_DAYS
}

/// Divides numbers below 2^48 by one below 2^16 with a multiplication instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Divisor {
    by: u64,
    /// `⌈2^64 / by⌉`, at most `by` beyond the true value, which moves no quotient of a number so small; 0 for 1.
    inverse: u64,
}

impl Divisor {
    const fn new(by: u32) -> Self {
        let by = if by == 0 { 1 } else { by as u64 };
        Self {
            by,
            inverse: (u64::MAX / by).wrapping_add(1),
        }
    }

    /// Quotient and remainder.
    #[inline]
    const fn divide(self, number: u64) -> (u64, u64) {
        if self.inverse == 0 {
            return (number, 0);
        }
        let quotient = ((number as u128 * self.inverse as u128) >> 64) as u64;
        (quotient, number - quotient * self.by)
    }
}

/// A run of consecutive regions, days or sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: u32,
    count: u32,
    /// Divides by the count; set with the class.
    divisor: Divisor,
    /// Which of the counts that occur this is; runs of one count share FF1's radix.
    class: u16,
}

impl Run {
    const fn new(first: u32, count: u32) -> Self {
        Self {
            first,
            count,
            divisor: Divisor::new(count),
            class: 0,
        }
    }
}

/// The ids that share their kept parts with one another: the number of their run of regions in the upper 16 bits, of
/// their run of days from bit 1, and in bit 0, where the sex is kept, 1 for even sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subdomain(u32);

impl Subdomain {
    #[inline]
    const fn new(regions: u16, births: u32, sex: bool) -> Self {
        Self(((regions as u32) << 16) | (births << 1) | sex as u32)
    }

    #[inline]
    const fn regions(self) -> usize {
        (self.0 >> 16) as usize
    }

    #[inline]
    const fn births(self) -> usize {
        (self.0 as usize & 0xFFFF) >> 1
    }

    #[inline]
    const fn sex(self) -> usize {
        self.0 as usize & 1
    }
}

/// The numbering for one choice of kept parts and declared birth dates.
///
/// Ranks run by region, day and sequence, each in its own order.
pub(crate) struct Layout {
    kept: Kept,
    regions: Vec<Run>,
    /// The run of each region of the set.
    run_of: Vec<u16>,
    births: Vec<Run>,
    /// Years that share a run of days; 0 where no part of the birth date is kept.
    years: u32,
    birth_classes: usize,
    /// By sex; the same twice where it is not kept.
    sequences: [Sequences; 2],
    sizes: Vec<u64>,
}

impl Layout {
    pub(crate) fn new(kept: Kept, born: BirthDates) -> Self {
        let (mut regions, run_of) = region_runs(kept.region);
        let (mut births, years) = birth_runs(kept.birth, born);
        let region_counts = classify(&mut regions);
        let birth_counts = classify(&mut births);
        let mut sizes = Vec::new();
        for region in &region_counts {
            for birth in &birth_counts {
                for sex in 0..sexes(kept) {
                    let sequences = Sequences::new(kept, sex).divisor.by;
                    sizes.push(u64::from(*region) * u64::from(*birth) * sequences);
                }
            }
        }
        Self {
            kept,
            regions,
            run_of,
            births,
            years,
            birth_classes: birth_counts.len(),
            sequences: [0, 1].map(|sex| Sequences::new(kept, sex)),
            sizes,
        }
    }

    /// How many subdomains there are.
    pub(crate) fn subdomains(&self) -> usize {
        self.regions.len() * self.births.len() * usize::from(sexes(self.kept))
    }

    /// The number of a subdomain, below [`Layout::subdomains`].
    #[inline]
    pub(crate) fn number(&self, of: Subdomain) -> usize {
        let births = of.regions() * self.births.len() + of.births();
        births * usize::from(sexes(self.kept)) + of.sex()
    }

    /// The sizes that occur, by [`Layout::class`].
    pub(crate) fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// Which of [`Layout::sizes`] a subdomain has.
    pub(crate) fn class(&self, of: Subdomain) -> Option<usize> {
        let regions = usize::from(self.regions.get(of.regions())?.class);
        let births = usize::from(self.births.get(of.births())?.class);
        let both = regions * self.birth_classes + births;
        Some(both * usize::from(sexes(self.kept)) + of.sex())
    }

    /// The subdomain of an id and its rank there, or none where it is born outside the declared dates.
    #[inline]
    pub(crate) fn rank(&self, id: Parts) -> Option<(Subdomain, u64)> {
        let run = *self.run_of.get(usize::from(id.region))?;
        let birth = match self.years {
            0 => 0,
            years => year_of(id.day) / years,
        };
        let of = Subdomain::new(run, birth, self.kept.sex && !id.is_male());
        let regions = self.regions.get(of.regions())?;
        let births = self.births.get(of.births())?;
        let sequences = self.sequences.get(of.sex())?;
        let day = u32::from(id.day).wrapping_sub(births.first);
        if day >= births.count {
            return None;
        }
        let region = u64::from(u32::from(id.region).wrapping_sub(regions.first));
        let sequence = u32::from(id.sequence).wrapping_sub(sequences.first) >> sequences.shift;
        let days = region * u64::from(births.count) + u64::from(day);
        Some((of, days * sequences.divisor.by + u64::from(sequence)))
    }

    /// The id of a rank below the subdomain's size.
    #[inline]
    pub(crate) fn unrank(&self, of: Subdomain, rank: u64) -> Option<Parts> {
        let regions = self.regions.get(of.regions())?;
        let births = self.births.get(of.births())?;
        let sequences = self.sequences.get(of.sex())?;
        let (days, sequence) = sequences.divisor.divide(rank);
        let (region, day) = births.divisor.divide(days);
        Some(Parts {
            region: u16::try_from(u64::from(regions.first) + region).ok()?,
            day: u16::try_from(u64::from(births.first) + day).ok()?,
            sequence: u16::try_from(u64::from(sequences.first) + (sequence << sequences.shift))
                .ok()?,
        })
    }

    /// The tweak of a subdomain: the set's digest and what is kept, in fields of fixed width.
    pub(crate) fn tweak(&self, of: Subdomain) -> Option<[u8; TWEAK_BYTES]> {
        let regions = self.regions.get(of.regions())?;
        let births = self.births.get(of.births())?;
        let region = *Domain::regions().get(usize::try_from(regions.first).ok()?)?;
        let first_sequence = self.sequences.get(of.sex())?.first;
        let levels = [
            self.kept.region as u8,
            self.kept.birth as u8,
            u8::from(self.kept.sex),
        ];
        let parts = Domain::digest()
            .into_iter()
            .chain(levels)
            .chain(self.kept.region.digits_of(region).to_be_bytes())
            .chain((FIRST_DAY + i32::try_from(births.first).ok()?).to_be_bytes())
            .chain(births.count.to_be_bytes())
            .chain(u8::try_from(first_sequence));
        let mut tweak = [0; TWEAK_BYTES];
        tweak
            .iter_mut()
            .zip(parts)
            .for_each(|(to, from)| *to = from);
        Some(tweak)
    }

    /// The code of the first region and the smallest and largest size of each run of regions.
    pub(super) fn sizes_by_region(&self) -> impl Iterator<Item = (u32, u64, u64)> {
        let counts = self.births.iter().map(|run| u64::from(run.count));
        let (few, many) = (counts.clone().min(), counts.max());
        let [odd, even] = self.sequences.map(|sequences| sequences.divisor.by);
        let few = few.unwrap_or(0) * even;
        let many = many.unwrap_or(0) * odd;
        self.regions.iter().filter_map(move |run| {
            let first = Domain::regions().get(usize::try_from(run.first).ok()?)?;
            let regions = u64::from(run.count);
            Some((*first, regions * few, regions * many))
        })
    }
}

impl RegionPart {
    /// The kept digits of a region, as one number; 0 where none are kept.
    pub(super) const fn digits_of(self, region: u32) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::Province => region / 10_000,
            Self::Prefecture => region / 100,
            Self::County => region,
        }
    }
}

/// Regions whose kept digits agree stand side by side, since the set is in the order of codes.
fn region_runs(part: RegionPart) -> (Vec<Run>, Vec<u16>) {
    let mut runs: Vec<Run> = Vec::new();
    let mut run_of = Vec::new();
    let mut kept = None;
    for (number, region) in (0u32..).zip(Domain::regions()) {
        let digits = Some(part.digits_of(*region));
        match runs.last_mut() {
            Some(run) if digits == kept => run.count += 1,
            _ => runs.push(Run::new(number, 1)),
        }
        kept = digits;
        run_of.push(u16::try_from(runs.len() - 1).unwrap_or(u16::MAX));
    }
    (runs, run_of)
}

/// The runs of days that share the kept part of a birth date, and how many years each spans.
fn birth_runs(part: BirthPart, born: BirthDates) -> (Vec<Run>, u32) {
    let years = match part {
        BirthPart::Nothing => {
            let first = (born.first_day() - FIRST_DAY).unsigned_abs();
            return (vec![Run::new(first, born.days())], 0);
        }
        BirthPart::Band => BAND_YEARS,
        BirthPart::Year => 1,
    };
    let mut runs: Vec<Run> = Vec::new();
    for day in 0..=(LAST_DAY - FIRST_DAY).unsigned_abs() {
        let number = (year_of(u16::try_from(day).unwrap_or(u16::MAX)) / years) as usize;
        match runs.get_mut(number) {
            Some(run) => run.count += 1,
            None => runs.push(Run::new(day, 1)),
        }
    }
    (runs, years)
}

/// Numbers the counts that occur, and says which they are.
fn classify(runs: &mut [Run]) -> Vec<u32> {
    let mut counts: Vec<u32> = runs.iter().map(|run| run.count).collect();
    counts.sort_unstable();
    counts.dedup();
    for run in runs {
        let class = counts.binary_search(&run.count).unwrap_or(0);
        run.class = u16::try_from(class).unwrap_or(u16::MAX);
        run.divisor = Divisor::new(run.count);
    }
    counts
}

/// How many groups the sexes are told apart in.
const fn sexes(kept: Kept) -> u16 {
    if kept.sex { 2 } else { 1 }
}

/// The sequences of one sex, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sequences {
    first: u32,
    /// Divides by how many there are.
    divisor: Divisor,
    /// 1 where every other number is one.
    shift: u32,
}

impl Sequences {
    /// All of 001–999, the odd ones or the even ones.
    const fn new(kept: Kept, sex: u16) -> Self {
        let all = SEQUENCES as u32;
        let (first, count, shift) = match (kept.sex, sex) {
            (false, _) => (1, all, 0),
            (true, 0) => (1, all.div_ceil(2), 1),
            (true, _) => (2, all / 2, 1),
        };
        Self {
            first,
            divisor: Divisor::new(count),
            shift,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn multiplication_divides(number in 0u64..1 << 48, by in 1u32..1 << 16) {
            let (quotient, remainder) = (number / u64::from(by), number % u64::from(by));
            prop_assert_eq!(Divisor::new(by).divide(number), (quotient, remainder));
        }
    }

    #[test]
    fn multiplication_divides_at_the_edges() {
        for by in [
            1, 2, 3, 365, 366, 499, 500, 999, 3_652, 3_653, 32_768, 54_787, 65_535,
        ] {
            for multiple in [1u64, 2, 1_000_003, (1 << 48) / u64::from(by)] {
                for number in [multiple * u64::from(by) - 1, multiple * u64::from(by)] {
                    let expect = (number / u64::from(by), number % u64::from(by));
                    assert_eq!(Divisor::new(by).divide(number), expect, "{number} by {by}");
                }
            }
        }
    }
}
