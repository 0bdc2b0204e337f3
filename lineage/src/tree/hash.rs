//! The two hashes of RFC 6962 section 2.1; their prefixes keep a leaf from passing as a node.

use crate::digest::Digest;

const LEAF_PREFIX: [u8; 1] = [0x00];
const NODE_PREFIX: [u8; 1] = [0x01];

/// The hash of a leaf's bytes.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    Digest::of_parts(&[&LEAF_PREFIX, leaf])
}

/// The hash of a node from its two children.
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of_parts(&[&NODE_PREFIX, left.as_bytes(), right.as_bytes()])
}

/// The root of a tree without leaves: the hash of nothing.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(b"")
}
