//! Samples, from the request to the release.

use lineage::Actor;
use lineage::digest::Digest;
use lineage::event::{
    DatasetVersion, ReleasedFile, SampleCopied, SampleFailed, SampleRefused, SampleReleased,
    SampleRequested,
};
use lineage::leaf::Leaf;

/// One sample of a scenario.
#[derive(Debug, Clone)]
pub struct Sample {
    /// `tenants/{t}/scenarios/{s}/samples/{id}`.
    pub name: String,
    /// The scenario.
    pub scenario: String,
    /// The log entry of the last request.
    pub requested: u64,
    /// Where it stands.
    pub state: SampleState,
    /// The marked copies that were made of it, oldest first.
    pub copies: Vec<Copy>,
}

/// A copy of a sample, marked for one person.
#[derive(Debug, Clone)]
pub struct Copy {
    /// The log entry that made it.
    pub seq: u64,
    /// The person.
    pub recipient: Actor,
    /// The mark's public name.
    pub mark: String,
    /// Its files, under the names of the release.
    pub files: Vec<ReleasedFile>,
}

/// Where a sample stands.
#[derive(Debug, Clone)]
pub enum SampleState {
    /// Being drawn.
    Running,
    /// Passed its gate; the files can be fetched.
    Released {
        /// The log entry of the release.
        seq: u64,
        /// The digest of recipe and data versions: the same request finds the same sample.
        recipe_digest: Digest,
        /// The digest of the policy document that it was drawn under.
        policy_digest: Digest,
        /// The versions it was drawn from.
        datasets: Vec<DatasetVersion>,
        /// The files.
        files: Vec<ReleasedFile>,
        /// The digest of the report.
        report_digest: Digest,
        /// The gate's smallest class.
        k_map: u64,
        /// Units left out because their class was too small.
        suppressed_units: u64,
        /// Whether the release key was dropped.
        one_way: bool,
    },
    /// Did not pass its gate.
    Refused {
        /// The log entry of the refusal.
        seq: u64,
        /// Why, in one of the service's fixed words.
        reason: String,
        /// The digest of the refusal in words.
        refusal_digest: Option<Digest>,
    },
    /// Ended without a result.
    Failed {
        /// The log entry of the failure.
        seq: u64,
        /// Why, in one of the service's fixed words.
        reason: String,
    },
}

impl Sample {
    pub(super) fn new(body: &SampleRequested) -> Self {
        Self {
            name: body.sample.clone(),
            scenario: body.scenario.clone(),
            requested: 0,
            state: SampleState::Running,
            copies: Vec::new(),
        }
    }

    /// A sample that was drawn or refused is found again; one that failed is drawn again.
    pub(super) fn requested(&mut self, seq: u64) {
        self.requested = seq;
        if matches!(self.state, SampleState::Failed { .. }) {
            self.state = SampleState::Running;
        }
    }

    pub(super) fn released(&mut self, seq: u64, body: &SampleReleased) {
        self.state = SampleState::Released {
            seq,
            recipe_digest: body.recipe_digest,
            policy_digest: body.policy_digest,
            datasets: body.datasets.clone(),
            files: body.files.clone(),
            report_digest: body.report_digest,
            k_map: body.k_map,
            suppressed_units: body.suppressed_units,
            one_way: body.one_way,
        };
    }

    pub(super) fn refused(&mut self, seq: u64, body: &SampleRefused) {
        self.state = SampleState::Refused {
            seq,
            reason: body.reason.clone(),
            refusal_digest: body.refusal_digest,
        };
    }

    pub(super) fn failed(&mut self, seq: u64, body: &SampleFailed) {
        self.state = SampleState::Failed {
            seq,
            reason: body.reason.clone(),
        };
    }

    pub(super) fn copied(&mut self, leaf: &Leaf, body: &SampleCopied) {
        self.copies.push(Copy {
            seq: leaf.seq,
            recipient: leaf.actor.clone(),
            mark: body.mark.clone(),
            files: body.files.clone(),
        });
    }

    /// The copy that was made for a person.
    #[must_use]
    pub fn copy_for(&self, recipient: &Actor) -> Option<&Copy> {
        self.copies.iter().find(|copy| copy.recipient == *recipient)
    }

    /// Whether its files can be fetched.
    #[must_use]
    pub fn is_released(&self) -> bool {
        matches!(self.state, SampleState::Released { .. })
    }

    /// A file of the release by its name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&ReleasedFile> {
        match &self.state {
            SampleState::Released { files, .. } => files.iter().find(|file| file.name == name),
            _ => None,
        }
    }
}
