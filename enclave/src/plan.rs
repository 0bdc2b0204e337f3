//! From a policy document to what is done: a sample plan here, a governed query in [`crate::worker`].
//!
//! An obligation that cannot be carried out is refused here, at its place in the document, before any data is opened.

mod job;
mod measured;
mod recipe;
mod sample;

pub(crate) use job::is_hidden;
pub use job::job_columns;
pub use sample::{SamplePlan, TablePlan};

#[cfg(test)]
mod tests;
