//! The system from outside: bad input, crashes, equal refusals, receipts, and what must never appear anywhere.
//!
//! Programs under test are the built ones ([`binary`]); tables are invented, and where it matters every identifier
//! cell of them is a canary ([`canary`]).

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod receipt;
#[cfg(test)]
mod same_refusals;
#[cfg(test)]
mod service;
#[cfg(test)]
mod techniques;
