//! FF1, format-preserving encryption of NIST SP 800-38G, in batches.
//!
//! ```text
//!  Cipher + key bytes ─► Ff1Key ─┬─ Ff1         one string of numerals of any length
//!                                ├─ RankCipher  a permutation of 0..size over &mut [u64]
//!                                └─ TextCipher  a text column in, a text column out
//! ```
//!
//! One [`Plan`](plan::Plan) per radix and length holds what all rows share; 64 rows are in flight; halves stay whole
//! numbers through all ten rounds. What does not fit halves of 56 bits goes through crate `fpe` and its big integers,
//! behind the same functions. Results are the same on every machine and under every [`Kernel`].

mod alphabet;
mod cipher;
mod error;
mod kernel;
mod key;
mod numerals;
mod plan;
mod portable;
mod rank;
mod strings;
mod text;
#[cfg(target_arch = "x86_64")]
mod vector;
mod wide;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

pub use alphabet::{Alphabet, Letters};
pub use cipher::Cipher;
pub use error::Outside;
pub(crate) use kernel::Tile;
pub use kernel::{Kernel, aes_alone};
pub use key::Ff1Key;
pub use numerals::Ff1;
pub use plan::TweakState;
pub use rank::RankCipher;
pub(crate) use rank::RankQueue;
pub use text::{Kept, TextCipher};

/// Values a domain holds at least (SP 800-38G Rev. 1, section 5.1: radix^minlen ≥ 1,000,000).
pub const DOMAIN_MIN: u64 = 1_000_000;
/// The largest radix of FF1 (SP 800-38G, section 5.1).
pub const RADIX_MAX: u32 = 1 << 16;
/// Rows that are encrypted side by side: crate `aes` keeps its widest registers busy with 64 blocks.
pub(crate) const TILE_ROWS: usize = 64;
/// Rounds of FF1 (SP 800-38G, algorithm 7, step 6).
pub(crate) const ROUNDS: u8 = 10;

/// Which way through the rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Encrypt,
    Decrypt,
}
