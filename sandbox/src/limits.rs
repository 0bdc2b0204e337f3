//! The named limits of one job.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What one job may use; every limit is enforced by the kernel or by the supervisor, none by the job itself.
///
/// A limit is fixed before the job's code runs and cannot be raised from inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall-clock time from `sealed` to the end of the job; it is killed within [`crate::KILL_BOUND`] after.
    pub wall: Duration,
    /// Processor time of all threads together, in whole seconds (`RLIMIT_CPU`).
    pub cpu_seconds: u64,
    /// Address space in bytes (`RLIMIT_AS`): heap, stacks, mapped program and mapped inputs together. Each thread
    /// of the worker takes its stack (2 MiB by default) and may reserve a 64 MiB arena of it.
    pub address_space_bytes: u64,
    /// Size of the output in bytes (`RLIMIT_FSIZE`). The output lives in memory until the caller drops it.
    pub output_bytes: u64,
    /// Threads of the worker, its main thread included (`RLIMIT_NPROC`). It can start no process at all.
    pub threads: u64,
    /// Descriptors that the worker may open besides its inputs (`RLIMIT_NOFILE`), for the async runtime's own use.
    pub open_files: u64,
}

impl Limits {
    /// Five minutes: longer than any governed query on ten million rows, short enough to free a slot.
    pub const DEFAULT_WALL: Duration = Duration::from_secs(300);
    /// Ten minutes of processor time: four threads busy for half of the default wall-clock time.
    pub const DEFAULT_CPU_SECONDS: u64 = 600;
    /// 8 GiB of addresses, of which a query's memory pool is a part.
    pub const DEFAULT_ADDRESS_SPACE_BYTES: u64 = 8 << 30;
    /// 256 MiB of output.
    pub const DEFAULT_OUTPUT_BYTES: u64 = 256 << 20;
    /// 64 threads: a runtime's workers and its blocking pool.
    pub const DEFAULT_THREADS: u64 = 64;
    /// 32 descriptors: epoll, eventfd and a few duplicates.
    pub const DEFAULT_OPEN_FILES: u64 = 32;
    /// The least address space with which the program itself still runs, in bytes.
    pub const MIN_ADDRESS_SPACE_BYTES: u64 = 64 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Self::DEFAULT_WALL,
            cpu_seconds: Self::DEFAULT_CPU_SECONDS,
            address_space_bytes: Self::DEFAULT_ADDRESS_SPACE_BYTES,
            output_bytes: Self::DEFAULT_OUTPUT_BYTES,
            threads: Self::DEFAULT_THREADS,
            open_files: Self::DEFAULT_OPEN_FILES,
        }
    }
}

/// Which of the limits ended a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// [`Limits::wall`].
    WallClock,
    /// [`Limits::cpu_seconds`].
    Cpu,
    /// [`Limits::address_space_bytes`], or the host ran out of memory and its kernel chose the job.
    Memory,
    /// [`Limits::output_bytes`].
    Output,
}
