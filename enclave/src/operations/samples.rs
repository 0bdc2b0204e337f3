//! Samples: asked for, drawn, gated, and released once for each recipe and data version.

use lineage::event::{
    DatasetVersion, SampleFailed, SampleRefused, SampleReleased, SampleRequested,
};
use lineage::{Digest, EventBody, Leaf};
use policy::{Action, Permit};

use super::access::Admitted;
use super::runner::{Work, WorkKind};
use super::scenarios::InForce;
use super::{Call, Enclave, Failure, Reason, locked};
use crate::files::{CsvOptions, Frame, frames};
use crate::intake::BATCH_ROWS;
use crate::keys::KeyError;
use crate::local::{
    Batches, Draw, Open, Progress, SampleFailure, SampleFiles, Writing, write_sample,
};
use crate::plan::{SamplePlan, TablePlan};
use crate::registry::{JobState, SampleState};
use crate::vault::{VaultError, VersionName};

/// Hex digits of a sample's id, out of its recipe's digest.
const ID_DIGITS: usize = 16;

/// Whether a sample is one-way when its policy does not say: it leaves the system, so nobody is to reverse it later.
const ONE_WAY_DEFAULT: bool = true;

/// What a sample is made of: the same inputs have the same digest and so the same sample.
struct Inputs {
    plan: SamplePlan,
    versions: Vec<DatasetVersion>,
    recipe_digest: Digest,
}

