//! The one thread that writes.
//!
//! It takes whatever is queued, up to [`BATCH_EVENTS_MAX`] events, without waiting for more: while
//! one batch is being synced the next one gathers in the queue, so nothing waits longer than one
//! sync and single calls do not wait at all.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use super::directory::Directory;
use super::{
    Appended, Appender, BATCH_BYTES_MAX, BATCH_EVENTS_MAX, CHECKPOINT_INTERVAL, Location, LogError,
    NewEvent, State,
};
use crate::chain::{Chain, Undo};
use crate::checkpoint::Checkpoint;
use crate::digest::Digest;
use crate::leaf::Leaf;
use crate::note::NoteSigner;
use crate::segment::{self, FRAME_HEADER_BYTES};
use crate::time::Timestamp;
use crate::tree::leaf_hash;

/// Where the answer to an append goes.
type Reply = SyncSender<Result<Vec<Appended>, LogError>>;

/// What callers ask of the thread.
pub(super) enum Request {
    /// Append these events, all or none.
    Append { events: Vec<NewEvent>, reply: Reply },
    /// Make a checkpoint over everything that is sealed.
    Checkpoint {
        reply: SyncSender<Result<String, LogError>>,
    },
}

/// A leaf on its way into the log.
struct Prepared {
    bytes: Vec<u8>,
    hash: Digest,
}

/// Leaves of one batch, and who waits for them.
#[derive(Default)]
struct Batch {
    leaves: Vec<Prepared>,
    waiting: Vec<(Reply, usize)>,
    checkpoints: Vec<SyncSender<Result<String, LogError>>>,
}

pub(super) struct Writer {
    pub(super) directory: Directory,
    pub(super) signer: NoteSigner,
    pub(super) origin: String,
    pub(super) chain: Chain,
    pub(super) appender: Appender,
    pub(super) state: Arc<State>,
    pub(super) segment_bytes: u64,
    /// Why nothing is written any more; set by the first failed write or sync.
    pub(super) broken: Option<LogError>,
    pub(super) checkpoint_due: Option<Instant>,
}

