//! The crate from outside: the contract of every technique on every type, refusals, joins, broken input, hostile text.

mod columns;
mod contract;
mod hostile;
mod joins;
mod refusals;
mod tables;
