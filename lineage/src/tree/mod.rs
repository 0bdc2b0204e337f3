//! The Merkle tree of RFC 6962: hashes, roots and proofs.

mod frontier;
mod hash;
mod proof;
mod stored;

pub use frontier::Frontier;
pub use hash::{empty_root, leaf_hash, node_hash};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use stored::StoredTree;

#[cfg(test)]
mod tests;
