//! A sample leaves in marked copies only, each for one person, and who is told to have leaked one was given one.

use super::{Rules, Scope};
use crate::event::{ReleasedFile, SampleCopied, SampleTraced};
use crate::leaf::Leaf;
use crate::name::Actor;
use crate::verify::report::Problem;

/// A copy that was made.
pub(super) struct Copied {
    pub(super) sample: String,
    pub(super) recipient: Actor,
    pub(super) files: Vec<ReleasedFile>,
}

impl Rules<'_> {
    pub(super) fn sample_copied(&mut self, leaf: &Leaf, body: &SampleCopied) {
        self.demand_permit(leaf, &body.sample, &[]);
        match self.released.get(&body.sample) {
            Some(files) if same_names(files, &body.files) => {}
            Some(_) => {
                let detail = "a copy has other files than the release";
                self.find(leaf, Problem::File, detail);
            }
            None if self.scope == Scope::WholeLog => {
                let detail = format!("{} was not released", body.sample);
                self.find(leaf, Problem::Unfounded, detail);
            }
            None => {}
        }
        let known = |copy: &Copied| copy.sample == body.sample && copy.recipient == leaf.actor;
        if self.copies.values().any(known) {
            self.find(leaf, Problem::Duplicate, body.sample.as_str());
        }
        let copy = Copied {
            sample: body.sample.clone(),
            recipient: leaf.actor.clone(),
            files: body.files.clone(),
        };
        self.copies.insert(leaf.seq, copy);
    }

    pub(super) fn sample_traced(&mut self, leaf: &Leaf, body: &SampleTraced) {
        self.demand_permit(leaf, &body.sample, &[]);
        for seq in &body.told {
            let copy = self.copies.get(seq);
            let fits = copy.is_some_and(|copy| copy.sample == body.sample);
            if self.scope == Scope::WholeLog && !fits {
                let detail = format!("leaf {seq} made no copy of {}", body.sample);
                self.find(leaf, Problem::Unfounded, detail);
            }
        }
    }
}

fn same_names(released: &[ReleasedFile], copied: &[ReleasedFile]) -> bool {
    let names = |files: &[ReleasedFile]| {
        let mut names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
        names.sort_unstable();
        names
    };
    names(released) == names(copied)
}
