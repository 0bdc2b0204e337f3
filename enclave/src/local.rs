//! The pipeline without network and approvals: `serve`, `sample run` and `logic run` call these functions.

mod check;
mod classes;
mod classify;
mod draw;
mod failure;
mod gather;
mod logic;
mod progress;
mod report;
mod sample;
mod spill;
mod standalone;
#[cfg(test)]
mod tests;

pub use check::{PolicyCheck, check_policy};
pub use classify::{Classified, ClassifyRun, ColumnFinding, RateFound, Reason, classify, term};
pub use draw::{Batches, Draw, Drawing, Open, Released, TableCounts};
pub use failure::SampleFailure;
pub use logic::{LogicRun, run_logic};
pub use progress::{Progress, Stage};
pub use report::{REPORT_FORMAT, SampleReport};
pub use sample::{SampleFiles, Writing, write_sample};
pub use standalone::{Inputs, RunError, SampleRun, run_sample};

/// The language in which the faults of a document are told.
pub use policy::Lang;
