//! From a home to a listening server, and in order to its end.

use super::admission::Admission;
use super::families::{Families, Health};
use super::listen::{StartError, bind, connections};
use super::phase::Phase;
use crate::config::Config;
use crate::home::Home;
use crate::pki::{certificate_summary, is_development};
use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};
use zeroize::Zeroizing;

/// Time for a TLS handshake; a peer that does not finish it holds no place.
const HANDSHAKE_TIME_MAX: Duration = Duration::from_secs(10);

/// How often an idle connection is asked whether it lives, and how long the answer may take.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Longest header list of a request, in bytes.
const HEADER_BYTES_MAX: u32 = 16 * 1024;

/// Files that the server's TLS is made of.
#[derive(Debug)]
struct TlsFiles {
    ca: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

/// A server that has its address and its certificates but does not answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: ServerTlsConfig,
    config: Config,
}

/// How a server came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Whether every running call finished in time; else the rest was cut off.
    pub drained: bool,
}

impl Server {
    /// Checks the certificates and takes the configured address.
    ///
    /// # Errors
    /// [`StartError`]: a development CA without `development`, a certificate that is unreadable or
    /// not valid now, an address in use.
    pub async fn bind(home: &Home, config: &Config, development: bool) -> Result<Self, StartError> {
        let files = TlsFiles {
            ca: home.ca_certificate(),
            certificate: home.server_certificate(),
            key: home.server_key(),
        };
        let tls = tls(&files, development)?;
        let listener = bind(config.listen).await?;
        let address = listener.local_addr().map_err(|source| StartError::Listen {
            address: config.listen,
            source,
        })?;
        let config = config.clone();
        Ok(Self {
            listener,
            address,
            tls,
            config,
        })
    }

    /// The address in use, with the real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers calls until `stop` resolves; then, in this order: health says `NOT_SERVING`, new
    /// calls are refused, running ones get `limits.drain_seconds_max`, the rest is cut off, and
    /// `finish` runs (flush, final checkpoint).
    ///
    /// `started` is handed the health switch once, before the first call is answered.
    ///
    /// # Errors
    /// [`StartError`] when TLS or reflection cannot be set up or the server ends by itself;
    /// `finish` runs even then.
    pub async fn run(
        self,
        families: Families,
        started: impl FnOnce(Health),
        stop: impl Future<Output = ()>,
        finish: impl Future<Output = ()>,
    ) -> Result<Stopped, StartError> {
        let result = self.serve(families, started, stop).await;
        finish.await;
        result
    }

    async fn serve(
        self,
        families: Families,
        started: impl FnOnce(Health),
        stop: impl Future<Output = ()>,
    ) -> Result<Stopped, StartError> {
        let drain = Duration::from_secs(self.config.limits.drain_seconds_max);
        let (phase, watch) = watch::channel(Phase::Serving);
        let (routes, health) = standard(families).await?;
        let admission = Admission::new(routes, &self.config.limits, watch.clone());
        let serving = transport(self.tls, &self.config)?.serve_with_incoming_shutdown(
            admission,
            connections(self.listener),
            until_draining(watch),
        );
        let mut serving = pin!(serving);
        started(health.clone());
        tokio::select! {
            ended = &mut serving => {
                ended.map_err(StartError::Ended)?;
                return Ok(Stopped { drained: true });
            }
            () = stop => {}
        }
        health.set_all(false).await;
        phase.send_replace(Phase::Draining);
        let drained = tokio::time::timeout(drain, &mut serving).await;
        phase.send_replace(Phase::Ended);
        match drained {
            Ok(ended) => ended.map_err(StartError::Ended)?,
            Err(_) => return Ok(Stopped { drained: false }),
        }
        Ok(Stopped { drained: true })
    }
}

async fn until_draining(mut phase: watch::Receiver<Phase>) {
    // A closed channel means that the server is gone, which is a reason to stop as well.
    let _ = phase.wait_for(|phase| *phase >= Phase::Draining).await;
}

/// Adds health and reflection to the families.
async fn standard(families: Families) -> Result<(tonic::service::Routes, Health), StartError> {
    let Families { mut routes, names } = families;
    let (reporter, health_family) = tonic_health::server::health_reporter();
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(karez_proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .build_v1()?;
    routes.add_service(health_family);
    routes.add_service(reflection);
    let health = Health::new(reporter, names);
    health.set_all(true).await;
    Ok((routes.routes().prepare(), health))
}

fn transport(
    tls: ServerTlsConfig,
    config: &Config,
) -> Result<tonic::transport::Server, StartError> {
    let streams = u32::try_from(config.limits.connection_calls_max).unwrap_or(u32::MAX);
    let server = tonic::transport::Server::builder()
        .tls_config(tls)
        .map_err(StartError::Tls)?;
    Ok(server
        .max_concurrent_streams(streams)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE)))
}

fn tls(files: &TlsFiles, development: bool) -> Result<ServerTlsConfig, StartError> {
    let ca = read(&files.ca)?;
    if is_development(&ca) && !development {
        let path = files.ca.clone();
        return Err(StartError::DevelopmentCa { path });
    }
    let certificate = read(&files.certificate)?;
    valid_now(&files.ca, &ca)?;
    valid_now(&files.certificate, &certificate)?;
    let key = Zeroizing::new(read(&files.key)?);
    Ok(ServerTlsConfig::new()
        .identity(Identity::from_pem(&certificate, key.as_bytes()))
        .client_ca_root(Certificate::from_pem(&ca))
        .timeout(HANDSHAKE_TIME_MAX))
}

fn read(path: &Path) -> Result<String, StartError> {
    fs::read_to_string(path).map_err(|source| StartError::Read {
        path: path.to_owned(),
        source,
    })
}

fn valid_now(path: &Path, pem: &str) -> Result<(), StartError> {
    let summary = certificate_summary(pem).ok_or_else(|| StartError::NotACertificate {
        path: path.to_owned(),
    })?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    });
    let (from, until) = (summary.not_before_seconds, summary.not_after_seconds);
    match (from..=until).contains(&now) {
        true => Ok(()),
        false => Err(StartError::NotValidNow {
            path: path.to_owned(),
            from,
            until,
        }),
    }
}
