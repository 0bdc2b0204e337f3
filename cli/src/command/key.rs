//! `karez key`: the keys with which people sign, and the end of those that protect data and releases.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use enclave::client::v1::EnrolKeyRequest;
use lineage::{Actor, PublicKey, StatementKey, TrustEntry};
use serde_json::{Value, json};

use crate::caller::{Caller, RequestId, Who, actor};
use crate::context::Context;
use crate::exit::Exit;
use crate::language::text;
use crate::problem::Problem;
use crate::runtime::wait;
use crate::wire;

mod answer;
mod destroy;

const NEW_EXAMPLE: &str = "\
The key never leaves the file; only its public half is printed. It counts once it is enrolled (`karez key enrol`) \
and the regulator has put the printed entry on the trust list.

Example:
  karez key new --identity ./gaj-provider --out ./gaj-provider/signing.key";

const ENROL_EXAMPLE: &str = "\
Tells the service your public key; the private one stays here. Approvals count for a verifier only when the key \
is also on the regulator's trust list.

Example:
  karez key enrol --as institution";

/// Arguments of `karez key`.
#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a key that signs approvals
    #[command(after_help = NEW_EXAMPLE)]
    New(New),
    /// Enrol your public key with the service
    #[command(after_help = ENROL_EXAMPLE)]
    Enrol(Enrol),
    /// Ask for the end of a key of data or of a scenario
    #[command(after_help = destroy::EXAMPLE)]
    Destroy(destroy::Destroy),
    /// Confirm such a request as a second person, which destroys the key for good
    #[command(after_help = answer::CONFIRM_EXAMPLE)]
    Confirm(answer::Confirm),
    /// Reject such a request; the key stays
    #[command(after_help = answer::REJECT_EXAMPLE)]
    Reject(answer::Reject),
}

#[derive(Debug, Args)]
struct New {
    #[command(flatten)]
    who: Who,
    /// File to make, readable by its owner only (else signing.key of the identity)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Enrol {
    /// The key whose public half is enrolled (else signing.key of the identity)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

impl Key {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::New(new) => new.run(context),
            Verb::Enrol(enrol) => wait(enrol.run(context)),
            Verb::Destroy(destroy) => wait(destroy.run(context)),
            Verb::Confirm(confirm) => wait(confirm.run(context)),
            Verb::Reject(reject) => wait(reject.run(context)),
        }
    }
}

impl New {
    fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let identity = match self.who.is_given() || self.out.is_none() {
            true => Some(self.who.files(context)?),
            false => None,
        };
        let holder = identity.as_ref().map(actor).transpose()?;
        let place = self.out.or_else(|| Some(identity.as_ref()?.signing_key()));
        let Some(place) = place else {
            return Err(Problem::usage(text!(
                "give --out FILE",
                "请给出 --out 文件"
            )));
        };
        let key = StatementKey::generate()?;
        key.save(&place)?;
        context.show(&json!({
            "private_key": place,
            "public_key": key.public_key().to_string(),
            "trust_entry": trust_entry(holder.as_ref(), key.public_key())?,
        }))?;
        if holder.is_none() {
            context.say(&text!(
                "whose key it is was not given (--as or --identity), so there is no trust-list entry",
                "未说明密钥归属（--as 或 --identity），因此没有信任列表条目"
            ));
        }
        Ok(Exit::Done)
    }
}

impl Enrol {
    async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let identity = self.caller.who.files(context)?;
        let key = StatementKey::load(&self.key.unwrap_or_else(|| identity.signing_key()))?;
        let connected = self.caller.connect(context).await?;
        let request = EnrolKeyRequest {
            parent: connected.parent(),
            public_key: key.public_key().as_bytes().to_vec().into(),
            request_id: self.request_id.take(context)?,
        };
        let answer = connected
            .client
            .keys()
            .enrol_key(request)
            .await?
            .into_inner();
        context.show(&json!({
            "actor": answer.actor,
            "public_key": key.public_key().to_string(),
            "log_entry": wire::log_entry(answer.log_entry.as_ref()),
        }))?;
        Ok(Exit::Done)
    }
}

/// What the regulator adds to the trust list once the holder has shown who they are.
fn trust_entry(holder: Option<&Actor>, public_key: PublicKey) -> Result<Value, Problem> {
    let Some(Actor::Person {
        tenant,
        organisation,
        duty,
        person,
    }) = holder.cloned()
    else {
        return Ok(Value::Null);
    };
    let entry = TrustEntry {
        tenant,
        organisation,
        duty,
        person,
        public_key,
    };
    serde_json::to_value(entry).map_err(|error| {
        Problem::refused(text!("trust-list entry: {error}", "信任列表条目：{error}"))
    })
}
