//! The service: the only owner of raw data, keys, configuration and state; wires the leaf crates.
#![forbid(unsafe_code)]

pub mod client;
pub mod config;
pub mod home;
pub mod pki;
pub mod service;
