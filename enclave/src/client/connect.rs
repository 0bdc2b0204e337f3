//! One connection with one identity, and a typed client per RPC family.

use super::deadline::{CALL_TIME_DEFAULT, Deadline};
use super::failure::{ClientError, explain};
use crate::home::IdentityFiles;
use crate::pki::certificate_summary;
use arrow_flight::flight_service_client::FlightServiceClient;
use karez_proto::v1;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use zeroize::Zeroizing;

/// Time to reach the server and finish the handshake.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// The longest message of a table that is taken in, in bytes: one batch of a result.
const TABLE_MESSAGE_BYTES_MAX: usize = 256 << 20;

/// The longest single answer that is taken in, in bytes: a receipt over many approvals and data sets.
const ANSWER_BYTES_MAX: usize = 64 << 20;

/// A connection on which every call carries a deadline.
type Wire = InterceptedService<Channel, Deadline>;

/// A connection to a Karez service as one person.
#[derive(Debug, Clone)]
pub struct Client {
    channel: Channel,
    call_time: Duration,
}

impl Client {
    /// Connects with an identity's certificate and makes sure that the service answers it.
    ///
    /// # Errors
    /// [`ClientError`] for an unusable identity, no server, another CA, a refused certificate.
    pub async fn connect(identity: &IdentityFiles, server: &str) -> Result<Self, ClientError> {
        refuse_expired(identity)?;
        Self::connect_unchecked(identity, server).await
    }

    /// As [`Client::connect`], leaving it to the server to find an expired certificate.
    pub(crate) async fn connect_unchecked(
        identity: &IdentityFiles,
        server: &str,
    ) -> Result<Self, ClientError> {
        let endpoint = endpoint(identity, server)?;
        let connected = endpoint.connect().await;
        let channel = connected.map_err(|error| explain(server, &error))?;
        probe(channel.clone(), server).await?;
        Ok(Self {
            channel,
            call_time: CALL_TIME_DEFAULT,
        })
    }

    /// The same connection with another deadline for each call.
    #[must_use]
    pub fn with_call_time(&self, call_time: Duration) -> Self {
        Self {
            channel: self.channel.clone(),
            call_time,
        }
    }

    fn wire(&self) -> Wire {
        InterceptedService::new(self.channel.clone(), Deadline(self.call_time))
    }
}

/// Declares one typed client per RPC family.
macro_rules! families {
    ($($(#[$doc:meta])+ $name:ident => $module:ident :: $client:ident;)+) => {
        impl Client {
            $($(#[$doc])+
            #[must_use]
            pub fn $name(&self) -> v1::$module::$client<Wire> {
                v1::$module::$client::new(self.wire()).max_decoding_message_size(ANSWER_BYTES_MAX)
            })+
        }
    };
}

families! {
    /// Data sets: register, get, list.
    datasets => dataset_service_client::DatasetServiceClient;
    /// Scenarios: publish, get.
    scenarios => scenario_service_client::ScenarioServiceClient;
    /// Samples: request, get, watch, trace.
    samples => sample_service_client::SampleServiceClient;
    /// Products: submit, get, approve.
    products => product_service_client::ProductServiceClient;
    /// Jobs: submit, get, watch.
    jobs => job_service_client::JobServiceClient;
    /// Releases: tickets and downloads.
    releases => release_service_client::ReleaseServiceClient;
    /// Reversals: request, get, confirm, take the original.
    reversals => reversal_service_client::ReversalServiceClient;
    /// The log: leaves, receipts, checkpoints.
    lineage => lineage_service_client::LineageServiceClient;
    /// Keys: enrol, destroy.
    keys => key_service_client::KeyServiceClient;
}

impl Client {
    /// Tables by Arrow Flight; see [`Client::table`].
    #[must_use]
    pub fn flight(&self) -> FlightServiceClient<Wire> {
        FlightServiceClient::new(self.wire()).max_decoding_message_size(TABLE_MESSAGE_BYTES_MAX)
    }
}

fn endpoint(identity: &IdentityFiles, server: &str) -> Result<Endpoint, ClientError> {
    let url = || ClientError::Url {
        server: server.to_owned(),
    };
    if !server.starts_with("https://") {
        return Err(url());
    }
    let certificate = read(&identity.certificate())?;
    let key = Zeroizing::new(read(&identity.key())?);
    let ca = read(&identity.ca())?;
    let tls = ClientTlsConfig::new()
        .identity(Identity::from_pem(certificate, key.as_bytes()))
        .ca_certificate(Certificate::from_pem(ca));
    let endpoint = Endpoint::from_shared(server.to_owned()).map_err(|_| url())?;
    let endpoint = endpoint.connect_timeout(CONNECT_TIME_MAX);
    endpoint
        .tls_config(tls)
        .map_err(|error| ClientError::Unusable {
            path: identity.root().to_owned(),
            detail: std::error::Error::source(&error).map_or_else(String::new, ToString::to_string),
        })
}

/// The first call. In TLS 1.3 a client learns only with it whether the server took its certificate.
async fn probe(channel: Channel, server: &str) -> Result<(), ClientError> {
    let mut request = tonic::Request::new(HealthCheckRequest::default());
    request.set_timeout(CONNECT_TIME_MAX);
    let answer = HealthClient::new(channel).check(request).await;
    match answer {
        Ok(_) => Ok(()),
        Err(status) => match std::error::Error::source(&status) {
            Some(cause) => Err(explain(server, cause)),
            None => Err(status.into()),
        },
    }
}

fn refuse_expired(identity: &IdentityFiles) -> Result<(), ClientError> {
    let path = identity.certificate();
    let summary = certificate_summary(&read(&path)?);
    let Some(summary) = summary else {
        return Err(ClientError::NotACertificate { path });
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    });
    match (summary.not_before_seconds..=summary.not_after_seconds).contains(&now) {
        true => Ok(()),
        false => Err(ClientError::Expired { path }),
    }
}

fn read(path: &Path) -> Result<String, ClientError> {
    fs::read_to_string(path).map_err(|source| ClientError::Identity {
        path: path.to_owned(),
        source,
    })
}
