//! `karez cert`: client certificates under the home's CA.

use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, Subcommand};
use enclave::home::{IssueRequest, issue_certificate};
use enclave::pki::{CLIENT_DAYS_DEFAULT, Validity};
use lineage::Duty;
use serde_json::json;

use crate::caller::{actor, duty};
use crate::context::Context;
use crate::exit::Exit;
use crate::language::text;
use crate::problem::Problem;

const ISSUE_EXAMPLE: &str = "\
Example:
  karez cert issue --organisation gaj --duty provider --person gaj-01";

/// Arguments of `karez cert`.
#[derive(Debug, Args)]
pub(crate) struct Cert {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Issue a certificate to a person
    #[command(after_help = ISSUE_EXAMPLE)]
    Issue(Issue),
}

#[derive(Debug, Args)]
struct Issue {
    /// The person's organisation: a-z, 0-9, `-`, `_`
    #[arg(long, value_name = "ID")]
    organisation: String,
    /// What the person is authorised to do
    #[arg(long, value_name = "DUTY", value_parser = duty())]
    duty: Duty,
    /// The person's pseudonym; never a name or a number of an identity document
    #[arg(long, value_name = "ID", default_value = "p-01")]
    person: String,
    /// The tenant (else the home's own)
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Days of validity from now
    #[arg(long, value_name = "N", default_value_t = CLIENT_DAYS_DEFAULT)]
    days: u32,
    /// Directory to make (else clients/ORGANISATION-DUTY-PERSON in the home)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Cert {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::Issue(issue) => issue.run(context),
        }
    }
}

impl Issue {
    fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let home = context.home()?;
        let tenant = match self.tenant {
            Some(tenant) => tenant,
            None => context.config(&home, None, None)?.tenant,
        };
        let request = IssueRequest {
            tenant,
            organisation: self.organisation,
            duty: self.duty,
            person: self.person,
            validity: Validity::days(SystemTime::now(), self.days)?,
            out: self.out,
        };
        let files = issue_certificate(&home, &request)?;
        context.show(&json!({
            "actor": actor(&files)?.to_string(),
            "certificate": files.certificate(),
            "private_key": files.key(),
            "ca": files.ca(),
        }))?;
        let place = files.root().display();
        context.say(&text!(
            "whoever signs approvals makes their own key where they sign: karez key new --identity {place}",
            "审批签名密钥由本人在签名处自行生成：karez key new --identity {place}"
        ));
        Ok(Exit::Done)
    }
}
