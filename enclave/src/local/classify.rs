//! `dataset classify`: a stranger's file without a schema, looked at once; findings and drafts for a person to edit.

mod draft;
mod finding;
mod header;

use std::path::PathBuf;
use std::time::SystemTime;

use arrow::array::RecordBatch;
use desensitize::classify::{Classifier, ColumnName, ValueType};
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use policy::{ColumnType, DatasetId, DatasetSchema, ScenarioPolicy, UnitPath};

use super::standalone::RunError;
use crate::intake::{
    Format, Found, IntakeError, Lost, ParquetText, Reading, Sheet, SheetRequest, Source,
    Strictness, TextBatches, found,
};
use crate::plan::SamplePlan;
use crate::worker::governance;

pub use finding::{ColumnFinding, RateFound, Reason};

/// A file to be looked at.
pub struct ClassifyRun<'a> {
    /// CSV, .xlsx or Parquet.
    pub file: PathBuf,
    /// How it is written, as far as that is not found.
    pub reading: Reading,
    /// The data set's name in the drafts, `owner/table`.
    pub dataset: DatasetId,
    /// The first day of the policy draft, and the last, as `YYYY-MM-DD`.
    pub valid: (String, String),
    /// Told how many rows were read.
    pub progress: &'a dyn Fn(u64),
}

/// What was found in a file, and the drafts of its schema and of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Classified {
    /// The encoding of CSV; none for a spreadsheet.
    pub encoding: Option<String>,
    /// The separator of CSV; none for a spreadsheet.
    pub separator: Option<char>,
    /// The sheet of a spreadsheet.
    pub sheet: Option<String>,
    /// Rows, the header not counted.
    pub rows: u64,
    /// The columns, in the file's order.
    pub columns: Vec<ColumnFinding>,
    /// A schema file in which every type and label is proposed.
    pub schema: String,
    /// A policy document in which every technique is proposed.
    pub policy: String,
}

/// The term of a policy draft: one year from the day of `now`, in UTC, both days as `YYYY-MM-DD`.
///
/// # Errors
/// [`RunError::Inputs`] where the clock shows a year that no calendar has.
pub fn term(now: SystemTime) -> Result<(String, String), RunError> {
    let year = || {
        let from = TimeZone::UTC.to_datetime(Timestamp::try_from(now)?).date();
        let until = from.checked_add(1.year())?.yesterday()?;
        Ok((from.to_string(), until.to_string()))
    };
    year().map_err(|error: jiff::Error| RunError::Inputs(format!("this machine's clock: {error}")))
}

/// Looks at a file once and proposes types, labels and techniques; nothing in the answer is a value of the file.
///
/// # Errors
/// The file cannot be read ([`RunError::Read`], [`RunError::Intake`]), or a column's name cannot stand in a schema
/// ([`RunError::Faults`]).
pub fn classify(run: &ClassifyRun<'_>) -> Result<Classified, RunError> {
    let opened = Opened::open(run)?;
    let intake = |source| RunError::Intake {
        path: run.file.clone(),
        source,
    };
    header::check(opened.names.iter().map(|column| column.name.as_str()))?;
    let (mut classifier, mut rows) = (Classifier::new(opened.names), 0);
    for batch in opened.batches {
        let batch = batch.map_err(intake)?;
        rows += batch.num_rows() as u64;
        classifier
            .observe(&batch)
            .map_err(|error| RunError::Inputs(error.to_string()))?;
        (run.progress)(rows);
    }
    let lost = opened.sheet.as_ref().map_or(&[][..], Sheet::lost);
    let mut columns: Vec<ColumnFinding> = classifier
        .finish()
        .iter()
        .map(|found| ColumnFinding::new(found, lost_of(lost, &found.column)))
        .collect();
    let schema = draft::schema(run.dataset.as_str(), &columns);
    let policy = held_policy(run, &schema, &mut columns)?;
    let csv = opened.csv;
    Ok(Classified {
        encoding: csv.map(|found| found.encoding.to_string()),
        separator: csv.map(|found| char::from(found.separator)),
        sheet: opened.sheet.map(|sheet| sheet.name().to_owned()),
        rows,
        columns,
        schema,
        policy,
    })
}

