//! What happened, provably: a hash-chained log that a regulator checks alone.
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
