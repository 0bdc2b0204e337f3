//! What is noted of one column while its rows go by.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use super::recognise::{RECOGNISED, VALUE_BYTES_MAX, Verdict, verdict};
use super::semantic::Semantic;
use super::types::{self, Fits};
use crate::Identifier;
use crate::identifier::find::find;

/// Distinct values counted at most; a column with more is told as "at least".
pub const DISTINCT_MAX: usize = 4096;
/// Lengths told apart, in characters; longer values are counted together.
pub(super) const LENGTHS: usize = 65;
/// Values from this many characters on are searched for identifiers inside.
const SENTENCE_CHARACTERS: usize = 20;

/// Whether a value counts at its first time only: words that repeat are those of a category.
pub(super) const fn counts_once(semantic: Semantic) -> bool {
    matches!(semantic, Semantic::PersonName | Semantic::Address)
}

/// Trials and valid values of one recogniser.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub(super) trials: u64,
    pub(super) valid: u64,
}

/// Counts of one column; no value is kept.
#[derive(Clone, Debug)]
pub(super) struct Observed {
    pub(super) rows: u64,
    /// Cells with a value.
    pub(super) values: u64,
    /// Values that were examined.
    pub(super) examined: u64,
    pub(super) fits: Fits,
    pub(super) lengths: [u64; LENGTHS],
    pub(super) counts: [Count; RECOGNISED.len()],
    /// Hashes under a fixed key, so that the same table gives the same count.
    distinct: HashSet<u64, BuildHasherDefault<DefaultHasher>>,
    /// Years of the days among the values: the first and the last.
    years: Option<(i32, i32)>,
    /// Values with a blank inside.
    pub(super) spaced: u64,
    /// Sentences with an identifier somewhere inside.
    pub(super) within: [u64; Identifier::ALL.len()],
}

impl Default for Observed {
    fn default() -> Self {
        Self {
            rows: 0,
            values: 0,
            examined: 0,
            fits: Fits::default(),
            lengths: [0; LENGTHS],
            counts: [Count::default(); RECOGNISED.len()],
            distinct: HashSet::default(),
            years: None,
            spaced: 0,
            within: [0; Identifier::ALL.len()],
        }
    }
}

impl Observed {
    /// Takes note of one cell; blanks around a value are ignored, and blanks alone are no value.
    pub(super) fn observe(&mut self, cell: Option<&str>, examined: bool) {
        self.rows += 1;
        let Some(value) = cell.map(str::trim).filter(|value| !value.is_empty()) else {
            return;
        };
        self.values += 1;
        self.fits.observe(value);
        if examined {
            self.examine(value);
        }
    }

    fn examine(&mut self, value: &str) {
        self.examined += 1;
        let characters = value.chars().count();
        if let Some(length) = self.lengths.get_mut(characters.min(LENGTHS - 1)) {
            *length += 1;
        }
        self.spaced += u64::from(value.contains(char::is_whitespace));
        let first = self.is_first(value);
        if characters >= SENTENCE_CHARACTERS {
            self.search(value);
        }
        if value.len() > VALUE_BYTES_MAX {
            return;
        }
        for (semantic, count) in RECOGNISED.iter().zip(&mut self.counts) {
            // A word that stands in every row proves no more than once that it looks like a name or an address.
            if counts_once(*semantic) && !first {
                continue;
            }
            let verdict = verdict(*semantic, value);
            count.trials += u64::from(verdict != Verdict::Outside);
            count.valid += u64::from(verdict == Verdict::Valid);
        }
        if let Some(year) = types::year(value) {
            let (first, last) = self.years.unwrap_or((year, year));
            self.years = Some((first.min(year), last.max(year)));
        }
    }

    /// Counts the identifiers that a sentence has, each once.
    fn search(&mut self, sentence: &str) {
        let found = find(sentence);
        for (identifier, count) in Identifier::ALL.iter().zip(&mut self.within) {
            let whole = |range: &std::ops::Range<usize>| range.len() == sentence.len();
            let inside = found
                .iter()
                .any(|found| found.identifier == *identifier && !whole(&found.range));
            *count += u64::from(inside);
        }
    }

    /// Whether a value is met for the first time, as far as that is followed.
    fn is_first(&mut self, value: &str) -> bool {
        if self.distinct.len() == DISTINCT_MAX {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        self.distinct.insert(hasher.finish())
    }

    /// How many values a recogniser's count is a part of: distinct ones for names and addresses, examined ones for all others.
    pub(super) fn whole(&self, semantic: Semantic) -> u64 {
        match semantic {
            semantic if counts_once(semantic) => self.distinct.len() as u64,
            _ => self.examined,
        }
    }

    /// Distinct values among the examined, [`DISTINCT_MAX`] at most.
    pub(super) fn distinct(&self) -> usize {
        self.distinct.len()
    }

    /// Years between the first and the last day.
    pub(super) fn years(&self) -> i32 {
        self.years.map_or(0, |(first, last)| last - first)
    }

    /// Whether nearly every examined value is another.
    pub(super) fn is_nearly_unique(&self) -> bool {
        const SHARE: f64 = 0.9;
        self.distinct() == DISTINCT_MAX || self.distinct() as f64 >= SHARE * self.examined as f64
    }

    /// The most frequent length, and the share of the examined values that have it.
    pub(super) fn length(&self) -> (usize, f64) {
        let most = self
            .lengths
            .iter()
            .enumerate()
            .max_by_key(|(_, count)| **count);
        most.map_or((0, 0.0), |(length, count)| {
            (length, *count as f64 / self.examined.max(1) as f64)
        })
    }
}
