//! Jobs.

use enclave::client::v1;
use serde_json::{Value, json};

use super::entry::{files, filled, log_entry, refusal, time, versions, word};

/// A job.
pub(crate) fn job(job: &v1::Job) -> Value {
    json!({
        "name": job.name,
        "state": job_state(job),
        "product_version": job.product_version,
        "binding_digest": job.binding_digest,
        "approval_seqs": job.approval_seqs,
        "groups_released_band": filled(&job.groups_released_band),
        "groups_withheld_band": filled(&job.groups_withheld_band),
        "submit_time": time(job.submit_time.as_ref()),
        "log_entry": log_entry(job.log_entry.as_ref()),
        "refusal": refusal(job.refusal.as_ref()),
        "datasets": versions(&job.datasets),
        "files": files(&job.files),
    })
}

/// Where a job is in its life.
pub(crate) fn job_state(job: &v1::Job) -> String {
    word(job.state().as_str_name(), "JOB_STATE_")
}
