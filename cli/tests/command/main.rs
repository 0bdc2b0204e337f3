//! The real `karez` from outside: what it prints where, with which exit code, and what it leaves on disk.
//!
//! `binary` runs it, `world` makes a home and a server; every other file is about one noun or one promise.

mod binary;
mod completion;
mod demo;
mod doctor;
mod home;
mod local;
mod policy;
mod promises;
mod serve;
mod story;
mod world;
