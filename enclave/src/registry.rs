//! What is true now? State as a fold over the log.
//!
//! ```text
//!  log ── leaf ─► Registry::apply ─► datasets, scenarios, samples, products, jobs, keys, requests
//! ```
//!
//! Nothing else changes a [`Registry`], so nothing can have happened that the log does not show. It holds names,
//! digests and `seq`s; texts and files live in the blob store under their digests. One file per resource, each with
//! the state that events fold into.

mod dataset;
mod destruction;
mod job;
mod key;
mod product;
mod request;
mod reversal;
mod sample;
mod scenario;

use std::collections::BTreeMap;

use lineage::event::EventBody;
use lineage::leaf::Leaf;

pub use dataset::{Dataset, DatasetRevision};
pub use destruction::{Destruction, DestructionState};
pub use job::{Job, JobState, Reads};
pub use key::EnrolledKey;
pub use product::{Approval, Product, ProductVersion, RefusedVersion};
pub use request::{Replay, RequestKey};
pub use reversal::{Reversal, ReversalState};
pub use sample::{Copy, Sample, SampleState};
pub use scenario::Scenario;

use request::Requests;

/// Why a log cannot be folded: it speaks of something that never came to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "log entry {seq} speaks of {resource}, which no earlier entry made; verify the log before serving it"
)]
pub struct BrokenFold {
    /// The entry.
    pub seq: u64,
    /// The resource that it names.
    pub resource: String,
}

/// Every resource that the log speaks of, by its full name, as of [`Registry::size`].
#[derive(Debug, Default)]
pub struct Registry {
    size: u64,
    requests: Requests,
    datasets: BTreeMap<String, Dataset>,
    scenarios: BTreeMap<String, Scenario>,
    samples: BTreeMap<String, Sample>,
    products: BTreeMap<String, Product>,
    jobs: BTreeMap<String, Job>,
    keys: Vec<EnrolledKey>,
    /// Paths of destroyed keys, with the entry that ordered it.
    destroyed: BTreeMap<String, u64>,
    destructions: BTreeMap<String, Destruction>,
    reversals: BTreeMap<String, Reversal>,
}

impl Registry {
    /// Folds one more entry in.
    ///
    /// # Errors
    /// [`BrokenFold`] when the entry continues something that was never begun.
    pub fn apply(&mut self, leaf: &Leaf) -> Result<(), BrokenFold> {
        self.fold(leaf).map_err(|resource| BrokenFold {
            seq: leaf.seq,
            resource,
        })?;
        self.requests.apply(leaf);
        self.size = leaf.seq + 1;
        Ok(())
    }

    /// How many entries of the log are folded in.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What an earlier call with this request id came to, if there was one.
    #[must_use]
    pub fn replay(&self, key: &RequestKey) -> Option<Replay> {
        self.requests.replay(key)
    }

    /// A data set by its name.
    #[must_use]
    pub fn dataset(&self, name: &str) -> Option<&Dataset> {
        self.datasets.get(name)
    }

    /// All data sets, by name.
    pub fn datasets(&self) -> impl Iterator<Item = &Dataset> {
        self.datasets.values()
    }

    /// A scenario by its name.
    #[must_use]
    pub fn scenario(&self, name: &str) -> Option<&Scenario> {
        self.scenarios.get(name)
    }

    /// A sample by its name.
    #[must_use]
    pub fn sample(&self, name: &str) -> Option<&Sample> {
        self.samples.get(name)
    }

