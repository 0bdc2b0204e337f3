//! Events of a reversal: the original of one surrogate, asked for by the provider and confirmed or rejected by the
//! institution before the request expires.

use serde::{Deserialize, Serialize};

use super::Body;
use crate::digest::Digest;
use crate::name::{self, Kind, NameError};
use crate::statement::SignedStatement;
use crate::time::Timestamp;

/// The longest time that a request for two persons may wait, in seconds: after a week nobody knows any more why somebody
/// asked. A service may be configured to less.
pub const PENDING_SECONDS_MAX: u64 = 7 * 24 * 3600;

/// A provider asked for the original of one surrogate of its own column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReversalRequested {
    /// `tenants/{t}/scenarios/{s}/samples/{id}/reversals/{r}`.
    pub reversal: String,
    /// `tenants/{t}/datasets/{owner}/{table}`.
    pub dataset: String,
    /// The column.
    pub column: String,
    /// The organisation that asks and alone will be answered.
    pub organisation: String,
    /// The digest of the request in words: surrogate, reason and a nonce, so that no guess can be confirmed from here.
    pub request_digest: Digest,
    /// A keyed digest of the surrogate: the same value asked for twice looks the same to who holds the service's key.
    pub value_digest: Digest,
    /// From this instant on nobody confirms and nothing is answered any more.
    pub expires: Timestamp,
}

/// A person of the institution confirmed a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReversalConfirmed {
    /// The reversal.
    pub reversal: String,
    /// As requested.
    pub request_digest: Digest,
    /// What the person signed, off the host.
    pub statement: SignedStatement,
}

/// The original was about to be given to the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReversalAnswered {
    /// The reversal.
    pub reversal: String,
    /// As requested.
    pub request_digest: Digest,
    /// The `seq` of the confirmation that the answer rests on.
    pub confirmation: u64,
}

/// A person of the institution rejected a request; the original is never given for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReversalRejected {
    /// The reversal.
    pub reversal: String,
    /// As requested.
    pub request_digest: Digest,
    /// What the person signed, off the host.
    pub statement: SignedStatement,
}

/// A request's time ran out; the original is never given for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReversalExpired {
    /// The reversal.
    pub reversal: String,
    /// As requested.
    pub request_digest: Digest,
}

macro_rules! reversal_body {
    ($body:ty, |$this:ident, $tenant:ident| $check:expr) => {
        impl Body for $body {
            fn subject(&self) -> String {
                self.reversal.clone()
            }
            fn check(&self, tenant: &str) -> Result<(), NameError> {
                Kind::Reversal.check(&self.reversal, tenant)?;
                let ($this, $tenant) = (self, tenant);
                $check
            }
            fn stream(&self, _tenant: &str) -> String {
                name::stream_of(&self.reversal)
            }
        }
    };
}

reversal_body!(ReversalRequested, |body, tenant| {
    name::check_segment(&body.organisation)?;
    Kind::Dataset.check(&body.dataset, tenant)
});
reversal_body!(ReversalConfirmed, |_body, _tenant| Ok(()));
reversal_body!(ReversalRejected, |_body, _tenant| Ok(()));
reversal_body!(ReversalExpired, |_body, _tenant| Ok(()));
reversal_body!(ReversalAnswered, |_body, _tenant| Ok(()));
