//! Scenarios and the policy in force in each.

use lineage::digest::Digest;
use lineage::event::ScenarioPublished;
use sampler::Threshold;

/// A published scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// `tenants/{t}/scenarios/{s}`.
    pub name: String,
    /// The log entry that published the policy in force.
    pub seq: u64,
    /// The digest of the policy in force, under which its text stands in the blob store.
    pub policy_digest: Digest,
    /// The data sets that the policy names.
    pub datasets: Vec<String>,
    /// The selection threshold of the last release, which later ones may lower and never raise.
    pub frozen_threshold: Option<Threshold>,
}

impl Scenario {
    pub(super) fn new(body: &ScenarioPublished) -> Self {
        Self {
            name: body.scenario.clone(),
            seq: 0,
            policy_digest: body.policy_digest,
            datasets: Vec::new(),
            frozen_threshold: None,
        }
    }

    pub(super) fn publish(&mut self, seq: u64, body: &ScenarioPublished) {
        self.seq = seq;
        self.policy_digest = body.policy_digest;
        self.datasets = body.datasets.clone();
    }

    pub(super) fn freeze(&mut self, threshold: &str) {
        let released = threshold.parse().ok();
        self.frozen_threshold = match (self.frozen_threshold, released) {
            (Some(frozen), Some(released)) => Some(Threshold::min(frozen, released)),
            (frozen, released) => frozen.or(released),
        };
    }
}
