//! `karez lineage`: reading the log, taking receipts, and verifying both offline.

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::runtime::wait;

mod read;
mod receipt;
mod verify;

/// Arguments of `karez lineage`.
#[derive(Debug, Args)]
pub(crate) struct Lineage {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Read entries of the log
    #[command(after_help = read::EXAMPLE)]
    Read(read::Read),
    /// Take the receipt of a resource's last change
    #[command(after_help = receipt::EXAMPLE)]
    Receipt(receipt::Receipt),
    /// Verify a log, or a receipt with its result files, offline
    #[command(after_help = verify::EXAMPLE)]
    Verify(verify::Verify),
}

impl Lineage {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::Read(read) => wait(read.run(context)),
            Verb::Receipt(receipt) => wait(receipt.run(context)),
            Verb::Verify(verify) => verify.run(context),
        }
    }
}
