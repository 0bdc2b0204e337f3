//! What can go wrong with a log, and whose move it is.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::checkpoint::CheckpointError;
use crate::event::EventError;
use crate::leaf::LeafError;
use crate::replay::Damage;
use crate::tree::ProofError;

use super::{BATCH_BYTES_MAX, BATCH_EVENTS_MAX};

/// Why the log could not do what was asked.
#[derive(Debug, Error)]
pub enum LogError {
    /// The directory for a new log is not empty.
    #[error("{0} is not empty; a log is created in a directory of its own")]
    Exists(PathBuf),
    /// Another process, or this one, has the log open.
    #[error("the log in {0} is open elsewhere; stop the other service first")]
    Locked(PathBuf),
    /// Creation was cut short before anything was acknowledged.
    #[error(
        "the log in {0} has no checkpoint: its creation was cut short, or the file was taken away"
    )]
    Unfinished(PathBuf),
    /// The system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The checkpoint does not count: another key, another log, or changed.
    #[error("checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A segment was changed; nothing is repaired.
    #[error("the log is damaged: {0}")]
    Damaged(Box<Damage>),
    /// Fewer leaves than were signed: files were taken away or an old copy was put back.
    #[error("the log has {found} leaves but its checkpoint covers {signed}: it was rolled back")]
    RolledBack {
        /// The leaves that are there.
        found: u64,
        /// The leaves that were signed.
        signed: u64,
    },
    /// The leaves do not have the root that was signed.
    #[error(
        "the first {0} leaves do not have the root that was signed for them: history was rewritten"
    )]
    Rewritten(u64),
    /// A write or sync failed; nothing is written until the log is opened again.
    #[error("the log is read-only until restart, since a write failed: {0}")]
    ReadOnly(String),
    /// The event cannot become a leaf.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The event's body or tenant is not in order.
    #[error(transparent)]
    Event(#[from] EventError),
    /// More in one batch than is written at once.
    #[error("a batch holds at most {BATCH_EVENTS_MAX} events and {BATCH_BYTES_MAX} bytes")]
    BatchTooLarge,
    /// No such leaf or size.
    #[error(transparent)]
    Range(#[from] ProofError),
}

impl LogError {
    /// The same failure for another caller of the same batch.
    pub(crate) fn read_only(&self) -> Self {
        Self::ReadOnly(self.to_string())
    }
}
