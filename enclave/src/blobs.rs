//! What is too large or too private for the log: encrypted, named by the digest of its plain bytes.
//!
//! Policies, logic, reports and released files lie here; the log holds their digests. A blob is AES-256-GCM in chunks under a
//! key derived from the store's key, a fresh salt and the digest, so equal blobs of two stores look different, and a blob
//! put in another one's place does not open. The digest of a guessable content confirms the guess to whoever reads the log.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use lineage::Digest;
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use crate::keys::chunks::{CHUNK_BYTES, ChunkCipher, TAG_BYTES};
use crate::keys::{KEY_BYTES, KeyError, KeyPath, KeyStore, SecretKey, create_dir, sync_dir};

/// The first byte of a blob: its format.
const FORMAT: u8 = 1;
/// Random bytes of a blob from which, with the store's key, its own key is derived.
const SALT_BYTES: usize = 32;
/// Unfinished blobs lie here, below the store's directory.
const UNFINISHED: &str = "unfinished";
/// HKDF info before the digest.
const LABEL: &[u8] = b"karez/v1/blob/";

/// A blob that cannot be put or got.
#[derive(Debug, Error)]
pub enum BlobError {
    /// No such blob: what refers to it is unavailable.
    #[error("blob {digest} is not in the store; restore it from a backup")]
    Missing {
        /// Its digest.
        digest: Digest,
    },
    /// The stored bytes are not what was put.
    #[error("blob {digest} does not open: its file was altered or belongs to another store")]
    Altered {
        /// Its digest.
        digest: Digest,
    },
    /// Larger than the caller takes into memory.
    #[error("blob {digest} is larger than {limit} bytes")]
    TooLarge {
        /// Its digest.
        digest: Digest,
        /// The caller's limit.
        limit: u64,
    },
    /// The bytes changed between the two readings of them.
    #[error("the file changed while it was stored; try again")]
    Changed,
    /// The store's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The host's fault.
    #[error("{what} {}: {source}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

/// An encrypted, content-addressed store in a directory; one process writes it at a time.
#[derive(Debug)]
pub struct BlobStore {
    dir: PathBuf,
    key: SecretKey,
}

impl BlobStore {
    /// Opens the store in `dir`, making it and its key where they are missing, and removes what a crash left unfinished.
    ///
    /// # Errors
    /// The directory or the key cannot be made or read.
    pub fn open(dir: &Path, keys: &KeyStore) -> Result<Self, BlobError> {
        let unfinished = dir.join(UNFINISHED);
        let cleaned = create_dir(&unfinished).and_then(|()| fs::read_dir(&unfinished));
        let cleaned = cleaned
            .and_then(|mut entries| entries.try_for_each(|entry| fs::remove_file(entry?.path())));
        cleaned.map_err(|source| BlobError::File {
            what: "cannot prepare",
            path: unfinished,
            source,
        })?;
        Ok(Self {
            dir: dir.to_owned(),
            key: keys.get_or_create(&KeyPath::Blobs)?,
        })
    }

    /// Stores these bytes and returns their digest; durable when it returns. Storing the same bytes again does nothing.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, BlobError> {
        self.put_from(&mut io::Cursor::new(bytes))
    }

    /// Stores what the reader yields from its beginning, reading it twice: for its digest, then for encryption.
    ///
    /// # Errors
    /// Those of the reader and the file system, and [`BlobError::Changed`].
    pub fn put_from(&self, source: &mut (impl Read + Seek)) -> Result<Digest, BlobError> {
        let read = |source| BlobError::File {
            what: "cannot read what is stored in",
            path: self.dir.clone(),
            source,
        };
        source.seek(SeekFrom::Start(0)).map_err(read)?;
        let (digest, _) = Digest::of_reader(&mut *source).map_err(read)?;
        let path = self.path(digest);
        if path.is_file() {
            return Ok(digest);
        }
        source.seek(SeekFrom::Start(0)).map_err(read)?;
        let name: String = random()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let unfinished = self.dir.join(UNFINISHED).join(name);
        let sealed = self.seal(digest, source, &unfinished).and_then(|()| {
            let placed = path
                .parent()
                .map_or(Ok(()), create_dir)
                .and_then(|()| fs::rename(&unfinished, &path));
            let placed = placed.and_then(|()| path.parent().map_or(Ok(()), sync_dir));
            placed.map_err(|source| BlobError::File {
                what: "cannot place",
                path,
                source,
            })
        });
        if sealed.is_err() {
            fs::remove_file(&unfinished).ok();
        }
        sealed.map(|()| digest)
    }

    /// Whether the blob is there; its content is not looked at.
    #[must_use]
    pub fn holds(&self, digest: Digest) -> bool {
        self.path(digest).is_file()
    }

    /// The whole blob, if it has at most `limit` bytes.
    ///
    /// # Errors
    /// [`BlobError::Missing`], [`BlobError::Altered`], [`BlobError::TooLarge`].
    pub fn get(&self, digest: Digest, limit: u64) -> Result<Vec<u8>, BlobError> {
        let mut reader = self.reader(digest)?;
        let mut bytes = Vec::new();
        while reader.fill()? {
            bytes.extend_from_slice(&reader.plain);
            if bytes.len() as u64 > limit {
                return Err(BlobError::TooLarge { digest, limit });
            }
        }
        Ok(bytes)
    }

