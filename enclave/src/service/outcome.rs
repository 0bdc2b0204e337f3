//! How a refusal travels: a reason with its particulars, as a status in the richer error model
//! (AIP-193), each kind of detail at most once.

use super::calls::TWIN_DELAY;
use super::reason::{ERROR_DOMAIN, Reason};
use crate::operations::Failure;
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;
use tonic::Status;
use tonic_types::{ErrorDetails, PreconditionViolation, QuotaViolation, StatusExt as _};

/// Longest message of a status, in bytes.
const TEXT_BYTES_MAX: usize = 2048;

/// Longest line of a detail that repeats the message, in bytes.
const LINE_BYTES_MAX: usize = 512;

/// Locale of the second message.
const LOCALE: &str = "zh-CN";

/// A call that does not succeed. The message and the metadata name parties and rules, never a
/// cell's value.
pub struct Outcome(Box<Parts>);

struct Parts {
    reason: Reason,
    message: String,
    localized: Option<String>,
    metadata: HashMap<String, String>,
    preconditions: Vec<PreconditionViolation>,
    quotas: Vec<QuotaViolation>,
    retry: Option<Duration>,
}

impl Outcome {
    /// A refusal for a reason; the message is lower case, says what happened and names the fix.
    ///
    /// ```
    /// use enclave::service::{Outcome, Reason};
    /// let outcome = Outcome::new(Reason::FieldInvalid, "`request_id` is missing")
    ///     .with("field", "request_id");
    /// let status = tonic::Status::from(outcome);
    /// assert_eq!(status.code(), tonic::Code::InvalidArgument);
    /// ```
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            reason,
            message: message.into(),
            localized: None,
            metadata: HashMap::new(),
            preconditions: Vec::new(),
            quotas: Vec::new(),
            retry: None,
        }))
    }

    /// Our own fault. The cause goes to the service's own trace under a fresh incident id; the
    /// caller learns the id alone. `cause` must not carry a cell's value either.
    #[must_use]
    pub fn internal(cause: &dyn fmt::Display) -> Self {
        let incident = incident_id();
        tracing::error!(%incident, %cause, "internal error");
        let message = format!("internal error, incident {incident}");
        Self::new(Reason::Internal, message).with("incident", incident)
    }

    /// Says in zh-CN what happened, where that is more than the reason's own words.
    #[must_use]
    pub fn localized(mut self, message: impl Into<String>) -> Self {
        self.0.localized = Some(message.into());
        self
    }

    /// Adds a particular, for example the column or the rule.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a precondition that does not hold: its kind, what it is about, and what is missing.
    #[must_use]
    pub fn precondition(mut self, kind: &str, subject: &str, missing: &str) -> Self {
        let violation = PreconditionViolation::new(kind, subject, missing);
        self.0.preconditions.push(violation);
        self
    }

    /// Adds a quota or limit that is used up.
    #[must_use]
    pub fn quota(mut self, subject: &str, description: &str) -> Self {
        let violation = QuotaViolation::new(subject, description);
        self.0.quotas.push(violation);
        self
    }

    /// Says after what time the same call may succeed.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.0.retry = Some(delay);
        self
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// The English message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.reason.as_str(), self.0.message)
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outcome({self})")
    }
}

impl std::error::Error for Outcome {}

impl From<Outcome> for Status {
    fn from(outcome: Outcome) -> Self {
        let parts = *outcome.0;
        let reason = parts.reason;
        let mut details = ErrorDetails::new();
        details.set_error_info(reason.as_str(), ERROR_DOMAIN, parts.metadata);
        let localized = parts.localized.as_deref().unwrap_or(reason.zh());
        details.set_localized_message(LOCALE, bounded(localized));
        if !parts.preconditions.is_empty() {
            details.set_precondition_failure(parts.preconditions);
        }
        if !parts.quotas.is_empty() {
            details.set_quota_failure(parts.quotas);
        }
        if parts.retry.is_some() {
            details.set_retry_info(parts.retry);
        }
        Self::with_error_details(reason.code(), bounded(&parts.message), details)
    }
}

