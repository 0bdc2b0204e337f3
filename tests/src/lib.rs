//! The system from outside: end to end, attacks, and the shape of the workspace itself.
//!
//! Everything is in `tests/tests/`; this library is empty.
