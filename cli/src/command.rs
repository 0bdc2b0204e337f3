//! One file per noun; each has its arguments and `run`.

use std::process::ExitCode;

pub(crate) mod cert;
pub(crate) mod completion;
pub(crate) mod dataset;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod init;
pub(crate) mod job;
pub(crate) mod key;
pub(crate) mod lineage;
pub(crate) mod logic;
pub(crate) mod policy;
pub(crate) mod product;
pub(crate) mod sample;
pub(crate) mod scenario;
pub(crate) mod serve;

/// The program that workers are started from: this one, whatever it is called and wherever it lies.
pub(crate) const PROGRAM: &str = "/proc/self/exe";

/// Becomes a worker: seals itself and answers one task. Nothing is printed; the exit code says how it ended.
pub(crate) fn worker() -> ExitCode {
    match enclave::worker::child() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
