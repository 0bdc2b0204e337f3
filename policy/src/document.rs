//! The scenario policy document: what data may look like in one scenario.
//!
//! What this version enforces is typed here; what the design knows but this version does not enforce is refused at
//! its place, so that no writer believes in a protection that is not there.

mod contract;
mod hierarchies;
mod json;
mod parse;
mod recipe;
mod technique;

use std::collections::BTreeSet;

pub use contract::{OUTPUT_ROWS_MAX_DEFAULT, OutputContract, Shape};
pub use hierarchies::Hierarchy;
use jiff::civil::Date;
use jiff::tz::Offset;
pub use recipe::{K_MAP_DEFAULT, K_MIN, Membership, Method, SUPPRESS_MAX_DEFAULT, SampleRecipe};
pub use technique::{
    BirthDates, Bucket, Centre, Cipher, Constant, DateShift, Distribution, Fpe, FpeDomain, FpeMode,
    Generalize, Group, Identifier, Keep, Mask, MaskKind, Microaggregate, Noise, OnBroken,
    PersonPart, ResidentId, Round, SamePerson, Scrub, ScrubFormat, ScrubWith, Swap, Technique,
    TimeUnit, Token, TokenForm, TopBottom, Truncate,
};

use crate::fault::{Fault, Faults, Place, Source};
use crate::name::{ColumnName, DatasetId, ScenarioId};
use crate::rows::RowFilter;

/// The most data sets of one scenario.
pub const DATASETS_MAX: usize = 64;

/// China Standard Time is eight hours ahead of UTC all year; it has had no summer time since 1991.
const SHANGHAI: Offset = Offset::constant(8);

crate::words::words! {
    /// What governed SQL may do with a column; a column without any is never used.
    Use {
        /// May leave as it is.
        Plain = "plain",
        /// May leave as a group key.
        Group = "group",
        /// Only inside SUM, AVG, COUNT and their like.
        Aggregate = "aggregate",
        /// Only in join keys and COUNT DISTINCT.
        Join = "join",
        /// Only in filters.
        Compare = "compare",
    }
}

/// The whole days on which a scenario may be used, in Asia/Shanghai, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
}

impl Term {
    /// Whether an instant, in seconds since 1970-01-01T00:00:00Z, falls on one of the days.
    #[must_use]
    pub fn covers_unix_seconds(&self, seconds: i64) -> bool {
        let Ok(instant) = jiff::Timestamp::from_second(seconds) else {
            return false;
        };
        let day = SHANGHAI.to_datetime(instant).date();
        self.from <= day && day <= self.until
    }
}

/// What a scenario may do with one column.
#[derive(Debug, Clone)]
pub struct ColumnPolicy {
    /// The column.
    pub name: ColumnName,
    /// Where its name stands in the document.
    pub place: Place,
    /// Its uses in governed SQL; empty means never.
    pub compute: BTreeSet<Use>,
    /// How it is released in samples; a column without is not in the sample.
    pub sample: Option<ColumnSample>,
}

/// The technique of a column and where it is written, so that a later check can point there.
#[derive(Debug, Clone)]
pub struct ColumnSample {
    /// The technique.
    pub technique: Technique,
    /// What becomes of a value that it cannot work on.
    pub on_broken: OnBroken,
    /// Its place in the document.
    pub place: Place,
}

/// What a scenario may do with one data set; columns that are not listed are never used and never sampled.
#[derive(Debug, Clone)]
pub struct DatasetPolicy {
    /// The data set.
    pub id: DatasetId,
    /// Where its id stands in the document.
    pub place: Place,
    /// Which rows exist for the scenario; all when absent.
    pub rows: Option<RowFilter>,
    /// The place of the filter's first character, and whether characters can be counted on from there.
    pub(crate) rows_place: RowsPlace,
    /// The columns in the order written.
    pub columns: Vec<ColumnPolicy>,
}

/// Where a filter's text stands in the document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowsPlace {
    pub(crate) place: Place,
    /// False for texts with escapes or over several lines, of which only the start can be shown.
    pub(crate) countable: bool,
}

impl RowsPlace {
    pub(crate) fn of(&self, at: crate::rows::At) -> Place {
        if !self.countable {
            return self.place;
        }
        Place {
            column: self.place.column + at.start,
            length: at.length,
            ..self.place
        }
    }
}

impl DatasetPolicy {
    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnPolicy> {
        self.columns.iter().find(|column| column.name == *name)
    }
}

/// A scenario policy document, parsed; whether it fits its data sets is what [`check`](crate::check()) says.
///
/// ```
/// use policy::{ScenarioPolicy, Technique};
///
/// let policy = ScenarioPolicy::parse("policy.yaml", "
/// scenario: medical-insurance-fraud
/// purpose: 识别异常报销行为
/// valid: { from: 2026-02-01, until: 2027-01-31 }
/// datasets:
///   ybj/claims:
///     rows: \"region LIKE '65%'\"
///     columns:
///       region: { compute: [group, compare], sample: keep }
///       amount: { compute: [aggregate], sample: { round: { to: 10 } } }
/// sample: { method: uniform, rate: 0.01, rows_max: 100_000 }
/// output: { shape: statistics, k: 10 }
/// ")?;
/// assert_eq!(policy.scenario.as_str(), "medical-insurance-fraud");
/// assert_eq!(policy.sample.as_ref().map(|s| s.k_map), Some(5));
/// # Ok::<(), policy::Faults>(())
/// ```
#[derive(Debug, Clone)]
pub struct ScenarioPolicy {
    source: Source,
    /// The scenario.
    pub scenario: ScenarioId,
    /// What the data is used for, in the writer's words.
    pub purpose: String,
    /// When it may be used.
    pub valid: Term,
    /// The data sets in the order written.
    pub datasets: Vec<DatasetPolicy>,
    /// The hierarchies that its columns may name, in the order written.
    pub hierarchies: Vec<Hierarchy>,
    /// How samples are drawn; without it the scenario has none.
    pub sample: Option<SampleRecipe>,
    /// What may leave as a result; without it no job of the scenario runs.
    pub output: Option<OutputContract>,
}

impl ScenarioPolicy {
    /// Reads a policy document; `file` is the name that faults call it by.
    ///
    /// # Errors
    ///
    /// Every fault of the document at once, each with line, column and caret.
    pub fn parse(file: &str, text: &str) -> Result<Self, Faults> {
        parse::parse(Source::new(file, text))
    }

    /// The data set of this id.
    #[must_use]
    pub fn dataset(&self, id: &str) -> Option<&DatasetPolicy> {
        self.datasets.iter().find(|dataset| dataset.id == *id)
    }

    /// The hierarchy of this name.
    #[must_use]
    pub fn hierarchy(&self, name: &str) -> Option<&Hierarchy> {
        self.hierarchies
            .iter()
            .find(|hierarchy| hierarchy.name == *name)
    }

    /// The document as it was written, for storing it.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// The document's content as canonical JSON (RFC 8785), defaults written out, for its digest.
    ///
    /// Two spellings of the same rules give the same text; any rule that differs gives another.
    #[must_use]
    pub fn canonical_json(&self) -> String {
        crate::canonical::text(&json::policy(self))
    }

    /// Shows faults that another check found at places of this document, such as a technique's.
    ///
    /// A refusal is a refusal: without any fault it still says that the document is not accepted.
    #[must_use]
    pub fn refuse(&self, faults: Vec<Fault>) -> Faults {
        self.source.refuse(faults)
    }
}

#[cfg(test)]
mod tests;
