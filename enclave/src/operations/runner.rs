//! Long work off the call: a bounded queue and a few threads.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};

use lineage::log::NewEvent;
use lineage::{Actor, EventBody};
use policy::Permit;

use super::{Call, Enclave, Failure, Reason, locked};

/// Work that a call has begun and that goes on after its answer.
pub(super) struct Work {
    /// What is to be done.
    pub(super) kind: WorkKind,
    /// The sample or job.
    pub(super) name: String,
    /// Who asked.
    pub(super) actor: Actor,
    /// The id of the call that asked: the permission that the verifier looks for has the same.
    pub(super) request_id: String,
    /// The permission that the work rests on.
    pub(super) permit: Permit,
}

impl Work {
    pub(super) fn of(call: &Call, kind: WorkKind, name: String, permit: Permit) -> Self {
        Self {
            kind,
            name,
            actor: call.actor.clone(),
            request_id: call.request_id.clone(),
            permit,
        }
    }
}

/// What is to be done.
pub(super) enum WorkKind {
    /// Draw a sample.
    Sample,
    /// Run a job.
    Job,
}

/// The queue.
pub(super) struct Runner {
    capacity: usize,
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Work>,
    closed: bool,
}

impl Runner {
    pub(super) fn new(capacity: u64) -> Self {
        Self {
            capacity: usize::try_from(capacity).unwrap_or(usize::MAX),
            queue: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Whether one more piece of work can wait; asked before anything is logged.
    pub(super) fn has_room(&self) -> Result<(), Failure> {
        let queue = locked(&self.queue);
        if queue.closed {
            return Err(Failure::new(
                Reason::Stopping,
                "the service is stopping",
                "服务正在停止",
            ));
        }
        if queue.waiting.len() >= self.capacity {
            return Err(Failure::new(
                Reason::LimitExceeded,
                "too many jobs and samples are waiting (`limits.jobs_queued_max`); try again later",
                "排队的作业和样本过多，请稍后再试",
            ));
        }
        Ok(())
    }

    pub(super) fn push(&self, work: Work) {
        locked(&self.queue).waiting.push_back(work);
        self.changed.notify_one();
    }

    /// The next piece of work; none once the queue is closed.
    fn next(&self) -> Option<Work> {
        let mut queue = locked(&self.queue);
        loop {
            if queue.closed {
                return None;
            }
            if let Some(work) = queue.waiting.pop_front() {
                return Some(work);
            }
            queue = self
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets no more work begin.
    pub(super) fn close(&self) {
        locked(&self.queue).closed = true;
        self.changed.notify_all();
    }
}

impl Enclave {
    /// Starts the threads that do the work; they end when the queue is closed.
    pub(super) fn start_runners(&self) -> std::io::Result<()> {
        for number in 0..self.shared.config.limits.jobs_max {
            let enclave = self.clone();
            std::thread::Builder::new()
                .name(format!("runner-{number}"))
                .spawn(move || {
                    while let Some(work) = enclave.shared.runner.next() {
                        enclave.perform(&work);
                    }
                })?;
        }
        Ok(())
    }

    /// An event that continues what a call began.
    pub(super) fn continued(&self, work: &Work, body: impl Into<EventBody>) -> NewEvent {
        self.event(&work.actor, body).request_id(&work.request_id)
    }

    fn perform(&self, work: &Work) {
        let done = match work.kind {
            WorkKind::Sample => self.draw(work),
            WorkKind::Job => self.run(work),
        };
        if let Err(failure) = done {
            // Only a log that cannot be written gets here; the call's own failures are events.
            tracing::error!(resource = %work.name, reason = failure.reason.as_str(), "work could not be concluded");
        }
    }
}
