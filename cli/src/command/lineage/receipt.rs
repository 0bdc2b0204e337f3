//! `karez lineage receipt`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use enclave::client::v1::{GetReceiptRequest, get_receipt_request::Target};

use crate::caller::Caller;
use crate::context::Context;
use crate::exit::Exit;
use crate::language::text;
use crate::names;
use crate::problem::Problem;

pub(super) const EXAMPLE: &str = "\
A receipt proves one entry and what it rests on, without the service: check it with `karez lineage verify --receipt` \
or `karez-verify`.

Example:
  karez lineage receipt scenarios/medical-spending/jobs/ID --out receipt.json --as operator";

/// Arguments of `karez lineage receipt`.
#[derive(Debug, Args)]
pub(super) struct Receipt {
    /// Full or short name: datasets/OWNER/TABLE, scenarios/SCENARIO/jobs/ID, …
    #[arg(required_unless_present = "seq", conflicts_with = "seq")]
    resource: Option<names::Resource>,
    /// One entry of the log instead of a resource
    #[arg(long, value_name = "SEQ")]
    seq: Option<u64>,
    /// File to make (else stdout)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    caller: Caller,
}

impl Receipt {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let target = match (&self.resource, self.seq) {
            (Some(resource), _) => Target::Resource(resource.full(&connected.tenant)),
            (None, seq) => Target::Seq(seq.unwrap_or_default()),
        };
        let request = GetReceiptRequest {
            target: Some(target),
        };
        let answer = connected
            .client
            .lineage()
            .get_receipt(request)
            .await?
            .into_inner();
        let receipt = lineage::Receipt::from_json(&answer.receipt).map_err(|error| {
            Problem::refused(text!(
                "the server's receipt: {error}",
                "服务出具的回执：{error}"
            ))
        })?;
        let json = receipt.to_json().map_err(|error| {
            Problem::refused(text!(
                "the server's receipt: {error}",
                "服务出具的回执：{error}"
            ))
        })?;
        match &self.out {
            None => context.console().data(&json)?,
            Some(path) => {
                write_new(path, &json)?;
                let path = path.display();
                context.say(&text!("receipt written to {path}", "回执已写入 {path}"));
            }
        }
        Ok(Exit::Done)
    }
}

/// Writes a file that must not exist yet.
fn write_new(path: &Path, text: &str) -> Result<(), Problem> {
    let written =
        std::fs::File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Problem::file(path, &error))
}
