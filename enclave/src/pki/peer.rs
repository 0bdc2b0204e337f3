//! Who is calling: the actor in the SAN URI of a client's certificate.

use super::authority::der_of;
use lineage::Actor;
use lineage::name::NameError;
use sha2::{Digest as _, Sha256};
use std::fmt;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

/// What the actor's URI begins with.
const SCHEME: &str = "karez://";

/// SHA-256 over a certificate's DER: names exactly one certificate.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        Self(Sha256::digest(der).into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The person who calls, as the certificate says. Only a certificate can make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    actor: Actor,
    fingerprint: Fingerprint,
}

/// Why a certificate does not name an actor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// The connection carries no client certificate.
    #[error("the connection carries no client certificate")]
    Missing,
    /// The certificate is not X.509, or has two subject alternative names extensions.
    #[error("the client certificate cannot be read")]
    Malformed,
    /// No SAN URI begins with `karez://`.
    #[error("the client certificate has no SAN URI karez://TENANT/ORGANISATION/DUTY/PERSON")]
    NoActor,
    /// More than one SAN URI begins with `karez://`, so that it is not clear who acts.
    #[error("the client certificate has {0} SAN URIs karez://…, expected exactly one")]
    ManyActors(usize),
    /// The SAN URI does not follow the pattern.
    #[error("the client certificate's SAN URI is {0}")]
    Actor(#[from] NameError),
}

impl Principal {
    /// Reads the actor out of a certificate whose chain and dates TLS has verified.
    ///
    /// # Errors
    /// [`PeerError`] unless exactly one SAN URI is a well-formed `karez://` actor.
    pub fn from_verified(der: &[u8]) -> Result<Self, PeerError> {
        let (rest, certificate) =
            X509Certificate::from_der(der).map_err(|_| PeerError::Malformed)?;
        if !rest.is_empty() {
            return Err(PeerError::Malformed);
        }
        let actors = actor_uris(&certificate)?;
        match actors.as_slice() {
            [] => Err(PeerError::NoActor),
            [one] => Ok(Self {
                actor: one.parse()?,
                fingerprint: Fingerprint::of(der),
            }),
            many => Err(PeerError::ManyActors(many.len())),
        }
    }

    /// The acting person.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The certificate in use; tickets are bound to it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
}

fn actor_uris(certificate: &X509Certificate<'_>) -> Result<Vec<String>, PeerError> {
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| PeerError::Malformed)?;
    let names = names.map(|extension| extension.value.general_names.as_slice());
    let uris = names
        .unwrap_or_default()
        .iter()
        .filter_map(|name| match name {
            GeneralName::URI(uri) if uri.starts_with(SCHEME) => Some((*uri).to_owned()),
            _ => None,
        });
    Ok(uris.collect())
}

/// What a client can know of its own certificate before it connects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSummary {
    /// First second of validity, seconds since 1970.
    pub not_before_seconds: i64,
    /// Last second of validity, seconds since 1970.
    pub not_after_seconds: i64,
    /// Issuer's distinguished name.
    pub issuer: String,
    /// Subject's distinguished name.
    pub subject: String,
}

/// Reads dates and names of the first certificate of a PEM text; none when it is not one.
#[must_use]
pub fn certificate_summary(pem: &str) -> Option<CertificateSummary> {
    let der = der_of(pem)?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    Some(CertificateSummary {
        not_before_seconds: certificate.validity().not_before.timestamp(),
        not_after_seconds: certificate.validity().not_after.timestamp(),
        issuer: certificate.issuer().to_string(),
        subject: certificate.subject().to_string(),
    })
}

#[cfg(test)]
mod tests {
    //! Which certificates name an actor and which do not.
    use super::*;
    use crate::pki::{Authority, Validity, authority::subject};
    use rcgen::{ExtendedKeyUsagePurpose, SanType};
    use std::time::SystemTime;

    fn certificate(uris: &[&str]) -> Vec<u8> {
        let validity = Validity::days(SystemTime::now(), 1).unwrap();
        let authority = Authority::generate("xj", validity).unwrap();
        let sans = uris
            .iter()
            .map(|uri| SanType::URI((*uri).try_into().unwrap()))
            .collect();
        let purpose = ExtendedKeyUsagePurpose::ClientAuth;
        let issued = authority.issue(subject("o", "n"), sans, purpose, validity);
        der_of(&issued.unwrap().certificate_pem).unwrap()
    }

    fn check(uris: &[&str], expect: Result<&str, PeerError>) {
        let found = Principal::from_verified(&certificate(uris));
        let found = found.map(|principal| principal.actor().to_string());
        assert_eq!(found, expect.map(str::to_owned));
    }

    #[test]
    fn exactly_one_actor() {
        let one = "karez://xj/ybj/provider/p1";
        let two = "karez://xj/szj/institution/p2";
        check(&[one], Ok(one));
        check(&["https://example.org", one], Ok(one));
        check(&[], Err(PeerError::NoActor));
        check(&["https://example.org"], Err(PeerError::NoActor));
        check(&["karez:service"], Err(PeerError::NoActor));
        check(&[one, two], Err(PeerError::ManyActors(2)));
        check(&[one, one], Err(PeerError::ManyActors(2)));
        check(&["karez://xj/ybj/provider"], Err(NameError::Actor.into()));
        check(&["karez://xj/ybj/chief/p1"], Err(NameError::Duty.into()));
    }

    #[test]
    fn what_is_no_certificate_is_malformed() {
        let mut long = certificate(&["karez://xj/ybj/provider/p1"]);
        assert!(Principal::from_verified(&long).is_ok());
        long.push(0);
        for bad in [&b""[..], &[0x30], &long] {
            assert_eq!(Principal::from_verified(bad), Err(PeerError::Malformed));
        }
    }
}
