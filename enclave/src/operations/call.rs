//! A mutating call: who asks, under which id, for what.

use lineage::{Actor, Digest};
use policy::Principal;

use super::{Failure, Reason};
use crate::registry::RequestKey;

/// The longest request id, in bytes; a UUID has 36.
const REQUEST_ID_BYTES_MAX: usize = 64;

/// A mutating call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The caller as policies see it.
    pub principal: Principal,
    /// The caller as the log names it.
    pub actor: Actor,
    /// The caller's own id of this call (AIP-155).
    pub request_id: String,
    /// The digest of what is asked: the same id with another digest is a conflict.
    pub request_digest: Digest,
}

impl Call {
    /// A call by the holder of a certificate. `content` is the request's own bytes, without its id.
    ///
    /// # Errors
    /// [`Reason::FieldInvalid`] when the id is missing or is not 1 to 64 printable ASCII characters.
    pub fn new(actor: &Actor, request_id: &str, content: &[u8]) -> Result<Self, Failure> {
        let sound = !request_id.is_empty()
            && request_id.len() <= REQUEST_ID_BYTES_MAX
            && request_id.bytes().all(|byte| byte.is_ascii_graphic());
        if !sound {
            return Err(Failure::new(
                Reason::FieldInvalid,
                "request_id is required: 1 to 64 printable ASCII characters, for example a UUID; repeat it to repeat the call safely",
                "必须填写 request_id：1 至 64 个可打印 ASCII 字符，例如 UUID；重试时请使用同一编号",
            ));
        }
        Ok(Self {
            principal: principal(actor)?,
            actor: actor.clone(),
            request_id: request_id.to_owned(),
            request_digest: Digest::of(content),
        })
    }

    pub(super) fn key(&self) -> RequestKey {
        RequestKey {
            actor: self.actor.to_string(),
            request_id: self.request_id.clone(),
        }
    }
}

/// The caller as policies see it.
pub(super) fn principal(actor: &Actor) -> Result<Principal, Failure> {
    actor.to_string().parse().map_err(|_| {
        Failure::new(
            Reason::CertificateNotUsable,
            "the certificate does not name a person of a known duty",
            "证书未指明已知职责的人员",
        )
    })
}
