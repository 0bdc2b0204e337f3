//! The log: one writer, durable before it acknowledges, readable by many.

mod appender;
pub(crate) mod directory;
mod error;
mod recovery;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use appender::Appender;
use directory::{Directory, io_error};
pub use error::LogError;
use recovery::Recovered;
pub use recovery::{Cut, Recovery};
use writer::{Request, Writer};

use crate::chain::Chain;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::digest::Digest;
use crate::event::{EventBody, LogCreated, LogRecovered};
use crate::leaf::{Decision, Leaf};
use crate::name::Actor;
use crate::note::{NoteSigner, NoteVerifier};
use crate::receipt::{Receipt, ReceiptEntry};
use crate::segment::SEGMENT_BYTES;
use crate::tree::{Frontier, ProofError, StoredTree};

/// Events that one batch holds at most; bounds the time of one write.
pub const BATCH_EVENTS_MAX: usize = 4096;

/// Bytes of leaves that one call may append at most; bounds the memory of one write.
pub const BATCH_BYTES_MAX: usize = 32 << 20;

/// Calls that wait for the writer at most; the next one blocks.
pub const QUEUE_CALLS_MAX: usize = 1024;

/// The longest time that a sealed batch waits for its checkpoint; half of the promised second, so
/// that a slow disk keeps the promise.
pub const CHECKPOINT_INTERVAL: Duration = Duration::from_millis(500);

/// Leaves that [`Log::leaves`] reads at a time.
const READ_AHEAD: usize = 256;

/// An event that wants to be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Who did it.
    pub actor: Actor,
    /// The tenant; none for the log's own events.
    pub tenant: Option<String>,
    /// The call that caused it, if one did.
    pub request_id: Option<String>,
    /// The digest of the policies that decided, if any did.
    pub policy: Option<Digest>,
    /// How they decided, if they did.
    pub decision: Option<Decision>,
    /// The resource that the event is about.
    pub subject: String,
    /// What happened. The stream follows from it.
    pub body: EventBody,
}

impl NewEvent {
    /// An event of a tenant, about the resource that its body names.
    pub fn new(actor: Actor, tenant: &str, body: impl Into<EventBody>) -> Self {
        let body = body.into();
        Self {
            actor,
            tenant: Some(tenant.to_owned()),
            request_id: None,
            policy: None,
            decision: None,
            subject: body.subject(),
            body,
        }
    }

    /// The same event, caused by this call.
    #[must_use]
    pub fn request_id(mut self, request_id: &str) -> Self {
        self.request_id = Some(request_id.to_owned());
        self
    }

    /// The same event, decided by the policies of this digest.
    #[must_use]
    pub const fn decided(mut self, decision: Decision, policy: Digest) -> Self {
        self.decision = Some(decision);
        self.policy = Some(policy);
        self
    }

    fn own(body: impl Into<EventBody>) -> Self {
        let mut event = Self::new(Actor::Service, "", body);
        event.tenant = None;
        event
    }
}

/// The log's word that an event is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The leaf's position.
    pub seq: u64,
    /// The leaf's hash.
    pub leaf_hash: Digest,
    /// The size of the tree once the event's batch was sealed.
    pub size: u64,
}

/// Where a leaf's bytes stand.
#[derive(Debug, Clone, Copy)]
struct Location {
    segment: usize,
    offset: u64,
    length: usize,
}

/// What readers need, as of the last sealed batch.
#[derive(Debug, Default)]
struct Index {
    tree: StoredTree,
    frontier: Frontier,
    locations: Vec<Location>,
    segments: Vec<u64>,
    checkpoint: Option<(Checkpoint, String)>,
}

/// What writer and readers share.
#[derive(Debug)]
struct State {
    path: PathBuf,
    index: RwLock<Index>,
}

impl State {
    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A handle on an open log. Clones share one writer; when the last one is dropped the writer signs
/// a last checkpoint and the directory is free again.
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
}

struct Shared {
    state: Arc<State>,
    verifier: NoteVerifier,
    requests: Option<SyncSender<Request>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Without a sender the thread ends; waiting for it makes the last checkpoint and the free
        // directory visible to whoever dropped the handle.
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log")
            .field("path", &self.shared.state.path)
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}

impl Log {
    /// Creates a log in a new or empty directory and opens it. Its first leaf is `log.created`, its
    /// first checkpoint is durable when this returns. Files are 0600, folders 0700.
    ///
    /// # Errors
    /// [`LogError::Exists`] when the directory holds anything, [`LogError::Checkpoint`] when the
    /// key's name is not the origin, [`LogError::Io`].
    pub fn create(directory: &Path, signer: NoteSigner, origin: &str) -> Result<Self, LogError> {
        check_origin(&signer, origin)?;
        let directory = Directory::create(directory)?;
        let (path, file) = directory.new_segment(0)?;
        let index = Index {
            segments: vec![0],
            ..Index::default()
        };
        let appender = Appender::new(path, file, 0);
        let mut writer = writer(directory, signer, Chain::default(), appender, index);
        let origin = origin.to_owned();
        writer.append_own(NewEvent::own(LogCreated { origin }))?;
        writer.checkpoint()?;
        Self::start(writer)
    }

