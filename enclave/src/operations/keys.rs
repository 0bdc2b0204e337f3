//! Keys: those with which people sign off the host, and the end of those that protect data and releases.

use lineage::event::{DatasetVersion, DestructionReason, KeyDestroyed, KeyEnrolled};
use lineage::{Leaf, PublicKey};
use policy::{Action, Kind, Resource};

use super::access::Admitted;
use super::{Call, Enclave, Failure, Reason};
use crate::keys::{KeyError, KeyPath};

impl Enclave {
    /// Enrols the caller's public statement key. What counts for the verifier is the regulator's trust list.
    ///
    /// # Errors
    /// [`super::Reason::AccessDenied`].
    pub fn enrol_key(
        &self,
        call: &Call,
        parent: &str,
        public_key: PublicKey,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let admission = self.admission();
        let resource = self.resource(Kind::Tenant, parent)?;
        match self.admit(&admission, call, Action::KeyEnrol, &resource, true)? {
            Admitted::Before(leaf) => return Ok(*leaf),
            Admitted::Now(_) => {}
        }
        let duty = call
            .actor
            .duty()
            .ok_or_else(|| Failure::internal("actor"))?;
        let body = KeyEnrolled {
            organisation: call.principal.organisation().to_string(),
            duty,
            person: call.principal.person().to_string(),
            public_key,
        };
        self.answer(&admission, call, body)
    }

    /// Destroys a wrapped key for good: a data set's, a version's or a column's by its provider, a scenario's by the
    /// institution.
    ///
    /// The order is durable on the log first, then the file is overwritten and removed. A service that stopped in between
    /// removes it when it starts again ([`Enclave::open`]), and a repeated call removes it again.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`]; [`Reason::NotFound`] for a key of nothing that is registered; [`Reason::KeyDestroyed`]
    /// when it is gone already; [`Reason::ResourceUnavailable`] when the file cannot be removed now.
    pub fn destroy_key(
        &self,
        call: &Call,
        name: &str,
        reason: DestructionReason,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let path = KeyPath::destroyable(name).ok_or_else(|| no_such_key(name))?;
        let admission = self.admission();
        let resource = self.key_owner(&path)?;
        let action = Action::KeyDestroy;
        let leaf = match self.admit(&admission, call, action, &resource, true)? {
            Admitted::Before(leaf) => *leaf,
            Admitted::Now(_) => {
                self.must_exist(&path)?;
                let body = KeyDestroyed {
                    path: path.to_string(),
                    reason,
                };
                self.answer(&admission, call, body)?
            }
        };
        self.shared.keys.bury(&path).map_err(unfinished)?;
        tracing::info!(key = %path, reason = %reason, "key destroyed");
        Ok(leaf)
    }

    /// The data set or scenario that a key belongs to, as policies see it.
    fn key_owner(&self, path: &KeyPath) -> Result<Resource, Failure> {
        match path {
            KeyPath::Scenario(_, _) => self.resource(Kind::Scenario, &path.to_string()),
            KeyPath::Dataset(tenant, dataset)
            | KeyPath::Version(tenant, dataset, _)
            | KeyPath::Column(tenant, dataset, _, _) => {
                let name = format!("tenants/{tenant}/datasets/{dataset}");
                let provider = self.read(|registry| {
                    let dataset = registry.dataset(&name)?;
                    dataset.provider.parse().ok()
                });
                Ok(self.resource(Kind::Dataset, &name)?.with_owner(provider))
            }
            other => Err(no_such_key(&other.to_string())),
        }
    }

    /// Refuses the key of something that is not registered, and one that is destroyed already.
    fn must_exist(&self, path: &KeyPath) -> Result<(), Failure> {
        let name = path.to_string();
        if let Some(gone) = self.shared.keys.destroyed(path) {
            return Err(Failure::destroyed(&gone));
        }
        let known = match path {
            KeyPath::Scenario(_, _) => self.read(|registry| registry.scenario(&name).is_some()),
            KeyPath::Dataset(_, _) => self.read(|registry| registry.dataset(&name).is_some()),
            KeyPath::Version(_, dataset, version) | KeyPath::Column(_, dataset, version, _) => {
                let dataset = self.dataset_name(dataset.as_str());
                let document = self.read(|registry| {
                    let revision = registry.dataset(&dataset)?.revision(*version)?;
                    Some(revision.document_digest)
                });
                match (document, path) {
                    (None, _) => false,
                    (Some(document), KeyPath::Column(_, _, _, wanted)) => {
                        let schema = self.schema(&document)?;
                        let mut columns = schema.columns().iter();
                        columns.any(|column| column.name.as_str() == wanted)
                    }
                    (Some(_), _) => true,
                }
            }
            _ => false,
        };
        match known {
            true => Ok(()),
            false => Err(Failure::not_found(&name)),
        }
    }

    /// Refuses what needs a destroyed key of a scenario, a data set or a version, as of now; the caller that is about to
    /// log a release or a run holds the admission lock.
    pub(super) fn keys_are_there(
        &self,
        scenario: Option<&str>,
        read: &[DatasetVersion],
    ) -> Result<(), Failure> {
        let versions = read
            .iter()
            .map(|read| format!("{}/versions/{}", read.dataset, read.version));
        let paths = scenario.map(str::to_owned).into_iter().chain(versions);
        for path in paths {
            let path = KeyPath::destroyable(&path).ok_or_else(|| Failure::internal("key path"))?;
            if let Some(gone) = self.shared.keys.destroyed(&path) {
                return Err(Failure::destroyed(&gone));
            }
        }
        Ok(())
    }
}

fn no_such_key(name: &str) -> Failure {
    Failure::new(
        Reason::FieldInvalid,
        format!(
            "`{name}` names no key that can be destroyed; write tenants/TENANT/scenarios/SCENARIO, or \
             tenants/TENANT/datasets/OWNER/TABLE, alone or with /versions/NUMBER and /columns/NAME"
        ),
        "该名称不是可销毁的密钥",
    )
    .with("field", "name")
}

/// The order stands on the log; only the file is still there.
fn unfinished(error: KeyError) -> Failure {
    Failure::new(
        Reason::ResourceUnavailable,
        format!(
            "the key is refused from now on, but its file is still there: {error}; repeat the call with the same \
             request_id, or start the service again"
        ),
        "密钥已停用，但其文件尚未删除；请以同一 request_id 重试，或重启服务",
    )
}
