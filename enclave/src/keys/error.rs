//! What can go wrong with keys; no variant holds key material.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// A key that cannot be made, read, opened or destroyed.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The kernel gave no random bytes: the host's fault.
    #[error("the kernel gave no random bytes: {0}")]
    Entropy(getrandom::Error),
    /// A file could not be read or written.
    #[error("{what} {}: {source}", path.display())]
    File {
        /// What was tried: `cannot read`, `cannot write`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A key file that others than its owner may read.
    #[error("{} may be read by others (mode {mode:03o}); run `chmod 600` on it and ask who could have copied it", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A key file that is not of this format.
    #[error("{} is not a key file of this version; restore it from a backup", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
    },
    /// No such key.
    #[error("there is no key `{path}`: it was never made, or its file is lost")]
    Missing {
        /// The path of the key.
        path: String,
    },
    /// The key, or one above it, was destroyed by command; what it opened is gone for good.
    #[error(
        "the key `{path}` was destroyed: what it opened cannot be read, drawn or reversed any more"
    )]
    Destroyed {
        /// The path of the key that was destroyed, which may stand above the one that was asked for.
        path: String,
    },
    /// The key exists and is not made a second time.
    #[error("the key `{path}` exists already")]
    Exists {
        /// The path of the key.
        path: String,
    },
    /// The wrapped key does not open: altered, moved from another path, or wrapped by another key.
    #[error(
        "the key `{path}` does not open: its file was altered, moved or belongs to another master key"
    )]
    Unopenable {
        /// The path of the key.
        path: String,
    },
    /// Key material of the wrong length.
    #[error("a key has 32 bytes")]
    Length,
}

impl KeyError {
    pub(crate) fn file(what: &'static str, path: &std::path::Path, source: io::Error) -> Self {
        Self::File {
            what,
            path: path.to_owned(),
            source,
        }
    }
}
