//! The log's directory: where its files are, how they are made durable, who may open it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::LogError;
use crate::note::NOTE_BYTES_MAX;
use crate::segment;

/// The folder of segments inside the log's directory.
pub(crate) const SEGMENTS: &str = "segments";

/// The file with the newest signed checkpoint.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// Where the next checkpoint is written before it takes the name of the last.
pub(crate) const CHECKPOINT_TMP: &str = "checkpoint.tmp";

/// An open and locked log directory. The lock ends with the value or the process.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    handle: File,
}

impl Directory {
    /// Makes the directory, which must not hold anything yet, and locks it.
    pub(crate) fn create(path: &Path) -> Result<Self, LogError> {
        if fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(LogError::Exists(path.to_owned()));
        }
        for folder in [path.to_owned(), path.join(SEGMENTS)] {
            let made = DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder);
            made.map_err(|source| io_error(&folder, source))?;
        }
        let directory = Self::lock(path)?;
        directory.sync(&directory.path)?;
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            directory.sync(parent)?;
        }
        Ok(directory)
    }

    /// Opens and locks an existing directory.
    pub(crate) fn lock(path: &Path) -> Result<Self, LogError> {
        let handle = File::open(path).map_err(|source| io_error(path, source))?;
        match handle.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                handle,
            }),
            Err(TryLockError::WouldBlock) => Err(LogError::Locked(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(io_error(path, source)),
        }
    }

    /// The directory's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a new, empty segment whose name survives a crash.
    pub(crate) fn new_segment(&self, first_seq: u64) -> Result<(PathBuf, File), LogError> {
        let path = segment_path(&self.path, first_seq);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|source| io_error(&path, source))?;
        self.sync(&self.path.join(SEGMENTS))?;
        Ok((path, file))
    }

    /// Replaces the checkpoint so that a reader and a crash see the old one or the new one.
    pub(crate) fn write_checkpoint(&self, note: &str) -> Result<(), LogError> {
        let (tmp, path) = (self.path.join(CHECKPOINT_TMP), self.path.join(CHECKPOINT));
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&tmp)
            .and_then(|mut file| {
                file.write_all(note.as_bytes())?;
                file.sync_all()
            })
            .and_then(|()| fs::rename(&tmp, &path))
            .and_then(|()| self.handle.sync_all());
        written.map_err(|source| io_error(&path, source))
    }

    fn sync(&self, path: &Path) -> Result<(), LogError> {
        let synced = File::open(path).and_then(|folder| folder.sync_all());
        synced.map_err(|source| io_error(path, source))
    }
}

/// The path of the segment that begins with this leaf.
pub(crate) fn segment_path(log: &Path, first_seq: u64) -> PathBuf {
    log.join(SEGMENTS).join(segment::file_name(first_seq))
}

/// The segment's name as damage reports write it, relative to the log's directory.
pub(crate) fn segment_label(first_seq: u64) -> String {
    format!("{SEGMENTS}/{}", segment::file_name(first_seq))
}

/// The first leaves of all segments, in order, and the names of files that are no segments.
pub(crate) fn list_segments(log: &Path) -> io::Result<(Vec<u64>, Vec<String>)> {
    let (mut segments, mut others) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(log.join(SEGMENTS))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        match segment::first_seq(&name) {
            Some(first) => segments.push(first),
            None => others.push(format!("{SEGMENTS}/{name}")),
        }
    }
    segments.sort_unstable();
    others.sort_unstable();
    Ok((segments, others))
}

/// A segment's bytes; none when the file is longer than any segment.
pub(crate) fn read_segment(log: &Path, first_seq: u64) -> io::Result<Option<Vec<u8>>> {
    let file = File::open(segment_path(log, first_seq))?;
    let limit = segment::SEGMENT_READ_BYTES_MAX;
    let mut bytes = Vec::with_capacity(file.metadata()?.len().min(limit) as usize);
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// The checkpoint's text; a file too long for a note is cut there and so fails to open as one.
pub(crate) fn read_checkpoint(log: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    let file = File::open(log.join(CHECKPOINT))?;
    file.take(NOTE_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData.into())
}

pub(crate) fn io_error(path: &Path, source: io::Error) -> LogError {
    let path = path.to_owned();
    LogError::Io { path, source }
}
