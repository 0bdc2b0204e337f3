//! Why a provider's file is refused: always the place, never the value.

use std::io;

use thiserror::Error;

use super::Encoding;
use crate::keys::KeyError;

/// A file that cannot be taken in. Records are counted from 1 after the header, lines from 1 with the header.
#[derive(Debug, Error)]
pub enum IntakeError {
    /// Reading failed: the host's fault, or an upload that ended early.
    #[error("cannot read the file: {0}")]
    Read(#[from] io::Error),
    /// The spool's key could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The separator cannot be one.
    #[error("the separator must be one ASCII character other than a quotation mark or a line end")]
    Separator,
    /// UTF-16 or UTF-32.
    #[error("the file is in UTF-16 or UTF-32; save it as UTF-8 (in a spreadsheet: `CSV UTF-8`)")]
    Wide,
    /// A byte 0, which no text file has.
    #[error(
        "byte {offset} is 0: the file is binary, or UTF-16 without a mark; save it as UTF-8 (in a spreadsheet: `CSV UTF-8`)"
    )]
    Nul {
        /// Bytes before it.
        offset: u64,
    },
    /// Bytes that the chosen encoding does not have.
    #[error(
        "byte {offset} does not begin a character of {encoding}; check the file there, or choose another encoding"
    )]
    Undecodable {
        /// The encoding.
        encoding: Encoding,
        /// Bytes before the bad ones.
        offset: u64,
    },
    /// Neither of the encodings that are tried.
    #[error(
        "the file is neither UTF-8 (fails at byte {utf8}) nor GB18030 (fails at byte {gb18030}); save it as UTF-8"
    )]
    NoEncoding {
        /// Bytes before the first that is no UTF-8.
        utf8: u64,
        /// Bytes before the first that is no GB18030.
        gb18030: u64,
    },
    /// Nothing in the file.
    #[error("the file is empty; its first line must name the columns")]
    NoHeader,
    /// A header cell without a name.
    #[error("column {position} of the header has no name")]
    UnnamedColumn {
        /// Counted from 1.
        position: usize,
    },
    /// The same name twice in the header.
    #[error("the header names column `{column}` twice")]
    DuplicateColumn {
        /// The name.
        column: String,
    },
    /// Columns of the schema that the file lacks.
    #[error("the file has no column {}; add it or take it out of the schema{}", names(columns), separator_fix(*header_columns))]
    MissingColumns {
        /// Their names.
        columns: Vec<String>,
        /// How many columns the header has.
        header_columns: usize,
    },
    /// Columns of the file that have no type and label in the schema.
    #[error(
        "column {} of the file has no type and label in the schema; every column needs both",
        names(columns)
    )]
    UnlabelledColumns {
        /// Their names.
        columns: Vec<String>,
    },
    /// A record with too few or too many fields.
    #[error(
        "record {record} (line {line}) has {found} fields, the header has {expected}; check separator and quotation marks"
    )]
    FieldCount {
        /// The record.
        record: u64,
        /// Where it begins.
        line: u64,
        /// Fields of the header.
        expected: usize,
        /// Fields of the record; counting stops at the first too many.
        found: usize,
    },
    /// A quotation mark without its partner.
    #[error("record {record} (line {line}) opens a quotation mark that the file never closes")]
    OpenQuote {
        /// The record.
        record: u64,
        /// Where it begins.
        line: u64,
    },
    /// Text between a closing quotation mark and the next separator.
    #[error(
        "record {record} (line {line}) has text after a closing quotation mark; write a quotation mark inside a field twice"
    )]
    TextAfterQuote {
        /// The record.
        record: u64,
        /// Where it begins.
        line: u64,
    },
    /// A record beyond the limit.
    #[error(
        "record {record} (line {line}) is longer than {} bytes; a quotation mark may be missing",
        super::RECORD_BYTES_MAX
    )]
    RecordTooLong {
        /// The record.
        record: u64,
        /// Where it begins.
        line: u64,
    },
    /// More columns than are read.
    #[error("the header has more than {} columns", super::FIELDS_MAX)]
    TooManyColumns,
    /// A cell that is not of its column's type.
    #[error("column `{column}`, record {record}{}: the value is not {expected}", at_line(*line))]
    BadCell {
        /// The column.
        column: String,
        /// The record.
        record: u64,
        /// Where it begins, in a text file.
        line: Option<u64>,
        /// The type and how it is written.
        expected: String,
    },
    /// An empty cell in a column that allows none.
    #[error("column `{column}`, record {record}{}: the cell is empty, but the schema says `nullable: false`", at_line(*line))]
    NullCell {
        /// The column.
        column: String,
        /// The record.
        record: u64,
        /// Where it begins, in a text file.
        line: Option<u64>,
    },
    /// Not Parquet at all.
    #[error(
        "the file is not Parquet: it does not begin with `PAR1`; for CSV choose the format csv"
    )]
    NotParquet,
    /// The end of the file is missing.
    #[error("the Parquet file is truncated: it does not end with `PAR1`; send it again")]
    TruncatedParquet,
    /// Parquet with Modular Encryption of its own.
    #[error("the Parquet file is encrypted; send it without encryption, the vault encrypts it")]
    EncryptedParquet,
    /// Metadata or pages that do not decode.
    #[error("the Parquet file is damaged or uses a feature that is not read{}; write it again", after_records(*records))]
    DamagedParquet {
        /// Records that were read before.
        records: u64,
    },
    /// Not an .xlsx file, or a damaged one.
    #[error("the file is not a readable .xlsx spreadsheet; save it again, or as CSV")]
    NotSpreadsheet,
    /// A spreadsheet of before 2007, or one with a password.
    #[error(
        "the spreadsheet has a password or is in the format of before 2007; save it as .xlsx without a password, or as CSV"
    )]
    OldSpreadsheet,
    /// A container that unpacks to more than is read.
    #[error(
        "the spreadsheet unpacks to more than {} bytes, or announces more texts or parts than are read; save it as CSV",
        super::UNPACKED_BYTES_MAX
    )]
    SpreadsheetTooLarge,
    /// No sheet of the name, or several and no name.
    #[error("name one sheet of the spreadsheet; it has {}", names(sheets))]
    WhichSheet {
        /// Its sheets.
        sheets: Vec<String>,
    },
    /// A sheet whose XML does not parse, or whose rows are out of order.
    #[error("sheet `{sheet}` is damaged; save the spreadsheet again, or as CSV")]
    DamagedSheet {
        /// The sheet.
        sheet: String,
    },
    /// A cell that has lost what it said, or stands outside the table.
    #[error("sheet `{sheet}`, row {row}, column {column}: the cell {problem}")]
    SheetCell {
        /// The sheet.
        sheet: String,
        /// The row, as the spreadsheet counts it.
        row: u64,
        /// The column's letters.
        column: String,
        /// What is wrong and how to mend it.
        problem: &'static str,
    },
    /// Another error, in a row of a sheet.
    #[error("sheet `{sheet}`, row {row}: {error}")]
    InSheet {
        /// The sheet.
        sheet: String,
        /// The row, as the spreadsheet counts it.
        row: u64,
        /// The error.
        error: Box<IntakeError>,
    },
    /// A Parquet column whose type does not become the schema's without loss.
    #[error(
        "column `{column}` has type {found} in the Parquet file, which does not become {expected} without loss"
    )]
    ColumnType {
        /// The column.
        column: String,
        /// Its type in the file.
        found: String,
        /// Its type in the schema.
        expected: String,
    },
    /// A batch that does not fit its own schema: a fault of this program.
    #[error("the batch of record {record} could not be built: a fault of this program")]
    Batch {
        /// The first record of the batch.
        record: u64,
    },
}

fn names(columns: &[String]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    quoted.join(", ")
}

/// One column where several were expected is nearly always the wrong separator.
fn separator_fix(header_columns: usize) -> &'static str {
    if header_columns == 1 {
        " (the header has one column only: is the separator right?)"
    } else {
        ""
    }
}

fn at_line(line: Option<u64>) -> String {
    line.map(|line| format!(" (line {line})"))
        .unwrap_or_default()
}

fn after_records(records: u64) -> String {
    if records == 0 {
        String::new()
    } else {
        format!(" after record {records}")
    }
}
