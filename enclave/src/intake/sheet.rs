//! A spreadsheet as CSV: one sheet of an .xlsx file, written to an encrypted spool cell by cell and read like any CSV.
//!
//! ```text
//! .xlsx ─► container: unpacked bytes counted ─► calamine: cells in order ─► cell: text ─► Spool ─► Source ─► records
//! ```
//!
//! The first row that has a cell is the header. Nothing is guessed: a number beyond fifteen digits, of which spreadsheets
//! keep only fifteen, and a cell that shows an error are refused by sheet, row and column, or left empty and counted
//! where the reader only looks ([`Strictness::Count`]). Memory is bounded by the shared texts of the file.

mod cell;
mod container;
mod lines;

use std::io::Write as _;
use std::path::Path;

use calamine::{Reader as _, SheetType, SheetVisible, Xlsx};
use policy::{ColumnType, DatasetSchema};

use self::cell::{Flaw, Style};
use self::lines::Lines;
use super::{
    Encoding, EncodingChoice, FIELDS_MAX, Format, Found, IntakeError, Source, SourceReader, Spool,
    Spooled,
};
use crate::keys::SourceSalt;

pub use container::{SHARED_TEXTS_MAX, UNPACKED_BYTES_MAX};

/// The most rows of a sheet, as spreadsheets themselves have it.
pub const SHEET_ROWS_MAX: u32 = 1_048_576;
/// The longest cell in bytes: 32,767 characters, as spreadsheets have it, of four bytes each.
pub const SHEET_CELL_BYTES_MAX: usize = 4 * 32_767;
/// Digits of a number that a spreadsheet keeps; what stands behind them it replaces by zeros.
pub const SHEET_DIGITS: u32 = 15;

/// What happens to a cell that has lost what it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// It is refused by its place: nothing is taken in that is not what the provider wrote.
    Refuse,
    /// It is left empty and counted: for looking at a file only.
    Count,
}

/// What is asked of a workbook.
#[derive(Debug, Clone, Copy)]
pub struct SheetRequest<'a> {
    /// The sheet's name; the only visible one if not given.
    pub sheet: Option<&'a str>,
    /// What happens to cells that have lost what they said.
    pub strictness: Strictness,
    /// Types of the columns, as far as they are known: a column of timestamps writes its midnights with their time.
    pub schema: Option<&'a DatasetSchema>,
    /// Where the encrypted spool goes; its file has no name.
    pub scratch: &'a Path,
}

/// One sheet as CSV in a spool.
#[derive(Clone)]
pub struct Sheet {
    name: String,
    csv: Spooled,
    lost: Vec<Lost>,
    lines: Lines,
}

/// Cells of a column that were left empty because they had lost what they said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The column.
    pub column: String,
    /// Numbers beyond [`SHEET_DIGITS`] digits.
    pub digits: u64,
    /// Errors of a formula, and days and times that no calendar has.
    pub errors: u64,
}

impl Sheet {
    /// Reads one sheet of a workbook.
    ///
    /// # Errors
    /// The file is no .xlsx or is damaged, unpacks to more than [`UNPACKED_BYTES_MAX`], has several sheets and none was
    /// named, or a cell is refused: the error names sheet, row and column, never a value.
    pub fn read(source: &Source, request: &SheetRequest<'_>) -> Result<Self, IntakeError> {
        container::check(source)?;
        let mut book: Xlsx<SourceReader> =
            Xlsx::new(source.reader()).map_err(|_| IntakeError::NotSpreadsheet)?;
        let name = choose(&book, request.sheet)?;
        let mut writing = Writing::new(&name, request)?;
        let damaged = || IntakeError::DamagedSheet {
            sheet: name.clone(),
        };
        let mut cells = book.worksheet_cells_reader(&name).map_err(|_| damaged())?;
        while let Some(cell) = cells.next_cell().map_err(|_| damaged())? {
            writing.cell(cell.get_position(), cell.get_value())?;
        }
        writing.finish()
    }

