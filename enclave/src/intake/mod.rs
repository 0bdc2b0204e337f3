//! How does a provider's file become batches? Strict reading of CSV, Parquet and .xlsx, and the hidden unit columns.
//!
//! ```text
//! upload ─► Spool (encrypted, unlinked) ─► Source ─┬─ csv: encoding ─► record ─► cell ─┐
//! local file ──────────────────────────────────────┤                                   ├─► unit columns ─► batches
//!                                                  ├─ parquet: by name and type ───────┤
//!                                                  └─ sheet: .xlsx as CSV in a spool ──┘
//! ```
//!
//! Memory does not grow with the file: batches have at most [`BATCH_ROWS`] rows, records at most [`RECORD_BYTES_MAX`].
//! The CSV reader is our own, since no reader at hand tells an empty cell from an empty text (`""`), and each accepts a
//! file whose last quotation mark is missing; arrow's also prints the row. Errors name column, record and line, never a value.

mod batches;
mod cell;
mod columns;
mod csv;
mod encoding;
mod error;
mod parquet;
mod progress;
mod record;
mod sheet;
mod sniff;
mod source;
mod spool;
mod unit;

use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use policy::DatasetSchema;

use crate::keys::UnitKey;

pub use columns::{arrow_schema, arrow_type};
pub use encoding::{Encoding, EncodingChoice};
pub use error::IntakeError;
pub use parquet::ParquetText;
pub use progress::{Progress, Tally};
pub use record::{FIELDS_MAX, RECORD_BYTES_MAX};
pub use sheet::{
    Lost, SHARED_TEXTS_MAX, SHEET_CELL_BYTES_MAX, SHEET_DIGITS, SHEET_ROWS_MAX, Sheet,
    SheetRequest, Strictness, UNPACKED_BYTES_MAX,
};
pub use sniff::{Found, TextBatches, found};
pub use source::{Source, SourceReader};
pub(crate) use spool::unlinked_file;
pub use spool::{Spool, Spooled};
pub use unit::{UNIT_COLUMN_PREFIX, unit_column};

/// The most rows of a batch.
pub const BATCH_ROWS: usize = 8192;

/// A batch ends early when its cells have this many bytes, so that wide rows do not grow memory.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How the file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Text with a header, separated by one ASCII character.
    Csv {
        /// The encoding, or that it is to be found.
        encoding: EncodingChoice,
        /// The separator: any ASCII character but a quotation mark or a line end; `,` `;` tab and `|` are found.
        separator: Option<u8>,
    },
    /// One sheet of an .xlsx workbook.
    Spreadsheet {
        /// Its name; the only visible one if not given.
        sheet: Option<String>,
    },
    /// Parquet without encryption.
    Parquet,
}

impl Default for Format {
    fn default() -> Self {
        Self::Csv {
            encoding: EncodingChoice::Auto,
            separator: None,
        }
    }
}

/// What a person says of how a file is written; the ending of its name says the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The encoding of CSV.
    pub encoding: EncodingChoice,
    /// The separator of CSV; found if not given.
    pub separator: Option<u8>,
    /// The sheet of a workbook; the only visible one if not given.
    pub sheet: Option<String>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            encoding: EncodingChoice::Auto,
            separator: None,
            sheet: None,
        }
    }
}

impl Reading {
    /// How the file of this name is written: Parquet and .xlsx by their endings, everything else CSV.
    #[must_use]
    pub fn format_of(&self, file: &Path) -> Format {
        let ends = |ending: &str| {
            let own = file.extension();
            own.is_some_and(|own| own.eq_ignore_ascii_case(ending))
        };
        if ends("parquet") {
            Format::Parquet
        } else if ends("xlsx") {
            let sheet = self.sheet.clone();
            Format::Spreadsheet { sheet }
        } else {
            Format::Csv {
                encoding: self.encoding,
                separator: self.separator,
            }
        }
    }
}

/// A provider's file as batches in the order of the schema, hidden unit columns last.
///
/// Raw data: batches go to the vault or, in a stand-alone run on a person's own file, to sampler and job.
pub struct Intake {
    schema: SchemaRef,
    encoding: Option<Encoding>,
    separator: Option<u8>,
    tally: Arc<Tally>,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, IntakeError>> + Send>,
}

impl Intake {
    /// Opens a file: finds its encoding, reads its header and matches its columns to the schema.
    ///
    /// # Errors
    /// The file cannot be read, is in no accepted encoding, has no header, or lacks or adds a column; the error names it.
    pub fn open(
        source: Source,
        format: Format,
        schema: &DatasetSchema,
        key: &UnitKey,
    ) -> Result<Self, IntakeError> {
        if let Format::Spreadsheet { sheet } = format {
            return Self::of_sheet(&source, sheet.as_deref(), schema, key);
        }
        let tally = Arc::new(Tally::new(source.len()));
        let (raw, written): (batches::Raw, _) = match format {
            Format::Csv {
                encoding,
                separator,
            } => {
                let written = found(&source, encoding, separator)?;
                (
                    Box::new(csv::open(&source, written, schema, &tally)?),
                    Some(written),
                )
            }
            _ => (Box::new(parquet::open(source, schema, &tally)?), None),
        };
        Ok(Self::of(raw, written, schema, key, tally))
    }

    /// The sheet is written to an encrypted spool once and read from there like any CSV; errors tell its own rows.
    fn of_sheet(
        source: &Source,
        sheet: Option<&str>,
        schema: &DatasetSchema,
        key: &UnitKey,
    ) -> Result<Self, IntakeError> {
        let scratch = std::env::temp_dir();
        let request = SheetRequest {
            sheet,
            strictness: Strictness::Refuse,
            schema: Some(schema),
            scratch: &scratch,
        };
        let sheet = Sheet::read(source, &request)?;
        let rows = sheet.source();
        let tally = Arc::new(Tally::new(rows.len()));
        let batches = csv::open(&rows, Sheet::FOUND, schema, &tally);
        let batches = batches.map_err(|error| sheet.place(error))?;
        let raw = batches.map(move |batch| batch.map_err(|error| sheet.place(error)));
        Ok(Self::of(Box::new(raw), None, schema, key, tally))
    }

    fn of(
        raw: batches::Raw,
        found: Option<Found>,
        schema: &DatasetSchema,
        key: &UnitKey,
        tally: Arc<Tally>,
    ) -> Self {
        let batches = unit::with_units(raw, schema, key, &tally);
        Self {
            schema: arrow_schema(schema),
            encoding: found.map(|found| found.encoding),
            separator: found.map(|found| found.separator),
            tally,
            batches: Box::new(batches),
        }
    }

    /// The schema of the batches: the provider's columns in their order, then `__unit_…` for each declared unit.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The encoding that the file is read in; none for Parquet and spreadsheets.
    #[must_use]
    pub fn encoding(&self) -> Option<Encoding> {
        self.encoding
    }

    /// The separator of the fields; none for Parquet and spreadsheets.
    #[must_use]
    pub fn separator(&self) -> Option<char> {
        self.separator.map(char::from)
    }

    /// The counts so far, readable while another owner draws the batches.
    #[must_use]
    pub fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }

    /// Calls `observe` with the counts after every batch.
    pub fn observed(self, observe: impl FnMut(Progress) + Send + 'static) -> Self {
        let batches = Box::new(progress::observed(
            self.batches,
            Arc::clone(&self.tally),
            observe,
        ));
        Self { batches, ..self }
    }
}

impl Iterator for Intake {
    type Item = Result<RecordBatch, IntakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batches.next()
    }
}

#[cfg(test)]
mod tests;
