//! Events of a tenant as a whole: keys and decisions.

use serde::{Deserialize, Serialize};

use super::{Body, tenant_stream};
use crate::digest::Digest;
use crate::name::{self, Duty, NameError};
use crate::statement::PublicKey;

/// A person's statement key became known to the service.
///
/// What counts for the verifier is the regulator's trust list, not this event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEnrolled {
    /// The organisation, e.g. `ybj`.
    pub organisation: String,
    /// The person's duty.
    pub duty: Duty,
    /// The person's pseudonym.
    pub person: String,
    /// The key that the person signs statements with.
    pub public_key: PublicKey,
}

/// A request was decided by policy; the leaf's `decision` says how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessDecided {
    /// The action asked for, e.g. `job.submit`.
    pub action: String,
    /// The resource asked for, `tenants/…`; in a denial it may belong to another tenant.
    pub resource: String,
    /// The determining policies, by name.
    pub reasons: Vec<String>,
    /// The digest of what was asked, for mutating calls: the same request id with another digest is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_digest: Option<Digest>,
}

impl Body for KeyEnrolled {
    fn subject(&self) -> String {
        format!("{}/{}/{}", self.organisation, self.duty, self.person)
    }
    fn check(&self, _tenant: &str) -> Result<(), NameError> {
        name::check_segment(&self.organisation)?;
        name::check_segment(&self.person)
    }
    fn stream(&self, tenant: &str) -> String {
        tenant_stream(tenant)
    }
}

impl Body for AccessDecided {
    fn subject(&self) -> String {
        self.resource.clone()
    }
    fn check(&self, _tenant: &str) -> Result<(), NameError> {
        name::check_any(&self.resource)
    }
    fn stream(&self, tenant: &str) -> String {
        tenant_stream(tenant)
    }
}
