//! Why a job gave no result.

use std::fmt;

use egress::Reason;
use sandbox::{LaunchError, LimitKind, WorkerError};

/// A refusal of the gate, and what a person may read of the engine's words where the data is a sample.
#[derive(Clone)]
pub struct Refusal {
    /// Reason, rule, column, place and message.
    pub refusal: egress::Refusal,
    /// The engine's own words. They may quote cells: shown at home only, never by the service.
    pub(super) detail: Option<String>,
}

/// What sort of refusal it is, for whoever maps it to a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalClass {
    /// The text is not one query that can be planned.
    Logic,
    /// The query does what the scenario does not grant.
    Use,
    /// Too few distinct units.
    Threshold,
    /// The result is not what the output contract allows.
    Contract,
    /// The run needed more than its limits.
    Limit,
    /// The run failed; the cause is not told.
    Fault,
}

impl Refusal {
    /// What sort of refusal it is.
    #[must_use]
    pub fn class(&self) -> RefusalClass {
        match self.refusal.reason {
            Reason::Syntax | Reason::UnknownTable | Reason::UnknownColumn => RefusalClass::Logic,
            Reason::Scope | Reason::Operator | Reason::Function => RefusalClass::Use,
            Reason::Threshold => RefusalClass::Threshold,
            Reason::Contract => RefusalClass::Contract,
            Reason::Limit => RefusalClass::Limit,
            Reason::Failed => RefusalClass::Fault,
        }
    }

    /// The engine's own words; only for data that the reader may see anyway.
    #[must_use]
    pub fn detail_on_sample_data(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The reason as one stable word.
    #[must_use]
    pub fn reason(&self) -> String {
        let word = serde_json::to_value(self.refusal.reason);
        word.ok()
            .and_then(|word| word.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Refusal").field(&self.refusal).finish()
    }
}

/// Why a job gave no result. The text names rules, columns and limits, never a value.
#[derive(Debug, thiserror::Error)]
pub enum JobFailure {
    /// A rule says no.
    #[error("{}", .0.refusal)]
    Refused(Box<Refusal>),
    /// A limit ended the job.
    #[error("limit exceeded: {}", limit_words(*.0))]
    Limit(LimitKind),
    /// Somebody ended the job.
    #[error("cancelled")]
    Cancelled,
    /// The worker ended in another way; how is in the confidential log only.
    #[error("failed")]
    Failed,
    /// A layer of the jail is not in force on this host.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The worker could not be spoken to.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// What the worker was to be told could not be put together.
    #[error("preparing the job: {0}")]
    Prepare(String),
}

impl JobFailure {
    /// The one word that the log and a requester see.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.reason(),
            Self::Limit(_) => "limit_exceeded".to_owned(),
            Self::Cancelled => "cancelled".to_owned(),
            Self::Launch(LaunchError::LayerMissing(_)) => "jail_unavailable".to_owned(),
            Self::Failed | Self::Launch(_) | Self::Worker(_) | Self::Prepare(_) => {
                "failed".to_owned()
            }
        }
    }
}

fn limit_words(limit: LimitKind) -> &'static str {
    match limit {
        LimitKind::WallClock => {
            "wall-clock time; filter or aggregate earlier, or ask for a higher limit"
        }
        LimitKind::Cpu => "processor time; filter or aggregate earlier, or ask for a higher limit",
        LimitKind::Memory => "memory; group by fewer values, or ask for a higher limit",
        LimitKind::Output => "size of the output; group by fewer values",
    }
}
