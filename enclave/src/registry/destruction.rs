//! Destructions of keys, from the request to its end.

use lineage::event::DestructionRequested;
use lineage::leaf::Leaf;
use lineage::{Actor, Timestamp};

/// A person's request for the end of a key.
#[derive(Debug, Clone)]
pub struct Destruction {
    /// What was asked for, as it stands in the log.
    pub body: DestructionRequested,
    /// The person who asked.
    pub actor: Actor,
    /// When.
    pub time: Timestamp,
    /// The log entry of the request.
    pub requested: u64,
    /// Where it stands.
    pub state: DestructionState,
}

/// Where a destruction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestructionState {
    /// Waiting for a second person.
    Requested,
    /// Confirmed; the key is gone.
    Destroyed {
        /// The log entry.
        seq: u64,
    },
    /// Rejected; the key stays.
    Rejected {
        /// The log entry.
        seq: u64,
    },
    /// Over before anybody confirmed; the key stays.
    Expired {
        /// The log entry.
        seq: u64,
    },
}

impl Destruction {
    pub(super) fn new(leaf: &Leaf, body: &DestructionRequested) -> Self {
        Self {
            body: body.clone(),
            actor: leaf.actor.clone(),
            time: leaf.time,
            requested: leaf.seq,
            state: DestructionState::Requested,
        }
    }

    /// Whether somebody can still confirm it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == DestructionState::Requested
    }

    pub(super) fn ended(&mut self, state: DestructionState) {
        if self.is_open() {
            self.state = state;
        }
    }
}
