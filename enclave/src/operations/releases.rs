//! Released files: who may fetch them, and their bytes.

use lineage::event::{ReleasedFile, ResultFetched};
use lineage::{Actor, Leaf};
use policy::{Action, Kind, Resource};

use super::products::scenario_of;
use super::{Enclave, Failure, Reason};

/// A released file on its way out.
#[derive(Debug)]
pub struct ReleasedBytes {
    /// Name, digest and length, as the log records them.
    pub file: ReleasedFile,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The log entry of this fetch.
    pub fetched: Leaf,
}

impl Enclave {
    /// The file that a caller may fetch now; asked before a ticket is issued and again when it is spent.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`]; [`Reason::StateNotAllowed`] while nothing is released; [`Reason::NotFound`].
    pub fn fetchable(
        &self,
        actor: &Actor,
        resource: &str,
        file: &str,
    ) -> Result<ReleasedFile, Failure> {
        let in_force = self.in_force(&scenario_of(resource))?;
        let (action, asked) = self.release(resource)?;
        self.permit_reading(actor, action, &asked, in_force.within_term)?;
        let (released, found) = self.read(|registry| match action {
            Action::SampleFetch => {
                let sample = registry.sample(resource);
                (
                    sample.is_some_and(|sample| sample.is_released()),
                    sample.and_then(|sample| sample.file(file).cloned()),
                )
            }
            _ => {
                let job = registry.job(resource);
                (
                    job.is_some_and(|job| job.is_delivered()),
                    job.and_then(|job| job.file(file).cloned()),
                )
            }
        });
        match found {
            Some(file) => Ok(file),
            None if released => Err(Failure::not_found(&format!("{resource}/{file}"))),
            None => Err(Failure::new(
                Reason::StateNotAllowed,
                format!("`{resource}` has no files: it is not released; watch it to learn why"),
                format!("`{resource}` 尚未发布，没有可取的文件"),
            )),
        }
    }

    fn release(&self, name: &str) -> Result<(Action, Resource), Failure> {
        let providers = |scenario: &str| {
            let datasets =
                self.read(|registry| registry.scenario(scenario).map(|s| s.datasets.clone()));
            self.providers(&datasets.unwrap_or_default())
        };
        let scenario = scenario_of(name);
        if self.read(|registry| registry.sample(name).is_some()) {
            let resource = self
                .resource(Kind::Sample, name)?
                .with_providers(providers(&scenario));
            return Ok((Action::SampleFetch, resource));
        }
        let job = self.read(|registry| registry.job(name).cloned());
        let job = job.ok_or_else(|| Failure::not_found(name))?;
        let resource = self
            .resource(Kind::Job, name)?
            .with_providers(providers(&scenario))
            .with_submitter(job.organisation.parse().ok());
        Ok((Action::ResultFetch, resource))
    }

    /// Reads a released file for a caller whose ticket was good, and logs that it was fetched.
    ///
    /// # Errors
    /// As [`Enclave::fetchable`], asked again; [`Reason::ResourceUnavailable`] when the bytes are gone.
    pub fn fetch(
        &self,
        actor: &Actor,
        resource: &str,
        file: &str,
    ) -> Result<ReleasedBytes, Failure> {
        let file = self.fetchable(actor, resource, file)?;
        let bytes = self.shared.blobs.get(file.digest, file.bytes)?;
        let body = ResultFetched {
            resource: resource.to_owned(),
            file: file.name.clone(),
            digest: file.digest,
        };
        let admission = self.admission();
        let fetched = self
            .commit(&admission, vec![self.event(actor, body)])?
            .pop();
        let fetched = fetched.ok_or_else(|| Failure::internal("log"))?;
        Ok(ReleasedBytes {
            file,
            bytes,
            fetched,
        })
    }
}
