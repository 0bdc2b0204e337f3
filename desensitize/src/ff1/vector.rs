//! The rounds in vector registers; the one module of this crate with `unsafe`.
//!
//! What is unsafe here is of two kinds, each in one place per file: reading and writing whole arrays through vector
//! loads and stores, whose pointers come from references to arrays of that size; and calling a function compiled for
//! instructions that the build does not assume, which only [`Engine::new`] makes reachable, after asking the processor.
//! No pointer is computed from data, so no load can run past a column's buffer: text stays in safe code. The tests hold
//! this against memory between fences, in a module that is compiled for them only.
#![expect(
    unsafe_code,
    reason = "vector loads and instructions chosen at run time; see the module's text and each SAFETY note"
)]

mod avx2;
mod avx512;
#[cfg(test)]
mod fence;
mod keys;
mod text;

use std::arch::is_x86_feature_detected;

use super::{Alphabet, Direction, Kernel, kernel::Tile, plan::Plan, strings::Strings};
use keys::RoundKeys;

/// Whether this processor runs a kernel.
pub(crate) fn runs(kernel: Kernel) -> bool {
    match kernel {
        Kernel::Portable => true,
        Kernel::Avx2 => {
            is_x86_feature_detected!("aes")
                && is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
        }
        Kernel::Avx2Vaes => runs(Kernel::Avx2) && is_x86_feature_detected!("vaes"),
        Kernel::Avx512 => {
            is_x86_feature_detected!("aes")
                && is_x86_feature_detected!("vaes")
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vbmi")
        }
    }
}

/// An AES key for one of the vector kernels; its existence shows that the processor runs its kernel.
pub(crate) struct Engine {
    keys: RoundKeys,
    /// Any but the portable one.
    kernel: Kernel,
}

impl Engine {
    /// Expands an AES key; none where the processor lacks the kernel or the kernel is the portable one.
    pub(crate) fn new(kernel: Kernel, key: &[u8]) -> Option<Self> {
        if kernel == Kernel::Portable || !runs(kernel) {
            return None;
        }
        // SAFETY: every kernel but the portable one needs the AES instructions, and `runs` found them.
        let keys = unsafe { RoundKeys::expand(key) }?;
        Some(Self { keys, kernel })
    }

    /// Runs all rounds over a tile; false where the halves are wider than the kernel takes, and nothing was done.
    pub(crate) fn rounds(&self, plan: &Plan, direction: Direction, tile: &mut Tile) -> bool {
        let keys = &self.keys;
        match self.kernel {
            Kernel::Portable => return false,
            Kernel::Avx2 | Kernel::Avx2Vaes if !avx2::takes(plan) => return false,
            // SAFETY: an engine is made only after `runs` found the instructions of its kernel.
            Kernel::Avx2 => unsafe { avx2::narrow::rounds(keys, plan, direction, tile) },
            // SAFETY: as above.
            Kernel::Avx2Vaes => unsafe { avx2::wide::rounds(keys, plan, direction, tile) },
            // SAFETY: as above.
            Kernel::Avx512 => unsafe { avx512::rounds(keys, plan, direction, tile) },
        }
        true
    }

    /// Runs the AES blocks of a whole tile's rows, ten a row, and nothing of the arithmetic between them.
    pub(crate) fn aes_alone(&self, tile: &mut Tile) {
        let keys = &self.keys;
        match self.kernel {
            Kernel::Portable => {}
            // SAFETY: an engine is made only after `runs` found the instructions of its kernel.
            Kernel::Avx2 => unsafe { avx2::narrow::aes_alone(keys, tile) },
            // SAFETY: as above.
            Kernel::Avx2Vaes => unsafe { avx2::wide::aes_alone(keys, tile) },
            // SAFETY: as above.
            Kernel::Avx512 => unsafe { avx512::aes_alone(keys, tile) },
        }
    }

    /// How the kernel reads and writes strings of an alphabet and length; none where it leaves that to safe code.
    pub(crate) fn text(&self, alphabet: &Alphabet, plan: &Plan) -> Option<Text> {
        match self.kernel {
            Kernel::Portable | Kernel::Avx2 | Kernel::Avx2Vaes => None,
            Kernel::Avx512 => text::Text::new(alphabet, plan).map(Text),
        }
    }
}

/// Reads and writes the strings of an alphabet and length; its existence shows that the processor runs the code.
pub(crate) struct Text(text::Text);

impl Text {
    /// Reads the rows' halves into the tile; the rows with a character outside the alphabet have their bits set.
    pub(crate) fn read(&self, strings: &Strings, tile: &mut Tile) -> u64 {
        // SAFETY: only an engine makes this, after `runs` found the instructions that the function is compiled for.
        unsafe { self.0.read(strings, tile) }
    }

    /// Writes the characters of the tile's halves.
    pub(crate) fn write(&self, tile: &Tile, strings: &mut Strings) {
        // SAFETY: as in `read`.
        unsafe { self.0.write(tile, strings) }
    }
}
