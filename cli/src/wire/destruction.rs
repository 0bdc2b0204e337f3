//! Destructions of keys.

use enclave::client::v1;
use serde_json::{Value, json};

use super::entry::{log_entry, time, word};

/// A destruction with what was asked for.
pub(crate) fn destruction(destruction: &v1::Destruction) -> Value {
    json!({
        "name": destruction.name,
        "state": word(destruction.state().as_str_name(), "DESTRUCTION_STATE_"),
        "key": destruction.key,
        "reason": destruction_reason(destruction),
        "organisation": destruction.organisation,
        "person": destruction.person,
        "request_digest": destruction.request_digest,
        "create_time": time(destruction.create_time.as_ref()),
        "expire_time": time(destruction.expire_time.as_ref()),
        "log_entry": log_entry(destruction.log_entry.as_ref()),
    })
}

/// Why, in the log's word.
pub(crate) fn destruction_reason(destruction: &v1::Destruction) -> String {
    word(
        destruction.reason().as_str_name(),
        "KEY_DESTRUCTION_REASON_",
    )
}