impl Enclave {
    /// Asks for the scenario's sample of the current data; a sample that exists already is found again.
    ///
    /// # Errors
    /// [`Reason::AccessDenied`]; [`Reason::LimitExceeded`] when too much is waiting.
    pub fn request_sample(&self, call: &Call, parent: &str) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let admission = self.admission();
        let in_force = self.in_force(parent)?;
        let providers = self.providers(&in_force.scenario.datasets);
        let resource = self
            .resource(policy::Kind::Scenario, parent)?
            .with_providers(providers);
        let action = Action::SampleRequest;
        let permit = match self.admit(&admission, call, action, &resource, in_force.within_term)? {
            Admitted::Before(leaf) => return Ok(*leaf),
            Admitted::Now(permit) => *permit,
        };
        let inputs = self.inputs(&in_force)?;
        let hex = inputs.recipe_digest.to_string();
        let id: String = hex
            .trim_start_matches("sha256:")
            .chars()
            .take(ID_DIGITS)
            .collect();
        let name = format!("{parent}/samples/{id}");
        let exists =
            self.read(|registry| registry.sample(&name).map(|sample| sample.state.clone()));
        let must_draw = matches!(exists, None | Some(SampleState::Failed { .. }));
        if must_draw {
            self.keys_are_there(Some(parent), &inputs.versions)?;
            self.shared.runner.has_room()?;
        }
        let body = SampleRequested {
            scenario: parent.to_owned(),
            sample: name.clone(),
        };
        let leaf = self.answer(&admission, call, body)?;
        if must_draw {
            self.shared
                .runner
                .push(Work::of(call, WorkKind::Sample, name, permit));
        }
        Ok(leaf)
    }

    fn inputs(&self, in_force: &InForce) -> Result<Inputs, Failure> {
        let plan = SamplePlan::new(&in_force.policy)
            .map_err(|faults| super::scenarios::faults(&faults))?;
        let mut versions = Vec::new();
        for table in &plan.tables {
            let dataset = self.dataset_name(&table.dataset);
            let version =
                self.read(|registry| Some(registry.dataset(&dataset)?.current()?.version));
            let version = version.ok_or_else(|| Failure::not_found(&dataset))?;
            versions.push(DatasetVersion {
                columns: table.read_columns(),
                dataset,
                version,
            });
        }
        let read: Vec<String> = versions
            .iter()
            .map(|read| format!("{}@{}", read.dataset, read.version))
            .collect();
        let recipe = format!(
            "{}\n{}",
            in_force.policy.policy().canonical_json(),
            read.join("\n")
        );
        Ok(Inputs {
            plan,
            versions,
            recipe_digest: Digest::of(recipe.as_bytes()),
        })
    }

    /// How many rows of a running sample have been read.
    #[must_use]
    pub fn rows_read(&self, sample: &str) -> u64 {
        locked(&self.shared.progress)
            .get(sample)
            .copied()
            .unwrap_or(0)
    }

    /// Draws a sample that was asked for; whatever comes of it is an event.
    pub(super) fn draw(&self, work: &Work) -> Result<(), Failure> {
        let scenario = super::products::scenario_of(&work.name);
        let drawn = self.draw_files(&scenario, work);
        locked(&self.shared.progress).remove(&work.name);
        let (scenario, sample) = (scenario, work.name.clone());
        let admission = self.admission();
        // A key may have been destroyed while the sample was drawn; nothing is released after that.
        let drawn = drawn.and_then(|released| {
            let there = self.keys_are_there(Some(&scenario), &released.datasets);
            there.map(|()| released).map_err(Ended::from)
        });
        let body: EventBody = match drawn {
            Ok(released) => released.into(),
            Err(Ended::Refused(failure)) => SampleRefused {
                scenario,
                sample,
                reason: rule_of(&failure),
                refusal_digest: Some(self.keep_refusal(&failure)?),
            }
            .into(),
            Err(Ended::Failed(failure)) => {
                tracing::warn!(sample = %work.name, reason = failure.reason.as_str(), "sample failed: {failure}");
                SampleFailed {
                    scenario,
                    sample,
                    reason: failure.reason.as_str().to_lowercase(),
                }
                .into()
            }
        };
        self.commit(&admission, vec![self.continued(work, body)])?;
        Ok(())
    }

    fn draw_files(&self, scenario: &str, work: &Work) -> Result<SampleReleased, Ended> {
        let in_force = self.in_force(scenario)?;
        let inputs = self.inputs(&in_force)?;
        let id = in_force.policy.policy().scenario.clone();
        let key = self.shared.keys.scenario(&self.shared.tenant, &id);
        let key = key.map_err(Failure::from)?;
        let one_way = is_one_way(&in_force);
        let key = match one_way {
            true => key.with_fresh_surrogates().map_err(Failure::from)?,
            false => key,
        };
        let tables = inputs
            .plan
            .tables
            .iter()
            .zip(&inputs.versions)
            .map(|(table, read)| self.open_for_sample(&work.permit, table, read))
            .collect();
        let progress = |progress: Progress| {
            locked(&self.shared.progress).insert(work.name.clone(), progress.rows);
        };
        let draw = Draw {
            plan: &inputs.plan,
            tables,
            key: &key,
            frozen: in_force.scenario.frozen_threshold,
            scratch: &self.shared.tmp,
            progress: &progress,
        };
        let directory = Scratch::create(&self.shared.tmp)?;
        let writing = Writing {
            dir: directory.path(),
            scenario: id.as_str(),
            versions: inputs
                .versions
                .iter()
                .map(|read| Some(read.version))
                .collect(),
            one_way,
            csv: CsvOptions::default(),
        };
        let files = write_sample(draw, &writing)?;
        self.released(&in_force, scenario, &work.name, inputs, files)
            .map_err(Ended::Failed)
    }

    /// One table through the vault's door, as often as the draw asks.
    fn open_for_sample<'a>(
        &'a self,
        permit: &'a Permit,
        table: &'a TablePlan,
        read: &DatasetVersion,
    ) -> Open<'a> {
        let version = self.version_name(&table.dataset, read.version);
        Box::new(move |columns| {
            let version = version.as_ref().map_err(|_| SampleFailure::UnitColumn)?;
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            let rows = table.rows.as_ref();
            let raw = self
                .shared
                .vault
                .open(permit, version, &columns, rows, BATCH_ROWS)?;
            Ok(Box::new(raw.map(|batch| batch.map_err(SampleFailure::from))) as Batches<'_>)
        })
    }

    /// `owner/table` with its version, as the vault names it.
    pub(super) fn version_name(&self, dataset: &str, version: u64) -> Result<VersionName, Failure> {
        let id = dataset
            .parse()
            .map_err(|_| Failure::internal("data set name"))?;
        Ok(VersionName::new(self.shared.tenant.clone(), id, version))
    }

    fn released(
        &self,
        in_force: &InForce,
        scenario: &str,
        sample: &str,
        inputs: Inputs,
        written: SampleFiles,
    ) -> Result<SampleReleased, Failure> {
        let mut files = Vec::new();
        let mut report_digest = None;
        for file in &written.files {
            let name = file
                .path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            let kept = self.kept_file(&file.path, &name.unwrap_or_default())?;
            report_digest = kept.first().map(|kept| kept.digest);
            files.extend(kept);
        }
        let recipe = in_force.policy.policy().sample.as_ref();
        Ok(SampleReleased {
            scenario: scenario.to_owned(),
            sample: sample.to_owned(),
            recipe_digest: inputs.recipe_digest,
            policy_digest: in_force.scenario.policy_digest,
            datasets: DatasetVersion::listed(inputs.versions),
            k_map: recipe.map_or(0, |recipe| u64::from(recipe.k_map)),
            selection_threshold: written.threshold.to_string(),
            files,
            suppressed_units: written.report.suppressed_units(),
            one_way: is_one_way(in_force),
            report_digest: report_digest.ok_or_else(|| Failure::internal("report"))?,
        })
    }

    /// What a crash interrupted did not come about, and the log says so; it can be asked for again.
    pub(super) fn fail_interrupted(&self) {
        let (samples, jobs) = self.read(|registry| {
            let samples = registry
                .samples()
                .filter(|s| matches!(s.state, SampleState::Running));
            let samples: Vec<_> = samples
                .map(|s| (s.requested, s.name.clone(), s.scenario.clone()))
                .collect();
            let jobs = registry.jobs();
            let jobs = jobs.filter(|j| matches!(j.state, JobState::Queued | JobState::Running));
            (
                samples,
                jobs.map(|j| (j.submitted, j.name.clone()))
                    .collect::<Vec<_>>(),
            )
        });
        let reason = || "interrupted".to_owned();
        for (seq, sample, scenario) in samples {
            self.conclude(
                seq,
                SampleFailed {
                    scenario,
                    sample,
                    reason: reason(),
                },
            );
        }
        for (seq, job) in jobs {
            self.conclude(
                seq,
                lineage::event::JobFailed {
                    job,
                    reason: reason(),
                },
            );
        }
    }

    /// Ends what the entry `seq` began, in the name of who began it.
    fn conclude(&self, seq: u64, body: impl Into<EventBody>) {
        let admission = self.admission();
        let concluded = self.leaf(seq).and_then(|begun| {
            let mut event = self.event(&begun.actor, body);
            event.request_id = begun.request_id;
            self.commit(&admission, vec![event])
        });
        if let Err(failure) = concluded {
            tracing::error!(
                reason = failure.reason.as_str(),
                "an interrupted run could not be concluded"
            );
        }
    }
}

