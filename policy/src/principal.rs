//! Who acts: the SAN URI of a client certificate, parsed.

use std::fmt;
use std::str::FromStr;

use crate::name::{NameError, Organisation, PersonId, Tenant};

const SCHEME: &str = "karez://";

/// What a person is there to do; one certificate carries one duty.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Duty {
    /// 数据提供单位: registers and classifies data sets, reviews each product that touches them.
    Provider,
    /// 实施机构: publishes scenarios, reviews products, suspends and resumes.
    Institution,
    /// 运营机构: submits products and jobs, fetches results.
    Operator,
    /// 开发主体: develops on samples.
    Developer,
    /// 数据主管部门、网信、公安、审计: reads and verifies the log, never a row.
    Regulator,
}

impl Duty {
    /// Every duty.
    pub const ALL: [Self; 5] = [
        Self::Provider,
        Self::Institution,
        Self::Operator,
        Self::Developer,
        Self::Regulator,
    ];

    /// The word used in URIs, Cedar and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Institution => "institution",
            Self::Operator => "operator",
            Self::Developer => "developer",
            Self::Regulator => "regulator",
        }
    }

    /// The word of the regulation, for a reader of Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Provider => "数据提供单位",
            Self::Institution => "实施机构",
            Self::Operator => "运营机构",
            Self::Developer => "开发主体",
            Self::Regulator => "监管部门",
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
        let fix = (
            "use provider, institution, operator, developer or regulator",
            "请用 provider、institution、operator、developer 或 regulator",
        );
        Self::ALL
            .into_iter()
            .find(|duty| duty.as_str() == text)
            .ok_or_else(|| NameError::new("duty", text, fix))
    }
}

/// The acting person as `karez://{tenant}/{organisation}/{duty}/{person}`.
///
/// ```
/// use policy::{Duty, Principal};
///
/// let who: Principal = "karez://xj/ybj/provider/p-17".parse()?;
/// assert_eq!(who.duty(), Duty::Provider);
/// assert_eq!(who.to_string(), "karez://xj/ybj/provider/p-17");
/// # Ok::<(), policy::name::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Principal {
    tenant: Tenant,
    organisation: Organisation,
    duty: Duty,
    person: PersonId,
}

impl Principal {
    /// Puts an actor together from its parsed parts.
    #[must_use]
    pub fn new(tenant: Tenant, organisation: Organisation, duty: Duty, person: PersonId) -> Self {
        Self {
            tenant,
            organisation,
            duty,
            person,
        }
    }

    /// The tenant that the person acts in.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The organisation that the person acts for.
    #[must_use]
    pub fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    /// The duty that the certificate was issued for.
    #[must_use]
    pub fn duty(&self) -> Duty {
        self.duty
    }

    /// The person's pseudonymous name.
    #[must_use]
    pub fn person(&self) -> &PersonId {
        &self.person
    }
}

impl FromStr for Principal {
    type Err = NameError;

    /// # Errors
    ///
    /// Another scheme, another number of segments, or a segment that is not a name or duty.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let fix = (
            "write it as `karez://{tenant}/{organisation}/{duty}/{person}`",
            "请写成 `karez://{租户}/{机构}/{职责}/{人员}`",
        );
        let wrong = || NameError::new("principal", text, fix);
        let mut segments = text.strip_prefix(SCHEME).ok_or_else(wrong)?.split('/');
        let mut next = || segments.next().ok_or_else(wrong);
        let principal = Self::new(
            next()?.parse()?,
            next()?.parse()?,
            next()?.parse()?,
            next()?.parse()?,
        );
        if segments.next().is_some() {
            return Err(wrong());
        }
        Ok(principal)
    }
}

impl TryFrom<String> for Principal {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<Principal> for String {
    fn from(principal: Principal) -> Self {
        principal.to_string()
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tenant,
            organisation,
            duty,
            person,
        } = self;
        write!(f, "{SCHEME}{tenant}/{organisation}/{duty}/{person}")
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duty_round_trips() {
        for duty in Duty::ALL {
            let uri = format!("karez://xj/ybj/{duty}/p-1");
            assert_eq!(uri.parse::<Principal>().unwrap().to_string(), uri);
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        for uri in [
            "",
            "karez://xj/ybj/provider",
            "karez://xj/ybj/provider/p-1/x",
            "karez://xj/ybj/provider/",
            "karez://xj//provider/p-1",
            "karez://xj/ybj/Provider/p-1",
            "karez://xj/ybj/root/p-1",
            "https://xj/ybj/provider/p-1",
            "KAREZ://xj/ybj/provider/p-1",
            "karez://xj/ybj/provider/p%2d1",
            "karez://xj/ybj/provider/p-1?x",
        ] {
            assert!(
                uri.parse::<Principal>().is_err(),
                "{uri:?} should be refused"
            );
        }
    }
}
