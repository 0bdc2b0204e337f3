//! What each event must rest on, as a fold over the leaves.
//!
//! A product's approval counts when a person on the trust list with the duty of an institution or a
//! provider signed exactly the product version's binding digest. A job may start when the
//! implementing institution and every provider of its inputs approved so, from two organisations
//! at least, none of them the submitter's; whatever is delivered rests on such a start.

mod access;
mod approval;
mod copy;
mod destruction;
mod job;
mod key;
mod pending;
mod product;
mod release;
mod reversal;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::report::{Finding, NotChecked, Place, Problem};
use crate::digest::Digest;
use crate::event::{
    DatasetRegistered, DatasetVersion, EventBody, JobStarted, ProductSubmitted, ReleasedFile,
};
use crate::leaf::Leaf;
use crate::name::Duty;
use crate::trust::TrustList;

/// What the leaves are a part of, which decides what may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Every leaf from the first: everything must be there.
    WholeLog,
    /// The leaves that somebody chose to show: permits and scenarios may be missing.
    Receipt,
}

/// An approval that counts.
#[derive(Debug, Clone)]
struct Approval {
    product: String,
    version: u64,
    binding_digest: Digest,
    organisation: String,
    duty: Duty,
}

/// The state of the fold. Resource names carry their tenant, so they are keys across tenants.
pub(super) struct Rules<'a> {
    trust: &'a TrustList,
    scope: Scope,
    findings: Vec<Finding>,
    statements: u64,
    origin: Option<String>,
    datasets: HashMap<(String, u64), DatasetRegistered>,
    scenarios: HashMap<String, Vec<String>>,
    products: HashMap<(String, u64), ProductSubmitted>,
    approvals: HashMap<u64, Approval>,
    nonces: HashSet<String>,
    permits: access::Permits,
    running: HashMap<String, JobStarted>,
    released: HashMap<String, Vec<ReleasedFile>>,
    /// Samples whose keys nobody has.
    one_way: HashSet<String>,
    /// What each released sample was drawn from.
    drawn: HashMap<String, Vec<DatasetVersion>>,
    /// Paths of destroyed keys, with the leaves that ordered it.
    destroyed: BTreeMap<String, Vec<u64>>,
    /// Destructions that were asked for.
    wanted: HashMap<String, destruction::Wanted>,
    /// What these leaves do not say.
    not_checked: BTreeSet<NotChecked>,
    copies: BTreeMap<u64, copy::Copied>,
    reversals: HashMap<String, reversal::Requested>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(trust: &'a TrustList, scope: Scope) -> Self {
        Self {
            trust,
            scope,
            findings: Vec::new(),
            statements: 0,
            origin: None,
            datasets: HashMap::new(),
            scenarios: HashMap::new(),
            products: HashMap::new(),
            approvals: HashMap::new(),
            nonces: HashSet::new(),
            permits: access::Permits::default(),
            running: HashMap::new(),
            released: HashMap::new(),
            one_way: HashSet::new(),
            drawn: HashMap::new(),
            destroyed: BTreeMap::new(),
            wanted: HashMap::new(),
            not_checked: BTreeSet::new(),
            copies: BTreeMap::new(),
            reversals: HashMap::new(),
        }
    }

    /// The origin that the first leaf names.
    pub(super) fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// How many statements were good.
    pub(super) const fn statements(&self) -> u64 {
        self.statements
    }

    /// What could not be checked.
    pub(super) fn not_checked(&self) -> impl Iterator<Item = NotChecked> {
        self.not_checked.iter().copied()
    }

    /// Everything that is wrong.
    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// Holds one leaf against all leaves before it.
    pub(super) fn apply(&mut self, leaf: &Leaf) {
        match &leaf.body {
            EventBody::LogCreated(body) => self.log_created(leaf, &body.origin),
            EventBody::DestructionRequested(body) => self.destruction_requested(leaf, body),
            EventBody::DestructionRejected(body) => self.destruction_rejected(leaf, body),
            EventBody::DestructionExpired(body) => self.destruction_expired(leaf, body),
            EventBody::KeyDestroyed(body) => self.key_destroyed(leaf, body),
            EventBody::AccessDecided(body) => self.permits.decided(leaf, body),
            EventBody::DatasetRegistered(body) => self.dataset_registered(leaf, body),
            EventBody::ScenarioPublished(body) => {
                let datasets = body.datasets.clone();
                self.scenarios.insert(body.scenario.clone(), datasets);
            }
            EventBody::SampleReleased(body) => self.sample_released(leaf, body),
            EventBody::SampleCopied(body) => self.sample_copied(leaf, body),
            EventBody::SampleTraced(body) => self.sample_traced(leaf, body),
            EventBody::ReversalRequested(body) => self.reversal_requested(leaf, body),
            EventBody::ReversalConfirmed(body) => self.reversal_confirmed(leaf, body),
            EventBody::ReversalRejected(body) => self.reversal_rejected(leaf, body),
            EventBody::ReversalExpired(body) => self.reversal_expired(leaf, body),
            EventBody::ReversalAnswered(body) => self.reversal_answered(leaf, body),
            EventBody::ProductSubmitted(body) => self.product_submitted(leaf, body),
            EventBody::ProductApproved(body) => self.product_approved(leaf, body),
            EventBody::JobStarted(body) => self.job_started(leaf, body),
            EventBody::JobDelivered(body) => self.job_delivered(leaf, body),
            EventBody::JobRefused(body) => self.job_ended(&body.job),
            EventBody::JobFailed(body) => self.job_ended(&body.job),
            EventBody::ResultFetched(body) => self.result_fetched(leaf, body),
            EventBody::LogRecovered(_)
            | EventBody::KeyEnrolled(_)
            | EventBody::SampleRequested(_)
            | EventBody::SampleRefused(_)
            | EventBody::SampleFailed(_)
            | EventBody::ProductRefused(_)
            | EventBody::JobSubmitted(_) => {}
        }
    }

    fn log_created(&mut self, leaf: &Leaf, origin: &str) {
        match leaf.seq {
            0 => self.origin = Some(origin.to_owned()),
            _ => self.find(leaf, Problem::Origin, "a log is created once, by leaf 0"),
        }
    }

    fn dataset_registered(&mut self, leaf: &Leaf, body: &DatasetRegistered) {
        if self.destroyed.contains_key(&body.dataset) {
            self.find(leaf, Problem::DestroyedKey, body.dataset.as_str());
        }
        let key = (body.dataset.clone(), body.version);
        if self.datasets.insert(key, body.clone()).is_some() {
            let detail = format!("{} version {}", body.dataset, body.version);
            self.find(leaf, Problem::Duplicate, detail);
        }
    }

    fn find(&mut self, leaf: &Leaf, problem: Problem, detail: impl Into<String>) {
        self.findings.push(Finding {
            place: Place::leaf(leaf.seq),
            problem,
            detail: detail.into(),
        });
    }
}
