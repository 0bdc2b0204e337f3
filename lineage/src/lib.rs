//! What happened, provably: a hash-chained log that a regulator checks alone.
//!
//! The crate knows neither data sets' content nor a database. It answers one question: what
//! happened, in which order, and who signed for it.
//!
//! # The life of a leaf
//!
//! 1. The service builds a [`NewEvent`]: who, for which tenant, and one of the bodies in [`event`].
//!    The stream (a data set's, a scenario's, the tenant's, or `log`) follows from the body, and
//!    names of another tenant are refused here.
//! 2. [`Log::append`] queues it; the queue is bounded, so a slow disk slows callers down.
//! 3. The one writer thread takes what is queued (at most [`log::BATCH_EVENTS_MAX`] events and one
//!    more call), gives each event `seq`, a time that never goes back, and the hashes of its two
//!    predecessors (`prev` in the log, `stream_prev` in its stream), and encodes it as canonical
//!    JSON ([`leaf`]).
//! 4. The leaf's hash joins the Merkle tree ([`tree`]). All frames of the batch and a seal with the
//!    new size and root are written in one call and synced.
//! 5. Only now are callers answered ([`Appended`]) and readers shown the leaf. If writing or syncing
//!    fails, nobody is told of success and nothing is written until the log is opened again.
//! 6. Within a second, or on [`Log::checkpoint_now`], the size and root are signed ([`checkpoint`])
//!    and the note replaces the last one durably. A size is signed once.
//! 7. [`Log::receipt`] hands out leaves with their proofs; [`verify`] checks receipts and whole logs
//!    with the log's public key and the regulator's trust list alone.
//!
//! # Files
//!
//! ```text
//! DIR/                           0700, locked by its one opener (flock on the directory)
//!   segments/                    0700
//!     00000000000000000000.seg   0600, named after its first leaf; the next begins after 64 MiB
//!   checkpoint                   0600, the newest note; written as checkpoint.tmp, synced, renamed
//!
//! frame  = len u32 | crc32c u32 | seq u64 | bytes   little-endian; crc over len, seq, bytes
//! leaf   = 0x01 | JCS of the leaf's fields          seq = position; at most 60 KiB
//! seal   = 0xff | size u64 | root [32]              seq = size; after each batch
//!
//! checkpoint = C2SP tlog-checkpoint (origin, size, base64 root) in a C2SP signed-note
//! ```
//!
//! Leaf hash = SHA-256(0x00 | leaf), node hash = SHA-256(0x01 | left | right) (RFC 6962 section
//! 2.1). `prev` and `stream_prev` are leaf hashes, so one root commits to tree and chains.
//!
//! # Recovery
//!
//! Opening reads everything. Readable frames are kept, sealed or not. A frame that cannot be read is
//! cut, and the cut logged as `log.recovered`, only in the last segment, beyond the seal of the last
//! checkpoint, with no readable frame after it. Anything else is refused with file and offset, and
//! nothing is changed.
//!
//! # What it does not do
//!
//! No tiles, no witness, no hourly stream heads: a second history shown to somebody else is not seen
//! by this version, and the verifier says so. Whoever holds the log's key can sign a new log; what
//! they cannot do is sign a person's approval.
//!
//! # Example
//!
//! ```
//! use lineage::{Actor, Log, NewEvent, NoteSigner, TrustList, event, verify};
//!
//! let home = tempfile::tempdir()?;
//! let signer = NoteSigner::generate("example.com/log")?;
//! let log = Log::create(&home.path().join("log"), signer, "example.com/log")?;
//! let actor: Actor = "karez://xj/sjj/institution/p-1".parse()?;
//! let refused = event::JobRefused {
//!     job: "tenants/xj/scenarios/fraud/jobs/j1".into(),
//!     reason: "threshold".into(),
//!     refusal_digest: None,
//! };
//! let appended = log.append(NewEvent::new(actor, "xj", refused).request_id("r-1"))?;
//! let receipt = log.receipt(appended.seq, &[])?;
//! let report = verify::receipt(&receipt, &[], log.verifier(), &TrustList::default());
//! assert!(report.is_verified());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod chain;
pub mod checkpoint;
pub mod digest;
mod encoding;
pub mod event;
pub mod jcs;
pub mod leaf;
pub mod log;
pub mod name;
pub mod note;
pub mod receipt;
mod replay;
mod secret_file;
mod segment;
pub mod statement;
#[cfg(test)]
mod testing;
pub mod time;
pub mod tree;
pub mod trust;
pub mod verify;

pub use chain::ChainError;
pub use checkpoint::{Checkpoint, CheckpointError};
pub use digest::{Digest, DigestError};
pub use event::{EventBody, EventError};
pub use leaf::{Decision, Leaf, LeafError};
pub use log::{Appended, Log, LogError, NewEvent, Recovery};
pub use name::{Actor, Duty, NameError, product_version_name};
pub use note::{NoteError, NoteSigner, NoteVerifier};
pub use receipt::{Receipt, ReceiptEntry, ReceiptError};
pub use replay::{Damage, Fault};
pub use secret_file::KeyError;
pub use segment::FrameError;
pub use statement::{PublicKey, SignedStatement, Statement, StatementError, StatementKey};
pub use time::{Timestamp, TimestampError};
pub use trust::{TrustEntry, TrustError, TrustList};
