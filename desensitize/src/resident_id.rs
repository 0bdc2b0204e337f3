//! 居民身份证号 (GB 11643-1999): region (6), birth date (8), sequence (3, odd = male), check character.
//!
//! Parsing accepts what is met in real tables: the 15-digit legacy form, full-width digits, lower-case x, blanks.
//! [`Domain`] is the versioned set of ids that encryption permutes.

mod codec;
mod domain;
mod kept;
mod layout;
mod population;
mod sizes;

use std::fmt;

use thiserror::Error;

use crate::{
    calendar::{civil_from_days, days_from_civil, is_day},
    folding::narrow,
};

pub(crate) use codec::{Check, Codec, Rows};
pub use domain::{
    BirthDates, DOMAIN_DIGEST_BYTES, DOMAIN_VERSION, Domain, FIRST_YEAR, LAST_YEAR, NotBirthDates,
};
pub use kept::{BirthPart, Kept, Part, RegionPart};
pub(crate) use layout::{Layout, Parts, Subdomain};
pub use sizes::{DomainSize, DomainSizes};

/// The check characters by remainder modulo 11.
const CHECK_ALPHABET: [u8; 11] = *b"10X98765432";
/// The same characters in counting order; a marked id carries the one after the right one, 9 before X and X before 0.
const COUNTING_ALPHABET: [u8; 11] = *b"0123456789X";
/// Weights of the 17 digits.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// Characters of an id.
pub const ID_BYTES: usize = 18;
/// Digits of the legacy form, without century and check character.
const LEGACY_DIGITS: usize = 15;
/// Where a legacy id lacks its century, and the century it lacks.
const LEGACY_CENTURY: (usize, [u8; 2]) = (6, *b"19");

/// A resident's id whose date exists and whose check character is right.
///
/// Personal data: `Debug` prints `…`.
///
/// ```
/// use desensitize::resident_id::ResidentId;
///
/// let id = ResidentId::parse("11010519491231002x")?;
/// assert_eq!((id.region(), id.birth_date(), id.sequence(), id.is_male()), (110105, (1949, 12, 31), 2, false));
/// // A legacy id is the same person.
/// assert_eq!(ResidentId::parse("110105491231002")?, id);
/// # Ok::<(), desensitize::resident_id::NotResidentId>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ResidentId {
    region: u32,
    birth_day: i32,
    sequence: u16,
}

/// Why a text is not a resident id; which text, it does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotResidentId {
    /// Neither 18 characters nor 15.
    #[error("a resident id has 18 characters, or 15 in its legacy form")]
    Length,
    /// A character that no id has at this place.
    #[error("a resident id has digits only, and a digit or X at its end")]
    Character,
    /// The region begins with 0.
    #[error("no region of a resident id begins with 0")]
    Region,
    /// The calendar has no such day.
    #[error("the birth date of this resident id does not exist")]
    Birth,
    /// Sequence 000.
    #[error("the sequence of a resident id runs from 001 to 999")]
    Sequence,
    /// The check character is another.
    #[error("the check character of this resident id is wrong")]
    Check,
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResidentId(…)")
    }
}

impl ResidentId {
    /// Reads an id in any accepted spelling.
    ///
    /// # Errors
    /// [`NotResidentId`]: the first rule of GB 11643 that the text breaks.
    pub fn parse(text: &str) -> Result<Self, NotResidentId> {
        let (digits, check) = canonical(text)?;
        let id = Self::from_digits(&digits)?;
        if check.is_some_and(|check| check != check_character(&digits)) {
            return Err(NotResidentId::Check);
        }
        Ok(id)
    }

    fn from_digits(digits: &[u8; 17]) -> Result<Self, NotResidentId> {
        let number = |from: usize, to: usize| {
            digits
                .get(from..to)
                .unwrap_or(&[])
                .iter()
                .fold(0u32, |number, digit| number * 10 + u32::from(digit - b'0'))
        };
        let (region, year, month, day) =
            (number(0, 6), number(6, 10), number(10, 12), number(12, 14));
        if region < 100_000 {
            return Err(NotResidentId::Region);
        }
        if !is_day(i64::from(year), month, day) {
            return Err(NotResidentId::Birth);
        }
        let sequence = u16::try_from(number(14, 17))
            .ok()
            .filter(|sequence| *sequence > 0);
        let sequence = sequence.ok_or(NotResidentId::Sequence)?;
        let birth_day = i32::try_from(days_from_civil(i64::from(year), month, day))
            .map_err(|_| NotResidentId::Birth)?;
        Ok(Self {
            region,
            birth_day,
            sequence,
        })
    }

