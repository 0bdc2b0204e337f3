//! A sample as files: Parquet from the data, CSV and Arrow from the released Parquet, and the report.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use arrow::datatypes::SchemaRef;
use desensitize::Masked;
use lineage::Digest;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use sampler::Threshold;

use super::draw::{Draw, TableCounts};
use super::failure::SampleFailure;
use super::report::SampleReport;
use crate::files::{CsvOptions, FileFormat, WrittenFile, write_file};

/// The report's file name.
const REPORT_FILE: &str = "report.json";

/// What was written.
#[derive(Debug)]
pub struct SampleFiles {
    /// The files in `dir`, report last.
    pub files: Vec<WrittenFile>,
    /// The report.
    pub report: SampleReport,
    /// The share drawn, to be frozen for later releases of the scenario.
    pub threshold: Threshold,
}

/// How a sample is written and described.
#[derive(Debug, Clone)]
pub struct Writing<'a> {
    /// Where the files go; each appears whole or not at all.
    pub dir: &'a Path,
    /// The scenario's id, for the report.
    pub scenario: &'a str,
    /// The version of each table, where there are versions.
    pub versions: Vec<Option<u64>>,
    /// Whether nobody keeps the key.
    pub one_way: bool,
    /// How CSV is written.
    pub csv: CsvOptions,
}

/// Draws a sample and writes it: `{owner}.{table}.parquet`, `.csv` and `.arrows`, and `report.json`.
///
/// # Errors
/// [`SampleFailure::Refused`] before anything is written; on any other error the files written so far are removed.
pub fn write_sample(draw: Draw<'_>, writing: &Writing<'_>) -> Result<SampleFiles, SampleFailure> {
    let plan = draw.plan;
    let drawing = draw.measure()?;
    let mut written = Written {
        files: Vec::new(),
        keep: false,
    };
    let mut counts: Vec<TableCounts> = Vec::new();
    for (table, planned) in plan.tables.iter().enumerate() {
        let name = planned.dataset.replace('/', ".");
        let schema = drawing.schema(table)?;
        let mut released = drawing.released(table)?;
        let batches = released
            .by_ref()
            .map(|masked| masked.map(Masked::into_batch));
        let parquet = format!("{name}.parquet");
        written.files.push(write_file(
            writing.dir,
            &parquet,
            FileFormat::Parquet,
            &schema,
            batches,
        )?);
        counts.push(released.counts().clone());
        let formats = [
            ("csv", FileFormat::Csv(writing.csv)),
            ("arrows", FileFormat::ArrowStream),
        ];
        for (ending, format) in formats {
            let name = format!("{name}.{ending}");
            written
                .files
                .push(convert(writing.dir, &parquet, &name, format, &schema)?);
        }
    }
    let threshold = drawing.threshold;
    let report = SampleReport::new(
        writing.scenario,
        plan,
        writing.one_way,
        threshold,
        drawing.risk,
        &writing.versions,
        &counts,
    );
    written.files.push(write_report(writing.dir, &report)?);
    Ok(SampleFiles {
        files: written.done(),
        report,
        threshold,
    })
}

/// Reads a released Parquet file again and writes it in another format: the data itself is not read a third time.
fn convert(
    dir: &Path,
    parquet: &str,
    name: &str,
    format: FileFormat,
    schema: &SchemaRef,
) -> Result<WrittenFile, SampleFailure> {
    let unreadable = |_| SampleFailure::File(format!("{parquet} cannot be read again"));
    let file = File::open(dir.join(parquet))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(unreadable)?;
    let batches = reader.build().map_err(unreadable)?;
    let batches = batches.map(|batch| batch.map_err(SampleFailure::from));
    Ok(write_file(dir, name, format, schema, batches)?)
}

fn write_report(dir: &Path, report: &SampleReport) -> Result<WrittenFile, SampleFailure> {
    let json = report
        .to_json()
        .map_err(|error| SampleFailure::File(error.to_string()))?;
    let path = dir.join(REPORT_FILE);
    let unfinished = dir.join(format!(".{REPORT_FILE}.tmp"));
    let mut file = File::create(&unfinished)?;
    file.write_all(&json)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, &path)?;
    let bytes = u64::try_from(json.len()).unwrap_or(u64::MAX);
    Ok(WrittenFile {
        path,
        bytes,
        rows: 0,
        digest: Digest::of(&json),
    })
}

/// Removes what was written unless the whole sample was.
struct Written {
    files: Vec<WrittenFile>,
    keep: bool,
}

impl Written {
    fn done(mut self) -> Vec<WrittenFile> {
        self.keep = true;
        std::mem::take(&mut self.files)
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if !self.keep {
            for file in &self.files {
                std::fs::remove_file(&file.path).ok();
            }
        }
    }
}
