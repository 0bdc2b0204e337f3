//! What a request is about, as the caller knows it.

use std::collections::BTreeSet;

use crate::name::{Organisation, Tenant};
use crate::principal::Principal;

crate::words::words! {
    /// The kind of a resource; the word is its Cedar entity type.
    Kind {
        /// A tenant.
        Tenant = "Tenant",
        /// A data set.
        Dataset = "Dataset",
        /// A scenario.
        Scenario = "Scenario",
        /// A released sample.
        Sample = "Sample",
        /// A product or one version of it.
        Product = "Product",
        /// A run of a product.
        Job = "Job",
        /// The log.
        Log = "Log",
    }
}

crate::words::words! {
    /// Whether a resource may be acted on; a scenario's state is that of everything in it.
    State {
        /// In use.
        Live = "live",
        /// Stopped for now.
        Suspended = "suspended",
        /// Ended for good.
        Closed = "closed",
        /// Past its term.
        Expired = "expired",
        /// Taken back by its provider.
        Withdrawn = "withdrawn",
    }
}

/// A resource with what the decision depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its tenant.
    pub tenant: Tenant,
    /// Its kind.
    pub kind: Kind,
    /// Its resource name.
    pub name: String,
    /// Its state, or the scenario's when that is not live.
    pub state: State,
    /// The organisation that the data set's name space belongs to; none before the first registration in it.
    pub owner: Option<Organisation>,
    /// The organisations whose data is in it.
    pub providers: BTreeSet<Organisation>,
    /// The organisation that submitted it.
    pub submitter: Option<Organisation>,
    /// The person who asked for a key's destruction.
    pub asker: Option<Principal>,
}

impl Resource {
    /// A live resource that nobody owns, provides or has submitted; set what is known with the `with` methods.
    #[must_use]
    pub fn new(tenant: Tenant, kind: Kind, name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            tenant,
            kind,
            name,
            state: State::Live,
            owner: None,
            providers: BTreeSet::new(),
            submitter: None,
            asker: None,
        }
    }

    /// The same in another state.
    #[must_use]
    pub fn with_state(self, state: State) -> Self {
        Self { state, ..self }
    }

    /// The same with the organisation that its name space belongs to.
    #[must_use]
    pub fn with_owner(self, owner: Option<Organisation>) -> Self {
        Self { owner, ..self }
    }

    /// The same with the organisations whose data is in it.
    #[must_use]
    pub fn with_providers(self, providers: impl IntoIterator<Item = Organisation>) -> Self {
        Self {
            providers: providers.into_iter().collect(),
            ..self
        }
    }

    /// The same with the organisation that submitted it.
    #[must_use]
    pub fn with_submitter(self, submitter: Option<Organisation>) -> Self {
        Self { submitter, ..self }
    }

    /// The same with the person who asked for a key's destruction.
    #[must_use]
    pub fn with_asker(self, asker: Option<Principal>) -> Self {
        Self { asker, ..self }
    }
}

/// The circumstances of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Whether the principal was read from a verified client certificate.
    pub mutual_tls: bool,
    /// Whether today lies in the scenario's term; true where no scenario is concerned.
    pub within_term: bool,
}
