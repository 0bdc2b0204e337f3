//! What messages have in common: log entries, files, refusals, times, states.

use enclave::client::v1;
use lineage::Digest;
use serde_json::{Value, json};

use crate::language::{Text, text};
use crate::problem::Problem;

/// Takes the resource out of an answer.
pub(crate) trait Answered<T> {
    /// The resource.
    ///
    /// # Errors
    /// When the server left it out, which none of this version does.
    fn answered(self) -> Result<T, Problem>;
}

impl<T> Answered<T> for Option<T> {
    fn answered(self) -> Result<T, Problem> {
        self.ok_or_else(|| {
            Problem::no_server(text!(
                "the server's answer lacks its content: is it of another version?",
                "服务应答缺少内容：版本可能不一致"
            ))
        })
    }
}

/// Where an act stands in the log.
pub(crate) fn log_entry(entry: Option<&v1::LogEntry>) -> Value {
    entry.map_or(
        Value::Null,
        |entry| json!({ "seq": entry.seq, "leaf_hash": digest(&entry.leaf_hash) }),
    )
}

fn digest(bytes: &[u8]) -> Option<String> {
    Some(Digest::from_bytes(bytes.try_into().ok()?).to_string())
}

/// Files with digest and length.
pub(super) fn files(files: &[v1::File]) -> Value {
    let shown = files.iter().map(|file| {
        json!({ "name": file.name, "size_bytes": file.size_bytes, "digest": file.digest, "media_type": file.media_type })
    });
    shown.collect()
}

/// Exact versions of data sets.
pub(super) fn versions(versions: &[v1::DatasetVersion]) -> Value {
    versions
        .iter()
        .map(|one| json!({ "dataset": one.dataset, "version": one.version }))
        .collect()
}

/// Why something did not come about.
pub(super) fn refusal(refusal: Option<&v1::Refusal>) -> Value {
    refusal.map_or(Value::Null, |refusal| {
        let metadata: serde_json::Map<String, Value> = refusal
            .metadata
            .iter()
            .map(|(key, value)| (key.clone(), json!(value)))
            .collect();
        json!({
            "reason": refusal.reason,
            "message": refusal.message,
            "localized_message": refusal.localized_message,
            "metadata": metadata,
        })
    })
}

/// A refusal as it is told to a person.
pub(crate) fn refusal_text(refusal: &v1::Refusal) -> Text {
    Text {
        en: format!("{}: {}", refusal.reason, refusal.message),
        zh: match refusal.localized_message.is_empty() {
            true => format!("{}：{}", refusal.reason, refusal.message),
            false => format!("{}：{}", refusal.reason, refusal.localized_message),
        },
    }
}

/// RFC 3339, in UTC; absent when it was not told.
pub(super) fn time<T: ToString>(time: Option<&T>) -> Value {
    time.map_or(Value::Null, |time| Value::String(time.to_string()))
}

/// `DATASET_STATE_AVAILABLE` with the prefix `DATASET_STATE_` as `available`.
pub(super) fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix)
        .unwrap_or(name)
        .to_ascii_lowercase()
}

/// A text, or nothing when it is empty.
pub(super) fn filled(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::String(text.to_owned())
    }
}
