//! The hash chain inside the leaves: `prev` over the whole log, `stream_prev` over each stream.

use std::collections::HashMap;

use thiserror::Error;

use crate::digest::Digest;
use crate::leaf::Leaf;
use crate::time::Timestamp;

/// The end of one stream.
#[derive(Debug, Clone, Copy)]
struct Head {
    count: u64,
    last: Digest,
}

/// The end of the log, as the next leaf must continue it.
#[derive(Debug, Default)]
pub(crate) struct Chain {
    size: u64,
    time: Option<Timestamp>,
    last: Option<Digest>,
    streams: HashMap<String, Head>,
}

/// What a leaf must say to continue the chain.
pub(crate) struct Place {
    pub(crate) seq: u64,
    pub(crate) prev: Option<Digest>,
    pub(crate) stream_seq: u64,
    pub(crate) stream_prev: Option<Digest>,
    pub(crate) earliest: Option<Timestamp>,
}

/// How to take back the acceptance of one leaf.
pub(crate) struct Undo {
    time: Option<Timestamp>,
    last: Option<Digest>,
    stream: String,
    head: Option<Head>,
}

/// A leaf that does not continue the chain.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ChainError {
    /// Another position: something was inserted, deleted or moved.
    #[error("the leaf says seq {found} where {expected} must come")]
    Seq {
        /// What comes next.
        expected: u64,
        /// What the leaf says.
        found: u64,
    },
    /// Another predecessor.
    #[error("`prev` is not the hash of the leaf before")]
    Prev,
    /// Another position in its stream.
    #[error("`stream_seq` does not continue stream `{0}`")]
    StreamSeq(String),
    /// Another predecessor in its stream.
    #[error("`stream_prev` is not the hash of the leaf before in stream `{0}`")]
    StreamPrev(String),
    /// Earlier than its predecessor.
    #[error("the time is earlier than that of the leaf before")]
    Time,
}

impl Chain {
    /// What the next leaf of a stream must say.
    pub(crate) fn place(&self, stream: &str) -> Place {
        let head = self.streams.get(stream);
        Place {
            seq: self.size,
            prev: self.last,
            stream_seq: head.map_or(0, |head| head.count),
            stream_prev: head.map(|head| head.last),
            earliest: self.time,
        }
    }

    /// Checks that a leaf comes next.
    pub(crate) fn check(&self, leaf: &Leaf) -> Result<(), ChainError> {
        let place = self.place(&leaf.stream);
        if leaf.seq != place.seq {
            let (expected, found) = (place.seq, leaf.seq);
            return Err(ChainError::Seq { expected, found });
        }
        if leaf.prev != place.prev {
            return Err(ChainError::Prev);
        }
        if leaf.stream_seq != place.stream_seq {
            return Err(ChainError::StreamSeq(leaf.stream.clone()));
        }
        if leaf.stream_prev != place.stream_prev {
            return Err(ChainError::StreamPrev(leaf.stream.clone()));
        }
        match place.earliest.is_some_and(|earliest| leaf.time < earliest) {
            true => Err(ChainError::Time),
            false => Ok(()),
        }
    }

    /// Moves on over a leaf that comes next.
    pub(crate) fn accept(&mut self, leaf: &Leaf, hash: Digest) -> Undo {
        let head = Head {
            count: leaf.stream_seq + 1,
            last: hash,
        };
        let undo = Undo {
            time: self.time.replace(leaf.time),
            last: self.last.replace(hash),
            stream: leaf.stream.clone(),
            head: self.streams.insert(leaf.stream.clone(), head),
        };
        self.size += 1;
        undo
    }

    /// Takes back the last acceptance.
    pub(crate) fn undo(&mut self, undo: Undo) {
        self.size -= 1;
        self.time = undo.time;
        self.last = undo.last;
        match undo.head {
            Some(head) => self.streams.insert(undo.stream, head),
            None => self.streams.remove(&undo.stream),
        };
    }
}
