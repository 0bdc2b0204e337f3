//! Request ids: a mutating call with the same id gives the same answer, before and after a restart.

use std::collections::HashMap;

use lineage::digest::Digest;
use lineage::event::EventBody;
use lineage::leaf::Leaf;

/// Who asked, and under which id; the id is the caller's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestKey {
    /// `karez://{tenant}/{organisation}/{duty}/{person}`.
    pub actor: String,
    /// The id.
    pub request_id: String,
}

/// What an earlier call with the same id came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The digest of what was asked; another digest under the same id is a conflict.
    pub request_digest: Digest,
    /// The log entry that answers the call; `None` when the service stopped between decision and act.
    pub answer: Option<u64>,
}

/// All requests of the log.
#[derive(Debug, Default)]
pub(super) struct Requests(HashMap<RequestKey, Replay>);

impl Requests {
    pub(super) fn apply(&mut self, leaf: &Leaf) {
        let Some(request_id) = leaf.request_id.clone() else {
            return;
        };
        let key = RequestKey {
            actor: leaf.actor.to_string(),
            request_id,
        };
        match &leaf.body {
            EventBody::AccessDecided(body) => {
                let Some(request_digest) = body.request_digest else {
                    return;
                };
                let denied = leaf.decision == Some(lineage::Decision::Deny);
                let replay = Replay {
                    request_digest,
                    answer: denied.then_some(leaf.seq),
                };
                self.0.entry(key).or_insert(replay);
            }
            body if answers(body) => {
                if let Some(replay) = self.0.get_mut(&key) {
                    replay.answer.get_or_insert(leaf.seq);
                }
            }
            _ => {}
        }
    }

    pub(super) fn replay(&self, key: &RequestKey) -> Option<Replay> {
        self.0.get(key).cloned()
    }
}

/// Whether an event is the answer to a call: each mutating call has exactly one.
fn answers(body: &EventBody) -> bool {
    matches!(
        body,
        EventBody::KeyEnrolled(_)
            | EventBody::DestructionRequested(_)
            | EventBody::DestructionRejected(_)
            | EventBody::KeyDestroyed(_)
            | EventBody::SampleTraced(_)
            | EventBody::ReversalRequested(_)
            | EventBody::ReversalConfirmed(_)
            | EventBody::ReversalRejected(_)
            | EventBody::ReversalAnswered(_)
            | EventBody::DatasetRegistered(_)
            | EventBody::ScenarioPublished(_)
            | EventBody::SampleRequested(_)
            | EventBody::ProductSubmitted(_)
            | EventBody::ProductRefused(_)
            | EventBody::ProductApproved(_)
            | EventBody::JobSubmitted(_)
    )
}
