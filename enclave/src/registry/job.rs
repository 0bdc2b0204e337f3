//! Jobs, from submission to delivery.

use lineage::event::{
    DatasetVersion, JobDelivered, JobFailed, JobRefused, JobStarted, JobSubmitted, ReleasedFile,
};
use lineage::{Digest, Leaf};

/// One run of a product.
#[derive(Debug, Clone)]
pub struct Job {
    /// `tenants/{t}/scenarios/{s}/jobs/{id}`.
    pub name: String,
    /// The product.
    pub product: String,
    /// The product's version.
    pub version: u64,
    /// The organisation that submitted it.
    pub organisation: String,
    /// The log entry of the submission.
    pub submitted: u64,
    /// The log entry of the start, once started.
    pub started: Option<u64>,
    /// The exact versions read and the approvals rested on, once started.
    pub reads: Option<Reads>,
    /// Where it stands.
    pub state: JobState,
}

/// What a started job reads and rests on.
#[derive(Debug, Clone)]
pub struct Reads {
    /// The versions.
    pub datasets: Vec<DatasetVersion>,
    /// The log entries of the approvals.
    pub approvals: Vec<u64>,
    /// The digest that the approvals are bound to.
    pub binding_digest: Digest,
}

/// Where a job stands.
#[derive(Debug, Clone)]
pub enum JobState {
    /// Waiting for its turn.
    Queued,
    /// In the jail.
    Running,
    /// Passed the gate; the files can be fetched.
    Delivered {
        /// The log entry of the delivery.
        seq: u64,
        /// The files.
        files: Vec<ReleasedFile>,
        /// How many groups were withheld, as a band.
        groups_withheld: String,
    },
    /// Broke a rule.
    Refused {
        /// The log entry.
        seq: u64,
        /// Why, in one of the service's fixed words.
        reason: String,
        /// The digest of the refusal in words.
        refusal_digest: Option<Digest>,
    },
    /// Ended without a result.
    Failed {
        /// The log entry.
        seq: u64,
        /// Why, in one of the service's fixed words.
        reason: String,
    },
}

impl Job {
    pub(super) fn new(leaf: &Leaf, body: &JobSubmitted) -> Self {
        Self {
            name: body.job.clone(),
            product: body.product.clone(),
            version: body.version,
            organisation: leaf.actor.organisation().unwrap_or_default().to_owned(),
            submitted: leaf.seq,
            started: None,
            reads: None,
            state: JobState::Queued,
        }
    }

    pub(super) fn started(&mut self, seq: u64, body: &JobStarted) {
        self.started = Some(seq);
        self.reads = Some(Reads {
            datasets: body.datasets.clone(),
            approvals: body.approvals.clone(),
            binding_digest: body.binding_digest,
        });
        self.state = JobState::Running;
    }

    pub(super) fn delivered(&mut self, seq: u64, body: &JobDelivered) {
        self.state = JobState::Delivered {
            seq,
            files: body.files.clone(),
            groups_withheld: body.groups_withheld.clone(),
        };
    }

    pub(super) fn refused(&mut self, seq: u64, body: &JobRefused) {
        self.state = JobState::Refused {
            seq,
            reason: body.reason.clone(),
            refusal_digest: body.refusal_digest,
        };
    }

    pub(super) fn failed(&mut self, seq: u64, body: &JobFailed) {
        self.state = JobState::Failed {
            seq,
            reason: body.reason.clone(),
        };
    }

    /// Whether its files can be fetched.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        matches!(self.state, JobState::Delivered { .. })
    }

    /// A file of the result by its name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&ReleasedFile> {
        match &self.state {
            JobState::Delivered { files, .. } => files.iter().find(|file| file.name == name),
            _ => None,
        }
    }
}
