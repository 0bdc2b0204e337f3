//! Samples.

use enclave::client::v1;
use serde_json::{Value, json};

use super::entry::{files, filled, log_entry, refusal, time, versions, word};

/// A sample.
pub(crate) fn sample(sample: &v1::Sample) -> Value {
    json!({
        "name": sample.name,
        "state": word(sample.state().as_str_name(), "SAMPLE_STATE_"),
        "threshold": sample.threshold,
        "suppressed_units": sample.suppressed_units,
        "one_way": sample.one_way,
        "recipe_digest": filled(&sample.recipe_digest),
        "report_digest": filled(&sample.report_digest),
        "create_time": time(sample.create_time.as_ref()),
        "log_entry": log_entry(sample.log_entry.as_ref()),
        "refusal": refusal(sample.refusal.as_ref()),
        "datasets": versions(&sample.datasets),
        "files": files(&sample.files),
    })
}
