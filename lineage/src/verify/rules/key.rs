//! Nothing is read, released or reversed with a key that was destroyed before.

use super::Rules;
use crate::event::DatasetVersion;
use crate::leaf::Leaf;
use crate::verify::report::{NotChecked, Problem};

impl Rules<'_> {
    /// Demands that the key of a scenario's releases is still there.
    pub(super) fn demand_scenario_key(&mut self, leaf: &Leaf, scenario: &str) {
        if self.destroyed.contains_key(scenario) {
            self.find(leaf, Problem::DestroyedKey, scenario);
        }
    }

    /// Demands that the keys of what was read are still there: of the data set, of the version, and of each column that
    /// the event lists.
    pub(super) fn demand_data_keys(&mut self, leaf: &Leaf, read: &[DatasetVersion]) {
        for used in read {
            let version = format!("{}/versions/{}", used.dataset, used.version);
            let columns = used.columns.iter().map(|column| used.column_path(column));
            let paths = [used.dataset.clone(), version.clone()];
            let mut paths = paths.into_iter().chain(columns);
            if let Some(path) = paths.find(|path| self.destroyed.contains_key(path)) {
                self.find(leaf, Problem::DestroyedKey, path);
            } else if used.columns.is_empty() && self.misses_a_column(&version) {
                self.not_checked.insert(NotChecked::Columns);
            }
        }
    }

    /// Whether the key of some column of this version was destroyed.
    fn misses_a_column(&self, version: &str) -> bool {
        let columns = format!("{version}/columns/");
        self.destroyed
            .range(columns.clone()..)
            .next()
            .is_some_and(|(path, _)| path.starts_with(&columns))
    }

    /// The paths of destroyed keys with the leaf that ordered it, by path.
    pub(in crate::verify) fn destroyed_keys(&self) -> Vec<(u64, String)> {
        let first = |seqs: &Vec<u64>| seqs.first().copied().unwrap_or_default();
        let keys = self.destroyed.iter();
        keys.map(|(path, seqs)| (first(seqs), path.clone()))
            .collect()
    }
}
