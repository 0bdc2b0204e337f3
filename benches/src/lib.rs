//! Every promised number, measured: one file in `benches/benches/` per promise, one command for each.
//!
//! ```text
//! cargo bench -p benches                     all of them
//! cargo bench -p benches -- sample-memory    the one with this name
//! ```
//!
//! A bench measures the program as it ships (profile `bench`, which is `dist`), prints a table for a person and one
//! line of JSON for a program, and fails when a promise of `SPECIFICATION.md` is not kept. A new one is a file whose
//! `main` hands its [`Bench`] to [`run`], and an entry in `Cargo.toml`.

mod arguments;
mod child;
mod error;
mod karez;
mod machine;
mod report;
mod run;
#[cfg(test)]
mod specification;

pub use child::{Usage, run_child};
pub use error::BenchError;
pub use karez::{build_karez, workspace};
pub use machine::Machine;
pub use report::{Measured, Promise, Report};
pub use run::{Bench, run};
