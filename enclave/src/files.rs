//! What does a released file look like? Parquet, CSV and Arrow, the same bytes for the same batches.
//!
//! No file holds a time, a host name or a version of a library. Each is written beside its place and renamed into it, so an
//! interrupted run leaves no half-written file under its final name.

mod arrow_stream;
mod csv;
mod frames;
mod parquet;
mod place;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::{Field, Schema, SchemaRef};
use lineage::Digest;
use thiserror::Error;

pub use csv::CsvOptions;
pub use frames::{FRAME_PREFIX_BYTES, FRAMES_ENDING, Frame, frames};

/// How a released table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Plain Parquet, zstd.
    Parquet,
    /// Text.
    Csv(CsvOptions),
    /// Arrow's streaming format, without compression.
    ArrowStream,
}

impl FileFormat {
    /// The usual ending of the file's name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv(_) => "csv",
            Self::ArrowStream => "arrows",
        }
    }
}

/// A file that was written whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// SHA-256 of its bytes.
    pub digest: Digest,
}

/// A file that could not be written; nothing stands under its name.
#[derive(Debug, Error)]
pub enum FileError<E> {
    /// The batches' own error.
    #[error(transparent)]
    Batches(E),
    /// The system's error.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A column of a type that released files do not have.
    #[error("column `{column}` has a type that released files do not have")]
    ColumnType {
        /// The column.
        column: String,
    },
    /// Batches that do not fit their schema: a fault of this program.
    #[error("the batches do not fit their schema: a fault of this program")]
    Batch,
}

/// Writes the batches to `dir/name`, replacing what is there.
///
/// Peak memory does not grow with rows. Metadata of schema and fields is not written.
///
/// ```
/// # use std::{convert::Infallible, sync::Arc};
/// # use arrow::{array::{ArrayRef, Int64Array, RecordBatch}};
/// use enclave::files::{CsvOptions, FileFormat, write_file};
///
/// let column: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
/// let batch = RecordBatch::try_from_iter([("a", column)])?;
/// let dir = tempfile::tempdir()?;
/// let format = FileFormat::Csv(CsvOptions { mark: false, ..CsvOptions::default() });
/// let written = write_file(dir.path(), "sample.csv", format, &batch.schema(), [Ok::<_, Infallible>(batch)])?;
/// assert_eq!(std::fs::read(&written.path)?, b"a\r\n1\r\n\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`FileError`]; nothing is left under the name then, and what stood there before stays.
pub fn write_file<E>(
    dir: &Path,
    name: &str,
    format: FileFormat,
    schema: &SchemaRef,
    batches: impl IntoIterator<Item = Result<RecordBatch, E>>,
) -> Result<WrittenFile, FileError<E>> {
    let path = dir.join(name);
    let failed = |source| FileError::Write {
        path: path.clone(),
        source,
    };
    let mut place = place::Place::new(dir, name).map_err(failed)?;
    let schema = plain(schema);
    let mut rows = 0;
    let mut batches = batches.into_iter().map(|batch| {
        let batch = batch.map_err(Stop::Batches)?;
        rows += batch.num_rows() as u64;
        RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec()).map_err(|_| Stop::Batch)
    });
    let written = match format {
        FileFormat::Parquet => parquet::write(&mut place, &schema, &mut batches),
        FileFormat::Csv(options) => csv::write(&mut place, options, &schema, &mut batches),
        FileFormat::ArrowStream => arrow_stream::write(&mut place, &schema, &mut batches),
    };
    written.map_err(|stop| match stop {
        Stop::Batches(error) => FileError::Batches(error),
        Stop::Write(source) => failed(source),
        Stop::ColumnType(column) => FileError::ColumnType { column },
        Stop::Batch => FileError::Batch,
    })?;
    let (bytes, digest) = place.finish().map_err(failed)?;
    Ok(WrittenFile {
        path: path.clone(),
        bytes,
        rows,
        digest,
    })
}

/// The same bytes that [`write_file`] writes, in memory: for results, which are small and are made where no file can be.
///
/// # Errors
/// [`FileError::ColumnType`] or [`FileError::Batch`].
pub fn to_bytes(
    format: FileFormat,
    schema: &SchemaRef,
    batches: &[RecordBatch],
) -> Result<Vec<u8>, FileError<std::convert::Infallible>> {
    let schema = plain(schema);
    let plainly = |batch: &RecordBatch| {
        let batch = batch.clone().with_schema(Arc::clone(&schema));
        batch.map_err(|_| Stop::<std::convert::Infallible>::Batch)
    };
    let mut batches = batches.iter().map(plainly);
    let mut bytes = Vec::new();
    let written = match format {
        FileFormat::Parquet => parquet::write(&mut bytes, &schema, &mut batches),
        FileFormat::Csv(options) => csv::write(&mut bytes, options, &schema, &mut batches),
        FileFormat::ArrowStream => arrow_stream::write(&mut bytes, &schema, &mut batches),
    };
    match written {
        Ok(()) => Ok(bytes),
        Err(Stop::ColumnType(column)) => Err(FileError::ColumnType { column }),
        Err(Stop::Batches(_) | Stop::Write(_) | Stop::Batch) => Err(FileError::Batch),
    }
}

/// Every value of a Parquet file as text, for looking through one that was found; none when it cannot be read.
#[must_use]
pub fn parquet_texts(bytes: Vec<u8>) -> Option<Vec<String>> {
    parquet::texts(bytes)
}

/// Why a writer stopped.
enum Stop<E> {
    Batches(E),
    Write(io::Error),
    ColumnType(String),
    Batch,
}

/// The schema without metadata, which may say how a column was made.
fn plain(schema: &SchemaRef) -> SchemaRef {
    let field = |field: &Arc<Field>| field.as_ref().clone().with_metadata(Default::default());
    Arc::new(Schema::new(
        schema.fields().iter().map(field).collect::<Vec<_>>(),
    ))
}

#[cfg(test)]
mod tests;
