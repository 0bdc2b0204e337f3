//! Requests that wait for a second person: answered once, in time, by a statement that says so.

use super::Rules;
use super::approval::Objection;
use crate::digest::Digest;
use crate::event::PENDING_SECONDS_MAX;
use crate::leaf::Leaf;
use crate::name::Duty;
use crate::statement::{SignedStatement, StatementDecision, StatementKind};
use crate::time::Timestamp;
use crate::trust::TrustEntry;
use crate::verify::report::Problem;

/// How a request ended without what it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closed {
    Rejected,
    Expired,
}

/// The time of a request, and whether it is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    expires: Timestamp,
    closed: Option<Closed>,
}

/// What a second person's statement must say.
pub(super) struct Expected<'a> {
    pub(super) kind: StatementKind,
    pub(super) decision: StatementDecision,
    pub(super) resource: &'a str,
    pub(super) digest: Digest,
}

impl Pending {
    pub(super) const fn until(expires: Timestamp) -> Self {
        Self {
            expires,
            closed: None,
        }
    }

    /// What forbids to confirm or to carry out the request at this leaf.
    pub(super) fn objection(&self, leaf: &Leaf) -> Option<&'static str> {
        match self.closed {
            Some(Closed::Rejected) => Some("the request was rejected before"),
            Some(Closed::Expired) => Some("the request had expired before"),
            None if leaf.time >= self.expires => Some("the request's time was over"),
            None => None,
        }
    }

    /// Ends the request; what is wrong with doing so at this leaf.
    pub(super) fn close(&mut self, leaf: &Leaf, how: Closed) -> Option<&'static str> {
        let wrong = match (self.closed, how) {
            (Some(_), _) => Some("the request was over before"),
            (None, Closed::Expired) if leaf.time < self.expires => {
                Some("the request's time was not over")
            }
            (None, _) => None,
        };
        self.closed.get_or_insert(how);
        wrong
    }
}

impl Rules<'_> {
    /// A request waits for a while, and for no more than a week.
    pub(super) fn check_expiry(&mut self, leaf: &Leaf, expires: Timestamp, problem: Problem) {
        let latest = leaf.time.after_seconds(PENDING_SECONDS_MAX);
        if expires <= leaf.time || expires > latest {
            let detail = format!(
                "it expires {expires}, not within the week after {}",
                leaf.time
            );
            self.find(leaf, problem, detail);
        }
    }

    /// The signer of a second person's statement, if it says what its event claims and was not there before.
    pub(super) fn second_person(
        &self,
        leaf: &Leaf,
        signed: &SignedStatement,
        expected: &Expected<'_>,
        duty: Duty,
    ) -> Result<&TrustEntry, Objection> {
        let signature = signed.verify();
        signature.map_err(|error| (Problem::Signature, error.to_string()))?;
        let statement = &signed.statement;
        let says = statement.kind == expected.kind
            && statement.decision == expected.decision
            && statement.resource == expected.resource
            && statement.digest == expected.digest;
        match says {
            true => self.signer(leaf, signed, &[duty]),
            false => Err((Problem::Statement, "it says something else".to_owned())),
        }
    }

    /// Whether a statement is a copy of an earlier one, which counts for nothing.
    pub(super) fn is_replay(&mut self, leaf: &Leaf, signed: &SignedStatement) -> bool {
        let fresh = self.nonces.insert(signed.statement.nonce.clone());
        if !fresh {
            let detail = "a copy of an earlier statement counts for nothing";
            self.find(leaf, Problem::Replay, detail);
        }
        !fresh
    }
}
