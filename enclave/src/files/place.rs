//! A file on its way to its name.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use lineage::Digest;
use sha2::{Digest as _, Sha256};

use crate::keys::sync_dir;

/// Writes to `dir/.name.tmp`; [`Place::finish`] renames it, dropping it removes it.
pub(super) struct Place {
    out: BufWriter<File>,
    temporary: PathBuf,
    path: PathBuf,
    bytes: u64,
    digest: Sha256,
}

impl Place {
    pub(super) fn new(dir: &Path, name: &str) -> io::Result<Self> {
        let temporary = dir.join(format!(".{name}.tmp"));
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&temporary)?;
        Ok(Self {
            out: BufWriter::new(file),
            temporary,
            path: dir.join(name),
            bytes: 0,
            digest: Sha256::new(),
        })
    }

    /// Makes the file durable under its name; its length and digest.
    pub(super) fn finish(mut self) -> io::Result<(u64, Digest)> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        fs::rename(&self.temporary, &self.path)?;
        self.path
            .parent()
            .filter(|dir| !dir.as_os_str().is_empty())
            .map_or(Ok(()), sync_dir)?;
        Ok((
            self.bytes,
            Digest::from_bytes(self.digest.finalize_reset().into()),
        ))
    }
}

impl Write for Place {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Renamed away when it was finished.
        fs::remove_file(&self.temporary).ok();
    }
}
