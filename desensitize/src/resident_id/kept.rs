//! Which parts of an id stay readable in its surrogate, and how many ids are left to hide among.

use std::{collections::BTreeSet, fmt};

use super::domain::{LARGEST_GROUPS, smallest_size};
use crate::DOMAIN_MIN;

/// A part of an id that a policy may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The first two digits.
    Province,
    /// The first four digits.
    Prefecture,
    /// All six digits of the region.
    County,
    /// Whether the sequence is odd.
    Sex,
    /// The birth year.
    BirthYear,
    /// The ten years the birth lies in, such as 1950–1959.
    BirthBand,
}

impl Part {
    /// The part a policy names, or none.
    ///
    /// ```
    /// use desensitize::resident_id::Part;
    /// assert_eq!(Part::from_id("birth_band"), Some(Part::BirthBand));
    /// assert_eq!(Part::from_id("name"), None);
    /// ```
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Some(match id {
            "province" => Self::Province,
            "prefecture" => Self::Prefecture,
            "county" => Self::County,
            "sex" => Self::Sex,
            "birth_year" => Self::BirthYear,
            "birth_band" => Self::BirthBand,
            _ => return None,
        })
    }
}

/// How much of the region is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegionPart {
    /// Nothing.
    #[default]
    Nothing,
    /// Two digits.
    Province,
    /// Four digits.
    Prefecture,
    /// Six digits.
    County,
}

/// How much of the birth date is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BirthPart {
    /// Nothing.
    #[default]
    Nothing,
    /// The ten-year band.
    Band,
    /// The year.
    Year,
}

/// The parts that stay: a finer part includes its coarser ones.
///
/// ```
/// use desensitize::resident_id::{Kept, Part};
/// let kept = Kept::from_parts([Part::Prefecture, Part::BirthBand, Part::Sex]);
/// assert_eq!(kept.to_string(), "[prefecture, sex, birth_band]");
/// assert_eq!(Kept::from_parts([Part::County, Part::BirthYear]).smallest_domain(), 364_635);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Kept {
    /// How much of the region.
    pub region: RegionPart,
    /// Whether the sex.
    pub sex: bool,
    /// How much of the birth date.
    pub birth: BirthPart,
}

impl Kept {
    /// The union of the parts.
    pub fn from_parts(parts: impl IntoIterator<Item = Part>) -> Self {
        parts
            .into_iter()
            .fold(Self::default(), |kept, part| match part {
                Part::Province => Self {
                    region: kept.region.max(RegionPart::Province),
                    ..kept
                },
                Part::Prefecture => Self {
                    region: kept.region.max(RegionPart::Prefecture),
                    ..kept
                },
                Part::County => Self {
                    region: RegionPart::County,
                    ..kept
                },
                Part::Sex => Self { sex: true, ..kept },
                Part::BirthBand => Self {
                    birth: kept.birth.max(BirthPart::Band),
                    ..kept
                },
                Part::BirthYear => Self {
                    birth: BirthPart::Year,
                    ..kept
                },
            })
    }

    /// How many ids at least share what is kept, over all regions but the residence permits of 81, 82 and 83, whose
    /// one region each may hold fewer; such an id is then broken input.
    #[must_use]
    pub fn smallest_domain(self) -> u64 {
        smallest_size(self, LARGEST_GROUPS)
    }

    /// The set within this one that keeps the most and still leaves [`DOMAIN_MIN`] ids, with its size.
    #[must_use]
    pub fn nearest_admissible(self) -> (Self, u64) {
        let regions = [
            RegionPart::Nothing,
            RegionPart::Province,
            RegionPart::Prefecture,
            RegionPart::County,
        ];
        let births = [BirthPart::Nothing, BirthPart::Band, BirthPart::Year];
        let mut within = BTreeSet::new();
        for region in regions.into_iter().filter(|region| *region <= self.region) {
            for birth in births.into_iter().filter(|birth| *birth <= self.birth) {
                for sex in [false, self.sex] {
                    let kept = Self { region, sex, birth };
                    let size = kept.smallest_domain();
                    // The most levels first; among equals the smallest domain says the most about the original.
                    let levels = region as u8 + birth as u8 + u8::from(sex);
                    if size >= DOMAIN_MIN {
                        within.insert((levels, u64::MAX - size, region, birth, sex));
                    }
                }
            }
        }
        within.last().map_or_else(
            || (Self::default(), Self::default().smallest_domain()),
            |(_, inverse, region, birth, sex)| {
                (
                    Self {
                        region: *region,
                        birth: *birth,
                        sex: *sex,
                    },
                    u64::MAX - inverse,
                )
            },
        )
    }
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = match self.region {
            RegionPart::Nothing => None,
            RegionPart::Province => Some("province"),
            RegionPart::Prefecture => Some("prefecture"),
            RegionPart::County => Some("county"),
        };
        let birth = match self.birth {
            BirthPart::Nothing => None,
            BirthPart::Band => Some("birth_band"),
            BirthPart::Year => Some("birth_year"),
        };
        let parts: Vec<_> = [region, self.sex.then_some("sex"), birth]
            .into_iter()
            .flatten()
            .collect();
        write!(f, "[{}]", parts.join(", "))
    }
}
