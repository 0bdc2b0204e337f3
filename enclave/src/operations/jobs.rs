//! Jobs: an approved product version runs in the jail; only what passed the gate is delivered.

use lineage::event::{
    DatasetVersion, JobDelivered, JobFailed, JobRefused, JobStarted, JobSubmitted, ReleasedFile,
};
use lineage::{Digest, EventBody, Leaf};
use policy::{Action, Kind, Permit};

use super::access::Admitted;
use super::products::{rules, scenario_of};
use super::runner::{Work, WorkKind};
use super::scenarios::InForce;
use super::{Call, Enclave, Failure, Reason, locked};
use crate::plan::{is_hidden, job_columns};
use crate::registry::ProductVersion;
use crate::worker::{Produced, Sealed, WorkerInput};

impl Enclave {
    /// Queues a run of an approved product version.
    ///
    /// # Errors
    /// [`Reason::ApprovalMissing`] naming who has not approved, [`Reason::BindingChanged`] when what was approved is
    /// no longer what would run, [`Reason::LimitExceeded`] when too much is waiting.
    pub fn submit_job(
        &self,
        call: &Call,
        parent: &str,
        product: &str,
        version: u64,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let admission = self.admission();
        let in_force = self.in_force(parent)?;
        if scenario_of(product) != parent {
            return Err(Failure::new(
                Reason::FieldInvalid,
                "the product belongs to another scenario; an approval counts in its own scenario only",
                "该产品属于其他场景，审核意见仅在其场景内有效",
            ));
        }
        let submitted = self.product_version(product, version)?;
        let resource = self
            .resource(Kind::Product, product)?
            .with_providers(self.providers(&in_force.scenario.datasets))
            .with_submitter(submitted.organisation.parse().ok());
        let action = Action::JobSubmit;
        let permit = match self.admit(&admission, call, action, &resource, in_force.within_term)? {
            Admitted::Before(leaf) => return Ok(*leaf),
            Admitted::Now(permit) => *permit,
        };
        self.may_run(&in_force, &submitted)?;
        self.shared.runner.has_room()?;
        let id = lineage::statement::fresh_nonce().map_err(|_| Failure::internal("entropy"))?;
        let job = format!("{parent}/jobs/{id}");
        let body = JobSubmitted {
            job: job.clone(),
            product: product.to_owned(),
            version,
        };
        let leaf = self.answer(&admission, call, body)?;
        self.shared
            .runner
            .push(Work::of(call, WorkKind::Job, job, permit));
        Ok(leaf)
    }

    /// Whether every body approved and what they approved is what would run now.
    fn may_run(&self, in_force: &InForce, submitted: &ProductVersion) -> Result<(), Failure> {
        let missing = self.missing_approvals(submitted);
        if !missing.is_empty() {
            let who = missing.iter().map(|missing| match &missing.organisation {
                Some(organisation) => format!("{} {organisation}", missing.duty),
                None => missing.duty.to_string(),
            });
            let who = who.collect::<Vec<_>>().join(", ");
            return Err(Failure::new(
                Reason::ApprovalMissing,
                format!("not approved yet by: {who}"),
                format!("尚未获得以下各方审核通过：{who}"),
            )
            .with("missing", who));
        }
        if !in_force.within_term {
            return Err(Failure::new(
                Reason::NotInForce,
                "the scenario is outside its term",
                "场景不在有效期内",
            ));
        }
        self.keys_are_there(None, &self.versions(in_force, submitted)?)?;
        let sql = self.product_logic(submitted)?;
        let pins: Vec<_> = submitted
            .binding
            .datasets
            .iter()
            .map(|bound| (bound.dataset.clone(), bound.version))
            .collect();
        let now = self.binding(in_force, &sql, &pins, &rules(in_force)?)?;
        if now != submitted.binding {
            return Err(Failure::new(
                Reason::BindingChanged,
                "policy, schema, labels or contract changed since the approval; submit a new version for review",
                "审核后策略、模式、分类或输出约定已变更，请提交新版本重新审核",
            ));
        }
        Ok(())
    }

    /// Runs a queued job; whatever comes of it is an event.
    pub(super) fn run(&self, work: &Work) -> Result<(), Failure> {
        let ended = self.run_product(work);
        locked(&self.shared.killers).remove(&work.name);
        let job = work.name.clone();
        let admission = self.admission();
        // A key may have been destroyed while the job ran; nothing is delivered after that.
        let ended = ended.and_then(|delivered| {
            let reads = self.read(|registry| registry.job(&job)?.reads.clone());
            let read = reads.map(|reads| reads.datasets).unwrap_or_default();
            self.keys_are_there(None, &read).map(|()| delivered)
        });
        let body: EventBody = match ended {
            Ok(delivered) => delivered.into(),
            Err(failure) if concludes_as_refusal(failure.reason) => JobRefused {
                job,
                reason: failure.reason.as_str().to_lowercase(),
                refusal_digest: Some(self.keep_refusal(&failure)?),
            }
            .into(),
            Err(failure) => {
                tracing::warn!(job = %work.name, reason = failure.reason.as_str(), "job failed");
                JobFailed {
                    job,
                    reason: failure.reason.as_str().to_lowercase(),
                }
                .into()
            }
        };
        self.commit(&admission, vec![self.continued(work, body)])?;
        Ok(())
    }

