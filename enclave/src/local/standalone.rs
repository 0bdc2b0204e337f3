//! `sample run` on a person's own files: the server's functions, without its stores.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::record_batch::RecordBatch;
use policy::{CheckedDataset, CheckedPolicy, DatasetSchema, Faults, Lang, ScenarioPolicy};

use super::draw::{Batches, Draw, Open};
use super::failure::SampleFailure;
use super::progress::Progress;
use super::sample::{SampleFiles, Writing, write_sample};
use crate::files::CsvOptions;
use crate::intake::{EncodingChoice, Intake, IntakeError, Reading, Source};
use crate::keys::{KeyError, ReleaseKey, SecretKey, UnitKey};
use crate::plan::SamplePlan;
use crate::vault::{VaultError, filter_rows};

/// The domain under which a key file gives the key of unit numbers.
const UNIT_DOMAIN: &str = "karez/units";

/// Files, schemas and policy of a stand-alone run.
#[derive(Debug, Clone)]
pub struct Inputs {
    /// `NAME=FILE`: a data set's id `owner/table`, or its table alone where that is clear.
    pub files: Vec<(String, PathBuf)>,
    /// Schema files.
    pub schemas: Vec<PathBuf>,
    /// The policy document.
    pub policy: PathBuf,
    /// How the files are written; their endings tell Parquet and .xlsx.
    pub reading: Reading,
}

/// A sample to be made of one's own files.
pub struct SampleRun<'a> {
    /// The files.
    pub inputs: Inputs,
    /// A file with 64 hex digits; without it a fresh key is used and dropped.
    pub key_file: Option<PathBuf>,
    /// Where the sample goes; made if missing.
    pub out: PathBuf,
    /// How the sample's CSV is written.
    pub csv: CsvOptions,
    /// Told how far the work has come.
    pub progress: &'a dyn Fn(Progress),
}

