//! The smallest program that can serve: it becomes a worker when the service starts it as one.

use std::process::ExitCode;

fn main() -> ExitCode {
    let argument = std::env::args_os().nth(1);
    if argument.is_none_or(|argument| argument != enclave::worker::WORKER_ARGUMENT) {
        return ExitCode::FAILURE;
    }
    match enclave::worker::child() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
