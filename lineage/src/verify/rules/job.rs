//! A job starts on enough approvals of what it runs, reads what was approved, and delivers once.

use std::collections::BTreeSet;

use super::product::describes;
use super::{Approval, Rules};
use crate::event::{JobDelivered, JobStarted, ProductSubmitted};
use crate::leaf::Leaf;
use crate::name::{Duty, product_version_name};
use crate::verify::report::Problem;

/// Organisations that must stand behind every run.
const ORGANISATIONS_MIN: usize = 2;

impl Rules<'_> {
    pub(super) fn job_started(&mut self, leaf: &Leaf, body: &JobStarted) {
        let version = product_version_name(&body.product, body.version);
        let origins = [version, body.product.clone()];
        self.demand_permit(leaf, &body.job, &origins);
        self.demand_data_keys(leaf, &body.datasets);
        let key = (body.product.clone(), body.version);
        match self.products.get(&key).cloned() {
            None => {
                let [version, _] = origins;
                self.find(leaf, Problem::Unfounded, format!("{version} unknown"));
            }
            Some(product) if product.binding_digest != body.binding_digest => {
                let detail = "the version was submitted with another binding digest";
                self.find(leaf, Problem::Binding, detail);
            }
            Some(product) => {
                let providers = self.check_inputs(leaf, body, &product);
                self.check_approvals(leaf, body, &product, &providers);
            }
        }
        if self.released.contains_key(&body.job) {
            self.find(leaf, Problem::Duplicate, "the job was delivered before");
        }
        self.running.insert(body.job.clone(), body.clone());
    }

    /// Each input is a registered version as bound, each bound data set is an input; returns their
    /// providers.
    fn check_inputs(
        &mut self,
        leaf: &Leaf,
        body: &JobStarted,
        product: &ProductSubmitted,
    ) -> BTreeSet<String> {
        let bound = &product.binding.datasets;
        let mut providers = BTreeSet::new();
        for used in &body.datasets {
            let key = (used.dataset.clone(), used.version);
            let registered = self.datasets.get(&key).cloned();
            let name = format!("{} version {}", used.dataset, used.version);
            match registered {
                None => self.find(leaf, Problem::Unfounded, format!("{name} unknown")),
                Some(registered) => {
                    if !bound.iter().any(|bound| describes(bound, &registered)) {
                        self.find(leaf, Problem::Dataset, name);
                    }
                    providers.insert(registered.provider);
                }
            }
        }
        let used: BTreeSet<_> = body.datasets.iter().map(|used| &used.dataset).collect();
        for bound in bound {
            if !used.contains(&bound.dataset) {
                let detail = format!("{} is bound but not an input", bound.dataset);
                self.find(leaf, Problem::Dataset, detail);
            }
        }
        providers
    }

    fn check_approvals(
        &mut self,
        leaf: &Leaf,
        body: &JobStarted,
        product: &ProductSubmitted,
        providers: &BTreeSet<String>,
    ) {
        let mut counted: Vec<Approval> = Vec::new();
        for seq in &body.approvals {
            match self.approvals.get(seq) {
                Some(approval) if fits(approval, body) => counted.push(approval.clone()),
                _ => {
                    let detail = format!("leaf {seq} is no approval of this version that counts");
                    self.find(leaf, Problem::Approvals, detail);
                }
            }
        }
        for detail in lacking(&counted, product, providers) {
            self.find(leaf, Problem::Approvals, detail);
        }
    }

    pub(super) fn job_delivered(&mut self, leaf: &Leaf, body: &JobDelivered) {
        match self.running.remove(&body.job) {
            Some(started) if same_run(&started, body) => {
                self.demand_data_keys(leaf, &started.datasets);
            }
            Some(_) => {
                let detail = "product, version, binding or approvals differ from the start";
                self.find(leaf, Problem::Unfounded, detail);
            }
            None => {
                let detail = format!("{} was not running", body.job);
                self.find(leaf, Problem::Unfounded, detail);
            }
        }
        let files = body.files.clone();
        if self.released.insert(body.job.clone(), files).is_some() {
            self.find(leaf, Problem::Duplicate, body.job.as_str());
        }
    }

    pub(super) fn job_ended(&mut self, job: &str) {
        self.running.remove(job);
    }
}

fn fits(approval: &Approval, body: &JobStarted) -> bool {
    approval.product == body.product
        && approval.version == body.version
        && approval.binding_digest == body.binding_digest
}

fn same_run(started: &JobStarted, delivered: &JobDelivered) -> bool {
    started.product == delivered.product
        && started.version == delivered.version
        && started.binding_digest == delivered.binding_digest
        && started.approvals == delivered.approvals
}

/// What is missing: the implementing institution, a provider, or a second organisation. The
/// submitter's own organisation counts for nothing.
fn lacking(
    approvals: &[Approval],
    product: &ProductSubmitted,
    providers: &BTreeSet<String>,
) -> Vec<String> {
    let others = approvals
        .iter()
        .filter(|approval| approval.organisation != product.organisation);
    let organisations: BTreeSet<_> = others.clone().map(|one| &one.organisation).collect();
    let mut lacking = Vec::new();
    if !others.clone().any(|one| one.duty == Duty::Institution) {
        lacking.push("the implementing institution did not approve".to_owned());
    }
    for provider in providers {
        if !organisations.contains(provider) {
            lacking.push(format!("the provider `{provider}` did not approve"));
        }
    }
    if organisations.len() < ORGANISATIONS_MIN {
        lacking.push(format!("{ORGANISATIONS_MIN} organisations must approve"));
    }
    lacking
}
