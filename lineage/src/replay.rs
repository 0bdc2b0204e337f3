//! Reading a log back, frame by frame, and believing nothing.
//!
//! Recovery and the verifier both go through here, so that what one accepts the other accepts.

use std::fmt;

use thiserror::Error;

use crate::chain::{Chain, ChainError};
use crate::digest::Digest;
use crate::leaf::{Leaf, LeafError};
use crate::segment::{self, Frame, FrameError};
use crate::tree::{Frontier, leaf_hash};

/// What is wrong at one place of a segment.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// The frame cannot be read.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// The frame stands at another position than it says.
    #[error("the frame says seq {found} where {expected} must come")]
    FrameSeq {
        /// What comes next.
        expected: u64,
        /// What the frame says.
        found: u64,
    },
    /// The frame's bytes are not a leaf.
    #[error(transparent)]
    Leaf(#[from] LeafError),
    /// The leaf does not continue the chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The seal says another size or root than the leaves before it have.
    #[error("the seal does not match the {size} leaves before it")]
    Seal {
        /// How many leaves stand before it.
        size: u64,
    },
    /// A file does not begin where the one before ends.
    #[error("the segment does not begin with leaf {expected}; a segment is missing or renamed")]
    Segment {
        /// What comes next.
        expected: u64,
    },
    /// A file is longer than any segment.
    #[error("the file is longer than any segment")]
    Length,
}

/// Where in the log's directory something is wrong, and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file, relative to the log's directory.
    pub file: String,
    /// The offset of the frame, in bytes.
    pub offset: u64,
    /// The leaf that stands there or should.
    pub seq: u64,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at byte {} (leaf {}): {}",
            self.file, self.offset, self.seq, self.fault
        )
    }
}

/// A leaf that was read back, with where it stands.
pub(crate) struct Replayed<'a> {
    pub(crate) leaf: Leaf,
    pub(crate) hash: Digest,
    pub(crate) offset: usize,
    pub(crate) bytes: &'a [u8],
}

/// The state of reading a log from its beginning.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    pub(crate) chain: Chain,
    pub(crate) tree: Frontier,
    /// The size at the last seal.
    pub(crate) sealed: u64,
}

impl Replay {
    /// Reads one segment to its end or to the first fault, whose offset is returned with it.
    pub(crate) fn segment<'a>(
        &mut self,
        first_seq: u64,
        bytes: &'a [u8],
        mut visit: impl FnMut(Replayed<'a>, &Frontier),
    ) -> Result<(), (usize, Fault)> {
        let expected = self.tree.size();
        if first_seq != expected {
            return Err((0, Fault::Segment { expected }));
        }
        let mut offset = 0;
        while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
            let at = |fault: Fault| (offset, fault);
            let (frame, length) = segment::first_frame(rest).map_err(|error| at(error.into()))?;
            match frame {
                Frame::Leaf { seq, bytes } => {
                    let (leaf, hash) = self.leaf(seq, bytes).map_err(at)?;
                    let replayed = Replayed {
                        leaf,
                        hash,
                        offset,
                        bytes,
                    };
                    visit(replayed, &self.tree);
                }
                Frame::Seal { size, root } => self.seal(size, root).map_err(at)?,
            }
            offset += length;
        }
        Ok(())
    }

    fn leaf(&mut self, seq: u64, bytes: &[u8]) -> Result<(Leaf, Digest), Fault> {
        let expected = self.tree.size();
        if seq != expected {
            return Err(Fault::FrameSeq {
                expected,
                found: seq,
            });
        }
        let leaf = Leaf::parse(bytes)?;
        self.chain.check(&leaf)?;
        let hash = leaf_hash(bytes);
        self.chain.accept(&leaf, hash);
        self.tree.push(hash);
        Ok((leaf, hash))
    }

    fn seal(&mut self, size: u64, root: Digest) -> Result<(), Fault> {
        let here = self.tree.size();
        if size != here || root != self.tree.root() {
            return Err(Fault::Seal { size: here });
        }
        self.sealed = size;
        Ok(())
    }
}
