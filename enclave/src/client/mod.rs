//! The typed client of `karez.v1` that the command line and the demo use.

mod connect;
mod deadline;
mod failure;
mod table;
mod transfer;

pub use connect::Client;
pub use deadline::{CALL_TIME_DEFAULT, Deadline};
pub use failure::{ClientError, Failure};
/// The messages of the calls.
pub use karez_proto::v1;
pub use table::Table;
