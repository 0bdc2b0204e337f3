//! Reading the log, its checkpoint and receipts. Who reads is itself on the log.

use lineage::event::VersionPin;
use lineage::receipt::Receipt;
use lineage::{Actor, EventBody, Leaf};
use policy::{Action, Kind};

use super::products::scenario_of;
use super::{Enclave, Failure};
use crate::registry::{JobState, Registry, SampleState};

/// The most entries of one page.
const PAGE_ENTRIES_MAX: usize = 1000;

impl Enclave {
    /// Entries of the log from `from_seq` up to `size`, a page at a time; also the size that the page is bound to.
    ///
    /// # Errors
    /// [`super::Reason::AccessDenied`].
    pub fn read_log(
        &self,
        actor: &Actor,
        parent: &str,
        from_seq: u64,
        page: usize,
        size: u64,
    ) -> Result<(Vec<Leaf>, u64), Failure> {
        let resource = self.resource(Kind::Tenant, parent)?;
        let now = self.shared.log.size();
        self.permit_reading(actor, Action::LineageRead, &resource, true)?;
        let size = if size == 0 {
            now
        } else {
            size.min(self.shared.log.size())
        };
        let left = usize::try_from(size.saturating_sub(from_seq)).unwrap_or(usize::MAX);
        let leaves = self
            .shared
            .log
            .read(from_seq, page.min(PAGE_ENTRIES_MAX).min(left))?;
        Ok((leaves, size))
    }

    /// The newest checkpoint, made durable now.
    ///
    /// # Errors
    /// [`super::Reason::AccessDenied`].
    pub fn checkpoint(&self, actor: &Actor, parent: &str) -> Result<String, Failure> {
        let resource = self.resource(Kind::Tenant, parent)?;
        self.permit_reading(actor, Action::LineageRead, &resource, true)?;
        Ok(self.shared.log.checkpoint_now()?)
    }

    /// The receipt of a resource's last change: its entry and every entry that it rests on, with proofs.
    ///
    /// # Errors
    /// [`super::Reason::NotFound`]; [`super::Reason::AccessDenied`].
    pub fn receipt(&self, actor: &Actor, name: &str) -> Result<(Receipt, Leaf), Failure> {
        let seq = self.read(|registry| last_change(registry, name));
        let seq = seq.ok_or_else(|| Failure::not_found(name))?;
        let mut asked = self.resource(receipt_kind(name), name)?;
        if name.contains("/scenarios/") {
            let in_force = self.in_force(&scenario_of(name))?;
            asked = asked.with_providers(self.providers(&in_force.scenario.datasets));
            asked = asked.with_submitter(self.submitter(name));
        } else {
            asked = asked.with_providers(self.providers(&[name.to_owned()]));
        }
        self.permit_reading(actor, Action::ReceiptGet, &asked, true)?;
        let leaf = self.leaf(seq)?;
        let receipt = self.shared.log.receipt(seq, &self.rests_on(&leaf))?;
        Ok((receipt, leaf))
    }

    /// The receipt of one entry by its place, for those who read the log.
    ///
    /// # Errors
    /// [`super::Reason::NotFound`]; [`super::Reason::AccessDenied`].
    pub fn receipt_at(&self, actor: &Actor, seq: u64) -> Result<(Receipt, Leaf), Failure> {
        let tenant = format!("tenants/{}", self.shared.tenant);
        let resource = self.resource(Kind::Tenant, &tenant)?;
        self.permit_reading(actor, Action::LineageRead, &resource, true)?;
        let leaf = self.leaf(seq)?;
        let receipt = self.shared.log.receipt(seq, &self.rests_on(&leaf))?;
        Ok((receipt, leaf))
    }

    fn submitter(&self, name: &str) -> Option<policy::Organisation> {
        self.read(|registry| {
            if let Some(job) = registry.job(name) {
                return job.organisation.parse().ok();
            }
            let (product, version) = version_of(name)?;
            registry
                .product(product)?
                .version(version)?
                .organisation
                .parse()
                .ok()
        })
    }

    /// The entries that prove another one.
    fn rests_on(&self, leaf: &Leaf) -> Vec<u64> {
        self.read(|registry| match &leaf.body {
            EventBody::JobDelivered(body) => {
                let mut seqs = body.approvals.clone();
                let job = registry.job(&body.job);
                seqs.extend(job.and_then(|job| job.started));
                let product = registry.product(&body.product);
                seqs.extend(
                    product
                        .and_then(|p| p.version(body.version))
                        .map(|version| version.seq),
                );
                let reads = job.and_then(|job| job.reads.as_ref());
                for read in reads
                    .map(|reads| reads.datasets.as_slice())
                    .unwrap_or_default()
                {
                    seqs.extend(revision_seq(
                        registry,
                        &read.dataset,
                        VersionPin::Number(read.version),
                    ));
                }
                seqs
            }
            EventBody::SampleReleased(body) => {
                let mut seqs: Vec<u64> = registry
                    .scenario(&body.scenario)
                    .map(|scenario| scenario.seq)
                    .into_iter()
                    .collect();
                for read in &body.datasets {
                    seqs.extend(revision_seq(
                        registry,
                        &read.dataset,
                        VersionPin::Number(read.version),
                    ));
                }
                seqs
            }
            _ => Vec::new(),
        })
    }
}

fn revision_seq(registry: &Registry, dataset: &str, pin: VersionPin) -> Option<u64> {
    let dataset = registry.dataset(dataset)?;
    match pin {
        VersionPin::Current => dataset.current(),
        VersionPin::Number(number) => dataset.revision(number),
    }
    .map(|revision| revision.seq)
}

/// `…/products/{p}/versions/{n}` as product and number.
pub(super) fn version_of(name: &str) -> Option<(&str, u64)> {
    let (product, version) = name.split_once("/versions/")?;
    Some((product, version.parse().ok()?))
}

fn receipt_kind(name: &str) -> Kind {
    if name.contains("/jobs/") {
        Kind::Job
    } else if name.contains("/samples/") {
        Kind::Sample
    } else if name.contains("/products/") {
        Kind::Product
    } else if name.contains("/scenarios/") {
        Kind::Scenario
    } else {
        Kind::Dataset
    }
}

/// The entry that last changed a resource's state.
fn last_change(registry: &Registry, name: &str) -> Option<u64> {
    if let Some(job) = registry.job(name) {
        return Some(match &job.state {
            JobState::Queued => job.submitted,
            JobState::Running => job.started.unwrap_or(job.submitted),
            JobState::Delivered { seq, .. }
            | JobState::Refused { seq, .. }
            | JobState::Failed { seq, .. } => *seq,
        });
    }
    if let Some(sample) = registry.sample(name) {
        return Some(match &sample.state {
            SampleState::Running => sample.requested,
            SampleState::Released { seq, .. }
            | SampleState::Refused { seq, .. }
            | SampleState::Failed { seq, .. } => *seq,
        });
    }
    if let Some((product, version)) = version_of(name) {
        let version = registry.product(product)?.version(version)?;
        return Some(
            version
                .approvals
                .last()
                .map_or(version.seq, |approval| approval.seq),
        );
    }
    let scenario = registry.scenario(name).map(|scenario| scenario.seq);
    scenario.or_else(|| Some(registry.dataset(name)?.current()?.seq))
}
