//! Copies: a sample leaves as one marked copy per person, and the sample itself stays.

use std::path::Path;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use desensitize::ColumnRecipe;
use desensitize::mark::{MarkKey, Marks};
use lineage::event::{DatasetVersion, ReleasedFile, SampleCopied};
use lineage::{Actor, Digest};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use policy::{DatasetSchema, ScenarioPolicy};

use super::releases::ARROW_STREAM;
use super::samples::{Scratch, frames_of};
use super::{Enclave, Failure, Reason, locked};
use crate::files::{CsvOptions, FileFormat, write_file};
use crate::plan::SamplePlan;
use crate::registry::{Copy, SampleState};

/// How the names of Parquet files end.
const PARQUET: &str = ".parquet";

/// A released sample with what it was made of.
pub(super) struct Release {
    pub(super) name: String,
    pub(super) plan: SamplePlan,
    pub(super) policy_scenario: policy::ScenarioId,
    pub(super) datasets: Vec<DatasetVersion>,
    pub(super) files: Vec<ReleasedFile>,
    pub(super) one_way: bool,
}

/// One released table in memory.
pub(super) struct ReleasedTable {
    pub(super) schema: SchemaRef,
    pub(super) batches: Vec<RecordBatch>,
}

impl Enclave {
    /// A person's copy of a released sample; made, stored and logged when there is none yet.
    pub(super) fn own_copy(&self, actor: &Actor, sample: &str) -> Result<Copy, Failure> {
        let made = || self.read(|registry| registry.sample(sample)?.copy_for(actor).cloned());
        let _one_at_a_time = locked(&self.shared.copying);
        if let Some(copy) = made() {
            return Ok(copy);
        }
        let release = self.release_of(sample)?;
        let (marks, tables) = self.observed(&release)?;
        let columns = marked_columns(&release, &marks);
        if columns.is_empty() {
            return Err(unmarkable(sample));
        }
        let files = self.copied_files(actor, &release, &marks, &tables)?;
        let body = SampleCopied {
            sample: sample.to_owned(),
            mark: marks.name(&actor.to_string()),
            columns,
            files,
        };
        let admission = self.admission();
        self.commit(&admission, vec![self.event(actor, body)])?;
        made().ok_or_else(|| Failure::internal("copy"))
    }

    /// A released sample with policy, schemas and recipes as they were when it was drawn.
    pub(super) fn release_of(&self, sample: &str) -> Result<Release, Failure> {
        let known = self.read(|registry| registry.sample(sample).cloned());
        let known = known.ok_or_else(|| Failure::not_found(sample))?;
        let SampleState::Released {
            policy_digest,
            datasets,
            files,
            one_way,
            ..
        } = known.state
        else {
            return Err(Failure::new(
                Reason::StateNotAllowed,
                format!("`{sample}` is not released"),
                format!("`{sample}` 尚未发布"),
            ));
        };
        let stored = || Failure::internal("stored policy");
        let policy = ScenarioPolicy::parse("policy.yaml", &self.text(&policy_digest)?)
            .map_err(|_| stored())?;
        let schemas = datasets.iter().map(|read| self.schema_of(read));
        let schemas = schemas.collect::<Result<Vec<_>, _>>()?;
        let checked = policy::check(&policy, &schemas).map_err(|_| stored())?;
        Ok(Release {
            name: known.name,
            plan: SamplePlan::new(&checked).map_err(|_| stored())?,
            policy_scenario: policy.scenario.clone(),
            datasets,
            files,
            one_way,
        })
    }

    fn schema_of(&self, read: &DatasetVersion) -> Result<DatasetSchema, Failure> {
        let digest = self.read(|registry| {
            let revision = registry.dataset(&read.dataset)?.revision(read.version)?;
            Some(revision.document_digest)
        });
        self.schema(&digest.ok_or_else(|| Failure::not_found(&read.dataset))?)
    }

    /// The marks of a release, after they have seen all its rows, and the rows.
    pub(super) fn observed(
        &self,
        release: &Release,
    ) -> Result<(Marks, Vec<ReleasedTable>), Failure> {
        let root = self.shared.keys.marks(&self.shared.tenant)?;
        let key = MarkKey::from(*root.sample(&release.name)?.expose());
        let tables = release.plan.tables.iter();
        let recipes: Vec<&[ColumnRecipe]> = tables.map(|table| table.recipes.as_slice()).collect();
        let mut marks = Marks::new(&recipes, key);
        let mut read = Vec::new();
        for (number, table) in release.plan.tables.iter().enumerate() {
            let released = self.released_table(release, &table.dataset)?;
            for batch in &released.batches {
                marks.observe(number, batch).map_err(|_| unfit())?;
            }
            read.push(released);
        }
        Ok((marks, read))
    }