/// A draft that `policy check` refuses helps nobody: a column's name may be one that no schema admits, and dates may be
/// shifted only where no birth date is released and rows belong to somebody.
fn held_policy(
    run: &ClassifyRun<'_>,
    schema: &str,
    columns: &mut [ColumnFinding],
) -> Result<String, RunError> {
    let schema = DatasetSchema::parse("schema.yaml", schema)?;
    let holds = |text: &str| -> Result<(), RunError> {
        let document = ScenarioPolicy::parse("policy.yaml", text)?;
        let checked = policy::check(&document, std::slice::from_ref(&schema))?;
        SamplePlan::new(&checked)?;
        governance(&checked)?;
        Ok(())
    };
    let mut units = schema.units().iter();
    if units.any(|unit| matches!(unit.path, UnitPath::Column { .. })) {
        let shifted = draft::policy(&run.dataset, &run.valid, columns);
        if holds(&shifted).is_ok() {
            return Ok(shifted);
        }
    }
    columns.iter_mut().for_each(ColumnFinding::without_shift);
    let drafted = draft::policy(&run.dataset, &run.valid, columns);
    holds(&drafted)?;
    Ok(drafted)
}

fn lost_of<'l>(lost: &'l [Lost], column: &str) -> Option<&'l Lost> {
    lost.iter().find(|lost| lost.column == column)
}

/// A file whose way of writing is known, every cell as text.
struct Opened {
    names: Vec<ColumnName>,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, IntakeError>>>,
    /// How CSV is written.
    csv: Option<Found>,
    sheet: Option<Sheet>,
}

impl Opened {
    fn open(run: &ClassifyRun<'_>) -> Result<Self, RunError> {
        let path = run.file.as_path();
        let source = Source::file(path).map_err(|source| RunError::Read {
            path: path.to_owned(),
            source,
        })?;
        let format = run.reading.format_of(path);
        if run.reading.sheet.is_some() && !matches!(format, Format::Spreadsheet { .. }) {
            let what = "a sheet is named, but the file is no spreadsheet: only .xlsx has sheets";
            return Err(RunError::Inputs(what.to_owned()));
        }
        let opened = match format {
            Format::Csv {
                encoding,
                separator,
            } => found(&source, encoding, separator).and_then(|found| Self::csv(&source, found)),
            Format::Spreadsheet { sheet } => Self::sheet(&source, sheet.as_deref()),
            Format::Parquet => Self::parquet(&source),
        };
        opened.map_err(|source| RunError::Intake {
            path: path.to_owned(),
            source,
        })
    }

    fn csv(source: &Source, found: Found) -> Result<Self, IntakeError> {
        let batches = TextBatches::open(source, found)?;
        let schema = batches.schema();
        let names = schema.fields().iter();
        Ok(Self {
            names: names.map(|field| ColumnName::new(field.name())).collect(),
            batches: Box::new(batches),
            csv: Some(found),
            sheet: None,
        })
    }

    fn sheet(source: &Source, sheet: Option<&str>) -> Result<Self, IntakeError> {
        let scratch = std::env::temp_dir();
        let request = SheetRequest {
            sheet,
            strictness: Strictness::Count,
            schema: None,
            scratch: &scratch,
        };
        let sheet = Sheet::read(source, &request)?;
        Ok(Self {
            csv: None,
            sheet: Some(sheet.clone()),
            ..Self::csv(&sheet.source(), Sheet::FOUND)?
        })
    }

    /// Parquet has types of its own: they stand in the draft, since no other one reads the file.
    fn parquet(source: &Source) -> Result<Self, IntakeError> {
        let batches = ParquetText::open(source)?;
        let held = |(name, held): &(String, ColumnType)| ColumnName {
            held: Some(value_type(*held)),
            ..ColumnName::new(name)
        };
        Ok(Self {
            names: batches.columns().iter().map(held).collect(),
            batches: Box::new(batches),
            csv: None,
            sheet: None,
        })
    }
}

fn value_type(column: ColumnType) -> ValueType {
    match column {
        ColumnType::Text => ValueType::Text,
        ColumnType::Integer => ValueType::Integer,
        ColumnType::Float => ValueType::Float,
        ColumnType::Decimal { precision, scale } => ValueType::Decimal {
            precision: precision.into(),
            scale: scale.into(),
        },
        ColumnType::Date => ValueType::Date,
        ColumnType::Timestamp => ValueType::Timestamp,
        ColumnType::Boolean => ValueType::Boolean,
    }
}

#[cfg(test)]
mod tests;
