//! `karez sample request`.

use clap::Args;
use enclave::client::v1::RequestSampleRequest;

use super::watch;
use crate::caller::{Caller, RequestId};
use crate::context::Context;
use crate::exit::Exit;
use crate::names;
use crate::problem::Problem;
use crate::wire::{self, Answered as _};

pub(super) const EXAMPLE: &str = "\
The same recipe on the same data gives the same sample, which is then found and not drawn again.

Example:
  karez sample request medical-spending --watch --as developer";

/// Arguments of `karez sample request`.
#[derive(Debug, Args)]
pub(super) struct Request {
    /// The scenario
    scenario: names::Scenario,
    /// Wait until the sample has ended
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

impl Request {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let request = RequestSampleRequest {
            parent: self.scenario.full(&connected.tenant),
            request_id: self.request_id.take(context)?,
        };
        let answer = connected
            .client
            .samples()
            .request_sample(request)
            .await?
            .into_inner();
        let sample = answer.sample.answered()?;
        match self.watch {
            true => watch::follow(&connected, &sample.name, context).await,
            false => {
                context.show(&wire::sample(&sample))?;
                Ok(super::ended(sample.state()).unwrap_or(Exit::Done))
            }
        }
    }
}
