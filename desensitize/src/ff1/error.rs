//! What FF1 refuses. No variant carries a numeral, a rank or a key.

use thiserror::Error;

use super::Cipher;

/// The key, the shape or a value is outside what FF1 takes; nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Outside {
    /// The key has another length than the cipher's.
    #[error("`{}` takes a key of {} bytes, not of {found}", cipher.id(), cipher.key_bytes())]
    KeyBytes {
        /// The cipher.
        cipher: Cipher,
        /// Bytes given.
        found: usize,
    },
    /// The radix is none of FF1's.
    #[error("radix {radix} is outside 2 to 65536")]
    Radix {
        /// The radix given.
        radix: u32,
    },
    /// An alphabet of characters was asked for that has none or too many.
    #[error("an alphabet has 2 to 36 symbols, not {radix}")]
    Alphabet {
        /// The radix given.
        radix: u32,
    },
    /// A separator is a numeral of its alphabet, or no character of ASCII.
    #[error("a separator is a character of ASCII that is no numeral")]
    Separator,
    /// Fewer than [`DOMAIN_MIN`](super::DOMAIN_MIN) values exist, so that encryption would hide nothing.
    #[error(
        "{numerals} numerals of radix {radix} hold fewer than 1000000 values; encrypt longer strings"
    )]
    Short {
        /// Numerals of the string.
        numerals: usize,
        /// Their radix.
        radix: u32,
    },
    /// A permutation of fewer than [`DOMAIN_MIN`](super::DOMAIN_MIN) numbers was asked for.
    #[error("a domain of {size} values is smaller than 1000000; keep less of the value")]
    Small {
        /// The size given.
        size: u64,
    },
    /// A numeral is not below the radix.
    #[error("the numeral at position {position} is not below radix {radix}")]
    Numeral {
        /// Position of the first such numeral, from 0.
        position: usize,
        /// The radix.
        radix: u32,
    },
    /// A rank is not below the size of its domain.
    #[error("the rank at position {position} is not below {size}")]
    Rank {
        /// Position of the first such rank, from 0.
        position: usize,
        /// The domain's size.
        size: u64,
    },
    /// An index names no tweak.
    #[error("row {position} names a tweak that was not given")]
    Tweak {
        /// Position of the first such row, from 0.
        position: usize,
    },
    /// The tweak is longer than FF1 can say.
    #[error("a tweak holds at most 65535 bytes")]
    TweakLength,
}
