//! What every call passes before its family sees it: who calls, until when, and is there room.

use super::limited::{CutOff, Limited};
use super::outcome::Outcome;
use super::phase::{Cut, Phase, cut};
use super::reason::{ERROR_DOMAIN, Reason};
use crate::config::Limits;
use crate::pki::{PeerError, Principal};
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::service::Routes;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};

/// After what time a caller who found no room may try again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// After what time a stopping service may be back.
const RESTART_DELAY: Duration = Duration::from_secs(10);

/// Header in which gRPC carries a deadline.
const TIMEOUT_HEADER: &str = "grpc-timeout";

/// Most digits of a deadline (gRPC over HTTP/2, `Timeout`).
const TIMEOUT_DIGITS_MAX: usize = 8;

/// The routes behind admission.
#[derive(Clone)]
pub(super) struct Admission {
    routes: Routes,
    places: Arc<Semaphore>,
    phase: watch::Receiver<Phase>,
    calls_max: u64,
    call_time_max: Duration,
}

impl Admission {
    pub(super) fn new(routes: Routes, limits: &Limits, phase: watch::Receiver<Phase>) -> Self {
        let places = usize::try_from(limits.calls_max).unwrap_or(Semaphore::MAX_PERMITS);
        Self {
            routes,
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            phase,
            calls_max: limits.calls_max,
            call_time_max: Duration::from_secs(limits.call_seconds_max),
        }
    }

    /// The caller, the call's time, and its place; or why it is not admitted.
    fn admit<T>(
        &self,
        request: &http::Request<T>,
    ) -> Result<(Principal, Duration, OwnedSemaphorePermit), Outcome> {
        let caller = caller(request)?;
        if *self.phase.borrow() != Phase::Serving {
            return Err(stopping());
        }
        let time = call_time(request, self.call_time_max)?;
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| too_many(self.calls_max))?;
        Ok((caller, time, place))
    }
}

impl Service<http::Request<Body>> for Admission {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<http::Response<Body>, Infallible>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<http::Request<Body>>::poll_ready(&mut self.routes, context)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let (caller, time, place) = match self.admit(&request) {
            Ok(admitted) => admitted,
            Err(outcome) => {
                tracing::info!(method = %request.uri().path(), %outcome, "call not admitted");
                let refused = Status::from(outcome).into_http();
                return Box::pin(std::future::ready(Ok(refused)));
            }
        };
        tracing::debug!(method = %request.uri().path(), actor = %caller.actor(), "call");
        request.extensions_mut().insert(caller);
        let mut cut: CutOff = Box::pin(cut(self.phase.clone(), time));
        let answer = self.routes.call(request);
        Box::pin(async move {
            tokio::select! {
                biased;
                cut = &mut cut => Ok(cut_status(cut).into_http()),
                answer = answer => {
                    let answer = answer?;
                    Ok(answer.map(|body| Body::new(Limited::new(body, cut, place))))
                }
            }
        })
    }
}

fn caller<T>(request: &http::Request<T>) -> Result<Principal, Outcome> {
    let connection = request.extensions().get::<TlsConnectInfo<TcpConnectInfo>>();
    let certificates = connection.and_then(TlsConnectInfo::peer_certs);
    let first = certificates.as_ref().and_then(|chain| chain.first());
    let principal = first
        .ok_or(PeerError::Missing)
        .and_then(|der| Principal::from_verified(der.as_ref()));
    principal.map_err(|error| Outcome::new(Reason::CertificateNotUsable, error.to_string()))
}

/// The deadline that the caller set, cut to the longest admitted. Our own calls need one; health
/// and reflection, which standard tools call, get the longest when they bring none.
fn call_time<T>(request: &http::Request<T>, longest: Duration) -> Result<Duration, Outcome> {
    let own = request
        .uri()
        .path()
        .strip_prefix('/')
        .is_some_and(|path| path.starts_with(ERROR_DOMAIN));
    match request.headers().get(TIMEOUT_HEADER) {
        None if own => Err(no_deadline("the call has no deadline")),
        None => Ok(longest),
        Some(text) => text
            .to_str()
            .ok()
            .and_then(timeout)
            .map(|given| given.min(longest))
            .ok_or_else(|| no_deadline("the call's deadline is malformed")),
    }
}

/// Reads a deadline: one to eight digits and a unit of H, M, S, m, u, n.
fn timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let short = digits.len() <= TIMEOUT_DIGITS_MAX;
    if !short || digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 3600)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

/// What a call that was cut off ends with.
pub(super) fn cut_status(cut: Cut) -> Status {
    match cut {
        Cut::Ended => stopping().into(),
        Cut::Deadline => {
            let message = "the call's time is over; ask again with a longer deadline";
            Outcome::new(Reason::DeadlineExceeded, message).into()
        }
    }
}

fn stopping() -> Outcome {
    let message = "the service is stopping and takes no new calls";
    Outcome::new(Reason::Stopping, message).retry_after(RESTART_DELAY)
}

fn no_deadline(what: &str) -> Outcome {
    let message = format!("{what}: set the header {TIMEOUT_HEADER}, for example `30S`");
    Outcome::new(Reason::DeadlineRequired, message)
}

fn too_many(calls_max: u64) -> Outcome {
    let message = format!("{calls_max} calls are being served, which is the limit");
    Outcome::new(Reason::TooManyCalls, message)
        .quota("calls", &format!("limits.calls_max is {calls_max}"))
        .retry_after(RETRY_DELAY)
}

#[cfg(test)]
mod tests {
    //! Deadlines as gRPC writes them.
    use super::*;

    #[test]
    fn deadlines() {
        let check = |text: &str, expect: Option<Duration>| assert_eq!(timeout(text), expect);
        check("1H", Some(Duration::from_secs(3600)));
        check("2M", Some(Duration::from_secs(120)));
        check("30S", Some(Duration::from_secs(30)));
        check("1500m", Some(Duration::from_millis(1500)));
        check("7u", Some(Duration::from_micros(7)));
        check("99999999n", Some(Duration::from_nanos(99_999_999)));
        check("99999999H", Some(Duration::from_secs(99_999_999 * 3600)));
        for bad in ["", "S", "1", "1s", "+1S", "-1S", "1.5S", "123456789S", "1é"] {
            check(bad, None);
        }
    }

    #[test]
    fn own_calls_need_a_deadline_and_none_is_longer_than_the_longest() {
        let longest = Duration::from_secs(60);
        let ask = |path: &str, header: Option<&str>| {
            let mut request = http::Request::builder().uri(path);
            if let Some(text) = header {
                request = request.header(TIMEOUT_HEADER, text);
            }
            call_time(&request.body(()).unwrap(), longest).map_err(|o| o.reason())
        };
        let own = "/karez.v1.JobService/GetJob";
        assert_eq!(ask(own, None), Err(Reason::DeadlineRequired));
        assert_eq!(ask(own, Some("soon")), Err(Reason::DeadlineRequired));
        assert_eq!(ask(own, Some("5S")), Ok(Duration::from_secs(5)));
        assert_eq!(ask(own, Some("5H")), Ok(longest));
        assert_eq!(ask("/grpc.health.v1.Health/Check", None), Ok(longest));
    }
}