    /// Opens an existing log, checking all of it, and recovers from a crash.
    ///
    /// A torn tail is cut and the cut is logged as `log.recovered`; nothing that was acknowledged
    /// and synced is ever in it.
    ///
    /// # Errors
    /// [`LogError::Locked`] when it is open elsewhere; [`LogError::Damaged`],
    /// [`LogError::RolledBack`] or [`LogError::Rewritten`] when it is not what was signed, in which
    /// case nothing is changed.
    pub fn open(directory: &Path, signer: NoteSigner) -> Result<(Self, Recovery), LogError> {
        Self::open_with(directory, signer, SEGMENT_BYTES)
    }

    fn open_with(
        directory: &Path,
        signer: NoteSigner,
        segment_bytes: u64,
    ) -> Result<(Self, Recovery), LogError> {
        let directory = Directory::lock(directory)?;
        let Recovered {
            chain,
            index,
            appender,
            report,
        } = recovery::recover(&directory, &signer.verifier())?;
        let mut writer = writer(directory, signer, chain, appender, index);
        writer.segment_bytes = segment_bytes;
        if let Some(cut) = &report.cut {
            writer.append_own(NewEvent::own(LogRecovered {
                cut_bytes: cut.bytes,
                segment: cut.segment.clone(),
            }))?;
        } else if report.unsealed > 0 {
            writer.seal()?;
        }
        writer.checkpoint()?;
        Ok((Self::start(writer)?, report))
    }

    fn start(writer: Writer) -> Result<Self, LogError> {
        let state = Arc::clone(&writer.state);
        let verifier = writer.signer.verifier();
        let (requests, receiver): (_, Receiver<Request>) = sync_channel(QUEUE_CALLS_MAX);
        let thread = std::thread::Builder::new()
            .name("karez-log".to_owned())
            .spawn(move || writer.run(&receiver))
            .map_err(|source| io_error(&state.path, source))?;
        let shared = Shared {
            state,
            verifier,
            requests: Some(requests),
            thread: Some(thread),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Appends one event and returns once it is durable. Blocks; call it from a thread that may.
    ///
    /// # Errors
    /// [`LogError::Event`] or [`LogError::Leaf`] when the event is not in order (nothing was
    /// written), [`LogError::ReadOnly`] when it could not be made durable.
    pub fn append(&self, event: NewEvent) -> Result<Appended, LogError> {
        let appended = self.append_batch(vec![event])?;
        appended.first().copied().ok_or_else(stopped)
    }

    /// Appends several events next to each other under one seal, and returns once all are durable.
    ///
    /// All are refused if one is not in order. A crash before this returns may keep the first few,
    /// since readable frames are never thrown away: order events so that each prefix is true.
    ///
    /// # Errors
    /// As [`Log::append`], and [`LogError::BatchTooLarge`].
    pub fn append_batch(&self, events: Vec<NewEvent>) -> Result<Vec<Appended>, LogError> {
        if events.len() > BATCH_EVENTS_MAX {
            return Err(LogError::BatchTooLarge);
        }
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = sync_channel(1);
        self.request(Request::Append { events, reply })?;
        answer.recv().map_err(|_| stopped())?
    }

    /// Makes everything that is sealed covered by a durable checkpoint and returns the signed note.
    ///
    /// # Errors
    /// [`LogError::ReadOnly`] or [`LogError::Io`] when it could not be written.
    pub fn checkpoint_now(&self) -> Result<String, LogError> {
        let (reply, answer) = sync_channel(1);
        self.request(Request::Checkpoint { reply })?;
        answer.recv().map_err(|_| stopped())?
    }

    fn request(&self, request: Request) -> Result<(), LogError> {
        let requests = self.shared.requests.as_ref().ok_or_else(stopped)?;
        requests.send(request).map_err(|_| stopped())
    }

    /// How many leaves are durable.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.shared.state.index().tree.size()
    }

    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.shared.verifier.name()
    }

    /// The key that others verify this log with.
    #[must_use]
    pub fn verifier(&self) -> &NoteVerifier {
        &self.shared.verifier
    }

    /// The newest signed checkpoint, without making one.
    #[must_use]
    pub fn last_checkpoint(&self) -> Option<String> {
        let index = self.shared.state.index();
        index.checkpoint.as_ref().map(|(_, note)| note.clone())
    }

    /// Up to `max` leaves from `from_seq` on; none beyond the end.
    ///
    /// # Errors
    /// [`LogError::Io`] or [`LogError::Leaf`] when the files were changed under the log.
    pub fn read(&self, from_seq: u64, max: usize) -> Result<Vec<Leaf>, LogError> {
        let raw = self.read_raw(from_seq, max)?;
        raw.iter().map(|bytes| Ok(Leaf::parse(bytes)?)).collect()
    }