/// Cuts a long text at a line's end, since a status travels in headers, of which clients take 16 KiB by default: the
/// message twice, once with each byte as three characters.
fn bounded(text: &str) -> String {
    if text.len() <= TEXT_BYTES_MAX {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(TEXT_BYTES_MAX);
    let head = text.get(..end).unwrap_or_default();
    let head = head.rsplit_once('\n').map_or(head, |(lines, _)| lines);
    format!("{head}\n…")
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        let reason = failure.reason;
        let mut outcome = match reason {
            Reason::Internal => Self::internal(&failure.message),
            _ => Self::new(reason, failure.message.clone()).localized(failure.localized),
        };
        let metadata: HashMap<_, _> = failure.metadata.into_iter().collect();
        outcome = match (reason, reason.code()) {
            (Reason::RequestInProgress, _) => outcome.retry_after(TWIN_DELAY),
            (Reason::LimitExceeded, _) => outcome.quota("limits", &bounded_line(&failure.message)),
            (Reason::ApprovalMissing, _) => {
                let missing = metadata
                    .get("missing")
                    .map(String::as_str)
                    .unwrap_or_default();
                let each = missing.split(", ").filter(|body| !body.is_empty());
                each.fold(outcome, |outcome, body| {
                    outcome.precondition("APPROVAL", body, "has not approved yet")
                })
            }
            (_, tonic::Code::FailedPrecondition) => {
                let subject = metadata.get("column").or_else(|| metadata.get("rule"));
                let subject = subject.map(String::as_str).unwrap_or_default();
                outcome.precondition(reason.as_str(), subject, &bounded_line(&failure.message))
            }
            _ => outcome,
        };
        if let Some(entry) = failure.entry {
            outcome = outcome
                .with("log_seq", entry.seq.to_string())
                .with("log_leaf_hash", entry.leaf_hash.to_string());
        }
        metadata
            .into_iter()
            .fold(outcome, |outcome, (key, value)| outcome.with(key, value))
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        Outcome::from(failure).into()
    }
}

/// The first line, for a detail that repeats the message.
fn bounded_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let end = line.floor_char_boundary(LINE_BYTES_MAX);
    line.get(..end).unwrap_or_default().to_owned()
}

/// Eight random bytes in hex: enough to find one line among the service's messages. Without
/// entropy the id is a fixed word, since an error path must not fail itself.
fn incident_id() -> String {
    let mut raw = [0u8; 8];
    match getrandom::fill(&mut raw) {
        Ok(()) => raw.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => "unnumbered".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    //! What goes in comes out at the client, each kind of detail once.
    use super::*;
    use crate::client::Failure as Seen;
    use tonic::Code;

    #[test]
    fn every_detail_survives_the_wire() {
        let outcome = Outcome::new(Reason::TooManyCalls, "256 calls are being served")
            .with("limit", "calls_max")
            .quota("calls", "calls_max is 256")
            .precondition("APPROVAL", "tenants/xj", "ybj has not approved")
            .retry_after(Duration::from_millis(1500));
        let status = Status::from(outcome);
        let failure = Seen::from(status);
        assert_eq!(failure.code, Code::ResourceExhausted);
        assert_eq!(failure.reason.as_deref(), Some("TOO_MANY_CALLS"));
        assert_eq!(failure.message, "256 calls are being served");
        assert_eq!(
            failure.localized_message.as_deref(),
            Some(Reason::TooManyCalls.zh())
        );
        assert_eq!(failure.metadata["limit"], "calls_max");
        assert_eq!(failure.violations.len(), 2);
        assert!(
            failure
                .violations
                .contains(&"calls: calls_max is 256".to_owned())
        );
        assert_eq!(failure.retry_after, Some(Duration::from_millis(1500)));
    }

    #[test]
    fn an_internal_error_tells_the_incident_alone() {
        let failure = Seen::from(Status::from(Outcome::internal(&"disk /dev/secret gone")));
        assert_eq!(failure.code, Code::Internal);
        let incident = &failure.metadata["incident"];
        assert_eq!(incident.len(), 16);
        assert!(failure.message.contains(incident));
        assert!(!format!("{failure:?}").contains("secret"));
        let other = Seen::from(Status::from(Outcome::internal(&"x")));
        assert_ne!(incident, &other.metadata["incident"]);
    }

    #[test]
    fn a_failure_keeps_both_texts_its_parties_and_its_place() {
        let hash = lineage::Digest::of(b"leaf");
        let mut failure = Failure::new(
            Reason::ApprovalMissing,
            "not approved yet by: a, b",
            "尚未获得审核",
        )
        .with("missing", "institution, provider ybj");
        failure.entry = Some(Box::new(crate::operations::Entry {
            seq: 7,
            leaf_hash: hash,
        }));
        let seen = Seen::from(Status::from(failure));
        assert_eq!(seen.reason.as_deref(), Some("APPROVAL_MISSING"));
        assert_eq!(seen.localized_message.as_deref(), Some("尚未获得审核"));
        assert_eq!(seen.metadata["log_seq"], "7");
        assert_eq!(seen.metadata["log_leaf_hash"], hash.to_string());
        assert_eq!(
            seen.violations,
            [
                "institution: has not approved yet",
                "provider ybj: has not approved yet"
            ]
        );
    }

    #[test]
    fn a_long_text_is_cut_at_a_line() {
        let line = "列 `金额` 不可用\n";
        let cut = bounded(&line.repeat(1000));
        assert!(
            cut.len() <= TEXT_BYTES_MAX + 4 && cut.ends_with("不可用\n…"),
            "{cut}"
        );
        assert_eq!(bounded(line), line);
    }
}
