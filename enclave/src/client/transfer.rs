//! Whole files up and down: what a half of one must never become.

use super::connect::Client;
use super::failure::ClientError;
use bytes::Bytes;
use karez_proto::v1::{
    DownloadHeader, DownloadRequest, RegisterDatasetHeader, RegisterDatasetRequest,
    RegisterDatasetResponse, download_response, register_dataset_request,
};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Size of an upload's chunks; `karez.v1` admits up to 1 MiB.
const CHUNK_BYTES: usize = 256 * 1024;

/// Chunks that are read ahead of the network.
const CHUNKS_AHEAD: usize = 4;

impl Client {
    /// Registers a data set from a file that is read as it is sent.
    ///
    /// # Errors
    /// [`ClientError::File`] when the file cannot be read to its end: the call is then cancelled,
    /// never ended as if the file had been whole. [`ClientError::Failed`] for the service's refusal.
    pub async fn register_dataset(
        &self,
        header: RegisterDatasetHeader,
        mut file: impl AsyncRead + Unpin,
    ) -> Result<RegisterDatasetResponse, ClientError> {
        let (send, receive) = mpsc::channel(CHUNKS_AHEAD);
        let mut family = self.datasets();
        let call = family.register_dataset(ReceiverStream::new(receive));
        let feeding = async {
            let fed = feed(&send, header, &mut file).await;
            match fed {
                // The end of the file ends the stream.
                Ok(()) => drop(send),
                Err(source) => return (Some(send), source),
            }
            std::future::pending().await
        };
        tokio::select! {
            answer = call => Ok(answer?.into_inner()),
            // The sender outlives the call, so that the stream is cut off and does not end.
            (_sender, source) = feeding => Err(ClientError::File { source }),
        }
    }

    /// Spends a ticket and writes the file, checking its length and digest against what the
    /// service announced.
    ///
    /// # Errors
    /// [`ClientError::Damaged`] when the bytes are not those that were announced;
    /// [`ClientError::File`] when they cannot be written; [`ClientError::Failed`] for a refusal.
    pub async fn download(
        &self,
        ticket: Bytes,
        mut into: impl AsyncWrite + Unpin,
    ) -> Result<DownloadHeader, ClientError> {
        let answer = self.releases().download(DownloadRequest { ticket }).await?;
        let mut messages = answer.into_inner();
        let first = messages.message().await?.and_then(|message| message.part);
        let Some(download_response::Part::Header(header)) = first else {
            return Err(ClientError::Damaged);
        };
        let (mut digest, mut size_bytes) = (Sha256::new(), 0u64);
        while let Some(message) = messages.message().await? {
            let Some(download_response::Part::Chunk(chunk)) = message.part else {
                return Err(ClientError::Damaged);
            };
            digest.update(&chunk);
            size_bytes = size_bytes.saturating_add(chunk.len() as u64);
            let written = into.write_all(&chunk).await;
            written.map_err(|source| ClientError::File { source })?;
        }
        let flushed = into.flush().await;
        flushed.map_err(|source| ClientError::File { source })?;
        let announced = header.file.as_ref();
        let same = announced.is_some_and(|file| {
            file.size_bytes == size_bytes && file.digest == text(&digest.finalize())
        });
        match same {
            true => Ok(header),
            false => Err(ClientError::Damaged),
        }
    }
}

async fn feed(
    send: &mpsc::Sender<RegisterDatasetRequest>,
    header: RegisterDatasetHeader,
    file: &mut (impl AsyncRead + Unpin),
) -> io::Result<()> {
    use register_dataset_request::Part;
    let message = |part| RegisterDatasetRequest { part: Some(part) };
    let mut part = Part::Header(header);
    loop {
        if send.send(message(part)).await.is_err() {
            // The service has answered before the end; its answer says why.
            return Ok(());
        }
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let read = file
            .take(CHUNK_BYTES as u64)
            .read_to_end(&mut chunk)
            .await?;
        if read == 0 {
            return Ok(());
        }
        part = Part::Chunk(chunk.into());
    }
}

pub(super) fn text(digest: &[u8]) -> String {
    let mut text = "sha256:".to_owned();
    for byte in digest {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests;
