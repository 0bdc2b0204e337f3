//! Requests that wait for a second person: how long they wait, and whose signed answer counts.

use lineage::event::{DestructionExpired, ReversalExpired};
use lineage::statement::{StatementDecision, StatementKind};
use lineage::{Actor, Digest, EventBody, SignedStatement, Timestamp};

use super::{Admission, Call, Enclave, Failure, Reason};

/// Before its time is over a request is no longer acted on for so long, so that the event of the act, which is dated when
/// it is written, never stands after that time.
const MARGIN_SECONDS: u64 = 1;

/// How often a service looks for requests whose time is over.
pub const EXPIRY_INTERVAL: std::time::Duration = std::time::Duration::from_secs(60);

/// What a second person's statement must say.
pub(super) struct Expected<'a> {
    pub(super) kind: StatementKind,
    pub(super) decision: StatementDecision,
    pub(super) resource: &'a str,
    pub(super) digest: Digest,
}

impl Enclave {
    /// Until when a request that is made now can be acted on.
    pub(super) fn expiry(&self) -> Timestamp {
        Timestamp::now().after_seconds(self.shared.config.limits.second_person_seconds_max)
    }

    /// Puts the end of every request whose time is over on the log, in the service's own name.
    ///
    /// A call that could act on such a request does it first; [`EXPIRY_INTERVAL`] and the next start do it where nobody
    /// calls.
    ///
    /// # Errors
    /// [`Reason::LogReadOnly`].
    pub fn expire_requests(&self) -> Result<(), Failure> {
        let admission = self.admission();
        self.expire(&admission)
    }

    pub(super) fn expire(&self, admission: &Admission<'_>) -> Result<(), Failure> {
        let now = Timestamp::now();
        let mut over: Vec<EventBody> = Vec::new();
        self.read(|registry| {
            let reversals = registry.reversals();
            for one in reversals.filter(|one| one.is_open() && one.expires <= now) {
                let event = ReversalExpired {
                    reversal: one.name.clone(),
                    request_digest: one.request_digest,
                };
                over.push(event.into());
            }
            let destructions = registry.destructions();
            for one in destructions.filter(|one| one.is_open() && one.body.expires <= now) {
                let Ok(request_digest) = one.body.digest() else {
                    continue;
                };
                let event = DestructionExpired {
                    destruction: one.body.destruction.clone(),
                    request_digest,
                };
                over.push(event.into());
            }
        });
        let events = over.into_iter();
        let events = events
            .map(|body| self.event(&Actor::Service, body))
            .collect();
        self.commit(admission, events).map(|_| ())
    }

    /// Whether a statement is this person's answer to exactly this request.
    pub(super) fn answers(
        &self,
        signed: &SignedStatement,
        expected: &Expected<'_>,
        call: &Call,
    ) -> Result<(), Failure> {
        let statement = &signed.statement;
        let organisation = call.principal.organisation().as_str();
        if signed.verify().is_err() {
            return invalid("its signature does not fit");
        }
        self.must_be_enrolled(signed, call)?;
        if statement.kind != expected.kind {
            invalid("it is of another kind")
        } else if statement.resource != expected.resource {
            invalid("it is about another resource")
        } else if statement.digest != expected.digest {
            invalid("it binds another digest; look at the request again and sign what it shows")
        } else if statement.organisation != organisation {
            invalid("it speaks for another organisation")
        } else if statement.decision != expected.decision {
            invalid("it decides otherwise than this call; confirm and reject are two calls")
        } else {
            Ok(())
        }
    }

    fn must_be_enrolled(&self, signed: &SignedStatement, call: &Call) -> Result<(), Failure> {
        let enrolled = self.read(|registry| {
            registry.keys().iter().any(|key| {
                key.public_key == signed.public_key
                    && key.organisation == call.principal.organisation().as_str()
                    && Some(key.duty) == call.actor.duty()
                    && key.person == call.principal.person().as_str()
            })
        });
        match enrolled {
            true => Ok(()),
            false => Err(Failure::new(
                Reason::KeyNotEnrolled,
                "the statement's key is not enrolled for the caller; enrol it first with `karez key enrol`",
                "声明所用密钥尚未为调用者登记，请先执行 `karez key enrol`",
            )),
        }
    }
}

/// Whether a request that expires then can no longer be acted on.
pub(super) fn is_over(expires: Timestamp) -> bool {
    Timestamp::now().after_seconds(MARGIN_SECONDS) >= expires
}

/// What was asked for has ended otherwise, or waits for something else.
pub(super) fn wrong_state(name: &str, state: &'static str, why: &str, zh: &str) -> Failure {
    Failure::new(
        Reason::StateNotAllowed,
        format!("`{name}`: {why}"),
        format!("`{name}`：{zh}"),
    )
    .with("state", state)
}

/// A request whose time is over.
pub(super) fn expired(name: &str) -> Failure {
    let why = "its time is over (`limits.second_person_seconds_max`); ask anew";
    wrong_state(name, "expired", why, "申请已过期，请重新申请")
}

fn invalid(fault: &str) -> Result<(), Failure> {
    Err(Failure::new(
        Reason::StatementInvalid,
        format!("the statement is not accepted: {fault}"),
        "签名声明不被接受",
    ))
}
