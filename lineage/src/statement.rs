//! Statements that a person signs with a key of their own, off the host.
//!
//! A statement is the canonical JSON of `{kind, resource, digest, decision, organisation, time,
//! nonce}`; the signature is Ed25519 (RFC 8032) over exactly those bytes. The service only carries
//! it: neither its certificates nor the log's key can make one.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::digest::Digest;
use crate::encoding::{array_from_base64, to_base64};
use crate::jcs::{self, JcsError};
use crate::secret_file::{self, KeyError};
use crate::time::Timestamp;

/// What every public key begins with when written as text.
const PUBLIC_KEY_PREFIX: &str = "ed25519:";

/// Bytes of a nonce; enough that two statements never share one by chance.
const NONCE_BYTES: usize = 16;

/// What a statement is about; a signature for one kind never counts for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StatementKind {
    /// Approval or rejection of one version of a product.
    #[serde(rename = "product.approval")]
    ProductApproval,
    /// Confirmation that one surrogate of a sample may be reversed for its provider.
    #[serde(rename = "sample.reversal")]
    SampleReversal,
    /// Confirmation that a key is destroyed for good.
    #[serde(rename = "key.destruction")]
    KeyDestruction,
}

/// What the person decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementDecision {
    /// Yes.
    Approve,
    /// No.
    Reject,
}

/// What a person signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What it is about.
    pub kind: StatementKind,
    /// The full name, e.g. `tenants/xj/scenarios/s/products/p/versions/1`.
    pub resource: String,
    /// The digest that is agreed to, e.g. a product version's binding digest.
    pub digest: Digest,
    /// Yes or no.
    pub decision: StatementDecision,
    /// The organisation that the person speaks for.
    pub organisation: String,
    /// When, by the signer's own clock.
    pub time: Timestamp,
    /// 32 hex digits that no other statement has; makes replay visible.
    pub nonce: String,
}

impl Statement {
    /// An approval of one product version, dated now, with a fresh nonce.
    ///
    /// # Errors
    /// [`KeyError::Entropy`] when the system gives no random bytes.
    pub fn approve_product(
        product: &str,
        version: u64,
        binding_digest: Digest,
        organisation: &str,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            kind: StatementKind::ProductApproval,
            resource: crate::name::product_version_name(product, version),
            digest: binding_digest,
            decision: StatementDecision::Approve,
            organisation: organisation.to_owned(),
            time: Timestamp::now(),
            nonce: fresh_nonce()?,
        })
    }

    /// The second person's answer to a request, dated now, with a fresh nonce: whether one surrogate may be reversed, or
    /// whether a key is destroyed.
    ///
    /// `resource` is the reversal's or the destruction's name; `digest` that of the request, which the signer has read.
    ///
    /// # Errors
    /// [`KeyError::Entropy`] when the system gives no random bytes.
    pub fn second_person(
        kind: StatementKind,
        resource: &str,
        digest: Digest,
        decision: StatementDecision,
        organisation: &str,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            kind,
            resource: resource.to_owned(),
            digest,
            decision,
            organisation: organisation.to_owned(),
            time: Timestamp::now(),
            nonce: fresh_nonce()?,
        })
    }

    /// The bytes that are signed.
    ///
    /// # Errors
    /// [`JcsError`], which no statement made of this type's fields meets.
    pub fn signed_bytes(&self) -> Result<Vec<u8>, JcsError> {
        jcs::canonical_of(self)
    }
}

/// A fresh nonce: 128 random bits as hex.
///
/// # Errors
/// [`KeyError::Entropy`] when the system gives no random bytes.
pub fn fresh_nonce() -> Result<String, KeyError> {
    let seed = secret_file::random_seed()?;
    let bytes = seed.iter().take(NONCE_BYTES);
    Ok(bytes.map(|byte| format!("{byte:02x}")).collect())
}

/// Why a statement does not count.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StatementError {
    /// The signature is not by this key over these bytes.
    #[error("the signature does not fit key and statement")]
    Signature,
    /// A text that is not `ed25519:` and the base64 of a sound 32-byte key.
    #[error("not a public key: expected `ed25519:` and 44 base64 characters")]
    PublicKey,
    /// The statement has no canonical form.
    #[error(transparent)]
    Jcs(#[from] JcsError),
}

/// A person's public key, written `ed25519:<base64 of 32 bytes>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The 32 raw bytes (RFC 8032 section 5.1.2).
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC_KEY_PREFIX}{}", to_base64(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = StatementError;

    fn from_str(text: &str) -> Result<Self, StatementError> {
        let base64 = text.strip_prefix(PUBLIC_KEY_PREFIX);
        let bytes = base64.and_then(array_from_base64::<32>);
        let bytes = bytes.ok_or(StatementError::PublicKey)?;
        match VerifyingKey::from_bytes(&bytes) {
            Ok(key) if !key.is_weak() => Ok(Self(bytes)),
            _ => Err(StatementError::PublicKey),
        }
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// A statement with the key and the signature that carry it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedStatement {
    /// What was signed.
    pub statement: Statement,
    /// By which key; whether that key counts is for a trust list to say.
    pub public_key: PublicKey,
    /// The signature, padded base64 of 64 bytes.
    pub signature: String,
}

