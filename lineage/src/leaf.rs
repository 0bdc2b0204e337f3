//! The leaf: one event as the tree commits to it.
//!
//! A leaf is the version byte 0x01 and the canonical JSON of its fields. Reading is strict: what
//! does not come out of [`Leaf::encode`] again byte for byte is not a leaf, so an event has one
//! encoding and one hash.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::digest::Digest;
use crate::event::{EventBody, EventError};
use crate::jcs::{self, JcsError};
use crate::name::Actor;
use crate::time::Timestamp;
use crate::tree;

/// The first byte of every leaf of this version.
pub const LEAF_VERSION: u8 = 0x01;

/// The longest leaf in bytes: below 65,536, since tile bundles carry a uint16 length.
pub const LEAF_BYTES_MAX: usize = 60 * 1024;

/// How policy decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Allowed.
    Permit,
    /// Not allowed.
    Deny,
}

/// One event of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Position in the log, from 0.
    pub seq: u64,
    /// When the log took it in; never earlier than the leaf before.
    pub time: Timestamp,
    /// The leaf hash of `seq - 1`; none for the first.
    pub prev: Option<Digest>,
    /// The sub-history that the event belongs to.
    pub stream: String,
    /// Position in the stream, from 0.
    pub stream_seq: u64,
    /// The leaf hash of the event before in the stream; none for the first.
    pub stream_prev: Option<Digest>,
    /// Who did it.
    pub actor: Actor,
    /// The tenant; none for the log's own events.
    pub tenant: Option<String>,
    /// The call that caused it, if one did.
    pub request_id: Option<String>,
    /// The digest of the policies that decided, if any did.
    pub policy: Option<Digest>,
    /// How they decided, if they did.
    pub decision: Option<Decision>,
    /// The resource that the event is about.
    pub subject: String,
    /// The event; its type is the leaf's `type`, the digest of its JSON the leaf's `body_digest`.
    pub body: EventBody,
}

/// Bytes that are not a leaf, or an event that cannot become one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LeafError {
    /// Another first byte.
    #[error("leaf version {0} is not known to this program")]
    Version(u8),
    /// More than [`LEAF_BYTES_MAX`].
    #[error("the leaf has {0} bytes, more than the {LEAF_BYTES_MAX} allowed; log a digest instead")]
    Length(usize),
    /// Not the JSON of a leaf.
    #[error("not a leaf: {0}")]
    Json(String),
    /// The body does not have the digest that the leaf says.
    #[error("the body does not match `body_digest`")]
    BodyDigest,
    /// The event stands in another stream than its body belongs to.
    #[error("the event belongs to stream `{expected}`")]
    Stream {
        /// The stream that its body belongs to.
        expected: String,
    },
    /// The same JSON, but not in its canonical form.
    #[error("the leaf is not in its canonical form")]
    NotCanonical,
    /// The body is not one of its type.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The leaf has no canonical form.
    #[error(transparent)]
    Jcs(#[from] JcsError),
}

/// The JSON of a leaf; every field is always there.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    seq: u64,
    time: Timestamp,
    prev: Option<Digest>,
    stream: String,
    stream_seq: u64,
    stream_prev: Option<Digest>,
    #[serde(rename = "type")]
    type_name: String,
    actor: Actor,
    tenant: Option<String>,
    request_id: Option<String>,
    policy: Option<Digest>,
    decision: Option<Decision>,
    subject: String,
    body: Value,
    body_digest: Digest,
}

impl Leaf {
    /// The bytes that the tree commits to.
    ///
    /// # Errors
    /// [`LeafError::Length`] when they are too many, [`LeafError::Event`] or [`LeafError::Jcs`]
    /// when the body has no canonical form.
    pub fn encode(&self) -> Result<Vec<u8>, LeafError> {
        let mut bytes = vec![LEAF_VERSION];
        bytes.extend(jcs::canonical(&self.to_json()?)?);
        match bytes.len() {
            length if length > LEAF_BYTES_MAX => Err(LeafError::Length(length)),
            _ => Ok(bytes),
        }
    }

    /// The leaf as a JSON object, for people and exports.
    ///
    /// # Errors
    /// As [`Leaf::encode`], without the limit on length.
    pub fn to_json(&self) -> Result<Value, LeafError> {
        let body = self.body.to_value()?;
        let fields = Fields {
            seq: self.seq,
            time: self.time,
            prev: self.prev,
            stream: self.stream.clone(),
            stream_seq: self.stream_seq,
            stream_prev: self.stream_prev,
            type_name: self.body.type_name().to_owned(),
            actor: self.actor.clone(),
            tenant: self.tenant.clone(),
            request_id: self.request_id.clone(),
            policy: self.policy,
            decision: self.decision,
            subject: self.subject.clone(),
            body_digest: Digest::of(&jcs::canonical(&body)?),
            body,
        };
        Ok(jcs::to_value(&fields)?)
    }