    /// The rows of one released table, from the store.
    fn released_table(&self, release: &Release, dataset: &str) -> Result<ReleasedTable, Failure> {
        let name = format!("{}{PARQUET}", dataset.replace('/', "."));
        let file = release.files.iter().find(|file| file.name == name);
        let file = file.ok_or_else(unfit)?;
        let bytes = Bytes::from(self.shared.blobs.get(file.digest, file.bytes)?);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|_| unfit())?;
        let schema = reader.schema().clone();
        let batches = reader.build().map_err(|_| unfit())?;
        Ok(ReleasedTable {
            schema,
            batches: batches.collect::<Result<_, _>>().map_err(|_| unfit())?,
        })
    }

    /// The files of a copy, in the order of the release: tables marked, everything else as it is.
    fn copied_files(
        &self,
        actor: &Actor,
        release: &Release,
        marks: &Marks,
        tables: &[ReleasedTable],
    ) -> Result<Vec<ReleasedFile>, Failure> {
        let recipient = actor.to_string();
        let directory = Scratch::create(&self.shared.tmp)?;
        let mut copied = Vec::new();
        for (number, (table, planned)) in tables.iter().zip(&release.plan.tables).enumerate() {
            let marked = table.batches.iter();
            let marked = marked.map(|batch| marks.mark(&recipient, number, batch));
            let marked = marked.collect::<Result<Vec<_>, _>>().map_err(|_| unfit())?;
            let name = planned.dataset.replace('/', ".");
            for format in [
                FileFormat::Parquet,
                FileFormat::Csv(CsvOptions::default()),
                FileFormat::ArrowStream,
            ] {
                let name = format!("{name}.{}", format.extension());
                let batches = marked
                    .iter()
                    .cloned()
                    .map(Ok::<_, std::convert::Infallible>);
                write_file(directory.path(), &name, format, &table.schema, batches)
                    .map_err(|_| Failure::internal("copy"))?;
                copied.extend(self.kept_file(&directory.path().join(&name), &name)?);
            }
        }
        let as_released = |file: &ReleasedFile| {
            let marked = copied.iter().find(|one| one.name == file.name);
            marked.unwrap_or(file).clone()
        };
        Ok(release.files.iter().map(as_released).collect())
    }

    /// A written file in the store, with the list of its frames where it is an Arrow stream.
    pub(super) fn kept_file(&self, path: &Path, name: &str) -> Result<Vec<ReleasedFile>, Failure> {
        let unreadable = |_| Failure::internal("sample file");
        let mut source = std::fs::File::open(path).map_err(unreadable)?;
        let bytes = source.metadata().map_err(unreadable)?.len();
        let digest: Digest = self.shared.blobs.put_from(&mut source)?;
        let frames = match name.ends_with(ARROW_STREAM) {
            true => frames_of(path).map_err(unreadable)?,
            false => Vec::new(),
        };
        let mut kept = vec![ReleasedFile {
            name: name.to_owned(),
            digest,
            bytes,
        }];
        kept.extend(self.keep_frames(name, &frames)?);
        Ok(kept)
    }
}

/// `{owner}/{table}.{column}` of each marked column.
fn marked_columns(release: &Release, marks: &Marks) -> Vec<String> {
    let named = marks.columns().filter_map(|(table, column)| {
        let table = release.plan.tables.get(table)?;
        Some(format!("{}.{column}", table.dataset))
    });
    named.collect()
}

fn unmarkable(sample: &str) -> Failure {
    Failure::new(
        Reason::NotMarkable,
        format!(
            "no column of `{sample}` can carry a recipient's mark, so no copy of it leaves: release a column as `token` or \
             `fpe` in the scenario's policy"
        ),
        "样本没有可承载领取人标记的列，不得下载：请在场景策略中以 `token` 或 `fpe` 发布至少一列",
    )
}

/// What is stored is not what was released: altered files are found earlier, so this is our fault.
fn unfit() -> Failure {
    Failure::internal("released table")
}
