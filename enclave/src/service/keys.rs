//! Statement keys on the wire: enrol.

use super::calls::{Calls, begin, given, log_entry};
use super::outcome::Outcome;
use super::reason::Reason;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use karez_proto::v1;
use karez_proto::v1::key_service_server::KeyService;
use lineage::PublicKey;
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
}