    fn run_product(&self, work: &Work) -> Result<JobDelivered, Failure> {
        let job = self.read(|registry| registry.job(&work.name).cloned());
        let job = job.ok_or_else(|| Failure::not_found(&work.name))?;
        let in_force = self.in_force(&scenario_of(&work.name))?;
        let submitted = self.product_version(&job.product, job.version)?;
        self.may_run(&in_force, &submitted)?;
        let sql = self.product_logic(&submitted)?;
        let governance = rules(&in_force)?;
        let plan_digest = self.shared.workers.plan(&sql, &governance)?.plan_digest;
        let started = JobStarted {
            job: work.name.clone(),
            product: job.product.clone(),
            version: job.version,
            binding_digest: submitted.binding_digest,
            approvals: submitted
                .approvals
                .iter()
                .map(|approval| approval.seq)
                .collect(),
            datasets: DatasetVersion::listed(self.versions(&in_force, &submitted)?),
            plan_digest: plan_digest
                .parse()
                .map_err(|_| Failure::internal("plan digest"))?,
            layers: Vec::new(),
        };
        let inputs = self.worker_inputs(&work.permit, &in_force, &started.datasets)?;
        let produced = self
            .shared
            .workers
            .run::<Failure>(&sql, &governance, inputs, |sealed| {
                self.log_start(work, &started, sealed)
            })?;
        if produced.plan_digest != plan_digest {
            return Err(Failure::internal(
                "the plan that ran is not the plan that was admitted",
            ));
        }
        self.deliver(work, started, produced)
    }

    /// The decision is on the log before a key is handed over.
    fn log_start(&self, work: &Work, started: &JobStarted, sealed: &Sealed) -> Result<(), Failure> {
        let layers = sealed
            .layers
            .iter()
            .map(|layer| (*layer).to_owned())
            .collect();
        locked(&self.shared.killers).insert(work.name.clone(), sealed.killer.clone());
        let admission = self.admission();
        self.keys_are_there(None, &started.datasets)?;
        let body = JobStarted {
            layers,
            ..started.clone()
        };
        self.commit(&admission, vec![self.continued(work, body)])?;
        Ok(())
    }

    /// The exact versions that a product reads now, with the columns whose keys its worker is given.
    fn versions(
        &self,
        in_force: &InForce,
        submitted: &ProductVersion,
    ) -> Result<Vec<DatasetVersion>, Failure> {
        let columns = |name: &str| {
            let mut listed = in_force.policy.datasets();
            let listed = listed.find(|one| self.dataset_name(one.policy.id.as_str()) == name);
            let columns = listed.map(job_columns).unwrap_or_default();
            columns.into_iter().filter(|one| !is_hidden(one)).collect()
        };
        let read = |bound: &lineage::event::BoundDataset| {
            let version = match bound.version {
                lineage::event::VersionPin::Number(number) => Some(number),
                lineage::event::VersionPin::Current => {
                    self.read(|registry| Some(registry.dataset(&bound.dataset)?.current()?.version))
                }
            };
            let version = version.ok_or_else(|| Failure::not_found(&bound.dataset))?;
            Ok(DatasetVersion {
                dataset: bound.dataset.clone(),
                version,
                columns: columns(&bound.dataset),
            })
        };
        submitted.binding.datasets.iter().map(read).collect()
    }

    /// Ciphertext and the keys of granted columns; a data set with a row filter is narrowed first.
    fn worker_inputs(
        &self,
        permit: &Permit,
        in_force: &InForce,
        versions: &[DatasetVersion],
    ) -> Result<Vec<WorkerInput>, Failure> {
        let mut inputs = Vec::new();
        for dataset in in_force.policy.datasets() {
            let id = dataset.policy.id.as_str();
            let name = self.dataset_name(id);
            let read = versions.iter().find(|read| read.dataset == name);
            let version = read.ok_or_else(|| Failure::not_found(&name))?.version;
            let version = self.version_name(id, version)?;
            let columns = job_columns(dataset);
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            let vault = &self.shared.vault;
            let (file, keys) = match &dataset.policy.rows {
                Some(rows) => vault.narrow(permit, &version, &columns, rows)?,
                None => vault.descriptor(permit, &version, &columns)?,
            };
            inputs.push(WorkerInput {
                schema: dataset.policy.id.owner().to_owned(),
                table: dataset.policy.id.table().to_owned(),
                file,
                keys,
            });
        }
        Ok(inputs)
    }

    /// Looks once more whether the job may deliver, keeps the files, and makes the event.
    fn deliver(
        &self,
        work: &Work,
        started: JobStarted,
        produced: Produced,
    ) -> Result<JobDelivered, Failure> {
        let in_force = self.in_force(&scenario_of(&work.name))?;
        self.may_run(
            &in_force,
            &self.product_version(&started.product, started.version)?,
        )?;
        let mut files = Vec::new();
        for file in produced.files {
            let digest: Digest = self.shared.blobs.put(&file.bytes)?;
            let bytes = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
            let frames = self.keep_frames(&file.name, &file.frames)?;
            files.push(ReleasedFile {
                name: file.name,
                digest,
                bytes,
            });
            files.extend(frames);
        }
        Ok(JobDelivered {
            job: started.job,
            product: started.product,
            version: started.version,
            binding_digest: started.binding_digest,
            approvals: started.approvals,
            files,
            groups_released_band: None,
            groups_withheld: produced.withheld.words().0.to_owned(),
        })
    }
}

/// A rule's "no" is a refusal; a limit or a fault is a failure.
fn concludes_as_refusal(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::LogicInvalid
            | Reason::UseNotGranted
            | Reason::Threshold
            | Reason::Contract
            | Reason::ApprovalMissing
            | Reason::BindingChanged
            | Reason::NotInForce
            | Reason::AccessDenied
            | Reason::KeyDestroyed
    )
}
