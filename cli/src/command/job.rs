//! `karez job`: runs of an approved product version in the jail.

use clap::{Args, Subcommand};
use enclave::client::v1::JobState;

use crate::context::Context;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::runtime::wait;

mod fetch;
mod submit;
mod watch;

pub(crate) use watch::to_its_end;

/// Arguments of `karez job`.
#[derive(Debug, Args)]
pub(crate) struct Job {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run an approved version of a product
    #[command(after_help = submit::EXAMPLE)]
    Submit(submit::Submit),
    /// Follow a job until it is delivered, refused or failed
    #[command(after_help = watch::EXAMPLE)]
    Watch(watch::Watch),
    /// Fetch the files of a delivered job
    #[command(after_help = fetch::EXAMPLE)]
    Fetch(fetch::Fetch),
}

impl Job {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::Submit(submit) => wait(submit.run(context)),
            Verb::Watch(watch) => wait(watch.run(context)),
            Verb::Fetch(fetch) => wait(fetch.run(context)),
        }
    }
}

/// How a job that stands like this has ended; none while it goes on.
const fn ended(state: JobState) -> Option<Exit> {
    match state {
        JobState::Delivered => Some(Exit::Done),
        JobState::Refused | JobState::Failed => Some(Exit::Refused),
        JobState::Unspecified
        | JobState::Queued
        | JobState::Admitted
        | JobState::Running
        | JobState::Checking => None,
    }
}
