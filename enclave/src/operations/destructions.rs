//! The end of a wrapped key, by two persons of the organisation that it protects.
//!
//! ```text
//!  one person: request ─► destruction.requested ─► a second one: signs its digest ─► key.destroyed ─► the file goes
//!                            │ time is over               or signs a no ─► destruction.rejected
//!                            ▼
//!                   destruction.expired
//! ```
//!
//! The event `key.destroyed` is durable first, then the file is overwritten and removed (`docs/decisions/0009`).

use lineage::event::{
    DestructionReason, DestructionRejected, DestructionRequested, KeyDestroyed, key_owner,
};
use lineage::statement::{StatementDecision, StatementKind};
use lineage::{Actor, Digest, Leaf, SignedStatement};
use policy::{Action, Kind, Resource};

use super::access::Admitted;
use super::call::principal;
use super::pending::{Expected, expired, is_over, wrong_state};
use super::{Call, Enclave, Failure, Reason};
use crate::keys::{KeyError, KeyPath};
use crate::registry::{Destruction, DestructionState};

/// The collection of destructions below a data set or a scenario.
const COLLECTION: &str = "/destructions/";

impl Enclave {
    /// Asks for the end of a wrapped key: a data set's, a version's or a column's by a person of its provider, a scenario's
    /// by one of the institution. Nothing is destroyed yet.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`]; [`Reason::NotFound`] for a key of nothing that is registered; [`Reason::KeyDestroyed`]
    /// when it is gone already.
    pub fn request_destruction(
        &self,
        call: &Call,
        key: &str,
        reason: DestructionReason,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let path = KeyPath::destroyable(key).ok_or_else(|| no_such_key(key))?;
        let admission = self.admission();
        self.expire(&admission)?;
        let owner = key_owner(key);
        let resource = self.destroyable(&owner)?;
        let action = Action::DestructionRequest;
        match self.admit(&admission, call, action, &resource, true)? {
            Admitted::Before(leaf) => return Ok(*leaf),
            Admitted::Now(_) => self.must_exist(&path)?,
        }
        let id = lineage::statement::fresh_nonce().map_err(|_| Failure::internal("entropy"))?;
        let body = DestructionRequested {
            destruction: format!("{owner}{COLLECTION}{id}"),
            path: path.to_string(),
            reason,
            organisation: call.principal.organisation().to_string(),
            person: call.principal.person().to_string(),
            expires: self.expiry(),
        };
        self.answer(&admission, call, body)
    }

    /// A request, for the organisation that asked.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`]; [`Reason::NotFound`].
    pub fn describe_destruction(&self, actor: &Actor, name: &str) -> Result<Destruction, Failure> {
        self.expire_requests()?;
        let known = self.destruction(name);
        let resource = self.wanted(name, known.as_ref().ok())?;
        self.permit_reading(actor, Action::DestructionGet, &resource, true)?;
        known
    }

    /// Takes in a confirmation that a second person of the organisation signed with their own key, and destroys the key.
    ///
    /// The order is durable on the log first, then the file is overwritten and removed. A service that stopped in between
    /// removes it when it starts again ([`Enclave::open`]), and a repeated call removes it again.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`] for any other organisation and for the person who asked; [`Reason::StatementInvalid`]
    /// saying what does not fit; [`Reason::StateNotAllowed`] once it was rejected or is over; [`Reason::KeyDestroyed`] when
    /// the key is gone already; [`Reason::ResourceUnavailable`] when the file cannot be removed now.
    pub fn confirm_destruction(
        &self,
        call: &Call,
        name: &str,
        statement: SignedStatement,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let admission = self.admission();
        self.expire(&admission)?;
        let known = self.destruction(name);
        let resource = self.wanted(name, known.as_ref().ok())?;
        let admitted = self.admit(
            &admission,
            call,
            Action::DestructionConfirm,
            &resource,
            true,
        )?;
        let wanted = known?;
        let key = &wanted.body.path;
        let path = KeyPath::destroyable(key).ok_or_else(|| Failure::internal("key path"))?;
        let leaf = match admitted {
            Admitted::Before(leaf) => *leaf,
            Admitted::Now(_) => {
                must_wait(&wanted)?;
                self.must_exist(&path)?;
                let decision = StatementDecision::Approve;
                let request_digest = self.answered_by(call, &wanted, decision, &statement)?;
                let body = KeyDestroyed {
                    path: key.clone(),
                    reason: wanted.body.reason,
                    destruction: name.to_owned(),
                    request_digest,
                    statement,
                };
                self.answer(&admission, call, body)?
            }
        };
        self.shared.keys.bury(&path).map_err(unfinished)?;
        tracing::info!(key = %path, reason = %wanted.body.reason, "key destroyed");
        Ok(leaf)
    }

