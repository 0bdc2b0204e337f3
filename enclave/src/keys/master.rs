//! The master key: one private file, the root of both trees.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use super::{KEY_BYTES, KeyError, SecretKey, sync_dir};

/// The permission bits by which anybody but the owner reaches a file.
const OTHERS: u32 = 0o077;

/// Characters of the file: two for each byte, and a line end, which an editor may have taken off.
const FILE_BYTES: usize = 2 * KEY_BYTES + 1;

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
        let text = Zeroizing::new(to_hex(&key));
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
        let cannot_read = |error| KeyError::file("cannot read the master key", path, error);
        let mut file = fs::File::open(path).map_err(cannot_read)?;
        let mode = file.metadata().map_err(cannot_read)?.permissions().mode() & 0o777;
        if mode & OTHERS != 0 {
            return Err(KeyError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
        // One byte more than there may be, so that a longer file is noticed without reading it.
        let mut bytes = Zeroizing::new([0; FILE_BYTES + 1]);
        let mut length = 0;
        while let Some(rest) = bytes.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match file.read(rest).map_err(cannot_read)? {
                0 => break,
                read => length += read,
            }
        }
        let text = bytes.get(..length).unwrap_or_default();
        let key = from_hex(text.strip_suffix(b"\n").unwrap_or(text));
        key.map(Self).ok_or_else(|| KeyError::Malformed {
            path: path.to_owned(),
        })
    }

    /// A master key that lives as long as the process: for stand-alone runs, which keep nothing.
    ///
    /// # Errors
    /// [`KeyError::Entropy`].
    pub fn ephemeral() -> Result<Self, KeyError> {
        SecretKey::random().map(Self)
    }
}

fn to_hex(key: &SecretKey) -> Vec<u8> {
    // Room for all of it at once, so that no shorter copy is left behind by growing.
    let mut text = Vec::with_capacity(FILE_BYTES);
    for byte in key.expose() {
        text.extend([byte >> 4, byte & 15].map(|half| match half {
            0..=9 => b'0' + half,
            _ => b'a' + half - 10,
        }));
    }
    text.push(b'\n');
    text
}

fn from_hex(text: &[u8]) -> Option<SecretKey> {
    if text.len() != 2 * KEY_BYTES {
        return None;
    }
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    for (byte, pair) in key.iter_mut().zip(text.chunks_exact(2)) {
        for digit in pair {
            let half = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte << 4 | half;
        }
    }
    SecretKey::from_slice(key.as_slice()).ok()
}

#[cfg(test)]
mod tests {
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
