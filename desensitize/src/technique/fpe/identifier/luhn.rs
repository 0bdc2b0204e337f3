//! Numbers of digits with a Luhn check digit at their end: some leading digits kept, the others encrypted.

use super::{numerals, split::Split};
use crate::identifier::luhn_check;

/// The number between the kept digits and the check digit.
pub(super) fn split(number: &str, kept: usize, space: usize) -> Option<Split> {
    let (kept, rest) = number.split_at_checked(kept)?;
    let body = rest.get(..rest.len().checked_sub(1)?)?;
    Split::new(&[kept], space, numerals::read(body, &numerals::DIGITS)?)
}

/// Appends the kept digits, so many encrypted ones, and the check digit.
pub(super) fn join(split: &Split, digits: usize, out: &mut String) {
    let from = out.len();
    out.push_str(split.carried.as_str());
    numerals::write(split.rank, digits, &numerals::DIGITS, out);
    let check = luhn_check(out.as_bytes().get(from..).unwrap_or(&[]));
    out.push(char::from(check));
}

/// Appends the number with the digit after the right check digit.
pub(super) fn mark(number: &str, out: &mut String) {
    let payload = number.get(..number.len().saturating_sub(1)).unwrap_or("");
    out.push_str(payload);
    out.push(numerals::next(
        luhn_check(payload.as_bytes()),
        &numerals::DIGITS,
    ));
}

/// Appends the number whose check digit is right; says whether it was wrong.
pub(super) fn unmark(marked: &str, out: &mut String) -> Option<()> {
    let (check, payload) = marked.as_bytes().split_last()?;
    out.push_str(marked.get(..payload.len())?);
    let right = luhn_check(payload);
    out.push(char::from(right));
    (marked.bytes().all(|byte| byte.is_ascii_digit()) && *check != right).then_some(())
}
