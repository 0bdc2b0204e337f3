//! Scenarios: one policy document each, checked against the registered schemas before it is in force.

use lineage::event::ScenarioPublished;
use lineage::{Digest, Leaf};
use policy::{Action, CheckedPolicy, DatasetSchema, Faults, Kind, Lang, ScenarioPolicy};

use super::access::Admitted;
use super::{Call, Enclave, Failure, Reason};
use crate::plan::SamplePlan;
use crate::registry::Scenario;
use crate::worker::governance;

/// The longest stored document that is read back, in bytes.
const DOCUMENT_BYTES_MAX: u64 = 4 << 20;

/// A scenario with its policy in force, checked against the current schemas.
pub(super) struct InForce {
    pub(super) scenario: Scenario,
    pub(super) policy: CheckedPolicy,
    pub(super) within_term: bool,
}

impl Enclave {
    /// Publishes a scenario, or a further version of its policy document.
    ///
    /// # Errors
    /// [`Reason::DocumentInvalid`] with every fault at its place; [`Reason::AccessDenied`].
    pub fn publish_scenario(
        &self,
        call: &Call,
        parent: &str,
        scenario_id: &str,
        document: &str,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let name = format!("{parent}/scenarios/{scenario_id}");
        let admission = self.admission();
        let resource = self.resource(Kind::Scenario, &name)?;
        match self.admit(&admission, call, Action::ScenarioPublish, &resource, true)? {
            Admitted::Before(leaf) => return Ok(*leaf),
            Admitted::Now(_) => {}
        }
        let policy = self.checked(document, scenario_id)?;
        let policy_digest = self.shared.blobs.put(document.as_bytes())?;
        let datasets = self.dataset_names(&policy);
        self.answer(
            &admission,
            call,
            ScenarioPublished {
                scenario: name,
                policy_digest,
                datasets,
            },
        )
    }

    /// Parses and checks a document: against the schemas, the techniques, the gate and the platform's floor.
    fn checked(&self, document: &str, scenario_id: &str) -> Result<CheckedPolicy, Failure> {
        let policy = ScenarioPolicy::parse("policy.yaml", document).map_err(|f| faults(&f))?;
        if policy.scenario.as_str() != scenario_id {
            return Err(Failure::new(
                Reason::DocumentInvalid,
                format!(
                    "the document is for scenario `{}`; publish it under that id",
                    policy.scenario
                ),
                format!("该文件属于场景 `{}`，请以该编号发布", policy.scenario),
            ));
        }
        let policy = policy::check(&policy, &self.schemas(&policy)?).map_err(|f| faults(&f))?;
        if policy.policy().sample.is_some() {
            SamplePlan::new(&policy).map_err(|f| faults(&f))?;
        }
        if policy.policy().output.is_some() {
            governance(&policy).map_err(|error| {
                Failure::new(
                    Reason::DocumentInvalid,
                    error.to_string(),
                    "策略文件不可执行",
                )
            })?;
        }
        self.above_floor(policy.policy())?;
        Ok(policy)
    }

    /// The stricter of platform and document wins; a document below the floor is refused rather than silently raised.
    fn above_floor(&self, policy: &ScenarioPolicy) -> Result<(), Failure> {
        let floor = &self.shared.config.floor;
        let below = |key: &str, written: u64, rule: &str, limit: u64| {
            Err(Failure::new(
                Reason::DocumentInvalid,
                format!(
                    "`{key}: {written}` is weaker than the platform's floor; write {rule} {limit}"
                ),
                format!("`{key}: {written}` 低于平台底线，请写 {rule} {limit}"),
            ))
        };
        if let Some(sample) = &policy.sample
            && u64::from(sample.k_map) < floor.k
        {
            return below("sample.k_map", u64::from(sample.k_map), ">=", floor.k);
        }
        if let Some(output) = &policy.output {
            if u64::from(output.k) < floor.k {
                return below("output.k", u64::from(output.k), ">=", floor.k);
            }
            if output.rows_max > floor.rows_max {
                return below("output.rows_max", output.rows_max, "<=", floor.rows_max);
            }
        }
        Ok(())
    }

