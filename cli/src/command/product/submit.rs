//! `karez product submit`.

use std::path::PathBuf;

use clap::Args;
use enclave::client::v1::{
    DatasetBinding, ProductState, SubmitProductRequest, dataset_binding::Version,
};

use crate::caller::{Caller, RequestId};
use crate::context::{Context, read_text};
use crate::exit::Exit;
use crate::names;
use crate::problem::Problem;
use crate::wire::{self, Answered as _};

pub(super) const EXAMPLE: &str = "\
The logic is planned and governed at once, not run: a use that the scenario does not grant is refused with rule \
and column. A data set that is not pinned is read in its current version.

Example:
  karez product submit medical-spending/by-prefecture --sql spend.sql --pin ybj/claims@2 --as operator";

/// Arguments of `karez product submit`.
#[derive(Debug, Args)]
pub(super) struct Submit {
    /// SCENARIO/PRODUCT
    product: names::NewProduct,
    /// The logic, one SQL query
    #[arg(long, value_name = "FILE")]
    sql: PathBuf,
    /// Read one version of a data set for good; may be given again
    #[arg(long = "pin", value_name = "OWNER/TABLE@N", value_parser = names::Pin::parse)]
    pins: Vec<names::Pin>,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

impl Submit {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let sql = read_text(&self.sql)?;
        let connected = self.caller.connect(context).await?;
        let pinned = self.pins.iter().map(|pin| DatasetBinding {
            dataset: pin.dataset.full(&connected.tenant),
            version: Some(Version::Number(pin.version)),
            ..DatasetBinding::default()
        });
        let request = SubmitProductRequest {
            parent: self.product.scenario(&connected.tenant),
            product_id: self.product.id().to_owned(),
            sql,
            datasets: pinned.collect(),
            request_id: self.request_id.take(context)?,
        };
        let answer = connected
            .client
            .products()
            .submit_product(request)
            .await?
            .into_inner();
        let product = answer.product.answered()?;
        context.show(&wire::product(&product))?;
        if let Some(refusal) = &product.refusal {
            context.say(&wire::refusal_text(refusal));
        }
        Ok(match product.state() {
            ProductState::Refused => Exit::Refused,
            _ => Exit::Done,
        })
    }
}
