//! `karez scenario`: application scenarios, each with one policy document.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use enclave::client::v1::{GetScenarioRequest, PublishScenarioRequest};

use crate::caller::{Caller, RequestId};
use crate::context::{Context, read_text};
use crate::exit::Exit;
use crate::names;
use crate::problem::Problem;
use crate::runtime::wait;
use crate::wire::{self, Answered as _};

const PUBLISH_EXAMPLE: &str = "\
The document is checked against the registered data sets; what is wrong is shown at its line and column. \
Check it before with `karez policy check`.

Example:
  karez scenario publish medical-spending --policy medical.yaml --as institution";

const GET_EXAMPLE: &str = "\
Example:
  karez scenario get medical-spending --as operator";

/// Arguments of `karez scenario`.
#[derive(Debug, Args)]
pub(crate) struct Scenario {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Publish a scenario, or a further version of its policy document
    #[command(after_help = PUBLISH_EXAMPLE)]
    Publish(Publish),
    /// Show a scenario with the policy document in force
    #[command(after_help = GET_EXAMPLE)]
    Get(Get),
}

#[derive(Debug, Args)]
struct Publish {
    /// The scenario, as the document calls it
    scenario: names::Scenario,
    /// The policy document
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

#[derive(Debug, Args)]
struct Get {
    /// The scenario
    scenario: names::Scenario,
    #[command(flatten)]
    caller: Caller,
}

impl Scenario {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::Publish(publish) => wait(publish.run(context)),
            Verb::Get(get) => wait(get.run(context)),
        }
    }
}

impl Publish {
    async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let policy = read_text(&self.policy)?;
        let connected = self.caller.connect(context).await?;
        let request = PublishScenarioRequest {
            parent: connected.parent(),
            scenario_id: self.scenario.id().to_owned(),
            policy,
            request_id: self.request_id.take(context)?,
        };
        let answer = connected
            .client
            .scenarios()
            .publish_scenario(request)
            .await?
            .into_inner();
        context.show(&wire::scenario(&answer.scenario.answered()?))?;
        Ok(Exit::Done)
    }
}

impl Get {
    async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let request = GetScenarioRequest {
            name: self.scenario.full(&connected.tenant),
        };
        let answer = connected
            .client
            .scenarios()
            .get_scenario(request)
            .await?
            .into_inner();
        context.show(&wire::scenario(&answer.scenario.answered()?))?;
        Ok(Exit::Done)
    }
}
