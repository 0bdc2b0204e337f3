//! `karez dataset`: tables that a data provider registers.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use enclave::client::v1::{self, GetDatasetRequest, ListDatasetsRequest, RegisterDatasetHeader};
use serde_json::{Value, json};

use crate::caller::{Caller, RequestId};
use crate::context::{Context, read_text};
use crate::csv::Written;
use crate::exit::Exit;
use crate::names;
use crate::problem::Problem;
use crate::progress::Progress;
use crate::runtime::wait;
use crate::wire::{self, Answered as _};

mod classify;

const REGISTER_EXAMPLE: &str = "\
The file is read as it is sent. Parquet and spreadsheets are told by the endings `.parquet` and `.xlsx`; separator and \
encoding of CSV are found where they are not given. The schema file declares type, \
classification level and kind of every column; an undeclared column is refused by its name.

Example:
  karez dataset register ybj/claims --file claims.csv --schema claims.yaml --as provider";

const GET_EXAMPLE: &str = "\
Example:
  karez dataset get ybj/claims --as provider";

const LIST_EXAMPLE: &str = "\
Example:
  karez dataset list --as institution --output json";

/// Arguments of `karez dataset`.
#[derive(Debug, Args)]
pub(crate) struct Dataset {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Register a data set, or a further version of it
    #[command(after_help = REGISTER_EXAMPLE)]
    Register(Register),
    /// Show one data set: columns, labels, version; never rows
    #[command(after_help = GET_EXAMPLE)]
    Get(Get),
    /// List the data sets of the tenant
    #[command(after_help = LIST_EXAMPLE)]
    List(List),
    /// Look at a file without a schema: what each column seems to hold, with drafts of schema and policy
    #[command(after_help = classify::EXAMPLE)]
    Classify(classify::Classify),
}

#[derive(Debug, Args)]
struct Register {
    /// OWNER/TABLE; the owner is your organisation
    dataset: names::Dataset,
    /// The table, CSV, Parquet or .xlsx
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Types, labels and protected units of every column
    #[arg(long, value_name = "FILE")]
    schema: PathBuf,
    #[command(flatten)]
    written: Written,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

#[derive(Debug, Args)]
struct Get {
    /// OWNER/TABLE
    dataset: names::Dataset,
    #[command(flatten)]
    caller: Caller,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    caller: Caller,
}

impl Dataset {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::Register(register) => wait(register.run(context)),
            Verb::Get(get) => wait(get.run(context)),
            Verb::List(list) => wait(list.run(context)),
            Verb::Classify(classify) => classify.run(context),
        }
    }
}

impl Register {
    async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let schema = read_text(&self.schema)?;
        let written = self.written.on_the_wire(&self.file)?;
        let unreadable = |error| Problem::file(&self.file, &error);
        let file = tokio::fs::File::open(&self.file)
            .await
            .map_err(unreadable)?;
        let length = file.metadata().await.map_err(unreadable)?.len();
        let connected = self.caller.connect(context).await?;
        let header = RegisterDatasetHeader {
            parent: connected.parent(),
            dataset_id: self.dataset.id().to_owned(),
            schema,
            format: written.format.into(),
            encoding: written.encoding.into(),
            separator: written.separator,
            sheet: written.sheet,
            request_id: self.request_id.take(context)?,
        };
        let progress = Progress::bytes(self.dataset.id(), length);
        let answer = connected
            .patient()
            .register_dataset(header, progress.count(file))
            .await;
        drop(progress);
        context.show(&wire::dataset(&answer?.dataset.answered()?))?;
        Ok(Exit::Done)
    }
}

impl Get {
    async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let request = GetDatasetRequest {
            name: self.dataset.full(&connected.tenant),
        };
        let answer = connected
            .client
            .datasets()
            .get_dataset(request)
            .await?
            .into_inner();
        context.show(&wire::dataset(&answer.dataset.answered()?))?;
        Ok(Exit::Done)
    }
}

impl List {
    async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let mut request = ListDatasetsRequest {
            parent: connected.parent(),
            ..ListDatasetsRequest::default()
        };
        let mut listed = Vec::new();
        loop {
            let page = connected
                .client
                .datasets()
                .list_datasets(request.clone())
                .await?
                .into_inner();
            listed.extend(page.datasets.iter().map(summary));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        context.show(&Value::Array(listed))?;
        Ok(Exit::Done)
    }
}

/// What a list shows of a data set.
fn summary(dataset: &v1::Dataset) -> Value {
    let whole = wire::dataset(dataset);
    let field = |name: &str| whole.get(name).cloned().unwrap_or_default();
    json!({
        "name": field("name"),
        "state": field("state"),
        "version": field("version"),
        "provider": field("provider"),
        "rows": field("rows"),
        "units": field("units"),
    })
}
