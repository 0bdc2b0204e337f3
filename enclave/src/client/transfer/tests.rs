//! Files arrive whole or not at all.

use super::*;
use crate::config::{Config, Overrides};
use crate::home::{Home, init};
use crate::service::{Families, Server};
use karez_proto::v1::dataset_service_server::{DatasetService, DatasetServiceServer};
use karez_proto::v1::release_service_server::{ReleaseService, ReleaseServiceServer};
use karez_proto::v1::*;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::SystemTime;
use tokio::io::ReadBuf;
use tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

/// Counts what it is sent, and sends the file that it was given.
#[derive(Clone, Default)]
struct Peer {
    whole_uploads: Arc<Mutex<u32>>,
    file: File,
    content: Bytes,
}

#[tonic::async_trait]
impl DatasetService for Peer {
    async fn register_dataset(
        &self,
        request: Request<Streaming<RegisterDatasetRequest>>,
    ) -> Result<Response<RegisterDatasetResponse>, Status> {
        let mut messages = request.into_inner();
        let mut digest = Sha256::new();
        let mut dataset = Dataset::default();
        while let Some(message) = messages.message().await? {
            match message.part.unwrap() {
                register_dataset_request::Part::Header(header) => dataset.name = header.dataset_id,
                register_dataset_request::Part::Chunk(chunk) => digest.update(&chunk),
            }
        }
        *self.whole_uploads.lock().unwrap() += 1;
        dataset.schema_digest = text(&digest.finalize());
        Ok(Response::new(RegisterDatasetResponse {
            dataset: Some(dataset),
            log_entry: None,
        }))
    }

    async fn get_dataset(
        &self,
        _: Request<GetDatasetRequest>,
    ) -> Result<Response<GetDatasetResponse>, Status> {
        Err(Status::unimplemented("not part of these tests"))
    }

    async fn list_datasets(
        &self,
        _: Request<ListDatasetsRequest>,
    ) -> Result<Response<ListDatasetsResponse>, Status> {
        Err(Status::unimplemented("not part of these tests"))
    }
}

#[tonic::async_trait]
impl ReleaseService for Peer {
    async fn issue_ticket(
        &self,
        _: Request<IssueTicketRequest>,
    ) -> Result<Response<IssueTicketResponse>, Status> {
        Err(Status::unimplemented("not part of these tests"))
    }

    type DownloadStream = Pin<Box<dyn Stream<Item = Result<DownloadResponse, Status>> + Send>>;

    async fn download(
        &self,
        _: Request<DownloadRequest>,
    ) -> Result<Response<Self::DownloadStream>, Status> {
        use download_response::Part;
        let header = DownloadHeader {
            file: Some(self.file.clone()),
            log_entry: None,
        };
        let parts = [Part::Header(header), Part::Chunk(self.content.clone())];
        let messages = parts.map(|part| Ok(DownloadResponse { part: Some(part) }));
        Ok(Response::new(Box::pin(tokio_stream::iter(messages))))
    }
}

/// A client of a server that answers with this peer.
async fn connect(peer: &Peer) -> (tempfile::TempDir, Client) {
    let directory = tempfile::tempdir().unwrap();
    let home: Home = init(&directory.path().join("home"), "xj", SystemTime::now())
        .unwrap()
        .home;
    let listen = Overrides {
        listen: Some("127.0.0.1:0".into()),
        server: None,
    };
    let config = Config::load(&home.config(), &listen).unwrap();
    let server = Server::bind(&home, &config, true).await.unwrap();
    let url = format!("https://{}", server.address());
    let families = Families::default()
        .with(DatasetServiceServer::new(peer.clone()))
        .with(ReleaseServiceServer::new(peer.clone()));
    let never = std::future::pending();
    tokio::spawn(server.run(families, |_| (), never, async {}));
    let identity = home.client(lineage::Duty::Provider);
    (directory, Client::connect(&identity, &url).await.unwrap())
}

fn header() -> RegisterDatasetHeader {
    RegisterDatasetHeader {
        dataset_id: "ybj/claims".into(),
        ..RegisterDatasetHeader::default()
    }
}

#[tokio::test]
async fn an_upload_arrives_whole() {
    let peer = Peer::default();
    let (_directory, client) = connect(&peer).await;
    for length in [0, 1, CHUNK_BYTES, CHUNK_BYTES * 9 + 7] {
        let content: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
        let answer = client
            .register_dataset(header(), content.as_slice())
            .await
            .unwrap();
        let dataset = answer.dataset.unwrap();
        assert_eq!(dataset.name, "ybj/claims");
        assert_eq!(dataset.schema_digest, text(&Sha256::digest(&content)));
    }
    assert_eq!(*peer.whole_uploads.lock().unwrap(), 4);
}

/// A file that breaks after its first chunk.
struct Breaking(usize);

impl AsyncRead for Breaking {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.0 == 0 {
            return Poll::Ready(Err(io::Error::other("the disk is gone")));
        }
        let length = buffer.remaining().min(self.0);
        buffer.put_slice(&vec![7; length]);
        self.0 -= length;
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_file_that_breaks_off_is_never_a_whole_upload() {
    let peer = Peer::default();
    let (_directory, client) = connect(&peer).await;
    for _ in 0..20 {
        let error = client
            .register_dataset(header(), Breaking(CHUNK_BYTES * 2))
            .await
            .unwrap_err();
        assert!(matches!(error, ClientError::File { .. }), "{error}");
    }
    client
        .register_dataset(header(), &b"whole"[..])
        .await
        .unwrap();
    assert_eq!(*peer.whole_uploads.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_download_is_what_was_announced() {
    let content = Bytes::from_static(b"group,count\nA,12\n");
    let good = File {
        digest: text(&Sha256::digest(&content)),
        size_bytes: content.len() as u64,
        ..File::default()
    };
    let check = async |file: File, content: Bytes, whole: bool| {
        let peer = Peer {
            file,
            content: content.clone(),
            ..Peer::default()
        };
        let (_directory, client) = connect(&peer).await;
        let mut got = Vec::new();
        let answer = client.download(Bytes::new(), &mut got).await;
        match whole {
            true => {
                assert_eq!(answer.unwrap().file, Some(peer.file));
                assert_eq!(got, content);
            }
            false => assert!(matches!(answer, Err(ClientError::Damaged))),
        }
    };
    let (mut short, mut other) = (good.clone(), good.clone());
    short.size_bytes += 1;
    other.digest = text(&Sha256::digest(b"other"));
    check(good.clone(), content.clone(), true).await;
    check(good, content.slice(1..), false).await;
    check(short, content.clone(), false).await;
    check(other, content, false).await;
}
