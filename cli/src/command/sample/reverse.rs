//! `karez sample reverse`, `confirm`, `reject` and `reveal`: one surrogate back to its original, by two persons.

use std::path::PathBuf;

use clap::Args;
use enclave::client::v1::{
    ConfirmReversalRequest, GetReversalRequest, RejectReversalRequest, RequestReversalRequest,
    Reversal, ReverseValueRequest, SignedStatement,
};
use lineage::statement::{StatementDecision, StatementKind};
use lineage::{Digest, Statement, StatementKey};
use serde_json::{Value, json};

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

pub(super) const REVERSE_EXAMPLE: &str = "\
For the organisation that registered the column's data set. The value is the surrogate as any copy of the sample shows it. \
The original can be taken with `karez sample reveal` once a person of the institution has confirmed.

Example:
  karez sample reverse medical-spending/ID --dataset ybj/persons --column resident_id --value 650100199001010014 \\
    --reason 'claim 7781 is under review' --as provider";

pub(super) const CONFIRM_EXAMPLE: &str = "\
Shows who asks for which value and why, computes the digest again on this machine, and signs it; the key never leaves this \
machine.

Example:
  karez sample confirm medical-spending/ID/REVERSAL --as institution";

pub(super) const REJECT_EXAMPLE: &str = "\
For a person of the institution, until the original was taken, also after a confirmation. The original is never given for \
this request. A request that nobody answers expires by itself, after 72 hours unless the service is configured otherwise.

Example:
  karez sample reject medical-spending/ID/REVERSAL --as institution";

pub(super) const REVEAL_EXAMPLE: &str = "\
Prints the original, once: repeat the call with the same --request-id to see it again, until the request expires. That it \
was taken is on the log.

Example:
  karez sample reveal medical-spending/ID/REVERSAL --as provider";

/// Arguments of `karez sample reverse`.
#[derive(Debug, Args)]
pub(super) struct Reverse {
    /// SCENARIO/ID
    sample: names::Sample,
    /// The data set of the column
    #[arg(long, value_name = "OWNER/TABLE")]
    dataset: names::Dataset,
    /// The column
    #[arg(long, value_name = "NAME")]
    column: String,
    /// The surrogate
    #[arg(long, value_name = "SURROGATE")]
    value: String,
    /// Why, for the person who confirms; it stays in the enclave
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

/// Arguments of `karez sample confirm`.
#[derive(Debug, Args)]
pub(super) struct Confirm {
    #[command(flatten)]
    answer: Answer,
    /// Do not ask: you have seen what is asked for
    #[arg(long)]
    yes: bool,
}

/// Arguments of `karez sample reject`.
#[derive(Debug, Args)]
pub(super) struct Reject {
    #[command(flatten)]
    answer: Answer,
}

/// What both answers of the institution need.
#[derive(Debug, Args)]
struct Answer {
    /// SCENARIO/ID/REVERSAL
    reversal: names::Reversal,
    /// The statement key (else signing.key of the identity)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

/// Arguments of `karez sample reveal`.
#[derive(Debug, Args)]
pub(super) struct Reveal {
    /// SCENARIO/ID/REVERSAL
    reversal: names::Reversal,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

impl Reverse {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let request = RequestReversalRequest {
            parent: self.sample.full(&connected.tenant),
            dataset: self.dataset.full(&connected.tenant),
            column: self.column,
            value: self.value,
            reason: self.reason,
            request_id: self.request_id.take(context)?,
        };
        let mut client = connected.client.reversals();
        let answer = client.request_reversal(request).await?.into_inner();
        context.show(&wire::reversal(&answer.reversal.answered()?))?;
        Ok(Exit::Done)
    }
}

/// A request as the server shows it, found to be what is signed, with what signs.
struct Seen {
    connected: Connected,
    reversal: Reversal,
    digest: Digest,
    key: StatementKey,
    organisation: String,
}

impl Answer {
    /// Gets the request and computes again what is to be signed.
    async fn look(&self, context: &Context<'_>) -> Result<Seen, Problem> {
        let identity = self.caller.who.files(context)?;
        let key = self.key.clone().unwrap_or_else(|| identity.signing_key());
        let key = StatementKey::load(&key)?;
        let organisation = actor(&identity)?
            .organisation()
            .unwrap_or_default()
            .to_owned();
        let connected = self.caller.connect(context).await?;
        let name = self.reversal.full(&connected.tenant);
        let mut client = connected.client.reversals();
        let answer = client.get_reversal(GetReversalRequest { name }).await?;
        let reversal = answer.into_inner().reversal.answered()?;
        Ok(Seen {
            digest: digest_of(&reversal)?,
            connected,
            reversal,
            key,
            organisation,
        })
    }
}

impl Seen {
    fn signed(&self, decision: StatementDecision) -> Result<SignedStatement, Problem> {
        let (kind, name) = (StatementKind::SampleReversal, &self.reversal.name);
        let organisation = &self.organisation;
        let statement = Statement::second_person(kind, name, self.digest, decision, organisation)?;
        review::signed(&self.key, statement)
    }
}

impl Reject {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let seen = self.answer.look(context).await?;
        let request = RejectReversalRequest {
            name: seen.reversal.name.clone(),
            statement: Some(seen.signed(StatementDecision::Reject)?),
            request_id: self.answer.request_id.take(context)?,
        };
        let mut client = seen.connected.client.reversals();
        let answer = client.reject_reversal(request).await?.into_inner();
        context.show(&wire::reversal(&answer.reversal.answered()?))?;
        Ok(Exit::Done)
    }
}

impl Confirm {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let seen = self.answer.look(context).await?;
        self.ask(&seen.reversal, context)?;
        let request = ConfirmReversalRequest {
            name: seen.reversal.name.clone(),
            statement: Some(seen.signed(StatementDecision::Approve)?),
            request_id: self.answer.request_id.take(context)?,
        };
        let mut client = seen.connected.client.reversals();
        let answer = client.confirm_reversal(request).await?.into_inner();
        context.show(&wire::reversal(&answer.reversal.answered()?))?;
        Ok(Exit::Done)
    }

