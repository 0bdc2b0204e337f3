//! The named limits. Each has a default, a range, and a reason.

use super::{ConfigError, value};
use lineage::event::PENDING_SECONDS_MAX;
use serde::Deserialize;
use std::ops::RangeInclusive;

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
const GIB: u64 = 1024 * MIB;

/// Declares one table of numbers: struct, defaults, range check and the template's lines.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident, $section:literal;
     $($(#[doc = $text:literal])+ $field:ident = $default:expr, $range:expr;)+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[doc = $text])+ pub $field: u64,)+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $name {
            pub(super) fn check(&self) -> Result<(), ConfigError> {
                $(in_range(concat!($section, ".", stringify!($field)), self.$field, $range)?;)+
                Ok(())
            }

            /// The table with comments and defaults, as it stands in a fresh `karez.toml`.
            pub(super) fn template() -> String {
                let mut out = format!("[{}]\n", $section);
                $($(out.push_str(concat!("#", $text, "\n"));)+
                out.push_str(&format!("{} = {}\n", stringify!($field), $default));)+
                out
            }
        }
    };
}

table! {
    /// Bounds of every queue, buffer and run (invariant 10).
    Limits, "limits";
    /// Longest upload of a data set, in bytes; it is spooled encrypted to disk.
    upload_bytes_max = 16 * GIB, 1..=64 * 1024 * GIB;
    /// Longest single gRPC message, in bytes; larger ones are refused before they are read.
    message_bytes_max = 4 * MIB, 64 * KIB..=64 * MIB;
    /// Calls served at the same time, over all connections; more are told to come back.
    calls_max = 256, 1..=65_536;
    /// Calls at the same time on one connection (HTTP/2 streams).
    connection_calls_max = 64, 1..=1024;
    /// Longest duration of a call, in seconds; watching and uploads included.
    call_seconds_max = 3600, 1..=24 * 3600;
    /// Time that running calls are given when the service stops, in seconds.
    drain_seconds_max = 30, 1..=3600;
    /// Tickets that wait to be spent; more are refused until some end.
    tickets_max = 10_000, 1..=1_000_000;
    /// Jobs that run at the same time.
    jobs_max = 1, 1..=256;
    /// Jobs that wait for their turn.
    jobs_queued_max = 64, 1..=10_000;
    /// Memory of one job, in bytes: pool and output together.
    job_memory_bytes = 2 * GIB, 64 * MIB..=1024 * GIB;
    /// Reversals that one provider may ask for within 24 hours.
    reversals_per_day_max = 20, 0..=10_000;
    /// Time in which a second person answers a reversal or a key's destruction, and the original is taken, in seconds.
    second_person_seconds_max = 72 * 3600, 2..=PENDING_SECONDS_MAX;
    /// Wall-clock time of one job, in seconds; then it is killed.
    job_seconds_max = 600, 1..=24 * 3600;
}

table! {
    /// The platform's least protection; a policy document may be stricter, never weaker.
    Floor, "floor";
    /// Distinct protected units in a released group or sample class, at least.
    k = 5, 2..=1_000_000;
    /// Rows of one released result, at most.
    rows_max = 100_000, 1..=100_000_000;
}

fn in_range(key: &'static str, given: u64, range: RangeInclusive<u64>) -> Result<(), ConfigError> {
    match range.contains(&given) {
        true => Ok(()),
        false => {
            let (low, high) = range.into_inner();
            let problem = format!("is {given}: expected {low} to {high}");
            Err(value(key, problem))
        }
    }
}