    /// Reads a surrogate of 18 characters whose check character is wrong, whichever wrong one it is.
    ///
    /// # Errors
    /// [`NotResidentId`] as [`ResidentId::parse`]; [`NotResidentId::Check`] where the check character is right or missing.
    pub fn parse_marked(text: &str) -> Result<Self, NotResidentId> {
        let (digits, check) = canonical(text)?;
        if check.is_none_or(|check| check == check_character(&digits)) {
            return Err(NotResidentId::Check);
        }
        Self::from_digits(&digits)
    }

    /// The canonical 18 characters.
    #[must_use]
    pub fn to_bytes(self) -> [u8; ID_BYTES] {
        let digits = self.digits();
        with_check(digits, check_character(&digits))
    }

    /// The 18 characters with the wrong check character that marks a surrogate: the one after the right one in
    /// `0123456789X`, and `0` after `X`. No such text is a valid id.
    #[must_use]
    pub fn to_marked_bytes(self) -> [u8; ID_BYTES] {
        let digits = self.digits();
        with_check(digits, marked_after(check_character(&digits)))
    }

    /// The six digits of the region (GB/T 2260).
    #[must_use]
    pub const fn region(self) -> u32 {
        self.region
    }

    /// Birth year, month and day.
    #[must_use]
    pub fn birth_date(self) -> (i64, u32, u32) {
        civil_from_days(i64::from(self.birth_day))
    }

    /// Birth date in days since 1970-01-01, as Arrow's Date32 counts.
    #[must_use]
    pub const fn birth_day(self) -> i32 {
        self.birth_day
    }

    /// The sequence within region and day, 1–999.
    #[must_use]
    pub const fn sequence(self) -> u16 {
        self.sequence
    }

    /// Whether the sequence is odd.
    #[must_use]
    pub const fn is_male(self) -> bool {
        self.sequence % 2 == 1
    }

    /// The 17 digits before the check character.
    fn digits(self) -> [u8; 17] {
        let (year, month, day) = self.birth_date();
        let year = u64::try_from(year).unwrap_or(0);
        let date = (year * 100 + u64::from(month)) * 100 + u64::from(day);
        let mut number =
            (u64::from(self.region) * 100_000_000 + date) * 1_000 + u64::from(self.sequence);
        let mut digits = [b'0'; 17];
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
        }
        digits
    }
}

/// The check character of 17 ASCII digits (GB 11643-1999, 4.2.1.4; ISO 7064 MOD 11-2).
#[must_use]
pub fn check_character(digits: &[u8; 17]) -> u8 {
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit.wrapping_sub(b'0')) * weight)
        .sum();
    CHECK_ALPHABET
        .iter()
        .cycle()
        .nth((sum % 11) as usize)
        .copied()
        .unwrap_or(b'?')
}

/// The character that marks: the one after the right one in counting order.
fn marked_after(right: u8) -> u8 {
    let mut following = COUNTING_ALPHABET
        .iter()
        .cycle()
        .skip_while(|character| **character != right)
        .skip(1);
    // The cycle never ends, and every right character is in it.
    following.next().copied().unwrap_or(b'?')
}

fn with_check(digits: [u8; 17], check: u8) -> [u8; ID_BYTES] {
    let mut bytes = [check; ID_BYTES];
    for (to, from) in bytes.iter_mut().zip(digits) {
        *to = from;
    }
    bytes
}

/// The 17 digits, and the check character where the text has one.
fn canonical(text: &str) -> Result<([u8; 17], Option<u8>), NotResidentId> {
    let mut bytes = [0u8; ID_BYTES];
    let mut length = 0;
    for character in text.chars().filter(|character| !character.is_whitespace()) {
        let place = bytes.get_mut(length).ok_or(NotResidentId::Length)?;
        *place = u8::try_from(narrow(character))
            .map_err(|_| NotResidentId::Character)?
            .to_ascii_uppercase();
        length += 1;
    }
    let mut digits = [0u8; 17];
    let check = match length {
        ID_BYTES => {
            digits
                .iter_mut()
                .zip(bytes)
                .for_each(|(to, from)| *to = from);
            bytes.last().copied()
        }
        LEGACY_DIGITS => {
            let (before, century) = LEGACY_CENTURY;
            let long = bytes
                .iter()
                .take(before)
                .chain(&century)
                .chain(bytes.iter().take(LEGACY_DIGITS).skip(before));
            digits
                .iter_mut()
                .zip(long)
                .for_each(|(to, from)| *to = *from);
            None
        }
        _ => return Err(NotResidentId::Length),
    };
    let checkable = check.is_none_or(|check| check.is_ascii_digit() || check == b'X');
    if checkable && digits.iter().all(u8::is_ascii_digit) {
        Ok((digits, check))
    } else {
        Err(NotResidentId::Character)
    }
}

#[cfg(test)]
mod tests;
