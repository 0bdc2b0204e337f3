//! What every family shares: the step from a call on the wire to an operation, and back.

use super::outcome::Outcome;
use super::principal;
use super::reason::Reason;
use super::tickets::Tickets;
use crate::operations::{Call, Enclave, Failure};
use crate::pki::Principal;
use karez_proto::v1;
use lineage::event::ReleasedFile;
use lineage::{Leaf, Timestamp};
use prost::Message;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Status};

/// How often a watcher of something that makes progress looks at it.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// After what time a call that met its own twin may be repeated.
pub(super) const TWIN_DELAY: Duration = Duration::from_secs(1);

const MICROS_PER_SECOND: i64 = 1_000_000;

/// A stream of answers, as the generated traits want it.
pub(super) type Answers<T> = ReceiverStream<Result<T, Status>>;

/// The state behind every family. Cheap to clone.
#[derive(Clone)]
pub(super) struct Calls {
    pub(super) enclave: Enclave,
    pub(super) tickets: Arc<Tickets>,
    stopping: watch::Receiver<bool>,
    log_lost: Arc<watch::Sender<bool>>,
}

impl Calls {
    pub(super) fn new(
        enclave: Enclave,
        stopping: watch::Receiver<bool>,
        log_lost: Arc<watch::Sender<bool>>,
    ) -> Self {
        let tickets_max = enclave.config().limits.tickets_max;
        let tickets = Tickets::new(usize::try_from(tickets_max).unwrap_or(usize::MAX));
        Self {
            enclave,
            tickets: Arc::new(tickets),
            stopping,
            log_lost,
        }
    }

    /// Runs an operation, which blocks, off the threads that serve the network.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        operate: impl FnOnce(&Enclave) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Outcome> {
        let enclave = self.enclave.clone();
        let done = tokio::task::spawn_blocking(move || operate(&enclave)).await;
        let answered = done.map_err(|_| Outcome::internal(&"an operation ended by itself"))?;
        if let Err(failure) = &answered
            && failure.reason == Reason::LogReadOnly
        {
            self.log_lost.send_replace(true);
        }
        answered.map_err(Outcome::from)
    }

    /// Sends what `look` sees, once and after each change, until it has ended or the service stops.
    pub(super) fn watch<T>(
        &self,
        look: impl Fn(&Enclave) -> Result<Seen<T>, Failure> + Clone + Send + Sync + 'static,
    ) -> Answers<T>
    where
        T: PartialEq + Clone + Send + 'static,
    {
        let (send, receive) = mpsc::channel(1);
        let calls = self.clone();
        tokio::spawn(async move {
            if let Err(outcome) = calls.follow(look, &send).await {
                // A watcher that went away needs no last word.
                let _ = send.send(Err(outcome.into())).await;
            }
        });
        ReceiverStream::new(receive)
    }

    async fn follow<T: PartialEq + Clone + Send + 'static>(
        &self,
        look: impl Fn(&Enclave) -> Result<Seen<T>, Failure> + Clone + Send + Sync + 'static,
        send: &mpsc::Sender<Result<T, Status>>,
    ) -> Result<(), Outcome> {
        let mut changes = self.enclave.changes();
        let mut stopping = self.stopping.clone();
        let mut last = None;
        loop {
            changes.mark_unchanged();
            let seen = self.run(look.clone()).await?;
            if last.as_ref() != Some(&seen.answer) {
                last = Some(seen.answer.clone());
                if send.send(Ok(seen.answer)).await.is_err() {
                    return Ok(());
                }
            }
            if seen.ended {
                return Ok(());
            }
            tokio::select! {
                _ = changes.changed() => {}
                () = tokio::time::sleep(LOOK_INTERVAL) => {}
                () = send.closed() => return Ok(()),
                _ = stopping.wait_for(|stopping| *stopping) => return Err(stopping_now()),
            }
        }
    }
}

/// What a watcher saw.
pub(super) struct Seen<T> {
    pub(super) answer: T,
    /// Whether nothing more will change.
    pub(super) ended: bool,
}

fn stopping_now() -> Outcome {
    Outcome::new(
        Reason::Stopping,
        "the service is stopping; watch again when it is back",
    )
    .retry_after(TWIN_DELAY)
}

/// A request that changes something and so carries its caller's own id.
pub(super) trait Mutating: Message {
    /// The call's name: the same bytes in another call are another request.
    const CALL: &'static str;

    /// Takes the id out, which leaves what is asked.
    fn take_request_id(&mut self) -> String;
}

