//! The shape of an Arrow IPC stream, looked at before Arrow reads it: one schema, then record
//! batches, then the end, every length within the bytes that are there.

use datafusion::arrow::ipc::{Message, MessageHeader, RecordBatch, root_as_message};

use super::malformed;
use crate::refusal::Refusal;

/// Longest output, in bytes.
pub const MAX_OUTPUT_BYTES: usize = 256 * 1024 * 1024;

/// Most messages of an output; our own writer makes two.
pub const MAX_OUTPUT_MESSAGES: usize = 1_024;

/// Bytes of the marker that begins each message, and of the length after it.
const WORD_BYTES: usize = 4;

/// The marker (Arrow columnar format, "Encapsulated message format").
const CONTINUATION: [u8; WORD_BYTES] = [0xff; WORD_BYTES];

/// Checks the frames and returns how many rows they announce.
pub(super) fn check(bytes: &[u8], rows_max: u64) -> Result<u64, Refusal> {
    if bytes.len() > MAX_OUTPUT_BYTES {
        return Err(malformed());
    }
    let mut rest = bytes;
    let mut rows = 0_u64;
    for number in 0..MAX_OUTPUT_MESSAGES {
        let metadata = metadata(&mut rest)?;
        if metadata.is_empty() {
            // The end marker; nothing may follow it.
            return if rest.is_empty() && number > 0 {
                Ok(rows)
            } else {
                Err(malformed())
            };
        }
        let message = root_as_message(metadata).map_err(|_| malformed())?;
        let body = body(&message, &mut rest)?;
        let announced = check_message(&message, number, body)?;
        rows = rows.checked_add(announced).ok_or_else(malformed)?;
        if rows > rows_max {
            // Told as too many rows by the caller; no more is read.
            return Ok(rows);
        }
    }
    Err(malformed())
}

fn metadata<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Refusal> {
    if take(rest, WORD_BYTES)? != CONTINUATION {
        return Err(malformed());
    }
    let length: [u8; WORD_BYTES] = take(rest, WORD_BYTES)?
        .try_into()
        .map_err(|_| malformed())?;
    let length = usize::try_from(i32::from_le_bytes(length)).map_err(|_| malformed())?;
    take(rest, length)
}

fn body<'a>(message: &Message<'_>, rest: &mut &'a [u8]) -> Result<&'a [u8], Refusal> {
    let length = usize::try_from(message.bodyLength()).map_err(|_| malformed())?;
    take(rest, length)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Refusal> {
    let (head, tail) = rest.split_at_checked(length).ok_or_else(malformed)?;
    *rest = tail;
    Ok(head)
}

/// The first message is the schema, all others are batches; returns the rows of a batch.
fn check_message(message: &Message<'_>, number: usize, body: &[u8]) -> Result<u64, Refusal> {
    if message.custom_metadata().is_some_and(|m| !m.is_empty()) {
        return Err(malformed());
    }
    match (number, message.header_type()) {
        (0, MessageHeader::Schema) if body.is_empty() => {
            let schema = message.header_as_schema().ok_or_else(malformed)?;
            if schema.custom_metadata().is_some_and(|m| !m.is_empty()) {
                return Err(malformed());
            }
            let fields = schema.fields().ok_or_else(malformed)?;
            let plain = fields.iter().all(|field| {
                field.dictionary().is_none() && field.custom_metadata().is_none_or(|m| m.is_empty())
            });
            if plain { Ok(0) } else { Err(malformed()) }
        }
        (1.., MessageHeader::RecordBatch) => {
            let batch = message.header_as_record_batch().ok_or_else(malformed)?;
            check_batch(&batch, body)
        }
        // Dictionaries, tensors and a second schema.
        _ => Err(malformed()),
    }
}

/// Buffers lie inside the body, and every column has as many values as the batch has rows.
fn check_batch(batch: &RecordBatch<'_>, body: &[u8]) -> Result<u64, Refusal> {
    if batch.compression().is_some() || batch.variadicBufferCounts().is_some_and(|c| !c.is_empty())
    {
        return Err(malformed());
    }
    let rows = batch.length();
    for buffer in batch.buffers().ok_or_else(malformed)? {
        let start = usize::try_from(buffer.offset()).map_err(|_| malformed())?;
        let length = usize::try_from(buffer.length()).map_err(|_| malformed())?;
        let end = start.checked_add(length).ok_or_else(malformed)?;
        if end > body.len() {
            return Err(malformed());
        }
    }
    for node in batch.nodes().ok_or_else(malformed)? {
        if node.length() != rows || node.null_count() < 0 || node.null_count() > rows {
            return Err(malformed());
        }
    }
    u64::try_from(rows).map_err(|_| malformed())
}
