//! Which parts of an id stay readable in its surrogate, and how many ids are left to hide among.

use std::fmt;

use super::{BirthDates, DomainSizes};
use crate::{DOMAIN_MIN, Sentence};

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

impl RegionPart {
    const ALL: [Self; 4] = [
        Self::Nothing,
        Self::Province,
        Self::Prefecture,
        Self::County,
    ];
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

impl BirthPart {
    const ALL: [Self; 3] = [Self::Nothing, Self::Band, Self::Year];
}

/// The parts that stay: a finer part includes its coarser ones.
///
/// ```
/// use desensitize::resident_id::{BirthDates, Kept, Part};
/// let kept = Kept::from_parts([Part::Prefecture, Part::BirthBand, Part::Sex]);
/// assert_eq!(kept.to_string(), "[prefecture, sex, birth_band]");
/// let sizes = Kept::from_parts([Part::County, Part::BirthYear]).domain_sizes(BirthDates::WHOLE);
/// assert_eq!(sizes.smallest.size, 364_635);
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

    /// What is kept, in words that a person reads; none where nothing is.
    #[must_use]
    pub fn words(self) -> Option<Sentence> {
        let region = match self.region {
            RegionPart::Nothing => None,
            RegionPart::Province => Some(("the province", "省份")),
            RegionPart::Prefecture => Some(("the prefecture", "地级行政区划")),
            RegionPart::County => Some(("the county", "县级行政区划")),
        };
        let birth = match self.birth {
            BirthPart::Nothing => None,
            BirthPart::Band => Some(("the ten years of birth", "出生十年段")),
            BirthPart::Year => Some(("the birth year", "出生年")),
        };
        let sex = self.sex.then_some(("the sex", "性别"));
        let (en, zh): (Vec<_>, Vec<_>) = [region, birth, sex].into_iter().flatten().unzip();
        (!en.is_empty()).then(|| Sentence::new(en.join(" and "), zh.join("与")))
    }

    /// How many ids share what is kept: where they are fewest, where they are most, and where they are too few.
    #[must_use]
    pub fn domain_sizes(self, born: BirthDates) -> DomainSizes {
        DomainSizes::of(self, born)
    }

    /// The set within this one that keeps the most and still leaves [`DOMAIN_MIN`] ids everywhere, with its size;
    /// none where the declared birth dates leave fewer even if nothing is kept.
    #[must_use]
    pub fn nearest_admissible(self, born: BirthDates) -> Option<(Self, u64)> {
        let sizes = self.coarser().map(|kept| {
            let size = kept.domain_sizes(born).smallest.size;
            (kept, size)
        });
        let admitted = sizes.filter(|(_, size)| *size >= DOMAIN_MIN);
        // The most levels first; among equals the smallest domain says the most about the original.
        admitted.max_by_key(|(kept, size)| {
            let levels = kept.region as u8 + kept.birth as u8 + u8::from(kept.sex);
            (levels, std::cmp::Reverse(*size))
        })
    }

    /// Every set that keeps as much or less of each part.
    fn coarser(self) -> impl Iterator<Item = Self> {
        let regions = RegionPart::ALL
            .into_iter()
            .filter(move |region| *region <= self.region);
        regions.flat_map(move |region| {
            let births = BirthPart::ALL
                .into_iter()
                .filter(move |birth| *birth <= self.birth);
            births.flat_map(move |birth| {
                let sexes = [false, true]
                    .into_iter()
                    .filter(move |sex| *sex <= self.sex);
                sexes.map(move |sex| Self { region, sex, birth })
            })
        })
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
