//! The master key: one private file, the root of both trees.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{KeyError, SecretKey, sync_dir};

/// The key that wraps all others; it lies in a file of 64 hex digits with mode 0600 and is never written again.
///
/// Whoever copies this file and the home can read everything; whoever loses it can read nothing.
#[derive(Debug, Clone)]
pub struct MasterKey(pub(super) SecretKey);

impl MasterKey {
    /// Makes a fresh key and its file, which may not exist yet.
    ///
    /// # Errors
    /// The file exists or cannot be written; the kernel gives no entropy.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let key = SecretKey::random()?;
        let text = key.to_hex_line();
        let mut options = OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(0o600).open(path);
        let written = opened.and_then(|mut file| {
            file.write_all(text.as_slice())?;
            file.sync_all()?;
            path.parent().map_or(Ok(()), sync_dir)
        });
        written.map_err(|error| KeyError::file("cannot write the master key", path, error))?;
        Ok(Self(key))
    }

    /// Reads the key from its file.
    ///
    /// # Errors
    /// The file is missing, is not 64 hex digits, or may be read by others than its owner.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        SecretKey::read(path).map(Self)
    }

    /// A master key that lives as long as the process: for stand-alone runs, which keep nothing.
    ///
    /// # Errors
    /// [`KeyError::Entropy`].
    pub fn ephemeral() -> Result<Self, KeyError> {
        SecretKey::random().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_a_master_key_file_must_be() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("master.key");
        let made = MasterKey::create(&path).unwrap();
        assert_eq!(MasterKey::open(&path).unwrap().0.expose(), made.0.expose());
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(
            MasterKey::create(&path).is_err(),
            "an existing key is never replaced"
        );

        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = MasterKey::open(&path).unwrap_err();
            assert!(
                matches!(error, KeyError::Exposed { mode: m, .. } if m == mode),
                "{error}"
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for length in [0, 32, 63, 66, 100] {
            fs::write(&path, "7".repeat(length)).unwrap();
            assert!(
                matches!(MasterKey::open(&path), Err(KeyError::Malformed { .. })),
                "{length}"
            );
        }
        fs::write(&path, "x".repeat(64)).unwrap();
        assert!(matches!(
            MasterKey::open(&path),
            Err(KeyError::Malformed { .. })
        ));
        for text in ["0a".repeat(32), "0a".repeat(32) + "\n"] {
            fs::write(&path, text).unwrap();
            assert_eq!(MasterKey::open(&path).unwrap().0.expose(), &[0x0a; 32]);
        }
    }
}