    /// Takes in a rejection that a person of the organisation signed with their own key, who asked included.
    ///
    /// # Errors
    /// As [`Enclave::confirm_destruction`].
    pub fn reject_destruction(
        &self,
        call: &Call,
        name: &str,
        statement: SignedStatement,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let admission = self.admission();
        self.expire(&admission)?;
        let known = self.destruction(name);
        let resource = self.wanted(name, known.as_ref().ok())?;
        let action = Action::DestructionReject;
        match self.admit(&admission, call, action, &resource, true)? {
            Admitted::Before(leaf) => return Ok(*leaf),
            Admitted::Now(_) => {}
        }
        let wanted = known?;
        must_wait(&wanted)?;
        let decision = StatementDecision::Reject;
        let request_digest = self.answered_by(call, &wanted, decision, &statement)?;
        let body = DestructionRejected {
            destruction: name.to_owned(),
            request_digest,
            statement,
        };
        self.answer(&admission, call, body)
    }

    /// A destruction, or "not found".
    pub(crate) fn destruction(&self, name: &str) -> Result<Destruction, Failure> {
        let known = self.read(|registry| registry.destruction(name).cloned());
        known.ok_or_else(|| Failure::not_found(name))
    }

    /// The digest of a request, once a statement is found to be the caller's answer to it.
    fn answered_by(
        &self,
        call: &Call,
        wanted: &Destruction,
        decision: StatementDecision,
        statement: &SignedStatement,
    ) -> Result<Digest, Failure> {
        let digest = wanted.body.digest();
        let digest = digest.map_err(|_| Failure::internal("request"))?;
        let expected = Expected {
            kind: StatementKind::KeyDestruction,
            decision,
            resource: &wanted.body.destruction,
            digest,
        };
        self.answers(statement, &expected, call)?;
        Ok(digest)
    }

    /// The data set or scenario that a key belongs to, as policies see it.
    fn destroyable(&self, owner: &str) -> Result<Resource, Failure> {
        if owner.split('/').nth(2) == Some("scenarios") {
            return self.resource(Kind::Scenario, owner);
        }
        let provider = self.read(|registry| registry.dataset(owner)?.provider.parse().ok());
        Ok(self.resource(Kind::Dataset, owner)?.with_owner(provider))
    }

    /// The same with who asked.
    fn wanted(&self, name: &str, known: Option<&Destruction>) -> Result<Resource, Failure> {
        let owner = name.split_once(COLLECTION).map_or(name, |(owner, _)| owner);
        let asked = known.and_then(|known| known.body.organisation.parse().ok());
        let asker = known.map(|known| principal(&known.actor)).transpose()?;
        let resource = self.destroyable(owner)?;
        Ok(resource.with_submitter(asked).with_asker(asker))
    }
}

/// Refuses what has ended.
fn must_wait(wanted: &Destruction) -> Result<(), Failure> {
    let name = &wanted.body.destruction;
    match wanted.state {
        DestructionState::Rejected { .. } => {
            let why = "it was rejected, and the key stays; ask anew";
            Err(wrong_state(
                name,
                "rejected",
                why,
                "申请已被驳回，密钥保留；如需销毁请重新申请",
            ))
        }
        DestructionState::Destroyed { .. } => Err(Failure::destroyed(&wanted.body.path)),
        DestructionState::Expired { .. } => Err(expired(name)),
        DestructionState::Requested if is_over(wanted.body.expires) => Err(expired(name)),
        DestructionState::Requested => Ok(()),
    }
}

fn no_such_key(name: &str) -> Failure {
    Failure::new(
        Reason::FieldInvalid,
        format!(
            "`{name}` names no key that can be destroyed; write tenants/TENANT/scenarios/SCENARIO, or \
             tenants/TENANT/datasets/OWNER/TABLE, alone or with /versions/NUMBER and /columns/NAME"
        ),
        "该名称不是可销毁的密钥",
    )
    .with("field", "key")
}

/// The order stands on the log; only the file is still there.
fn unfinished(error: KeyError) -> Failure {
    Failure::new(
        Reason::ResourceUnavailable,
        format!(
            "the key is refused from now on, but its file is still there: {error}; repeat the call with the same \
             request_id, or start the service again"
        ),
        "密钥已停用，但其文件尚未删除；请以同一 request_id 重试，或重启服务",
    )
}
