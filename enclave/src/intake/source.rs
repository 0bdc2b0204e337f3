//! Bytes that can be read twice and at any place: a local file, or a spooled upload.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;
use zeroize::Zeroize;

use super::Spooled;
use crate::keys::chunks::CHUNK_BYTES;

/// Where a provider's file is read from; clones read the same bytes independently.
#[derive(Clone)]
pub struct Source(Place);

#[derive(Clone)]
enum Place {
    File { file: Arc<File>, len: u64 },
    Spool(Spooled),
}

impl Source {
    /// A local file.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn file(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self(Place::File {
            file: Arc::new(file),
            len,
        }))
    }

    /// An upload that was spooled.
    #[must_use]
    pub fn spool(spooled: Spooled) -> Self {
        Self(Place::Spool(spooled))
    }

    /// Its length in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.0 {
            Place::File { len, .. } => *len,
            Place::Spool(spooled) => spooled.len(),
        }
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A reader from the beginning.
    #[must_use]
    pub fn reader(&self) -> SourceReader {
        SourceReader {
            source: self.clone(),
            position: 0,
            block: None,
            plain: Vec::new(),
        }
    }

    /// The plain bytes of the block with this index, [`CHUNK_BYTES`] long but for the last.
    fn block(&self, index: u64, plain: &mut Vec<u8>) -> io::Result<()> {
        match &self.0 {
            Place::Spool(spooled) => spooled.chunk(index, plain),
            Place::File { file, len } => {
                let start = index.saturating_mul(CHUNK_BYTES as u64);
                let length = len.saturating_sub(start).min(CHUNK_BYTES as u64);
                plain.clear();
                plain.resize(usize::try_from(length).unwrap_or(CHUNK_BYTES), 0);
                file.read_exact_at(plain, start)
            }
        }
    }
}

/// Reads a source front to back or from any place; holds one block, which it wipes.
pub struct SourceReader {
    source: Source,
    position: u64,
    block: Option<u64>,
    plain: Vec<u8>,
}

impl Read for SourceReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.source.len() {
            return Ok(0);
        }
        let block = self.position / CHUNK_BYTES as u64;
        if self.block != Some(block) {
            self.block = None;
            self.source.block(block, &mut self.plain)?;
            self.block = Some(block);
        }
        let within = usize::try_from(self.position % CHUNK_BYTES as u64).unwrap_or(0);
        let read = self.plain.get(within..).unwrap_or_default().read(out)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for SourceReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.source.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

impl Drop for SourceReader {
    fn drop(&mut self) {
        self.plain.zeroize();
    }
}

impl Length for Source {
    fn len(&self) -> u64 {
        Self::len(self)
    }
}

impl ChunkReader for Source {
    type T = SourceReader;

    fn get_read(&self, start: u64) -> Result<SourceReader, ParquetError> {
        let mut reader = self.reader();
        reader.position = start;
        Ok(reader)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // A damaged footer may ask for more than there is; the length is checked before memory is taken.
        if start.saturating_add(length as u64) > self.len() {
            return Err(ParquetError::EOF(
                "the file ends before the bytes it promises".to_owned(),
            ));
        }
        let mut bytes = vec![0; length];
        self.get_read(start)?.read_exact(&mut bytes)?;
        Ok(Bytes::from(bytes))
    }
}
