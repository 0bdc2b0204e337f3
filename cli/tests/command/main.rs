//! The real `karez` from outside: what it prints where, with which exit code, and what it leaves on disk.
//!
//! `binary` runs it, `world` makes a home and a server; every other file is about one noun or one promise.

#[cfg(test)]
mod binary;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod classify;
#[cfg(test)]
mod completion;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod home;
#[cfg(test)]
mod identifiers;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod local;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod promises;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod story;
#[cfg(test)]
mod world;
