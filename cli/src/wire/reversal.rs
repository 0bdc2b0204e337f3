//! Reversals.

use enclave::client::v1;
use serde_json::{Value, json};

use super::entry::{log_entry, time, word};

/// A reversal with the words of its request, where they are shown to the caller.
pub(crate) fn reversal(reversal: &v1::Reversal) -> Value {
    let words: Value = serde_json::from_slice(&reversal.request).unwrap_or_default();
    let said = |key: &str| words.get(key).cloned().unwrap_or_default();
    json!({
        "name": reversal.name,
        "state": word(reversal.state().as_str_name(), "REVERSAL_STATE_"),
        "organisation": reversal.organisation,
        "dataset": reversal.dataset,
        "column": reversal.column,
        "value": said("value"),
        "reason": said("reason"),
        "request_digest": reversal.request_digest,
        "create_time": time(reversal.create_time.as_ref()),
        "expire_time": time(reversal.expire_time.as_ref()),
        "log_entry": log_entry(reversal.log_entry.as_ref()),
    })
}
