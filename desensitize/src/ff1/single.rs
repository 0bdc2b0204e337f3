//! FF1 (NIST SP 800-38G) over numbers below 2^120 a half, on crate `fpe`, one value at a time.
//!
//! Halves stay whole numbers through all ten rounds: no digit work inside rounds and no allocation.

use aes::{
    Aes256,
    cipher::{BlockCipherEncrypt, KeyInit},
};
use fpe::ff1::{FF1, NumeralString, Operations};

use crate::ColumnKey;

/// Bits of one half: one more byte of a round's digest still fits a `u128` while it is reduced.
const HALF_BITS_MAX: u32 = 120;

/// The radix, length or size is outside what FF1 or this kernel takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutsideFf1;

/// FF1 under one key and radix.
pub(crate) struct Ff1<C = Aes256> {
    cipher: FF1<C>,
    radix: u32,
}

impl Ff1<Aes256> {
    /// FF1-AES-256 under a column's key.
    pub(crate) fn new(key: &ColumnKey, radix: u32) -> Result<Self, OutsideFf1> {
        Self::with_cipher(key.bytes(), radix)
    }
}

impl<C: KeyInit + BlockCipherEncrypt + Clone> Ff1<C> {
    fn with_cipher(key: &[u8], radix: u32) -> Result<Self, OutsideFf1> {
        let cipher = FF1::new(key, radix).map_err(|_| OutsideFf1)?;
        Ok(Self { cipher, radix })
    }

    /// Encrypts numerals of this radix under a tweak; a permutation of the numeral strings of one length.
    pub(crate) fn encrypt(&self, tweak: &[u8], plain: Numerals) -> Result<Numerals, OutsideFf1> {
        self.cipher.encrypt(tweak, &plain).map_err(|_| OutsideFf1)
    }

    pub(crate) const fn radix(&self) -> u32 {
        self.radix
    }
}

/// A numeral string split into its two halves, each read as one number, most significant numeral first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numerals {
    high: Half,
    low: Half,
}

/// One half of a numeral string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Half {
    value: u128,
    /// `radix^numerals`.
    modulus: u128,
    numerals: u32,
    radix: u32,
}

impl Half {
    fn new(radix: u32, numerals: u32, value: u128) -> Result<Self, OutsideFf1> {
        let modulus = u128::from(radix).checked_pow(numerals).ok_or(OutsideFf1)?;
        if value >= modulus || modulus > 1 << HALF_BITS_MAX {
            return Err(OutsideFf1);
        }
        Ok(Self {
            value,
            modulus,
            numerals,
            radix,
        })
    }

    fn read(radix: u32, numerals: &[u16]) -> Result<Self, OutsideFf1> {
        let mut value = 0u128;
        for numeral in numerals.iter().copied().map(u32::from) {
            let shifted = value.checked_mul(u128::from(radix)).ok_or(OutsideFf1)?;
            value = shifted.checked_add(u128::from(numeral)).ok_or(OutsideFf1)?;
            if numeral >= radix {
                return Err(OutsideFf1);
            }
        }
        Self::new(
            radix,
            u32::try_from(numerals.len()).map_err(|_| OutsideFf1)?,
            value,
        )
    }

    fn write(mut self, numerals: &mut [u16]) {
        let radix = u128::from(self.radix);
        for numeral in numerals.iter_mut().rev() {
            *numeral = u16::try_from(self.value % radix).unwrap_or(0);
            self.value /= radix;
        }
    }
}

impl Numerals {
    /// Four numerals of a radix that hold a number below `radix^4`.
    #[cfg(test)]
    pub(crate) fn from_rank(radix: u32, rank: u64) -> Result<Self, OutsideFf1> {
        let square = u64::from(radix) * u64::from(radix);
        let half = |value: u64| Half::new(radix, 2, u128::from(value));
        Ok(Self {
            high: half(rank / square)?,
            low: half(rank % square)?,
        })
    }

    /// The number that four numerals hold.
    #[cfg(test)]
    pub(crate) fn rank(self) -> Option<u64> {
        u64::try_from(self.high.value * self.low.modulus + self.low.value).ok()
    }

    /// The two halves of a string of numerals below `radix`, the lower one longer where the length is odd.
    pub(crate) fn read(radix: u32, numerals: &[u16]) -> Result<Self, OutsideFf1> {
        let (high, low) = numerals
            .split_at_checked(numerals.len() / 2)
            .ok_or(OutsideFf1)?;
        Ok(Self {
            high: Half::read(radix, high)?,
            low: Half::read(radix, low)?,
        })
    }

    /// Writes the numerals back into a buffer of the length that was read.
    pub(crate) fn write(self, numerals: &mut [u16]) {
        if let Some((high, low)) = numerals.split_at_mut_checked(numerals.len() / 2) {
            self.high.write(high);
            self.low.write(low);
        }
    }
}

impl NumeralString for Numerals {
    type Ops = Half;

    fn is_valid(&self, radix: u32) -> bool {
        [self.high, self.low]
            .iter()
            .all(|half| half.radix == radix && half.value < half.modulus)
    }

    fn numeral_count(&self) -> usize {
        self.high.numeral_count() + self.low.numeral_count()
    }

    fn split(&self) -> (Half, Half) {
        (self.high, self.low)
    }

    fn concat(high: Half, low: Half) -> Self {
        Self { high, low }
    }
}

/// The last bytes of a big-endian number, as FF1's `STR` wants them.
pub(crate) struct BigEndian {
    bytes: [u8; 16],
    skip: usize,
}

impl AsRef<[u8]> for BigEndian {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(self.skip..).unwrap_or(&[])
    }
}

impl Operations for Half {
    type Bytes = BigEndian;

    fn numeral_count(&self) -> usize {
        usize::try_from(self.numerals).unwrap_or(usize::MAX)
    }

    fn to_be_bytes(&self, _: u32, length: usize) -> BigEndian {
        BigEndian {
            bytes: self.value.to_be_bytes(),
            skip: size_of::<u128>().saturating_sub(length),
        }
    }

    fn add_mod_exp(self, digest: impl Iterator<Item = u8>, _: u32, _: usize) -> Self {
        let sum = self.value + reduce(digest, self.modulus);
        Self {
            value: if sum >= self.modulus {
                sum - self.modulus
            } else {
                sum
            },
            ..self
        }
    }

    fn sub_mod_exp(self, digest: impl Iterator<Item = u8>, _: u32, _: usize) -> Self {
        let less = reduce(digest, self.modulus);
        let lent = if self.value < less { self.modulus } else { 0 };
        Self {
            value: self.value + lent - less,
            ..self
        }
    }
}

/// A big-endian number modulo a modulus of at most [`HALF_BITS_MAX`] bits, byte by byte.
fn reduce(bytes: impl Iterator<Item = u8>, modulus: u128) -> u128 {
    // Most halves fit 56 bits, where the division is a machine instruction.
    match u64::try_from(modulus) {
        Ok(modulus) if modulus <= 1 << 56 => u128::from(bytes.fold(0, |rest: u64, byte| {
            ((rest << 8) | u64::from(byte)) % modulus
        })),
        _ => bytes.fold(0, |rest, byte| ((rest << 8) | u128::from(byte)) % modulus),
    }
}

#[cfg(test)]
mod tests;
