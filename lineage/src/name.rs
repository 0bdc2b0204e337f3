//! Names: actors `karez://…` and resources `tenants/…`, and the stream that each resource has.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// The longest segment of a name, in bytes: a DNS label, so that names can become host names.
pub const SEGMENT_BYTES_MAX: usize = 63;

/// The stream of events about the log itself.
pub const LOG_STREAM: &str = "log";

/// What the service's own acts carry as their actor.
const SERVICE_ACTOR: &str = "karez:service";

/// A name that does not follow its pattern.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NameError {
    /// Not an actor.
    #[error("not an actor: expected karez://TENANT/ORGANISATION/DUTY/PERSON")]
    Actor,
    /// A duty that does not exist.
    #[error("not a duty: expected provider, institution, operator, developer or regulator")]
    Duty,
    /// A resource name of another shape than the event needs.
    #[error("`{name}` is not the name of a {kind} of tenant `{tenant}`: expected {pattern}")]
    Resource {
        /// The name as given.
        name: String,
        /// What was expected, in words.
        kind: &'static str,
        /// The tenant of the event.
        tenant: String,
        /// The pattern to follow.
        pattern: &'static str,
    },
    /// A segment with other characters, or too long.
    #[error(
        "`{0}` is not a name: expected 1 to 63 of a-z, 0-9, `-` and `_`, not beginning with a sign"
    )]
    Segment(String),
}

/// Whether a text may stand between two slashes of a name: `[a-z0-9][a-z0-9-_]{0,62}`.
#[must_use]
pub fn is_segment(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.len() <= SEGMENT_BYTES_MAX
        && bytes.first().is_some_and(plain)
        && bytes.iter().all(|byte| plain(byte) || b"-_".contains(byte))
}

/// Refuses a text that is not one segment of a name.
pub(crate) fn check_segment(text: &str) -> Result<(), NameError> {
    match is_segment(text) {
        true => Ok(()),
        false => Err(NameError::Segment(text.to_owned())),
    }
}

/// What a person is authorised to do, one per certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// 数据提供单位: registers data, clears products that touch it.
    Provider,
    /// 实施机构: authorises, reviews, suspends.
    Institution,
    /// 运营机构: submits products and jobs.
    Operator,
    /// 开发主体: works on sample data.
    Developer,
    /// 数据主管部门 and auditors: read and verify.
    Regulator,
}

impl Duty {
    /// The duty's word in names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Institution => "institution",
            Self::Operator => "operator",
            Self::Developer => "developer",
            Self::Regulator => "regulator",
        }
    }
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Duty {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text {
            "provider" => Ok(Self::Provider),
            "institution" => Ok(Self::Institution),
            "operator" => Ok(Self::Operator),
            "developer" => Ok(Self::Developer),
            "regulator" => Ok(Self::Regulator),
            _ => Err(NameError::Duty),
        }
    }
}

/// Who did it: a person by a pseudonymous name, or the service itself.
///
/// A person is written `karez://TENANT/ORGANISATION/DUTY/PERSON`, as in the SAN URI of the client
/// certificate; the service is written `karez:service`.
///
/// ```
/// use lineage::{Actor, Duty};
/// let actor: Actor = "karez://xj/ybj/provider/p-07".parse()?;
/// assert_eq!(actor.organisation(), Some("ybj"));
/// assert_eq!(actor.duty(), Some(Duty::Provider));
/// # Ok::<(), lineage::NameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// The service, for acts that nobody asked for: creating and recovering the log.
    Service,
    /// A person acting for an organisation.
    Person {
        /// The tenant, e.g. `xj`.
        tenant: String,
        /// The organisation, e.g. `ybj`.
        organisation: String,
        /// The duty of the certificate.
        duty: Duty,
        /// The pseudonym of the person.
        person: String,
    },
}

impl Actor {
    /// The person's organisation; none for the service.
    #[must_use]
    pub fn organisation(&self) -> Option<&str> {
        match self {
            Self::Service => None,
            Self::Person { organisation, .. } => Some(organisation),
        }
    }

    /// The person's tenant; none for the service.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Self::Service => None,
            Self::Person { tenant, .. } => Some(tenant),
        }
    }

    /// The person's duty; none for the service.
    #[must_use]
    pub fn duty(&self) -> Option<Duty> {
        match self {
            Self::Service => None,
            Self::Person { duty, .. } => Some(*duty),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service => f.write_str(SERVICE_ACTOR),
            Self::Person {
                tenant,
                organisation,
                duty,
                person,
            } => write!(f, "karez://{tenant}/{organisation}/{duty}/{person}"),
        }
    }
}