    /// The leaf in these bytes.
    ///
    /// # Errors
    /// [`LeafError`] naming what does not fit; nothing is accepted that [`Leaf::encode`] would not
    /// write.
    pub fn parse(bytes: &[u8]) -> Result<Self, LeafError> {
        if bytes.len() > LEAF_BYTES_MAX {
            return Err(LeafError::Length(bytes.len()));
        }
        let (version, json) = bytes.split_first().ok_or(LeafError::Version(0))?;
        if *version != LEAF_VERSION {
            return Err(LeafError::Version(*version));
        }
        let fields: Fields =
            serde_json::from_slice(json).map_err(|error| LeafError::Json(error.to_string()))?;
        let body_digest = fields.body_digest;
        if Digest::of(&jcs::canonical(&fields.body)?) != body_digest {
            return Err(LeafError::BodyDigest);
        }
        let leaf = Self::from_fields(fields)?;
        let expected = leaf.body.stream(leaf.tenant.as_deref())?;
        if leaf.stream != expected {
            return Err(LeafError::Stream { expected });
        }
        match leaf.encode()? == bytes {
            true => Ok(leaf),
            false => Err(LeafError::NotCanonical),
        }
    }

    fn from_fields(fields: Fields) -> Result<Self, LeafError> {
        Ok(Self {
            seq: fields.seq,
            time: fields.time,
            prev: fields.prev,
            stream: fields.stream,
            stream_seq: fields.stream_seq,
            stream_prev: fields.stream_prev,
            actor: fields.actor,
            tenant: fields.tenant,
            request_id: fields.request_id,
            policy: fields.policy,
            decision: fields.decision,
            subject: fields.subject,
            body: EventBody::from_value(&fields.type_name, fields.body)?,
        })
    }

    /// The RFC 6962 leaf hash of the leaf's bytes.
    ///
    /// # Errors
    /// As [`Leaf::encode`].
    pub fn hash(&self) -> Result<Digest, LeafError> {
        Ok(tree::leaf_hash(&self.encode()?))
    }
}

#[cfg(test)]
mod tests {
    //! One event, one encoding.
    use super::*;
    use crate::testing;

    fn leaf(body: EventBody) -> Leaf {
        let tenant = (!body.is_own()).then(|| "xj".to_owned());
        Leaf {
            seq: 3,
            time: Timestamp::from_micros(1).unwrap(),
            prev: Some(Digest::of(b"prev")),
            stream: body.stream(tenant.as_deref()).unwrap(),
            stream_seq: 0,
            stream_prev: None,
            actor: Actor::Service,
            tenant,
            request_id: None,
            policy: None,
            decision: None,
            subject: body.subject(),
            body,
        }
    }

    #[test]
    fn every_type_reads_what_it_writes() {
        for body in testing::one_of_each() {
            let leaf = leaf(body);
            assert_eq!(Leaf::parse(&leaf.encode().unwrap()), Ok(leaf));
        }
    }

    #[test]
    fn the_bytes_are_the_version_and_canonical_json() {
        let leaf = leaf(testing::one_of_each().remove(0));
        let body_digest = Digest::of(br#"{"origin":"example.com/log"}"#);
        let expect = format!(
            "\u{1}{{\"actor\":\"karez:service\",\"body\":{{\"origin\":\"example.com/log\"}},\"body_digest\":\"{body_digest}\",\"decision\":null,\"policy\":null,\"prev\":\"{}\",\"request_id\":null,\"seq\":3,\"stream\":\"log\",\"stream_prev\":null,\"stream_seq\":0,\"subject\":\"log\",\"tenant\":null,\"time\":\"1970-01-01T00:00:00.000001Z\",\"type\":\"log.created\"}}",
            Digest::of(b"prev")
        );
        assert_eq!(String::from_utf8(leaf.encode().unwrap()).unwrap(), expect);
    }

    #[test]
    fn other_encodings_of_the_same_event_are_refused() {
        let good = leaf(testing::one_of_each().remove(0)).encode().unwrap();
        let text = String::from_utf8(good).unwrap();
        let check = |from: &str, to: &str| {
            assert!(text.contains(from));
            let bad = text.replacen(from, to, 1);
            assert!(Leaf::parse(bad.as_bytes()).is_err(), "{bad}");
        };
        check("{\"actor\"", "{ \"actor\"");
        check("\"seq\":3", "\"seq\":3.0");
        check("\"seq\":3,", "");
        check("\"seq\":3", "\"seq\":3,\"seq\":3");
        check("\"seq\":3", "\"seq\":3,\"sex\":3");
        check("example.com", "\\u0065xample.com");
        check("example.com", "example.org");
        check("\"stream\":\"log\"", "\"stream\":\"tenants/xj\"");
        check("log.created", "log.imagined");
        check("\u{1}", "\u{2}");
        assert_eq!(Leaf::parse(b""), Err(LeafError::Version(0)));
    }

    #[test]
    fn a_leaf_that_is_too_long_is_refused() {
        let mut long = leaf(testing::one_of_each().remove(0));
        long.subject = "x".repeat(LEAF_BYTES_MAX);
        assert!(matches!(long.encode(), Err(LeafError::Length(_))));
    }
}
