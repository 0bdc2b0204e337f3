//! An approval is a statement that the right person signed.

use super::{Approval, Rules};
use crate::event::ProductApproved;
use crate::leaf::Leaf;
use crate::name::{Duty, product_version_name};
use crate::statement::{SignedStatement, Statement, StatementDecision, StatementKind};
use crate::trust::TrustEntry;
use crate::verify::report::Problem;

/// Why an approval does not count.
pub(super) type Objection = (Problem, String);

impl Rules<'_> {
    pub(super) fn product_approved(&mut self, leaf: &Leaf, body: &ProductApproved) {
        if self.is_replay(leaf, &body.statement) {
            return;
        }
        match self.judge(leaf, body) {
            Ok(approval) => {
                self.statements += 1;
                self.approvals.insert(leaf.seq, approval);
            }
            Err((problem, detail)) => self.find(leaf, problem, detail),
        }
    }

    fn judge(&self, leaf: &Leaf, body: &ProductApproved) -> Result<Approval, Objection> {
        let statement = &body.statement.statement;
        let signature = body.statement.verify();
        signature.map_err(|error| (Problem::Signature, error.to_string()))?;
        check_wording(body, statement)?;
        let signer = self.signer(leaf, &body.statement, &[Duty::Institution, Duty::Provider])?;
        self.check_product(body, signer)?;
        Ok(Approval {
            product: body.product.clone(),
            version: body.version,
            binding_digest: body.binding_digest,
            organisation: signer.organisation.clone(),
            duty: signer.duty,
        })
    }

    /// The signer's entry on the trust list, if it is one of these duties.
    pub(super) fn signer(
        &self,
        leaf: &Leaf,
        signed: &SignedStatement,
        duties: &[Duty],
    ) -> Result<&TrustEntry, Objection> {
        let untrusted = |detail: String| (Problem::Untrusted, detail);
        let key = &signed.public_key;
        let entry = self.trust.find(key);
        let entry = entry.ok_or_else(|| untrusted(format!("{key} is not on the trust list")))?;
        if Some(entry.tenant.as_str()) != leaf.tenant.as_deref() {
            return Err(untrusted(format!("{key} counts in another tenant")));
        }
        if entry.organisation != signed.statement.organisation {
            let detail = format!("{key} is that of `{}`", entry.organisation);
            return Err(untrusted(detail));
        }
        match duties.contains(&entry.duty) {
            true => Ok(entry),
            false => Err(untrusted(format!("{key} has the duty {}", entry.duty))),
        }
    }

    fn check_product(&self, body: &ProductApproved, signer: &TrustEntry) -> Result<(), Objection> {
        let key = (body.product.clone(), body.version);
        let name = product_version_name(&body.product, body.version);
        let product = self.products.get(&key);
        let product = product.ok_or_else(|| (Problem::Unfounded, format!("{name} unknown")))?;
        if product.binding_digest != body.binding_digest {
            let detail = format!("{name} was submitted with another binding digest");
            return Err((Problem::Binding, detail));
        }
        match product.organisation == signer.organisation {
            true => Err((Problem::OwnApproval, name)),
            false => Ok(()),
        }
    }
}

/// The statement must say what the event claims: approval, of this version, of this digest.
fn check_wording(body: &ProductApproved, statement: &Statement) -> Result<(), Objection> {
    let wrong = |what: &str| Err((Problem::Statement, what.to_owned()));
    // A signature for one kind never counts for another; a new kind makes this match fail to compile.
    match statement.kind {
        StatementKind::ProductApproval => {}
        StatementKind::SampleReversal | StatementKind::KeyDestruction => {
            return wrong("it is of another kind");
        }
    }
    if statement.decision != StatementDecision::Approve {
        return wrong("it does not approve");
    }
    if statement.resource != product_version_name(&body.product, body.version) {
        return wrong("it is about another resource");
    }
    match statement.digest == body.binding_digest {
        true => Ok(()),
        false => wrong("it is about another digest"),
    }
}
