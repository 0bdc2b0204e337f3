//! A tree that keeps the hash of every complete subtree, so that proofs of any size are quick.

use super::hash::{empty_root, node_hash};
use super::proof::ProofError;
use crate::digest::Digest;

/// All hashes of a growing tree: 64 bytes of memory per leaf.
#[derive(Debug, Clone, Default)]
pub struct StoredTree {
    /// `levels[h][i]` is the root of the leaves from `i * 2^h` up to `(i + 1) * 2^h`.
    levels: Vec<Vec<Digest>>,
}

impl StoredTree {
    /// How many leaves the tree has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// The hash of a leaf, if it is there.
    #[must_use]
    pub fn leaf(&self, index: u64) -> Option<Digest> {
        self.node(0, index)
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut hash = leaf;
        let mut level = 0;
        loop {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(nodes) = self.levels.get_mut(level) else {
                return;
            };
            nodes.push(hash);
            let [.., left, right] = nodes.as_slice() else {
                return;
            };
            if nodes.len() % 2 == 1 {
                return;
            }
            hash = node_hash(left, right);
            level += 1;
        }
    }

    /// The root over the first `size` leaves.
    ///
    /// # Errors
    /// [`ProofError::Range`] when the tree has fewer.
    pub fn root(&self, size: u64) -> Result<Digest, ProofError> {
        match size {
            0 => Ok(empty_root()),
            _ => self.range(0, size),
        }
    }

    /// The proof that leaf `index` is in the tree of the first `size` leaves: the siblings from
    /// the leaf up (RFC 6962 section 2.1.1).
    ///
    /// # Errors
    /// [`ProofError::Range`] unless `index < size` and the tree has `size` leaves.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, ProofError> {
        if index >= size || size > self.size() {
            return Err(ProofError::Range);
        }
        let (mut from, mut to) = (0, size);
        let mut path = Vec::new();
        while to - from > 1 {
            let middle = from + split(to - from);
            if index < middle {
                path.push(self.range(middle, to)?);
                to = middle;
            } else {
                path.push(self.range(from, middle)?);
                from = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// The proof that the tree of the first `old` leaves is a prefix of that of the first `new`
    /// (RFC 6962 section 2.1.2).
    ///
    /// # Errors
    /// [`ProofError::Range`] unless `0 < old <= new` and the tree has `new` leaves.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, ProofError> {
        if old == 0 || old > new || new > self.size() {
            return Err(ProofError::Range);
        }
        let (mut from, mut to) = (0, new);
        let mut path = Vec::new();
        while to != old {
            let middle = from + split(to - from);
            if old <= middle {
                path.push(self.range(middle, to)?);
                to = middle;
            } else {
                path.push(self.range(from, middle)?);
                from = middle;
            }
        }
        if from != 0 {
            path.push(self.range(from, to)?);
        }
        path.reverse();
        Ok(path)
    }

    /// The root of the leaves from `from` up to `to`, where `from` is where the tree splits.
    fn range(&self, from: u64, to: u64) -> Result<Digest, ProofError> {
        let size = to - from;
        if size.is_power_of_two() {
            let level = size.trailing_zeros();
            return self.node(level, from >> level).ok_or(ProofError::Range);
        }
        let middle = from + split(size);
        Ok(node_hash(
            &self.range(from, middle)?,
            &self.range(middle, to)?,
        ))
    }

    fn node(&self, level: u32, index: u64) -> Option<Digest> {
        let nodes = self.levels.get(level as usize)?;
        nodes.get(usize::try_from(index).ok()?).copied()
    }
}

/// The largest power of two below `size`, for `size` of two or more (RFC 6962's `k`).
const fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}
