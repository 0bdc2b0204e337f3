//! The form of marked document numbers without a check character: a letter in place of the last digit of the number.
//!
//! 0 becomes Q, 1 becomes R, and so on to 9, which becomes Z. No Chinese passport or permit ends in a letter.

use super::numerals::{self, Characters, DIGITS};

/// The letters of the digits.
static LETTERS: Characters = Characters::new(b"QRSTUVWXYZ");

/// Appends the number with the digit at `place` as a letter.
pub(super) fn mark(number: &str, place: usize, out: &mut String) {
    replace(number, place, (&DIGITS, &LETTERS), out);
}

/// Appends the number with the letter at `place` as a digit, where there is one of the letters.
pub(super) fn unmark(marked: &str, place: usize, out: &mut String) -> Option<()> {
    replace(marked, place, (&LETTERS, &DIGITS), out)
}

fn replace(
    text: &str,
    place: usize,
    (from, to): (&Characters, &Characters),
    out: &mut String,
) -> Option<()> {
    let value = numerals::read(text.get(place..=place)?, from)?;
    out.push_str(text.get(..place)?);
    numerals::write(value, 1, to, out);
    out.push_str(text.get(place + 1..)?);
    Some(())
}
