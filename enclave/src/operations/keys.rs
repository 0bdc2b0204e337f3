//! Statement keys: with which people sign approvals off the host.

use lineage::event::KeyEnrolled;
use lineage::{Leaf, PublicKey};
use policy::{Action, Kind};

use super::access::Admitted;
use super::{Call, Enclave, Failure};

impl Enclave {
    /// Enrols the caller's public statement key. What counts for the verifier is the regulator's trust list.
    ///
    /// # Errors
    /// [`super::Reason::AccessDenied`].
    pub fn enrol_key(
        &self,
        call: &Call,
        parent: &str,
        public_key: PublicKey,
    ) -> Result<Leaf, Failure> {
        let _in_flight = self.take(call)?;
        let admission = self.admission();
        let resource = self.resource(Kind::Tenant, parent)?;
        match self.admit(&admission, call, Action::KeyEnrol, &resource, true)? {
            Admitted::Before(leaf) => return Ok(*leaf),
            Admitted::Now(_) => {}
        }
        let duty = call
            .actor
            .duty()
            .ok_or_else(|| Failure::internal("actor"))?;
        let body = KeyEnrolled {
            organisation: call.principal.organisation().to_string(),
            duty,
            person: call.principal.person().to_string(),
            public_key,
        };
        self.answer(&admission, call, body)
    }
}
