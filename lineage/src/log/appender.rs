//! The one open end of the log.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::LogError;
use super::directory::io_error;

/// The segment that is written to, and up to where.
#[derive(Debug)]
pub(super) struct Appender {
    path: PathBuf,
    file: File,
    end: u64,
}

impl Appender {
    pub(super) const fn new(path: PathBuf, file: File, end: u64) -> Self {
        Self { path, file, end }
    }

    /// Where the next frame will stand.
    pub(super) const fn end(&self) -> u64 {
        self.end
    }

    /// Writes frames after the end in one call and returns when they are durable.
    pub(super) fn write(&mut self, frames: &[u8]) -> Result<(), LogError> {
        let written = self
            .file
            .write_all_at(frames, self.end)
            .and_then(|()| self.file.sync_data());
        written.map_err(|source| self.error(source))?;
        self.end += frames.len() as u64;
        Ok(())
    }

    /// Cuts what stands after the end.
    pub(super) fn trim(&mut self) -> Result<(), LogError> {
        let cut = self
            .file
            .set_len(self.end)
            .and_then(|()| self.file.sync_all());
        cut.map_err(|source| self.error(source))
    }

    fn error(&self, source: io::Error) -> LogError {
        io_error(&self.path, source)
    }
}
