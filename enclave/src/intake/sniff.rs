//! A stranger's CSV without a schema: which separator, which columns, and every cell as text.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::batches::is_full;
use super::columns::check_header;
use super::encoding::{Text, choose};
use super::record::{Record, Records};
use super::{Encoding, EncodingChoice, IntakeError, Source};

/// Separators that are tried, the most common first.
const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// Records that a separator is judged by.
const RECORDS_TRIED: usize = 200;

/// How a file turned out to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The encoding.
    pub encoding: Encoding,
    /// The separator; a comma where there is one column.
    pub separator: u8,
}

/// How a file is written, as far as it is not said: see [`look`] for what is not.
///
/// # Errors
/// Those of [`look`]; a separator that is said is tried when the file is read.
pub fn found(
    source: &Source,
    encoding: EncodingChoice,
    separator: Option<u8>,
) -> Result<Found, IntakeError> {
    match separator {
        None => look(source, encoding),
        Some(separator) => Ok(Found {
            encoding: choose(source, encoding)?,
            separator,
        }),
    }
}

/// Finds encoding and separator: the separator that gives every one of the first records the same number of fields, the
/// largest such number, quotation marks respected.
///
/// # Errors
/// The file is empty, in no accepted encoding, or no separator gives records of one length: the error names the record
/// where the most hopeful one failed.
fn look(source: &Source, encoding: EncodingChoice) -> Result<Found, IntakeError> {
    let encoding = choose(source, encoding)?;
    let mut best: Option<(usize, u8)> = None;
    let mut failed: Option<(usize, IntakeError)> = None;
    for separator in SEPARATORS {
        match fields(source, encoding, separator)? {
            Trial::Even(fields) if best.is_none_or(|(most, _)| fields > most) => {
                best = Some((fields, separator))
            }
            Trial::Uneven(fields, error)
                if failed.as_ref().is_none_or(|(most, _)| fields > *most) =>
            {
                failed = Some((fields, error));
            }
            _ => {}
        }
    }
    match (best, failed) {
        // One column is what every separator gives that the file does not have; one that it has and breaks comes first.
        (Some((1, _)), Some((fields, error))) if fields > 1 => Err(error),
        (Some((_, separator)), _) => Ok(Found {
            encoding,
            separator,
        }),
        (None, Some((_, error))) => Err(error),
        (None, None) => Err(IntakeError::NoHeader),
    }
}

/// How the first records come out under one separator.
enum Trial {
    /// All have so many fields.
    Even(usize),
    /// The header has so many, and another record has not.
    Uneven(usize, IntakeError),
}

fn fields(source: &Source, encoding: Encoding, separator: u8) -> Result<Trial, IntakeError> {
    let mut records = Records::new(Text::new(source, encoding)?, separator)?;
    let mut record = Record::default();
    let mut header = 0;
    for number in 0..RECORDS_TRIED {
        match records.read(&mut record) {
            Ok(true) if number == 0 => header = record.len(),
            Ok(true) => {}
            Ok(false) => break,
            Err(
                error @ (IntakeError::Read(_)
                | IntakeError::Nul { .. }
                | IntakeError::Undecodable { .. }),
            ) => {
                return Err(error);
            }
            Err(error) => return Ok(Trial::Uneven(header, error)),
        }
    }
    match header {
        0 => Err(IntakeError::NoHeader),
        fields => Ok(Trial::Even(fields)),
    }
}

/// The records of a file as batches of text columns, in the file's own order; ends at the first error.
pub struct TextBatches {
    records: Records,
    record: Record,
    schema: SchemaRef,
    columns: Vec<StringBuilder>,
    ended: bool,
}

