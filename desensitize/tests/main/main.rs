//! The crate from outside: the contract of every technique on every type, refusals, joins, broken input, hostile text.

#[cfg(test)]
mod alone;
#[cfg(test)]
mod columns;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod joins;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod tables;
