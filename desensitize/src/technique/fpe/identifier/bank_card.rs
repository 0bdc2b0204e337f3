//! Bank cards: the first six digits kept, the middle encrypted by length, the Luhn digit computed. Numbers of 12 digits
//! leave 10⁵ and are outside.

use super::{Numbering, luhn, split::Split, unknown};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: "karez/bank-card/v1;6 digits kept;6 to 12 digits by length",
    sizes: SIZES,
    split,
    join: |split, out| luhn::join(split, split.space + BODY_MIN, out),
    mark: luhn::mark,
    unmark: luhn::unmark,
    kept: (
        "the issuer and the card's type (the first six digits), and the length",
        "发卡机构与卡种（前六位）以及长度",
    ),
    somebodys: || {
        unknown(
            "how many cards an issuer has under one prefix is not published",
            "各卡 BIN 的发卡量未公开",
        )
    },
};

/// Digits of the issuer number that are kept.
const KEPT: usize = 6;
/// Digits between issuer number and check digit at least.
const BODY_MIN: usize = 6;
/// Numbers of 13 to 19 digits.
const SIZES: &[u64] = &[
    10u64.pow(6),
    10u64.pow(7),
    10u64.pow(8),
    10u64.pow(9),
    10u64.pow(10),
    10u64.pow(11),
    10u64.pow(12),
];

fn split(card: &str) -> Option<Split> {
    let space = card.len().checked_sub(KEPT + BODY_MIN + 1)?;
    luhn::split(card, KEPT, space)
}
