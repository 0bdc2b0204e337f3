//! The versioned set of ids that encryption permutes: which regions, days and sequences.
//!
//! Regions are the list of [`region`](crate::region), retired codes included, and the three of residence permits of Hong
//! Kong, Macao and Taiwan residents. An id of any other region is outside: cards of foreign residents, which begin with
//! 9, and numbers that were never given.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::ResidentId;
use crate::{calendar::days_from_civil, region};

/// The name of this set; another set is another name, and gives other surrogates.
pub const DOMAIN_VERSION: &str = "karez/resident-id/v2";
/// First birth year of the set; its first day is 1 January.
pub const FIRST_YEAR: u16 = 1900;
/// Last birth year of the set, never "today"; its last day is 31 December.
pub const LAST_YEAR: u16 = 2049;
/// Sequences of a region and day: 001–999.
pub(super) const SEQUENCES: u16 = 999;
/// 1900-01-01 in days since 1970-01-01.
pub(super) const FIRST_DAY: i32 = -25_567;
/// 2049-12-31 in days since 1970-01-01.
pub(super) const LAST_DAY: i32 = 29_219;
/// Regions of residence permits (Measures of 2018 for permits of Hong Kong, Macao and Taiwan residents).
pub(super) const PERMITS: [u32; 3] = [810_000, 820_000, 830_000];

/// Bytes of the set's digest.
pub const DOMAIN_DIGEST_BYTES: usize = 32;

/// The set of ids under [`DOMAIN_VERSION`].
#[derive(Clone, Copy, Debug)]
pub struct Domain;

impl Domain {
    /// SHA-256 of the set's definition; it stands in every tweak and is to be recorded with a sample.
    #[must_use]
    pub fn digest() -> [u8; DOMAIN_DIGEST_BYTES] {
        static DIGEST: LazyLock<[u8; DOMAIN_DIGEST_BYTES]> = LazyLock::new(|| {
            let mut definition = format!(
                "{DOMAIN_VERSION};years {FIRST_YEAR}-{LAST_YEAR};sequences 1-{SEQUENCES};regions"
            );
            for region in Domain::regions() {
                definition.push_str(&format!(" {region}"));
            }
            Sha256::digest(definition.as_bytes()).into()
        });
        *DIGEST
    }

    /// The regions of the set, in their order.
    #[must_use]
    pub fn regions() -> &'static [u32] {
        static REGIONS: LazyLock<Vec<u32>> = LazyLock::new(|| {
            let listed = region::all().iter().filter(|region| region.bears_ids());
            listed.map(region::Region::code).chain(PERMITS).collect()
        });
        &REGIONS
    }

    /// Whether an id is one of the set.
    #[must_use]
    pub fn contains(id: ResidentId) -> bool {
        Self::regions().binary_search(&id.region).is_ok()
            && (FIRST_DAY..=LAST_DAY).contains(&id.birth_day)
    }
}

/// The birth dates that a provider declares for a column of ids; ids born outside are broken input.
///
/// The narrower the range, the more plausible the surrogates and the fewer to hide among. It counts only where neither
/// year nor band is kept.
///
/// ```
/// use desensitize::resident_id::BirthDates;
///
/// let living = BirthDates::new((1910, 1, 1), (2025, 12, 31))?;
/// assert_eq!((living.days(), BirthDates::WHOLE.days()), (42_369, 54_787));
/// assert!(BirthDates::new((2000, 1, 1), (1999, 12, 31)).is_err());
/// # Ok::<(), desensitize::resident_id::NotBirthDates>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BirthDates {
    first: i32,
    last: i32,
}

/// The days are no range within the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "birth dates run from one day to a later one within {FIRST_YEAR}-01-01 and {LAST_YEAR}-12-31"
)]
pub struct NotBirthDates;

impl BirthDates {
    /// All days of the set.
    pub const WHOLE: Self = Self {
        first: FIRST_DAY,
        last: LAST_DAY,
    };

    /// The days from a first to a last one, both included, each as year, month and day.
    ///
    /// # Errors
    /// [`NotBirthDates`] for a day that does not exist or is outside the set, or a last day before the first.
    pub fn new(first: (i64, u32, u32), last: (i64, u32, u32)) -> Result<Self, NotBirthDates> {
        let day = |(year, month, day)| {
            let exists = crate::calendar::is_day(year, month, day);
            let day = exists.then(|| days_from_civil(year, month, day));
            day.and_then(|day| i32::try_from(day).ok())
        };
        let (first, last) = day(first).zip(day(last)).ok_or(NotBirthDates)?;
        Self::from_days(first, last)
    }

    /// The same from days since 1970-01-01, as Arrow's Date32 counts.
    ///
    /// # Errors
    /// [`NotBirthDates`] for a day outside the set, or a last day before the first.
    pub const fn from_days(first: i32, last: i32) -> Result<Self, NotBirthDates> {
        if FIRST_DAY <= first && first <= last && last <= LAST_DAY {
            Ok(Self { first, last })
        } else {
            Err(NotBirthDates)
        }
    }

    /// The first day, since 1970-01-01.
    #[must_use]
    pub const fn first_day(self) -> i32 {
        self.first
    }

    /// How many days.
    #[must_use]
    pub const fn days(self) -> u32 {
        (self.last - self.first).unsigned_abs() + 1
    }
}

impl Default for BirthDates {
    fn default() -> Self {
        Self::WHOLE
    }
}
