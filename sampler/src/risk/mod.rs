//! How many units of the population look like a unit of the sample?
//!
//! A unit's *class* is made of everything quasi-identifying that it shows in any table of the
//! scenario, as it will be released: the set of its tuples of quasi columns, table by table. A unit
//! whose class holds few units can be singled out by who knows those columns. Counting is exact, in
//! distinct units, over the full population, in three passes that the caller can spill to disk:
//!
//! ```text
//! rows ──Observer──▶ Observation ──by unit──▶ UnitCount ──▶ ClassRecord ──by class──▶ PopulationCount
//!                                                      └──▶ ClassRecord ──by class──▶ SampleCount ──▶ report, verdict
//! ```
//!
//! Both spreads go over P partitions ([`Observation::partition`], [`ClassRecord::partition`]); the
//! caller owns the spill files and encrypts them, since a record tells which units are alike. Peak
//! memory is that of one partition: population / P. [`measure`] does it all in memory.
//!
//! What is not in a class: how many rows a unit has with the same tuple, and columns of kind
//! `direct`, `sensitive` or `other`; those are the business of their own techniques.

mod canonical;
mod class_key;
mod classes;
mod gate;
mod measure;
mod observe;
#[cfg(test)]
mod reference;
mod report;
mod units;

pub use class_key::ClassKey;
pub use classes::{PopulationCount, SampleCount};
pub use gate::{Gate, K_MAX, Refusal, Verdict};
pub use measure::measure;
pub use observe::{Observation, Observer};
pub use report::{
    ClassSizes, DISTRIBUTION_MAX, Marketer, RiskReport, SampleRisk, SizeCount, Suppression,
    UnitRisk,
};
pub use units::{ClassRecord, Drawn, Side, UnitCount};

/// Spreads 64 evenly distributed bits over `partitions` numbers from 0; no partition at all is one.
fn spread(bits: u64, partitions: usize) -> usize {
    ((u128::from(bits) * partitions as u128) >> 64) as usize
}
