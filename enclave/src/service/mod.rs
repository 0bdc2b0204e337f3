//! The gRPC server: mTLS, admission of calls, errors, health, reflection, tickets, graceful stop.
//!
//! One file per RPC family stands beside these; a family that is not built is absent, and its
//! calls are answered `UNIMPLEMENTED` by gRPC itself.
//!
//! A call passes: TLS with a client certificate of the CA → [`Principal`] out of the certificate →
//! deadline and concurrency → the family → an answer, or an [`Outcome`] as a status.

mod admission;
mod families;
mod limited;
mod listen;
mod outcome;
mod phase;
mod reason;
mod server;
mod tickets;

pub use families::{Families, Health};
pub use listen::StartError;
pub use outcome::Outcome;
pub use reason::{ERROR_DOMAIN, Reason};
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
