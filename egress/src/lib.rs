//! May this result leave?
//!
//! `egress` takes a requester's SQL and a [`Governance`], and either refuses it with a typed
//! [`Refusal`] or makes a [`GovernedQuery`] that can be [`run`] over raw sources inside a jailed
//! worker. What comes out holds only groups with at least k distinct protected units behind every
//! number. [`rebuild`] then reads a worker's output without trusting it.
//!
//! ```text
//! SQL ── parse ── plan ── analyze ── split at the aggregate
//!                                      │            │
//!                     below: labels, total          above: sees published
//!                     expressions, hidden units     groups only
//!                                      │            │
//!          barrier scans ── stage 1 ── drop groups under k ── stage 2 ── contract ── Released
//! ```
//!
//! Words of the engine never reach a requester: they quote values.

mod band;
mod barrier;
mod catalog;
mod evidence;
mod expression;
mod functions;
mod govern;
mod governance;
mod lower;
mod measure;
mod order;
pub mod rebuild;
mod recheck;
mod refusal;
mod row_filter;
mod rule;
mod run;
mod scans;
mod syntax;
mod total;
mod upper;

pub use band::{BAND_HUNDRED, BAND_TEN, Band};
pub use expression::MAX_EXPRESSION_DEPTH;
pub use govern::{GovernedQuery, govern};
pub use governance::{
    ColumnType, Contract, Governance, GovernedColumn, GovernedTable, Kind, TableName, UNIT_PREFIX,
    Use, unit_column,
};
pub use measure::{MAX_FACTOR, MAX_SUMMED_DIGITS};
pub use rebuild::{MAX_OUTPUT_BYTES, MAX_OUTPUT_MESSAGES, Rebuilt, rebuild, write_ipc};
pub use refusal::{Confidential, Message, Place, Reason, Refusal};
pub use row_filter::{Comparison, Constant, RowFilter};
pub use rule::Rule;
pub use run::{Released, RunLimits, run};
pub use syntax::{MAX_SQL_BYTES, MAX_SQL_DEPTH, MAX_SQL_TOKENS};
