//! A permit comes before what it permits.

use std::collections::HashSet;

use super::{Rules, Scope};
use crate::event::AccessDecided;
use crate::leaf::{Decision, Leaf};
use crate::verify::report::Problem;

/// The permits so far.
///
/// A permit counts for the very resource that it names; and, when both leaves carry the same
/// request id, for what that request made below or out of the resource that it names: the request
/// to run a product version is decided before the job has a name.
#[derive(Debug, Default)]
pub(super) struct Permits {
    resources: HashSet<String>,
    requests: HashSet<(String, String)>,
}

impl Permits {
    /// Takes note of a decision.
    pub(super) fn decided(&mut self, leaf: &Leaf, body: &AccessDecided) {
        if leaf.decision != Some(Decision::Permit) {
            return;
        }
        self.resources.insert(body.resource.clone());
        if let Some(request) = &leaf.request_id {
            let key = (request.clone(), body.resource.clone());
            self.requests.insert(key);
        }
    }

    fn cover(&self, leaf: &Leaf, resource: &str, origins: &[String]) -> bool {
        let Some(request) = &leaf.request_id else {
            return self.resources.contains(resource);
        };
        let above = ancestors(resource).map(str::to_owned);
        let mut candidates = above.chain(origins.iter().cloned());
        self.resources.contains(resource)
            || candidates.any(|candidate| self.requests.contains(&(request.clone(), candidate)))
    }
}

/// `a/b/c` gives `a/b` and `a`.
fn ancestors(resource: &str) -> impl Iterator<Item = &str> {
    let slashes = resource.rmatch_indices('/');
    slashes.filter_map(|(at, _)| resource.get(..at))
}

impl Rules<'_> {
    /// Demands a permit for a resource, or for one of those that it was made from.
    pub(super) fn demand_permit(&mut self, leaf: &Leaf, resource: &str, origins: &[String]) {
        let covered = self.permits.cover(leaf, resource, origins);
        if self.scope == Scope::WholeLog && !covered {
            self.find(leaf, Problem::Permit, resource);
        }
    }
}
