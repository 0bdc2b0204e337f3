//! Scenarios.

use enclave::client::v1;
use serde_json::{Value, json};

use super::entry::{log_entry, time, word};

/// A scenario.
pub(crate) fn scenario(scenario: &v1::Scenario) -> Value {
    json!({
        "name": scenario.name,
        "state": word(scenario.state().as_str_name(), "SCENARIO_STATE_"),
        "policy_digest": scenario.policy_digest,
        "publish_time": time(scenario.publish_time.as_ref()),
        "log_entry": log_entry(scenario.log_entry.as_ref()),
        "datasets": scenario.datasets,
        "policy": scenario.policy,
    })
}
