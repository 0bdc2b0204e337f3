//! 港澳居民来往内地通行证 (回乡证): H (Hong Kong) or M (Macao), eight digits of the holder, and before 2013 two more
//! that count the renewals.

use crate::Phrase;
use std::ops::Range;

use super::{Flaw, Rules, judged, spelling};

pub(super) const RULES: Rules = Rules {
    id: "hk-macao-permit",
    en: "mainland travel permit of Hong Kong and Macao residents",
    zh: "港澳居民来往内地通行证号码",
    expected: Phrase::new(
        "a mainland travel permit number of a Hong Kong or Macao resident",
        "港澳居民来往内地通行证号码",
    ),
    read,
    judge,
    mask: |number, out| spelling::first(number, 1, out),
    kept: ("Hong Kong or Macao (the letter)", "香港或澳门（首字母）"),
    // Two letters of 26.
    chance: 2.0 / 26.0,
    domain: Some("hk-macao-permit"),
};

/// The letter and the holder's digits, without the count of renewals.
pub(super) const HOLDER: Range<usize> = 0..9;

fn read(text: &str, out: &mut String) -> bool {
    spelling::read(text, HOLDER.end + 2, out, |number| match number {
        [letter, digits @ ..] => {
            letter.is_ascii_uppercase()
                && matches!(digits.len(), 8 | 10)
                && spelling::digits(digits)
        }
        [] => false,
    })
}

fn judge(number: &str) -> Result<(), Flaw> {
    judged(number.starts_with(['H', 'M']), true)
}
