//! The frame of every bench: arguments in, tables and exit code out.

use std::io::Write as _;
use std::process::ExitCode;

use crate::arguments::{Asked, asked};
use crate::{BenchError, Machine, Report};

/// One bench.
#[derive(Debug, Clone, Copy)]
pub struct Bench {
    /// Its name on the command line and in the reports.
    pub name: &'static str,
    /// The set it belongs to, whose name runs all of its benches.
    pub set: Option<&'static str>,
    /// What it measures, in a sentence.
    pub about: &'static str,
    /// Measures.
    pub measure: fn() -> Result<Report, BenchError>,
}

/// Does what the process's arguments ask of a bench; the exit code is a failure when a promise is broken.
#[must_use]
pub fn run(bench: &Bench) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match asked(bench.name, bench.set, &arguments) {
        Asked::Measure => measure(bench),
        Asked::Help => say(&format!(
            "{}: {}\nusage: cargo bench -p benches -- [NAME]…\n",
            bench.name, bench.about
        )),
        Asked::Test => say(&format!(
            "{}: measures under `cargo bench` only\n",
            bench.name
        )),
        Asked::Other => ExitCode::SUCCESS,
    }
}

fn measure(bench: &Bench) -> ExitCode {
    let machine = Machine::here();
    match (bench.measure)() {
        Ok(report) => {
            let (text, json) = (
                report.to_text(bench.name, &machine),
                report.to_json(bench.name, &machine),
            );
            let said = say(&format!("{text}\n{json}\n"));
            if report.kept() {
                said
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            // A write to a closed stderr has nobody left to be told about it.
            writeln!(std::io::stderr(), "{}: {error}", bench.name).ok();
            ExitCode::FAILURE
        }
    }
}

fn say(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
