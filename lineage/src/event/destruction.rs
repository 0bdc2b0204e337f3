//! Events of a key's destruction before it is ordered: asked for by one person, answered by a second one of the same
//! organisation. The order itself is [`super::KeyDestroyed`].

use serde::{Deserialize, Serialize};

use super::Body;
use super::key::{DestructionReason, check_path, key_owner};
use crate::digest::Digest;
use crate::jcs::{self, JcsError};
use crate::name::{self, NameError};
use crate::statement::SignedStatement;
use crate::time::Timestamp;

/// The collection of destructions below a data set or a scenario.
const COLLECTION: &str = "/destructions/";

/// One person of the organisation that a key protects asked for its end.
///
/// The event holds everything that the second person signs for, so that its digest can be computed from the log alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestructionRequested {
    /// `{data set or scenario}/destructions/{id}`; the id is random, so that no two requests have one digest.
    pub destruction: String,
    /// The path of the key, as in [`super::KeyDestroyed`].
    pub path: String,
    /// Why.
    pub reason: DestructionReason,
    /// The organisation that asks, of which a second person is to confirm.
    pub organisation: String,
    /// The person who asks and does not confirm.
    pub person: String,
    /// From this instant on nobody confirms it any more.
    pub expires: Timestamp,
}

impl DestructionRequested {
    /// What the second person signs: the digest of the request's canonical JSON.
    ///
    /// # Errors
    /// [`JcsError`], which no request made of this type's fields meets.
    pub fn digest(&self) -> Result<Digest, JcsError> {
        jcs::digest_of(self)
    }
}

/// A person of the organisation rejected the request; the key stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestructionRejected {
    /// The request.
    pub destruction: String,
    /// The digest of the request.
    pub request_digest: Digest,
    /// What the person signed, off the host.
    pub statement: SignedStatement,
}

/// Nobody confirmed the request in time; the key stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DestructionExpired {
    /// The request.
    pub destruction: String,
    /// The digest of the request.
    pub request_digest: Digest,
}

/// Refuses a destruction that does not stand below the data set or scenario that the key belongs to.
pub(super) fn check_destruction(destruction: &str, path: &str) -> Result<(), NameError> {
    let owner = key_owner(path);
    let below = destruction.strip_prefix(owner.as_str());
    let id = below.and_then(|below| below.strip_prefix(COLLECTION));
    match id {
        Some(id) => name::check_segment(id),
        None => Err(unnamed(destruction)),
    }
}

/// Refuses what is not the name of a destruction of this tenant.
fn check_name(destruction: &str, tenant: &str) -> Result<(), NameError> {
    let owner = key_owner(destruction);
    check_path(&owner, tenant)?;
    check_destruction(destruction, &owner)
}

fn unnamed(destruction: &str) -> NameError {
    NameError::Resource {
        name: destruction.to_owned(),
        kind: "destruction",
        tenant: destruction.split('/').nth(1).unwrap_or_default().to_owned(),
        pattern: "{data set or scenario}/destructions/{id}",
    }
}

macro_rules! destruction_body {
    ($body:ty, |$this:ident, $tenant:ident| $check:expr) => {
        impl Body for $body {
            fn subject(&self) -> String {
                self.destruction.clone()
            }
            fn check(&self, tenant: &str) -> Result<(), NameError> {
                check_name(&self.destruction, tenant)?;
                let ($this, $tenant) = (self, tenant);
                $check
            }
            fn stream(&self, _tenant: &str) -> String {
                name::stream_of(&self.destruction)
            }
        }
    };
}

destruction_body!(DestructionRequested, |body, tenant| {
    name::check_segment(&body.organisation)?;
    name::check_segment(&body.person)?;
    check_destruction(&body.destruction, &body.path)?;
    check_path(&body.path, tenant)
});
destruction_body!(DestructionRejected, |_body, _tenant| Ok(()));
destruction_body!(DestructionExpired, |_body, _tenant| Ok(()));

#[cfg(test)]
mod tests {
    //! Where a destruction stands, and what its digest covers.
    use super::*;
    use crate::testing::{self, CLAIMS, SCENARIO};

    #[test]
    fn a_destruction_stands_below_what_the_key_belongs_to() {
        let check = |destruction: &str, path: &str, expect: bool| {
            let mut body = testing::destruction_requested(path);
            body.destruction = destruction.to_owned();
            assert_eq!(body.check("xj").is_ok(), expect, "{destruction} of {path}");
        };
        let column = format!("{CLAIMS}/versions/1/columns/金额");
        let below = |owner: &str| format!("{owner}/destructions/d1");
        check(&below(CLAIMS), CLAIMS, true);
        check(&below(CLAIMS), &column, true);
        check(&below(SCENARIO), SCENARIO, true);
        check(&below(SCENARIO), CLAIMS, false);
        check(&below(&column), &column, false);
        check(CLAIMS, CLAIMS, false);
        check(&format!("{CLAIMS}/destructions/d/1"), CLAIMS, false);
        check(
            &below("tenants/hn/scenarios/fraud"),
            "tenants/hn/scenarios/fraud",
            false,
        );
    }

    #[test]
    fn the_digest_covers_every_field() {
        let asked = testing::destruction_requested(CLAIMS);
        for change in [
            |body: &mut DestructionRequested| body.destruction.push('0'),
            |body: &mut DestructionRequested| body.path.push_str("/versions/1"),
            |body: &mut DestructionRequested| body.reason = DestructionReason::Incident,
            |body: &mut DestructionRequested| body.organisation.push('0'),
            |body: &mut DestructionRequested| body.person.push('0'),
            |body: &mut DestructionRequested| body.expires = body.expires.after_seconds(1),
        ] {
            let mut other = asked.clone();
            change(&mut other);
            assert_ne!(other.digest(), asked.digest(), "{other:?}");
        }
    }
}
