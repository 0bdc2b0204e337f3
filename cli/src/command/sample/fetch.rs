//! `karez sample fetch`.

use std::path::PathBuf;

use clap::Args;
use enclave::client::v1::GetSampleRequest;

use crate::caller::Caller;
use crate::context::Context;
use crate::exit::Exit;
use crate::fetch::fetch;
use crate::names;
use crate::problem::Problem;
use crate::wire::Answered as _;

pub(super) const EXAMPLE: &str = "\
What is fetched is your own copy: some characters of its surrogates are chosen for you alone, so that a copy that turns up \
elsewhere names you (`karez sample trace`). Each file is checked against the digest in the log; nothing is overwritten. \
Every fetch is itself on the log.

Example:
  karez sample fetch medical-spending/ID --out ./sample --as developer";

/// Arguments of `karez sample fetch`.
#[derive(Debug, Args)]
pub(super) struct Fetch {
    /// SCENARIO/ID
    sample: names::Sample,
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
        let request = GetSampleRequest {
            name: self.sample.full(&connected.tenant),
        };
        let answer = connected
            .client
            .samples()
            .get_sample(request)
            .await?
            .into_inner();
        let sample = answer.sample.answered()?;
        let fetched = fetch(
            &connected,
            &sample.name,
            &sample.files,
            self.file.as_deref(),
            &self.out,
        )
        .await?;
        context.show(&fetched)?;
        Ok(Exit::Done)
    }
}
