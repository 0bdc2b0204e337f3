//! `karez key confirm` and `karez key reject`: the second person's word on a key's end.

use std::path::PathBuf;

use clap::Args;
use enclave::client::v1::{
    ConfirmDestructionRequest, Destruction, GetDestructionRequest, RejectDestructionRequest,
};
use lineage::statement::{StatementDecision, StatementKind};
use lineage::{Digest, Statement, StatementKey};
use serde_json::Value;

use super::destroy::lost;
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

pub(super) const CONFIRM_EXAMPLE: &str = "\
Shows who asks for the end of which key and why, computes the digest again on this machine, and signs it; your signing key \
never leaves this machine. Who asked cannot confirm. The order is on the log before the key is gone. A copy of the key \
store that somebody made earlier, a backup for example, is not reached: destroy it as well.

Example:
  karez key confirm ybj/claims/ID --identity ./ybj-provider-02";

pub(super) const REJECT_EXAMPLE: &str = "\
For any person of the organisation that asked, who asked included. The key stays; it can be asked for anew.

Example:
  karez key reject ybj/claims/ID --identity ./ybj-provider-02";

/// Arguments of `karez key confirm`.
#[derive(Debug, Args)]
pub(super) struct Confirm {
    #[command(flatten)]
    answer: Answer,
    /// Do not ask: you know what becomes impossible
    #[arg(long)]
    yes: bool,
}

/// Arguments of `karez key reject`.
#[derive(Debug, Args)]
pub(super) struct Reject {
    #[command(flatten)]
    answer: Answer,
}

#[derive(Debug, Args)]
struct Answer {
    /// OWNER/TABLE/ID or SCENARIO/ID
    destruction: names::Destruction,
    /// The statement key (else signing.key of the identity)
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

/// A request as the server shows it, found to be what is signed, with what signs.
struct Seen {
    connected: Connected,
    destruction: Destruction,
    digest: Digest,
    key: StatementKey,
    organisation: String,
}

impl Confirm {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let seen = self.answer.look(context).await?;
        let shown = wire::destruction(&seen.destruction);
        let asked = show::tables(&shown, context.console().language());
        context.say(&lost(&seen.destruction.key));
        context.say(&text!("\n{asked}\n", "\n{asked}\n"));
        let question = Question {
            ask: text!("destroy it for good?", "确认永久销毁？"),
            unasked: text!(
                "nobody is there to ask: read what becomes impossible, then add --yes",
                "无法询问：请先阅读后果说明，再加上 --yes"
            ),
            refused: text!("nothing was destroyed", "未销毁任何密钥"),
        };
        confirm(self.yes, question, context)?;
        let request = ConfirmDestructionRequest {
            name: seen.destruction.name.clone(),
            statement: Some(seen.signed(StatementDecision::Approve)?),
            request_id: self.answer.request_id.take(context)?,
        };
        let mut client = seen.connected.client.keys();
        let answer = client.confirm_destruction(request).await?.into_inner();
        context.show(&wire::destruction(&answer.destruction.answered()?))?;
        Ok(Exit::Done)
    }
}

impl Reject {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let seen = self.answer.look(context).await?;
        let request = RejectDestructionRequest {
            name: seen.destruction.name.clone(),
            statement: Some(seen.signed(StatementDecision::Reject)?),
            request_id: self.answer.request_id.take(context)?,
        };
        let mut client = seen.connected.client.keys();
        let answer = client.reject_destruction(request).await?.into_inner();
        context.show(&wire::destruction(&answer.destruction.answered()?))?;
        Ok(Exit::Done)
    }
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
        let name = self.destruction.full(&connected.tenant);
        let mut client = connected.client.keys();
        let answer = client
            .get_destruction(GetDestructionRequest { name })
            .await?;
        let destruction = answer.into_inner().destruction.answered()?;
        Ok(Seen {
            digest: digest_of(&destruction)?,
            connected,
            destruction,
            key,
            organisation,
        })
    }
}

impl Seen {
    fn signed(
        &self,
        decision: StatementDecision,
    ) -> Result<enclave::client::v1::SignedStatement, Problem> {
        let (kind, name) = (StatementKind::KeyDestruction, &self.destruction.name);
        let organisation = &self.organisation;
        let statement = Statement::second_person(kind, name, self.digest, decision, organisation)?;
        review::signed(&self.key, statement)
    }
}

/// The digest to sign, once it is that of what is shown and what is shown is about this very key.
fn digest_of(destruction: &Destruction) -> Result<Digest, Problem> {
    let unfit = || {
        Problem::refused(text!(
            "what the server shows is not what the request's digest stands for: nothing was signed; tell the regulator",
            "服务所展示的内容与申请摘要不符：未签署任何内容；请告知监管方"
        ))
    };
    let digest = Digest::of(&destruction.request);
    let words: Value = serde_json::from_slice(&destruction.request).map_err(|_| unfit())?;
    let says = |key: &str, expected: &str| words.get(key).and_then(Value::as_str) == Some(expected);
    let reason = wire::destruction_reason(destruction);
    let same = digest.to_string() == destruction.request_digest
        && says("destruction", &destruction.name)
        && says("path", &destruction.key)
        && says("reason", &reason)
        && says("organisation", &destruction.organisation)
        && says("person", &destruction.person);
    match same {
        true => Ok(digest),
        false => Err(unfit()),
    }
}

#[cfg(test)]
mod tests {
    //! A signature never covers something else than was shown.
    use super::*;
    use enclave::client::v1::KeyDestructionReason;

    fn shown() -> Destruction {
        let words = r#"{"destruction":"d","expires":"t","organisation":"ybj","path":"k","person":"p","reason":"expired"}"#;
        Destruction {
            name: "d".into(),
            key: "k".into(),
            reason: KeyDestructionReason::Expired.into(),
            organisation: "ybj".into(),
            person: "p".into(),
            request_digest: Digest::of(words.as_bytes()).to_string(),
            request: words.as_bytes().to_vec().into(),
            ..Destruction::default()
        }
    }

    #[test]
    fn only_what_is_shown_is_signed() {
        assert!(digest_of(&shown()).is_ok());
        for change in [
            |one: &mut Destruction| one.name.push('0'),
            |one: &mut Destruction| one.key.push('0'),
            |one: &mut Destruction| one.reason = KeyDestructionReason::Incident.into(),
            |one: &mut Destruction| one.organisation.push('0'),
            |one: &mut Destruction| one.person.push('0'),
            |one: &mut Destruction| one.request = b"{}".to_vec().into(),
            |one: &mut Destruction| one.request_digest = Digest::of(b"other").to_string(),
        ] {
            let mut changed = shown();
            change(&mut changed);
            assert!(digest_of(&changed).is_err(), "{changed:?}");
        }
    }
}
