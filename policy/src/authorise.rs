//! Who may do what, in which state, now: one decision over a fixed set of Cedar policies.
//!
//! The policies are data (`cedar/`), validated strictly against their schema when first used; a set that does not
//! validate permits nothing. Cedar has no counters and no obligations: what data may look like is the scenario
//! policy's, and a [`Permit`] says nothing of it.

mod engine;
mod policies;
mod request;

use std::fmt;
use std::str::FromStr;

pub use request::{Context, Kind, Resource, State};

use crate::fault::Lang;
use crate::name::NameError;
use crate::principal::Principal;

/// Named in a [`Denial`] when no policy permits and none forbids: the action is not this duty's.
pub const NO_PERMIT: &str = "no-permit";

/// Named in a [`Denial`] when the action does not apply to that kind of resource, or the policies cannot be used.
pub const NOT_DECIDABLE: &str = "not-decidable";

crate::words::words! {
    /// What a person wants to do.
    Action {
        /// Registers a version of a data set; resource: the data set.
        DatasetRegister = "dataset.register",
        /// Reads a data set's description, never a row; resource: the data set.
        DatasetGet = "dataset.get",
        /// Lists the descriptions that the person may read; resource: the tenant.
        DatasetList = "dataset.list",
        /// Publishes a scenario with its policy; resource: the scenario.
        ScenarioPublish = "scenario.publish",
        /// Reads a scenario with its policy; resource: the scenario with providers.
        ScenarioGet = "scenario.get",
        /// Has a sample made; resource: the scenario.
        SampleRequest = "sample.request",
        /// Watches a sample being drawn; resource: the sample with providers.
        SampleWatch = "sample.watch",
        /// Fetches a sample's files; resource: the sample.
        SampleFetch = "sample.fetch",
        /// Asks whose copy a file is; resource: the sample.
        SampleTrace = "sample.trace",
        /// Asks for the original of one surrogate; resource: the sample with the column's data set as owner.
        ReversalRequest = "reversal.request",
        /// Reads such a request; resource: the sample with the column's data set as owner.
        ReversalGet = "reversal.get",
        /// Confirms such a request; resource: the sample with the asking organisation as submitter.
        ReversalConfirm = "reversal.confirm",
        /// Rejects such a request; resource: the sample with the asking organisation as submitter.
        ReversalReject = "reversal.reject",
        /// Takes the confirmed original; resource: the sample with the asking organisation as submitter.
        ReversalReveal = "reversal.reveal",
        /// Submits a version of a product; resource: the product, or the scenario when it is new.
        ProductSubmit = "product.submit",
        /// Reads a product with its logic; resource: the product with providers and submitter.
        ProductGet = "product.get",
        /// Approves a version of a product; resource: the product with providers and submitter.
        ProductApprove = "product.approve",
        /// Has an approved product run; resource: the product.
        JobSubmit = "job.submit",
        /// Watches a job; resource: the job with its submitter.
        JobWatch = "job.watch",
        /// Fetches a job's result; resource: the job with its submitter.
        ResultFetch = "result.fetch",
        /// Reads the log; resource: the log or the tenant.
        LineageRead = "lineage.read",
        /// Gets a receipt; resource: the log or what the receipt is about.
        ReceiptGet = "receipt.get",
        /// Enrols a person's signing key; resource: the tenant.
        KeyEnrol = "key.enrol",
        /// Asks for a wrapped key's end; resource: the data set with its owner, or the scenario.
        DestructionRequest = "destruction.request",
        /// Reads such a request; resource: the same with the asking organisation as submitter.
        DestructionGet = "destruction.get",
        /// Confirms such a request, which destroys the key; resource: the same with the person who asked.
        DestructionConfirm = "destruction.confirm",
        /// Rejects such a request; resource: the same with the asking organisation as submitter.
        DestructionReject = "destruction.reject",
    }
}

