//! A surrogate is reversed for the provider that asked, once, after a person of the institution signed for it.

use super::{Rules, Scope};
use crate::event::{ReversalAnswered, ReversalConfirmed, ReversalRequested};
use crate::leaf::Leaf;
use crate::name::{Actor, Duty};
use crate::statement::{StatementDecision, StatementKind};
use crate::verify::report::Problem;

/// A request on its way to an answer.
pub(super) struct Requested {
    body: ReversalRequested,
    actor: Actor,
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
        if self.scope == Scope::WholeLog {
            self.check_reversible(leaf, body);
        }
        let requested = Requested {
            body: body.clone(),
            actor: leaf.actor.clone(),
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
        let (sample, scenario) = (sample_of(&body.reversal), scenario_of(&body.reversal));
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
        self.demand_scenario_key(leaf, scenario);
    }

    pub(super) fn reversal_confirmed(&mut self, leaf: &Leaf, body: &ReversalConfirmed) {
        if !self.nonces.insert(body.statement.statement.nonce.clone()) {
            let detail = "a copy of an earlier statement counts for nothing";
            self.find(leaf, Problem::Replay, detail);
            return;
        }
        match self.judge_confirmation(leaf, body) {
            Ok(()) => {
                self.statements += 1;
                if let Some(requested) = self.reversals.get_mut(&body.reversal) {
                    requested.confirmed.get_or_insert(leaf.seq);
                }
            }
            Err((problem, detail)) => self.find(leaf, problem, detail),
        }
    }

    fn judge_confirmation(
        &self,
        leaf: &Leaf,
        body: &ReversalConfirmed,
    ) -> Result<(), (Problem, String)> {
        let signature = body.statement.verify();
        signature.map_err(|error| (Problem::Signature, error.to_string()))?;
        let statement = &body.statement.statement;
        let says = statement.kind == StatementKind::SampleReversal
            && statement.decision == StatementDecision::Approve
            && statement.resource == body.reversal
            && statement.digest == body.request_digest;
        if !says {
            return Err((Problem::Statement, "it confirms something else".to_owned()));
        }
        let signer = self.signer(leaf, &body.statement, &[Duty::Institution])?;
        let requested = self.reversals.get(&body.reversal);
        let requested =
            requested.ok_or_else(|| (Problem::Unfounded, format!("{} unknown", body.reversal)))?;
        if requested.body.request_digest != body.request_digest {
            let detail = "another request than was made".to_owned();
            return Err((Problem::Reversal, detail));
        }
        match requested.body.organisation == signer.organisation {
            true => Err((Problem::OwnApproval, body.reversal.clone())),
            false => Ok(()),
        }
    }

    pub(super) fn reversal_answered(&mut self, leaf: &Leaf, body: &ReversalAnswered) {
        let Some(requested) = self.reversals.get_mut(&body.reversal) else {
            if self.scope == Scope::WholeLog {
                let detail = format!("{} unknown", body.reversal);
                self.find(leaf, Problem::Unfounded, detail);
            }
            return;
        };
        let again = std::mem::replace(&mut requested.answered, true);
        let confirmed = requested.confirmed == Some(body.confirmation)
            && requested.body.request_digest == body.request_digest;
        let same_asker = requested.actor.organisation() == leaf.actor.organisation()
            && leaf.actor.duty() == Some(Duty::Provider);
        if again {
            self.find(leaf, Problem::Duplicate, body.reversal.as_str());
        }
        if !confirmed {
            let detail = "it was not confirmed by the institution";
            self.find(leaf, Problem::Reversal, detail);
        }
        if !same_asker {
            let detail = "it was answered to somebody else than the provider that asked";
            self.find(leaf, Problem::Reversal, detail);
        }
        self.demand_scenario_key(leaf, scenario_of(&body.reversal));
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
