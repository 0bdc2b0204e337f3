//! `karez cert issue`: a further client identity under the home's CA.

use super::{Home, HomeError, IdentityFiles, write};
use crate::pki::{Authority, Validity};
use lineage::name::is_segment;
use lineage::{Actor, Duty, NameError};
use std::fs;
use std::path::PathBuf;

/// Whom to issue a certificate to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueRequest {
    /// Tenant, e.g. `xj`.
    pub tenant: String,
    /// Organisation's id.
    pub organisation: String,
    /// Duty that the certificate carries.
    pub duty: Duty,
    /// Pseudonym of the person.
    pub person: String,
    /// From when until when.
    pub validity: Validity,
    /// Directory to make; none means `clients/ORGANISATION-DUTY-PERSON`.
    pub out: Option<PathBuf>,
}

/// Issues a client certificate and writes `cert.pem`, `key.pem` and `ca.pem` into a new directory.
///
/// A statement key is not part of it: the person makes it where they sign (`karez key new`).
///
/// # Errors
/// [`HomeError::Name`] for a malformed name, [`HomeError::Exists`] when the directory is there
/// already, [`HomeError::Pki`] when the home has no usable CA.
pub fn issue_certificate(home: &Home, request: &IssueRequest) -> Result<IdentityFiles, HomeError> {
    for name in [&request.tenant, &request.organisation, &request.person] {
        if !is_segment(name) {
            return Err(NameError::Segment(name.clone()).into());
        }
    }
    let authority = Authority::load(&home.ca_certificate(), &home.ca_key())?;
    let issued = authority.issue_client(&actor(request), request.validity)?;
    let files = IdentityFiles::at(&place(home, request));
    if files.root().symlink_metadata().is_ok() {
        let path = files.root().to_owned();
        return Err(HomeError::Exists { path });
    }
    write::directory(files.root())?;
    write::identity(&files, &issued, authority.certificate_pem()).inspect_err(|_| {
        // Best effort: the first error says more.
        let _ = fs::remove_dir_all(files.root());
    })?;
    Ok(files)
}

fn actor(request: &IssueRequest) -> Actor {
    Actor::Person {
        tenant: request.tenant.clone(),
        organisation: request.organisation.clone(),
        duty: request.duty,
        person: request.person.clone(),
    }
}

fn place(home: &Home, request: &IssueRequest) -> PathBuf {
    let IssueRequest {
        organisation,
        duty,
        person,
        ..
    } = request;
    let folder = format!("{organisation}-{duty}-{person}");
    let default = || home.clients().join(folder);
    request.out.clone().unwrap_or_else(default)
}
