//! Where the messages of an Arrow stream begin and end, so that they can travel one by one without being read again.
//!
//! Computed where a stream is made: for a result in the sealed worker, so that the service never looks into a worker's
//! output. Format: Arrow columnar format, "Encapsulated message format".

use std::io::{self, Read};

use ::arrow::ipc::root_as_message;
use serde::{Deserialize, Serialize};

/// What follows a stream's name for the list of its frames, `NAME.arrows.frames`.
pub const FRAMES_ENDING: &str = ".frames";

/// Begins every message.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// The longest metadata of a message, in bytes: a thousand columns take under a megabyte.
const METADATA_BYTES_MAX: u64 = 16 << 20;

/// Continuation and length before each message's metadata, in bytes.
pub const FRAME_PREFIX_BYTES: usize = 8;

/// The lengths of one message; as JSON `[metadata_bytes, body_bytes]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct Frame {
    /// Length of the metadata with its padding, in bytes.
    pub metadata_bytes: u64,
    /// Length of the body with its padding, in bytes.
    pub body_bytes: u64,
}

impl From<(u64, u64)> for Frame {
    fn from((metadata_bytes, body_bytes): (u64, u64)) -> Self {
        Self {
            metadata_bytes,
            body_bytes,
        }
    }
}

impl From<Frame> for (u64, u64) {
    fn from(frame: Frame) -> Self {
        (frame.metadata_bytes, frame.body_bytes)
    }
}

/// The frames of a stream, schema first; the end-of-stream mark is none.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] when it is not a stream with an end, else the reader's own error.
pub fn frames(stream: &mut impl Read) -> io::Result<Vec<Frame>> {
    let mut frames = Vec::new();
    loop {
        let mut prefix = [0u8; FRAME_PREFIX_BYTES];
        stream.read_exact(&mut prefix)?;
        let (continuation, length) = prefix.split_at(CONTINUATION.len());
        let length = length
            .try_into()
            .map(u32::from_le_bytes)
            .map_err(|_| not_a_stream())?;
        let metadata_bytes = u64::from(length);
        if continuation != CONTINUATION || metadata_bytes > METADATA_BYTES_MAX {
            return Err(not_a_stream());
        }
        if metadata_bytes == 0 {
            return Ok(frames);
        }
        let mut metadata = vec![0; usize::try_from(metadata_bytes).map_err(|_| not_a_stream())?];
        stream.read_exact(&mut metadata)?;
        let message = root_as_message(&metadata).map_err(|_| not_a_stream())?;
        let body_bytes = u64::try_from(message.bodyLength()).map_err(|_| not_a_stream())?;
        if io::copy(&mut stream.take(body_bytes), &mut io::sink())? != body_bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        frames.push(Frame {
            metadata_bytes,
            body_bytes,
        });
    }
}

fn not_a_stream() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not an Arrow stream")
}

#[cfg(test)]
mod tests {
    //! The frames cover the whole stream, and nothing else is a stream.
    use std::sync::Arc;

    use ::arrow::array::{ArrayRef, RecordBatch, StringArray};

    use super::*;
    use crate::files::{FileFormat, to_bytes};

    fn stream(batches: usize) -> Vec<u8> {
        let column: ArrayRef = Arc::new(StringArray::from(vec![Some("喀什地区"), None]));
        let batch = RecordBatch::try_from_iter([("place", column)]).unwrap();
        let schema = batch.schema();
        to_bytes(FileFormat::ArrowStream, &schema, &vec![batch; batches]).unwrap()
    }

    #[test]
    fn frames_and_the_end_mark_are_the_whole_stream() {
        for batches in [0, 1, 3] {
            let bytes = stream(batches);
            let found = frames(&mut bytes.as_slice()).unwrap();
            assert_eq!(found.len(), batches + 1);
            let prefix = FRAME_PREFIX_BYTES as u64;
            let covered: u64 = found
                .iter()
                .map(|one| prefix + one.metadata_bytes + one.body_bytes)
                .sum();
            assert_eq!(covered + prefix, bytes.len() as u64);
        }
    }

    #[test]
    fn what_is_cut_or_altered_is_no_stream() {
        let bytes = stream(2);
        for length in 0..bytes.len() {
            assert!(frames(&mut &bytes[..length]).is_err(), "{length}");
        }
        let mut altered = bytes;
        altered[0] = 0;
        assert!(frames(&mut altered.as_slice()).is_err());
    }

    #[test]
    fn frames_are_pairs_in_json() {
        let frame = Frame {
            metadata_bytes: 8,
            body_bytes: 64,
        };
        assert_eq!(serde_json::to_string(&[frame]).unwrap(), "[[8,64]]");
        assert_eq!(
            serde_json::from_str::<Vec<Frame>>("[[8,64]]").unwrap(),
            [frame]
        );
    }
}