    /// How the CSV of every sheet is written.
    pub const FOUND: Found = Found {
        encoding: Encoding::Utf8,
        separator: b',',
    };

    /// The sheet's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The sheet's rows as CSV, to be read in [`Sheet::format`].
    #[must_use]
    pub fn source(&self) -> Source {
        Source::spool(self.csv.clone())
    }

    /// How the CSV is written.
    #[must_use]
    pub fn format() -> Format {
        Format::Csv {
            encoding: EncodingChoice::Fixed(Self::FOUND.encoding),
            separator: Some(Self::FOUND.separator),
        }
    }

    /// Columns with cells that were left empty, under [`Strictness::Count`].
    #[must_use]
    pub fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// An error of the CSV's, told by sheet and row.
    #[must_use]
    pub fn place(&self, error: IntakeError) -> IntakeError {
        let row = match &error {
            IntakeError::BadCell { record, .. } | IntakeError::NullCell { record, .. } => {
                self.lines.row(*record)
            }
            _ => return error,
        };
        IntakeError::InSheet {
            sheet: self.name.clone(),
            row,
            error: Box::new(without_line(error)),
        }
    }
}

/// The line of the spooled CSV would only mislead.
fn without_line(error: IntakeError) -> IntakeError {
    match error {
        IntakeError::BadCell {
            column,
            record,
            expected,
            ..
        } => IntakeError::BadCell {
            column,
            record,
            line: None,
            expected,
        },
        IntakeError::NullCell { column, record, .. } => IntakeError::NullCell {
            column,
            record,
            line: None,
        },
        other => other,
    }
}

/// The sheet that was named, or the only one that a person sees.
fn choose(book: &Xlsx<SourceReader>, asked: Option<&str>) -> Result<String, IntakeError> {
    let sheets = book.sheets_metadata().iter();
    let tables = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names: Vec<String> = match asked {
        Some(asked) => tables
            .filter(|sheet| sheet.name == asked)
            .map(|sheet| sheet.name.clone())
            .collect(),
        None => tables
            .filter(|sheet| sheet.visible == SheetVisible::Visible)
            .map(|sheet| sheet.name.clone())
            .collect(),
    };
    match names.as_slice() {
        [only] => Ok(only.clone()),
        _ => Err(IntakeError::WhichSheet {
            sheets: book.sheet_names(),
        }),
    }
}

/// A sheet on its way to the spool.
struct Writing<'a> {
    sheet: &'a str,
    request: SheetRequest<'a>,
    spool: Spool,
    /// Names of the columns, once the first row has ended.
    header: Vec<String>,
    styles: Vec<Style>,
    lost: Vec<Lost>,
    /// The row that cells come from, counted from 0.
    row: Option<u32>,
    cells: Vec<Option<String>>,
    /// The sheet's column of the first field.
    first_column: u32,
    lines: Lines,
}

impl<'a> Writing<'a> {
    fn new(sheet: &'a str, request: &SheetRequest<'a>) -> Result<Self, IntakeError> {
        // The spool's digest is of no use here; a salt of its own keeps it from confirming guesses.
        let salt = SourceSalt::ephemeral()?;
        Ok(Self {
            sheet,
            request: *request,
            spool: Spool::create(request.scratch, &salt)?,
            header: Vec::new(),
            styles: Vec::new(),
            lost: Vec::new(),
            row: None,
            cells: Vec::new(),
            first_column: 0,
            lines: Lines::default(),
        })
    }

