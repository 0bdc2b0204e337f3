//! The characters of a plate behind its letter, numbered: digits and letters in every order with so many letters.

use super::numerals::{Characters, DIGITS};
use crate::identifier::PLATE_LETTERS;

/// The letters of a marked plate's serial: one more than GA 36 admits.
pub(super) const MARKED_LETTERS: u32 = 3;
/// The letters of an ordinary plate's serial at most.
pub(super) const LETTERS_MAX: u32 = 2;

/// Strings of digits and letters of one length with a range of counts of letters.
///
/// They are numbered by their pattern, which says by its bits which places hold letters, the last place the lowest; and
/// within it as numbers, the first place most significant.
pub(super) struct Serials {
    characters: usize,
    /// For each pattern how many strings have a lower one; the last entry is the count of all.
    starts: [u64; PATTERNS_MAX + 1],
}

/// Characters of a serial at most.
const CHARACTERS_MAX: usize = 6;
/// Patterns of the longest serial.
const PATTERNS_MAX: usize = 1 << CHARACTERS_MAX;

impl Serials {
    /// Strings of so many characters, of which so many are letters.
    #[expect(
        clippy::indexing_slicing,
        reason = "evaluated by the compiler, which refuses a place outside the table"
    )]
    pub(super) const fn new(characters: usize, fewest: u32, most: u32) -> Self {
        let mut starts = [0; PATTERNS_MAX + 1];
        let mut pattern = 0;
        while pattern < PATTERNS_MAX {
            let letters = (pattern as u32).count_ones();
            let admitted = pattern < 1 << characters && fewest <= letters && letters <= most;
            let size = if admitted {
                PLATE_LETTERS.radix().pow(letters) * 10u64.pow(characters as u32 - letters)
            } else {
                0
            };
            starts[pattern + 1] = starts[pattern] + size;
            pattern += 1;
        }
        Self { characters, starts }
    }

    /// The alphabet of each place of a pattern, the last place first.
    fn alphabets(&self, pattern: usize) -> impl Iterator<Item = &'static Characters> {
        (0..self.characters).map(move |place| match pattern >> place & 1 {
            1 => &PLATE_LETTERS,
            _ => &DIGITS,
        })
    }

    /// The number of a string, or none where it is not one of these.
    pub(super) fn rank(&self, serial: &str) -> Option<u64> {
        if serial.len() != self.characters {
            return None;
        }
        let pattern = serial.bytes().fold(0, |pattern, byte| {
            pattern << 1 | usize::from(byte.is_ascii_alphabetic())
        });
        let (start, end) = (self.starts.get(pattern)?, self.starts.get(pattern + 1)?);
        let places = serial.bytes().rev().zip(self.alphabets(pattern));
        let (within, _) = places.fold((Some(0), 1), |(number, scale), (byte, alphabet)| {
            let value = alphabet.value(byte);
            let number = number
                .zip(value)
                .map(|(number, value)| number + value * scale);
            (number, scale * alphabet.radix())
        });
        (start < end).then_some(start + within?)
    }

    /// Appends the string of a number below the count of them all.
    pub(super) fn unrank(&self, rank: u64, out: &mut String) {
        let pattern = self
            .starts
            .partition_point(|start| *start <= rank)
            .saturating_sub(1);
        let mut within = rank - self.starts.get(pattern).copied().unwrap_or(rank);
        let mut serial = ['?'; CHARACTERS_MAX];
        for (character, alphabet) in serial.iter_mut().zip(self.alphabets(pattern)) {
            *character = alphabet.at(within % alphabet.radix());
            within /= alphabet.radix();
        }
        out.extend(serial.iter().take(self.characters).rev());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(characters: usize, fewest: u32, most: u32) -> (Serials, u64) {
        let serials = Serials::new(characters, fewest, most);
        let count = serials.starts[PATTERNS_MAX];
        (serials, count)
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
