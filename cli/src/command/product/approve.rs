//! `karez product approve`: shows what is bound, signs it here, and hands the statement in.

use std::path::PathBuf;

use clap::Args;
use enclave::client::v1::{
    ApproveProductRequest, GetProductRequest, GetScenarioRequest, Product, Scenario,
};
use lineage::{Statement, StatementKey};

use crate::caller::{Caller, Connected, RequestId, actor};
use crate::confirm::{Question, confirm};
use crate::context::Context;
use crate::exit::Exit;
use crate::language::text;
use crate::names;
use crate::problem::Problem;
use crate::review;
use crate::show;
use crate::wire::{self, Answered as _};

pub(super) const EXAMPLE: &str = "\
Shows logic, policy and data sets, and computes their digests again on this machine: when they are not what the \
binding digest stands for, nothing is signed. The key never leaves this machine.

Example:
  karez product approve medical-spending/by-prefecture@1 --as institution";

/// Arguments of `karez product approve`.
#[derive(Debug, Args)]
pub(super) struct Approve {
    /// SCENARIO/PRODUCT@VERSION
    version: names::ProductVersion,
    /// Do not ask: you have seen what is bound
    #[arg(long)]
    yes: bool,
    /// The statement key (else signing.key of the identity)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

impl Approve {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let identity = self.caller.who.files(context)?;
        let key = self.key.clone().unwrap_or_else(|| identity.signing_key());
        let key = StatementKey::load(&key)?;
        let organisation = actor(&identity)?
            .organisation()
            .unwrap_or_default()
            .to_owned();
        let connected = self.caller.connect(context).await?;
        let (product, scenario) = self.look(&connected).await?;
        let digest = review::digest_of(&product, &scenario)?;
        self.confirm(&product, &scenario, context)?;
        let name = self.version.product(&connected.tenant);
        let statement =
            Statement::approve_product(&name, self.version.number()?, digest, &organisation)?;
        let request = ApproveProductRequest {
            name: product.name,
            statement: Some(review::signed(&key, statement)?),
            request_id: self.request_id.take(context)?,
        };
        let answer = connected
            .client
            .products()
            .approve_product(request)
            .await?
            .into_inner();
        context.show(&wire::product(&answer.product.answered()?))?;
        Ok(Exit::Done)
    }

    async fn look(&self, connected: &Connected) -> Result<(Product, Scenario), Problem> {
        let name = self.version.full(&connected.tenant);
        let product = connected
            .client
            .products()
            .get_product(GetProductRequest { name })
            .await?;
        let name = self.version.scenario(&connected.tenant);
        let scenario = connected
            .client
            .scenarios()
            .get_scenario(GetScenarioRequest { name })
            .await?;
        Ok((
            product.into_inner().product.answered()?,
            scenario.into_inner().scenario.answered()?,
        ))
    }

    /// Shows what is bound on stderr, since stdout is for the result, and asks.
    fn confirm(
        &self,
        product: &Product,
        scenario: &Scenario,
        context: &Context<'_>,
    ) -> Result<(), Problem> {
        let (sql, policy) = (&product.sql, &scenario.policy);
        let bound = product
            .binding
            .as_ref()
            .map(wire::binding)
            .unwrap_or_default();
        let bound = show::tables(&bound, context.console().language());
        context.say(&text!(
            "you are about to approve {name}\n\nlogic:\n{sql}\n\npolicy:\n{policy}\n\nbound:\n{bound}\n",
            "即将批准 {name}\n\n逻辑：\n{sql}\n\n策略：\n{policy}\n\n绑定内容：\n{bound}\n",
            name = product.name
        ));
        let question = Question {
            ask: text!("approve?", "是否批准？"),
            unasked: text!(
                "nobody is there to ask: read what is bound, then add --yes",
                "无法询问：请先阅读绑定内容，再加上 --yes"
            ),
            refused: text!("nothing was signed", "未签署任何内容"),
        };
        confirm(self.yes, question, context)
    }
}
