//! The five persons of a development home, one per duty.

use lineage::{Actor, Duty};

/// Tenant of a development home: Xinjiang.
pub const DEVELOPMENT_TENANT: &str = "xj";

/// One development person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DevelopmentIdentity {
    /// Duty; also the name of the folder below `clients/`.
    pub duty: Duty,
    /// Organisation's id.
    pub organisation: &'static str,
    /// Organisation's name as a person reads it.
    pub title: &'static str,
    /// Pseudonym of the person.
    pub person: &'static str,
}

impl DevelopmentIdentity {
    /// The person as an actor of a tenant.
    #[must_use]
    pub fn actor(&self, tenant: &str) -> Actor {
        Actor::Person {
            tenant: tenant.to_owned(),
            organisation: self.organisation.to_owned(),
            duty: self.duty,
            person: self.person.to_owned(),
        }
    }
}

/// The five development persons: each of another organisation, since nobody reviews their own.
#[must_use]
pub const fn development_identities() -> [DevelopmentIdentity; 5] {
    [
        person(Duty::Provider, "ybj", "医疗保障局", "ybj-01"),
        person(Duty::Institution, "szj", "数字化发展局", "szj-01"),
        person(Duty::Operator, "xjdata", "数据运营公司", "xjdata-01"),
        person(Duty::Developer, "devco", "应用开发公司", "devco-01"),
        person(Duty::Regulator, "wxb", "网信办", "wxb-01"),
    ]
}

const fn person(
    duty: Duty,
    organisation: &'static str,
    title: &'static str,
    person: &'static str,
) -> DevelopmentIdentity {
    DevelopmentIdentity {
        duty,
        organisation,
        title,
        person,
    }
}
