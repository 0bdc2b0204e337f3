//! Reading an encrypted table with the keys one was given; used at the vault's door and inside the worker.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::PageIndexPolicy;
use ::parquet::file::reader::{ChunkReader, Length};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use bytes::Bytes;

use super::{ColumnKeys, VaultError};

/// An encrypted table of which some columns can be read.
///
/// Reads by position and shares no offset, so row groups may be read from several threads at once.
pub struct EncryptedTable {
    file: Positioned,
    metadata: ArrowReaderMetadata,
    schema: SchemaRef,
}

impl EncryptedTable {
    /// Opens the file with these keys; the schema has only the columns that they open.
    ///
    /// # Errors
    /// [`VaultError::Undecryptable`] when file, name and keys do not belong together or the file was altered.
    pub fn read(file: File, keys: &ColumnKeys) -> Result<Self, VaultError> {
        let len = file.metadata().map_err(|_| VaultError::Damaged)?.len();
        let file = Positioned {
            file: Arc::new(file),
            len,
        };
        let options = ArrowReaderOptions::new()
            .with_page_index_policy(PageIndexPolicy::Skip)
            .with_file_decryption_properties(keys.decryption()?);
        let metadata =
            ArrowReaderMetadata::load(&file, options).map_err(|_| VaultError::Undecryptable)?;
        let all = metadata.schema();
        let granted: Vec<usize> = (0..all.fields().len())
            .filter(|index| keys.opens(all.field(*index).name()))
            .collect();
        let schema = all.project(&granted).map_err(|_| VaultError::Damaged)?;
        // Arrow's metadata in the file is about the whole schema.
        let schema = Arc::new(schema.with_metadata(Default::default()));
        Ok(Self {
            file,
            metadata,
            schema,
        })
    }

    /// The columns that can be read, in the file's order.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// How many row groups there are: the units of parallel reading.
    #[must_use]
    pub fn row_groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Reads the columns of some row groups, in the order asked, in batches of at most `batch_rows` rows.
    ///
    /// # Errors
    /// [`VaultError::NoColumn`] for a column that the keys do not open, [`VaultError::DuplicateColumn`] for one asked twice.
    pub fn batches(
        &self,
        row_groups: Vec<usize>,
        columns: &[&str],
        batch_rows: usize,
    ) -> Result<TableBatches, VaultError> {
        let mut places = Vec::with_capacity(columns.len());
        for (position, column) in columns.iter().enumerate() {
            if columns.iter().take(position).any(|other| other == column) {
                return Err(VaultError::DuplicateColumn {
                    column: (*column).to_owned(),
                });
            }
            let granted = self.schema.column_with_name(column).is_some();
            let place = self
                .metadata
                .schema()
                .index_of(column)
                .ok()
                .filter(|_| granted);
            places.push(place.ok_or_else(|| VaultError::NoColumn {
                column: (*column).to_owned(),
            })?);
        }
        let own = columns
            .iter()
            .filter_map(|column| self.schema.index_of(column).ok())
            .collect::<Vec<_>>();
        let schema = Arc::new(self.schema.project(&own).map_err(|_| VaultError::Damaged)?);
        // The reader returns columns in the file's order; `order` brings them into the one asked for.
        let mut sorted = places.clone();
        sorted.sort_unstable();
        let order = places
            .iter()
            .filter_map(|place| sorted.binary_search(place).ok())
            .collect();
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), places);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(
            self.file.clone(),
            self.metadata.clone(),
        )
        .with_projection(mask)
        .with_row_groups(row_groups)
        .with_batch_size(batch_rows.max(1))
        .build()
        .map_err(|_| VaultError::Undecryptable)?;
        Ok(TableBatches {
            reader,
            order,
            schema,
            ended: false,
        })
    }
}

/// The batches of some row groups; ends at the first error.
pub struct TableBatches {
    reader: ParquetRecordBatchReader,
    order: Vec<usize>,
    schema: SchemaRef,
    ended: bool,
}

impl TableBatches {
    /// The columns in the order asked.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn arrange(&self, batch: &RecordBatch) -> Result<RecordBatch, VaultError> {
        let arranged = batch
            .project(&self.order)
            .map_err(|_| VaultError::Damaged)?;
        RecordBatch::try_new(Arc::clone(&self.schema), arranged.columns().to_vec())
            .map_err(|_| VaultError::Damaged)
    }
}

impl Iterator for TableBatches {
    type Item = Result<RecordBatch, VaultError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.reader.next()?.map_err(|_| VaultError::Undecryptable);
        let batch = batch.and_then(|batch| self.arrange(&batch));
        self.ended = batch.is_err();
        Some(batch)
    }
}

/// A file read by position: parquet's own reader of files shares one offset between all clones.
#[derive(Clone)]
struct Positioned {
    file: Arc<File>,
    len: u64,
}

impl Length for Positioned {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for Positioned {
    type T = PositionedReader;

    fn get_read(&self, start: u64) -> Result<PositionedReader, ParquetError> {
        Ok(PositionedReader {
            file: Arc::clone(&self.file),
            position: start,
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // The length is checked before memory is taken.
        if start.saturating_add(length as u64) > self.len {
            return Err(ParquetError::EOF(
                "the file ends before the bytes it promises".to_owned(),
            ));
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(Bytes::from(bytes))
    }
}

struct PositionedReader {
    file: Arc<File>,
    position: u64,
}

impl Read for PositionedReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(out, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}
