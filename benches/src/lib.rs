//! Every promised number, measured: one file in `benches/benches/` per promise, one command for each.
//!
//! ```text
//! cargo bench -p benches                     all of them
//! cargo bench -p benches -- sample-memory    the one with this name
//! cargo bench -p benches -- desensitize      the ones of this set: every kernel over columns
//! ```
//!
//! A bench measures the program as it ships (profile `bench`, which is `dist`), prints a table for a person and one
//! line of JSON for a program, and fails when a promise of `SPECIFICATION.md` is not kept. A new one is a file whose
//! `main` hands its [`Bench`] to [`run`], and an entry in `Cargo.toml`.
//!
//! Two kinds of measurement: a child process by the kernel's account of it ([`run_child`]), and kernels in this process
//! beside their peers or limits ([`side_by_side`]), by the processor time of the thread.

mod arguments;
mod child;
mod columns;
mod error;
mod floor;
mod karez;
mod machine;
mod polars;
mod report;
mod run;
mod side_by_side;
#[cfg(test)]
mod specification;

pub use child::{Usage, run_child};
pub use columns::{Draw, ROWS, texts};
pub use error::BenchError;
pub use floor::two_compressions;
pub use karez::{build_karez, workspace};
pub use machine::Machine;
pub use polars::Polars;
pub use report::{Bound, Measured, Promise, Report};
pub use run::{Bench, run};
pub use side_by_side::{METHOD, ROUNDS, SideBySide, Way, side_by_side};
