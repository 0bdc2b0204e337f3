//! What the service does, without the network: every call of the API is one method of [`Enclave`].
//!
//! ```text
//!  Call ─► replayed? ─► authorise ─► access.decided on the log ─► the act ─► its event on the log ─► answer = that leaf
//! ```
//!
//! A mutating call is answered by one leaf, and its response is made from that leaf alone, so that the same request id
//! gets the same answer before and after a restart. State changes only by appending and folding ([`Registry`]); one
//! lock orders "look, decide, append", so no decision is taken on a state that another call is changing.

mod access;
mod call;
mod copies;
mod datasets;
mod descriptions;
mod destructions;
mod failure;
mod jobs;
mod keys;
mod lineage_reads;
mod pending;
mod products;
mod releases;
mod reversals;
mod runner;
mod samples;
mod scenarios;
mod traces;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use lineage::log::{Log, NewEvent};
use lineage::{Actor, EventBody, Leaf, NoteSigner};

use crate::blobs::BlobStore;
use crate::config::Config;
use crate::home::Home;
use crate::keys::{KeyPath, KeyStore, MasterKey};
use crate::registry::{BrokenFold, Registry, RequestKey};
use crate::vault::Vault;
use crate::worker::{JobLimits, Killer, Workers};

pub use crate::service::Reason;
pub use call::Call;
pub use datasets::RegisterDataset;
pub use descriptions::{
    DatasetDescription, DatasetPage, PAGE_DATASETS_MAX, ProductDescription, ScenarioDescription,
};
pub use failure::{Entry, Failure};
pub use pending::EXPIRY_INTERVAL;
pub use products::Missing;
pub use releases::ReleasedBytes;
pub use reversals::RequestReversal;
pub use traces::{TRACE_VALUE_BYTES_MAX, TRACE_VALUES_MAX, Trace, TracedCopy};

use runner::Runner;

