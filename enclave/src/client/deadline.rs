//! A deadline on every call, since the service answers none without.

use std::time::Duration;
use tonic::service::Interceptor;
use tonic::{Request, Status};

/// How long a call may take unless told otherwise; covers an upload of some gigabytes.
pub const CALL_TIME_DEFAULT: Duration = Duration::from_secs(600);

/// Sets the deadline of each call that has none.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(pub(super) Duration);

impl Interceptor for Deadline {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if request.metadata().get("grpc-timeout").is_none() {
            request.set_timeout(self.0);
        }
        Ok(request)
    }
}
