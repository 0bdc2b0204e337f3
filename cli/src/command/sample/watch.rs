//! `karez sample watch`.

use clap::Args;
use enclave::client::v1::{Sample, WatchSampleRequest, WatchSampleResponse};

use crate::caller::{Caller, Connected};
use crate::context::Context;
use crate::exit::Exit;
use crate::language::text;
use crate::names;
use crate::problem::Problem;
use crate::progress::Progress;
use crate::wire;

pub(super) const EXAMPLE: &str = "\
Prints the sample when it has ended; exit code 0 when it was released, 1 when it was refused or failed.

Example:
  karez sample watch medical-spending/ID --as developer";

/// Arguments of `karez sample watch`.
#[derive(Debug, Args)]
pub(super) struct Watch {
    /// SCENARIO/ID
    sample: names::Sample,
    #[command(flatten)]
    caller: Caller,
}

impl Watch {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        follow(&connected, &self.sample.full(&connected.tenant), context).await
    }
}

/// Follows a sample to its end and shows it.
pub(super) async fn follow(
    connected: &Connected,
    name: &str,
    context: &Context<'_>,
) -> Result<Exit, Problem> {
    let sample = to_its_end(connected, name).await?;
    context.show(&wire::sample(&sample))?;
    if let Some(refusal) = &sample.refusal {
        context.say(&wire::refusal_text(refusal));
    }
    Ok(super::ended(sample.state()).unwrap_or(Exit::Refused))
}

/// Waits until it has ended.
pub(crate) async fn to_its_end(connected: &Connected, name: &str) -> Result<Sample, Problem> {
    let request = WatchSampleRequest {
        name: name.to_owned(),
    };
    let mut steps = connected
        .patient()
        .samples()
        .watch_sample(request)
        .await?
        .into_inner();
    let progress = Progress::spinner(name);
    let mut last = None;
    while let Some(WatchSampleResponse {
        sample,
        rows_read,
        rows_total,
    }) = steps.message().await?
    {
        progress.say(match rows_total {
            0 => format!("{name}: {rows_read}"),
            total => format!("{name}: {rows_read}/{total}"),
        });
        last = sample.or(last);
    }
    last.filter(|sample| super::ended(sample.state()).is_some())
        .ok_or_else(|| {
            Problem::no_server(text!(
                "the server stopped telling about {name} before its end; watch it again",
                "服务在 {name} 结束之前停止了通报；请重新查看"
            ))
        })
}
