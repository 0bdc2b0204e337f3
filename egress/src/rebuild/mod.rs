//! Reads a worker's output without trusting it, and makes the copy that leaves.
//!
//! The worker ran over raw data, so its bytes may hold anything: a corrupt file against the reader,
//! values in padding, under nulls, in NaN payloads or in the order of rows. Each message is looked at
//! before Arrow reads it, every value is then written anew, and rows are sorted again. Only that copy
//! leaves; what cannot be read is refused.

mod canonical;
mod frame;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::arrow::ipc::writer::StreamWriter;

use crate::govern::GovernedQuery;
use crate::order::arranged;
use crate::refusal::Refusal;
use crate::rule::Rule;

pub use frame::{MAX_OUTPUT_BYTES, MAX_OUTPUT_MESSAGES};

/// The copy of a result that may leave.
#[derive(Debug, Clone)]
pub struct Rebuilt {
    /// Columns of the result, as [`GovernedQuery::output_schema`] said.
    pub schema: SchemaRef,
    /// The rows: written anew, in the order asked for or else sorted by all columns.
    pub batches: Vec<RecordBatch>,
}

/// Rebuilds the output of a worker that ran `query`, an Arrow IPC stream.
///
/// # Errors
/// `contract` when the bytes are not exactly one such stream of the query's output schema, without
/// dictionaries, extensions, metadata or compression, within [`MAX_OUTPUT_BYTES`] and the contract's rows.
///
/// # Privacy
/// The order of rows is checked against ORDER BY where its keys are output columns; where they are
/// not, the worker's order is kept, and a reader could learn what the worker put into it.
pub fn rebuild(bytes: &[u8], query: &GovernedQuery) -> Result<Rebuilt, Refusal> {
    let rows_max = query.contract.rows_max;
    let rows = frame::check(bytes, rows_max)?;
    if rows > rows_max {
        return Err(Refusal::new(Rule::ContractRows));
    }
    // Arrow checks offsets and text, but its reader has panicked on forged messages before
    // (arrow-rs#7124, #10437); a panic is one more way of not being well-formed.
    let read = catch_unwind(AssertUnwindSafe(|| read(bytes, &query.output)));
    let batch = read.map_err(|_| malformed())??;
    let batch = canonical::rewritten(&batch)?;
    let batch = arranged(&batch, &query.order).map_err(|_| malformed())?;
    Ok(Rebuilt {
        schema: query.output_schema(),
        batches: vec![batch],
    })
}

/// Writes batches as an Arrow IPC stream, the same bytes for the same values.
///
/// # Errors
/// `failed` when a batch does not have the schema.
pub fn write_ipc(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<Vec<u8>, Refusal> {
    let failed = |error: ArrowError| Refusal::new(Rule::EngineFailed).detail(error);
    let mut writer = StreamWriter::try_new(Vec::new(), schema).map_err(failed)?;
    let all = concat_batches(schema, batches).map_err(failed)?;
    writer.write(&canonical::rewritten(&all)?).map_err(failed)?;
    writer.into_inner().map_err(failed)
}

fn read(bytes: &[u8], expected: &SchemaRef) -> Result<RecordBatch, Refusal> {
    let reader = StreamReader::try_new(Cursor::new(bytes), None).map_err(|_| malformed())?;
    if reader.schema() != *expected {
        return Err(malformed());
    }
    let batches = reader
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| malformed())?;
    concat_batches(&Arc::clone(expected), &batches).map_err(|_| malformed())
}

/// What exactly is wrong is not told: the worker chose the bytes.
fn malformed() -> Refusal {
    Refusal::new(Rule::ContractBytes)
}

#[cfg(test)]
mod tests;
