//! The library behind the verifier: re-derives everything, trusts only the log's public key and the
//! regulator's trust list.

mod directory;
mod receipt;
mod report;
mod rules;
#[cfg(test)]
mod tests;

pub use directory::log_directory;
pub use receipt::{ResultFile, receipt};
pub use report::{Finding, Language, NotChecked, Place, Problem, Report};
