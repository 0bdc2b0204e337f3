//! `karez lineage`: reading the log, taking receipts, and verifying both offline.

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit::Exit;
use crate::problem::Problem;

mod verify;

/// Arguments of `karez lineage`.
#[derive(Debug, Args)]
pub(crate) struct Lineage {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Verify a log, or a receipt with its result files, offline
    #[command(after_help = verify::EXAMPLE)]
    Verify(verify::Verify),
}

impl Lineage {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::Verify(verify) => verify.run(context),
        }
    }
}
