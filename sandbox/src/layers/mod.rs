//! One file per layer; each puts its layer in force on the calling process and says what exactly is in force.

pub(crate) mod descriptors;
pub(crate) mod identity;
pub(crate) mod landlock;
pub(crate) mod limits;
pub(crate) mod namespaces;
pub(crate) mod privileges;
pub(crate) mod root;
mod seccomp;

pub(crate) use seccomp::Filters;
