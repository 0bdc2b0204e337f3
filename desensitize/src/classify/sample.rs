//! Distinct values of a column, and what recognisers say of each, in bounded memory.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use super::column::Count;
use super::recognise::Verdict;

/// Distinct values kept at most; a column with more is told as "at least".
pub const DISTINCT_MAX: usize = 4096;

/// What every recogniser says of one value, a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    trials: u32,
    valid: u32,
}

impl Marks {
    /// Notes the verdict of the recogniser at a place.
    pub(super) fn set(&mut self, at: usize, verdict: Verdict) {
        let bit = 1_u32.checked_shl(at as u32).unwrap_or_default();
        match verdict {
            Verdict::Outside => {}
            Verdict::Invalid => self.trials |= bit,
            Verdict::Valid => {
                self.trials |= bit;
                self.valid |= bit;
            }
        }
    }
}

/// Distinct values by their hashes: all of them, or above [`DISTINCT_MAX`] those whose hash ends in so many zeros. So
/// every distinct value is as likely to be kept as any other, whether it stands first or last, once or in each row
/// (Gibbons 2001, distinct sampling).
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    /// Hashes under a fixed key, so that the same table gives the same counts.
    kept: HashMap<u64, Marks, BuildHasherDefault<DefaultHasher>>,
    zeros: u32,
}

impl Sample {
    /// Takes note of a value, which counts at its first time.
    pub(super) fn note(&mut self, value: &str, marks: Marks) {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        let hash = hasher.finish();
        if hash.trailing_zeros() < self.zeros {
            return;
        }
        self.kept.insert(hash, marks);
        while self.kept.len() > DISTINCT_MAX {
            self.zeros += 1;
            let zeros = self.zeros;
            self.kept.retain(|hash, _| hash.trailing_zeros() >= zeros);
        }
    }

    /// Distinct values, [`DISTINCT_MAX`] at most.
    pub(super) fn distinct(&self) -> usize {
        match self.zeros {
            0 => self.kept.len(),
            _ => DISTINCT_MAX,
        }
    }

    /// About how many distinct values stand for one that is kept.
    pub(super) fn weight(&self) -> f64 {
        f64::from(self.zeros).exp2()
    }

    /// Kept values that the recogniser at a place counts.
    pub(super) fn count(&self, at: usize) -> Count {
        let bit = 1_u32.checked_shl(at as u32).unwrap_or_default();
        let of = |marks: fn(&Marks) -> u32| {
            self.kept
                .values()
                .filter(|kept| marks(kept) & bit != 0)
                .count() as u64
        };
        Count {
            trials: of(|marks| marks.trials),
            valid: of(|marks| marks.valid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_once_and_many_are_sampled_fairly() {
        let mut sample = Sample::default();
        let (mut valid, mut other) = (Marks::default(), Marks::default());
        valid.set(3, Verdict::Valid);
        other.set(3, Verdict::Invalid);
        for _ in 0..10 {
            sample.note("one", valid);
        }
        assert_eq!((sample.distinct(), sample.count(3).valid), (1, 1));
        // A tenth is valid, all of it at the end.
        for value in 0..100_000 {
            let marks = if value < 90_000 { other } else { valid };
            sample.note(&value.to_string(), marks);
        }
        let Count { trials, valid } = sample.count(3);
        assert_eq!(sample.distinct(), DISTINCT_MAX);
        assert!(
            (DISTINCT_MAX / 3..=DISTINCT_MAX).contains(&(trials as usize)),
            "{trials}"
        );
        let share = valid as f64 / trials as f64;
        assert!((0.07..0.13).contains(&share), "{share}");
        assert!((0.9..1.1).contains(&(trials as f64 * sample.weight() / 100_001.0)));
        assert_eq!(sample.count(4).trials, 0);
    }
}
