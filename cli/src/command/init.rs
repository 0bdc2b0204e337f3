//! `karez init`.

use std::time::SystemTime;

use clap::Args;
use enclave::home::{self, DEVELOPMENT_TENANT};
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::language::text;
use crate::problem::Problem;

const EXAMPLE: &str = "\
Makes master key, development CA, server certificate, log key, trust list, karez.toml, and one person \
for each duty, so that everything can be tried at once. An existing home is never touched.

Example:
  karez init --home ./home";

/// Arguments of `karez init`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Init {
    /// The tenant, one per prefecture or region
    #[arg(long, default_value = DEVELOPMENT_TENANT)]
    tenant: String,
}

impl Init {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let path = context.home_path()?;
        let summary = home::init(&path, &self.tenant, SystemTime::now())?;
        let made = summary
            .made
            .iter()
            .map(|(path, what)| json!({ "path": path, "what": what }));
        context.show(&json!({
            "home": path,
            "tenant": summary.tenant,
            "made": made.collect::<Vec<_>>(),
        }))?;
        context.say(&text!("try next:", "接下来可以："));
        for command in &summary.next {
            context.say(&text!("  {command}", "  {command}"));
        }
        Ok(Exit::Done)
    }
}
