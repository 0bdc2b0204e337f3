//! What the service and its sealed worker say to each other.
//!
//! A [`Task`] goes in after `sealed`, with the keys of granted columns; one [`Verdict`] comes back. Both are JSON, both
//! bounded by `sandbox`; neither is shown to a requester as it is.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use egress::{Governance, Refusal};

use crate::files::Frame;
use crate::vault::{ColumnKeys, VaultError};

/// What the worker is to do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Task {
    /// Parse and govern, without data or keys.
    Plan(Query),
    /// Parse, govern and run.
    Run(Run),
    /// Read another worker's output, check and rebuild it.
    Rebuild(Rebuild),
}

/// A requester's query and the rules it runs under.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Query {
    /// The requester's SQL.
    pub(super) sql: String,
    /// The rules.
    pub(super) governance: Governance,
}

/// A query with its inputs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Run {
    /// The query.
    pub(super) query: Query,
    /// One per input descriptor, in their order.
    pub(super) inputs: Vec<Input>,
    /// The pool for hash tables and sorts; over it the query ends, it never spills.
    pub(super) memory_bytes: u64,
    /// How many parts of a scan run at once.
    pub(super) partitions: u64,
}

/// Which table an input descriptor holds, and the keys of the columns that the query may read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    /// The table's schema in SQL.
    pub(super) schema: String,
    /// The table's name in SQL.
    pub(super) table: String,
    /// Keys of granted columns and hidden unit columns only.
    pub(super) keys: KeyMessage,
}

/// An output to be read by a second worker.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rebuild {
    /// The query that made it, so that schema and order are known in advance.
    pub(super) query: Query,
}

/// What the worker answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// The query may run.
    Planned {
        /// Digest of the governed plan, lower-case hex.
        plan_digest: String,
    },
    /// The query ran; the output holds its groups of at least k units.
    Ran {
        /// Digest of the governed plan, lower-case hex.
        plan_digest: String,
        /// How many groups were withheld, as a band.
        withheld: egress::Band,
    },
    /// The output is what the contract allows and was written again.
    Rebuilt(Rebuilt),
    /// A rule says no.
    Refused(Refused),
}

/// A refusal with the engine's own words, which only the caller at home may read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Refused {
    /// What may be told.
    pub(super) refusal: Refusal,
    /// What may be told where the data is sample data.
    pub(super) detail: Option<String>,
}

/// Where the rebuilt files stand in the output, one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rebuilt {
    /// The files, in order.
    pub(super) files: Vec<Span>,
    /// How many rows the table has.
    pub(super) rows: u64,
}

/// A file's name and its length in the output.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Span {
    /// The name.
    pub(super) name: String,
    /// Its length in bytes.
    pub(super) bytes: u64,
    /// Of an Arrow stream, where its messages begin and end.
    #[serde(default)]
    pub(super) frames: Vec<Frame>,
}

/// Column keys as text in the task; wiped when dropped.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct KeyMessage(String);

impl fmt::Debug for KeyMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyMessage(…)")
    }
}

impl Drop for KeyMessage {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl KeyMessage {
    pub(super) fn new(keys: ColumnKeys) -> Self {
        Self(STANDARD.encode(&*keys.into_message()))
    }

    pub(super) fn open(&self) -> Result<ColumnKeys, VaultError> {
        let bytes = Zeroizing::new(
            STANDARD
                .decode(&self.0)
                .map_err(|_| VaultError::KeyMessage)?,
        );
        ColumnKeys::from_message(&bytes)
    }
}
