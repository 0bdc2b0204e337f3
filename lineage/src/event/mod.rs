//! What can happen, as types: one struct per event type, one enum over all of them.
//!
//! Bodies are small and free of personal data: names of resources, digests, counts and bands. An
//! unknown field is refused, so that nothing rides along unread.

mod copy;
mod dataset;
mod destruction;
mod job;
mod key;
mod organisation;
mod own;
mod product;
mod reversal;
mod sample;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

pub use copy::{SampleCopied, SampleTraced};
pub use dataset::{COLUMNS_BYTES_MAX, DatasetRegistered, DatasetVersion, ReleasedFile};
pub use destruction::{DestructionExpired, DestructionRejected, DestructionRequested};
pub use job::{JobDelivered, JobFailed, JobRefused, JobStarted, JobSubmitted, ResultFetched};
pub use key::{DestructionReason, KeyDestroyed, key_owner};
pub use organisation::{AccessDecided, KeyEnrolled};
pub use own::{LogCreated, LogRecovered};
pub use product::{
    Binding, BoundDataset, ProductApproved, ProductRefused, ProductSubmitted, VersionPin,
};
pub use reversal::{
    PENDING_SECONDS_MAX, ReversalAnswered, ReversalConfirmed, ReversalExpired, ReversalRejected,
    ReversalRequested,
};
pub use sample::{SampleFailed, SampleRefused, SampleReleased, SampleRequested, ScenarioPublished};

use crate::jcs::{self, JcsError};
use crate::name::{self, Kind, NameError};

/// An event body that cannot be logged or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EventError {
    /// The type is not one this version knows.
    #[error("unknown event type `{0}`; a newer version wrote it")]
    UnknownType(String),
    /// The body does not have the fields of its type.
    #[error("the body is not that of `{kind}`: {reason}")]
    Body {
        /// The event type.
        kind: &'static str,
        /// What is missing or too much.
        reason: String,
    },
    /// A name in the body does not follow its pattern.
    #[error("`{kind}`: {source}")]
    Name {
        /// The event type.
        kind: &'static str,
        /// Which name and how it should look.
        source: NameError,
    },
    /// An event of a tenant without one, or an event of the log with one.
    #[error("`{kind}`: {expected}")]
    Tenant {
        /// The event type.
        kind: &'static str,
        /// What the event needs.
        expected: &'static str,
    },
    /// The body has no canonical form.
    #[error(transparent)]
    Jcs(#[from] JcsError),
}

/// What an event body knows about itself.
pub(crate) trait Body: Serialize + DeserializeOwned {
    /// The resource that the event is about.
    fn subject(&self) -> String;
    /// Refuses names of another pattern or tenant.
    fn check(&self, tenant: &str) -> Result<(), NameError>;
    /// The stream that the event belongs to.
    fn stream(&self, tenant: &str) -> String;
}

/// The stream of whatever belongs to the tenant as a whole.
pub(crate) fn tenant_stream(tenant: &str) -> String {
    format!("tenants/{tenant}")
}

