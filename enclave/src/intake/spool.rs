//! Uploads on disk without plaintext on disk: an unlinked file, encrypted under a key that only this process has.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use lineage::Digest;
use rustix::fs::{Mode, OFlags};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroize;

use super::IntakeError;
use crate::keys::chunks::{CHUNK_BYTES, ChunkCipher, TAG_BYTES};
use crate::keys::{SecretKey, SourceSalt};

/// Bytes between the starts of two chunks in the file.
const STRIDE: u64 = (CHUNK_BYTES + TAG_BYTES) as u64;

/// Takes an upload as it arrives; written bytes are encrypted before they reach the disk.
///
/// The file has no name, so it is gone when the last handle is, whatever ends the process.
pub struct Spool {
    file: File,
    cipher: ChunkCipher,
    pending: Vec<u8>,
    chunks: u64,
    len: u64,
    digest: Sha256,
}

impl Spool {
    /// An empty spool in the directory of the home that temporary files go to.
    ///
    /// # Errors
    /// The file or its key cannot be made.
    pub fn create(dir: &Path, salt: &SourceSalt) -> Result<Self, IntakeError> {
        let mut digest = Sha256::new();
        digest.update(salt.expose());
        Ok(Self {
            file: unlinked_file(dir)?,
            cipher: ChunkCipher::new(&SecretKey::random()?, b"karez/v1/spool")?,
            pending: Vec::with_capacity(CHUNK_BYTES + TAG_BYTES),
            chunks: 0,
            len: 0,
            digest,
        })
    }

    /// Ends the upload.
    ///
    /// # Errors
    /// The last chunk cannot be written.
    pub fn finish(mut self) -> Result<Spooled, IntakeError> {
        if !self.pending.is_empty() {
            self.seal_chunk()?;
        }
        let digest = Digest::from_bytes(self.digest.finalize_reset().into());
        let empty = self.file.try_clone()?;
        let cipher = Arc::new(self.cipher);
        let file = Arc::new(std::mem::replace(&mut self.file, empty));
        Ok(Spooled {
            file,
            cipher,
            len: self.len,
            digest,
        })
    }

    fn seal_chunk(&mut self) -> io::Result<()> {
        // Whether a chunk is the last is not known yet; the length in memory says where the upload ends.
        if !self.cipher.seal(self.chunks, false, &mut self.pending) {
            return Err(io::Error::other("the upload could not be encrypted"));
        }
        self.file
            .write_all_at(&self.pending, self.chunks * STRIDE)?;
        self.chunks += 1;
        self.pending.clear();
        Ok(())
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = CHUNK_BYTES.saturating_sub(self.pending.len());
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.pending.extend_from_slice(taken);
        self.digest.update(taken);
        self.len += taken.len() as u64;
        if self.pending.len() == CHUNK_BYTES {
            self.seal_chunk()?;
        }
        Ok(taken.len())
    }

    /// Does nothing: only whole chunks are written, the last one by [`Spool::finish`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A finished upload; clones share the file.
#[derive(Clone)]
pub struct Spooled {
    file: Arc<File>,
    cipher: Arc<ChunkCipher>,
    len: u64,
    digest: Digest,
}

impl Spooled {
    /// Bytes of the upload.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing was uploaded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// SHA-256 over the tenant's salt and the upload: names the file without confirming a guess of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    pub(super) fn chunk(&self, index: u64, plain: &mut Vec<u8>) -> io::Result<()> {
        let start = index.saturating_mul(CHUNK_BYTES as u64);
        let length = self.len.saturating_sub(start).min(CHUNK_BYTES as u64);
        plain.zeroize();
        plain.resize(
            usize::try_from(length).unwrap_or(CHUNK_BYTES) + TAG_BYTES,
            0,
        );
        self.file
            .read_exact_at(plain, index.saturating_mul(STRIDE))?;
        if self.cipher.open(index, false, plain) {
            Ok(())
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the spooled upload was altered on disk",
            ))
        }
    }
}

/// A file that has no name from the beginning, or loses it at once where the file system cannot do that.
pub(crate) fn unlinked_file(dir: &Path) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match rustix::fs::open(dir, flags, Mode::RUSR | Mode::WUSR) {
        Ok(descriptor) => Ok(File::from(descriptor)),
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::ISDIR) => named_then_unlinked(dir),
        Err(error) => Err(error.into()),
    }
}

fn named_then_unlinked(dir: &Path) -> io::Result<File> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let path = dir.join(format!(".{name}.tmp"));
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
    let descriptor = rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR)?;
    std::fs::remove_file(&path)?;
    Ok(File::from(descriptor))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek, SeekFrom};

    use super::super::Source;
    use super::*;

    fn spooled(bytes: &[u8], dir: &Path) -> Spooled {
        let mut spool = Spool::create(dir, &SourceSalt::ephemeral().unwrap()).unwrap();
        for piece in bytes.chunks(1000) {
            spool.write_all(piece).unwrap();
        }
        spool.finish().unwrap()
    }

    #[test]
    fn what_went_in_comes_out_from_any_place() {
        let dir = tempfile::tempdir().unwrap();
        for length in [
            0,
            1,
            CHUNK_BYTES - 1,
            CHUNK_BYTES,
            CHUNK_BYTES + 1,
            3 * CHUNK_BYTES + 17,
        ] {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 31 % 251) as u8).collect();
            let source = Source::spool(spooled(&bytes, dir.path()));
            let mut all = Vec::new();
            source.reader().read_to_end(&mut all).unwrap();
            assert!(all == bytes, "{length}");
            for start in [0, length / 2, length.saturating_sub(1), length] {
                let mut reader = source.reader();
                reader.seek(SeekFrom::Start(start as u64)).unwrap();
                let mut rest = Vec::new();
                reader.read_to_end(&mut rest).unwrap();
                assert!(rest == bytes[start..], "{length} from {start}");
            }
        }
        assert_eq!(
            std::fs::read_dir(dir.path()).unwrap().count(),
            0,
            "no name is left behind"
        );
    }

    #[test]
    fn the_digest_depends_on_the_salt_and_the_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let digest = |salt: &SourceSalt, bytes: &[u8]| {
            let mut spool = Spool::create(dir.path(), salt).unwrap();
            spool.write_all(bytes).unwrap();
            spool.finish().unwrap().digest()
        };
        let (a, b) = (
            SourceSalt::ephemeral().unwrap(),
            SourceSalt::ephemeral().unwrap(),
        );
        assert_eq!(digest(&a, b"x"), Digest::of_parts(&[a.expose(), b"x"]));
        assert_ne!(digest(&a, b"x"), digest(&b, b"x"));
        assert_ne!(digest(&a, b"x"), Digest::of(b"x"));
    }

    #[test]
    fn no_plain_byte_reaches_the_file_and_altered_ones_are_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let canary = b"canary-650102199003071234";
        let spooled = spooled(&canary.repeat(9000), dir.path());
        let mut stored = vec![0; usize::try_from(spooled.file.metadata().unwrap().len()).unwrap()];
        spooled.file.read_exact_at(&mut stored, 0).unwrap();
        assert!(stored.len() > canary.len() * 9000);
        assert!(!stored.windows(8).any(|w| canary.windows(8).any(|c| c == w)));

        spooled.file.write_all_at(&[stored[5] ^ 1], 5).unwrap();
        let error = Source::spool(spooled)
            .reader()
            .read_to_end(&mut Vec::new())
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_file_system_without_nameless_files_works_too() {
        let dir = tempfile::tempdir().unwrap();
        let file = named_then_unlinked(dir.path()).unwrap();
        file.write_all_at(b"x", 0).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
