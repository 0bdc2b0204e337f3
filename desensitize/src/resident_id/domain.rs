//! The versioned set of ids that encryption permutes, and the numbering of its parts.
//!
//! Regions follow the structure of GB/T 2260, not a list: a mainland code is one of 31 provinces, a prefecture
//! 01–70 or 90 (GB/T 2260-2007, 4.3: 01–20 and 51–70 cities, 21–50 prefectures and leagues, 90 counties directly under
//! a province), and a county 01–99 (01–20 districts, 21–80 counties, 81–99 cities). Retired codes keep this structure.
//! Residence permits of Hong Kong, Macao and Taiwan residents are 810000, 820000 and 830000. A surrogate's region may
//! therefore be one that was never assigned; a later version may replace the rule by the list, under a new name.

use sha2::{Digest, Sha256};

use super::{BirthPart, Kept, RegionPart, ResidentId};
use crate::calendar::days_from_civil;

/// The name of this set; another set is another name, and gives other surrogates.
pub const DOMAIN_VERSION: &str = "karez/resident-id/v1";
/// First birth year of the set; its first day is 1 January.
pub const FIRST_YEAR: u16 = 1900;
/// Last birth year of the set, never "today"; its last day is 31 December.
pub const LAST_YEAR: u16 = 2049;
/// Sequences of a region and day: 001–999.
const SEQUENCES: u64 = 999;
/// Years of a birth band.
const BAND_YEARS: i64 = 10;

/// Mainland provinces, autonomous regions and municipalities (GB/T 2260).
const PROVINCES: [u32; 31] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65,
];
/// Regions of residence permits.
const PERMITS: [u32; 3] = [810_000, 820_000, 830_000];
/// Prefectures of a province: 01–70 and 90.
const PREFECTURES: u64 = 71;
/// The prefecture number that follows 70.
const DIRECT_COUNTIES: u32 = 90;
/// Counties of a prefecture: 01–99.
const COUNTIES: u64 = 99;

/// Regions that share the kept part, by [`RegionPart`], where they are most.
pub(super) const LARGEST_GROUPS: [u64; 4] = [
    31 * PREFECTURES * COUNTIES + 3,
    PREFECTURES * COUNTIES,
    COUNTIES,
    1,
];
/// The same for a residence permit.
const PERMIT_GROUPS: [u64; 4] = [31 * PREFECTURES * COUNTIES + 3, 1, 1, 1];

/// Bytes of the set's digest.
pub const DOMAIN_DIGEST_BYTES: usize = 32;
/// Bytes of the kept parts in a tweak: three levels, region digits, first day, first sequence.
pub(crate) const KEPT_BYTES: usize = 3 + 4 + 8 + 1;

/// The set of ids under [`DOMAIN_VERSION`].
#[derive(Clone, Copy, Debug)]
pub struct Domain;

impl Domain {
    /// SHA-256 of the set's definition; it stands in every tweak and is to be recorded with a sample.
    #[must_use]
    pub fn digest() -> [u8; DOMAIN_DIGEST_BYTES] {
        let definition = format!(
            "{DOMAIN_VERSION};years {FIRST_YEAR}-{LAST_YEAR};sequences 1-{SEQUENCES};provinces {PROVINCES:?};prefectures 1-70,{DIRECT_COUNTIES};counties 1-{COUNTIES};permits {PERMITS:?}"
        );
        Sha256::digest(definition.as_bytes()).into()
    }

    /// Whether an id is one of the set.
    #[must_use]
    pub fn contains(id: ResidentId) -> bool {
        Subdomain::of(id, Kept::default()).is_some()
    }
}

/// The ids that share their kept parts with one id; rank and unrank number them from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Subdomain {
    region: RegionPart,
    /// The kept digits of the region, as one number; 0 where none are kept.
    prefix: u32,
    permit: bool,
    first_day: i64,
    days: u64,
    /// The first sequence, the distance between two, and how many.
    sequences: (u64, u64, u64),
    kept: Kept,
}

