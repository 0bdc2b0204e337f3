//! The characters of a plate behind its letter, numbered: digits and letters in every order with so many letters.

use super::numerals::{self, DIGITS};
use crate::identifier::PLATE_LETTERS;

/// The letters of a marked plate's serial: one more than GA 36 admits.
pub(super) const MARKED_LETTERS: u32 = 3;
/// The letters of an ordinary plate's serial at most.
pub(super) const LETTERS_MAX: u32 = 2;

/// Strings of digits and letters of one length with a range of counts of letters.
#[derive(Clone, Copy)]
pub(super) struct Serials {
    pub(super) characters: usize,
    pub(super) fewest: u32,
    pub(super) most: u32,
}

impl Serials {
    /// Which places hold letters, as bits from the last place; and how many strings hold them there.
    fn patterns(self) -> impl Iterator<Item = (u32, u64)> {
        let letters = PLATE_LETTERS.len() as u64;
        let size = move |pattern: u32| {
            let count = pattern.count_ones();
            let digits = u32::try_from(self.characters)
                .unwrap_or(0)
                .saturating_sub(count);
            letters.pow(count) * 10u64.pow(digits)
        };
        (0..1u32 << self.characters)
            .filter(move |pattern| (self.fewest..=self.most).contains(&pattern.count_ones()))
            .map(move |pattern| (pattern, size(pattern)))
    }

    /// The alphabet of each place of a pattern, the first place first.
    fn alphabets(self, pattern: u32) -> impl DoubleEndedIterator<Item = &'static [u8]> {
        (0..self.characters)
            .rev()
            .map(move |place| match pattern >> place & 1 {
                1 => &PLATE_LETTERS[..],
                _ => DIGITS,
            })
    }

    /// The number of a string, or none where it is not one of these.
    pub(super) fn rank(self, serial: &str) -> Option<u64> {
        if serial.len() != self.characters {
            return None;
        }
        let of = serial.bytes().fold(0, |pattern, byte| {
            pattern << 1 | u32::from(byte.is_ascii_alphabetic())
        });
        let mut before = 0;
        for (pattern, size) in self.patterns() {
            if pattern == of {
                return Some(before + Self::within(serial, self.alphabets(pattern))?);
            }
            before += size;
        }
        None
    }

    fn within(serial: &str, alphabets: impl Iterator<Item = &'static [u8]>) -> Option<u64> {
        serial
            .bytes()
            .zip(alphabets)
            .try_fold(0, |number, (byte, alphabet)| {
                let value = alphabet.iter().position(|of| *of == byte)?;
                Some(number * alphabet.len() as u64 + value as u64)
            })
    }

    /// Appends the string of a number below the count of them all.
    pub(super) fn unrank(self, mut rank: u64, out: &mut String) {
        for (pattern, size) in self.patterns() {
            if rank < size {
                let from = out.len();
                for alphabet in self.alphabets(pattern).rev() {
                    let mut character = String::new();
                    numerals::write(rank, 1, alphabet, &mut character);
                    out.insert_str(from, &character);
                    rank /= alphabet.len() as u64;
                }
                return;
            }
            rank -= size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(characters: usize, fewest: u32, most: u32) -> (Serials, u64) {
        let serials = Serials {
            characters,
            fewest,
            most,
        };
        (serials, serials.patterns().map(|(_, size)| size).sum())
    }

    #[test]
    fn every_string_has_its_own_number() {
        for (characters, fewest, most) in [(2, 0, 2), (3, 1, 2), (3, 3, 3), (4, 0, 1)] {
            let (serials, size) = all(characters, fewest, most);
            let mut seen = std::collections::HashSet::new();
            for rank in 0..size {
                let mut serial = String::new();
                serials.unrank(rank, &mut serial);
                let letters = serial.bytes().filter(u8::is_ascii_alphabetic).count() as u32;
                assert!(serial.len() == characters && (fewest..=most).contains(&letters));
                assert_eq!(serials.rank(&serial), Some(rank), "{serial}");
                assert!(seen.insert(serial));
            }
        }
    }

    #[test]
    fn marked_serials_are_more_than_admitted_ones() {
        for (characters, admitted) in [(4, 451_600), (5, 7_060_000)] {
            assert_eq!(all(characters, 0, LETTERS_MAX).1, admitted);
            assert!(all(characters, MARKED_LETTERS, MARKED_LETTERS).1 >= admitted);
        }
        assert!(all(6, MARKED_LETTERS, MARKED_LETTERS).1 >= 3_600_000);
    }
}
