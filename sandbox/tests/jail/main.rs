//! The jail from outside: attacks with their controls, one mutation per layer, limits, and life and death of jobs.
//!
//! This program is its own worker, its own control and its own saboteur, told apart by the first argument, so it has
//! a `main` of its own. It runs every test as the user who starts it and, when that is root, once more as a plain
//! user from a copy of itself.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod attempts;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod plain;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let first = arguments.first().map_or("", String::as_str);
    match first.split_once('=').unwrap_or((first, "")) {
        ("worker", _) => jobs::worker(),
        ("threaded", _) => jobs::threaded_worker(),
        ("control", attempt) => attempts::control(attempt),
        ("sabotage", call) => mutations::sabotage(call),
        ("orphan", marker) => jobs::orphan(marker),
        ("deaf", _) => ExitCode::from(3),
        _ => harness::run(&arguments),
    }
}
