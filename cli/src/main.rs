//! The `karez` command: one noun, one verb, one exit code.
//!
//! Data alone goes to stdout, everything said to a person goes to stderr. Each noun is a file in `command/`, all of
//! one shape: a struct of arguments, and `run`, which gives an [`exit::Exit`] or a [`problem::Problem`].
#![forbid(unsafe_code)]

mod arguments;
mod caller;
mod command;
mod confirm;
mod console;
mod context;
mod csv;
mod demo;
mod exit;
mod fetch;
mod inputs;
mod language;
mod names;
mod problem;
mod progress;
mod review;
mod runtime;
mod show;
mod visible;
mod wire;

use std::process::ExitCode;

use arguments::Arguments;
use clap::Parser as _;
use console::Console;
use exit::Exit;

fn main() -> ExitCode {
    // First of all, while there is one thread and nothing is open: a worker seals itself.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == enclave::worker::WORKER_ARGUMENT)
    {
        return command::worker();
    }
    match Arguments::try_parse() {
        Ok(arguments) => run(arguments).into(),
        Err(told) => parsed(&told).into(),
    }
}

fn run(arguments: Arguments) -> Exit {
    let console = Console::of_process(arguments.output);
    match arguments.run(&console) {
        Ok(exit) => exit,
        Err(problem) => {
            console.problem(&problem);
            problem.exit()
        }
    }
}

/// Help and version are answers on stdout, everything else is wrong usage on stderr.
fn parsed(told: &clap::Error) -> Exit {
    // A reader that is gone has read enough.
    let _ = told.print();
    if told.use_stderr() {
        Exit::Usage
    } else {
        Exit::Done
    }
}
