//! Descriptions: what may be told of a resource, never a row of it. Reading one is decided and logged like any call.

use lineage::event::{DatasetVersion, ScenarioPublished};
use lineage::{Actor, Digest, Leaf};
use policy::{Action, Context, DatasetSchema, Decision, Kind, Resource, ScenarioPolicy, authorise};

use super::call::principal;
use super::lineage_reads::version_of;
use super::products::scenario_of;
use super::scenarios::now_unix_seconds;
use super::{Enclave, Failure, Reason};
use crate::registry::{
    Dataset, DatasetRevision, Job, Product, ProductVersion, RefusedVersion, Sample,
};

/// The most data sets of one page.
pub const PAGE_DATASETS_MAX: usize = 1000;

/// One version of a data set with its schema.
#[derive(Debug)]
pub struct DatasetDescription {
    /// `tenants/{t}/datasets/{owner}/{table}`.
    pub name: String,
    /// The organisation that registered it.
    pub provider: String,
    /// The version.
    pub revision: DatasetRevision,
    /// The provider's schema file.
    pub schema: DatasetSchema,
    /// Whether its stored object and key are there.
    pub available: bool,
    /// The entry that registered it.
    pub registered: Leaf,
}

/// A page of data sets, as of one log size.
#[derive(Debug)]
pub struct DatasetPage {
    /// The data sets, by name.
    pub datasets: Vec<DatasetDescription>,
    /// The last name looked at, when more follow.
    pub next_after: Option<String>,
    /// The log size that the listing is bound to.
    pub log_size: u64,
}

/// A scenario with a published policy.
#[derive(Debug)]
pub struct ScenarioDescription {
    /// The publication's body.
    pub published: ScenarioPublished,
    /// The policy document as published.
    pub policy: String,
    /// Whether today lies in its term.
    pub within_term: bool,
    /// The entry that published it.
    pub entry: Leaf,
}

/// A version of a product, up for approval or refused.
#[derive(Debug)]
pub enum ProductDescription {
    /// It was submitted.
    Submitted {
        /// `tenants/{t}/scenarios/{s}/products/{p}`.
        product: String,
        /// The version.
        version: Box<ProductVersion>,
    },
    /// The rules refused it.
    Refused(RefusedVersion),
}

impl Enclave {
    /// One version of a data set; the caller has a permit, or is answered for the registration.
    pub(crate) fn dataset_at(
        &self,
        name: &str,
        version: u64,
    ) -> Result<DatasetDescription, Failure> {
        let found = self.read(|registry| {
            let dataset = registry.dataset(name)?;
            Some((dataset.provider.clone(), dataset.revision(version)?.clone()))
        });
        let (provider, revision) = found.ok_or_else(|| Failure::not_found(name))?;
        let schema = self.schema(&revision.document_digest)?;
        let stored = self.version_name(schema.dataset().as_str(), version)?;
        let read = [DatasetVersion::whole(name, version)];
        Ok(DatasetDescription {
            name: name.to_owned(),
            provider,
            available: self.shared.vault.holds(&stored) && self.keys_are_there(None, &read).is_ok(),
            registered: self.leaf(revision.seq)?,
            schema,
            revision,
        })
    }

