//! Opening a log after whatever happened to it.
//!
//! Readable frames are always kept, sealed or not. A frame that cannot be read is a torn tail, and
//! is cut, only in the last segment, beyond the seal of the last checkpoint, with no readable frame
//! after it. Everything else is damage: the log is refused with file and offset, and nothing is
//! changed.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use super::directory::{self, Directory, io_error};
use super::{Appender, Index, Location, LogError};
use crate::chain::Chain;
use crate::checkpoint::Checkpoint;
use crate::digest::Digest;
use crate::note::NoteVerifier;
use crate::replay::{Damage, Fault, Replay};
use crate::segment::{self, FRAME_HEADER_BYTES, FrameError};
use crate::tree::empty_root;

/// What opening a log found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The leaves that were there, before a `log.recovered` was added.
    pub size: u64,
    /// Of these, the leaves after the last seal: durable, but perhaps never acknowledged.
    pub unsealed: u64,
    /// The torn tail that was cut, if there was one.
    pub cut: Option<Cut>,
}

/// A torn tail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The segment's file name.
    pub segment: String,
    /// Where it was cut.
    pub offset: u64,
    /// How many bytes were cut.
    pub bytes: u64,
}

/// Everything that the writer needs to go on.
pub(super) struct Recovered {
    pub(super) chain: Chain,
    pub(super) index: Index,
    pub(super) appender: Appender,
    pub(super) report: Recovery,
}

/// Reads the whole log, checking everything, and finds where to go on.
pub(super) fn recover(
    directory: &Directory,
    verifier: &NoteVerifier,
) -> Result<Recovered, LogError> {
    let log = directory.path();
    let (note, checkpoint) = signed_checkpoint(log, verifier)?;
    let (segments, _) = directory::list_segments(log).map_err(|source| io_error(log, source))?;
    let mut reader = Reader::new(log, &checkpoint);
    for (position, first) in segments.iter().enumerate() {
        reader.read(*first, position + 1 == segments.len())?;
    }
    reader.check_against_checkpoint()?;
    remove_stale_tmp(log)?;
    reader.finish(note)
}

fn signed_checkpoint(
    log: &Path,
    verifier: &NoteVerifier,
) -> Result<(String, Checkpoint), LogError> {
    let note = directory::read_checkpoint(log).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => LogError::Unfinished(log.to_owned()),
        _ => io_error(&log.join(directory::CHECKPOINT), source),
    })?;
    let checkpoint = Checkpoint::open(&note, verifier)?;
    Ok((note, checkpoint))
}

/// A crash between writing and renaming leaves the next checkpoint's file behind; it was never
/// shown to anybody.
fn remove_stale_tmp(log: &Path) -> Result<(), LogError> {
    let tmp = log.join(directory::CHECKPOINT_TMP);
    match fs::remove_file(&tmp) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(io_error(&tmp, source)),
        _ => Ok(()),
    }
}

struct Reader<'a> {
    log: &'a Path,
    checkpoint: &'a Checkpoint,
    replay: Replay,
    index: Index,
    signed_root: Option<Digest>,
    cut: Option<Cut>,
    end: u64,
}

impl<'a> Reader<'a> {
    fn new(log: &'a Path, checkpoint: &'a Checkpoint) -> Self {
        Self {
            log,
            checkpoint,
            replay: Replay::default(),
            index: Index::default(),
            signed_root: (checkpoint.size == 0).then(empty_root),
            cut: None,
            end: 0,
        }
    }

    fn read(&mut self, first: u64, is_last: bool) -> Result<(), LogError> {
        let path = directory::segment_path(self.log, first);
        let read = directory::read_segment(self.log, first);
        let read = read.map_err(|source| io_error(&path, source))?;
        let bytes = read.ok_or_else(|| self.damaged(first, 0, Fault::Length))?;
        self.index.segments.push(first);
        let segment = self.index.segments.len() - 1;
        let (index, signed_root) = (&mut self.index, &mut self.signed_root);
        let signed = self.checkpoint.size;
        let replayed = self.replay.segment(first, &bytes, |leaf, tree| {
            index.tree.push(leaf.hash);
            index.locations.push(Location {
                segment,
                offset: (leaf.offset + FRAME_HEADER_BYTES) as u64,
                length: leaf.bytes.len(),
            });
            if tree.size() == signed {
                *signed_root = Some(tree.root());
            }
        });
        self.end = bytes.len() as u64;
        match replayed {
            Ok(()) => Ok(()),
            Err((offset, fault)) if is_last && self.is_torn_tail(&bytes, offset, &fault) => {
                self.cut_at(first, offset, bytes.len());
                Ok(())
            }
            Err((offset, fault)) => Err(self.damaged(first, offset, fault)),
        }
    }

    fn is_torn_tail(&self, bytes: &[u8], offset: usize, fault: &Fault) -> bool {
        // A frame that is whole but says something else was written on purpose, not torn.
        let unreadable = matches!(
            fault,
            Fault::Frame(FrameError::Short | FrameError::Length | FrameError::Checksum)
        );
        let beyond = self.replay.sealed >= self.checkpoint.size;
        let after = bytes.get(offset..).unwrap_or_default();
        unreadable && beyond && !segment::contains_frame(after)
    }

    fn cut_at(&mut self, first: u64, offset: usize, length: usize) {
        self.end = offset as u64;
        self.cut = Some(Cut {
            segment: segment::file_name(first),
            offset: offset as u64,
            bytes: (length - offset) as u64,
        });
    }

    fn damaged(&self, first: u64, offset: usize, fault: Fault) -> LogError {
        LogError::Damaged(Box::new(Damage {
            file: directory::segment_label(first),
            offset: offset as u64,
            seq: self.replay.tree.size(),
            fault,
        }))
    }

    fn check_against_checkpoint(&self) -> Result<(), LogError> {
        let (found, signed) = (self.replay.tree.size(), self.checkpoint.size);
        match self.signed_root {
            _ if found < signed => Err(LogError::RolledBack { found, signed }),
            Some(root) if root == self.checkpoint.root => Ok(()),
            _ => Err(LogError::Rewritten(signed)),
        }
    }

    fn finish(mut self, note: String) -> Result<Recovered, LogError> {
        let size = self.replay.tree.size();
        let Some(first) = self.index.segments.last() else {
            return Err(LogError::Unfinished(self.log.to_owned()));
        };
        let path = directory::segment_path(self.log, *first);
        let file = OpenOptions::new().read(true).write(true).open(&path);
        let file = file.map_err(|source| io_error(&path, source))?;
        self.index.frontier = self.replay.tree;
        self.index.checkpoint = Some((self.checkpoint.clone(), note));
        Ok(Recovered {
            chain: self.replay.chain,
            index: self.index,
            appender: Appender::new(path, file, self.end),
            report: Recovery {
                size,
                unsealed: size - self.replay.sealed,
                cut: self.cut,
            },
        })
    }
}