    fn ask(&self, reversal: &Reversal, context: &Context<'_>) -> Result<(), Problem> {
        let asked = show::tables(&wire::reversal(reversal), context.console().language());
        context.say(&text!(
            "you are about to let the original of this value be given to its provider\n\n{asked}\n",
            "即将允许向数据提供单位提供该值的原值\n\n{asked}\n"
        ));
        let question = Question {
            ask: text!("confirm?", "是否确认？"),
            unasked: text!(
                "nobody is there to ask: read what is asked for, then add --yes",
                "无法询问：请先阅读申请内容，再加上 --yes"
            ),
            refused: text!("nothing was signed", "未签署任何内容"),
        };
        confirm(self.yes, question, context)
    }
}

impl Reveal {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let request = ReverseValueRequest {
            name: self.reversal.full(&connected.tenant),
            request_id: self.request_id.take(context)?,
        };
        let answer = connected.client.reversals().reverse_value(request).await?;
        let answer = answer.into_inner();
        context.show(&json!({
            "value": answer.value,
            "log_entry": wire::log_entry(answer.log_entry.as_ref()),
        }))?;
        Ok(Exit::Done)
    }
}

/// The digest to sign, once it is that of what is shown and what is shown is about this very reversal.
fn digest_of(reversal: &Reversal) -> Result<Digest, Problem> {
    let unfit = || {
        Problem::refused(text!(
            "what the server shows is not what the request's digest stands for: nothing was signed; tell the regulator",
            "服务所展示的内容与申请摘要不符：未签署任何内容；请告知监管方"
        ))
    };
    let digest = Digest::of(&reversal.request);
    let words: Value = serde_json::from_slice(&reversal.request).map_err(|_| unfit())?;
    let says = |key: &str, expected: &str| words.get(key).and_then(Value::as_str) == Some(expected);
    let same = digest.to_string() == reversal.request_digest
        && says("reversal", &reversal.name)
        && says("dataset", &reversal.dataset)
        && says("column", &reversal.column)
        && says("organisation", &reversal.organisation);
    match same {
        true => Ok(digest),
        false => Err(unfit()),
    }
}

#[cfg(test)]
mod tests {
    //! A signature never covers something else than was shown.
    use super::*;

    fn shown() -> Reversal {
        let words = r#"{"column":"c","dataset":"d","nonce":"00","organisation":"ybj","reason":"why","reversal":"r","value":"v"}"#;
        Reversal {
            name: "r".into(),
            dataset: "d".into(),
            column: "c".into(),
            organisation: "ybj".into(),
            request_digest: Digest::of(words.as_bytes()).to_string(),
            request: words.as_bytes().to_vec().into(),
            ..Reversal::default()
        }
    }

    #[test]
    fn only_what_is_shown_is_signed() {
        assert!(digest_of(&shown()).is_ok());
        for change in [
            |one: &mut Reversal| one.name.push('0'),
            |one: &mut Reversal| one.dataset.push('0'),
            |one: &mut Reversal| one.column.push('0'),
            |one: &mut Reversal| one.organisation.push('0'),
            |one: &mut Reversal| one.request = b"{}".to_vec().into(),
            |one: &mut Reversal| one.request_digest = Digest::of(b"other").to_string(),
        ] {
            let mut changed = shown();
            change(&mut changed);
            assert!(digest_of(&changed).is_err(), "{changed:?}");
        }
    }
}
