//! The numbering of ids that share their kept parts: subdomains, ranks, and what of them stands in a tweak.

use std::num::NonZeroU64;

use super::{
    BirthDates, BirthPart, DOMAIN_DIGEST_BYTES, Domain, FIRST_YEAR, Kept, LAST_YEAR, RegionPart,
    domain::{FIRST_DAY, LAST_DAY, SEQUENCES},
};

/// Bytes of the kept parts in a tweak: three levels, region digits, first day, days, first sequence.
pub(crate) const KEPT_BYTES: usize = 3 + 4 + 4 + 4 + 1;
/// Bytes of a tweak: the digest of the set and the kept parts; whole blocks of the cipher.
pub(crate) const TWEAK_BYTES: usize = DOMAIN_DIGEST_BYTES + KEPT_BYTES;
/// Years of a birth band, which begins with a year that it divides, as 1900 is.
const BAND_YEARS: u32 = 10;
/// Day of the set before which 1900, which has no 29 February, agrees with a calendar of leap years every four years.
const MISSING_LEAP_DAY: u32 = 59;
/// Years of the set.
pub(super) const YEARS: usize = (LAST_YEAR - FIRST_YEAR) as usize + 1;
/// Days of four such years.
pub(super) const CYCLE_DAYS: u32 = 1_461;

/// An id of the set: the number of its region in [`Domain::regions`], its day since 1900-01-01, its sequence; one word, and
/// with [`Option`] still one, since no sequence is 0.
///
/// Personal data, so without `Debug`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts(NonZeroU64);

impl Parts {
    /// Packs the parts; none for sequence 0.
    #[inline]
    pub(crate) const fn new(region: u16, day: u16, sequence: u16) -> Option<Self> {
        if sequence == 0 {
            return None;
        }
        let packed = sequence as u64 | (day as u64) << 16 | (region as u64) << 32;
        match NonZeroU64::new(packed) {
            Some(packed) => Some(Self(packed)),
            None => None,
        }
    }

    #[inline]
    pub(crate) const fn region(self) -> u16 {
        (self.0.get() >> 32) as u16
    }

    #[inline]
    pub(crate) const fn day(self) -> u16 {
        (self.0.get() >> 16) as u16
    }

    #[inline]
    pub(crate) const fn sequence(self) -> u16 {
        self.0.get() as u16
    }

    /// Birth date in days since 1970-01-01.
    pub(crate) fn birth_day(self) -> i32 {
        FIRST_DAY + i32::from(self.day())
    }

    pub(crate) const fn is_male(self) -> bool {
        self.sequence() % 2 == 1
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

/// A run of consecutive regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: u16,
    count: u16,
    /// What the count adds to the number of the class.
    class: u32,
}

/// Where a region of the set stands: its run of regions, and its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    run: u16,
    place: u16,
}

/// The births and sexes that share their kept parts: a run of consecutive days, and all sequences or those of one sex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cohort {
    /// Divides by the number of days.
    days: Divisor,
    /// Divides by the number of sequences.
    sequences: Divisor,
    first_day: u16,
    first_sequence: u16,
    /// 1 where every other sequence is one of them.
    shift: u8,
    /// What the numbers of days and sequences add to the number of the class.
    class: u32,
}

/// The ids that share their kept parts with one another: the number of their run of regions in the upper 16 bits, of
/// their cohort in the lower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subdomain(u32);

impl Subdomain {
    #[inline]
    const fn new(regions: u16, cohort: u16) -> Self {
        Self(((regions as u32) << 16) | cohort as u32)
    }

    #[inline]
    const fn regions(self) -> usize {
        (self.0 >> 16) as usize
    }

    #[inline]
    const fn cohort(self) -> usize {
        self.0 as usize & 0xFFFF
    }
}

/// The numbering for one choice of kept parts and declared birth dates.
///
/// Ranks run by region, day and sequence, each in its own order.
pub(crate) struct Layout {
    kept: Kept,
    regions: Vec<Run>,
    /// By region of the set.
    places: Vec<Place>,
    /// By run of days and, where it is kept, sex: odd sequences first.
    cohorts: Vec<Cohort>,
    /// The first cohort of each year; none where no part of the birth date is kept.
    cohorts_of_years: Option<[u16; YEARS]>,
    sizes: Vec<u64>,
}

