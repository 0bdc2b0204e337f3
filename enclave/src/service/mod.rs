//! The gRPC server: mTLS, admission of calls, errors, health, reflection, tickets, graceful stop.
//!
//! One file per RPC family stands beside these: parse the request, run one operation, make the
//! answer out of the leaf that answers the call.
//!
//! A call passes: TLS with a client certificate of the CA → [`Principal`] out of the certificate →
//! deadline and concurrency → the family → an answer, or an [`Outcome`] as a status.

mod admission;
mod calls;
mod datasets;
mod families;
mod flight;
mod jobs;
mod keys;
mod limited;
mod listen;
mod log;
mod outcome;
mod phase;
mod products;
mod reason;
mod releases;
mod reversals;
mod samples;
mod scenarios;
mod serve;
mod server;
mod tickets;
mod upload;

pub use families::{Families, Health};
pub use listen::StartError;
pub use outcome::Outcome;
pub use reason::{ERROR_DOMAIN, Reason};
pub use serve::{ServeError, serve};
pub use server::{Server, Stopped};
pub use tickets::{Claim, TICKET_BYTES, TICKET_LIFE_MAX, Ticket, Tickets};

use crate::pki::Principal;

/// Who calls, as the admission layer read it out of the certificate.
///
/// # Errors
/// [`Reason::Internal`] when the request did not come through the server of this module.
pub fn principal<T>(request: &tonic::Request<T>) -> Result<&Principal, Outcome> {
    let found = request.extensions().get::<Principal>();
    found.ok_or_else(|| Outcome::internal(&"a request passed no admission"))
}

#[cfg(test)]
mod tests;
