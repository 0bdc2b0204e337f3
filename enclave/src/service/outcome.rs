//! How a refusal travels: a reason with its particulars, as a status in the richer error model
//! (AIP-193), each kind of detail at most once.

use super::reason::{ERROR_DOMAIN, Reason};
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;
use tonic::Status;
use tonic_types::{ErrorDetails, PreconditionViolation, QuotaViolation, StatusExt as _};

/// Locale of the second message.
const LOCALE: &str = "zh-CN";

/// A call that does not succeed. The message and the metadata name parties and rules, never a
/// cell's value.
pub struct Outcome(Box<Parts>);

struct Parts {
    reason: Reason,
    message: String,
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
        details.set_localized_message(LOCALE, reason.zh());
        if !parts.preconditions.is_empty() {
            details.set_precondition_failure(parts.preconditions);
        }
        if !parts.quotas.is_empty() {
            details.set_quota_failure(parts.quotas);
        }
        if parts.retry.is_some() {
            details.set_retry_info(parts.retry);
        }
        Self::with_error_details(reason.code(), parts.message, details)
    }
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
    use crate::client::Failure;
    use tonic::Code;

    #[test]
    fn every_detail_survives_the_wire() {
        let outcome = Outcome::new(Reason::TooManyCalls, "256 calls are being served")
            .with("limit", "calls_max")
            .quota("calls", "calls_max is 256")
            .precondition("APPROVAL", "tenants/xj", "ybj has not approved")
            .retry_after(Duration::from_millis(1500));
        let status = Status::from(outcome);
        let failure = Failure::from(status);
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
        let failure = Failure::from(Status::from(Outcome::internal(&"disk /dev/secret gone")));
        assert_eq!(failure.code, Code::Internal);
        let incident = &failure.metadata["incident"];
        assert_eq!(incident.len(), 16);
        assert!(failure.message.contains(incident));
        assert!(!format!("{failure:?}").contains("secret"));
        let other = Failure::from(Status::from(Outcome::internal(&"x")));
        assert_ne!(incident, &other.metadata["incident"]);
    }
}