impl SignedStatement {
    /// Checks that the key made the signature over this statement.
    ///
    /// It does not say whose key it is: ask a [`crate::TrustList`].
    ///
    /// # Errors
    /// [`StatementError::Signature`] when it did not.
    pub fn verify(&self) -> Result<(), StatementError> {
        let signature = array_from_base64::<64>(&self.signature);
        let signature = Signature::from_bytes(&signature.ok_or(StatementError::Signature)?);
        let key = VerifyingKey::from_bytes(self.public_key.as_bytes());
        key.and_then(|key| key.verify_strict(&self.statement.signed_bytes_or_empty(), &signature))
            .map_err(|_| StatementError::Signature)
    }
}

impl Statement {
    /// Nothing was ever signed as empty bytes, so a statement without a form verifies as nothing.
    fn signed_bytes_or_empty(&self) -> Vec<u8> {
        self.signed_bytes().unwrap_or_default()
    }
}

/// A person's private key for statements. It is wiped when dropped and never printed.
pub struct StatementKey(SigningKey);

impl StatementKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`KeyError::Entropy`] when the system gives no random bytes.
    pub fn generate() -> Result<Self, KeyError> {
        Ok(Self(SigningKey::from_bytes(&*secret_file::random_seed()?)))
    }

    /// Loads a key from a PKCS #8 PEM file (RFC 8410) that only its owner can read.
    ///
    /// # Errors
    /// [`KeyError::Permissions`] when others can read it, [`KeyError::Malformed`] when it is not an
    /// Ed25519 key, [`KeyError::Io`] when it cannot be read.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let text = secret_file::load(path)?;
        SigningKey::from_pkcs8_pem(&text)
            .map(Self)
            .map_err(|_| KeyError::Malformed("PKCS #8 PEM file with an Ed25519 key"))
    }

    /// Saves the key as a new PKCS #8 PEM file with mode 0600.
    ///
    /// # Errors
    /// [`KeyError::Io`] when the file exists or cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), KeyError> {
        let pem = self.0.to_pkcs8_pem(LineEnding::LF);
        let pem = pem.map_err(|_| KeyError::Malformed("key that PKCS #8 can hold"))?;
        secret_file::save(path, &pem)
    }

    /// The public half, to be enrolled and put on the trust list.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a statement.
    ///
    /// # Errors
    /// [`StatementError::Jcs`] when the statement has no canonical form.
    pub fn sign(&self, statement: Statement) -> Result<SignedStatement, StatementError> {
        let signature = self.0.sign(&statement.signed_bytes()?);
        Ok(SignedStatement {
            statement,
            public_key: self.public_key(),
            signature: to_base64(&signature.to_bytes()),
        })
    }
}

impl fmt::Debug for StatementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StatementKey(…)")
    }
}

#[cfg(test)]
mod tests {
    //! What a signature covers, and that a key keeps to its file.
    use super::*;

    fn statement() -> Statement {
        let product = "tenants/xj/scenarios/s/products/p";
        Statement::approve_product(product, 1, Digest::of(b"binding"), "ybj").unwrap()
    }

    #[test]
    fn every_field_is_covered() {
        let key = StatementKey::generate().unwrap();
        let good = key.sign(statement()).unwrap();
        assert_eq!(good.verify(), Ok(()));
        let check = |change: fn(&mut SignedStatement)| {
            let mut bad = good.clone();
            change(&mut bad);
            assert_eq!(bad.verify(), Err(StatementError::Signature), "{bad:?}");
        };
        check(|bad| bad.statement.kind = StatementKind::SampleReversal);
        check(|bad| bad.statement.resource.push('0'));
        check(|bad| bad.statement.digest = Digest::of(b"other"));
        check(|bad| bad.statement.decision = StatementDecision::Reject);
        check(|bad| bad.statement.organisation.push('0'));
        check(|bad| bad.statement.time = Timestamp::from_micros(0).unwrap());
        check(|bad| bad.statement.nonce = fresh_nonce().unwrap());
        check(|bad| bad.public_key = StatementKey::generate().unwrap().public_key());
        check(|bad| bad.signature = to_base64(&[0; 64]));
        check(|bad| bad.signature.clear());
    }

    #[test]
    fn signing_is_over_the_canonical_json() {
        let bytes = Statement {
            time: Timestamp::from_micros(0).unwrap(),
            nonce: "00".into(),
            ..statement()
        };
        let expect = format!(
            r#"{{"decision":"approve","digest":"{}","kind":"product.approval","nonce":"00","organisation":"ybj","resource":"tenants/xj/scenarios/s/products/p/versions/1","time":"1970-01-01T00:00:00.000000Z"}}"#,
            Digest::of(b"binding")
        );
        assert_eq!(bytes.signed_bytes().unwrap(), expect.as_bytes());
    }

    #[test]
    fn a_key_survives_its_file_and_never_prints() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key.pem");
        let key = StatementKey::generate().unwrap();
        key.save(&path).unwrap();
        let loaded = StatementKey::load(&path).unwrap();
        assert_eq!(loaded.public_key(), key.public_key());
        assert_eq!(format!("{loaded:?}"), "StatementKey(…)");
        std::fs::write(&path, "something else").unwrap();
        assert!(matches!(
            StatementKey::load(&path),
            Err(KeyError::Malformed(_))
        ));
    }

    #[test]
    fn public_keys_have_one_spelling_and_weak_ones_are_refused() {
        let key = StatementKey::generate().unwrap().public_key();
        assert_eq!(key.to_string().parse(), Ok(key));
        let weak = format!("ed25519:{}", to_base64(&[0; 32]));
        for bad in ["", "ed25519:", &key.to_string()[8..], &weak] {
            assert_eq!(bad.parse::<PublicKey>(), Err(StatementError::PublicKey));
        }
    }
}
