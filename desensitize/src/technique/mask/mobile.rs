//! Mobile numbers: the eleven digits of any spelling, and at once those of the usual one.

use std::iter;

use super::{MASK_SYMBOL, MASK_WIDTH, Mask};
use crate::{Phrase, broken::Malformed, folding::narrow};

/// Digits of a mainland mobile number.
const DIGITS: usize = 11;
/// What any other text is not.
const EXPECTED: Phrase = Phrase::new("a mainland mobile number", "大陆手机号码");

/// Masks mobile numbers, with what stands for the hidden digits written out beforehand.
pub(super) struct MobileMask {
    first: usize,
    last: usize,
    hidden: String,
}

impl MobileMask {
    /// The mask of a kind that keeps fewer digits than there are.
    pub(super) fn new(mask: Mask) -> Self {
        let Mask { first, last, .. } = mask;
        let width = if mask.keep_length {
            DIGITS.saturating_sub(first.saturating_add(last))
        } else {
            MASK_WIDTH
        };
        Self {
            first,
            last,
            hidden: iter::repeat_n(MASK_SYMBOL, width).collect(),
        }
    }

    /// Appends the mask of one number, whatever its spelling.
    #[inline]
    pub(super) fn write(&self, value: &str, out: &mut String) -> Result<(), Malformed> {
        if is_usual(value.as_bytes()) {
            self.digits(value, out);
            return Ok(());
        }
        let digits = mobile(value).ok_or(Malformed(EXPECTED))?;
        self.digits(&digits, out);
        Ok(())
    }

    /// Appends the mask of eleven digits.
    #[inline]
    fn digits(&self, digits: &str, out: &mut String) {
        out.push_str(digits.get(..self.first).unwrap_or_default());
        out.push_str(&self.hidden);
        let kept = digits.len().saturating_sub(self.last);
        out.push_str(digits.get(kept..).unwrap_or_default());
    }
}

/// Whether a text is eleven ASCII digits, 13 to 19 the first two.
fn is_usual(text: &[u8]) -> bool {
    let (Some(head), Some(tail)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) else {
        return false;
    };
    // The two loads overlap over the eleven bytes.
    text.len() == DIGITS
        && matches!(head, [b'1', b'3'..=b'9', ..])
        && eight_digits(u64::from_le_bytes(*head))
        && eight_digits(u64::from_le_bytes(*tail))
}

/// Whether all eight bytes are ASCII digits.
const fn eight_digits(bytes: u64) -> bool {
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    const SIX: u64 = 0x0606_0606_0606_0606;
    // 0x30 to 0x3F, and six more are still below 0x40: 0x30 to 0x39.
    bytes & HIGH == ZEROS && bytes.wrapping_add(SIX) & HIGH == ZEROS
}

// [`Identifier::Mobile`](crate::Identifier) reads more spellings: 0086 before the number, and the look-alikes of the hyphen.
// Here those stay broken input, as policies that write `mask: { kind: mobile }` have had them counted.
/// The 11 digits of a mainland mobile number, `^(\+?86)?1[3-9]\d{9}$` after blanks, hyphens and width are folded.
pub(super) fn mobile(text: &str) -> Option<String> {
    let folded: String = text
        .chars()
        .map(narrow)
        .filter(|character| !character.is_whitespace() && *character != '-')
        .take(DIGITS + "+86".len() + 1)
        .collect();
    let national = folded
        .strip_prefix("+86")
        .or_else(|| folded.strip_prefix("86"))
        .unwrap_or(&folded);
    let mut digits = national.bytes();
    let valid = national.len() == DIGITS
        && digits.next() == Some(b'1')
        && digits
            .next()
            .is_some_and(|second| matches!(second, b'3'..=b'9'))
        && digits.all(|digit| digit.is_ascii_digit());
    valid.then(|| national.to_owned())
}