impl Subdomain {
    /// The subdomain of an id, or none where the id is outside the set.
    pub(crate) fn of(id: ResidentId, kept: Kept) -> Option<Self> {
        region_rank(id.region)?;
        let permit = kept.region != RegionPart::Nothing && PERMITS.contains(&id.region);
        let prefix = match kept.region {
            RegionPart::Nothing => 0,
            RegionPart::Province => id.region / 10_000,
            RegionPart::Prefecture => id.region / 100,
            RegionPart::County => id.region,
        };
        let (year, _, _) = id.birth_date();
        if !(i64::from(FIRST_YEAR)..=i64::from(LAST_YEAR)).contains(&year) {
            return None;
        }
        let (first_day, days) = days_of(kept.birth, year);
        let sequences = sequences_of(kept.sex.then_some(id.is_male()));
        Some(Self {
            region: kept.region,
            prefix,
            permit,
            first_day,
            days,
            sequences,
            kept,
        })
    }

    /// How many ids it holds.
    pub(crate) const fn size(&self) -> u64 {
        self.regions() * self.days * self.sequences.2
    }

    const fn regions(&self) -> u64 {
        group(
            self.region,
            if self.permit {
                PERMIT_GROUPS
            } else {
                LARGEST_GROUPS
            },
        )
    }

    /// The number of an id of this subdomain, below [`Subdomain::size`].
    pub(crate) fn rank(&self, id: ResidentId) -> Option<u64> {
        let region = region_rank(id.region)?.checked_sub(self.first_region()?)?;
        let day = u64::try_from(i64::from(id.birth_day) - self.first_day).ok()?;
        let (first, step, count) = self.sequences;
        let sequence = u64::from(id.sequence).checked_sub(first)? / step;
        Some((region * self.days + day) * count + sequence)
    }

    /// The id of a number below [`Subdomain::size`].
    pub(crate) fn unrank(&self, rank: u64) -> Option<ResidentId> {
        let (first, step, count) = self.sequences;
        let sequence = u16::try_from(first + rank % count * step).ok()?;
        let day = i64::try_from(rank / count % self.days).ok()?;
        let region = region_unrank(self.first_region()? + rank / count / self.days)?;
        Some(ResidentId {
            region,
            birth_day: i32::try_from(self.first_day + day).ok()?,
            sequence,
        })
    }

    /// What is kept, in bytes of fixed width for the tweak: levels, region digits, first day, first sequence.
    pub(crate) fn tweak_bytes(&self) -> [u8; KEPT_BYTES] {
        let mut bytes = [0; KEPT_BYTES];
        let levels = [
            self.kept.region as u8,
            self.kept.birth as u8,
            u8::from(self.kept.sex),
        ];
        let parts = levels
            .into_iter()
            .chain(self.prefix.to_be_bytes())
            .chain(self.first_day.to_be_bytes())
            .chain(u8::try_from(self.sequences.0));
        bytes
            .iter_mut()
            .zip(parts)
            .for_each(|(to, from)| *to = from);
        bytes
    }

    /// The number of the first region that begins with the kept digits.
    fn first_region(&self) -> Option<u64> {
        match self.region {
            RegionPart::Nothing => Some(0),
            _ if self.permit => region_rank(self.prefix * 10u32.pow(6 - digits_of(self.region))),
            RegionPart::Province => region_rank(self.prefix * 10_000 + 101),
            RegionPart::Prefecture => region_rank(self.prefix * 100 + 1),
            RegionPart::County => region_rank(self.prefix),
        }
    }
}

/// How many ids at least share the kept parts, given the sizes of region groups.
pub(super) fn smallest_size(kept: Kept, groups: [u64; 4]) -> u64 {
    let days = (i64::from(FIRST_YEAR)..=i64::from(LAST_YEAR))
        .map(|year| days_of(kept.birth, year).1)
        .min();
    let sequences = sequences_of(kept.sex.then_some(false)).2;
    group(kept.region, groups) * days.unwrap_or(0) * sequences
}

