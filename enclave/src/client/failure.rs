//! What went wrong, told so that the reader knows what to do next.

use rustls::{AlertDescription, CertificateError};
use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// A call that the service answered with an error, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Canonical code.
    pub code: Code,
    /// Reason, as in `proto/ERRORS.md`; none when the answer did not come from Karez itself.
    pub reason: Option<String>,
    /// English message.
    pub message: String,
    /// The same in zh-CN.
    pub localized_message: Option<String>,
    /// Names of the parties and rules.
    pub metadata: HashMap<String, String>,
    /// Preconditions that do not hold and quotas that are used up, `subject: description`.
    pub violations: Vec<String>,
    /// After what time the same call may succeed.
    pub retry_after: Option<Duration>,
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let preconditions = details.precondition_failure().into_iter();
        let preconditions = preconditions
            .flat_map(|failure| &failure.violations)
            .map(|one| format!("{}: {}", one.subject, one.description));
        let quotas = details.quota_failure().into_iter();
        let quotas = quotas
            .flat_map(|failure| &failure.violations)
            .map(|one| format!("{}: {}", one.subject, one.description));
        Self {
            code: status.code(),
            reason: info.map(|info| info.reason.clone()),
            message: status.message().to_owned(),
            localized_message: details.localized_message().map(|one| one.message.clone()),
            metadata: info.map(|info| info.metadata.clone()).unwrap_or_default(),
            violations: preconditions.chain(quotas).collect(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Some(reason) => write!(f, "{reason}: {}", self.message),
            None => write!(f, "{}: {}", self.code, self.message),
        }
    }
}

/// Why there is no connection, or no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A file of the identity cannot be read.
    #[error("cannot read {path}: {source}; make an identity with: karez cert issue")]
    Identity {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of the identity is not a certificate.
    #[error("{path} is not a certificate in PEM")]
    NotACertificate {
        /// The file.
        path: PathBuf,
    },
    /// The identity's certificate has ended, or has not begun.
    #[error("the certificate {path} is not valid today; issue a new one with: karez cert issue")]
    Expired {
        /// The file.
        path: PathBuf,
    },
    /// The identity's key does not fit its certificate, or neither can be used.
    #[error("the identity in {path} cannot be used: {detail}")]
    Unusable {
        /// The identity's directory.
        path: PathBuf,
        /// What TLS said.
        detail: String,
    },
    /// The server's URL is none.
    #[error("`{server}` is not a server: expected https://HOST:PORT")]
    Url {
        /// As given.
        server: String,
    },
    /// Nothing answers.
    #[error("no server answers at {server}: {detail}; start one with: karez serve")]
    NoServer {
        /// The server.
        server: String,
        /// What the system said.
        detail: String,
    },
    /// The server's certificate comes from another CA than the identity's.
    #[error(
        "the server at {server} belongs to another CA than this identity: \
         use an identity of the server's own home"
    )]
    OtherAuthority {
        /// The server.
        server: String,
    },
    /// The server's certificate is unusable for another reason.
    #[error("the certificate of the server at {server} is refused: {detail}")]
    ServerCertificate {
        /// The server.
        server: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The server refused the identity's certificate in the TLS handshake.
    #[error("the server at {server} refuses this certificate: {detail}")]
    Refused {
        /// The server.
        server: String,
        /// What the server said.
        detail: &'static str,
    },
    /// The connection broke.
    #[error("the connection to {server} broke: {detail}")]
    Broken {
        /// The server.
        server: String,
        /// What was seen.
        detail: String,
    },
    /// A file on this side could not be read or written.
    #[error("the file could not be read or written to its end: {source}")]
    File {
        /// What the system said.
        source: io::Error,
    },
    /// A download is not what the service announced.
    #[error("the downloaded file is not the one that was announced; discard it and fetch again")]
    Damaged,
    /// The service answered with an error.
    #[error("{0}")]
    Failed(Box<Failure>),
}

impl From<Status> for ClientError {
    fn from(status: Status) -> Self {
        Self::Failed(Box::new(status.into()))
    }
}

/// Tells a failure to connect in words; `error` is the outermost of a chain.
pub(super) fn explain(server: &str, error: &(dyn StdError + 'static)) -> ClientError {
    let server = server.to_owned();
    for cause in chain(error) {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return explain_tls(server, tls);
        }
        if let Some(alert) = alert_in_words(cause) {
            let detail = explain_alert(alert);
            return ClientError::Refused { server, detail };
        }
    }
    let io = chain(error).find_map(|cause| cause.downcast_ref::<io::Error>());
    let detail = chain(error)
        .last()
        .map_or_else(String::new, ToString::to_string);
    match io.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) => {
            ClientError::Broken { server, detail }
        }
        Some(io::ErrorKind::UnexpectedEof) => ClientError::Broken { server, detail },
        _ => ClientError::NoServer { server, detail },
    }
}

/// An error and its causes. An `io::Error` hides what it wraps from `source`, so it is unwrapped.
fn chain<'e>(
    error: &'e (dyn StdError + 'static),
) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |cause| next_cause(*cause))
}

fn next_cause<'e>(cause: &'e (dyn StdError + 'static)) -> Option<&'e (dyn StdError + 'static)> {
    let wrapped = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(inner) => Some(inner),
        None => cause.source(),
    }
}

fn explain_tls(server: String, error: &rustls::Error) -> ClientError {
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => ClientError::OtherAuthority { server },
        rustls::Error::InvalidCertificate(reason) => ClientError::ServerCertificate {
            server,
            detail: reason.to_string(),
        },
        rustls::Error::AlertReceived(alert) => ClientError::Refused {
            server,
            detail: explain_alert(*alert),
        },
        other => ClientError::Broken {
            server,
            detail: other.to_string(),
        },
    }
}

/// An alert that came with the first call instead of in the handshake. By then HTTP/2 has turned
/// rustls' error into its text, so that text is all there is to go by.
fn alert_in_words(cause: &(dyn StdError + 'static)) -> Option<AlertDescription> {
    let text = cause.to_string();
    ALERTS.into_iter().find(|alert| {
        let words = rustls::Error::AlertReceived(*alert).to_string();
        text.ends_with(&words)
    })
}

/// The alerts that a server may answer a client certificate with.
const ALERTS: [AlertDescription; 9] = [
    AlertDescription::AccessDenied,
    AlertDescription::BadCertificate,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateRequired,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateUnknown,
    AlertDescription::DecryptError,
    AlertDescription::UnknownCA,
    AlertDescription::UnsupportedCertificate,
];

/// What a server means by its last word in a handshake (RFC 8446, 6.2).
fn explain_alert(alert: AlertDescription) -> &'static str {
    match alert {
        AlertDescription::CertificateExpired => "it has expired",
        AlertDescription::CertificateRequired => "none was presented",
        AlertDescription::UnknownCA => "it was issued by another CA",
        AlertDescription::DecryptError => "it was issued by another CA of the same name",
        AlertDescription::CertificateRevoked => "it was revoked",
        AlertDescription::BadCertificate | AlertDescription::UnsupportedCertificate => {
            "it is not a client certificate that can be used"
        }
        _ => "it gave no reason",
    }
}
