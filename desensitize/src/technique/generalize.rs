//! `generalize`: a group's representative in the column's own type — the first instant of the period, the first code of
//! the region, the corner of the grid's cell, the first member of the group — so that SQL written on the sample runs on
//! the data.

mod age;
mod grid;
mod group;
mod region;

use std::{fmt, sync::Arc};

use super::{Column, Kernel, Sentence, period::Period};
use crate::{Unsuitable, hierarchy::Hierarchy};

pub use age::{AGE_BAND_YEARS_MAX, AGE_YEARS_MAX};
pub use grid::GRID_DECIMALS_MAX;
pub use group::LABELS_BYTES_MAX;
pub use region::RegionLevel;

/// The group a value is widened to.
///
/// A value whose group has no representative in the column's type, or that is in no group, is broken input.
/// What a reader learns: the group. Not reversible.
///
/// ```
/// use arrow::{array::{AsArray, Date32Array}, datatypes::{DataType, Date32Type, Field}};
/// use desensitize::{ColumnRecipe, Generalize, Technique, Transform};
///
/// let field = Field::new("birth_date", DataType::Date32, false);
/// let recipe = ColumnRecipe::new("birth_date", Technique::Generalize(Generalize::Year));
/// // 1971-03-05 becomes 1971-01-01.
/// let (years, _) = Transform::compile(&recipe, &field, None)?.apply(&Date32Array::from(vec![428]), 1)?;
/// assert_eq!(years.as_primitive::<Date32Type>().value(0), 365);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Generalize {
    /// Dates and timestamps to the first instant of their decade.
    Decade,
    /// Dates and timestamps to the first instant of their year.
    Year,
    /// Dates and timestamps to the first instant of their quarter.
    Quarter,
    /// Dates and timestamps to the first instant of their month.
    Month,
    /// Dates and timestamps to the first instant of their week, which begins on Monday (ISO 8601).
    Week,
    /// Timestamps to the first instant of their day.
    Day,
    /// Timestamps to the first instant of their hour.
    Hour,
    /// Ages in whole years to the lower bound of a band that begins at a multiple of `years`; birth dates to the first
    /// day of such a band of birth years.
    Age {
        /// Years of a band, 2 to [`AGE_BAND_YEARS_MAX`]; 5 is what censuses print.
        years: u32,
    },
    /// Codes of the administrative divisions (GB/T 2260 and its extensions to 9 and 12 digits), as text or integer, to
    /// the first code of their division: the digits below the level become zeros.
    Region(RegionLevel),
    /// Degrees, as number or as text `longitude,latitude`, to the south-western corner of their cell in a grid.
    Grid {
        /// Digits after the point that are kept, at most [`GRID_DECIMALS_MAX`]; 2 is about 1.1 km.
        decimals: u8,
    },
    /// Values to the first member of their group in a supplied hierarchy: the first listed one of texts, the least of
    /// numbers, dates and timestamps.
    Hierarchy {
        /// The hierarchy, which the policy names by its file.
        hierarchy: Arc<Hierarchy>,
        /// The level, counted from 1.
        level: usize,
    },
}

impl fmt::Display for Generalize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age { years } => write!(f, "to age bands of {years} years"),
            Self::Region(level) => write!(f, "to {level}"),
            Self::Grid { decimals } => write!(f, "to a grid of {decimals} decimals"),
            Self::Hierarchy { hierarchy, level } => {
                write!(
                    f,
                    "to level {level} of hierarchy sha256:{}",
                    hierarchy.digest()
                )
            }
            _ => self
                .period()
                .map_or(Ok(()), |period| write!(f, "to {period}")),
        }
    }
}

impl Generalize {
    const fn period(&self) -> Option<Period> {
        match self {
            Self::Decade => Some(Period::Decade),
            Self::Year => Some(Period::Year),
            Self::Quarter => Some(Period::Quarter),
            Self::Month => Some(Period::Month),
            Self::Week => Some(Period::Week),
            Self::Day => Some(Period::Day),
            Self::Hour => Some(Period::Hour),
            Self::Age { .. } | Self::Region(_) | Self::Grid { .. } | Self::Hierarchy { .. } => None,
        }
    }

    pub(crate) fn learnable(&self) -> Sentence {
        match self {
            Self::Age { years } => age::learnable(*years),
            Self::Region(level) => level.learnable(),
            Self::Grid { decimals } => grid::learnable(*decimals),
            Self::Hierarchy { hierarchy, level } => group::learnable(hierarchy, *level),
            Self::Decade
            | Self::Year
            | Self::Quarter
            | Self::Month
            | Self::Week
            | Self::Day
            | Self::Hour => self.period().unwrap_or(Period::Year).learnable(),
        }
    }

    pub(crate) fn interval(&self) -> Option<String> {
        match self {
            Self::Age { years } => Some(age::interval(*years)),
            Self::Region(level) => Some(level.interval()),
            Self::Grid { decimals } => Some(grid::interval(*decimals)),
            Self::Hierarchy { level, .. } => Some(format!(
                "v stands for every value of its group at level {level} of the hierarchy"
            )),
            _ => self.period().map(Period::interval),
        }
    }

    /// For each representative its group's label, as lines of a hierarchy's file.
    pub(crate) fn labels(&self, column: &Column<'_>) -> Option<String> {
        match self {
            Self::Hierarchy { hierarchy, level } => group::labels(hierarchy, *level, column),
            _ => None,
        }
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        match self {
            Self::Age { years } => age::compile(*years, column),
            Self::Region(level) => level.compile(column),
            Self::Grid { decimals } => grid::compile(*decimals, column),
            Self::Hierarchy { hierarchy, level } => group::compile(hierarchy, *level, column),
            Self::Decade
            | Self::Year
            | Self::Quarter
            | Self::Month
            | Self::Week
            | Self::Day
            | Self::Hour => self.period().unwrap_or(Period::Year).compile(column),
        }
    }
}
