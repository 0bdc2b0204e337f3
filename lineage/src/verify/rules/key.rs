//! Nothing is read or released with a key that was destroyed before.

use super::Rules;
use crate::event::{DatasetVersion, KeyDestroyed};
use crate::leaf::Leaf;
use crate::verify::report::Problem;

impl Rules<'_> {
    pub(super) fn key_destroyed(&mut self, leaf: &Leaf, body: &KeyDestroyed) {
        self.demand_permit(leaf, &body.path, &[]);
        if !self.destroyed.insert(body.path.clone()) {
            self.find(leaf, Problem::Duplicate, body.path.as_str());
        }
    }

    /// Demands that the key of a scenario's releases is still there.
    pub(super) fn demand_scenario_key(&mut self, leaf: &Leaf, scenario: &str) {
        if self.destroyed.contains(scenario) {
            self.find(leaf, Problem::DestroyedKey, scenario);
        }
    }

    /// Demands that the keys of what was read are still there. Which columns were read the log does not say, so a
    /// destroyed column is for the service to refuse.
    pub(super) fn demand_data_keys(&mut self, leaf: &Leaf, read: &[DatasetVersion]) {
        for used in read {
            let version = format!("{}/versions/{}", used.dataset, used.version);
            let gone = [used.dataset.as_str(), version.as_str()]
                .into_iter()
                .find(|path| self.destroyed.contains(*path))
                .map(str::to_owned);
            if let Some(path) = gone {
                self.find(leaf, Problem::DestroyedKey, path);
            }
        }
    }
}