impl Layout {
    pub(crate) fn new(kept: Kept, born: BirthDates) -> Self {
        let (mut regions, places) = region_runs(kept.region);
        let (mut cohorts, cohorts_of_years) = cohorts(kept, born);
        let counts = classes(cohorts.iter().map(Cohort::ids));
        for cohort in &mut cohorts {
            cohort.class = class(&counts, cohort.ids(), 1);
        }
        let region_counts = classes(regions.iter().map(|run| u64::from(run.count)));
        for run in &mut regions {
            run.class = class(&region_counts, u64::from(run.count), counts.len());
        }
        let sizes = region_counts.iter();
        let sizes = sizes.flat_map(|regions| counts.iter().map(move |ids| regions * ids));
        Self {
            kept,
            sizes: sizes.collect(),
            regions,
            places,
            cohorts,
            cohorts_of_years,
        }
    }

    /// Every subdomain, by [`Layout::number`].
    pub(crate) fn subdomains(&self) -> impl Iterator<Item = Subdomain> {
        let cohorts = 0..u16::try_from(self.cohorts.len()).unwrap_or(u16::MAX);
        let regions = 0..u16::try_from(self.regions.len()).unwrap_or(u16::MAX);
        regions.flat_map(move |run| {
            let cohorts = cohorts.clone();
            cohorts.map(move |cohort| Subdomain::new(run, cohort))
        })
    }

    /// The number of a subdomain among [`Layout::subdomains`].
    #[inline]
    pub(crate) fn number(&self, of: Subdomain) -> usize {
        of.regions() * self.cohorts.len() + of.cohort()
    }

    /// The sizes that occur, by [`Layout::class`].
    pub(crate) fn sizes(&self) -> &[u64] {
        &self.sizes
    }

    /// Which of [`Layout::sizes`] a subdomain has.
    #[inline]
    pub(crate) fn class(&self, of: Subdomain) -> Option<usize> {
        let regions = self.regions.get(of.regions())?.class;
        let cohort = self.cohorts.get(of.cohort())?.class;
        Some(regions as usize + cohort as usize)
    }

    /// The subdomain of an id and its rank there, or none where it is born outside the declared dates.
    #[inline]
    pub(crate) fn rank(&self, id: Parts) -> Option<(Subdomain, u64)> {
        let Place { run, place } = *self.places.get(usize::from(id.region()))?;
        let births = match &self.cohorts_of_years {
            None => 0,
            Some(cohorts) => *cohorts.get(year_of(id.day()) as usize)?,
        };
        let sex = self.kept.sex && !id.is_male();
        let of = Subdomain::new(run, births + u16::from(sex));
        let cohort = self.cohorts.get(of.cohort())?;
        let day = u64::from(id.day().wrapping_sub(cohort.first_day));
        if day >= cohort.days.by {
            return None;
        }
        let sequence = id.sequence().wrapping_sub(cohort.first_sequence) >> cohort.shift;
        let days = u64::from(place) * cohort.days.by + day;
        Some((of, days * cohort.sequences.by + u64::from(sequence)))
    }

    /// The id of a rank below the subdomain's size.
    #[inline]
    pub(crate) fn unrank(&self, of: Subdomain, rank: u64) -> Option<Parts> {
        let first_region = self.regions.get(of.regions())?.first;
        let cohort = self.cohorts.get(of.cohort())?;
        let (days, sequence) = cohort.sequences.divide(rank);
        let (region, day) = cohort.days.divide(days);
        // Each is below the number of regions, days or sequences of the set, which 16 bits hold.
        Parts::new(
            first_region + region as u16,
            cohort.first_day + day as u16,
            cohort.first_sequence + ((sequence as u16) << cohort.shift),
        )
    }

    /// The tweak of a subdomain: the set's digest, and what is kept.
    pub(crate) fn tweak(&self, of: Subdomain) -> Option<[u8; TWEAK_BYTES]> {
        let parts = Domain::digest().into_iter().chain(self.kept_bytes(of)?);
        let mut tweak = [0; TWEAK_BYTES];
        tweak
            .iter_mut()
            .zip(parts)
            .for_each(|(to, from)| *to = from);
        Some(tweak)
    }

    /// The end of a tweak, all that differs between the subdomains: what is kept, in fields of fixed width.
    pub(crate) fn kept_bytes(&self, of: Subdomain) -> Option<[u8; KEPT_BYTES]> {
        let regions = self.regions.get(of.regions())?;
        let cohort = self.cohorts.get(of.cohort())?;
        let region = *Domain::regions().get(usize::from(regions.first))?;
        let [region_level, birth_level, sex_level] = [
            self.kept.region as u8,
            self.kept.birth as u8,
            u8::from(self.kept.sex),
        ];
        let [r0, r1, r2, r3] = self.kept.region.digits_of(region).to_be_bytes();
        let [f0, f1, f2, f3] = (FIRST_DAY + i32::from(cohort.first_day)).to_be_bytes();
        let [d0, d1, d2, d3] = u32::try_from(cohort.days.by).ok()?.to_be_bytes();
        Some([
            region_level,
            birth_level,
            sex_level,
            r0,
            r1,
            r2,
            r3,
            f0,
            f1,
            f2,
            f3,
            d0,
            d1,
            d2,
            d3,
            u8::try_from(cohort.first_sequence).ok()?,
        ])
    }

