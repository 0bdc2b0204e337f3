//! What happened, provably: a hash-chained log that a regulator checks alone.
#![forbid(unsafe_code)]

pub mod checkpoint;
pub mod digest;
mod encoding;
pub mod event;
pub mod jcs;
pub mod leaf;
pub mod name;
pub mod note;
mod secret_file;
pub mod statement;
#[cfg(test)]
mod testing;
pub mod time;
pub mod tree;
pub mod trust;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use digest::{Digest, DigestError};
pub use event::{EventBody, EventError};
pub use leaf::{Decision, Leaf, LeafError};
pub use name::{Actor, Duty, NameError, product_version_name};
pub use note::{NoteError, NoteSigner, NoteVerifier};
pub use secret_file::KeyError;
pub use statement::{PublicKey, SignedStatement, Statement, StatementError, StatementKey};
pub use time::{Timestamp, TimestampError};
pub use trust::{TrustEntry, TrustError, TrustList};