/// The service's state and stores. Cheap to clone: clones are the same service.
#[derive(Clone)]
pub struct Enclave {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    tenant: policy::Tenant,
    tmp: PathBuf,
    log: Log,
    registry: RwLock<Registry>,
    /// Held from looking at the registry to folding what was appended.
    admission: Mutex<()>,
    in_flight: Mutex<HashSet<RequestKey>>,
    /// Held while a copy is made: one at a time, so that nobody makes the same one twice.
    copying: Mutex<()>,
    /// Versions given out to uploads that have not ended yet.
    reserved: Mutex<HashMap<String, u64>>,
    keys: Arc<KeyStore>,
    vault: Vault,
    blobs: BlobStore,
    workers: Workers,
    killers: Mutex<HashMap<String, Killer>>,
    progress: Mutex<HashMap<String, u64>>,
    changes: tokio::sync::watch::Sender<u64>,
    runner: Runner,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The log cannot be opened; nothing was changed.
    #[error("opening the log: {0}; verify it with `karez lineage verify`")]
    Log(#[from] lineage::log::LogError),
    /// The log cannot be folded.
    #[error(transparent)]
    Fold(#[from] BrokenFold),
    /// A key file is missing, open to others, or not a key.
    #[error(transparent)]
    Key(#[from] crate::keys::KeyError),
    /// The log's signing key is missing or not a key.
    #[error("the log's signing key: {0}")]
    LogKey(#[from] lineage::KeyError),
    /// A store cannot be opened.
    #[error(transparent)]
    Vault(#[from] crate::vault::VaultError),
    /// A store cannot be opened.
    #[error(transparent)]
    Blobs(#[from] crate::blobs::BlobError),
    /// The built-in policies do not validate.
    #[error("the built-in policies: {0}")]
    Policies(&'static policy::authorise::PoliciesError),
    /// The tenant's name in `karez.toml` is not a name.
    #[error("karez.toml: {0}")]
    Tenant(#[from] policy::name::NameError),
    /// A job worker thread could not be started.
    #[error("starting the job runner: {0}")]
    Runner(#[from] std::io::Error),
}

impl Enclave {
    /// Opens the service on a home: recovers the log, folds it, destroys the keys whose destruction is on the log, and marks
    /// what a crash interrupted as failed.
    ///
    /// `program` is the binary that becomes a worker when started with [`crate::worker::WORKER_ARGUMENT`].
    ///
    /// # Errors
    /// [`StartError`]; a log that is not what was signed is refused and left as it is.
    pub fn open(home: &Home, config: Config, program: PathBuf) -> Result<Self, StartError> {
        policy::authorise::self_check().map_err(StartError::Policies)?;
        let signer = NoteSigner::load(&home.log_key())?;
        let (log, _recovery) = Log::open(&home.log(), signer)?;
        let mut registry = Registry::default();
        for leaf in log.leaves(0) {
            registry.apply(&leaf?)?;
        }
        let keys = Arc::new(KeyStore::open(
            &home.keys(),
            MasterKey::open(&home.master_key())?,
        )?);
        for name in registry.destroyed_keys() {
            // Written by this service, which writes no other names.
            if let Some(path) = KeyPath::destroyable(name) {
                keys.bury(&path)?;
            }
        }
        let limits = JobLimits {
            wall: std::time::Duration::from_secs(config.limits.job_seconds_max),
            memory_bytes: config.limits.job_memory_bytes,
            ..JobLimits::default()
        };
        let enclave = Self {
            shared: Arc::new(Shared {
                tenant: config.tenant.parse()?,
                tmp: home.tmp(),
                registry: RwLock::new(registry),
                admission: Mutex::new(()),
                in_flight: Mutex::default(),
                copying: Mutex::default(),
                reserved: Mutex::default(),
                vault: Vault::at(&home.data(), Arc::clone(&keys))?,
                blobs: BlobStore::open(&home.blobs(), &keys)?,
                keys,
                workers: Workers::new(program, limits),
                killers: Mutex::default(),
                progress: Mutex::default(),
                changes: tokio::sync::watch::Sender::new(log.size()),
                runner: Runner::new(config.limits.jobs_queued_max),
                log,
                config,
            }),
        };
        enclave.fail_interrupted();
        if let Err(failure) = enclave.expire_requests() {
            tracing::error!(
                reason = failure.reason.as_str(),
                "requests could not be ended"
            );
        }
        enclave.start_runners()?;
        Ok(enclave)
    }

    /// The configuration in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Tells how many entries the log has, and again after each change.
    #[must_use]
    pub fn changes(&self) -> tokio::sync::watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }

    /// Kills what runs and makes a last checkpoint durable; the log then covers everything that was acknowledged.
    ///
    /// # Errors
    /// When the checkpoint cannot be written.
    pub fn stop(&self) -> Result<(), Failure> {
        self.shared.runner.close();
        for killer in locked(&self.shared.killers).values() {
            killer.kill();
        }
        self.shared.log.checkpoint_now()?;
        Ok(())
    }

    /// Looks at the state as of now.
    pub fn read<T>(&self, look: impl FnOnce(&Registry) -> T) -> T {
        look(
            &self
                .shared
                .registry
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Appends events in one batch and folds them in; returns their leaves.
    ///
    /// The caller holds the admission lock.
    fn commit(
        &self,
        _admission: &Admission<'_>,
        events: Vec<NewEvent>,
    ) -> Result<Vec<Leaf>, Failure> {
        let appended = self.shared.log.append_batch(events)?;
        let Some(first) = appended.first() else {
            return Ok(Vec::new());
        };
        let leaves = self.shared.log.read(first.seq, appended.len())?;
        let mut registry = self
            .shared
            .registry
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        for leaf in &leaves {
            registry.apply(leaf)?;
        }
        self.shared.changes.send_replace(registry.size());
        Ok(leaves)
    }

    fn admission(&self) -> Admission<'_> {
        Admission {
            _guard: locked(&self.shared.admission),
        }
    }

    /// An event of the service itself, continuing what a call began.
    fn event(&self, actor: &Actor, body: impl Into<EventBody>) -> NewEvent {
        NewEvent::new(actor.clone(), self.shared.tenant.as_str(), body)
    }
}

/// Proof that the admission lock is held.
struct Admission<'a> {
    _guard: MutexGuard<'a, ()>,
}

/// A panic while a lock was held leaves plain data behind, which is still sound to read.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