pub(super) fn frames_of(path: &std::path::Path) -> std::io::Result<Vec<Frame>> {
    frames(&mut std::io::BufReader::new(std::fs::File::open(path)?))
}

/// Whether the surrogates of a scenario's samples are made with a key that is never stored.
fn is_one_way(in_force: &InForce) -> bool {
    let recipe = in_force.policy.policy().sample.as_ref();
    recipe
        .and_then(|recipe| recipe.one_way)
        .unwrap_or(ONE_WAY_DEFAULT)
}

/// How a draw ended without a sample.
enum Ended {
    Refused(Failure),
    Failed(Failure),
}

impl From<Failure> for Ended {
    /// A destroyed key stays destroyed: a refusal, whose words are kept.
    fn from(failure: Failure) -> Self {
        match failure.reason {
            Reason::KeyDestroyed => Self::Refused(failure.with("rule", "key_destroyed")),
            _ => Self::Failed(failure),
        }
    }
}

/// The rule that says no, as the log names it.
fn rule_of(failure: &Failure) -> String {
    let rule = failure.metadata.iter().find(|(key, _)| *key == "rule");
    rule.map_or_else(
        || failure.reason.as_str().to_lowercase(),
        |(_, rule)| rule.clone(),
    )
}

impl From<SampleFailure> for Ended {
    fn from(failure: SampleFailure) -> Self {
        match &failure {
            SampleFailure::Refused { .. } => Self::Refused(
                Failure::new(
                    Reason::Threshold,
                    failure.to_string(),
                    "样本未通过重识别风险检查，请进一步泛化准标识列",
                )
                .with("rule", "k_map"),
            ),
            // The same data would break off again: a refusal, whose words are kept.
            SampleFailure::Broken { .. } => Self::Refused(
                Failure::new(
                    Reason::FileInvalid,
                    failure.to_string(),
                    format!(
                        "{}（请数据提供方更正，或调整 `on_broken`）",
                        failure.told().zh
                    ),
                )
                .with("rule", "on_broken"),
            ),
            SampleFailure::Key(KeyError::Destroyed { path })
            | SampleFailure::Vault(VaultError::Key(KeyError::Destroyed { path })) => {
                Self::from(Failure::destroyed(path))
            }
            SampleFailure::Recipe(_) | SampleFailure::Unsuitable(_) => Self::Failed(Failure::new(
                Reason::DocumentInvalid,
                failure.to_string(),
                format!("样本无法按策略生成：{}", failure.told().zh),
            )),
            _ => Self::Failed(Failure::new(
                Reason::ResourceUnavailable,
                failure.to_string(),
                "样本无法生成",
            )),
        }
    }
}

/// A directory for released files on their way into the store; removed when dropped. It holds released data only.
pub(super) struct Scratch(std::path::PathBuf);

impl Scratch {
    pub(super) fn create(tmp: &std::path::Path) -> Result<Self, Failure> {
        let nonce = lineage::statement::fresh_nonce().map_err(|_| Failure::internal("entropy"))?;
        let path = tmp.join(format!("sample-{nonce}"));
        std::fs::create_dir(&path).map_err(|_| Failure::internal("scratch directory"))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
