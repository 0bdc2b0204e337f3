//! Files that hold keys: owner-only, never overwritten, never half written.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;
use zeroize::Zeroizing;

/// A key file is a few lines; anything larger is another file.
const KEY_FILE_BYTES_MAX: u64 = 4096;

/// Permission bits of group and others; a key file may have none of them.
const OTHERS: u32 = 0o077;

/// A key that could not be loaded, saved or made. No variant carries key material.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The file could not be read or written.
    #[error("key file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Group or others may read the file.
    #[error("key file {path} is open to others (mode {mode:03o}); run: chmod 600 {path}")]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The text is not a key of the expected kind.
    #[error("not a {0}")]
    Malformed(&'static str),
    /// The system has no entropy to give.
    #[error("the system gave no random bytes: {0}")]
    Entropy(String),
}

/// Writes a new owner-only file, durably. An existing file is an error.
pub(crate) fn save(path: &Path, text: &str) -> Result<(), KeyError> {
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
    written.map_err(|source| io_error(path, source))
}

/// Reads an owner-only text file.
pub(crate) fn load(path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let file = File::open(path).map_err(|source| io_error(path, source))?;
    let metadata = file.metadata().map_err(|source| io_error(path, source))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & OTHERS != 0 {
        let path = path.to_owned();
        return Err(KeyError::Permissions { path, mode });
    }
    // Reserved up front: a growing string would leave copies of the key behind.
    let mut text = Zeroizing::new(String::with_capacity(KEY_FILE_BYTES_MAX as usize));
    file.take(KEY_FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|source| io_error(path, source))?;
    Ok(text)
}

/// 32 fresh random bytes from the kernel.
pub(crate) fn random_seed() -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(|error| KeyError::Entropy(error.to_string()))?;
    Ok(seed)
}

fn io_error(path: &Path, source: io::Error) -> KeyError {
    let path = path.to_owned();
    KeyError::Io { path, source }
}

#[cfg(test)]
mod tests {
    //! Owner-only on the way out and on the way in.
    use std::fs;

    use super::*;

    #[test]
    fn a_key_file_is_owner_only_and_never_overwritten() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        save(&path, "one\n").unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(load(&path).unwrap().as_str(), "one\n");
        assert!(matches!(save(&path, "two\n"), Err(KeyError::Io { .. })));
        assert_eq!(load(&path).unwrap().as_str(), "one\n");
    }

    #[test]
    fn a_key_file_open_to_others_is_refused_with_the_fix() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        save(&path, "one\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }
}