    /// A reader of the blob; it yields only bytes that were put, and an error instead of the end when they are not all of them.
    ///
    /// # Errors
    /// [`BlobError::Missing`], [`BlobError::Altered`].
    pub fn reader(&self, digest: Digest) -> Result<BlobReader, BlobError> {
        let path = self.path(digest);
        let mut file = File::open(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => BlobError::Missing { digest },
            _ => BlobError::File {
                what: "cannot open",
                path: path.clone(),
                source,
            },
        })?;
        let mut header = [0; 1 + SALT_BYTES];
        file.read_exact(&mut header)
            .map_err(|_| BlobError::Altered { digest })?;
        let (format, salt) = header.split_first().unwrap_or((&0, &[]));
        if *format != FORMAT {
            return Err(BlobError::Altered { digest });
        }
        let length = file
            .metadata()
            .map_err(|source| BlobError::File {
                what: "cannot read",
                path,
                source,
            })?
            .len();
        let sealed = length.saturating_sub(header.len() as u64);
        let cipher = self.cipher(digest, salt)?;
        Ok(BlobReader {
            file,
            cipher,
            digest,
            sealed,
            index: 0,
            plain: Vec::new(),
            given: 0,
            hash: Sha256::new(),
            ended: false,
        })
    }

    fn seal(&self, digest: Digest, source: &mut impl Read, path: &Path) -> Result<(), BlobError> {
        let failed = |source| BlobError::File {
            what: "cannot write",
            path: path.to_owned(),
            source,
        };
        let salt = random()?;
        let cipher = self.cipher(digest, &salt)?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        let mut out = BufWriter::new(file);
        out.write_all(&[FORMAT])
            .and_then(|()| out.write_all(&salt))
            .map_err(failed)?;
        let mut hash = Sha256::new();
        let mut chunk = read_chunk(source).map_err(failed)?;
        for index in 0_u64.. {
            hash.update(&chunk);
            // The chunk after this one says whether this is the last.
            let next = read_chunk(source).map_err(failed)?;
            if !cipher.seal(index, next.is_empty(), &mut chunk) {
                return Err(failed(io::Error::other("the blob could not be encrypted")));
            }
            out.write_all(&chunk).map_err(failed)?;
            if next.is_empty() {
                break;
            }
            chunk = next;
        }
        if Digest::from_bytes(hash.finalize().into()) != digest {
            return Err(BlobError::Changed);
        }
        let file = out
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)
    }

    /// The cipher of one blob; its digest is bound by the derived key and again as associated data.
    fn cipher(&self, digest: Digest, salt: &[u8]) -> Result<ChunkCipher, BlobError> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        let derived = Hkdf::<Sha256>::new(Some(salt), self.key.expose());
        let info = [LABEL, digest.as_bytes()].concat();
        derived
            .expand(&info, key.as_mut_slice())
            .map_err(|_| KeyError::Length)?;
        Ok(ChunkCipher::new(
            &SecretKey::from_slice(key.as_slice())?,
            digest.as_bytes(),
        )?)
    }

    /// 256 directories, so that none grows long.
    fn path(&self, digest: Digest) -> PathBuf {
        let hex: String = digest
            .as_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let shard: String = hex.chars().take(2).collect();
        self.dir.join(shard).join(hex)
    }
}

/// Reads a blob chunk by chunk; every chunk is authentic before a byte of it is given.
pub struct BlobReader {
    file: File,
    cipher: ChunkCipher,
    digest: Digest,
    /// Sealed bytes that are left.
    sealed: u64,
    index: u64,
    plain: Vec<u8>,
    given: usize,
    hash: Sha256,
    ended: bool,
}

impl BlobReader {
    /// Opens the next chunk; false at the end, where the digest is checked.
    fn fill(&mut self) -> Result<bool, BlobError> {
        let altered = || BlobError::Altered {
            digest: self.digest,
        };
        self.plain.zeroize();
        self.given = 0;
        if self.ended {
            return Ok(false);
        }
        let length = self.sealed.min((CHUNK_BYTES + TAG_BYTES) as u64);
        self.sealed -= length;
        let last = self.sealed == 0;
        let mut chunk = vec![0; usize::try_from(length).unwrap_or(0)];
        self.file.read_exact(&mut chunk).map_err(|_| altered())?;
        if !self.cipher.open(self.index, last, &mut chunk) {
            return Err(altered());
        }
        self.hash.update(&chunk);
        self.index += 1;
        self.ended = last;
        if last && Digest::from_bytes(self.hash.finalize_reset().into()) != self.digest {
            return Err(altered());
        }
        self.plain = chunk;
        Ok(true)
    }
}

impl Read for BlobReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given >= self.plain.len() {
            if !self
                .fill()
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?
            {
                return Ok(0);
            }
        }
        let read = self.plain.get(self.given..).unwrap_or_default().read(out)?;
        self.given += read;
        Ok(read)
    }
}

