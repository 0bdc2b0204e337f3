//! Tickets: the right to fetch one file once, within a minute, by the same certificate.

use super::outcome::Outcome;
use super::reason::Reason;
use crate::pki::{Fingerprint, Principal};
use lineage::Digest;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroize;

/// Longest life of a ticket.
pub const TICKET_LIFE_MAX: Duration = Duration::from_secs(60);

/// Length of a ticket: 256 bits, so that none can be guessed.
pub const TICKET_BYTES: usize = 32;

/// A ticket: opaque random bytes. Whoever has one and the certificate it is bound to may fetch.
#[derive(Clone, PartialEq, Eq, Hash, zeroize::ZeroizeOnDrop)]
pub struct Ticket([u8; TICKET_BYTES]);

impl Ticket {
    /// The bytes, to be sent to the caller that asked.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}

/// What a ticket stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Resource name of the sample or job.
    pub resource: String,
    /// Base name of the file.
    pub file: String,
    /// The file's digest when the ticket was issued; checked again when it is spent.
    pub digest: Digest,
}

struct Held {
    claim: Claim,
    bearer: Fingerprint,
    actor: lineage::Actor,
    ends: Instant,
}

/// The tickets that wait to be spent; in memory alone, so that a restart ends them all.
pub struct Tickets {
    held: Mutex<HashMap<Ticket, Held>>,
    count_max: usize,
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tickets")
            .field("count_max", &self.count_max)
            .finish()
    }
}

impl Tickets {
    /// An empty store of at most `count_max` tickets.
    #[must_use]
    pub fn new(count_max: usize) -> Self {
        Self {
            held: Mutex::new(HashMap::new()),
            count_max,
        }
    }

    /// Issues a ticket that ends [`TICKET_LIFE_MAX`] after `now`.
    ///
    /// # Errors
    /// [`Reason::LimitExceeded`] when as many as admitted are waiting; [`Reason::Internal`] when
    /// the kernel gives no entropy.
    pub fn issue(&self, bearer: &Principal, claim: Claim, now: Instant) -> Result<Ticket, Outcome> {
        let ticket = fresh()?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= self.count_max {
            held.retain(|_, one| now < one.ends);
        }
        if held.len() >= self.count_max {
            return Err(full(self.count_max));
        }
        held.insert(
            ticket.clone(),
            Held {
                claim,
                bearer: bearer.fingerprint(),
                actor: bearer.actor().clone(),
                ends: now + TICKET_LIFE_MAX,
            },
        );
        Ok(ticket)
    }

    /// Spends a ticket: it is gone afterwards, whatever the answer.
    ///
    /// # Errors
    /// [`Reason::TicketNotValid`] alike for an unknown, spent, ended or foreign ticket, so that
    /// nobody learns which tickets exist.
    pub fn spend(&self, bearer: &Principal, ticket: &[u8], now: Instant) -> Result<Claim, Outcome> {
        let ticket = Ticket(ticket.try_into().map_err(|_| not_valid())?);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let found = held.remove(&ticket).ok_or_else(not_valid)?;
        let same = found.bearer == bearer.fingerprint() && found.actor == *bearer.actor();
        match same && now < found.ends {
            true => Ok(found.claim),
            false => Err(not_valid()),
        }
    }
}

fn fresh() -> Result<Ticket, Outcome> {
    let mut raw = [0u8; TICKET_BYTES];
    getrandom::fill(&mut raw).map_err(|error| Outcome::internal(&error))?;
    let ticket = Ticket(raw);
    raw.zeroize();
    Ok(ticket)
}

fn not_valid() -> Outcome {
    let message = "the ticket is not valid: unknown, spent, ended, or bound to another certificate";
    Outcome::new(Reason::TicketNotValid, message)
}

fn full(count_max: usize) -> Outcome {
    let message = format!("{count_max} tickets wait to be spent; try again when some have ended");
    Outcome::new(Reason::LimitExceeded, message)
        .quota("tickets", &format!("limits.tickets_max is {count_max}"))
        .retry_after(TICKET_LIFE_MAX)
}

