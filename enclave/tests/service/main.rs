//! The service from outside: a real server, real certificates, the typed client, a real worker.

#[cfg(test)]
mod copies;
#[cfg(test)]
mod denials;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod reversals;
#[cfg(test)]
mod story;
#[cfg(test)]
mod tickets;
