//! Keys: those with which people sign off the host, and whether those that protect data and releases are still there.

use lineage::event::{DatasetVersion, KeyEnrolled};
use lineage::{Leaf, PublicKey};
use policy::{Action, Kind};

use super::access::Admitted;
use super::{Call, Enclave, Failure};
use crate::keys::KeyPath;

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

    /// Refuses the key of something that is not registered, and one that is destroyed already.
    pub(super) fn must_exist(&self, path: &KeyPath) -> Result<(), Failure> {
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

    /// Refuses what needs a destroyed key of a scenario, a data set, a version or a listed column, as of now; the caller that
    /// is about to log a release or a run holds the admission lock.
    pub(super) fn keys_are_there(
        &self,
        scenario: Option<&str>,
        read: &[DatasetVersion],
    ) -> Result<(), Failure> {
        let versions = read
            .iter()
            .map(|read| format!("{}/versions/{}", read.dataset, read.version));
        let columns = read
            .iter()
            .flat_map(|read| read.columns.iter().map(|column| read.column_path(column)));
        let scenario = scenario.map(str::to_owned).into_iter();
        let paths = scenario.chain(versions).chain(columns);
        for path in paths {
            let path = KeyPath::destroyable(&path).ok_or_else(|| Failure::internal("key path"))?;
            if let Some(gone) = self.shared.keys.destroyed(&path) {
                return Err(Failure::destroyed(&gone));
            }
        }
        Ok(())
    }
}
