//! The kernel's resource limits.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::Limits;
use crate::layer::{AtStep, Broken};

/// Standard streams, job pipe, report pipe, output, and a few that exist only while the job is sealed.
const OWN_DESCRIPTORS: u64 = 16;

/// The supervisor and init count against the same limit as the worker's threads.
const OWN_PROCESSES: u64 = 2;

/// Sets each limit for this process and all that come from it; soft and hard are equal, except that processor time
/// has one second between the signal that names it and the one that cannot be ignored.
pub(crate) fn apply(limits: &Limits, inputs: usize) -> Result<String, Broken> {
    let inputs = u64::try_from(inputs).unwrap_or(u64::MAX);
    let files = limits
        .open_files
        .saturating_add(OWN_DESCRIPTORS)
        .saturating_add(inputs);
    set(Resource::As, limits.address_space_bytes, 0, "setrlimit(AS)")?;
    set(Resource::Fsize, file_size(limits), 0, "setrlimit(FSIZE)")?;
    set(Resource::Cpu, limits.cpu_seconds, 1, "setrlimit(CPU)")?;
    set(Resource::Core, 0, 0, "setrlimit(CORE)")?;
    set(Resource::Nofile, files, 0, "setrlimit(NOFILE)")?;
    set(Resource::Memlock, 0, 0, "setrlimit(MEMLOCK)")?;
    set(Resource::Msgqueue, 0, 0, "setrlimit(MSGQUEUE)")?;
    set(
        Resource::Nproc,
        limits.threads.saturating_add(OWN_PROCESSES),
        0,
        "setrlimit(NPROC)",
    )?;
    Ok(format!(
        "address space {} bytes, output {} bytes, processor {} s, threads {}, core 0, locked memory 0, queues 0",
        limits.address_space_bytes, limits.output_bytes, limits.cpu_seconds, limits.threads
    ))
}

/// The limit binds every file, so it leaves room for the log; the launcher checks the output's own size exactly.
fn file_size(limits: &Limits) -> u64 {
    limits.output_bytes.max(2 * crate::MAX_LOG_BYTES)
}

/// A limit of the host that is lower already stays.
fn set(resource: Resource, value: u64, slack: u64, step: &'static str) -> Result<(), Broken> {
    let ceiling = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let maximum = value.saturating_add(slack).min(ceiling);
    let limit = Rlimit {
        current: Some(value.min(maximum)),
        maximum: Some(maximum),
    };
    setrlimit(resource, limit).step(step)
}
