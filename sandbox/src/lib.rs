//! Runs code that is approved but not trusted, with nothing it was not given.
//!
//! A job is a fresh process of the program that starts it. [`Launch::start`] re-executes that program with a hidden
//! argument; the child calls [`enter`] as the first thing in `main`, loses every right layer by layer, reports
//! `sealed`, and only then receives its input. There is no `exec` after sealing, so the root directory is empty.
//!
//! ```text
//!  service ── Launch::start ──▶ supervisor ──fork──▶ init (pid 1) ──fork──▶ worker = the code after enter()
//!     │                          (kill, usage)         (reaps)                │
//!     ├── Worker::send ───────────────── job pipe ──────────────────────────▶ Jail::receive
//!     ◀── Worker::finish ─────────────── report pipe ◀─────────────────────── Jail::finish
//! ```
//!
//! Layers are set in the order of [`Layer::ALL`]. A missing layer ends the child with exit code
//! [`EXIT_LAYER_MISSING`] and the caller with [`LaunchError::LayerMissing`]; nothing turns a layer off.
//!
//! # What a job can still learn or do
//!
//! It sees time, the number of processors, the sizes of its inputs and whether it exceeds a limit. It shares caches
//! with other jobs. A bug in one of the allowed kernel calls (`filters/sql.json`) is outside what this crate stops.
//!
//! # Example
//!
//! ```no_run
//! use sandbox::{Launch, Limits};
//!
//! # fn job() -> Result<(), Box<dyn std::error::Error>> {
//! // in main, before anything else: the same program is its own worker
//! if std::env::args_os().nth(1).is_some_and(|first| first == "worker") {
//!     let mut jail = sandbox::enter()?;
//!     let job = jail.receive()?;
//!     std::io::Write::write_all(&mut jail.output, &job.unwrap_or_default())?;
//!     jail.finish(b"done")?;
//!     return Ok(());
//! }
//! let mut worker = Launch {
//!     program: "/proc/self/exe".into(),
//!     argument: "worker".into(),
//!     limits: Limits::default(),
//!     inputs: Vec::new(),
//! }
//! .start()?;
//! worker.send(b"select 1")?;
//! let finished = worker.finish()?;
//! assert_eq!(finished.verdict.as_deref(), Some(&b"done"[..]));
//! # Ok(()) }
//! ```

mod canary;
mod doctor;
mod fix;
mod frame;
mod handover;
mod jail;
mod launch;
mod launcher_thread;
mod layer;
mod layers;
mod limits;
mod outcome;
mod store;
mod supervise;
mod worker;

pub use doctor::{Doctor, Row, Verdict, doctor};
pub use fix::Text;
pub use jail::{Jail, Sealing, enter};
pub use launch::{Launch, LaunchError};
pub use layer::{EXIT_LAYER_MISSING, InForce, Layer, Missing, SealReport};
pub use limits::{LimitKind, Limits};
pub use outcome::{Confidential, Failure, Finished, Outcome, Usage};
pub use store::{StoreError, memfd_from, sealed_copy};
pub use worker::{KILL_BOUND, Killer, Worker, WorkerError};

/// Largest job message in bytes: SQL text, schemas and keys; a bigger one is a mistake of the caller.
pub const MAX_JOB_BYTES: usize = 4 << 20;

/// Largest verdict in bytes: the worker's own small account of its run, never data.
pub const MAX_VERDICT_BYTES: usize = 256 << 10;

/// Bytes of stdout and stderr that are kept of a worker; what it writes beyond is refused by the kernel.
pub const MAX_LOG_BYTES: u64 = 64 << 10;

/// Most input descriptors of one job.
pub const MAX_INPUTS: usize = 4096;