impl FromStr for Action {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let known = Self::WORDS.iter().find(|(word, _)| *word == text);
        let fix = (
            "use a noun and a verb such as `sample.request`",
            "请用名词加动词，例如 `sample.request`",
        );
        known
            .map(|(_, action)| *action)
            .ok_or_else(|| NameError::new("action", text, fix))
    }
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a decision is logged before anything is opened"]
#[expect(
    clippy::large_enum_variant,
    reason = "one per call, and callers match on the permit by value"
)]
pub enum Decision {
    /// Allowed; the permit is the proof that later steps demand.
    Permit(Permit),
    /// Refused.
    Denied(Denial),
}

/// Proof that this principal was permitted this action on this resource; only [`authorise`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    principal: Principal,
    action: Action,
    resource: Resource,
    policies: Vec<String>,
}

impl Permit {
    /// Who may act.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// What may be done.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// On what it may be done.
    #[must_use]
    pub fn resource(&self) -> &Resource {
        &self.resource
    }

    /// The ids of the policies that permitted, sorted.
    #[must_use]
    pub fn policies(&self) -> &[String] {
        &self.policies
    }
}

/// A refusal with the policies that determined it, and nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The ids of the forbidding policies, sorted; [`NO_PERMIT`] or [`NOT_DECIDABLE`] when there is none.
    pub policies: Vec<String>,
}

impl Denial {
    fn one(id: &str) -> Self {
        Self {
            policies: vec![id.to_owned()],
        }
    }

    /// The reasons as a sentence each.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let sentences: Vec<String> = self.policies.iter().map(|id| sentence(id, lang)).collect();
        sentences.join(if lang == Lang::Zh { "；" } else { "; " })
    }
}

fn sentence(id: &str, lang: Lang) -> String {
    match (id, lang) {
        (NO_PERMIT, Lang::En) => {
            "this duty does not include this action on this resource".to_owned()
        }
        (NO_PERMIT, Lang::Zh) => "该职责无权对此资源执行此操作".to_owned(),
        (NOT_DECIDABLE, Lang::En) => {
            "this action does not apply to this kind of resource".to_owned()
        }
        (NOT_DECIDABLE, Lang::Zh) => "此操作不适用于该类资源".to_owned(),
        (id, lang) => policies::policies()
            .ok()
            .and_then(|policies| policies.sentence(id, lang))
            .unwrap_or(id)
            .to_owned(),
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "denied by {}: {}",
            self.policies.join(", "),
            self.message(Lang::En)
        )
    }
}

impl std::error::Error for Denial {}

/// Decides whether a principal may do this now.
///
/// Reads no clock and no state: what the decision depends on is in its arguments.
///
/// ```
/// use policy::{Action, Context, Decision, Kind, Resource, authorise};
///
/// let who = "karez://xj/ybj/developer/p-1".parse()?;
/// let scenario = Resource::new("xj".parse()?, Kind::Scenario, "tenants/xj/scenarios/fraud");
/// let now = Context { mutual_tls: true, within_term: true };
/// assert!(matches!(authorise(&who, Action::SampleRequest, &scenario, &now), Decision::Permit(_)));
/// assert!(matches!(authorise(&who, Action::ScenarioPublish, &scenario, &now), Decision::Denied(_)));
/// # Ok::<(), policy::name::NameError>(())
/// ```
pub fn authorise(
    principal: &Principal,
    action: Action,
    resource: &Resource,
    context: &Context,
) -> Decision {
    let decided = match policies::policies() {
        Ok(policies) => engine::decide(policies, principal, action, resource, context),
        Err(_) => Err(Denial::one(NOT_DECIDABLE)),
    };
    match decided {
        Ok(policies) => Decision::Permit(Permit {
            principal: principal.clone(),
            action,
            resource: resource.clone(),
            policies,
        }),
        Err(denial) => Decision::Denied(denial),
    }
}

/// Says whether the built-in policies parse, carry an id each and validate strictly; a server asks before it listens.
///
/// # Errors
///
/// What is wrong with them; until it is put right, everything is denied.
pub fn self_check() -> Result<(), &'static PoliciesError> {
    policies::policies().map(|_| ())
}

/// The text that decides, schema and policies: its digest stands beside every decision on the log.
#[must_use]
pub fn source() -> [&'static str; 2] {
    policies::SOURCE
}

pub use policies::PoliciesError;

#[cfg(test)]
mod tests;
