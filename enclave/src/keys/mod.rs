//! Which secret opens what? Keys are two trees, and every key but the master can be destroyed.
//!
//! ```text
//! at rest:  master ─► data set ─► version ─► column, footer      all random, each wrapped by the one before
//! release:  master ─► tenant ─► scenario (random, wrapped) ─► column domain, sampling    (HKDF-SHA-256 by name)
//!                        └──► unit key, source salt, marks ─► sample ─► recipient
//!           master ─► blobs
//! ```
//!
//! A wrapped key is AES-256-GCM with the key's whole path as associated data, so a file moved to another place does not
//! open. Destroying a key makes everything below it unreadable: [`KeyStore::bury`] by command, for good and by
//! name, [`KeyStore::destroy`] for what an attempt left behind. Bulk data never passes here: [`chunks`] and Parquet's own
//! encryption use `ring`, which is faster.

pub mod chunks;
mod durable;
mod error;
mod mark;
mod master;
mod path;
mod release;
mod secret;
mod store;
mod unit;
mod wrap;

pub(crate) use durable::{create_dir, sync_dir, write_durably};
pub use error::KeyError;
pub use mark::MarkRoot;
pub use master::MasterKey;
pub use path::KeyPath;
pub use release::ReleaseKey;
pub use secret::{KEY_BYTES, SecretKey};
pub use store::KeyStore;
pub use unit::{SourceSalt, UnitKey, UnitNumbering};
