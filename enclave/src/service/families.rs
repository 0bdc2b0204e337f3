//! The RPC families of a server, each with its own health.

use std::convert::Infallible;
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::server::NamedService;
use tonic::service::RoutesBuilder;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

/// The name under which the standard health service tells of the whole server.
const WHOLE_SERVER: &str = "";

/// Collects the RPC families that a server answers.
#[derive(Default)]
pub struct Families {
    pub(super) routes: RoutesBuilder,
    pub(super) names: Vec<&'static str>,
}

impl std::fmt::Debug for Families {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Families")
            .field("names", &self.names)
            .finish()
    }
}

impl Families {
    /// Adds a generated server, such as `KeyServiceServer::new(…)`. Set its
    /// `max_decoding_message_size` to `limits.message_bytes_max` before.
    #[must_use]
    pub fn with<S>(mut self, family: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.names.push(S::NAME);
        self.routes.add_service(family);
        self
    }
}

/// Health per family, as the standard health service tells it.
#[derive(Debug, Clone)]
pub struct Health {
    reporter: HealthReporter,
    names: Vec<&'static str>,
}

impl Health {
    pub(super) fn new(reporter: HealthReporter, mut names: Vec<&'static str>) -> Self {
        names.push(WHOLE_SERVER);
        Self { reporter, names }
    }

    /// Marks every family as serving, or as not: while the log is read-only, and when stopping.
    pub async fn set_all(&self, serving: bool) {
        let status = match serving {
            true => ServingStatus::Serving,
            false => ServingStatus::NotServing,
        };
        for name in &self.names {
            self.reporter.set_service_status(name, status).await;
        }
    }
}