impl FromStr for Actor {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text == SERVICE_ACTOR {
            return Ok(Self::Service);
        }
        let path = text.strip_prefix("karez://").ok_or(NameError::Actor)?;
        let segments: Vec<&str> = path.split('/').collect();
        let &[tenant, organisation, duty, person] = segments.as_slice() else {
            return Err(NameError::Actor);
        };
        for segment in [tenant, organisation, person] {
            check_segment(segment)?;
        }
        Ok(Self::Person {
            tenant: tenant.to_owned(),
            organisation: organisation.to_owned(),
            duty: duty.parse()?,
            person: person.to_owned(),
        })
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// The kinds of resources that events speak of; each knows its pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Dataset,
    Scenario,
    Sample,
    Product,
    Job,
    Reversal,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Dataset => "data set",
            Self::Scenario => "scenario",
            Self::Sample => "sample",
            Self::Product => "product",
            Self::Job => "job",
            Self::Reversal => "reversal",
        }
    }

    const fn pattern(self) -> &'static str {
        match self {
            Self::Dataset => "tenants/{t}/datasets/{owner}/{table}",
            Self::Scenario => "tenants/{t}/scenarios/{s}",
            Self::Sample => "tenants/{t}/scenarios/{s}/samples/{id}",
            Self::Product => "tenants/{t}/scenarios/{s}/products/{p}",
            Self::Job => "tenants/{t}/scenarios/{s}/jobs/{id}",
            Self::Reversal => "tenants/{t}/scenarios/{s}/samples/{id}/reversals/{r}",
        }
    }

    /// Refuses a name that is not of this kind or not of this tenant.
    pub(crate) fn check(self, name: &str, tenant: &str) -> Result<(), NameError> {
        let wanted: Vec<&str> = self.pattern().split('/').collect();
        let given: Vec<&str> = name.split('/').collect();
        let fits = wanted.len() == given.len()
            && given.get(1) == Some(&tenant)
            && wanted
                .iter()
                .zip(&given)
                .all(|(want, have)| match want.starts_with('{') {
                    true => is_segment(have),
                    false => want == have,
                });
        match fits {
            true => Ok(()),
            false => Err(NameError::Resource {
                name: name.to_owned(),
                kind: self.word(),
                tenant: tenant.to_owned(),
                pattern: self.pattern(),
            }),
        }
    }
}

/// Refuses a name that is neither the tenant nor something inside it.
pub(crate) fn check_inside(name: &str, tenant: &str) -> Result<(), NameError> {
    let mut segments = name.split('/');
    let inside = segments.next() == Some("tenants")
        && segments.next() == Some(tenant)
        && segments.all(is_segment);
    match inside {
        true => Ok(()),
        false => Err(NameError::Resource {
            name: name.to_owned(),
            kind: "resource",
            tenant: tenant.to_owned(),
            pattern: "tenants/{t} or a name below it",
        }),
    }
}

/// Refuses a name that is not a resource of any tenant. Decisions use it: a denial may be about a
/// resource of another tenant than the caller's.
pub(crate) fn check_any(name: &str) -> Result<(), NameError> {
    let tenant = name.split('/').nth(1).unwrap_or_default();
    check_segment(tenant)?;
    check_inside(name, tenant)
}

/// The stream that a checked resource name belongs to: a data set's own, else its scenario's.
pub(crate) fn stream_of(name: &str) -> String {
    let segments = match name.split('/').nth(2) {
        Some("datasets") => 5,
        _ => 4,
    };
    name.split('/').take(segments).collect::<Vec<_>>().join("/")
}

/// The name of one version of a product, as approvals and permits use it.
///
/// ```
/// let name = lineage::product_version_name("tenants/xj/scenarios/s1/products/p1", 3);
/// assert_eq!(name, "tenants/xj/scenarios/s1/products/p1/versions/3");
/// ```
#[must_use]
pub fn product_version_name(product: &str, version: u64) -> String {
    format!("{product}/versions/{version}")
}

#[cfg(test)]
mod tests {
    //! What is a name and what is not.
    use super::*;

    #[test]
    fn actors() {
        for good in ["karez:service", "karez://xj/ybj/provider/p-07"] {
            assert_eq!(good.parse::<Actor>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "karez://xj/ybj/provider",
            "karez://xj/ybj/provider/p/q",
            "karez://xj/ybj/chief/p",
            "karez://XJ/ybj/provider/p",
            "karez://xj//provider/p",
            "https://xj/ybj/provider/p",
        ] {
            assert!(bad.parse::<Actor>().is_err(), "{bad}");
        }
    }

    #[test]
    fn segments() {
        for good in ["a", "0", "a-b_c", &"x".repeat(63)] {
            assert!(is_segment(good), "{good}");
        }
        for bad in ["", "-a", "_a", "A", "a/b", "é", "a.b", &"x".repeat(64)] {
            assert!(!is_segment(bad), "{bad}");
        }
    }

    #[test]
    fn resources_fit_kind_and_tenant() {
        let check = |kind: Kind, name: &str, expect: bool| {
            assert_eq!(kind.check(name, "xj").is_ok(), expect, "{name}");
        };
        check(Kind::Dataset, "tenants/xj/datasets/ybj/claims", true);
        check(Kind::Dataset, "tenants/hn/datasets/ybj/claims", false);
        check(Kind::Dataset, "ybj/claims", false);
        check(Kind::Dataset, "tenants/xj/datasets/ybj/claims/x", false);
        check(Kind::Scenario, "tenants/xj/scenarios/s1", true);
        check(Kind::Job, "tenants/xj/scenarios/s1/jobs/j1", true);
        check(Kind::Job, "tenants/xj/scenarios/s1/samples/j1", false);
    }

    #[test]
    fn streams() {
        let check = |name: &str, expect: &str| assert_eq!(stream_of(name), expect);
        check(
            "tenants/xj/datasets/ybj/claims",
            "tenants/xj/datasets/ybj/claims",
        );
        check("tenants/xj/scenarios/s1", "tenants/xj/scenarios/s1");
        check("tenants/xj/scenarios/s1/jobs/j", "tenants/xj/scenarios/s1");
    }
}
