//! A submitted version says what it binds, and binds data sets as they were registered.

use super::{Rules, Scope};
use crate::event::{BoundDataset, DatasetRegistered, ProductSubmitted};
use crate::leaf::Leaf;
use crate::verify::report::Problem;

impl Rules<'_> {
    pub(super) fn product_submitted(&mut self, leaf: &Leaf, body: &ProductSubmitted) {
        if body.binding.digest() != Ok(body.binding_digest) {
            let detail = "the binding digest is not that of the binding";
            self.find(leaf, Problem::Binding, detail);
        }
        for bound in &body.binding.datasets {
            self.check_bound(leaf, bound);
        }
        let key = (body.product.clone(), body.version);
        if self.products.contains_key(&key) {
            let detail = format!("{} version {}", body.product, body.version);
            self.find(leaf, Problem::Duplicate, detail);
            return;
        }
        self.products.insert(key, body.clone());
    }

    /// Some registered version must be what the binding describes. A receipt may show only the
    /// version that was read, whose event can be later than the submission.
    fn check_bound(&mut self, leaf: &Leaf, bound: &BoundDataset) {
        let known = self
            .datasets
            .values()
            .any(|registered| describes(bound, registered));
        if self.scope == Scope::WholeLog && !known {
            self.find(leaf, Problem::Dataset, bound.dataset.as_str());
        }
    }
}

/// Whether a registered version is one that the binding admits, with the bound schema and labels.
pub(super) fn describes(bound: &BoundDataset, registered: &DatasetRegistered) -> bool {
    bound.dataset == registered.dataset
        && bound.version.admits(registered.version)
        && bound.schema_digest == registered.schema_digest
        && bound.labels_digest == registered.labels_digest
}
