//! `karez sample`: sampled and desensitised tables to develop against.

use clap::{Args, Subcommand};
use enclave::client::v1::SampleState;

use crate::context::Context;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::runtime::wait;

mod fetch;
mod request;
mod reverse;
mod run;
mod trace;
mod watch;

pub(crate) use watch::to_its_end;

/// Arguments of `karez sample`.
#[derive(Debug, Args)]
pub(crate) struct Sample {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Ask for a sample of a scenario
    #[command(after_help = request::EXAMPLE)]
    Request(request::Request),
    /// Draw a sample of your own files, without a server
    #[command(after_help = run::EXAMPLE)]
    Run(run::Run),
    /// Follow a sample until it is released, refused or failed
    #[command(after_help = watch::EXAMPLE)]
    Watch(watch::Watch),
    /// Fetch the files of a released sample
    #[command(after_help = fetch::EXAMPLE)]
    Fetch(fetch::Fetch),
    /// Tell whose copy of a sample a found file is
    #[command(after_help = trace::EXAMPLE)]
    Trace(trace::Trace),
    /// Ask for the original of one surrogate of your own column
    #[command(after_help = reverse::REVERSE_EXAMPLE)]
    Reverse(reverse::Reverse),
    /// Confirm such a request as a person of the institution
    #[command(after_help = reverse::CONFIRM_EXAMPLE)]
    Confirm(reverse::Confirm),
    /// Reject such a request as a person of the institution
    #[command(after_help = reverse::REJECT_EXAMPLE)]
    Reject(reverse::Reject),
    /// Take the original of a confirmed request
    #[command(after_help = reverse::REVEAL_EXAMPLE)]
    Reveal(reverse::Reveal),
}

impl Sample {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::Request(request) => wait(request.run(context)),
            Verb::Run(run) => run.run(context),
            Verb::Watch(watch) => wait(watch.run(context)),
            Verb::Fetch(fetch) => wait(fetch.run(context)),
            Verb::Trace(trace) => wait(trace.run(context)),
            Verb::Reverse(reverse) => wait(reverse.run(context)),
            Verb::Confirm(confirm) => wait(confirm.run(context)),
            Verb::Reject(reject) => wait(reject.run(context)),
            Verb::Reveal(reveal) => wait(reveal.run(context)),
        }
    }
}

/// How a sample that stands like this has ended; none while it is being drawn.
const fn ended(state: SampleState) -> Option<Exit> {
    match state {
        SampleState::Released => Some(Exit::Done),
        SampleState::Refused | SampleState::Failed => Some(Exit::Refused),
        SampleState::Running | SampleState::Unspecified => None,
    }
}
