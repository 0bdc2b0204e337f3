//! `karez job watch`.

use clap::Args;
use enclave::client::v1::{Job, WatchJobRequest};

use crate::caller::{Caller, Connected};
use crate::context::Context;
use crate::exit::Exit;
use crate::language::text;
use crate::names;
use crate::problem::Problem;
use crate::progress::Progress;
use crate::wire;

pub(super) const EXAMPLE: &str = "\
Prints the job when it has ended; exit code 0 when it was delivered, 1 when it was refused or failed.

Example:
  karez job watch medical-spending/ID --as operator";

/// Arguments of `karez job watch`.
#[derive(Debug, Args)]
pub(super) struct Watch {
    /// SCENARIO/ID
    job: names::Job,
    #[command(flatten)]
    caller: Caller,
}

impl Watch {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        follow(&connected, &self.job.full(&connected.tenant), context).await
    }
}

/// Follows a job to its end and shows it.
pub(super) async fn follow(
    connected: &Connected,
    name: &str,
    context: &Context<'_>,
) -> Result<Exit, Problem> {
    let job = to_its_end(connected, name).await?;
    context.show(&wire::job(&job))?;
    if let Some(refusal) = &job.refusal {
        context.say(&wire::refusal_text(refusal));
    }
    Ok(super::ended(job.state()).unwrap_or(Exit::Refused))
}

/// Waits until it has ended.
pub(crate) async fn to_its_end(connected: &Connected, name: &str) -> Result<Job, Problem> {
    let request = WatchJobRequest {
        name: name.to_owned(),
    };
    let mut steps = connected
        .patient()
        .jobs()
        .watch_job(request)
        .await?
        .into_inner();
    let progress = Progress::spinner(name);
    let mut last = None;
    while let Some(step) = steps.message().await? {
        if let Some(job) = step.job {
            progress.say(format!("{name}: {}", wire::job_state(&job)));
            last = Some(job);
        }
    }
    last.filter(|job| super::ended(job.state()).is_some())
        .ok_or_else(|| {
            Problem::no_server(text!(
                "the server stopped telling about {name} before its end; watch it again",
                "服务在 {name} 结束之前停止了通报；请重新查看"
            ))
        })
}
