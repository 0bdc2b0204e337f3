//! Certificates: the development CA that a fresh home gets, the certificates it issues, and the
//! reading of the acting person out of a client's certificate.

mod authority;
mod peer;
mod validity;

pub use authority::{Authority, Issued, is_development};
pub use peer::{CertificateSummary, Fingerprint, PeerError, Principal, certificate_summary};
pub use validity::Validity;

use std::io;
use std::path::PathBuf;

/// Days that a development CA and its server certificate are valid.
pub const AUTHORITY_DAYS_DEFAULT: u32 = 825;

/// Days that a client certificate is valid unless told otherwise.
pub const CLIENT_DAYS_DEFAULT: u32 = 365;

/// Days that anything may be valid, at most: the ceiling that browsers' CAs have kept for years.
pub const DAYS_MAX: u32 = 825;

/// Organisational unit in the subject of every development CA; `serve` refuses it without `--dev`.
pub const DEVELOPMENT_UNIT: &str = "karez development, not for production";

/// A certificate or CA that could not be made or read. No variant carries key material.
#[derive(Debug, thiserror::Error)]
pub enum PkiError {
    /// The file could not be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not a certificate or key in PEM.
    #[error("{path} is not a {what} in PEM")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was expected.
        what: &'static str,
    },
    /// The certificate was not made for this key.
    #[error("{certificate} and {key} do not belong together")]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// A validity outside what is allowed.
    #[error("{days} days is no validity: expected 1 to {DAYS_MAX}")]
    Days {
        /// What was asked for.
        days: u32,
    },
    /// The service's own name was given where a person's is needed.
    #[error("a certificate is issued to a person, not to the service")]
    NotAPerson,
    /// The library refused to make it.
    #[error("the certificate could not be made: {0}")]
    Issue(#[from] rcgen::Error),
}
