//! How much a found file says against a recipient, and how much is enough.

use std::collections::HashMap;

use super::{Marks, Sighting, chosen};

/// The share of marked values that a leaker is expected to have edited at most, on average; more weakens the evidence.
pub const EDITED_SHARE: f64 = 0.2;
/// The probability with which any innocent recipient may be told, over all recipients of one sample.
pub const FALSE_ACCUSATION_MAX: f64 = 1e-6;

/// What the values of a found file say, each value of the sample counted once.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    seen: Vec<Sighting>,
}

impl Evidence {
    /// How many values of the sample were found that carry a choice.
    #[must_use]
    pub fn values(&self) -> u64 {
        count(self.seen.len())
    }
}

/// How well a found file fits one recipient's copy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// Values that carry a choice, each counted once.
    pub marked: u64,
    /// Those whose choice is this recipient's.
    pub agreeing: u64,
    /// How many would agree by chance, on average.
    pub by_chance: f64,
    /// The likelihood ratio in bits: this recipient's copy with [`EDITED_SHARE`] of its values edited, against chance.
    ///
    /// The choices of a recipient who has nothing to do with the file are independent of it, so their ratio is 1 on
    /// average, and they reach `b` bits with a probability of at most 2^-b (Markov's inequality).
    pub bits: f64,
}

/// The bits that are enough to tell one of so many recipients: an innocent one is told with a probability of at most
/// [`FALSE_ACCUSATION_MAX`], over all of them (the union bound).
///
/// ```
/// use desensitize::mark::bits_needed;
///
/// assert!((bits_needed(1) - 19.93).abs() < 0.01);
/// assert!((bits_needed(500) - 28.90).abs() < 0.01);
/// ```
#[must_use]
pub fn bits_needed(recipients: usize) -> f64 {
    let recipients = f64::from(u32::try_from(recipients.max(1)).unwrap_or(u32::MAX));
    (recipients / FALSE_ACCUSATION_MAX).log2()
}

impl Marks {
    /// Gathers what texts of a found file say: in any order, of any columns; texts that are no value of the sample say
    /// nothing. A value that is seen with several choices counts with the one seen most.
    pub fn evidence<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Evidence {
        let mut votes: HashMap<u64, HashMap<(u32, u32), u64>> = HashMap::new();
        for text in texts {
            if let Some(sighting) = self.sight(text) {
                let vote = (sighting.choice, sighting.choices);
                *votes
                    .entry(sighting.slot)
                    .or_default()
                    .entry(vote)
                    .or_default() += 1;
            }
        }
        let seen = votes.into_iter().filter_map(|(slot, votes)| {
            // Ties go to the smaller choice, so that the same file gives the same answer.
            let most = votes
                .into_iter()
                .max_by_key(|((choice, _), votes)| (*votes, std::cmp::Reverse(*choice)));
            most.map(|((choice, choices), _)| Sighting {
                slot,
                choice,
                choices,
            })
        });
        let mut seen: Vec<Sighting> = seen.collect();
        // Floating-point sums depend on their order.
        seen.sort_unstable_by_key(|sighting| sighting.slot);
        Evidence { seen }
    }

    /// How well the evidence fits a recipient's copy.
    #[must_use]
    pub fn fit(&self, recipient: &str, evidence: &Evidence) -> Fit {
        let own = self.choices(recipient);
        let mut fit = Fit {
            marked: evidence.values(),
            agreeing: 0,
            by_chance: 0.0,
            bits: 0.0,
        };
        for sighting in &evidence.seen {
            let choices = f64::from(sighting.choices.max(1));
            fit.by_chance += 1.0 / choices;
            if chosen(&own, sighting.slot, sighting.choices) == sighting.choice {
                fit.agreeing += 1;
                fit.bits += ((1.0 - EDITED_SHARE) * choices + EDITED_SHARE).log2();
            } else {
                fit.bits += EDITED_SHARE.log2();
            }
        }
        fit
    }
}

fn count(values: usize) -> u64 {
    u64::try_from(values).unwrap_or(u64::MAX)
}
