//! Released files on the wire: tickets and downloads.

use super::calls::{Calls, file, given, log_entry, reading};
use super::outcome::Outcome;
use super::principal;
use super::reason::Reason;
use super::tickets::{Claim, TICKET_LIFE_MAX, Ticket};
use crate::operations::{Enclave, Failure};
use crate::pki::Principal;
use bytes::Bytes;
use karez_proto::v1;
use karez_proto::v1::download_response::Part;
use karez_proto::v1::release_service_server::ReleaseService;
use lineage::Digest;
use lineage::event::ReleasedFile;
use std::time::{Instant, SystemTime};
use tonic::{Request, Response, Status};

/// Size of a download's chunks, in bytes.
const CHUNK_BYTES: usize = 256 * 1024;

/// A download whose messages are all cut already.
type Messages = tokio_stream::Iter<std::vec::IntoIter<Result<v1::DownloadResponse, Status>>>;

impl Calls {
    /// A ticket for a file that the caller may fetch.
    pub(super) fn ticket(
        &self,
        bearer: &Principal,
        resource: &str,
        released: &ReleasedFile,
    ) -> Result<Ticket, Outcome> {
        let claim = Claim {
            resource: resource.to_owned(),
            file: released.name.clone(),
            digest: released.digest,
        };
        self.tickets.issue(bearer, claim, Instant::now())
    }

    /// Spends a ticket and fetches what it stands for, whose every right is checked again.
    pub(super) async fn spend<T: Send + 'static>(
        &self,
        bearer: &Principal,
        ticket: &[u8],
        fetch: impl FnOnce(&Enclave, &lineage::Actor, &Claim) -> Result<T, Failure> + Send + 'static,
        digest: impl FnOnce(&T) -> Digest,
    ) -> Result<T, Outcome> {
        let claim = self.tickets.spend(bearer, ticket, Instant::now())?;
        let (actor, expected) = (bearer.actor().clone(), claim.digest);
        let fetched = self
            .run(move |enclave| fetch(enclave, &actor, &claim))
            .await?;
        match digest(&fetched) == expected {
            true => Ok(fetched),
            false => {
                let message =
                    "the file is not the one that the ticket was issued for; ask for a new ticket";
                Err(Outcome::new(Reason::TicketNotValid, message))
            }
        }
    }
}

#[tonic::async_trait]
impl ReleaseService for Calls {
    type DownloadStream = Messages;

    async fn issue_ticket(
        &self,
        request: Request<v1::IssueTicketRequest>,
    ) -> Result<Response<v1::IssueTicketResponse>, Status> {
        let bearer = principal(&request)?.clone();
        let (caller, asked) = reading(request)?;
        given("resource", &asked.resource)?;
        given("file", &asked.file)?;
        let resource = asked.resource.clone();
        let released =
            self.run(move |enclave| enclave.fetchable(&caller, &asked.resource, &asked.file));
        let released = released.await?;
        let ends = SystemTime::now() + TICKET_LIFE_MAX;
        let ticket = self.ticket(&bearer, &resource, &released)?;
        Ok(Response::new(v1::IssueTicketResponse {
            ticket: Bytes::copy_from_slice(ticket.as_bytes()),
            expire_time: Some(ends.into()),
            file: Some(file(&released)),
        }))
    }

    async fn download(
        &self,
        request: Request<v1::DownloadRequest>,
    ) -> Result<Response<Self::DownloadStream>, Status> {
        let bearer = principal(&request)?.clone();
        let ticket = request.into_inner().ticket;
        let fetched = self.spend(
            &bearer,
            &ticket,
            |enclave, actor, claim| enclave.fetch(actor, &claim.resource, &claim.file),
            |fetched| fetched.file.digest,
        );
        let fetched = fetched.await?;
        let header = v1::DownloadHeader {
            file: Some(file(&fetched.file)),
            log_entry: Some(log_entry(&fetched.fetched)?),
        };
        let mut messages = vec![Ok(message(Part::Header(header)))];
        let mut rest = Bytes::from(fetched.bytes);
        while !rest.is_empty() {
            let chunk = rest.split_to(rest.len().min(CHUNK_BYTES));
            messages.push(Ok(message(Part::Chunk(chunk))));
        }
        Ok(Response::new(tokio_stream::iter(messages)))
    }
}

fn message(part: Part) -> v1::DownloadResponse {
    v1::DownloadResponse { part: Some(part) }
}
