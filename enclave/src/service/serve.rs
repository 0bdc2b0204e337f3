//! The whole service in one call: open, listen, answer, stop in order.

use super::calls::Calls;
use super::families::Families;
use super::listen::StartError;
use super::server::{Server, Stopped};
use crate::config::Config;
use crate::home::Home;
use crate::operations::{self, EXPIRY_INTERVAL, Enclave, Failure};
use arrow_flight::flight_service_server::FlightServiceServer;
use karez_proto::v1::dataset_service_server::DatasetServiceServer;
use karez_proto::v1::job_service_server::JobServiceServer;
use karez_proto::v1::key_service_server::KeyServiceServer;
use karez_proto::v1::lineage_service_server::LineageServiceServer;
use karez_proto::v1::product_service_server::ProductServiceServer;
use karez_proto::v1::release_service_server::ReleaseServiceServer;
use karez_proto::v1::reversal_service_server::ReversalServiceServer;
use karez_proto::v1::sample_service_server::SampleServiceServer;
use karez_proto::v1::scenario_service_server::ScenarioServiceServer;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

/// Why the service did not run, or did not stop as it should.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// It cannot listen, or its certificates cannot be used.
    #[error(transparent)]
    Listen(#[from] StartError),
    /// Its state cannot be opened.
    #[error(transparent)]
    Open(#[from] operations::StartError),
    /// The last checkpoint could not be written: what was acknowledged is on disk, the signature over it is not.
    #[error("the last checkpoint could not be written: {0}; start the service again to make it")]
    Stop(Failure),
    /// A thread of the service ended by itself.
    #[error("a thread of the service ended by itself")]
    Thread,
}

/// Serves a home until `stop` resolves, then stops in order and makes a last checkpoint.
///
/// `program` is the binary that becomes a worker when started with [`crate::worker::WORKER_ARGUMENT`]; `ready` is told
/// the address, with its real port, once calls are answered.
///
/// # Errors
/// [`ServeError`]; the port is tried before the log is opened.
pub async fn serve(
    home: &Home,
    config: Config,
    development: bool,
    program: PathBuf,
    ready: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()>,
) -> Result<Stopped, ServeError> {
    let server = Server::bind(home, &config, development).await?;
    let (opened, settings) = (home.clone(), config.clone());
    let opening = tokio::task::spawn_blocking(move || Enclave::open(&opened, settings, program));
    let enclave = opening.await.map_err(|_| ServeError::Thread)??;
    let (announce_stop, stopping) = watch::channel(false);
    tokio::spawn(expire_requests(enclave.clone(), stopping.clone()));
    let (log_lost, mut lost) = watch::channel(false);
    let calls = Calls::new(enclave.clone(), stopping, Arc::new(log_lost));
    let address = server.address();
    let started = |health: super::Health| {
        // Ends with the service: the sender goes when the last family does.
        tokio::spawn(async move {
            if lost.wait_for(|lost| *lost).await.is_ok() {
                health.set_all(false).await;
            }
        });
        ready(address);
    };
    let stop = async {
        stop.await;
        announce_stop.send_replace(true);
    };
    let mut closed = Err(ServeError::Thread);
    let finish = async {
        let closing = tokio::task::spawn_blocking(move || enclave.stop()).await;
        closed = match closing {
            Ok(done) => done.map_err(ServeError::Stop),
            Err(_) => Err(ServeError::Thread),
        };
    };
    let stopped = server
        .run(families(&calls, &config), started, stop, finish)
        .await?;
    closed?;
    Ok(stopped)
}

/// Ends what waited too long for a second person, also when nobody calls.
async fn expire_requests(enclave: Enclave, mut stopping: watch::Receiver<bool>) {
    let mut due = tokio::time::interval(EXPIRY_INTERVAL);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            // Also when the service ended without a word: its sender is gone.
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        let enclave = enclave.clone();
        let ended = tokio::task::spawn_blocking(move || enclave.expire_requests()).await;
        if let Ok(Err(failure)) = ended {
            tracing::error!(
                reason = failure.reason.as_str(),
                "requests could not be ended"
            );
        }
    }
}

/// Every family, each with the longest message that it reads.
fn families(calls: &Calls, config: &Config) -> Families {
    let bytes_max = usize::try_from(config.limits.message_bytes_max).unwrap_or(usize::MAX);
    macro_rules! families {
        ($($server:ident),+ $(,)?) => {
            Families::default()$(.with($server::new(calls.clone()).max_decoding_message_size(bytes_max)))+
        };
    }
    families![
        DatasetServiceServer,
        ScenarioServiceServer,
        SampleServiceServer,
        ProductServiceServer,
        JobServiceServer,
        ReleaseServiceServer,
        ReversalServiceServer,
        LineageServiceServer,
        KeyServiceServer,
        FlightServiceServer,
    ]
}