    fn cell(
        &mut self,
        (row, column): (u32, u32),
        value: &calamine::DataRef<'_>,
    ) -> Result<(), IntakeError> {
        if matches!(value, calamine::DataRef::Empty) {
            return Ok(());
        }
        if self.row != Some(row) {
            self.end_row()?;
            if row >= SHEET_ROWS_MAX || self.row.is_some_and(|before| row < before) {
                return Err(IntakeError::DamagedSheet {
                    sheet: self.sheet.to_owned(),
                });
            }
            self.row = Some(row);
        }
        if self.header.is_empty() && self.cells.is_empty() {
            self.first_column = column;
        }
        let place = column
            .checked_sub(self.first_column)
            .map(|place| place as usize);
        let most = if self.header.is_empty() {
            FIELDS_MAX
        } else {
            self.header.len()
        };
        let Some(place) = place.filter(|place| *place < most) else {
            return Err(self.refused(row, column, "stands outside the columns that the header names; a title above the header, or a note beside the table?"));
        };
        let style = self.styles.get(place).copied().unwrap_or_default();
        let text = match cell::text(value, style) {
            Ok(text) if text.len() > SHEET_CELL_BYTES_MAX => {
                return Err(self.refused(row, column, "is longer than a spreadsheet's cells are"));
            }
            Ok(text) => Some(text),
            Err(flaw) => self.flawed(row, column, place, flaw)?,
        };
        if self.cells.len() <= place {
            self.cells.resize(place + 1, None);
        }
        if let Some(cell) = self.cells.get_mut(place) {
            *cell = text;
        }
        Ok(())
    }

    /// A cell that lost what it said: refused, or counted and empty. A header is never guessed.
    fn flawed(
        &mut self,
        row: u32,
        column: u32,
        place: usize,
        flaw: Flaw,
    ) -> Result<Option<String>, IntakeError> {
        match self.lost.get_mut(place) {
            Some(lost) if self.request.strictness == Strictness::Count => {
                lost.digits += u64::from(flaw == Flaw::Digits);
                lost.errors += u64::from(flaw != Flaw::Digits);
                Ok(None)
            }
            _ => Err(self.refused(row, column, flaw.sentence())),
        }
    }

    fn refused(&self, row: u32, column: u32, problem: &'static str) -> IntakeError {
        IntakeError::SheetCell {
            sheet: self.sheet.to_owned(),
            row: u64::from(row) + 1,
            column: cell::letters(column),
            problem,
        }
    }

    fn end_row(&mut self) -> Result<(), IntakeError> {
        let Some(row) = self.row else {
            return Ok(());
        };
        if self.header.is_empty() {
            self.header = self
                .cells
                .iter()
                .map(|cell| cell.clone().unwrap_or_default().trim().to_owned())
                .collect();
            self.styles = self
                .header
                .iter()
                .map(|name| style(self.request.schema, name))
                .collect();
            let lost = |column: &String| Lost {
                column: column.clone(),
                digits: 0,
                errors: 0,
            };
            self.lost = self.header.iter().map(lost).collect();
            self.cells = self.header.iter().cloned().map(Some).collect();
            self.lines.header(u64::from(row) + 1);
        } else {
            self.lines.record(u64::from(row) + 1);
        }
        self.cells.resize(self.header.len(), None);
        let mut line = Vec::new();
        for (place, cell) in self.cells.drain(..).enumerate() {
            if place > 0 {
                line.push(b',');
            }
            cell.iter().for_each(|text| cell::quoted(text, &mut line));
        }
        line.push(b'\n');
        self.spool.write_all(&line)?;
        Ok(())
    }

    fn finish(mut self) -> Result<Sheet, IntakeError> {
        self.end_row()?;
        self.lost.retain(|lost| lost.digits + lost.errors > 0);
        Ok(Sheet {
            name: self.sheet.to_owned(),
            csv: self.spool.finish()?,
            lost: self.lost,
            lines: self.lines,
        })
    }
}

/// How days are written in a column.
fn style(schema: Option<&DatasetSchema>, column: &str) -> Style {
    let declared = schema.and_then(|schema| schema.column(column));
    match declared.map(|column| column.column_type) {
        Some(ColumnType::Timestamp) => Style::WithTime,
        _ => Style::AsShort,
    }
}

#[cfg(test)]
mod tests;
