//! Taking an address, and what can stand in the way of starting.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_stream::wrappers::TcpListenerStream;
use tokio_stream::{Stream, StreamExt as _};

/// Pause after a connection could not be accepted (out of descriptors), so that the loop neither
/// ends nor spins.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another process listens at the address.
    #[error(
        "{address} is in use by another process; stop that one, or choose another address with \
         --listen, KAREZ_LISTEN or `listen` in karez.toml"
    )]
    InUse {
        /// The address.
        address: SocketAddr,
    },
    /// The system does not let us listen there.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The CA is one that `karez init` made.
    #[error(
        "{path} is a development CA: start with --dev on your own machine, or install the \
         certificates of a real CA"
    )]
    DevelopmentCa {
        /// The CA's certificate.
        path: PathBuf,
    },
    /// A certificate or key cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not a certificate.
    #[error("{path} is not a certificate in PEM")]
    NotACertificate {
        /// The file.
        path: PathBuf,
    },
    /// The server's certificate or the CA is not valid now.
    #[error("{path} is not valid now (from {from} until {until}, seconds since 1970); renew it")]
    NotValidNow {
        /// The file.
        path: PathBuf,
        /// First second of validity.
        from: i64,
        /// Last second of validity.
        until: i64,
    },
    /// TLS cannot work with these files.
    #[error("the server's certificate and key do not work together: {0}")]
    Tls(tonic::transport::Error),
    /// The reflection service refused our own descriptors.
    #[error("reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The server ended by itself.
    #[error("the server ended: {0}")]
    Ended(tonic::transport::Error),
}

/// Takes an address; port 0 takes a free one, which the listener then tells.
pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::InUse { address },
        _ => StartError::Listen { address, source },
    })
}

/// The connections of a listener. One that cannot be accepted is told and left out.
pub(super) fn connections(
    listener: TcpListener,
) -> impl Stream<Item = Result<TcpStream, io::Error>> {
    let accepted = TcpListenerStream::new(listener).then(|accepted| async {
        match accepted.and_then(|stream| stream.set_nodelay(true).map(|()| stream)) {
            Ok(stream) => Some(Ok(stream)),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                None
            }
        }
    });
    accepted.filter_map(|stream| stream)
}