#[cfg(test)]
mod tests {
    //! Once, in time, by the same certificate; everything else looks the same. The clock is given.
    use super::*;
    use crate::pki::{Authority, Validity};
    use lineage::{Actor, Duty};
    use rustls_pki_types::{CertificateDer, pem::PemObject as _};
    use std::time::SystemTime;

    fn person(name: &str) -> Principal {
        let validity = Validity::days(SystemTime::now(), 1).unwrap();
        let actor = Actor::Person {
            tenant: "xj".into(),
            organisation: "devco".into(),
            duty: Duty::Developer,
            person: name.into(),
        };
        let authority = Authority::generate("xj", validity).unwrap();
        let issued = authority.issue_client(&actor, validity).unwrap();
        let der = CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes()).unwrap();
        Principal::from_verified(der.as_ref()).unwrap()
    }

    fn claim() -> Claim {
        Claim {
            resource: "tenants/xj/scenarios/s/samples/1".into(),
            file: "claims.csv".into(),
            digest: Digest::of(b"file"),
        }
    }

    fn refused(tickets: &Tickets, bearer: &Principal, ticket: &[u8], now: Instant) {
        let outcome = tickets.spend(bearer, ticket, now).unwrap_err();
        assert_eq!(outcome.to_string(), not_valid().to_string());
    }

    #[test]
    fn a_ticket_is_spent_once() {
        let (tickets, ann, now) = (Tickets::new(10), person("ann"), Instant::now());
        let ticket = tickets.issue(&ann, claim(), now).unwrap();
        let last = now + TICKET_LIFE_MAX - Duration::from_nanos(1);
        assert_eq!(
            tickets.spend(&ann, ticket.as_bytes(), last).unwrap(),
            claim()
        );
        refused(&tickets, &ann, ticket.as_bytes(), last);
    }

    #[test]
    fn an_ended_ticket_is_refused() {
        let (tickets, ann, now) = (Tickets::new(10), person("ann"), Instant::now());
        let ticket = tickets.issue(&ann, claim(), now).unwrap();
        refused(&tickets, &ann, ticket.as_bytes(), now + TICKET_LIFE_MAX);
    }

    #[test]
    fn a_foreign_ticket_is_refused_and_gone() {
        let (tickets, now) = (Tickets::new(10), Instant::now());
        let (ann, bob, ann_again) = (person("ann"), person("bob"), person("ann"));
        let ticket = tickets.issue(&ann, claim(), now).unwrap();
        refused(&tickets, &bob, ticket.as_bytes(), now);
        refused(&tickets, &ann, ticket.as_bytes(), now);
        let ticket = tickets.issue(&ann, claim(), now).unwrap();
        refused(&tickets, &ann_again, ticket.as_bytes(), now);
    }

    #[test]
    fn what_is_no_ticket_is_refused_alike() {
        let (tickets, ann, now) = (Tickets::new(10), person("ann"), Instant::now());
        for bad in [&b""[..], &[0; TICKET_BYTES], &[0; TICKET_BYTES + 1]] {
            refused(&tickets, &ann, bad, now);
        }
    }

    #[test]
    fn the_store_is_bounded_and_forgets_the_ended() {
        let (tickets, ann, now) = (Tickets::new(2), person("ann"), Instant::now());
        for _ in 0..2 {
            tickets.issue(&ann, claim(), now).unwrap();
        }
        let outcome = tickets.issue(&ann, claim(), now).unwrap_err();
        assert_eq!(outcome.reason(), Reason::LimitExceeded);
        tickets.issue(&ann, claim(), now + TICKET_LIFE_MAX).unwrap();
    }

    #[test]
    fn a_ticket_does_not_print_itself() {
        let ticket = Tickets::new(1)
            .issue(&person("ann"), claim(), Instant::now())
            .unwrap();
        assert_eq!(format!("{ticket:?}"), "Ticket(…)");
    }
}
