//! The gate: may this sample leave, and without whom?

use super::report::Suppression;
use crate::{SampleError, UnitSet};

/// The largest `k` that can be asked for; a class remembers up to this many drawn units.
pub const K_MAX: u64 = 1_000_000;

/// What a policy demands of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    k_map: Option<u64>,
    k: Option<u64>,
    suppress_max: f64,
}

impl Gate {
    /// A gate from the keys of the policy's `sample` section.
    ///
    /// * `k_map`: every released unit shares its class with at least this many units of the
    ///   population, itself counted. The default gate.
    /// * `k`: it also shares it with at least this many units **of the sample**; for
    ///   `membership: known`, where an attacker may know who was drawn.
    /// * `suppress_max`: the share of drawn units that may be taken out to get there.
    ///
    /// # Errors
    /// [`SampleError::KOutOfRange`] unless `1..=`[`K_MAX`]; [`SampleError::SuppressMaxOutOfRange`]
    /// unless `0..=1`.
    pub fn new(k_map: Option<u64>, k: Option<u64>, suppress_max: f64) -> Result<Self, SampleError> {
        for (key, value) in [("k_map", k_map), ("k", k)] {
            if value.is_some_and(|value| !(1..=K_MAX).contains(&value)) {
                return Err(SampleError::KOutOfRange { key, max: K_MAX });
            }
        }
        if !(0.0..=1.0).contains(&suppress_max) {
            return Err(SampleError::SuppressMaxOutOfRange);
        }
        Ok(Self {
            k_map,
            k,
            suppress_max,
        })
    }

    /// Classes of fewer population units than this lose their drawn units; 0 takes out none.
    pub(super) fn population_floor(&self) -> u64 {
        self.k_map.unwrap_or(0)
    }

    /// Classes of fewer sample units than this lose them; 0 takes out none.
    pub(super) fn sample_floor(&self) -> u64 {
        self.k.unwrap_or(0)
    }

    /// How many of the drawn units may be suppressed.
    pub(super) fn allowed(&self, drawn: u64) -> u64 {
        // A product like 0.29 · 100 lies a hair under its whole number; 1e-9 lifts it over.
        (self.suppress_max * drawn as f64 + 1e-9).floor() as u64
    }

    /// The decision, given what suppression would take.
    pub(super) fn decide(&self, drawn: u64, taken: Suppression, suppress: UnitSet) -> Verdict {
        let suppressed = taken.k_map + taken.k;
        let allowed = self.allowed(drawn);
        if drawn == 0 {
            Verdict::Refused(Refusal::NothingDrawn)
        } else if suppressed > allowed {
            Verdict::Refused(Refusal::TooManySuppressed {
                suppressed,
                drawn,
                allowed,
            })
        } else if suppressed == drawn {
            Verdict::Refused(Refusal::NothingLeft { drawn })
        } else {
            Verdict::Passed { suppress }
        }
    }
}

/// The gate's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The sample may leave without these units, in all of its tables.
    Passed {
        /// The units to take out; [`crate::consistent_mask`] wants them.
        suppress: UnitSet,
    },
    /// The sample may not leave.
    Refused(Refusal),
}

/// Why a sample may not leave; counts of units, never which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No unit was drawn: the rate is too small for this population.
    #[error("no unit was drawn; raise the sample's rate or rows_max")]
    NothingDrawn,
    /// More units stand in small classes than may be taken out.
    #[error(
        "{suppressed} of {drawn} drawn units stand in classes that are too small, and suppress_max \
         allows {allowed}; generalise the quasi columns further or raise suppress_max"
    )]
    TooManySuppressed {
        /// Units that would have to go.
        suppressed: u64,
        /// Units drawn.
        drawn: u64,
        /// Units that may go.
        allowed: u64,
    },
    /// Every drawn unit stands in a small class.
    #[error(
        "all {drawn} drawn units stand in classes that are too small; generalise the quasi columns further"
    )]
    NothingLeft {
        /// Units drawn.
        drawn: u64,
    },
}

#[cfg(test)]
mod tests {
    //! Edges of the gate.

    use super::*;

    #[test]
    fn wrong_gates_are_refused() {
        let check = |k_map, k, max| assert!(Gate::new(k_map, k, max).is_err());
        check(Some(0), None, 0.1);
        check(None, Some(K_MAX + 1), 0.1);
        check(Some(5), None, -0.1);
        check(Some(5), None, 1.1);
        check(Some(5), None, f64::NAN);
    }

    #[test]
    fn whole_products_are_allowed_whole() {
        let check = |max, drawn, expect| {
            assert_eq!(
                Gate::new(Some(5), None, max).unwrap().allowed(drawn),
                expect
            );
        };
        check(0.29, 100, 29);
        check(0.07, 100, 7);
        check(0.05, 199, 9);
        check(0.0, 1_000_000, 0);
        check(1.0, 3, 3);
    }

    #[test]
    fn decides_at_the_edge() {
        let gate = Gate::new(Some(5), None, 0.5).unwrap();
        let check = |drawn, k_map, expect: Option<Refusal>| {
            let found = gate.decide(drawn, Suppression { k_map, k: 0 }, UnitSet::default());
            let refusal = match found {
                Verdict::Passed { .. } => None,
                Verdict::Refused(refusal) => Some(refusal),
            };
            assert_eq!(refusal, expect);
        };
        check(10, 5, None);
        check(
            10,
            6,
            Some(Refusal::TooManySuppressed {
                suppressed: 6,
                drawn: 10,
                allowed: 5,
            }),
        );
        check(0, 0, Some(Refusal::NothingDrawn));
        let all = Gate::new(Some(5), None, 1.0).unwrap();
        let found = all.decide(3, Suppression { k_map: 3, k: 0 }, UnitSet::default());
        assert_eq!(found, Verdict::Refused(Refusal::NothingLeft { drawn: 3 }));
    }
}
