//! What was found in one column: counts and words, never a value.

use super::recognise::By;
use super::{Basis, ColumnKind, ColumnLevel, NameMatch, Proposed, Semantic, ValueType};
use crate::Sentence;

/// What a column seems to hold, why, and what is proposed for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The column's name.
    pub column: String,
    /// Cells of the column.
    pub rows: u64,
    /// Cells with a value.
    pub values: u64,
    /// Values that were examined closely; all counts below are of these.
    pub examined: u64,
    /// Distinct values.
    pub distinct: Distinct,
    /// How long the values are, most frequent first.
    pub lengths: Vec<Length>,
    /// Valid values of each recogniser that had any, most surprising first.
    pub rates: Vec<Rate>,
    /// What the column's name says.
    pub name: Option<NameMatch>,
    /// What the column seems to hold.
    pub semantic: Semantic,
    /// What it is said on.
    pub grade: Grade,
    /// From 0 to 1: how sure that is.
    pub confidence: f64,
    /// What else its values are beyond chance.
    pub others: Vec<Semantic>,
    /// Identifiers that its values may be and that nothing in them proves: whoever knows the data is asked.
    pub possible: Vec<Semantic>,
    /// The kind that is proposed.
    pub kind: ColumnKind,
    /// The level that is proposed.
    pub level: ColumnLevel,
    /// The type that holds every value of the column.
    pub value_type: ValueType,
    /// The technique that is proposed.
    pub technique: Proposed,
    /// Why, in sentences for a person.
    pub reasons: Vec<Sentence>,
}

/// What a reading rests on, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// The name alone, or types and counts.
    Guess,
    /// Nothing in the values contradicts it, and another code would look the same: a person has to confirm it.
    Possible,
    /// Ranges, words, or few values under a name that agrees; chance is ruled out as a cause, another code is not.
    Likely,
    /// Check characters, or a form that hardly anything else has; chance is ruled out.
    Proven,
}

impl Grade {
    /// The word of reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guess => "guess",
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Proven => "proven",
        }
    }
}

/// A count of distinct values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distinct {
    /// How many were told apart.
    pub count: usize,
    /// There may be more.
    pub at_least: bool,
}

/// A length and how many values have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// In characters; 64 stands for 64 and more.
    pub characters: usize,
    /// Values.
    pub values: u64,
}

/// How often values were valid, and how often they would be by chance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Of what.
    pub semantic: Semantic,
    /// Values that could have been valid: those of its shape, or all. Each distinct one once, but for words and forms.
    pub trials: u64,
    /// Values that were.
    pub valid: u64,
    /// Cells that hold a valid value.
    pub cells: u64,
    /// Cells that could.
    pub(super) cell_trials: u64,
    /// What the recogniser goes by.
    pub(super) by: By,
    /// The share of trials that would be valid by chance.
    pub chance: f64,
    /// log₁₀ of the probability of so many valid values by chance, −300 at least.
    pub log10_p: f64,
    /// What the recogniser goes by.
    pub basis: Basis,
    /// Whether chance is ruled out.
    pub significant: bool,
}

impl Rate {
    /// Valid cells beyond those that chance gives.
    #[must_use]
    pub fn excess(&self) -> f64 {
        self.cells as f64 - self.cell_trials as f64 * self.chance
    }

    /// The share of trials that were valid, from 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.valid as f64 / self.trials.max(1) as f64
    }
}
