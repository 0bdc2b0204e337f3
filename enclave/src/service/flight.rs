//! Released tables by Arrow Flight: a ticket from `GetFlightInfo`, spent by `DoGet`; nothing else.
//!
//! The service relays the messages of the stored stream as they stand and never reads one: where they begin and end was
//! written down when the stream was made. Whoever puts the prefixes and the end mark back holds the exact file.

use super::calls::{Calls, file, log_entry};
use super::outcome::Outcome;
use super::principal;
use super::reason::Reason;
use super::tickets::TICKET_LIFE_MAX;
use crate::files::{FRAME_PREFIX_BYTES, Frame};
use arrow_flight::flight_descriptor::DescriptorType;
use arrow_flight::flight_service_server::FlightService;
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightEndpoint, FlightInfo,
    HandshakeRequest, HandshakeResponse, PollInfo, PutResult, SchemaResult, Ticket,
};
use bytes::Bytes;
use karez_proto::v1;
use prost::Message as _;
use std::time::SystemTime;
use tonic::{Request, Response, Status, Streaming};

/// A stream that is never sent.
type Never<T> = tokio_stream::Empty<Result<T, Status>>;

#[tonic::async_trait]
impl FlightService for Calls {
    type HandshakeStream = Never<HandshakeResponse>;
    type ListFlightsStream = Never<FlightInfo>;
    type DoGetStream = tokio_stream::Iter<std::vec::IntoIter<Result<FlightData, Status>>>;
    type DoPutStream = Never<PutResult>;
    type DoExchangeStream = Never<FlightData>;
    type DoActionStream = Never<arrow_flight::Result>;
    type ListActionsStream = Never<ActionType>;

    async fn get_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let bearer = principal(&request)?.clone();
        let descriptor = request.into_inner();
        let (resource, name) = path(&descriptor)?;
        let (actor, asked) = (bearer.actor().clone(), (resource.clone(), name));
        let found = self.run(move |enclave| enclave.fetchable_table(&actor, &asked.0, &asked.1));
        let (released, schema) = found.await?;
        let ends = SystemTime::now() + TICKET_LIFE_MAX;
        let ticket = self.ticket(&bearer, &resource, &released)?;
        let ticket = Ticket::new(Bytes::copy_from_slice(ticket.as_bytes()));
        let endpoint = FlightEndpoint::new()
            .with_ticket(ticket)
            .with_expiration_time(ends.into());
        let mut info = FlightInfo::new()
            .with_descriptor(descriptor)
            .with_endpoint(endpoint)
            .with_total_bytes(i64::try_from(released.bytes).unwrap_or(-1))
            .with_ordered(true)
            .with_app_metadata(file(&released).encode_to_vec());
        info.schema = schema.into();
        Ok(Response::new(info))
    }

    async fn do_get(
        &self,
        request: Request<Ticket>,
    ) -> Result<Response<Self::DoGetStream>, Status> {
        let bearer = principal(&request)?.clone();
        let ticket = request.into_inner().ticket;
        let fetched = self.spend(
            &bearer,
            &ticket,
            |enclave, actor, claim| enclave.fetch_table(actor, &claim.resource, &claim.file),
            |(fetched, _)| fetched.file.digest,
        );
        let (fetched, frames) = fetched.await?;
        let header = v1::DownloadHeader {
            file: Some(file(&fetched.file)),
            log_entry: Some(log_entry(&fetched.fetched)?),
        };
        let mut messages = messages(Bytes::from(fetched.bytes), &frames)
            .ok_or_else(|| Outcome::internal(&"a stream is not as long as its frames"))?;
        if let Some(Ok(first)) = messages.first_mut() {
            first.app_metadata = header.encode_to_vec().into();
        }
        Ok(Response::new(tokio_stream::iter(messages)))
    }

    async fn handshake(
        &self,
        _: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        Err(not_built(
            "Handshake",
            "the client certificate says who calls",
        ))
    }

    async fn list_flights(
        &self,
        _: Request<Criteria>,
    ) -> Result<Response<Self::ListFlightsStream>, Status> {
        Err(not_built(
            "ListFlights",
            "GetSample and GetJob list the files",
        ))
    }

    async fn poll_flight_info(
        &self,
        _: Request<FlightDescriptor>,
    ) -> Result<Response<PollInfo>, Status> {
        Err(not_built("PollFlightInfo", "use GetFlightInfo"))
    }

    async fn get_schema(
        &self,
        _: Request<FlightDescriptor>,
    ) -> Result<Response<SchemaResult>, Status> {
        Err(not_built("GetSchema", "GetFlightInfo carries the schema"))
    }

    async fn do_put(
        &self,
        _: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        Err(not_built("DoPut", "RegisterDataset takes files"))
    }

    async fn do_exchange(
        &self,
        _: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        Err(not_built("DoExchange", "tables leave by DoGet alone"))
    }

    async fn do_action(
        &self,
        _: Request<Action>,
    ) -> Result<Response<Self::DoActionStream>, Status> {
        Err(not_built("DoAction", "use the calls of karez.v1"))
    }

    async fn list_actions(
        &self,
        _: Request<Empty>,
    ) -> Result<Response<Self::ListActionsStream>, Status> {
        Err(not_built("ListActions", "there are none"))
    }
}

/// `[resource, file]` of a path descriptor.
fn path(descriptor: &FlightDescriptor) -> Result<(String, String), Outcome> {
    match (descriptor.r#type(), descriptor.path.as_slice()) {
        (DescriptorType::Path, [resource, file]) => Ok((resource.clone(), file.clone())),
        _ => {
            let message = "the descriptor is not a path of two parts: the resource name of a sample or job, and a file";
            Err(Outcome::new(Reason::FieldInvalid, message).with("field", "path"))
        }
    }
}

/// One message per frame; none when the frames do not fit the stream.
fn messages(mut stream: Bytes, frames: &[Frame]) -> Option<Vec<Result<FlightData, Status>>> {
    let mut cut = |length: u64| {
        let length = usize::try_from(length).ok()?;
        (length <= stream.len()).then(|| stream.split_to(length))
    };
    let mut messages = Vec::new();
    for frame in frames {
        cut(FRAME_PREFIX_BYTES as u64)?;
        let (metadata, body) = (cut(frame.metadata_bytes)?, cut(frame.body_bytes)?);
        messages.push(Ok(FlightData::new()
            .with_data_header(metadata)
            .with_data_body(body)));
    }
    (stream.len() == FRAME_PREFIX_BYTES).then_some(messages)
}

fn not_built(method: &'static str, instead: &str) -> Status {
    let message = format!("`{method}` is not enforced by this version; {instead}");
    Outcome::new(Reason::NotEnforced, message)
        .with("method", method)
        .into()
}
