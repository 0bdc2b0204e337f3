//! A whole log directory against the log's key and the trust list.

use std::fs;
use std::io;
use std::path::Path;

use super::report::{NotChecked, Place, Problem, Report};
use super::rules::{Rules, Scope};
use crate::checkpoint::Checkpoint;
use crate::digest::Digest;
use crate::log::directory::{
    CHECKPOINT, SEGMENTS, list_segments, read_checkpoint, read_segment, segment_label,
};
use crate::note::NoteVerifier;
use crate::replay::{Fault, Replay};
use crate::tree::empty_root;
use crate::trust::TrustList;

/// Verifies everything in a log directory. It takes no lock and changes nothing; verify a copy, or
/// a log at rest.
///
/// # Errors
/// The system's error when the directory itself cannot be read. Whatever is wrong inside it is in
/// the report.
pub fn log_directory(
    directory: &Path,
    key: &NoteVerifier,
    trust: &TrustList,
) -> io::Result<Report> {
    let others = other_files(directory)?;
    let mut walk = Walk::new(directory, trust);
    // Read before the segments, so that a log that grows meanwhile covers it.
    let checkpoint = walk.checkpoint(key);
    walk.segments(checkpoint.as_ref().map(|signed| signed.size));
    if let Some(signed) = &checkpoint {
        walk.compare(signed);
    }
    Ok(walk.finish(others))
}

/// Whether the directory holds anything that no log has.
fn other_files(directory: &Path) -> io::Result<bool> {
    let mut others = false;
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        others |= name != SEGMENTS && name != CHECKPOINT;
    }
    Ok(others)
}

struct Walk<'a> {
    directory: &'a Path,
    replay: Replay,
    rules: Rules<'a>,
    report: Report,
    signed_root: Option<Digest>,
    others: bool,
}

impl<'a> Walk<'a> {
    fn new(directory: &'a Path, trust: &'a TrustList) -> Self {
        Self {
            directory,
            replay: Replay::default(),
            rules: Rules::new(trust, Scope::WholeLog),
            report: Report::default(),
            signed_root: None,
            others: false,
        }
    }

    fn checkpoint(&mut self, key: &NoteVerifier) -> Option<Checkpoint> {
        let place = Place::file(CHECKPOINT);
        let note = match read_checkpoint(self.directory) {
            Ok(note) => note,
            Err(error) => {
                self.report.find(place, Problem::Missing, error.to_string());
                return None;
            }
        };
        match Checkpoint::open(&note, key) {
            Ok(checkpoint) => {
                self.report.origin = Some(checkpoint.origin.clone());
                self.report.size = Some(checkpoint.size);
                self.report.root = Some(checkpoint.root);
                Some(checkpoint)
            }
            Err(error) => {
                self.report
                    .find(place, Problem::Checkpoint, error.to_string());
                None
            }
        }
    }

    fn segments(&mut self, signed: Option<u64>) {
        if signed == Some(0) {
            self.signed_root = Some(empty_root());
        }
        match list_segments(self.directory) {
            Ok((segments, others)) => {
                self.others = !others.is_empty();
                // After a fault nothing can be placed any more, so one finding ends the reading.
                let _ = segments
                    .iter()
                    .try_for_each(|first| self.segment(*first, signed));
            }
            Err(error) => {
                let place = Place::file(SEGMENTS);
                self.report.find(place, Problem::Missing, error.to_string());
            }
        }
    }

    /// Reads one segment; none when it cannot be read to its end.
    fn segment(&mut self, first: u64, signed: Option<u64>) -> Option<()> {
        let bytes = match read_segment(self.directory, first) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => {
                self.damaged(first, 0, &Fault::Length);
                return None;
            }
            Err(error) => {
                let place = Place::file(&segment_label(first));
                self.report.find(place, Problem::Missing, error.to_string());
                return None;
            }
        };
        let (rules, signed_root) = (&mut self.rules, &mut self.signed_root);
        let replayed = self.replay.segment(first, &bytes, |read, tree| {
            rules.apply(&read.leaf);
            if Some(tree.size()) == signed {
                *signed_root = Some(tree.root());
            }
        });
        match replayed {
            Ok(()) => Some(()),
            Err((offset, fault)) => {
                self.damaged(first, offset as u64, &fault);
                None
            }
        }
    }

    fn damaged(&mut self, first: u64, offset: u64, fault: &Fault) {
        let place = Place {
            file: Some(segment_label(first)),
            offset: Some(offset),
            seq: Some(self.replay.tree.size()),
        };
        self.report.find(place, Problem::Damaged, fault.to_string());
    }

    /// Compares what was read with what was signed.
    fn compare(&mut self, signed: &Checkpoint) {
        let (found, place) = (self.replay.tree.size(), Place::file(CHECKPOINT));
        if found < signed.size {
            let detail = format!("{found} leaves were read, {} were signed", signed.size);
            self.report.find(place, Problem::RolledBack, detail);
        } else if self.signed_root != Some(signed.root) {
            let detail = format!("the root over {} leaves is another", signed.size);
            self.report.find(place, Problem::Rewritten, detail);
        }
        if self.rules.origin() != Some(signed.origin.as_str()) {
            let detail = format!("the first leaf must create `{}`", signed.origin);
            self.report.find(Place::leaf(0), Problem::Origin, detail);
        }
        if found > signed.size {
            self.report.not_checked.push(NotChecked::BeyondCheckpoint);
        }
        if self.replay.sealed < found {
            let detail = "the last leaves have no seal; opening the log adds it";
            let place = Place::leaf(self.replay.sealed);
            self.report.find(place, Problem::Damaged, detail);
        }
    }

    fn finish(mut self, others: bool) -> Report {
        self.report.leaves = self.replay.tree.size();
        self.report.statements = self.rules.statements();
        self.report.destroyed_keys = self.rules.destroyed_keys();
        self.report.not_checked.extend(self.rules.not_checked());
        self.report.findings.extend(self.rules.into_findings());
        if others || self.others {
            self.report.not_checked.push(NotChecked::OtherFiles);
        }
        self.report.not_checked.extend([
            NotChecked::Witness,
            NotChecked::Contents,
            NotChecked::Clocks,
        ]);
        self.report
    }
}
