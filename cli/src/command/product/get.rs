//! `karez product get`.

use clap::Args;
use enclave::client::v1::GetProductRequest;

use crate::caller::Caller;
use crate::context::Context;
use crate::exit::Exit;
use crate::names;
use crate::problem::Problem;
use crate::wire::{self, Answered as _};

pub(super) const EXAMPLE: &str = "\
Without a version the newest is shown. Only the submitter and those who may review it see the logic.

Example:
  karez product get medical-spending/by-prefecture@1 --as institution";

/// Arguments of `karez product get`.
#[derive(Debug, Args)]
pub(super) struct Get {
    /// SCENARIO/PRODUCT or SCENARIO/PRODUCT@VERSION
    product: names::Product,
    #[command(flatten)]
    caller: Caller,
}

impl Get {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let request = GetProductRequest {
            name: self.product.full(&connected.tenant),
        };
        let answer = connected
            .client
            .products()
            .get_product(request)
            .await?
            .into_inner();
        context.show(&wire::product(&answer.product.answered()?))?;
        Ok(Exit::Done)
    }
}