    /// The current version of a data set.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`], [`Reason::NotFound`].
    pub fn describe_dataset(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<DatasetDescription, Failure> {
        let known = self.read(|registry| registry.dataset(name).cloned());
        let resource = self.dataset_resource(name, known.as_ref())?;
        self.permit_reading(actor, Action::DatasetGet, &resource, true)?;
        let current = known
            .as_ref()
            .and_then(Dataset::current)
            .map(|current| current.version);
        self.dataset_at(name, current.ok_or_else(|| Failure::not_found(name))?)
    }

    fn dataset_resource(&self, name: &str, known: Option<&Dataset>) -> Result<Resource, Failure> {
        let owner = known.and_then(|dataset| dataset.provider.parse().ok());
        Ok(self.resource(Kind::Dataset, name)?.with_owner(owner))
    }

    /// The data sets that a person may read, as of one log size; 0 means now.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`].
    pub fn list_datasets(
        &self,
        actor: &Actor,
        parent: &str,
        after: &str,
        page: usize,
        log_size: u64,
    ) -> Result<DatasetPage, Failure> {
        let resource = self.resource(Kind::Tenant, parent)?;
        self.permit_reading(actor, Action::DatasetList, &resource, true)?;
        let now = self.read(crate::registry::Registry::size);
        let log_size = if log_size == 0 {
            now
        } else {
            log_size.min(now)
        };
        let inside = format!("{parent}/datasets/");
        let found: Vec<(Dataset, u64)> = self.read(|registry| {
            let listed = registry
                .datasets()
                .filter(|one| one.name.starts_with(&inside) && *one.name > *after);
            let as_of = listed.filter_map(|one| {
                let current = one
                    .revisions
                    .iter()
                    .rev()
                    .find(|revision| revision.seq < log_size)?;
                Some((one.clone(), current.version))
            });
            as_of.collect()
        });
        let caller = principal(actor)?;
        let mut listed = Vec::new();
        let mut next_after = None;
        for (dataset, version) in found {
            let resource = self.dataset_resource(&dataset.name, Some(&dataset))?;
            let context = Context {
                mutual_tls: true,
                within_term: true,
            };
            // The listing as a whole is on the log; what of it the person may not read is left out.
            if !matches!(
                authorise(&caller, Action::DatasetGet, &resource, &context),
                Decision::Permit(_)
            ) {
                continue;
            }
            if listed.len() == page.min(PAGE_DATASETS_MAX) {
                next_after = listed
                    .last()
                    .map(|last: &DatasetDescription| last.name.clone());
                break;
            }
            listed.push(self.dataset_at(&dataset.name, version)?);
        }
        Ok(DatasetPage {
            datasets: listed,
            next_after,
            log_size,
        })
    }

    /// The scenario that an entry published.
    pub(crate) fn scenario_at(&self, entry: Leaf) -> Result<ScenarioDescription, Failure> {
        let lineage::EventBody::ScenarioPublished(published) = entry.body.clone() else {
            return Err(Failure::internal("scenario"));
        };
        let policy = self.text(&published.policy_digest)?;
        let parsed = ScenarioPolicy::parse("policy.yaml", &policy);
        let parsed = parsed.map_err(|_| Failure::internal("stored policy"))?;
        let within_term = parsed.valid.covers_unix_seconds(now_unix_seconds());
        Ok(ScenarioDescription {
            published,
            policy,
            within_term,
            entry,
        })
    }

    /// A scenario with the policy in force.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`], [`Reason::NotFound`].
    pub fn describe_scenario(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<ScenarioDescription, Failure> {
        let resource = self.inside_scenario(Kind::Scenario, name)?;
        self.permit_reading(actor, Action::ScenarioGet, &resource, true)?;
        let seq = self.read(|registry| registry.scenario(name).map(|scenario| scenario.seq));
        self.scenario_at(self.leaf(seq.ok_or_else(|| Failure::not_found(name))?)?)
    }

    /// A resource of a scenario with the organisations whose data the scenario names.
    fn inside_scenario(&self, kind: Kind, name: &str) -> Result<Resource, Failure> {
        let scenario = scenario_of(name);
        let datasets = self.read(|registry| {
            registry
                .scenario(&scenario)
                .map(|found| found.datasets.clone())
        });
        let providers = self.providers(&datasets.unwrap_or_default());
        Ok(self.resource(kind, name)?.with_providers(providers))
    }

    /// A version of a product, or the newest one when the name has no version.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`], [`Reason::NotFound`].
    pub fn describe_product(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<ProductDescription, Failure> {
        let (product, wanted) = match version_of(name) {
            Some((product, version)) => (product, Some(version)),
            None => (name, None),
        };
        let found = self.read(|registry| {
            registry
                .product(product)
                .and_then(|found| described(found, wanted))
        });
        let submitter = match &found {
            Some(ProductDescription::Submitted { version, .. }) => {
                Some(version.organisation.as_str())
            }
            Some(ProductDescription::Refused(refused)) => Some(refused.organisation.as_str()),
            None => None,
        };
        let submitter = submitter.and_then(|organisation| organisation.parse().ok());
        let resource = self
            .inside_scenario(Kind::Product, product)?
            .with_submitter(submitter);
        self.permit_reading(actor, Action::ProductGet, &resource, true)?;
        found.ok_or_else(|| Failure::not_found(name))
    }

    /// Decides whether a person may watch a sample.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`], [`Reason::NotFound`].
    pub fn may_watch_sample(&self, actor: &Actor, name: &str) -> Result<(), Failure> {
        let resource = self.inside_scenario(Kind::Sample, name)?;
        self.permit_reading(actor, Action::SampleWatch, &resource, true)?;
        self.sample(name).map(|_| ())
    }

    /// A sample as it stands; the caller has a permit.
    pub(crate) fn sample(&self, name: &str) -> Result<Sample, Failure> {
        let found = self.read(|registry| registry.sample(name).cloned());
        found.ok_or_else(|| Failure::not_found(name))
    }

    /// Decides whether a person may watch a job.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`], [`Reason::NotFound`].
    pub fn may_watch_job(&self, actor: &Actor, name: &str) -> Result<(), Failure> {
        let known = self.read(|registry| registry.job(name).map(|job| job.organisation.clone()));
        let submitter = known.and_then(|organisation| organisation.parse().ok());
        let resource = self
            .inside_scenario(Kind::Job, name)?
            .with_submitter(submitter);
        self.permit_reading(actor, Action::JobWatch, &resource, true)?;
        self.job(name).map(|_| ())
    }

    /// A job as it stands; the caller has a permit.
    pub(crate) fn job(&self, name: &str) -> Result<Job, Failure> {
        let found = self.read(|registry| registry.job(name).cloned());
        found.ok_or_else(|| Failure::not_found(name))
    }

    /// The words of a refusal, or those that stand for a run that ended by a limit or a fault.
    pub(crate) fn told(&self, reason: &str, refusal: Option<&Digest>) -> Result<Failure, Failure> {
        if let Some(digest) = refusal {
            return self.kept_refusal(Some(digest));
        }
        if reason == "interrupted" {
            let message = "the service stopped while it ran; ask again";
            return Ok(Failure::new(
                Reason::Stopping,
                message,
                "运行期间服务停止，请重新提交",
            ));
        }
        let word = reason.to_uppercase();
        let known = Reason::ALL.iter().find(|known| known.as_str() == word);
        let known = *known.unwrap_or(&Reason::Internal);
        Ok(Failure::new(known, known.next(), known.zh()))
    }
}

fn described(product: &Product, wanted: Option<u64>) -> Option<ProductDescription> {
    let wanted = wanted.unwrap_or(product.last_version);
    match product.version(wanted) {
        Some(version) => Some(ProductDescription::Submitted {
            product: product.name.clone(),
            version: Box::new(version.clone()),
        }),
        None => {
            let refused = product
                .refused
                .iter()
                .find(|refused| refused.version == wanted);
            refused.cloned().map(ProductDescription::Refused)
        }
    }
}
