//! An upload on its way to the disk: encrypted as it arrives, counted, and whole or not at all.

use super::calls::Calls;
use super::outcome::Outcome;
use super::reason::Reason;
use crate::intake::{Spool, Spooled};
use crate::operations::Failure;
use bytes::Bytes;
use karez_proto::v1;
use karez_proto::v1::register_dataset_request::Part;
use lineage::Digest;
use sha2::{Digest as _, Sha256};
use std::io::Write as _;
use tokio::sync::mpsc;
use tonic::Streaming;

/// The longest chunk of an upload, in bytes.
const CHUNK_BYTES_MAX: usize = 1024 * 1024;

/// Chunks that wait for the disk.
const CHUNKS_AHEAD: usize = 4;

/// An upload that arrived whole.
pub(super) struct Uploaded {
    pub(super) file: Spooled,
    /// SHA-256 of its bytes: part of what the call asks.
    pub(super) digest: Digest,
}

enum Piece {
    Chunk(Bytes),
    /// The caller ended the stream in order; without it the upload is broken off.
    End,
}

/// Takes the chunks that follow the header.
///
/// # Errors
/// The stream's own end in error, a second header, a chunk or an upload over its limit.
pub(super) async fn receive(
    calls: &Calls,
    mut parts: Streaming<v1::RegisterDatasetRequest>,
) -> Result<Uploaded, tonic::Status> {
    let (send, pieces) = mpsc::channel(CHUNKS_AHEAD);
    let bytes_max = calls.enclave.config().limits.upload_bytes_max;
    let writer = calls.clone();
    let written = tokio::spawn(async move {
        let spool = writer.run(|enclave| enclave.spool()).await?;
        writer.run(move |_| write(spool, pieces)).await
    });
    let mut received: u64 = 0;
    while let Some(message) = parts.message().await? {
        let chunk = match message.part {
            Some(Part::Chunk(chunk)) => chunk,
            Some(Part::Header(_)) => return Err(invalid("the header came twice").into()),
            None => return Err(invalid("a message has neither header nor chunk").into()),
        };
        received = received.saturating_add(chunk.len() as u64);
        within(&chunk, received, bytes_max)?;
        // A writer that ended has its own error to tell.
        if send.send(Piece::Chunk(chunk)).await.is_err() {
            break;
        }
    }
    let _ = send.send(Piece::End).await;
    let written = written.await;
    Ok(written.map_err(|_| Outcome::internal(&"an upload's writer ended by itself"))??)
}

fn within(chunk: &Bytes, received: u64, bytes_max: u64) -> Result<(), Outcome> {
    if chunk.len() > CHUNK_BYTES_MAX {
        return Err(invalid("a chunk is longer than 1 MiB; send shorter ones"));
    }
    if received > bytes_max {
        let message = format!("the upload is longer than {bytes_max} bytes, which is the limit");
        return Err(Outcome::new(Reason::LimitExceeded, message)
            .quota("upload", &format!("limits.upload_bytes_max is {bytes_max}")));
    }
    Ok(())
}

fn write(mut spool: Spool, mut pieces: mpsc::Receiver<Piece>) -> Result<Uploaded, Failure> {
    let mut digest = Sha256::new();
    loop {
        match pieces.blocking_recv() {
            Some(Piece::Chunk(chunk)) => {
                digest.update(&chunk);
                spool.write_all(&chunk).map_err(|error| full(&error))?;
            }
            Some(Piece::End) => break,
            None => {
                let message = "the upload broke off before its end; upload again";
                return Err(Failure::new(
                    Reason::FileInvalid,
                    message,
                    "上传中断，请重新上传",
                ));
            }
        }
    }
    let file = spool.finish().map_err(|error| {
        Failure::new(
            Reason::ResourceUnavailable,
            error.to_string(),
            "上传文件无法暂存",
        )
    })?;
    Ok(Uploaded {
        file,
        digest: Digest::from_bytes(digest.finalize().into()),
    })
}

fn full(error: &std::io::Error) -> Failure {
    let message = format!("the upload cannot be spooled: {error}");
    Failure::new(Reason::ResourceUnavailable, message, "上传文件无法暂存")
}

fn invalid(message: &str) -> Outcome {
    Outcome::new(Reason::FieldInvalid, message)
}
