//! Statement keys known to the service.

use lineage::event::KeyEnrolled;
use lineage::{Duty, PublicKey};

/// A person's public statement key.
#[derive(Debug, Clone)]
pub struct EnrolledKey {
    /// The person's organisation.
    pub organisation: String,
    /// The duty under which the person signs.
    pub duty: Duty,
    /// The person.
    pub person: String,
    /// The key.
    pub public_key: PublicKey,
}

impl From<&KeyEnrolled> for EnrolledKey {
    fn from(body: &KeyEnrolled) -> Self {
        Self {
            organisation: body.organisation.clone(),
            duty: body.duty,
            person: body.person.clone(),
            public_key: body.public_key,
        }
    }
}