    /// All samples, by name.
    pub fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.samples.values()
    }

    /// A product by its name.
    #[must_use]
    pub fn product(&self, name: &str) -> Option<&Product> {
        self.products.get(name)
    }

    /// A job by its name.
    #[must_use]
    pub fn job(&self, name: &str) -> Option<&Job> {
        self.jobs.get(name)
    }

    /// All jobs, by name.
    pub fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.values()
    }

    /// The statement keys enrolled so far, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[EnrolledKey] {
        &self.keys
    }

    /// The entry that ordered the destruction of the key on this path, if one did.
    #[must_use]
    pub fn destroyed(&self, path: &str) -> Option<u64> {
        self.destroyed.get(path).copied()
    }

    /// The paths of all destroyed keys.
    pub fn destroyed_keys(&self) -> impl Iterator<Item = &str> {
        self.destroyed.keys().map(String::as_str)
    }

    /// A key's destruction by its name.
    #[must_use]
    pub fn destruction(&self, name: &str) -> Option<&Destruction> {
        self.destructions.get(name)
    }

    /// All destructions of keys, by name.
    pub fn destructions(&self) -> impl Iterator<Item = &Destruction> {
        self.destructions.values()
    }

    /// A reversal by its name.
    #[must_use]
    pub fn reversal(&self, name: &str) -> Option<&Reversal> {
        self.reversals.get(name)
    }

    /// All reversals, by name.
    pub fn reversals(&self) -> impl Iterator<Item = &Reversal> {
        self.reversals.values()
    }

    fn fold(&mut self, leaf: &Leaf) -> Result<(), String> {
        let seq = leaf.seq;
        match &leaf.body {
            EventBody::LogCreated(_) | EventBody::LogRecovered(_) | EventBody::AccessDecided(_) => {
            }
            EventBody::ResultFetched(_) => {}
            EventBody::KeyDestroyed(body) => {
                self.destroyed.entry(body.path.clone()).or_insert(seq);
                known(&mut self.destructions, &body.destruction)?
                    .ended(DestructionState::Destroyed { seq });
            }
            EventBody::DestructionRequested(body) => {
                let destruction = Destruction::new(leaf, body);
                self.destructions
                    .insert(body.destruction.clone(), destruction);
            }
            EventBody::DestructionRejected(body) => {
                known(&mut self.destructions, &body.destruction)?
                    .ended(DestructionState::Rejected { seq });
            }
            EventBody::DestructionExpired(body) => {
                known(&mut self.destructions, &body.destruction)?
                    .ended(DestructionState::Expired { seq });
            }
            EventBody::SampleTraced(_) => {}
            EventBody::SampleCopied(body) => {
                known(&mut self.samples, &body.sample)?.copied(leaf, body)
            }
            EventBody::ReversalRequested(body) => {
                let reversal = Reversal::new(leaf, body);
                self.reversals.insert(body.reversal.clone(), reversal);
            }
            EventBody::ReversalConfirmed(body) => {
                known(&mut self.reversals, &body.reversal)?.confirmed(seq)
            }
            EventBody::ReversalRejected(body) => {
                known(&mut self.reversals, &body.reversal)?.rejected(seq)
            }
            EventBody::ReversalExpired(body) => {
                known(&mut self.reversals, &body.reversal)?.expired(seq)
            }
            EventBody::ReversalAnswered(body) => {
                known(&mut self.reversals, &body.reversal)?.answered(seq)
            }
            EventBody::KeyEnrolled(body) => self.keys.push(EnrolledKey::from(body)),
            EventBody::DatasetRegistered(body) => {
                let dataset = self.datasets.entry(body.dataset.clone());
                dataset
                    .or_insert_with(|| Dataset::new(body))
                    .push(seq, body);
            }
            EventBody::ScenarioPublished(body) => {
                let scenario = self.scenarios.entry(body.scenario.clone());
                scenario
                    .or_insert_with(|| Scenario::new(body))
                    .publish(seq, body);
            }
            EventBody::SampleRequested(body) => {
                let sample = self.samples.entry(body.sample.clone());
                sample.or_insert_with(|| Sample::new(body)).requested(seq);
            }
            EventBody::SampleReleased(body) => {
                let scenario = known(&mut self.scenarios, &body.scenario)?;
                scenario.freeze(&body.selection_threshold);
                known(&mut self.samples, &body.sample)?.released(seq, body);
            }
            EventBody::SampleRefused(body) => {
                known(&mut self.samples, &body.sample)?.refused(seq, body)
            }
            EventBody::SampleFailed(body) => {
                known(&mut self.samples, &body.sample)?.failed(seq, body)
            }
            EventBody::ProductSubmitted(body) => {
                let product = self.products.entry(body.product.clone());
                product
                    .or_insert_with(|| Product::new(body))
                    .submitted(seq, body);
            }
            EventBody::ProductRefused(body) => {
                let product = self.products.entry(body.product.clone());
                product
                    .or_insert_with(|| Product::unborn(&body.product))
                    .refused(leaf, body);
            }
            EventBody::ProductApproved(body) => {
                known(&mut self.products, &body.product)?.approved(leaf, body)?
            }
            EventBody::JobSubmitted(body) => {
                known(&mut self.products, &body.product)?;
                self.jobs.insert(body.job.clone(), Job::new(leaf, body));
            }
            EventBody::JobStarted(body) => known(&mut self.jobs, &body.job)?.started(seq, body),
            EventBody::JobRefused(body) => known(&mut self.jobs, &body.job)?.refused(seq, body),
            EventBody::JobFailed(body) => known(&mut self.jobs, &body.job)?.failed(seq, body),
            EventBody::JobDelivered(body) => known(&mut self.jobs, &body.job)?.delivered(seq, body),
        }
        Ok(())
    }
}

fn known<'m, T>(resources: &'m mut BTreeMap<String, T>, name: &str) -> Result<&'m mut T, String> {
    resources.get_mut(name).ok_or_else(|| name.to_owned())
}
