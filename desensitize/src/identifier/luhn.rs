//! The check digit of ISO/IEC 7812-1, annex B: every second digit doubled from the right, the sum a multiple of ten.

/// The check digit that belongs behind ASCII digits.
pub(crate) fn check(payload: &[u8]) -> u8 {
    let sum: u32 = payload
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit.wrapping_sub(b'0'));
            // A doubled digit above 9 counts as the sum of its two digits.
            if place % 2 == 1 {
                value
            } else {
                value * 2 / 10 + value * 2 % 10
            }
        })
        .sum();
    b'0' + u8::try_from((10 - sum % 10) % 10).unwrap_or(0)
}

/// Whether the last of ASCII digits is the check digit of the others.
pub(super) fn holds(digits: &[u8]) -> bool {
    digits
        .split_last()
        .is_some_and(|(last, payload)| *last == check(payload))
}
