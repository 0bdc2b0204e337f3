//! Which rows go into a sample, and is that sample safe?
//!
//! Two questions, answered without I/O, clock or entropy: everything random comes from a
//! [`SamplingKey`], so the same key, recipe and data give the same rows on every machine.
//!
//! * **Selection.** [`consistent_mask`] keeps *units* (persons): the same ones in every table of a
//!   scenario, so that joins still hit. [`UniformCut`] keeps an exact number of *rows* of one table.
//!   [`RowsHistogram`] turns `rows_max` into a lower [`Threshold`], once for all tables.
//! * **Risk.** [`risk`] counts, in distinct units over the full population, how many units look like
//!   each unit of the sample, and decides whether the sample may leave.
//!
//! All of it streams: memory is bounded by named constants, or falls with the number of partitions
//! that the caller chooses, and never grows with the number of rows.
//!
//! ```
//! use arrow::array::UInt64Array;
//! use sampler::{consistent_mask, SamplingKey, Threshold, UnitSet};
//!
//! let key = SamplingKey::new(&[7; 32]);
//! let half = Threshold::from_rate(0.5)?;
//! // The same unit is drawn in both tables, or in neither; a row without a unit is never drawn.
//! let persons = UInt64Array::from(vec![Some(11), Some(12), Some(13)]);
//! let claims = UInt64Array::from(vec![Some(13), None, Some(11), Some(11)]);
//! let none = UnitSet::default();
//! let in_persons = consistent_mask(&key, &persons, half, &none);
//! let in_claims = consistent_mask(&key, &claims, half, &none);
//! assert_eq!(in_persons.value(0), in_claims.value(2));
//! assert_eq!(in_persons.value(2), in_claims.value(0));
//! assert!(!in_claims.value(1));
//! # Ok::<(), sampler::SampleError>(())
//! ```

mod consistent;
mod error;
mod point;
pub mod risk;
mod rows_max;
mod threshold;
mod uniform;
mod units;

pub use consistent::{consistent_mask, drop_suppressed};
pub use error::SampleError;
pub use point::{PointDomain, SamplingKey};
pub use rows_max::{RowsHistogram, lowered_threshold};
pub use threshold::Threshold;
pub use uniform::{UniformCut, uniform_rows};
pub use units::UnitSet;
