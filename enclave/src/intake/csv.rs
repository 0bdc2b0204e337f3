//! CSV as batches: header matched by name, cells typed as they come.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use policy::DatasetSchema;

use super::batches::{Growing, finish, is_full};
use super::columns::{match_names, own_schema};
use super::encoding::Text;
use super::record::{Record, Records};
use super::{Found, IntakeError, Source, Tally};

/// Reads the header.
pub(super) fn open(
    source: &Source,
    found: Found,
    schema: &DatasetSchema,
    tally: &Arc<Tally>,
) -> Result<Batches, IntakeError> {
    let mut records = Records::new(Text::new(source, found.encoding)?, found.separator)?;
    let mut record = Record::default();
    if !records.read(&mut record)? {
        return Err(IntakeError::NoHeader);
    }
    let header: Vec<String> = (0..record.len())
        .map(|index| record.field(index).unwrap_or_default().to_owned())
        .collect();
    let places = match_names(&header, schema)?;
    let columns = schema.columns().iter().map(Growing::new).zip(places);
    let (columns, places) = columns.unzip();
    let tally = Arc::clone(tally);
    Ok(Batches {
        records,
        record,
        columns,
        places,
        schema: own_schema(schema),
        tally,
        ended: false,
    })
}

/// The records of the file, a batch at a time; ends at the first error.
pub(super) struct Batches {
    records: Records,
    record: Record,
    columns: Vec<Growing>,
    /// For each column its field.
    places: Vec<usize>,
    schema: SchemaRef,
    tally: Arc<Tally>,
    ended: bool,
}

impl Batches {
    fn batch(&mut self) -> Result<Option<RecordBatch>, IntakeError> {
        let first = self.records.number() + 1;
        let (mut rows, mut bytes) = (0, 0);
        while !is_full(rows, bytes) && self.records.read(&mut self.record)? {
            let (number, line) = (self.records.number(), self.record.line);
            for (column, place) in self.columns.iter_mut().zip(&self.places) {
                let pushed = column.push(self.record.field(*place));
                pushed.map_err(|bad| column.refuse(&bad, number, line))?;
            }
            rows += 1;
            bytes += self.record.bytes_len();
        }
        self.tally.read_up_to(self.records.position());
        if rows == 0 {
            Ok(None)
        } else {
            finish(&mut self.columns, &self.schema, first).map(Some)
        }
    }
}

impl Iterator for Batches {
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
