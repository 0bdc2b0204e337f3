//! Keys on the wire: enrol one's own; request, get, confirm and reject the end of a wrapped one.

use super::calls::{Calls, begin, given, log_entry, missing, reading, time};
use super::outcome::Outcome;
use super::products::signed;
use super::reason::Reason;
use crate::operations::{Enclave, Failure};
use crate::registry::{Destruction, DestructionState};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use karez_proto::v1;
use karez_proto::v1::key_service_server::KeyService;
use lineage::event::DestructionReason;
use lineage::{Digest, EventBody, Leaf, PublicKey, jcs};
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl KeyService for Calls {
    async fn enrol_key(
        &self,
        request: Request<v1::EnrolKeyRequest>,
    ) -> Result<Response<v1::EnrolKeyResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("parent", &asked.parent)?;
        let key = format!("ed25519:{}", STANDARD.encode(&asked.public_key));
        let key: PublicKey = key.parse().map_err(|_| {
            let message = "`public_key` is not the 32 bytes of a sound Ed25519 key";
            Outcome::new(Reason::FieldInvalid, message).with("field", "public_key")
        })?;
        let answer = self.run(move |enclave| {
            let leaf = enclave.enrol_key(&call, &asked.parent, key)?;
            Ok(v1::EnrolKeyResponse {
                actor: leaf.actor.to_string(),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn request_destruction(
        &self,
        request: Request<v1::RequestDestructionRequest>,
    ) -> Result<Response<v1::RequestDestructionResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("key", &asked.key)?;
        let reason = reason(asked.reason())?;
        let answer = self.run(move |enclave| {
            let leaf = enclave.request_destruction(&call, &asked.key, reason)?;
            Ok(v1::RequestDestructionResponse {
                destruction: Some(as_answered(enclave, &leaf)?),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_destruction(
        &self,
        request: Request<v1::GetDestructionRequest>,
    ) -> Result<Response<v1::GetDestructionResponse>, Status> {
        let (caller, asked) = reading(request)?;
        given("name", &asked.name)?;
        let destruction = self.run(move |enclave| {
            shown(
                enclave,
                &enclave.describe_destruction(&caller, &asked.name)?,
            )
        });
        let destruction = Some(destruction.await?);
        Ok(Response::new(v1::GetDestructionResponse { destruction }))
    }

    async fn confirm_destruction(
        &self,
        request: Request<v1::ConfirmDestructionRequest>,
    ) -> Result<Response<v1::ConfirmDestructionResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("name", &asked.name)?;
        let statement = asked.statement.as_ref();
        let statement = signed(statement.ok_or_else(|| missing("statement"))?)?;
        let answer = self.run(move |enclave| {
            let leaf = enclave.confirm_destruction(&call, &asked.name, statement)?;
            Ok(v1::ConfirmDestructionResponse {
                destruction: Some(as_answered(enclave, &leaf)?),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn reject_destruction(
        &self,
        request: Request<v1::RejectDestructionRequest>,
    ) -> Result<Response<v1::RejectDestructionResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("name", &asked.name)?;
        let statement = asked.statement.as_ref();
        let statement = signed(statement.ok_or_else(|| missing("statement"))?)?;
        let answer = self.run(move |enclave| {
            let leaf = enclave.reject_destruction(&call, &asked.name, statement)?;
            Ok(v1::RejectDestructionResponse {
                destruction: Some(as_answered(enclave, &leaf)?),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }
}

/// The destruction as it stood with the entry that answers a call: what came later does not change the answer.
fn as_answered(enclave: &Enclave, leaf: &Leaf) -> Result<v1::Destruction, Failure> {
    let seq = leaf.seq;
    let (name, state) = match &leaf.body {
        EventBody::DestructionRequested(body) => (&body.destruction, DestructionState::Requested),
        EventBody::DestructionRejected(body) => {
            (&body.destruction, DestructionState::Rejected { seq })
        }
        EventBody::KeyDestroyed(body) => (&body.destruction, DestructionState::Destroyed { seq }),
        _ => return Err(Failure::internal("answer")),
    };
    let mut destruction = enclave.destruction(name)?;
    destruction.state = state;
    shown(enclave, &destruction)
}

fn shown(enclave: &Enclave, destruction: &Destruction) -> Result<v1::Destruction, Failure> {
    use v1::DestructionState as Shown;
    let (state, last) = match destruction.state {
        DestructionState::Requested => (Shown::Requested, destruction.requested),
        DestructionState::Destroyed { seq } => (Shown::Destroyed, seq),
        DestructionState::Rejected { seq } => (Shown::Rejected, seq),
        DestructionState::Expired { seq } => (Shown::Expired, seq),
    };
    let body = &destruction.body;
    let request = jcs::canonical_of(body).map_err(|_| Failure::internal("request"))?;
    Ok(v1::Destruction {
        name: body.destruction.clone(),
        state: state.into(),
        key: body.path.clone(),
        reason: wire_reason(body.reason).into(),
        organisation: body.organisation.clone(),
        person: body.person.clone(),
        request_digest: Digest::of(&request).to_string(),
        request: request.into(),
        create_time: Some(time(destruction.time)),
        expire_time: Some(time(body.expires)),
        log_entry: Some(log_entry(&enclave.leaf(last)?)?),
    })
}

const fn wire_reason(reason: DestructionReason) -> v1::KeyDestructionReason {
    match reason {
        DestructionReason::Withdrawn => v1::KeyDestructionReason::Withdrawn,
        DestructionReason::Expired => v1::KeyDestructionReason::Expired,
        DestructionReason::Incident => v1::KeyDestructionReason::Incident,
        DestructionReason::Mistake => v1::KeyDestructionReason::Mistake,
    }
}

fn reason(sent: v1::KeyDestructionReason) -> Result<DestructionReason, Outcome> {
    match sent {
        v1::KeyDestructionReason::Unspecified => Err(missing("reason")),
        v1::KeyDestructionReason::Withdrawn => Ok(DestructionReason::Withdrawn),
        v1::KeyDestructionReason::Expired => Ok(DestructionReason::Expired),
        v1::KeyDestructionReason::Incident => Ok(DestructionReason::Incident),
        v1::KeyDestructionReason::Mistake => Ok(DestructionReason::Mistake),
    }
}
