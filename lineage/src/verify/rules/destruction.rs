//! A key is destroyed once, after one person asked for it and a second one of the same organisation signed for it, in time.

use super::approval::Objection;
use super::pending::{Closed, Expected, Pending};
use super::{Rules, Scope};
use crate::digest::Digest;
use crate::event::{
    DestructionExpired, DestructionRejected, DestructionRequested, KeyDestroyed, key_owner,
};
use crate::leaf::Leaf;
use crate::name::{Actor, Duty};
use crate::statement::{SignedStatement, StatementDecision, StatementKind};
use crate::verify::report::Problem;

/// A request on its way to an order.
pub(super) struct Wanted {
    body: DestructionRequested,
    /// The digest of the request, computed from the log alone.
    digest: Option<Digest>,
    pending: Pending,
}

impl Rules<'_> {
    pub(super) fn destruction_requested(&mut self, leaf: &Leaf, body: &DestructionRequested) {
        self.demand_permit(leaf, &body.destruction, &[]);
        let asker = Actor::Person {
            tenant: leaf.tenant.clone().unwrap_or_default(),
            organisation: body.organisation.clone(),
            duty: destroyer(&body.path),
            person: body.person.clone(),
        };
        if leaf.actor != asker {
            let detail = "it was not asked for by the person that it names";
            self.find(leaf, Problem::Destruction, detail);
        }
        if self.scope == Scope::WholeLog && !self.owns(&body.organisation, &body.path) {
            let detail = format!("{} is not the key of `{}`", body.path, body.organisation);
            self.find(leaf, Problem::Destruction, detail);
        }
        self.check_expiry(leaf, body.expires, Problem::Destruction);
        let wanted = Wanted {
            body: body.clone(),
            digest: body.digest().ok(),
            pending: Pending::until(body.expires),
        };
        let earlier = self.wanted.insert(body.destruction.clone(), wanted);
        if earlier.is_some() {
            self.find(leaf, Problem::Duplicate, body.destruction.as_str());
        }
    }

    /// Whether an organisation's persons may ask for the end of a key: of a data set's its provider's. A scenario's key is
    /// the institution's, which the duty says.
    fn owns(&self, organisation: &str, path: &str) -> bool {
        let owner = key_owner(path);
        let mut registered = self.datasets.iter();
        destroyer(path) == Duty::Institution
            || registered
                .any(|((dataset, _), one)| *dataset == owner && one.provider == organisation)
    }

    pub(super) fn key_destroyed(&mut self, leaf: &Leaf, body: &KeyDestroyed) {
        self.demand_permit(leaf, &body.destruction, &[]);
        self.destroyed
            .entry(body.path.clone())
            .or_default()
            .push(leaf.seq);
        if self
            .destroyed
            .get(&body.path)
            .is_some_and(|seqs| seqs.len() > 1)
        {
            self.find(leaf, Problem::Duplicate, body.path.as_str());
        }
        if self.is_replay(leaf, &body.statement) {
            return;
        }
        let (name, digest) = (&body.destruction, body.request_digest);
        let decision = StatementDecision::Approve;
        match self.judge_destruction(leaf, name, digest, decision, &body.statement) {
            Ok(()) => self.statements += 1,
            Err((problem, detail)) => self.find(leaf, problem, detail),
        }
        let Some(wanted) = self.wanted.get(name) else {
            return;
        };
        let other = wanted.body.path != body.path || wanted.body.reason != body.reason;
        let other = other.then_some("another key or reason than was asked for");
        if let Some(wrong) = wanted.pending.objection(leaf).or(other) {
            self.find(leaf, Problem::Destruction, wrong);
        }
    }

    /// A rejection closes the request even where it was not signed as it should: that a key stays harms nobody.
    pub(super) fn destruction_rejected(&mut self, leaf: &Leaf, body: &DestructionRejected) {
        if !self.is_replay(leaf, &body.statement) {
            let (name, digest) = (&body.destruction, body.request_digest);
            let decision = StatementDecision::Reject;
            match self.judge_destruction(leaf, name, digest, decision, &body.statement) {
                Ok(()) => self.statements += 1,
                Err((problem, detail)) => self.find(leaf, problem, detail),
            }
        }
        self.close_destruction(leaf, &body.destruction, Closed::Rejected);
    }

    pub(super) fn destruction_expired(&mut self, leaf: &Leaf, body: &DestructionExpired) {
        self.close_destruction(leaf, &body.destruction, Closed::Expired);
    }

    fn close_destruction(&mut self, leaf: &Leaf, name: &str, how: Closed) {
        let Some(wanted) = self.wanted.get_mut(name) else {
            if self.scope == Scope::WholeLog {
                self.find(leaf, Problem::Unfounded, format!("{name} unknown"));
            }
            return;
        };
        let carried_out = self.destroyed.contains_key(&wanted.body.path);
        let carried_out = carried_out.then_some("the key was destroyed before");
        if let Some(wrong) = wanted.pending.close(leaf, how).or(carried_out) {
            self.find(leaf, Problem::Destruction, wrong);
        }
    }

    /// The statement is signed by a person of the organisation that asked, and to destroy by another person than asked.
    fn judge_destruction(
        &self,
        leaf: &Leaf,
        name: &str,
        digest: Digest,
        decision: StatementDecision,
        signed: &SignedStatement,
    ) -> Result<(), Objection> {
        let expected = Expected {
            kind: StatementKind::KeyDestruction,
            decision,
            resource: name,
            digest,
        };
        let signer = self.second_person(leaf, signed, &expected, destroyer(name))?;
        let wanted = self.wanted.get(name);
        let wanted = wanted.ok_or_else(|| (Problem::Unfounded, format!("{name} unknown")))?;
        let wrong = |detail: &str| Err((Problem::Destruction, detail.to_owned()));
        if wanted.digest != Some(digest) {
            return wrong("another request than was made");
        }
        if signer.organisation != wanted.body.organisation {
            return wrong("it was answered by another organisation");
        }
        match decision == StatementDecision::Approve && signer.person == wanted.body.person {
            true => wrong("who asked also confirmed"),
            false => Ok(()),
        }
    }
}

/// The duty of those who destroy a key: a data set's the provider, a scenario's the institution.
fn destroyer(path: &str) -> Duty {
    match path.split('/').nth(2) {
        Some("datasets") => Duty::Provider,
        _ => Duty::Institution,
    }
}
