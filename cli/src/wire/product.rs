//! Product versions and what approvals are bound to.

use enclave::client::v1::{self, dataset_binding::Version};
use serde_json::{Value, json};

use super::entry::{filled, log_entry, refusal, time, word};

/// A version of a product.
pub(crate) fn product(product: &v1::Product) -> Value {
    json!({
        "name": product.name,
        "state": word(product.state().as_str_name(), "PRODUCT_STATE_"),
        "version": product.version,
        "organisation": product.organisation,
        "binding_digest": filled(&product.binding_digest),
        "submit_time": time(product.submit_time.as_ref()),
        "log_entry": log_entry(product.log_entry.as_ref()),
        "refusal": refusal(product.refusal.as_ref()),
        "sql": filled(&product.sql),
        "binding": product.binding.as_ref().map_or(Value::Null, binding),
        "approvals": product.approvals.iter().map(approval).collect::<Value>(),
        "missing_approvals": product.missing_approvals.iter().map(missing).collect::<Value>(),
    })
}

/// What approvals are bound to.
pub(crate) fn binding(binding: &v1::ProductBinding) -> Value {
    json!({
        "logic_digest": binding.logic_digest,
        "policy_digest": binding.policy_digest,
        "contract_digest": binding.contract_digest,
        "datasets": binding.datasets.iter().map(bound).collect::<Value>(),
    })
}

fn bound(bound: &v1::DatasetBinding) -> Value {
    let version = match bound.version {
        Some(Version::Number(number)) => json!(number),
        Some(Version::Current(_)) => json!("current"),
        None => Value::Null,
    };
    json!({
        "dataset": bound.dataset,
        "version": version,
        "schema_digest": bound.schema_digest,
        "labels_digest": bound.labels_digest,
    })
}

fn approval(approval: &v1::Approval) -> Value {
    json!({
        "organisation": approval.organisation,
        "duty": approval.duty,
        "log_entry": log_entry(approval.log_entry.as_ref()),
    })
}

fn missing(missing: &v1::RequiredApproval) -> Value {
    json!({ "organisation": filled(&missing.organisation), "duty": missing.duty })
}
