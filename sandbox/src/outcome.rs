//! How a job ended, and what it leaves behind.

use std::fmt;
use std::fs::File;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::LimitKind;

/// How a job ended; the requester is shown no more than this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The worker gave its verdict and ended with exit code 0.
    Completed,
    /// A limit ended the job.
    LimitExceeded(LimitKind),
    /// [`crate::Killer::kill`] ended the job.
    Cancelled,
    /// The worker ended in another way.
    Failed(Failure),
}

/// In which way a worker failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// It ended with this exit code, not 0.
    Exit(i32),
    /// This signal ended it; 31 (`SIGSYS`) means a system call that no job ever needs.
    Signal(i32),
    /// It ended with exit code 0 but gave no verdict.
    NoVerdict,
    /// It ended before its supervisor could say how.
    Unknown,
}

/// What a job used, measured from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// User and system time of all its threads.
    pub cpu: Duration,
    /// Largest resident memory in bytes.
    pub peak_memory_bytes: u64,
}

/// A job after its end: every process of it is dead.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub outcome: Outcome,
    /// The worker's verdict, when it gave one; at most [`crate::MAX_VERDICT_BYTES`]. It is the worker's word, not
    /// a fact.
    pub verdict: Option<Vec<u8>>,
    /// What the worker wrote, positioned at the start. Sealed in memory: nobody can change it any more. Not checked.
    pub output: File,
    /// What the worker printed. It may hold raw data and is never shown to a requester.
    pub log: Confidential,
    /// What it used; absent when its supervisor was killed with it.
    pub usage: Option<Usage>,
}

/// Bytes of the highest sensitivity: they may hold any cell of the job's input, so they print as `…` and are wiped
/// when dropped.
pub struct Confidential(Zeroizing<Vec<u8>>);

impl Confidential {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves, for a store that only those may read who may read the raw data.
    #[must_use]
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Confidential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
