//! The service from outside: a real server, real certificates, the typed client, a real worker.

mod denials;
mod harness;
mod story;
mod tickets;
