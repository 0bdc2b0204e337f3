//! Messages of the service as the JSON that is shown; a field keeps its name from the `.proto` files.

mod dataset;
mod destruction;
mod entry;
mod job;
mod product;
mod reversal;
mod sample;
mod scenario;

pub(crate) use dataset::{dataset, encoding};
pub(crate) use destruction::{destruction, destruction_reason};
pub(crate) use entry::{Answered, log_entry, refusal_text};
pub(crate) use job::{job, job_state};
pub(crate) use product::{binding, product};
pub(crate) use reversal::reversal;
pub(crate) use sample::sample;
pub(crate) use scenario::scenario;