/// Every size that a subdomain of these kept parts can have; a handful.
pub(crate) fn sizes(kept: Kept) -> Vec<u64> {
    let mut sizes = Vec::new();
    for year in i64::from(FIRST_YEAR)..=i64::from(LAST_YEAR) {
        for groups in [LARGEST_GROUPS, PERMIT_GROUPS] {
            for male in [false, true] {
                let sequences = sequences_of(kept.sex.then_some(male)).2;
                sizes.push(group(kept.region, groups) * days_of(kept.birth, year).1 * sequences);
            }
        }
    }
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

const fn digits_of(region: RegionPart) -> u32 {
    2 * region as u32
}

const fn group(region: RegionPart, [nothing, province, prefecture, county]: [u64; 4]) -> u64 {
    match region {
        RegionPart::Nothing => nothing,
        RegionPart::Province => province,
        RegionPart::Prefecture => prefecture,
        RegionPart::County => county,
    }
}

/// The first day and the number of days that share the kept part of a birth year.
fn days_of(birth: BirthPart, year: i64) -> (i64, u64) {
    let (from, until) = match birth {
        BirthPart::Nothing => (i64::from(FIRST_YEAR), i64::from(LAST_YEAR) + 1),
        BirthPart::Band => (
            year - year.rem_euclid(BAND_YEARS),
            year - year.rem_euclid(BAND_YEARS) + BAND_YEARS,
        ),
        BirthPart::Year => (year, year + 1),
    };
    let (first, end) = (days_from_civil(from, 1, 1), days_from_civil(until, 1, 1));
    (first, (end - first).unsigned_abs())
}

/// First sequence, step and count: all of 001–999, the odd ones or the even ones.
const fn sequences_of(male: Option<bool>) -> (u64, u64, u64) {
    match male {
        None => (1, 1, SEQUENCES),
        Some(true) => (1, 2, SEQUENCES.div_ceil(2)),
        Some(false) => (2, 2, SEQUENCES / 2),
    }
}

/// The number of a region among all of the set, or none where it is not of the set.
fn region_rank(region: u32) -> Option<u64> {
    if let Some(permit) = PERMITS.iter().position(|permit| *permit == region) {
        return Some(LARGEST_GROUPS[0] - 3 + u64::try_from(permit).ok()?);
    }
    let province = PROVINCES
        .iter()
        .position(|province| *province == region / 10_000)?;
    let prefecture = match region / 100 % 100 {
        number @ 1..=70 => u64::from(number - 1),
        DIRECT_COUNTIES => PREFECTURES - 1,
        _ => return None,
    };
    let county = u64::from(region % 100).checked_sub(1)?;
    Some((u64::try_from(province).ok()? * PREFECTURES + prefecture) * COUNTIES + county)
}

/// The region of a number.
fn region_unrank(rank: u64) -> Option<u32> {
    let (county, rest) = (rank % COUNTIES, rank / COUNTIES);
    let (prefecture, province) = (
        rest % PREFECTURES,
        usize::try_from(rest / PREFECTURES).ok()?,
    );
    let Some(province) = PROVINCES.get(province) else {
        let permit = rank.checked_sub(LARGEST_GROUPS[0] - 3)?;
        return PERMITS.get(usize::try_from(permit).ok()?).copied();
    };
    let prefecture = u32::try_from(prefecture).ok()?;
    let prefecture = if prefecture < 70 {
        prefecture + 1
    } else {
        DIRECT_COUNTIES
    };
    Some(province * 10_000 + prefecture * 100 + u32::try_from(county).ok()? + 1)
}

/// The fewest days and sequences that share the kept parts, multiplied.
pub(super) fn smallest_days_and_sequences(kept: Kept) -> f64 {
    smallest_size(
        Kept {
            region: RegionPart::County,
            ..kept
        },
        LARGEST_GROUPS,
    ) as f64
}

/// How many regions share a kept part.
pub(super) fn regions_within(part: RegionPart, _: u32) -> f64 {
    group(part, LARGEST_GROUPS) as f64
}
