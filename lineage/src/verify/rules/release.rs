//! A sample is drawn from the scenario's data, and what is fetched is what was released or copied for who fetches.

use super::{Rules, Scope};
use crate::event::{ResultFetched, SampleReleased};
use crate::leaf::Leaf;
use crate::verify::report::Problem;

impl Rules<'_> {
    pub(super) fn sample_released(&mut self, leaf: &Leaf, body: &SampleReleased) {
        self.demand_permit(leaf, &body.sample, &[]);
        self.check_scenario(leaf, body);
        self.demand_scenario_key(leaf, &body.scenario);
        self.demand_data_keys(leaf, &body.datasets);
        if body.one_way {
            self.one_way.insert(body.sample.clone());
        }
        self.drawn
            .insert(body.sample.clone(), body.datasets.clone());
        for used in &body.datasets {
            let key = (used.dataset.clone(), used.version);
            if !self.datasets.contains_key(&key) {
                let detail = format!("{} version {} unknown", used.dataset, used.version);
                self.find(leaf, Problem::Unfounded, detail);
            }
        }
        let files = body.files.clone();
        if self.released.insert(body.sample.clone(), files).is_some() {
            self.find(leaf, Problem::Duplicate, body.sample.as_str());
        }
    }

    fn check_scenario(&mut self, leaf: &Leaf, body: &SampleReleased) {
        let Some(datasets) = self.scenarios.get(&body.scenario).cloned() else {
            if self.scope == Scope::WholeLog {
                let detail = format!("{} was not published", body.scenario);
                self.find(leaf, Problem::Unfounded, detail);
            }
            return;
        };
        for used in &body.datasets {
            if !datasets.contains(&used.dataset) {
                self.find(leaf, Problem::Dataset, used.dataset.as_str());
            }
        }
    }

    pub(super) fn result_fetched(&mut self, leaf: &Leaf, body: &ResultFetched) {
        // A sample is fetched as the copy that was made for this person; a job's result as it was delivered.
        let copied = self
            .copies
            .values()
            .find(|copy| copy.sample == body.resource && copy.recipient == leaf.actor);
        let files = match body.resource.contains("/samples/") {
            true => copied.map(|copy| copy.files.as_slice()),
            false => self.released.get(&body.resource).map(Vec::as_slice),
        };
        let known = files.is_some_and(|files| {
            files
                .iter()
                .any(|file| file.name == body.file && file.digest == body.digest)
        });
        if self.scope == Scope::WholeLog && !known {
            let detail = format!("{} of {}", body.file, body.resource);
            self.find(leaf, Problem::File, detail);
        }
    }
}
