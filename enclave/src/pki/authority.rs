//! The development CA: makes the server's and the clients' certificates on this machine.

use super::{DEVELOPMENT_UNIT, PkiError, Validity};
use lineage::Actor;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use std::fmt;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use zeroize::Zeroizing;

/// Name that the server's certificate carries beside the loopback addresses.
const SERVER_NAME: &str = "localhost";

/// A certificate with its private key.
pub struct Issued {
    /// The certificate in PEM.
    pub certificate_pem: String,
    /// The private key (PKCS #8) in PEM; wiped on drop.
    pub key_pem: Zeroizing<String>,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued")
            .field("certificate_pem", &self.certificate_pem)
            .field("key_pem", &"…")
            .finish()
    }
}

/// A CA that issues certificates. ECDSA on P-256 throughout, which every TLS 1.3 peer knows.
pub struct Authority {
    certificate_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("key", &"…").finish()
    }
}

impl Authority {
    /// A fresh development CA for a tenant, marked as such in its subject.
    ///
    /// # Errors
    /// [`PkiError::Issue`] when the key or certificate cannot be made.
    pub fn generate(tenant: &str, validity: Validity) -> Result<Self, PkiError> {
        let key = KeyPair::generate()?;
        let mut params = with_validity(validity);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name = subject(tenant, &format!("{tenant} development CA"));
        params
            .distinguished_name
            .push(DnType::OrganizationalUnitName, DEVELOPMENT_UNIT);
        let certificate_pem = params.self_signed(&key)?.pem();
        let issuer = Issuer::new(params, key);
        Ok(Self {
            certificate_pem,
            issuer,
        })
    }

    /// Loads a CA from its two PEM files.
    ///
    /// # Errors
    /// [`PkiError`] naming the file that cannot be read or is something else.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, PkiError> {
        let certificate_pem = read(certificate)?;
        let pair = KeyPair::from_pem(&Zeroizing::new(read(key)?))
            .map_err(|_| malformed(key, "private key"))?;
        let der = der_of(&certificate_pem).ok_or_else(|| malformed(certificate, "certificate"))?;
        let parsed = X509Certificate::from_der(&der);
        let (_, parsed) = parsed.map_err(|_| malformed(certificate, "certificate"))?;
        if parsed.public_key().subject_public_key.data.as_ref() != pair.public_key_raw() {
            return Err(PkiError::Mismatch {
                certificate: certificate.to_owned(),
                key: key.to_owned(),
            });
        }
        let issuer = Issuer::from_ca_cert_pem(&certificate_pem, pair)
            .map_err(|_| malformed(certificate, "certificate"))?;
        Ok(Self {
            certificate_pem,
            issuer,
        })
    }

    /// The CA's certificate in PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The CA's private key in PEM; wiped on drop.
    #[must_use]
    pub fn key_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(self.issuer.key().serialize_pem())
    }

    /// A certificate for a server on this machine: `localhost`, 127.0.0.1 and ::1.
    ///
    /// # Errors
    /// [`PkiError::Issue`] when it cannot be made.
    pub fn issue_server(&self, tenant: &str, validity: Validity) -> Result<Issued, PkiError> {
        let sans = vec![
            SanType::DnsName(SERVER_NAME.try_into()?),
            SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            SanType::IpAddress(IpAddr::V6(Ipv6Addr::LOCALHOST)),
        ];
        let purpose = ExtendedKeyUsagePurpose::ServerAuth;
        self.issue(subject(tenant, SERVER_NAME), sans, purpose, validity)
    }

    /// A client certificate whose only SAN URI is the actor.
    ///
    /// # Errors
    /// [`PkiError::NotAPerson`] for the service itself, [`PkiError::Issue`] when it cannot be made.
    pub fn issue_client(&self, actor: &Actor, validity: Validity) -> Result<Issued, PkiError> {
        let Actor::Person {
            organisation,
            person,
            ..
        } = actor
        else {
            return Err(PkiError::NotAPerson);
        };
        let sans = vec![SanType::URI(actor.to_string().try_into()?)];
        let purpose = ExtendedKeyUsagePurpose::ClientAuth;
        self.issue(subject(organisation, person), sans, purpose, validity)
    }

    pub(crate) fn issue(
        &self,
        subject: DistinguishedName,
        sans: Vec<SanType>,
        purpose: ExtendedKeyUsagePurpose,
        validity: Validity,
    ) -> Result<Issued, PkiError> {
        let key = KeyPair::generate()?;
        let mut params = with_validity(validity);
        params.distinguished_name = subject;
        params.subject_alt_names = sans;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
        params.use_authority_key_identifier_extension = true;
        Ok(Issued {
            certificate_pem: params.signed_by(&key, &self.issuer)?.pem(),
            key_pem: Zeroizing::new(key.serialize_pem()),
        })
    }
}

/// Whether a CA certificate in PEM is one that `karez init` made.
///
/// An unreadable certificate is not a development CA; TLS refuses it by itself.
#[must_use]
pub fn is_development(ca_pem: &str) -> bool {
    let Some(der) = der_of(ca_pem) else {
        return false;
    };
    let Ok((_, parsed)) = X509Certificate::from_der(&der) else {
        return false;
    };
    parsed
        .subject()
        .iter_organizational_unit()
        .any(|unit| unit.as_str() == Ok(DEVELOPMENT_UNIT))
}

/// The first certificate of a PEM text.
pub(super) fn der_of(pem: &str) -> Option<Vec<u8>> {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject as _;
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    Some(der.as_ref().to_vec())
}

pub(crate) fn subject(organisation: &str, name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::OrganizationName, organisation);
    subject.push(DnType::CommonName, name);
    subject
}

fn with_validity(validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = validity.not_before.into();
    params.not_after = validity.not_after.into();
    params
}

fn read(path: &Path) -> Result<String, PkiError> {
    fs::read_to_string(path).map_err(|source| PkiError::Read {
        path: path.to_owned(),
        source,
    })
}

fn malformed(path: &Path, what: &'static str) -> PkiError {
    let path = path.to_owned();
    PkiError::Malformed { path, what }
}
