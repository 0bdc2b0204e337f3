//! Parquet without encryption.

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::SchemaRef;

use super::Stop;
use crate::vault::{CREATED_BY, ROW_GROUP_BYTES_MAX};

/// Rows of a row group of a released file: half of the vault's, since the writer holds a group in memory and a sample is
/// read by one reader, not by the parallel scans of a job.
const ROW_GROUP_ROWS: usize = 64 * 1024;

pub(super) fn write<E>(
    out: &mut (impl Write + Send),
    schema: &SchemaRef,
    batches: &mut impl Iterator<Item = Result<RecordBatch, Stop<E>>>,
) -> Result<(), Stop<E>> {
    let properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES_MAX))
        .build();
    let mut writer =
        ArrowWriter::try_new(out, Arc::clone(schema), Some(properties)).map_err(failed)?;
    for batch in batches {
        writer.write(&batch?).map_err(failed)?;
    }
    writer.close().map(drop).map_err(failed)
}

/// All texts of a Parquet file, for looking through one that was found; none when it cannot be read.
pub(super) fn texts(bytes: Vec<u8>) -> Option<Vec<String>> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).ok()?;
    let mut texts = Vec::new();
    for batch in reader.build().ok()? {
        for column in batch.ok()?.columns() {
            let plain = arrow::compute::cast(column, &arrow::datatypes::DataType::Utf8).ok();
            if let Some(column) = plain
                .as_ref()
                .and_then(|plain| plain.as_string_opt::<i32>())
            {
                texts.extend(column.iter().flatten().map(str::to_owned));
            }
        }
    }
    Some(texts)
}

fn failed<E>(error: ParquetError) -> Stop<E> {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => Stop::Write(*error),
            Err(_) => Stop::Batch,
        },
        _ => Stop::Batch,
    }
}
