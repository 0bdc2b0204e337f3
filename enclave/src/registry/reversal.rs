//! Reversals, from the request to its end.

use lineage::digest::Digest;
use lineage::event::ReversalRequested;
use lineage::leaf::Leaf;
use lineage::{Actor, Timestamp};

/// A provider's request for the original of one surrogate.
#[derive(Debug, Clone)]
pub struct Reversal {
    /// `tenants/{t}/scenarios/{s}/samples/{id}/reversals/{r}`.
    pub name: String,
    /// The data set.
    pub dataset: String,
    /// The column.
    pub column: String,
    /// The organisation that asked.
    pub organisation: String,
    /// The person who asked.
    pub actor: Actor,
    /// When.
    pub time: Timestamp,
    /// From when on it is over.
    pub expires: Timestamp,
    /// The digest of the request in words, under which they stand in the blob store.
    pub request_digest: Digest,
    /// The log entry of the request.
    pub requested: u64,
    /// Where it stands.
    pub state: ReversalState,
}

/// Where a reversal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReversalState {
    /// Waiting for a person of the institution.
    Requested,
    /// Confirmed by this entry.
    Confirmed {
        /// The log entry.
        seq: u64,
    },
    /// Rejected by a person of the institution.
    Rejected {
        /// The log entry.
        seq: u64,
    },
    /// Over before the original was given.
    Expired {
        /// The log entry.
        seq: u64,
    },
    /// Given to the provider.
    Answered {
        /// The log entry of the confirmation.
        confirmation: u64,
        /// The log entry of the answer.
        seq: u64,
    },
}

impl Reversal {
    pub(super) fn new(leaf: &Leaf, body: &ReversalRequested) -> Self {
        Self {
            name: body.reversal.clone(),
            dataset: body.dataset.clone(),
            column: body.column.clone(),
            organisation: body.organisation.clone(),
            actor: leaf.actor.clone(),
            time: leaf.time,
            expires: body.expires,
            request_digest: body.request_digest,
            requested: leaf.seq,
            state: ReversalState::Requested,
        }
    }

    pub(super) fn confirmed(&mut self, seq: u64) {
        if self.state == ReversalState::Requested {
            self.state = ReversalState::Confirmed { seq };
        }
    }

    pub(super) fn rejected(&mut self, seq: u64) {
        if self.is_open() {
            self.state = ReversalState::Rejected { seq };
        }
    }

    pub(super) fn expired(&mut self, seq: u64) {
        if self.is_open() {
            self.state = ReversalState::Expired { seq };
        }
    }

    /// Whether it can still come to an answer.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(
            self.state,
            ReversalState::Requested | ReversalState::Confirmed { .. }
        )
    }

    pub(super) fn answered(&mut self, seq: u64) {
        if let ReversalState::Confirmed { seq: confirmation } = self.state {
            self.state = ReversalState::Answered { confirmation, seq };
        }
    }
}
