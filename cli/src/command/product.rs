//! `karez product`: logic that runs only with signed approvals.

use clap::{Args, Subcommand};

use crate::context::Context;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::runtime::wait;

mod approve;
mod get;
mod submit;

/// Arguments of `karez product`.
#[derive(Debug, Args)]
pub(crate) struct Product {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Submit a version of a product for review
    #[command(after_help = submit::EXAMPLE)]
    Submit(submit::Submit),
    /// Show a version with its binding and its approvals
    #[command(after_help = get::EXAMPLE)]
    Get(get::Get),
    /// Sign an approval with your own key, after seeing what it binds
    #[command(after_help = approve::EXAMPLE)]
    Approve(approve::Approve),
}

impl Product {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::Submit(submit) => wait(submit.run(context)),
            Verb::Get(get) => wait(get.run(context)),
            Verb::Approve(approve) => wait(approve.run(context)),
        }
    }
}
