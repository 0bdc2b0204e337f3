//! From when until when a certificate is valid.

use super::{DAYS_MAX, PkiError};
use std::time::{Duration, SystemTime};

/// How far a certificate's begin lies back, so that a client whose clock is behind accepts it.
const CLOCK_SKEW: Duration = Duration::from_secs(300);

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A certificate's validity (RFC 5280, 4.1.2.5), in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First instant at which it is valid.
    pub not_before: SystemTime,
    /// Last instant at which it is valid.
    pub not_after: SystemTime,
}

impl Validity {
    /// From five minutes before `now`, for a number of days.
    ///
    /// # Errors
    /// [`PkiError::Days`] outside 1 to [`DAYS_MAX`].
    pub fn days(now: SystemTime, days: u32) -> Result<Self, PkiError> {
        if days == 0 || days > DAYS_MAX {
            return Err(PkiError::Days { days });
        }
        Ok(Self {
            not_before: now - CLOCK_SKEW,
            not_after: now + DAY * days,
        })
    }

    /// A validity that ended a day before `now`: for tests and drills of what happens then.
    #[must_use]
    pub fn ended(now: SystemTime) -> Self {
        Self {
            not_before: now - DAY * 2,
            not_after: now - DAY,
        }
    }
}
