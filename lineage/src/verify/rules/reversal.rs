//! A surrogate is reversed for the provider that asked, once, after a person of the institution signed for it, while
//! nobody rejected it, its time lasts and the keys are there.

use super::approval::Objection;
use super::pending::{Closed, Expected, Pending};
use super::{Rules, Scope};
use crate::digest::Digest;
use crate::event::{
    DatasetVersion, ReversalAnswered, ReversalConfirmed, ReversalExpired, ReversalRejected,
    ReversalRequested,
};
use crate::leaf::Leaf;
use crate::name::{Actor, Duty};
use crate::statement::{SignedStatement, StatementDecision, StatementKind};
use crate::verify::report::Problem;

/// A request on its way to an answer.
pub(super) struct Requested {
    body: ReversalRequested,
    actor: Actor,
    pending: Pending,
    /// The `seq` of the confirmation that counts.
    confirmed: Option<u64>,
    answered: bool,
}

impl Rules<'_> {
    pub(super) fn reversal_requested(&mut self, leaf: &Leaf, body: &ReversalRequested) {
        self.demand_permit(leaf, &body.reversal, &[]);
        if leaf.actor.duty() != Some(Duty::Provider)
            || leaf.actor.organisation() != Some(body.organisation.as_str())
        {
            let detail = "it was not asked for by the provider that will be answered";
            self.find(leaf, Problem::Reversal, detail);
        }
        self.check_expiry(leaf, body.expires, Problem::Reversal);
        if self.scope == Scope::WholeLog {
            self.check_reversible(leaf, body);
        }
        let requested = Requested {
            body: body.clone(),
            actor: leaf.actor.clone(),
            pending: Pending::until(body.expires),
            confirmed: None,
            answered: false,
        };
        let earlier = self.reversals.insert(body.reversal.clone(), requested);
        if earlier.is_some() {
            self.find(leaf, Problem::Duplicate, body.reversal.as_str());
        }
    }

    /// The sample is released under a key that is still there, and the column's provider is who asks.
    fn check_reversible(&mut self, leaf: &Leaf, body: &ReversalRequested) {
        let sample = sample_of(&body.reversal);
        if !self.released.contains_key(sample) {
            self.find(leaf, Problem::Unfounded, format!("{sample} unknown"));
        }
        if self.one_way.contains(sample) {
            let detail = format!("{sample} is one-way");
            self.find(leaf, Problem::Reversal, detail);
        }
        let provides = self.datasets.iter().any(|((dataset, _), registered)| {
            *dataset == body.dataset && registered.provider == body.organisation
        });
        if !provides {
            let detail = format!("{} is not the provider's", body.dataset);
            self.find(leaf, Problem::Reversal, detail);
        }
        self.demand_reversal_keys(leaf, body);
    }

    pub(super) fn reversal_confirmed(&mut self, leaf: &Leaf, body: &ReversalConfirmed) {
        if self.is_replay(leaf, &body.statement) {
            return;
        }
        let (reversal, decision) = (&body.reversal, StatementDecision::Approve);
        match self.judge_reversal(
            leaf,
            reversal,
            body.request_digest,
            decision,
            &body.statement,
        ) {
            Ok(()) => {
                self.statements += 1;
                if let Some(requested) = self.reversals.get_mut(reversal) {
                    requested.confirmed.get_or_insert(leaf.seq);
                }
            }
            Err((problem, detail)) => self.find(leaf, problem, detail),
        }
        let over = self.reversals.get(reversal);
        if let Some(over) = over.and_then(|requested| requested.pending.objection(leaf)) {
            self.find(leaf, Problem::Reversal, over);
        }
    }

    /// A rejection closes the request even where it was not signed as it should: that nothing is revealed harms nobody.
    pub(super) fn reversal_rejected(&mut self, leaf: &Leaf, body: &ReversalRejected) {
        let (reversal, decision) = (&body.reversal, StatementDecision::Reject);
        if !self.is_replay(leaf, &body.statement) {
            let digest = body.request_digest;
            match self.judge_reversal(leaf, reversal, digest, decision, &body.statement) {
                Ok(()) => self.statements += 1,
                Err((problem, detail)) => self.find(leaf, problem, detail),
            }
        }
        self.close_reversal(leaf, reversal, Closed::Rejected);
    }

    pub(super) fn reversal_expired(&mut self, leaf: &Leaf, body: &ReversalExpired) {
        self.close_reversal(leaf, &body.reversal, Closed::Expired);
    }

    fn close_reversal(&mut self, leaf: &Leaf, reversal: &str, how: Closed) {
        let Some(requested) = self.reversals.get_mut(reversal) else {
            self.find_unknown(leaf, reversal);
            return;
        };
        let answered = requested.answered.then_some("it was answered before");
        if let Some(wrong) = requested.pending.close(leaf, how).or(answered) {
            self.find(leaf, Problem::Reversal, wrong);
        }
    }

    fn judge_reversal(
        &self,
        leaf: &Leaf,
        reversal: &str,
        digest: Digest,
        decision: StatementDecision,
        signed: &SignedStatement,
    ) -> Result<(), Objection> {
        let expected = Expected {
            kind: StatementKind::SampleReversal,
            decision,
            resource: reversal,
            digest,
        };
        let signer = self.second_person(leaf, signed, &expected, Duty::Institution)?;
        let requested = self.reversals.get(reversal);
        let requested =
            requested.ok_or_else(|| (Problem::Unfounded, format!("{reversal} unknown")))?;
        if requested.body.request_digest != digest {
            let detail = "another request than was made".to_owned();
            return Err((Problem::Reversal, detail));
        }
        match requested.body.organisation == signer.organisation {
            true => Err((Problem::OwnApproval, reversal.to_owned())),
            false => Ok(()),
        }
    }

    pub(super) fn reversal_answered(&mut self, leaf: &Leaf, body: &ReversalAnswered) {
        let Some(requested) = self.reversals.get_mut(&body.reversal) else {
            self.find_unknown(leaf, &body.reversal);
            return;
        };
        let again = std::mem::replace(&mut requested.answered, true);
        let confirmed = requested.confirmed == Some(body.confirmation)
            && requested.body.request_digest == body.request_digest;
        let same_asker = requested.actor.organisation() == leaf.actor.organisation()
            && leaf.actor.duty() == Some(Duty::Provider);
        let over = requested.pending.objection(leaf);
        let asked = requested.body.clone();
        if again {
            self.find(leaf, Problem::Duplicate, body.reversal.as_str());
        }
        if !confirmed {
            let detail = "it was not confirmed by the institution";
            self.find(leaf, Problem::Reversal, detail);
        }
        if let Some(over) = over {
            self.find(leaf, Problem::Reversal, over);
        }
        if !same_asker {
            let detail = "it was answered to somebody else than the provider that asked";
            self.find(leaf, Problem::Reversal, detail);
        }
        self.demand_reversal_keys(leaf, &asked);
    }

    /// The key of the scenario's surrogates, and those of the column that they stand for, are still there.
    fn demand_reversal_keys(&mut self, leaf: &Leaf, asked: &ReversalRequested) {
        self.demand_scenario_key(leaf, scenario_of(&asked.reversal));
        let drawn = self.drawn.get(sample_of(&asked.reversal));
        let read = drawn.and_then(|drawn| drawn.iter().find(|read| read.dataset == asked.dataset));
        if let Some(read) = read {
            let columns = vec![asked.column.clone()];
            let read = DatasetVersion {
                columns,
                ..read.clone()
            };
            self.demand_data_keys(leaf, &[read]);
        }
    }

    /// In a whole log, what an event continues must be there.
    fn find_unknown(&mut self, leaf: &Leaf, reversal: &str) {
        if self.scope == Scope::WholeLog {
            self.find(leaf, Problem::Unfounded, format!("{reversal} unknown"));
        }
    }
}

/// `…/samples/{id}` of a reversal's name.
fn sample_of(reversal: &str) -> &str {
    reversal
        .split_once("/reversals/")
        .map_or(reversal, |(sample, _)| sample)
}

/// `tenants/{t}/scenarios/{s}` of a reversal's name.
fn scenario_of(reversal: &str) -> &str {
    reversal
        .split_once("/samples/")
        .map_or(reversal, |(scenario, _)| scenario)
}
