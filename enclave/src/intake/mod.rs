//! How does a provider's file become batches? Strict reading of CSV and Parquet, and the hidden unit columns.
//!
//! ```text
//! upload ─► Spool (encrypted, unlinked) ─► Source ─┬─ csv: encoding ─► record ─► cell ─┐
//! local file ──────────────────────────────────────┤                                   ├─► unit columns ─► batches
//!                                                  └─ parquet: by name and type ───────┘
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

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use policy::DatasetSchema;

use crate::keys::UnitKey;

pub use columns::{arrow_schema, arrow_type};
pub use encoding::{Encoding, EncodingChoice, encoding_of};
pub use error::IntakeError;
pub use progress::{Progress, Tally};
pub use record::{FIELDS_MAX, RECORD_BYTES_MAX};
pub use sheet::{
    Lost, SHARED_TEXTS_MAX, SHEET_CELL_BYTES_MAX, SHEET_DIGITS, SHEET_ROWS_MAX, Sheet,
    SheetRequest, Strictness, UNPACKED_BYTES_MAX,
};
pub use sniff::{Found, TextBatches, look};
pub use source::{Source, SourceReader};
pub(crate) use spool::unlinked_file;
pub use spool::{Spool, Spooled};
pub use unit::{UNIT_COLUMN_PREFIX, unit_column};

/// The most rows of a batch.
pub const BATCH_ROWS: usize = 8192;

/// A batch ends early when its cells have this many bytes, so that wide rows do not grow memory.
pub const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How the file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with a header, separated by one ASCII character.
    Csv {
        /// The encoding, or that it is to be found.
        encoding: EncodingChoice,
        /// The separator: `,` `;` tab or `|`, any ASCII character but a quotation mark or a line end.
        separator: u8,
    },
    /// Parquet without encryption.
    Parquet,
}

impl Default for Format {
    fn default() -> Self {
        Self::Csv {
            encoding: EncodingChoice::Auto,
            separator: b',',
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
        let tally = Arc::new(Tally::new(source.len()));
        let (raw, encoding, separator): (batches::Raw, _, _) = match format {
            Format::Csv {
                encoding,
                separator,
            } => {
                let opened = csv::open(source, encoding, separator, schema, &tally)?;
                (
                    Box::new(opened.batches),
                    Some(opened.encoding),
                    Some(separator),
                )
            }
            Format::Parquet => (Box::new(parquet::open(source, schema, &tally)?), None, None),
        };
        let batches = unit::with_units(raw, schema, key, &tally);
        Ok(Self {
            schema: arrow_schema(schema),
            encoding,
            separator,
            tally,
            batches: Box::new(batches),
        })
    }

    /// The schema of the batches: the provider's columns in their order, then `__unit_…` for each declared unit.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The encoding that the file is read in; none for Parquet.
    #[must_use]
    pub fn encoding(&self) -> Option<Encoding> {
        self.encoding
    }

    /// The separator of the fields; none for Parquet.
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
