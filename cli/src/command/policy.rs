//! `karez policy`: policy documents before they are published.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use enclave::local::check_policy;
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::language::text;
use crate::problem::Problem;

const CHECK_EXAMPLE: &str = "\
Finds everything that publishing would find: each fault with line, column and caret. What this version does not \
enforce is refused, never ignored.

Example:
  karez policy check medical.yaml --schema claims.yaml --schema persons.yaml";

/// Arguments of `karez policy`.
#[derive(Debug, Args)]
pub(crate) struct Policy {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Check a policy document against the schemas of its data sets
    #[command(after_help = CHECK_EXAMPLE)]
    Check(Check),
}

#[derive(Debug, Args)]
struct Check {
    /// The policy document
    #[arg(value_name = "POLICY")]
    policy: PathBuf,
    /// Schema of a data set; may be given again
    #[arg(long = "schema", value_name = "FILE", required = true, num_args = 1..)]
    schemas: Vec<PathBuf>,
}

impl Policy {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::Check(check) => check.run(context),
        }
    }
}

impl Check {
    fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let checked = check_policy(&self.policy, &self.schemas)?;
        context.show(&json!({
            "scenario": checked.scenario,
            "datasets": checked.datasets,
            "samples": checked.samples,
            "results": checked.results,
            "resident_ids": checked.resident_ids.iter().map(|ids| json!({
                "dataset": ids.dataset,
                "column": ids.column,
                "technique": ids.technique,
                "smallest": ids.smallest,
                "largest": ids.largest,
            })).collect::<Vec<_>>(),
            "somebodys": checked.somebodys.iter().map(|share| json!({
                "dataset": share.dataset,
                "column": share.column,
                (if share.average { "average" } else { "at_most" }): share.share,
                "basis": { "en": share.basis.0, "zh": share.basis.1 },
            })).collect::<Vec<_>>(),
        }))?;
        context.say(&text!("the document holds", "文档有效"));
        Ok(Exit::Done)
    }
}
