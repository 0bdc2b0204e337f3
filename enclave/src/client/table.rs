//! Released tables: by Arrow Flight into memory, and as the exact file that the log names.

use super::connect::Client;
use super::failure::ClientError;
use super::transfer::text;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::reader::StreamReader;
use arrow_flight::{FlightData, FlightDescriptor, Ticket};
use bytes::{BufMut as _, Bytes, BytesMut};
use karez_proto::v1::{DownloadHeader, File, IssueTicketRequest};
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWrite;

/// Begins every message of an Arrow stream, and its end mark (Arrow columnar format, "Encapsulated message format").
const CONTINUATION: u32 = u32::MAX;

/// A released table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
    /// The exact bytes of the released file, an Arrow stream: their digest is the one on the log.
    pub bytes: Bytes,
    /// The file as the log names it, and where this fetch stands in the log.
    pub header: DownloadHeader,
}

impl Client {
    /// Fetches a released table, `NAME.arrows` of a sample or job, by Arrow Flight.
    ///
    /// # Errors
    /// [`ClientError::Damaged`] when the bytes are not those that were announced; [`ClientError::Failed`] for a refusal.
    pub async fn table(&self, resource: &str, file: &str) -> Result<Table, ClientError> {
        let descriptor = FlightDescriptor::new_path(vec![resource.to_owned(), file.to_owned()]);
        let info = self
            .flight()
            .get_flight_info(descriptor)
            .await?
            .into_inner();
        let announced = File::decode(info.app_metadata).map_err(|_| ClientError::Damaged)?;
        let endpoint = info.endpoint.into_iter().next();
        let ticket = endpoint
            .and_then(|one| one.ticket)
            .ok_or(ClientError::Damaged)?;
        self.spend(ticket, &announced).await
    }

    async fn spend(&self, ticket: Ticket, announced: &File) -> Result<Table, ClientError> {
        let mut messages = self.flight().do_get(ticket).await?.into_inner();
        let mut header = None;
        let mut bytes = BytesMut::new();
        while let Some(message) = messages.message().await? {
            if header.is_none() {
                let sent = DownloadHeader::decode(message.app_metadata.clone());
                header = Some(sent.map_err(|_| ClientError::Damaged)?);
            }
            append(&mut bytes, &message)?;
        }
        bytes.put_u32_le(CONTINUATION);
        bytes.put_u32_le(0);
        let (bytes, header) = (bytes.freeze(), header.ok_or(ClientError::Damaged)?);
        let same = text(&Sha256::digest(&bytes)) == announced.digest
            && header.file.as_ref() == Some(announced);
        match same {
            true => read(bytes, header),
            false => Err(ClientError::Damaged),
        }
    }

    /// Fetches a released file of any kind, checking it against what the service announced.
    ///
    /// # Errors
    /// As [`Client::download`].
    pub async fn fetch(
        &self,
        resource: &str,
        file: &str,
        into: impl AsyncWrite + Unpin,
    ) -> Result<DownloadHeader, ClientError> {
        let asked = IssueTicketRequest {
            resource: resource.to_owned(),
            file: file.to_owned(),
        };
        let issued = self.releases().issue_ticket(asked).await?.into_inner();
        self.download(issued.ticket, into).await
    }
}

/// Puts a message back as it stands in the file.
fn append(bytes: &mut BytesMut, message: &FlightData) -> Result<(), ClientError> {
    let length = u32::try_from(message.data_header.len()).map_err(|_| ClientError::Damaged)?;
    bytes.put_u32_le(CONTINUATION);
    bytes.put_u32_le(length);
    bytes.put_slice(&message.data_header);
    bytes.put_slice(&message.data_body);
    Ok(())
}

fn read(bytes: Bytes, header: DownloadHeader) -> Result<Table, ClientError> {
    let reader = StreamReader::try_new(&bytes[..], None).map_err(|_| ClientError::Damaged)?;
    let schema = reader.schema();
    let batches = reader
        .collect::<Result<_, _>>()
        .map_err(|_| ClientError::Damaged)?;
    Ok(Table {
        schema,
        batches,
        bytes,
        header,
    })
}
