//! Strings of decimal digits to strings of as many digits; each length is a domain of its own.

use std::fmt;

use arrow::array::{Array, ArrayRef};

use super::FF1_PURPOSE;
use crate::{
    Fault, Unsuitable,
    broken::{Broken, Malformed},
    ff1::single::{Ff1, Numerals},
    folding::narrow,
    rewrite,
    technique::{Column, Kernel, Sentence},
};

/// Digits that are encrypted at least, so that the domain holds [`DOMAIN_MIN`](crate::DOMAIN_MIN) values.
pub const DIGITS_MIN: usize = 6;
/// Digits of a value at most: a half of them stays below 2^120.
pub const DIGITS_MAX: usize = 64;
/// The digits' radix.
const RADIX: u32 = 10;
/// What a valid value would have been.
const EXPECTED: &str = "a string of decimal digits long enough to hide among a million";

/// Encrypts texts of decimal digits, leading zeros kept; kept digits go into the tweak and out of the domain.
///
/// Full-width digits are narrowed and blanks at the ends dropped. Anything but digits, fewer than [`DIGITS_MIN`] digits
/// beside the kept ones, or more than [`DIGITS_MAX`] in all is broken input.
/// What a reader learns: the length, the kept digits, and which rows hold the same value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FpeDigits {
    /// The column domain; columns of one domain, and the same kept digits, join under one scenario key.
    pub domain: String,
    /// Digits kept at the beginning.
    pub keep_first: usize,
    /// Digits kept at the end.
    pub keep_last: usize,
    /// The length every value has, where it is known: too short a one is then refused before the run.
    pub length: Option<usize>,
}

impl FpeDigits {
    /// Digits of any length under a column domain, nothing kept.
    pub fn new(domain: impl Into<String>) -> Self {
        Self {
            domain: domain.into(),
            keep_first: 0,
            keep_last: 0,
            length: None,
        }
    }

    fn kept(&self) -> usize {
        self.keep_first.saturating_add(self.keep_last)
    }

    pub(crate) fn learnable(&self) -> Sentence {
        let Self {
            keep_first,
            keep_last,
            ..
        } = self;
        Sentence::new(
            format!(
                "the length, the first {keep_first} and last {keep_last} digits, and which rows hold the same value"
            ),
            format!("可知长度、前 {keep_first} 位与后 {keep_last} 位，以及哪些行取值相同"),
        )
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        let longest = self.length.unwrap_or(DIGITS_MAX);
        if longest > DIGITS_MAX || self.kept().saturating_add(DIGITS_MIN) > longest {
            return Err(self.refused(column));
        }
        let key = column.key()?.subkey(FF1_PURPOSE);
        let ff1 = Ff1::new(&key, RADIX).map_err(|_| self.refused(column))?;
        let mut prefix = b"karez/digits/v1".to_vec();
        // The domain name is of varying length; its length in front keeps any two tweaks apart.
        prefix.extend((self.domain.len() as u64).to_be_bytes());
        prefix.extend(self.domain.as_bytes());
        Ok(Box::new(DigitsKernel {
            ff1,
            prefix,
            first: self.keep_first,
            last: self.keep_last,
            length: self.length,
        }))
    }

    fn refused(&self, column: &Column<'_>) -> Unsuitable {
        match self.length {
            Some(length) if length <= DIGITS_MAX => {
                let left = length.saturating_sub(self.kept());
                Unsuitable::SmallDomain {
                    column: column.name(),
                    kept: format!("{} of {length} digits", self.kept()),
                    size: u32::try_from(left).ok().and_then(|left| 10u64.checked_pow(left)).unwrap_or(0),
                    nearest: match length.checked_sub(DIGITS_MIN) {
                        Some(most) => format!("at most {most} digits"),
                        None => "nothing and use `token`: the value is too short to encrypt".to_owned(),
                    },
                }
            }
            _ => column.parameter(format!(
                "takes values of at most {DIGITS_MAX} digits and needs {DIGITS_MIN} beside the kept ones; keep fewer"
            )),
        }
    }
}

impl fmt::Display for FpeDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} digits, first {} and last {} kept",
            self.domain, self.keep_first, self.keep_last
        )
    }
}

/// Encrypts the digits between the kept ones.
struct DigitsKernel {
    ff1: Ff1,
    /// The tweak's part that is the same for every value.
    prefix: Vec<u8>,
    first: usize,
    last: usize,
    length: Option<usize>,
}

/// Buffers that one batch reuses.
#[derive(Default)]
struct Buffers {
    digits: Vec<u16>,
    tweak: Vec<u8>,
}

impl DigitsKernel {
    fn encrypt(&self, value: &str, buffers: &mut Buffers) -> Option<()> {
        read_digits(value, &mut buffers.digits)?;
        let digits = &mut buffers.digits;
        if self.length.is_some_and(|length| length != digits.len()) {
            return None;
        }
        let length = u8::try_from(digits.len()).ok()?;
        let (head, rest) = digits.split_at_mut_checked(self.first)?;
        let (middle, tail) = rest.split_at_mut_checked(rest.len().checked_sub(self.last)?)?;
        if middle.len() < DIGITS_MIN {
            return None;
        }
        buffers.tweak.clear();
        buffers.tweak.extend(&self.prefix);
        buffers.tweak.push(length);
        for kept in [&*head, &*tail] {
            buffers.tweak.push(u8::try_from(kept.len()).ok()?);
            buffers
                .tweak
                .extend(kept.iter().filter_map(|digit| u8::try_from(*digit).ok()));
        }
        let plain = Numerals::read(self.ff1.radix(), middle).ok()?;
        self.ff1.encrypt(&buffers.tweak, plain).ok()?.write(middle);
        Some(())
    }
}

/// Reads trimmed, possibly full-width digits; none where there is anything else or too many.
fn read_digits(value: &str, digits: &mut Vec<u16>) -> Option<()> {
    digits.clear();
    for character in value.trim().chars().map(narrow) {
        if digits.len() == DIGITS_MAX {
            return None;
        }
        digits.push(u16::try_from(character.to_digit(RADIX)?).ok()?);
    }
    Some(())
}

impl Kernel for DigitsKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let mut buffers = Buffers::default();
        rewrite::text(column, broken, |value, out| {
            self.encrypt(value, &mut buffers)
                .ok_or(Malformed(EXPECTED))?;
            out.extend(
                buffers
                    .digits
                    .iter()
                    .filter_map(|digit| char::from_digit(u32::from(*digit), RADIX)),
            );
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
