//! The rounds in vector registers; the one module of this crate with `unsafe`.
//!
//! What is unsafe here is of two kinds, each in one place per file: reading and writing whole arrays through vector
//! loads and stores, whose pointers come from references to arrays of that size; and calling a function compiled for
//! instructions that the build does not assume, which only [`Engine::new`] makes reachable, after asking the processor.
//! No pointer is computed from data, so no load can run past a column's buffer: text stays in safe code.
#![expect(
    unsafe_code,
    reason = "vector loads and instructions chosen at run time; see the module's text and each SAFETY note"
)]

mod avx512;
mod keys;

use std::arch::is_x86_feature_detected;

use super::{Direction, Kernel, kernel::Tile, plan::Plan};
use keys::RoundKeys;

/// Whether this processor runs a kernel.
pub(crate) fn runs(kernel: Kernel) -> bool {
    match kernel {
        Kernel::Portable => true,
        Kernel::Avx512 => {
            is_x86_feature_detected!("aes")
                && is_x86_feature_detected!("vaes")
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
        }
    }
}

/// An AES key for the vector kernels; its existence shows that the processor runs its kernel.
pub(crate) enum Engine {
    Avx512(RoundKeys),
}

impl Engine {
    /// Expands an AES key; none where the processor lacks the kernel or the kernel is the portable one.
    pub(crate) fn new(kernel: Kernel, key: &[u8]) -> Option<Self> {
        if !runs(kernel) {
            return None;
        }
        match kernel {
            Kernel::Portable => None,
            // SAFETY: `runs` found the AES instructions.
            Kernel::Avx512 => Some(Self::Avx512(unsafe { RoundKeys::expand(key) }?)),
        }
    }

    /// Runs all rounds over a tile.
    pub(crate) fn rounds(&self, plan: &Plan, direction: Direction, tile: &mut Tile) {
        match self {
            // SAFETY: an engine of this kind is made only after `runs` found the instructions it is compiled for.
            Self::Avx512(keys) => unsafe { avx512::rounds(keys, plan, direction, tile) },
        }
    }

    /// Runs the AES blocks of a whole tile's rows, ten a row, and nothing of the arithmetic between them.
    pub(crate) fn aes_alone(&self, tile: &mut Tile) {
        match self {
            // SAFETY: an engine of this kind is made only after `runs` found the instructions it is compiled for.
            Self::Avx512(keys) => unsafe { avx512::aes_alone(keys, tile) },
        }
    }
}
