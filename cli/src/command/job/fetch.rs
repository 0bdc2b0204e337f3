//! `karez job fetch`.

use std::path::PathBuf;

use clap::Args;
use enclave::client::v1::GetJobRequest;

use crate::caller::Caller;
use crate::context::Context;
use crate::exit::Exit;
use crate::fetch::fetch;
use crate::names;
use crate::problem::Problem;
use crate::wire::Answered as _;

pub(super) const EXAMPLE: &str = "\
Each file is checked against the digest in the log; nothing is overwritten. Every fetch is itself on the log.

Example:
  karez job fetch medical-spending/ID --out ./result --as operator";

/// Arguments of `karez job fetch`.
#[derive(Debug, Args)]
pub(super) struct Fetch {
    /// SCENARIO/ID
    job: names::Job,
    /// Where the files go
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// One file only, by its name
    #[arg(long, value_name = "NAME")]
    file: Option<String>,
    #[command(flatten)]
    caller: Caller,
}

impl Fetch {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let request = GetJobRequest {
            name: self.job.full(&connected.tenant),
        };
        let answer = connected.client.jobs().get_job(request).await?.into_inner();
        let job = answer.job.answered()?;
        let fetched = fetch(
            &connected,
            &job.name,
            &job.files,
            self.file.as_deref(),
            &self.out,
        )
        .await?;
        context.show(&fetched)?;
        Ok(Exit::Done)
    }
}
