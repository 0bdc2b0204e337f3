//! The service: the only owner of raw data, keys, configuration and state; wires the leaf crates.
#![forbid(unsafe_code)]

pub mod blobs;
pub mod client;
pub mod config;
pub mod files;
pub mod home;
pub mod intake;
pub mod keys;
pub mod local;
pub mod operations;
pub mod pki;
pub mod plan;
pub mod registry;
pub mod service;
pub mod vault;
pub mod worker;
