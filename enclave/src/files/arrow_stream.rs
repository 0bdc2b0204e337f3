//! Arrow's IPC streaming format.

use std::io::{self, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::writer::StreamWriter;

use super::Stop;

pub(super) fn write<E>(
    out: &mut impl Write,
    schema: &SchemaRef,
    batches: &mut impl Iterator<Item = Result<RecordBatch, Stop<E>>>,
) -> Result<(), Stop<E>> {
    let mut writer = StreamWriter::try_new(out, schema).map_err(failed)?;
    for batch in batches {
        writer.write(&batch?).map_err(failed)?;
    }
    writer.finish().map_err(failed)
}

fn failed<E>(error: ArrowError) -> Stop<E> {
    match error {
        ArrowError::IoError(_, error) => Stop::Write(error),
        other => Stop::Write(io::Error::other(match other {
            ArrowError::IpcError(_) => "the stream could not be written",
            _ => "the batch could not be written",
        })),
    }
}