macro_rules! event_bodies {
    ($($(#[$doc:meta])* $variant:ident($body:ty) = $name:literal;)*) => {
        /// Every event that this version can write and read.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum EventBody {
            $($(#[$doc])* $variant($body),)*
        }

        /// The names of all event types, in the order of [`EventBody`].
        pub const EVENT_TYPES: &[&str] = &[$($name),*];

        impl EventBody {
            /// The event type as the leaf writes it, e.g. `job.started`.
            #[must_use]
            pub const fn type_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// The resource that the event is about.
            #[must_use]
            pub fn subject(&self) -> String {
                match self { $(Self::$variant(body) => body.subject(),)* }
            }

            /// The body as JSON.
            ///
            /// # Errors
            /// [`EventError::Jcs`] when it has no JSON form.
            pub fn to_value(&self) -> Result<Value, EventError> {
                match self { $(Self::$variant(body) => Ok(jcs::to_value(body)?),)* }
            }

            /// A body from its type and its JSON, strictly.
            ///
            /// # Errors
            /// [`EventError::UnknownType`] or [`EventError::Body`].
            pub fn from_value(type_name: &str, value: Value) -> Result<Self, EventError> {
                match type_name {
                    $($name => serde_json::from_value(value)
                        .map(Self::$variant)
                        .map_err(|error| EventError::Body { kind: $name, reason: error.to_string() }),)*
                    unknown => Err(EventError::UnknownType(unknown.to_owned())),
                }
            }

            fn check_names(&self, tenant: &str) -> Result<(), NameError> {
                match self { $(Self::$variant(body) => body.check(tenant),)* }
            }

            fn stream_in(&self, tenant: &str) -> String {
                match self { $(Self::$variant(body) => body.stream(tenant),)* }
            }
        }

        $(impl From<$body> for EventBody {
            fn from(body: $body) -> Self {
                Self::$variant(body)
            }
        })*
    };
}

event_bodies! {
    /// The log begins.
    LogCreated(LogCreated) = "log.created";
    /// A torn tail was cut when the log was opened.
    LogRecovered(LogRecovered) = "log.recovered";
    /// A person's statement key became known to the service.
    KeyEnrolled(KeyEnrolled) = "key.enrolled";
    /// A person asked for the end of a wrapped key.
    DestructionRequested(DestructionRequested) = "destruction.requested";
    /// A second person said no to it.
    DestructionRejected(DestructionRejected) = "destruction.rejected";
    /// Nobody confirmed it in time.
    DestructionExpired(DestructionExpired) = "destruction.expired";
    /// A second person confirmed: a wrapped key was ordered to be destroyed.
    KeyDestroyed(KeyDestroyed) = "key.destroyed";
    /// A request was permitted or denied; the leaf's `decision` says which.
    AccessDecided(AccessDecided) = "access.decided";
    /// A version of a data set was taken in.
    DatasetRegistered(DatasetRegistered) = "dataset.registered";
    /// A scenario's policy is in force.
    ScenarioPublished(ScenarioPublished) = "scenario.published";
    /// A sample was asked for.
    SampleRequested(SampleRequested) = "sample.requested";
    /// A sample passed its gate and can be fetched.
    SampleReleased(SampleReleased) = "sample.released";
    /// A sample did not pass.
    SampleRefused(SampleRefused) = "sample.refused";
    /// A sample ended without a result.
    SampleFailed(SampleFailed) = "sample.failed";
    /// A marked copy of a sample was made for one person.
    SampleCopied(SampleCopied) = "sample.copied";
    /// Somebody asked whose copy a file is.
    SampleTraced(SampleTraced) = "sample.traced";
    /// A provider asked for the original of one surrogate.
    ReversalRequested(ReversalRequested) = "reversal.requested";
    /// The institution confirmed such a request.
    ReversalConfirmed(ReversalConfirmed) = "reversal.confirmed";
    /// The institution rejected such a request.
    ReversalRejected(ReversalRejected) = "reversal.rejected";
    /// Such a request's time ran out.
    ReversalExpired(ReversalExpired) = "reversal.expired";
    /// The original was given to the provider.
    ReversalAnswered(ReversalAnswered) = "reversal.answered";
    /// A version of a product is up for approval.
    ProductSubmitted(ProductSubmitted) = "product.submitted";
    /// A version of a product broke a rule.
    ProductRefused(ProductRefused) = "product.refused";
    /// One person approved a version of a product.
    ProductApproved(ProductApproved) = "product.approved";
    /// A run was asked for.
    JobSubmitted(JobSubmitted) = "job.submitted";
    /// A run began, resting on approvals.
    JobStarted(JobStarted) = "job.started";
    /// A run was refused before or after it ran.
    JobRefused(JobRefused) = "job.refused";
    /// A run ended without a result.
    JobFailed(JobFailed) = "job.failed";
    /// A run's checked result can be fetched.
    JobDelivered(JobDelivered) = "job.delivered";
    /// Somebody fetched a file of a result or sample.
    ResultFetched(ResultFetched) = "result.fetched";
}

impl EventBody {
    /// Whether the event is the log's own and so of no tenant.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        matches!(self, Self::LogCreated(_) | Self::LogRecovered(_))
    }

    /// The stream that the event belongs to: a data set's, a scenario's, the tenant's, or `log`.
    ///
    /// # Errors
    /// [`EventError::Tenant`] when the event needs a tenant and has none, or the reverse;
    /// [`EventError::Name`] when a name in the body is malformed or of another tenant.
    pub fn stream(&self, tenant: Option<&str>) -> Result<String, EventError> {
        let kind = self.type_name();
        let tenant = match (self.is_own(), tenant) {
            (true, None) => return Ok(name::LOG_STREAM.to_owned()),
            (false, Some(tenant)) => tenant,
            (true, Some(_)) => return Err(tenant_error(kind, "an event of the log has no tenant")),
            (false, None) => return Err(tenant_error(kind, "the event needs a tenant")),
        };
        let checked = name::check_segment(tenant).and_then(|()| self.check_names(tenant));
        checked.map_err(|source| EventError::Name { kind, source })?;
        Ok(self.stream_in(tenant))
    }
}

fn tenant_error(kind: &'static str, expected: &'static str) -> EventError {
    EventError::Tenant { kind, expected }
}

/// Checks each data set of a list.
pub(crate) fn check_datasets(datasets: &[DatasetVersion], tenant: &str) -> Result<(), NameError> {
    datasets
        .iter()
        .try_for_each(|used| Kind::Dataset.check(&used.dataset, tenant))
}

#[cfg(test)]
mod tests {
    //! Every type reads what it writes, refuses a field too many, and knows its stream.
    use serde_json::json;

    use super::*;
    use crate::testing;

    #[test]
    fn every_type_reads_what_it_writes_and_refuses_a_field_too_many() {
        let bodies = testing::one_of_each();
        let names: Vec<&str> = bodies.iter().map(EventBody::type_name).collect();
        assert_eq!(names, EVENT_TYPES, "one example of each type, in order");
        for body in bodies {
            let value = body.to_value().unwrap();
            let again = EventBody::from_value(body.type_name(), value.clone()).unwrap();
            assert_eq!(again, body);
            let mut more = value;
            more["surprise"] = json!(1);
            assert!(matches!(
                EventBody::from_value(body.type_name(), more),
                Err(EventError::Body { .. })
            ));
        }
    }

    #[test]
    fn streams_follow_the_subject() {
        let check = |name: &str, expect: &str| {
            let bodies = testing::one_of_each();
            let body = bodies.iter().find(|body| body.type_name() == name).unwrap();
            let tenant = (!body.is_own()).then_some("xj");
            assert_eq!(body.stream(tenant).unwrap(), expect);
        };
        check("log.created", "log");
        check("log.recovered", "log");
        check("key.enrolled", "tenants/xj");
        check("access.decided", "tenants/xj");
        check("result.fetched", "tenants/xj");
        check("dataset.registered", "tenants/xj/datasets/ybj/claims");
        check("destruction.requested", "tenants/xj/datasets/ybj/claims");
        check("key.destroyed", "tenants/xj/datasets/ybj/claims");
        check("sample.refused", "tenants/xj/scenarios/fraud");
        check("sample.copied", "tenants/xj/scenarios/fraud");
        check("reversal.rejected", "tenants/xj/scenarios/fraud");
        check("reversal.answered", "tenants/xj/scenarios/fraud");
        check("product.approved", "tenants/xj/scenarios/fraud");
        check("job.delivered", "tenants/xj/scenarios/fraud");
    }

    #[test]
    fn another_tenants_name_is_refused() {
        for body in testing::one_of_each() {
            match body.type_name() {
                "log.created" | "log.recovered" => assert!(body.stream(Some("xj")).is_err()),
                "key.enrolled" | "access.decided" => assert!(body.stream(None).is_err()),
                _ => assert!(
                    matches!(body.stream(Some("hn")), Err(EventError::Name { .. })),
                    "{}",
                    body.type_name()
                ),
            }
        }
    }
}