impl Drop for BlobReader {
    fn drop(&mut self) {
        self.plain.zeroize();
    }
}

fn random() -> Result<[u8; SALT_BYTES], KeyError> {
    let mut bytes = [0; SALT_BYTES];
    getrandom::fill(&mut bytes).map_err(KeyError::Entropy)?;
    Ok(bytes)
}

/// One chunk, shorter only at the end.
fn read_chunk(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES + TAG_BYTES);
    source
        .by_ref()
        .take(CHUNK_BYTES as u64)
        .read_to_end(&mut chunk)?;
    Ok(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(dir: &Path) -> BlobStore {
        let keys = KeyStore::open(
            &dir.join("keys"),
            crate::keys::MasterKey::ephemeral().unwrap(),
        )
        .unwrap();
        BlobStore::open(&dir.join("blobs"), &keys).unwrap()
    }

    #[test]
    fn what_was_put_is_got_and_put_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        for length in [
            0,
            1,
            CHUNK_BYTES - 1,
            CHUNK_BYTES,
            CHUNK_BYTES + 1,
            2 * CHUNK_BYTES,
            3 * CHUNK_BYTES + 5,
        ] {
            let bytes: Vec<u8> = (0..length).map(|i| (i % 253) as u8).collect();
            let digest = store.put(&bytes).unwrap();
            assert_eq!(digest, Digest::of(&bytes));
            assert!(store.holds(digest));
            assert!(
                store.get(digest, length as u64).unwrap() == bytes,
                "{length}"
            );
            let mut read = Vec::new();
            store
                .reader(digest)
                .unwrap()
                .read_to_end(&mut read)
                .unwrap();
            assert!(read == bytes, "{length}");
            let before = fs::read(store.path(digest)).unwrap();
            assert_eq!(store.put(&bytes).unwrap(), digest);
            assert!(fs::read(store.path(digest)).unwrap() == before);
            if length > 0 {
                assert!(matches!(
                    store.get(digest, length as u64 - 1),
                    Err(BlobError::TooLarge { .. })
                ));
            }
        }
        assert_eq!(fs::read_dir(store.dir.join(UNFINISHED)).unwrap().count(), 0);
    }

    #[test]
    fn a_missing_blob_is_said_to_be_missing() {
        let dir = tempfile::tempdir().unwrap();
        let error = store(dir.path()).get(Digest::of(b"never"), 10).unwrap_err();
        assert!(matches!(error, BlobError::Missing { digest } if digest == Digest::of(b"never")));
    }

    #[test]
    fn altered_cut_moved_and_foreign_blobs_do_not_open() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let bytes = vec![7; CHUNK_BYTES + 100];
        let digest = store.put(&bytes).unwrap();
        let path = store.path(digest);
        let good = fs::read(&path).unwrap();
        let opens = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            store.get(digest, u64::MAX)
        };
        assert!(opens(&good).is_ok());
        for position in (0..good.len()).step_by(997).chain([good.len() - 1]) {
            let mut altered = good.clone();
            altered[position] ^= 1;
            assert!(
                matches!(opens(&altered), Err(BlobError::Altered { .. })),
                "byte {position}"
            );
        }
        // Cutting at a chunk's border is what a naive chunking would not notice.
        for length in [
            0,
            1,
            1 + SALT_BYTES,
            1 + SALT_BYTES + CHUNK_BYTES + TAG_BYTES,
            good.len() - 1,
        ] {
            assert!(
                matches!(opens(&good[..length]), Err(BlobError::Altered { .. })),
                "cut at {length}"
            );
        }
        let other = store.put(b"other").unwrap();
        assert!(
            opens(&fs::read(store.path(other)).unwrap()).is_err(),
            "another blob in its place"
        );
        fs::write(&path, &good).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let foreign = self::store(elsewhere.path());
        create_dir(foreign.path(digest).parent().unwrap()).unwrap();
        fs::copy(&path, foreign.path(digest)).unwrap();
        assert!(matches!(
            foreign.get(digest, u64::MAX),
            Err(BlobError::Altered { .. })
        ));
    }

    #[test]
    fn no_plain_byte_is_stored() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path());
        let canary = b"canary-650102199003071234";
        let digest = store.put(&canary.repeat(100)).unwrap();
        let stored = fs::read(store.path(digest)).unwrap();
        assert!(
            !stored
                .windows(8)
                .any(|window| canary.windows(8).any(|piece| piece == window))
        );
    }

    #[test]
    fn what_a_crash_left_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let keys = KeyStore::open(
            &dir.path().join("keys"),
            crate::keys::MasterKey::ephemeral().unwrap(),
        )
        .unwrap();
        let blobs = dir.path().join("blobs");
        BlobStore::open(&blobs, &keys).unwrap();
        fs::write(blobs.join(UNFINISHED).join("half"), b"x").unwrap();
        BlobStore::open(&blobs, &keys).unwrap();
        assert!(!blobs.join(UNFINISHED).join("half").exists());
    }
}
