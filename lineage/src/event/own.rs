//! Events of the log itself.

use serde::{Deserialize, Serialize};

use super::Body;
use crate::name::{LOG_STREAM, NameError};

/// The log begins; always its first leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogCreated {
    /// The log's name, the first line of every checkpoint.
    pub origin: String,
}

/// A torn tail was cut when the log was opened after a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRecovered {
    /// How many bytes were cut.
    pub cut_bytes: u64,
    /// The segment's file name.
    pub segment: String,
}

macro_rules! own {
    ($body:ty) => {
        impl Body for $body {
            fn subject(&self) -> String {
                LOG_STREAM.to_owned()
            }
            fn check(&self, _tenant: &str) -> Result<(), NameError> {
                Ok(())
            }
            fn stream(&self, _tenant: &str) -> String {
                LOG_STREAM.to_owned()
            }
        }
    };
}

own!(LogCreated);
own!(LogRecovered);