    /// All leaves from `from_seq` to the present end, a few hundred in memory at a time.
    pub fn leaves(&self, from_seq: u64) -> impl Iterator<Item = Result<Leaf, LogError>> + use<> {
        let (log, end) = (self.clone(), self.size());
        (from_seq..end).step_by(READ_AHEAD).flat_map(move |from| {
            let count = READ_AHEAD.min((end - from) as usize);
            match log.read(from, count) {
                Ok(leaves) => leaves.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }
        })
    }

    /// The bytes of leaves as the tree commits to them.
    fn read_raw(&self, from_seq: u64, max: usize) -> Result<Vec<Vec<u8>>, LogError> {
        let from = usize::try_from(from_seq).unwrap_or(usize::MAX);
        let wanted: Vec<(Option<u64>, Location)> = {
            let index = self.shared.state.index();
            let locations = index.locations.iter().skip(from).take(max);
            locations
                .map(|location| (index.segments.get(location.segment).copied(), *location))
                .collect()
        };
        let mut open: Option<(u64, File)> = None;
        let mut leaves = Vec::with_capacity(wanted.len());
        for (segment, location) in wanted {
            let segment = segment.ok_or(ProofError::Range)?;
            leaves.push(self.read_one(&mut open, segment, location)?);
        }
        Ok(leaves)
    }

    fn read_one(
        &self,
        open: &mut Option<(u64, File)>,
        segment: u64,
        location: Location,
    ) -> Result<Vec<u8>, LogError> {
        let path = directory::segment_path(&self.shared.state.path, segment);
        let file = match open.take() {
            Some((number, file)) if number == segment => file,
            _ => File::open(&path).map_err(|source| io_error(&path, source))?,
        };
        let mut bytes = vec![0; location.length];
        let read = file.read_exact_at(&mut bytes, location.offset);
        read.map_err(|source| io_error(&path, source))?;
        *open = Some((segment, file));
        Ok(bytes)
    }

    /// The proof that leaf `seq` is in the tree of the first `size` leaves.
    ///
    /// # Errors
    /// [`LogError::Range`] unless `seq < size` and `size` leaves are durable.
    pub fn inclusion(&self, seq: u64, size: u64) -> Result<Vec<Digest>, LogError> {
        Ok(self.shared.state.index().tree.inclusion(seq, size)?)
    }

    /// The proof that the first `old` leaves are a prefix of the first `new`.
    ///
    /// # Errors
    /// [`LogError::Range`] unless `0 < old <= new` and `new` leaves are durable.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, LogError> {
        Ok(self.shared.state.index().tree.consistency(old, new)?)
    }

    /// A receipt for leaf `subject_seq` with the leaves that it rests on, under a checkpoint made
    /// now. For a delivery these are `job.started`, each `product.approved`, `product.submitted`,
    /// and each `dataset.registered` of the inputs.
    ///
    /// Privacy: whoever gets the receipt reads these leaves whole.
    ///
    /// # Errors
    /// [`LogError::Range`] when a leaf does not exist; as [`Log::checkpoint_now`].
    pub fn receipt(&self, subject_seq: u64, supporting: &[u64]) -> Result<Receipt, LogError> {
        let note = self.checkpoint_now()?;
        let size = Checkpoint::open(&note, &self.shared.verifier)?.size;
        let mut seqs = vec![subject_seq];
        for seq in supporting {
            if !seqs.contains(seq) {
                seqs.push(*seq);
            }
        }
        let entries = seqs.iter().map(|seq| self.entry(*seq, size));
        Ok(Receipt::new(note, entries.collect::<Result<_, _>>()?))
    }

    fn entry(&self, seq: u64, size: u64) -> Result<ReceiptEntry, LogError> {
        let inclusion = self.inclusion(seq, size)?;
        let leaf = self.read_raw(seq, 1)?.pop().ok_or(ProofError::Range)?;
        Ok(ReceiptEntry::new(seq, &leaf, &inclusion))
    }
}

/// A checkpoint is signed under the key's name, so that name is the origin.
fn check_origin(signer: &NoteSigner, origin: &str) -> Result<(), LogError> {
    match signer.name() == origin {
        true => Ok(()),
        false => Err(CheckpointError::Origin {
            found: origin.to_owned(),
            expected: signer.name().to_owned(),
        }
        .into()),
    }
}

fn writer(
    directory: Directory,
    signer: NoteSigner,
    chain: Chain,
    appender: Appender,
    index: Index,
) -> Writer {
    let state = State {
        path: directory.path().to_owned(),
        index: RwLock::new(index),
    };
    Writer {
        directory,
        origin: signer.name().to_owned(),
        signer,
        chain,
        appender,
        state: Arc::new(state),
        segment_bytes: SEGMENT_BYTES,
        broken: None,
        checkpoint_due: None,
    }
}

/// The thread is gone, which only a failure inside it explains.
fn stopped() -> LogError {
    LogError::ReadOnly("the writer has stopped".to_owned())
}
