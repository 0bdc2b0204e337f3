//! An identifier taken apart: what stays in the surrogate, and the number that is encrypted.

use std::hash::Hash;

/// Bytes of the parts that stay, at most: the eight characters of a credit code, or the signs of a plate.
const CARRIED_BYTES_MAX: usize = 12;

/// The parts that stand in the surrogate as they stood in the original.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Carried {
    bytes: [u8; CARRIED_BYTES_MAX],
    length: usize,
}

impl Carried {
    /// Parts one after the other; none where they are longer than any identifier's.
    pub(super) fn of(parts: &[&str]) -> Option<Self> {
        let mut carried = Self {
            bytes: [0; CARRIED_BYTES_MAX],
            length: 0,
        };
        for byte in parts.iter().flat_map(|part| part.bytes()) {
            *carried.bytes.get_mut(carried.length)? = byte;
            carried.length += 1;
        }
        Some(carried)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or("")
    }

    /// The first bytes alone.
    pub(super) fn first(mut self, length: usize) -> Self {
        self.length = self.length.min(length);
        for byte in self.bytes.iter_mut().skip(self.length) {
            *byte = 0;
        }
        self
    }
}

/// A valid identifier as a number of one of its numbering's spaces.
#[derive(Clone, Copy)]
pub(super) struct Split {
    pub(super) carried: Carried,
    /// How many bytes of `carried` select the permutation; the others only stay.
    pub(super) tweaked: usize,
    /// Which of [`Numbering::sizes`](super::Numbering::sizes) the rank is below.
    pub(super) space: usize,
    pub(super) rank: u64,
}

impl Split {
    /// A split whose carried parts all select the permutation.
    pub(super) fn new(carried: &[&str], space: usize, rank: u64) -> Option<Self> {
        let carried = Carried::of(carried)?;
        Some(Self {
            carried,
            tweaked: carried.length,
            space,
            rank,
        })
    }

    /// The same, with only the first so many bytes selecting it.
    pub(super) const fn tweaked_by(mut self, bytes: usize) -> Self {
        self.tweaked = bytes;
        self
    }
}
