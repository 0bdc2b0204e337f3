//! How many ids there are to hide among, as a checker prints it.

use std::fmt;

use super::{BirthDates, Kept, RegionPart, domain::PERMITS, layout::Layout};
use crate::{
    DOMAIN_MIN,
    region::{self, Level, Region},
};

/// The sizes of the subdomains of one choice of kept parts.
///
/// ```
/// use desensitize::resident_id::{BirthDates, Kept, Part};
///
/// let sizes = Kept::from_parts([Part::Prefecture, Part::BirthBand]).domain_sizes(BirthDates::WHOLE);
/// assert_eq!(sizes.smallest.to_string(), "3648348 in 441900 东莞市");
/// assert!(sizes.largest.size > 30 * sizes.smallest.size && sizes.too_small.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainSizes {
    /// The fewest ids that share the kept parts where some region of them is in force; a recipe is admitted by it.
    pub smallest: DomainSize,
    /// The most.
    pub largest: DomainSize,
    /// Retired prefectures and residence permits with fewer than [`DOMAIN_MIN`]: their ids are broken input, counted
    /// like any other. Empty where the recipe is refused anyway.
    pub too_small: Vec<DomainSize>,
}

/// How many ids share the kept parts in one region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DomainSize {
    /// How many.
    pub size: u64,
    /// The six digits of the province, prefecture or county; none where no region is kept.
    pub region: Option<u32>,
}

impl DomainSizes {
    pub(super) fn of(kept: Kept, born: BirthDates) -> Self {
        let layout = Layout::new(kept, born);
        let nowhere = |size| DomainSize { size, region: None };
        let mut sizes = Self {
            smallest: nowhere(u64::MAX),
            largest: nowhere(0),
            too_small: Vec::new(),
        };
        for (first, few, many) in layout.sizes_by_region() {
            let region = kept.region.code(first);
            let (few, many) = (
                DomainSize { size: few, region },
                DomainSize { size: many, region },
            );
            if in_force(kept.region, first) {
                sizes.smallest = if few.size < sizes.smallest.size {
                    few
                } else {
                    sizes.smallest
                };
            } else if few.size < DOMAIN_MIN {
                sizes.too_small.push(few);
            }
            sizes.largest = if many.size > sizes.largest.size {
                many
            } else {
                sizes.largest
            };
        }
        if sizes.smallest.size < DOMAIN_MIN {
            sizes.too_small.clear();
        }
        sizes
    }
}

impl RegionPart {
    /// The six-digit code of the kept part of a region.
    const fn code(self, region: u32) -> Option<u32> {
        Some(match self {
            Self::Nothing => return None,
            Self::Province => Level::Province.code(region),
            Self::Prefecture => Level::Prefecture.code(region),
            Self::County => region,
        })
    }
}

/// Whether ids are still issued for some region that shares the kept digits.
fn in_force(part: RegionPart, region: u32) -> bool {
    let issued = |region: &Region| region.bears_ids() && region.is_current();
    match part.code(region) {
        None => true,
        // A permit's region is none of the list.
        Some(_) if PERMITS.contains(&region) => false,
        Some(code) => region::inside(code).iter().any(issued),
    }
}

impl fmt::Display for DomainSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.size)?;
        match self.region.map(|code| (code, region::get(code))) {
            None => Ok(()),
            Some((code, None)) => write!(f, " in {code}"),
            Some((_, Some(region))) => write!(f, " in {region}"),
        }
    }
}

impl fmt::Display for DomainSizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.smallest, self.largest)?;
        match self.too_small.len() {
            0 => Ok(()),
            regions => write!(f, ", and too few in {regions} regions without new ids"),
        }
    }
}
