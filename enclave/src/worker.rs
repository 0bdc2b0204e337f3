//! The sealed worker: the only code that links the jail and the egress gate.
//!
//! ```text
//!  service ── Launch ─► karez (sealed) ── Task, keys ─► govern, scan, run ─► output
//!  service ── Launch ─► karez (sealed) ── output ─────► check, rebuild ────► files
//! ```
//!
//! The service process parses neither a requester's SQL nor a worker's output: [`Workers`] moves bytes, [`child`] is
//! the other end, in a process that has nothing but its descriptors.

mod child;
mod failure;
mod governance;
mod message;
mod parent;
mod scan;

pub use child::{WORKER_ARGUMENT, child};
pub use failure::{JobFailure, Refusal, RefusalClass};
pub use governance::{NotGovernable, governance};
pub use parent::{JobLimits, Planned, Produced, ProducedFile, Sealed, WorkerInput, Workers};

/// The rules that a worker holds a query to, as the service hands them over.
pub use egress::Governance;
/// Ends a running job from any thread.
pub use sandbox::Killer;
