//! What is noted of one column while its rows go by.

use super::heads::{DIGITS_MAX, Heads, Numbers};
use super::recognise::{By, RECOGNISED, VALUE_BYTES_MAX, Verdict};
use super::sample::{Marks, Sample};
use super::semantic::Semantic;
use super::types::{self, Fits};
use crate::Identifier;
use crate::identifier::find::find;

/// Lengths told apart, in characters; longer values are counted together.
pub(super) const LENGTHS: usize = 65;
/// Values from this many characters on are searched for identifiers inside.
const SENTENCE_CHARACTERS: usize = 20;

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
    /// Cells that each recogniser counts.
    pub(super) counts: [Count; RECOGNISED.len()],
    /// Distinct values, or a fair share of them.
    pub(super) sample: Sample,
    /// Cells of digits alone, by their count of digits.
    pub(super) digits: [u64; DIGITS_MAX + 1],
    /// How valid numbers begin.
    pub(super) heads: [Heads; Numbers::ALL.len()],
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
            sample: Sample::default(),
            digits: [0; DIGITS_MAX + 1],
            heads: Default::default(),
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
        if characters >= SENTENCE_CHARACTERS {
            self.search(value);
        }
        if value.len() > VALUE_BYTES_MAX {
            self.sample.note(value, Marks::default());
            return;
        }
        self.count_digits(value);
        self.recognise(value);
        if let Some(year) = types::year(value) {
            let (first, last) = self.years.unwrap_or((year, year));
            self.years = Some((first.min(year), last.max(year)));
        }
    }

    /// Asks every recogniser.
    fn recognise(&mut self, value: &str) {
        let mut marks = Marks::default();
        for (at, (recogniser, count)) in RECOGNISED.iter().zip(&mut self.counts).enumerate() {
            let verdict = recogniser.verdict(value);
            count.trials += u64::from(verdict != Verdict::Outside);
            count.valid += u64::from(verdict == Verdict::Valid);
            marks.set(at, verdict);
            if verdict == Verdict::Valid {
                for (numbers, heads) in Numbers::ALL.iter().zip(&mut self.heads) {
                    if numbers.are(*recogniser) {
                        heads.note(value, *numbers);
                    }
                }
            }
        }
        self.sample.note(value, marks);
    }

    fn count_digits(&mut self, value: &str) {
        if let Some(count) = self.digits.get_mut(value.len())
            && value.bytes().all(|byte| byte.is_ascii_digit())
        {
            *count += 1;
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

    /// Cells that are valid in any of a semantic's ways of writing.
    pub(super) fn valid(&self, semantic: Semantic) -> u64 {
        let spelt = |by| matches!(by, By::Rules | By::Separators | By::Bare);
        let counted = RECOGNISED.iter().zip(&self.counts);
        let own = counted.filter(|(own, _)| own.semantic == semantic && spelt(own.by));
        own.map(|(_, count)| count.valid).sum()
    }

    /// Distinct values among the examined, [`DISTINCT_MAX`](super::DISTINCT_MAX) at most.
    pub(super) fn distinct(&self) -> usize {
        self.sample.distinct()
    }

    /// Years between the first and the last day.
    pub(super) fn years(&self) -> i32 {
        self.years.map_or(0, |(first, last)| last - first)
    }

    /// Whether nearly every examined value is another.
    pub(super) fn is_nearly_unique(&self) -> bool {
        const SHARE: f64 = 0.9;
        self.distinct() == super::DISTINCT_MAX
            || self.distinct() as f64 >= SHARE * self.examined as f64
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