/// Why a stand-alone run came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A schema or policy has faults.
    #[error("{}", .0.message(Lang::En))]
    Faults(Faults),
    /// An input is not a data set of the policy, or one of them has no input.
    #[error("{0}")]
    Inputs(String),
    /// A provider's file cannot be taken in.
    #[error("{}: {source}", path.display())]
    Intake {
        /// The file.
        path: PathBuf,
        /// What is wrong, by column and record.
        source: IntakeError,
    },
    /// The sample was refused or could not be made.
    #[error(transparent)]
    Sample(#[from] SampleFailure),
    /// The query was refused or could not run.
    #[error(transparent)]
    Job(#[from] crate::worker::JobFailure),
    /// The policy lets nothing out.
    #[error(transparent)]
    NotGovernable(#[from] crate::worker::NotGovernable),
    /// The key file is not a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The job's input could not be encrypted.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<Faults> for RunError {
    fn from(faults: Faults) -> Self {
        Self::Faults(faults)
    }
}

/// A policy with its schemas and the file of each data set.
pub(super) struct Prepared {
    pub(super) policy: CheckedPolicy,
    reading: Reading,
    files: BTreeMap<String, PathBuf>,
}

/// Draws a sample of one's own files and writes it.
///
/// # Errors
/// [`RunError`]; no file of the sample is left then.
pub fn run_sample(run: &SampleRun<'_>) -> Result<SampleFiles, RunError> {
    let prepared = Prepared::read(&run.inputs)?;
    let plan = SamplePlan::new(&prepared.policy)?;
    if plan.recipe.one_way == Some(true) && run.key_file.is_some() {
        return Err(RunError::Inputs(
            "the policy says `one_way: true`, which a key that is kept would break; leave out the key file"
                .to_owned(),
        ));
    }
    let (release, units) = keys(run.key_file.as_deref())?;
    std::fs::create_dir_all(&run.out).map_err(|source| RunError::Read {
        path: run.out.clone(),
        source,
    })?;
    let mut tables: Vec<Open<'_>> = Vec::new();
    for dataset in prepared.policy.datasets() {
        let reading = found(&prepared.reading, &prepared.intake(dataset, &units)?);
        tables.push(prepared.open(dataset, &units, reading));
    }
    let draw = Draw {
        plan: &plan,
        tables,
        key: &release,
        frozen: None,
        scratch: &run.out,
        progress: run.progress,
    };
    let writing = Writing {
        dir: &run.out,
        scenario: prepared.policy.policy().scenario.as_str(),
        versions: vec![None; plan.tables.len()],
        one_way: run.key_file.is_none(),
        csv: run.csv,
    };
    Ok(write_sample(draw, &writing)?)
}

/// The keys of a run: out of a file, or fresh ones that nobody keeps. Never out of policy, path or data.
fn keys(file: Option<&Path>) -> Result<(ReleaseKey, UnitKey), RunError> {
    match file {
        None => Ok((ReleaseKey::one_way()?, UnitKey::ephemeral()?)),
        Some(path) => {
            let release = ReleaseKey::from_key(SecretKey::read(path)?);
            let units = UnitKey::from_key(release.domain(UNIT_DOMAIN)?);
            Ok((release, units))
        }
    }
}

fn read_text(path: &Path) -> Result<String, RunError> {
    std::fs::read_to_string(path).map_err(|source| RunError::Read {
        path: path.to_owned(),
        source,
    })
}

/// A policy document with the schemas of its data sets, checked against each other.
pub(super) fn read_policy(policy: &Path, schemas: &[PathBuf]) -> Result<CheckedPolicy, RunError> {
    let mut parsed = Vec::new();
    for path in schemas {
        parsed.push(DatasetSchema::parse(
            &path.display().to_string(),
            &read_text(path)?,
        )?);
    }
    let document = ScenarioPolicy::parse(&policy.display().to_string(), &read_text(policy)?)?;
    Ok(policy::check(&document, &parsed)?)
}

impl Prepared {
    pub(super) fn read(inputs: &Inputs) -> Result<Self, RunError> {
        let policy = read_policy(&inputs.policy, &inputs.schemas)?;
        let files = assign(&policy, &inputs.files)?;
        Ok(Self {
            policy,
            reading: inputs.reading.clone(),
            files,
        })
    }

    /// The file of a data set.
    fn path(&self, dataset: CheckedDataset<'_>) -> PathBuf {
        let id = dataset.policy.id.as_str();
        self.files.get(id).cloned().unwrap_or_default()
    }

    /// Says which of several files an intake's fault is in.
    pub(super) fn name_file(&self, dataset: CheckedDataset<'_>, error: VaultError) -> RunError {
        match error {
            VaultError::Intake(source) => RunError::Intake {
                path: self.path(dataset),
                source,
            },
            other => RunError::Vault(other),
        }
    }

    /// Opens the file of a data set.
    pub(super) fn intake(
        &self,
        dataset: CheckedDataset<'_>,
        units: &UnitKey,
    ) -> Result<Intake, RunError> {
        self.intake_as(&self.reading, dataset, units)
    }

    fn intake_as(
        &self,
        reading: &Reading,
        dataset: CheckedDataset<'_>,
        units: &UnitKey,
    ) -> Result<Intake, RunError> {
        let path = self.path(dataset);
        let read = |source| RunError::Read {
            path: path.clone(),
            source,
        };
        let source = Source::file(&path).map_err(read)?;
        let intake = Intake::open(source, reading.format_of(&path), dataset.schema, units);
        intake.map_err(|source| RunError::Intake {
            path: path.clone(),
            source,
        })
    }

    /// A data set as often as the draw asks for it, filtered as the policy says.
    fn open<'a>(
        &'a self,
        dataset: CheckedDataset<'a>,
        units: &'a UnitKey,
        reading: Reading,
    ) -> Open<'a> {
        Box::new(move |columns| {
            let intake = self.intake_as(&reading, dataset, units);
            let intake = intake.map_err(|error| SampleFailure::File(error.to_string()))?;
            let columns = columns.to_vec();
            let path = self.files.get(dataset.policy.id.as_str());
            let path = path.cloned().unwrap_or_default();
            // Of several files the reader must know which one to look into.
            let named = move |error| SampleFailure::File(format!("{}: {error}", path.display()));
            let batches = intake.map(move |batch| {
                Ok(project(
                    &filtered(batch.map_err(&named)?, dataset)?,
                    &columns,
                )?)
            });
            Ok(Box::new(batches) as Batches<'_>)
        })
    }
}

/// The reading with encoding and separator that were found, so that the file is not searched for them each time: that
/// takes a whole pass.
fn found(reading: &Reading, intake: &Intake) -> Reading {
    let separator = intake
        .separator()
        .and_then(|found| u8::try_from(found).ok());
    Reading {
        encoding: intake
            .encoding()
            .map_or(reading.encoding, EncodingChoice::Fixed),
        separator: separator.or(reading.separator),
        sheet: reading.sheet.clone(),
    }
}

/// The rows that exist for the scenario.
pub(super) fn filtered(
    batch: RecordBatch,
    dataset: CheckedDataset<'_>,
) -> Result<RecordBatch, VaultError> {
    match &dataset.policy.rows {
        Some(rows) => filter_rows(&batch, rows),
        None => Ok(batch),
    }
}

/// The named columns, in that order.
pub(super) fn project(
    batch: &RecordBatch,
    columns: &[String],
) -> Result<RecordBatch, arrow::error::ArrowError> {
    let schema = batch.schema();
    let places = columns.iter().map(|column| schema.index_of(column));
    batch.project(&places.collect::<Result<Vec<_>, _>>()?)
}

/// Which file belongs to which data set of the policy.
fn assign(
    policy: &CheckedPolicy,
    files: &[(String, PathBuf)],
) -> Result<BTreeMap<String, PathBuf>, RunError> {
    let mut assigned = BTreeMap::new();
    for (name, path) in files {
        let fits = |id: &policy::DatasetId| id.as_str() == name || id.table() == name;
        let mut fitting = policy
            .datasets()
            .map(|dataset| &dataset.policy.id)
            .filter(|id| fits(id));
        let id = fitting.next().ok_or_else(|| {
            RunError::Inputs(format!(
                "the policy has no data set `{name}`; write --input OWNER/TABLE=FILE"
            ))
        })?;
        if fitting.next().is_some() {
            return Err(RunError::Inputs(format!(
                "several data sets are called `{name}`; write OWNER/TABLE=FILE"
            )));
        }
        if assigned.insert(id.to_string(), path.clone()).is_some() {
            return Err(RunError::Inputs(format!("data set `{id}` is given twice")));
        }
    }
    let lacking = policy
        .datasets()
        .find(|dataset| !assigned.contains_key(dataset.policy.id.as_str()));
    match lacking {
        Some(dataset) => {
            let id = &dataset.policy.id;
            Err(RunError::Inputs(format!(
                "data set `{id}` has no file; add --input {id}=FILE"
            )))
        }
        None => Ok(assigned),
    }
}