    /// The code of the first region and the smallest and largest size of each run of regions.
    pub(super) fn sizes_by_region(&self) -> impl Iterator<Item = (u32, u64, u64)> {
        let counts = self.cohorts.iter().map(Cohort::ids);
        let (few, many) = (counts.clone().min(), counts.max());
        let (few, many) = (few.unwrap_or(0), many.unwrap_or(0));
        self.regions.iter().filter_map(move |run| {
            let first = Domain::regions().get(usize::from(run.first))?;
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
fn region_runs(part: RegionPart) -> (Vec<Run>, Vec<Place>) {
    let mut runs: Vec<Run> = Vec::new();
    let mut places = Vec::new();
    let mut kept = None;
    for (number, region) in (0u16..).zip(Domain::regions()) {
        let digits = Some(part.digits_of(*region));
        match runs.last_mut() {
            Some(run) if digits == kept => run.count += 1,
            _ => runs.push(Run {
                first: number,
                count: 1,
                class: 0,
            }),
        }
        kept = digits;
        places.push(Place {
            run: u16::try_from(runs.len() - 1).unwrap_or(u16::MAX),
            place: runs.last().map_or(0, |run| run.count - 1),
        });
    }
    (runs, places)
}

/// The cohorts, and the first one of each year.
fn cohorts(kept: Kept, born: BirthDates) -> (Vec<Cohort>, Option<[u16; YEARS]>) {
    let years = match kept.birth {
        BirthPart::Nothing => {
            let first = (born.first_day() - FIRST_DAY).unsigned_abs();
            return (cohorts_of(kept, first, born.days()).collect(), None);
        }
        BirthPart::Band => BAND_YEARS,
        BirthPart::Year => 1,
    };
    let mut all = Vec::new();
    let mut first = 0;
    let end = (LAST_DAY - FIRST_DAY).unsigned_abs() + 1;
    let mut of_years = [0; YEARS];
    for run in (0u32..).take(YEARS.div_ceil(years as usize)) {
        let own = |day: &u32| u16::try_from(*day).is_ok_and(|day| year_of(day) / years == run);
        let days = u32::try_from((first..end).take_while(own).count()).unwrap_or(0);
        let of_run = of_years.chunks_mut(years as usize).nth(run as usize);
        of_run
            .unwrap_or_default()
            .fill(u16::try_from(all.len()).unwrap_or(u16::MAX));
        all.extend(cohorts_of(kept, first, days));
        first += days;
    }
    (all, Some(of_years))
}

/// The first sequence, how many there are, and 1 where they are every other one.
type Sequences = (u16, u32, u8);
const ALL_SEQUENCES: [Sequences; 1] = [(1, SEQUENCES as u32, 0)];
/// Odd sequences are men's.
const BY_SEX: [Sequences; 2] = [
    (1, SEQUENCES.div_ceil(2) as u32, 1),
    (2, SEQUENCES as u32 / 2, 1),
];

/// The cohorts of one run of days: one, or one of each sex.
fn cohorts_of(kept: Kept, first_day: u32, days: u32) -> impl Iterator<Item = Cohort> {
    let sequences = if kept.sex {
        &BY_SEX
    } else {
        &ALL_SEQUENCES[..]
    };
    let cohort = move |(first_sequence, count, shift): &Sequences| Cohort {
        days: Divisor::new(days),
        sequences: Divisor::new(*count),
        first_day: u16::try_from(first_day).unwrap_or(u16::MAX),
        first_sequence: *first_sequence,
        shift: *shift,
        class: 0,
    };
    sequences.iter().map(cohort)
}

impl Cohort {
    /// How many ids it has in each region.
    const fn ids(&self) -> u64 {
        self.days.by * self.sequences.by
    }
}

/// The counts that occur; all that have one share FF1's radix.
fn classes(counts: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut counts: Vec<u64> = counts.collect();
    counts.sort_unstable();
    counts.dedup();
    counts
}

/// The number of a count, in so great steps.
fn class(counts: &[u64], count: u64, step: usize) -> u32 {
    let class = counts.binary_search(&count).unwrap_or(0) * step;
    u32::try_from(class).unwrap_or(u32::MAX)
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
