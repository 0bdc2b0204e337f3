//! Keys on the wire: enrol one's own, destroy a wrapped one.

use super::calls::{Calls, begin, given, log_entry, missing};
use super::outcome::Outcome;
use super::reason::Reason;
use crate::operations::Failure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use karez_proto::v1;
use karez_proto::v1::key_service_server::KeyService;
use lineage::event::DestructionReason;
use lineage::{EventBody, PublicKey};
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

    async fn destroy_key(
        &self,
        request: Request<v1::DestroyKeyRequest>,
    ) -> Result<Response<v1::DestroyKeyResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("name", &asked.name)?;
        let reason = reason(asked.reason())?;
        let answer = self.run(move |enclave| {
            let leaf = enclave.destroy_key(&call, &asked.name, reason)?;
            let EventBody::KeyDestroyed(body) = &leaf.body else {
                return Err(Failure::internal("answer"));
            };
            Ok(v1::DestroyKeyResponse {
                name: body.path.clone(),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
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
