//! Why nothing was measured.

use std::process::ExitStatus;

/// Why a bench came to no figures.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A file, a directory or the kernel's account could not be had.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The program is not there.
    #[error("cannot start {program}: {source}")]
    Start {
        /// The program.
        program: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The program did not do what it was started for.
    #[error("{program} ended with {status}:\n{stderr}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it said; benches run on invented data only.
        stderr: String,
    },
    /// `cargo build` did not say where the program is.
    #[error("cargo built no program called {name}")]
    NotBuilt {
        /// The program.
        name: String,
    },
    /// The data could not be generated.
    #[error(transparent)]
    Fixture(#[from] fixtures::FixtureError),
    /// A kernel or its peer refused the work.
    #[error("the measured kernel refused its work: {0}")]
    Kernel(Box<dyn std::error::Error + Send + Sync>),
    /// The program's own report does not say what was asked of it, so its figures are of something else.
    #[error("the measured run is not the wanted one: {0}")]
    Other(String),
}
