//! `karez job submit`.

use clap::Args;
use enclave::client::v1::SubmitJobRequest;

use super::watch;
use crate::caller::{Caller, RequestId};
use crate::context::Context;
use crate::exit::Exit;
use crate::names;
use crate::problem::Problem;
use crate::wire::{self, Answered as _};

pub(super) const EXAMPLE: &str = "\
The version must be approved by the implementing institution and every provider of its data sets.

Example:
  karez job submit medical-spending/by-prefecture@1 --watch --as operator";

/// Arguments of `karez job submit`.
#[derive(Debug, Args)]
pub(super) struct Submit {
    /// SCENARIO/PRODUCT@VERSION
    version: names::ProductVersion,
    /// Wait until the job has ended
    #[arg(long)]
    watch: bool,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

impl Submit {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let request = SubmitJobRequest {
            parent: self.version.scenario(&connected.tenant),
            product_version: self.version.full(&connected.tenant),
            request_id: self.request_id.take(context)?,
        };
        let answer = connected
            .client
            .jobs()
            .submit_job(request)
            .await?
            .into_inner();
        let job = answer.job.answered()?;
        match self.watch {
            true => watch::follow(&connected, &job.name, context).await,
            false => {
                context.show(&wire::job(&job))?;
                Ok(super::ended(job.state()).unwrap_or(Exit::Done))
            }
        }
    }
}