macro_rules! mutating {
    ($($request:ident => $call:literal;)+) => {
        $(impl Mutating for v1::$request {
            const CALL: &'static str = $call;

            fn take_request_id(&mut self) -> String {
                std::mem::take(&mut self.request_id)
            }
        })+
    };
}

mutating! {
    RegisterDatasetHeader => "RegisterDataset";
    PublishScenarioRequest => "PublishScenario";
    RequestSampleRequest => "RequestSample";
    SubmitProductRequest => "SubmitProduct";
    ApproveProductRequest => "ApproveProduct";
    SubmitJobRequest => "SubmitJob";
    EnrolKeyRequest => "EnrolKey";
    RequestDestructionRequest => "RequestDestruction";
    ConfirmDestructionRequest => "ConfirmDestruction";
    RejectDestructionRequest => "RejectDestruction";
    TraceSampleRequest => "TraceSample";
    RequestReversalRequest => "RequestReversal";
    ConfirmReversalRequest => "ConfirmReversal";
    RejectReversalRequest => "RejectReversal";
    ReverseValueRequest => "ReverseValue";
}

/// Who asks, under which id, for what.
pub(super) fn begin<M: Mutating>(request: Request<M>) -> Result<(Call, M), Outcome> {
    let caller = principal(&request)?.clone();
    let mut asked = request.into_inner();
    let call = call(&caller, &mut asked, &[])?;
    Ok((call, asked))
}

/// A call whose content is the request and, for an upload, the digest of what was uploaded.
pub(super) fn call<M: Mutating>(
    caller: &Principal,
    asked: &mut M,
    uploaded: &[u8],
) -> Result<Call, Outcome> {
    let request_id = asked.take_request_id();
    let content = [M::CALL.as_bytes(), b"\0", uploaded, &asked.encode_to_vec()].concat();
    Ok(Call::new(caller.actor(), &request_id, &content)?)
}

/// Who asks, and for what.
pub(super) fn reading<M>(request: Request<M>) -> Result<(lineage::Actor, M), Outcome> {
    let caller = principal(&request)?.actor().clone();
    Ok((caller, request.into_inner()))
}

/// A required field.
pub(super) fn given<'f>(field: &'static str, text: &'f str) -> Result<&'f str, Outcome> {
    match text.is_empty() {
        false => Ok(text),
        true => Err(missing(field)),
    }
}

pub(super) fn missing(field: &'static str) -> Outcome {
    Outcome::new(Reason::FieldInvalid, format!("`{field}` is missing")).with("field", field)
}

/// Where a leaf stands.
pub(super) fn log_entry(leaf: &Leaf) -> Result<v1::LogEntry, Failure> {
    let hash = leaf.hash().map_err(|_| Failure::internal("leaf"))?;
    Ok(v1::LogEntry {
        seq: leaf.seq,
        leaf_hash: hash.as_bytes().to_vec().into(),
    })
}

/// A time of the log on the wire.
pub(super) fn time(at: Timestamp) -> prost_types::Timestamp {
    let micros = at.micros();
    let below = micros.rem_euclid(MICROS_PER_SECOND);
    prost_types::Timestamp {
        seconds: micros.div_euclid(MICROS_PER_SECOND),
        nanos: i32::try_from(below * 1000).unwrap_or_default(),
    }
}

/// A released file on the wire.
pub(super) fn file(released: &ReleasedFile) -> v1::File {
    v1::File {
        name: released.name.clone(),
        digest: released.digest.to_string(),
        size_bytes: released.bytes,
        media_type: media_type(&released.name).to_owned(),
    }
}

/// The media type of a released file, by its ending (RFC 6838, IANA's registry).
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("csv") => "text/csv",
        Some("parquet") => "application/vnd.apache.parquet",
        Some("arrows") => "application/vnd.apache.arrow.stream",
        Some("json" | "frames") => "application/json",
        _ => "application/octet-stream",
    }
}

/// The exact versions that were read.
pub(super) fn versions(read: &[lineage::event::DatasetVersion]) -> Vec<v1::DatasetVersion> {
    let version = |one: &lineage::event::DatasetVersion| v1::DatasetVersion {
        dataset: one.dataset.clone(),
        version: one.version,
    };
    read.iter().map(version).collect()
}

/// A refusal on the wire.
pub(super) fn refusal(told: Failure) -> v1::Refusal {
    let metadata = told.metadata.into_iter();
    v1::Refusal {
        reason: told.reason.as_str().to_owned(),
        message: told.message,
        localized_message: told.localized,
        metadata: metadata
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    }
}
