//! The home directory: everything that one Karez installation keeps, and where.
//!
//! ```text
//! karez.toml                     configuration
//! master.key                     64 hex digits; wraps every key of the vault (0600)
//! ca/{cert,key}.pem              development CA (key 0600)
//! server/{cert,key}.pem          certificate for localhost (key 0600)
//! log.key log.vkey               the log's signing key (0600) and its public half
//! trust.json                     whose statements count; the regulator keeps the original
//! clients/DUTY/                  cert.pem key.pem ca.pem signing.key of five development persons
//! log/ blobs/ keys/ data/ tmp/   what the service writes
//! ```

mod identities;
mod init;
mod issue;
mod write;

pub use identities::{DEVELOPMENT_TENANT, DevelopmentIdentity, development_identities};
pub use init::{InitSummary, init};
pub use issue::{IssueRequest, issue_certificate};

use crate::pki::PkiError;
use lineage::{KeyError, NameError, TrustError};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Environment variable that names the home.
pub const HOME_VARIABLE: &str = "KAREZ_HOME";

/// Folder below the user's home that is taken when nothing names one.
const FOLDER_DEFAULT: &str = ".karez";

/// Permission bits of group and others.
const OTHERS: u32 = 0o077;

/// Directories that the service writes into.
const STATE_DIRECTORIES: [&str; 5] = ["log", "blobs", "keys", "data", "tmp"];

/// A home that cannot be made or used. No variant carries key material.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// Neither a flag nor the environment says where the home is.
    #[error("no home: give --home, or set KAREZ_HOME or HOME")]
    Nowhere,
    /// There is already something at the place of a new home.
    #[error(
        "{path} exists and is not empty; an existing home is never overwritten: \
         give --home another place, or move this one away"
    )]
    Exists {
        /// The place.
        path: PathBuf,
    },
    /// There is no home at the place.
    #[error(
        "{path} is no Karez home (it has no karez.toml); make one with: karez init --home {path}"
    )]
    NotAHome {
        /// The place.
        path: PathBuf,
    },
    /// Others than the owner may look into the home.
    #[error("{path} is open to others (mode {mode:03o}); run: chmod {fix:03o} {path}")]
    Open {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they should be.
        fix: u32,
    },
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    Entropy(String),
    /// A certificate could not be made.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// A log or statement key could not be made or saved.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log could not be begun.
    #[error(transparent)]
    Log(#[from] lineage::LogError),
    /// The trust list could not be written.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// An organisation, person or tenant does not follow its pattern.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// An existing home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
}

/// The files of one client identity: what a person needs to connect and to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityFiles {
    root: PathBuf,
}

/// Where the home is: the flag, else `KAREZ_HOME`, else `~/.karez`.
///
/// # Errors
/// [`HomeError::Nowhere`] when none of them says.
///
/// ```
/// use std::path::{Path, PathBuf};
/// let env = |name: &str| (name == "HOME").then(|| "/home/ada".to_owned());
/// assert_eq!(enclave::home::locate(None, env)?, PathBuf::from("/home/ada/.karez"));
/// assert_eq!(enclave::home::locate(Some(Path::new("/k")), env)?, PathBuf::from("/k"));
/// # Ok::<(), enclave::home::HomeError>(())
/// ```
pub fn locate(
    flag: Option<&Path>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<PathBuf, HomeError> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(path) = flag {
        return Ok(path.to_owned());
    }
    let named = set(HOME_VARIABLE).map(PathBuf::from);
    named
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(FOLDER_DEFAULT)))
        .ok_or(HomeError::Nowhere)
}

impl Home {
    /// Opens an existing home.
    ///
    /// # Errors
    /// [`HomeError::NotAHome`] when there is none, [`HomeError::Open`] when others than its owner
    /// may enter it or read its master key.
    pub fn open(root: &Path) -> Result<Self, HomeError> {
        let home = Self::at(root);
        if !home.config().is_file() {
            let path = root.to_owned();
            return Err(HomeError::NotAHome { path });
        }
        owner_only(root, 0o700)?;
        owner_only(&home.master_key(), 0o600)?;
        Ok(home)
    }

    fn at(root: &Path) -> Self {
        let root = root.to_owned();
        Self { root }
    }

    /// The home itself.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The identity of one of the development persons, by duty: `clients/DUTY`.
    #[must_use]
    pub fn client(&self, duty: lineage::Duty) -> IdentityFiles {
        IdentityFiles::at(&self.clients().join(duty.as_str()))
    }
}

/// Declares one accessor per entry of the home.
macro_rules! places {
    ($owner:ident; $($(#[$doc:meta])+ $name:ident => $path:literal;)+) => {
        impl $owner {
            $($(#[$doc])+
            #[must_use]
            pub fn $name(&self) -> PathBuf {
                self.root.join($path)
            })+
        }
    };
}

places! { Home;
    /// `karez.toml`.
    config => "karez.toml";
    /// `master.key`: 64 hex digits and a newline.
    master_key => "master.key";
    /// The CA's certificate: which clients are answered.
    ca_certificate => "ca/cert.pem";
    /// The development CA's private key.
    ca_key => "ca/key.pem";
    /// The server's certificate.
    server_certificate => "server/cert.pem";
    /// The server's private key.
    server_key => "server/key.pem";
    /// The log's signing key.
    log_key => "log.key";
    /// The log's public key, to be given away.
    log_vkey => "log.vkey";
    /// The trust list.
    trust => "trust.json";
    /// The folder of client identities.
    clients => "clients";
    /// The log.
    log => "log";
    /// Content-addressed store.
    blobs => "blobs";
    /// Wrapped keys and salts.
    keys => "keys";
    /// Encrypted data sets.
    data => "data";
    /// Spool; emptied at start.
    tmp => "tmp";
}

places! { IdentityFiles;
    /// The client certificate.
    certificate => "cert.pem";
    /// Its private key.
    key => "key.pem";
    /// The CA that the server must belong to.
    ca => "ca.pem";
    /// The statement key, with which approvals are signed.
    signing_key => "signing.key";
}

impl IdentityFiles {
    /// The identity in a directory; nothing is read.
    #[must_use]
    pub fn at(directory: &Path) -> Self {
        let root = directory.to_owned();
        Self { root }
    }

    /// The directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}

fn owner_only(path: &Path, fix: u32) -> Result<(), HomeError> {
    let metadata = path.metadata().map_err(|source| HomeError::Io {
        action: "look at",
        path: path.to_owned(),
        source,
    })?;
    let mode = metadata.permissions().mode() & 0o777;
    match mode & OTHERS {
        0 => Ok(()),
        _ => Err(HomeError::Open {
            path: path.to_owned(),
            mode,
            fix,
        }),
    }
}

#[cfg(test)]
mod tests;