impl TextBatches {
    /// Opens a file whose encoding and separator are known, and reads its header.
    ///
    /// # Errors
    /// The file cannot be read or is empty, or a column has no name or one of another's.
    pub fn open(source: &Source, found: Found) -> Result<Self, IntakeError> {
        let mut records = Records::new(Text::new(source, found.encoding)?, found.separator)?;
        let mut record = Record::default();
        if !records.read(&mut record)? {
            return Err(IntakeError::NoHeader);
        }
        let names: Vec<String> = (0..record.len())
            .map(|index| record.field(index).unwrap_or_default().to_owned())
            .collect();
        check_header(&names)?;
        let fields = names
            .iter()
            .map(|name| Field::new(name, DataType::Utf8, true));
        Ok(Self {
            columns: names.iter().map(|_| StringBuilder::new()).collect(),
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
            records,
            record,
            ended: false,
        })
    }

    /// The columns: the header's names, all text and nullable.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn batch(&mut self) -> Result<Option<RecordBatch>, IntakeError> {
        let first = self.records.number() + 1;
        let (mut rows, mut bytes) = (0, 0);
        while !is_full(rows, bytes) && self.records.read(&mut self.record)? {
            for (place, column) in self.columns.iter_mut().enumerate() {
                column.append_option(self.record.field(place));
            }
            rows += 1;
            bytes += self.record.bytes_len();
        }
        if rows == 0 {
            return Ok(None);
        }
        let arrays = self
            .columns
            .iter_mut()
            .map(|column| Arc::new(column.finish()) as ArrayRef);
        RecordBatch::try_new(Arc::clone(&self.schema), arrays.collect())
            .map(Some)
            .map_err(|_| IntakeError::Batch { record: first })
    }
}

impl Iterator for TextBatches {
    type Item = Result<RecordBatch, IntakeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.batch().transpose();
        self.ended = !matches!(batch, Some(Ok(_)));
        batch
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn looked(text: &str) -> Result<Found, IntakeError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        look(&Source::file(file.path()).unwrap(), EncodingChoice::Auto)
    }

    #[test]
    fn the_separator_that_every_record_agrees_on() {
        let check = |text: &str, expect: u8| {
            let found = looked(text).unwrap();
            assert_eq!(char::from(found.separator), char::from(expect), "{text:?}");
        };
        check("a,b\n1,2\n", b',');
        check("a\tb\n1\t2\n", b'\t');
        check("a;b;c\n1,5;2,5;3,5\n", b';');
        check("a|b\n1|2\n", b'|');
        check("a\n1\n", b',');
        check("a,b\n\"1;2;3\",2\n", b',');
        check("a;b\n\"x;\"\"y\n\";2\n", b';');
        check("姓名;地址\n王伟;新疆,乌鲁木齐\n", b';');
    }

    #[test]
    fn what_no_separator_explains_is_refused_at_its_record() {
        let error = looked("a,b\n1,2\n1,2,3\n").unwrap_err();
        assert!(
            matches!(error, IntakeError::FieldCount { record: 2, .. }),
            "{error}"
        );
        assert!(matches!(looked("").unwrap_err(), IntakeError::NoHeader));
    }

    #[test]
    fn every_cell_is_text_and_an_empty_one_is_none() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"a|b\n007|\n\"\"|x\n").unwrap();
        let source = Source::file(file.path()).unwrap();
        let found = look(&source, EncodingChoice::Auto).unwrap();
        let batch = TextBatches::open(&source, found)
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        let cells = |column: usize| {
            let array = batch
                .column(column)
                .as_any()
                .downcast_ref::<arrow::array::StringArray>()
                .unwrap();
            array
                .iter()
                .map(|cell| cell.map(str::to_owned))
                .collect::<Vec<_>>()
        };
        assert_eq!(cells(0), [Some("007".to_owned()), Some(String::new())]);
        assert_eq!(cells(1), [None, Some("x".to_owned())]);
    }

    #[test]
    fn a_header_with_one_name_twice_is_refused() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"a,a\n1,2\n").unwrap();
        let source = Source::file(file.path()).unwrap();
        let found = look(&source, EncodingChoice::Auto).unwrap();
        assert!(matches!(
            TextBatches::open(&source, found),
            Err(IntakeError::DuplicateColumn { .. })
        ));
    }
}