impl Writer {
    /// Serves requests until the last handle is gone, then signs what is sealed.
    pub(super) fn run(mut self, requests: &Receiver<Request>) {
        loop {
            let request = match self.checkpoint_due {
                None => requests.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(due) => requests.recv_timeout(due.saturating_duration_since(Instant::now())),
            };
            match request {
                Ok(first) => self.serve(first, requests),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.checkpoint_due.is_some_and(|due| due <= Instant::now()) {
                // A failure is kept in `broken` and told to the next caller.
                let _ = self.checkpoint();
            }
        }
        let _ = self.checkpoint();
    }

    fn serve(&mut self, first: Request, requests: &Receiver<Request>) {
        let mut batch = Batch::default();
        let mut bytes = self.take(first, &mut batch);
        while batch.leaves.len() < BATCH_EVENTS_MAX && bytes < BATCH_BYTES_MAX {
            match requests.try_recv() {
                Ok(request) => bytes += self.take(request, &mut batch),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        self.finish(batch);
    }

    /// Adds a request to the batch, or answers it at once if it cannot be; returns its bytes.
    fn take(&mut self, request: Request, batch: &mut Batch) -> usize {
        let (events, reply) = match request {
            Request::Checkpoint { reply } => {
                batch.checkpoints.push(reply);
                return 0;
            }
            Request::Append { events, reply } => (events, reply),
        };
        match self.prepare(events) {
            Ok(leaves) => {
                batch.waiting.push((reply, leaves.len()));
                let bytes = leaves.iter().map(|leaf| leaf.bytes.len()).sum();
                batch.leaves.extend(leaves);
                bytes
            }
            Err(error) => {
                // A caller that has gone away needs no answer.
                let _ = reply.send(Err(error));
                0
            }
        }
    }

    /// The leaves of one request; on an error the chain is as before.
    fn prepare(&mut self, events: Vec<NewEvent>) -> Result<Vec<Prepared>, LogError> {
        let mut leaves = Vec::with_capacity(events.len());
        let mut undos = Vec::with_capacity(events.len());
        let mut bytes = 0;
        for event in events {
            let result = self.prepare_one(event);
            bytes += result.as_ref().map_or(0, |(leaf, _)| leaf.bytes.len());
            let error = match result {
                Ok((leaf, undo)) => {
                    leaves.push(leaf);
                    undos.push(undo);
                    (bytes > BATCH_BYTES_MAX).then_some(LogError::BatchTooLarge)
                }
                Err(error) => Some(error),
            };
            if let Some(error) = error {
                undos
                    .into_iter()
                    .rev()
                    .for_each(|undo| self.chain.undo(undo));
                return Err(error);
            }
        }
        Ok(leaves)
    }

    fn prepare_one(&mut self, event: NewEvent) -> Result<(Prepared, Undo), LogError> {
        let stream = event.body.stream(event.tenant.as_deref())?;
        let place = self.chain.place(&stream);
        let now = Timestamp::now();
        let leaf = Leaf {
            seq: place.seq,
            time: place.earliest.map_or(now, |earliest| earliest.max(now)),
            prev: place.prev,
            stream,
            stream_seq: place.stream_seq,
            stream_prev: place.stream_prev,
            actor: event.actor,
            tenant: event.tenant,
            request_id: event.request_id,
            policy: event.policy,
            decision: event.decision,
            subject: event.subject,
            body: event.body,
        };
        let bytes = leaf.encode()?;
        let hash = leaf_hash(&bytes);
        let undo = self.chain.accept(&leaf, hash);
        Ok((Prepared { bytes, hash }, undo))
    }

    /// Makes a batch durable, then answers; nobody is told of an event that could be lost.
    fn finish(&mut self, batch: Batch) {
        let committed = self.commit(&batch.leaves);
        let size = self.state.index().tree.size();
        let mut hashes = batch.leaves.iter().map(|leaf| leaf.hash);
        let mut seq = size - committed.as_ref().map_or(0, |()| batch.leaves.len() as u64);
        for (reply, count) in batch.waiting {
            let answer = match &committed {
                Err(error) => Err(error.read_only()),
                Ok(()) => Ok(hashes
                    .by_ref()
                    .take(count)
                    .zip(seq..)
                    .map(|(leaf_hash, seq)| Appended {
                        seq,
                        leaf_hash,
                        size,
                    })
                    .collect()),
            };
            seq += count as u64;
            let _ = reply.send(answer);
        }
        for reply in batch.checkpoints {
            let _ = reply.send(self.checkpoint());
        }
    }

    /// One write of frames and seal, one sync. A failure ends writing: what the disk holds then is
    /// unknown, and asking again may be told a comforting lie by the page cache.
    fn commit(&mut self, leaves: &[Prepared]) -> Result<(), LogError> {
        if let Some(error) = &self.broken {
            return Err(error.read_only());
        }
        if leaves.is_empty() {
            return Ok(());
        }
        let committed = self.rotate().and_then(|()| self.write_batch(leaves));
        if let Err(error) = &committed {
            self.broken = Some(error.read_only());
        }
        committed
    }

    fn rotate(&mut self) -> Result<(), LogError> {
        if self.appender.end() < self.segment_bytes {
            return Ok(());
        }
        let first = self.state.index().tree.size();
        let (path, file) = self.directory.new_segment(first)?;
        self.appender = Appender::new(path, file, 0);
        self.state.index_mut().segments.push(first);
        Ok(())
    }

    fn write_batch(&mut self, leaves: &[Prepared]) -> Result<(), LogError> {
        let mut frames = Vec::new();
        let mut offsets = Vec::with_capacity(leaves.len());
        let (first, mut frontier) = {
            let index = self.state.index();
            (index.tree.size(), index.frontier.clone())
        };
        for (seq, leaf) in (first..).zip(leaves) {
            offsets.push(self.appender.end() + (frames.len() + FRAME_HEADER_BYTES) as u64);
            segment::push_leaf(&mut frames, seq, &leaf.bytes);
            frontier.push(leaf.hash);
        }
        segment::push_seal(&mut frames, frontier.size(), &frontier.root());
        self.appender.write(&frames)?;
        let mut index = self.state.index_mut();
        let segment = index.segments.len().saturating_sub(1);
        for (leaf, offset) in leaves.iter().zip(offsets) {
            index.tree.push(leaf.hash);
            index.locations.push(Location {
                segment,
                offset,
                length: leaf.bytes.len(),
            });
        }
        index.frontier = frontier;
        drop(index);
        self.checkpoint_due
            .get_or_insert_with(|| Instant::now() + CHECKPOINT_INTERVAL);
        Ok(())
    }

    /// Writes a seal over leaves that a crash left without one.
    pub(super) fn seal(&mut self) -> Result<(), LogError> {
        let (size, root) = {
            let index = self.state.index();
            (index.frontier.size(), index.frontier.root())
        };
        let mut frames = Vec::new();
        segment::push_seal(&mut frames, size, &root);
        self.appender.write(&frames)
    }

    /// Appends one event before the thread runs, over a torn tail if there is one.
    pub(super) fn append_own(&mut self, event: NewEvent) -> Result<(), LogError> {
        let leaves = self.prepare(vec![event])?;
        self.commit(&leaves)?;
        self.appender.trim()
    }

    /// Signs and stores a checkpoint over everything that is sealed. A size that is already signed
    /// is not signed again, so no size ever has two roots.
    pub(super) fn checkpoint(&mut self) -> Result<String, LogError> {
        self.checkpoint_due = None;
        let (size, root) = {
            let index = self.state.index();
            if let Some((checkpoint, note)) = &index.checkpoint
                && checkpoint.size >= index.tree.size()
            {
                return Ok(note.clone());
            }
            (index.frontier.size(), index.frontier.root())
        };
        if let Some(error) = &self.broken {
            return Err(error.read_only());
        }
        let origin = self.origin.clone();
        let checkpoint = Checkpoint { origin, size, root };
        let note = checkpoint.sign(&self.signer)?;
        if let Err(error) = self.directory.write_checkpoint(&note) {
            self.broken = Some(error.read_only());
            return Err(error);
        }
        self.state.index_mut().checkpoint = Some((checkpoint, note.clone()));
        Ok(note)
    }
}

impl State {
    fn index_mut(&self) -> std::sync::RwLockWriteGuard<'_, super::Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }
}
