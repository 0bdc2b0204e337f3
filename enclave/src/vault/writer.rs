//! Encrypted Parquet, written batch by batch.

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use lineage::Digest;
use sha2::{Digest as _, Sha256};

use super::{ColumnKeys, VaultError};

/// Rows of a row group: the writer holds one group encoded in memory, and a job reads group by group in parallel.
pub const ROW_GROUP_ROWS: usize = 128 * 1024;

/// A row group ends early at this size in bytes, so that wide rows do not grow memory.
pub const ROW_GROUP_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Written into every file; no version, so that an upgrade changes no bytes.
pub(crate) const CREATED_BY: &str = "karez";

/// What was written.
pub(super) struct Written {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) digest: Digest,
}

/// Writes all batches under these keys, a key per column.
pub(super) fn write<E>(
    out: impl Write + Send,
    schema: &SchemaRef,
    keys: &ColumnKeys,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
) -> Result<Written, VaultError>
where
    VaultError: From<E>,
{
    // A column without a key would be written in clear.
    if let Some(field) = schema
        .fields()
        .iter()
        .find(|field| !keys.opens(field.name()))
    {
        return Err(VaultError::NoColumn {
            column: field.name().clone(),
        });
    }
    let mut counted = Counted {
        out,
        bytes: 0,
        digest: Sha256::new(),
    };
    let mut rows = 0;
    let mut writer =
        ArrowWriter::try_new(&mut counted, Arc::clone(schema), Some(properties(keys)?))
            .map_err(failed)?;
    for batch in batches {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        writer.write(&batch).map_err(failed)?;
    }
    writer.close().map_err(failed)?;
    Ok(Written {
        rows,
        bytes: counted.bytes,
        digest: Digest::from_bytes(counted.digest.finalize().into()),
    })
}

fn properties(keys: &ColumnKeys) -> Result<WriterProperties, VaultError> {
    let properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES_MAX))
        // Statistics per row group lie in the column's encrypted metadata. No page index: an engine that prunes by it asks
        // for the keys of columns that are not granted, and fails.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .with_file_encryption_properties(keys.encryption()?);
    Ok(properties.build())
}

/// Parquet's own texts may show a value, so only the system's error is kept.
fn failed(error: ParquetError) -> VaultError {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => VaultError::Write(*error),
            Err(_) => VaultError::Damaged,
        },
        _ => VaultError::Damaged,
    }
}

/// Counts and digests what passes.
struct Counted<W> {
    out: W,
    bytes: u64,
    digest: Sha256,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
