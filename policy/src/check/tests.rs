//! Policies against schemas.
