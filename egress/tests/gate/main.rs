//! The gate from outside: queries that pass, with answers counted by hand or by a plain twin, and the
//! attacks of the suite, one table of cases each.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod good;
#[cfg(test)]
mod property;
#[cfg(test)]
mod world;