    fn dataset_names(&self, policy: &CheckedPolicy) -> Vec<String> {
        policy
            .datasets()
            .map(|dataset| self.dataset_name(dataset.policy.id.as_str()))
            .collect()
    }

    /// The resource name of `owner/table`.
    pub(super) fn dataset_name(&self, id: &str) -> String {
        format!("tenants/{}/datasets/{id}", self.shared.tenant)
    }

    /// The current schema of every registered data set that a document names.
    fn schemas(&self, policy: &ScenarioPolicy) -> Result<Vec<DatasetSchema>, Failure> {
        let names: Vec<String> = policy
            .datasets
            .iter()
            .map(|dataset| self.dataset_name(dataset.id.as_str()))
            .collect();
        names
            .iter()
            .filter_map(|name| self.current_schema(name).transpose())
            .collect()
    }

    /// The schema of a data set's current version, if it is registered.
    pub(super) fn current_schema(&self, name: &str) -> Result<Option<DatasetSchema>, Failure> {
        let digest = self.read(|registry| Some(registry.dataset(name)?.current()?.document_digest));
        digest.map(|digest| self.schema(&digest)).transpose()
    }

    /// A stored schema file.
    pub(super) fn schema(&self, digest: &Digest) -> Result<DatasetSchema, Failure> {
        let text = self.text(digest)?;
        DatasetSchema::parse("schema.yaml", &text).map_err(|_| Failure::internal("stored schema"))
    }

    /// A stored text.
    pub(super) fn text(&self, digest: &Digest) -> Result<String, Failure> {
        let bytes = self.shared.blobs.get(*digest, DOCUMENT_BYTES_MAX)?;
        String::from_utf8(bytes).map_err(|_| Failure::internal("stored text"))
    }

    /// A scenario with its policy, checked again: schemas may have changed since it was published.
    pub(super) fn in_force(&self, name: &str) -> Result<InForce, Failure> {
        let scenario = self.read(|registry| registry.scenario(name).cloned());
        let scenario = scenario.ok_or_else(|| Failure::not_found(name))?;
        let text = self.text(&scenario.policy_digest)?;
        let policy = ScenarioPolicy::parse("policy.yaml", &text)
            .map_err(|_| Failure::internal("stored policy"))?;
        let within_term = policy.valid.covers_unix_seconds(now_unix_seconds());
        let policy = policy::check(&policy, &self.schemas(&policy)?).map_err(|f| faults(&f))?;
        Ok(InForce {
            scenario,
            policy,
            within_term,
        })
    }

    /// The policy document in force and whether today lies in its term.
    ///
    /// # Errors
    /// [`Reason::NotFound`] when there is no such scenario.
    pub fn scenario_document(&self, name: &str) -> Result<(Scenario, String, bool), Failure> {
        let scenario = self.read(|registry| registry.scenario(name).cloned());
        let scenario = scenario.ok_or_else(|| Failure::not_found(name))?;
        let text = self.text(&scenario.policy_digest)?;
        let policy = ScenarioPolicy::parse("policy.yaml", &text)
            .map_err(|_| Failure::internal("stored policy"))?;
        let within = policy.valid.covers_unix_seconds(now_unix_seconds());
        Ok((scenario, text, within))
    }
}

/// All faults of a document, with carets.
pub(super) fn faults(faults: &Faults) -> Failure {
    Failure::new(
        Reason::DocumentInvalid,
        faults.message(Lang::En),
        faults.message(Lang::Zh),
    )
}

/// The wall clock; terms are whole days, so its drift of seconds does not matter.
pub(super) fn now_unix_seconds() -> i64 {
    jiff::Timestamp::now().as_second()
}
