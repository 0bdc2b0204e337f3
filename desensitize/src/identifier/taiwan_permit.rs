//! 台湾居民来往大陆通行证 (台胞证): eight digits of the holder, and before 2015 two more that count the renewals.
//!
//! There is no check character and no prefix: every number of eight digits has this shape, so free text needs the
//! permit's name beside it.

use crate::Phrase;
use std::ops::Range;

use super::{Rules, judged, spelling};

pub(super) const RULES: Rules = Rules {
    id: "taiwan-permit",
    en: "mainland travel permit of Taiwan residents",
    zh: "台湾居民来往大陆通行证号码",
    expected: Phrase::new(
        "a mainland travel permit number of a Taiwan resident",
        "台湾居民来往大陆通行证号码",
    ),
    read,
    judge: |_| judged(true, true),
    mask: |_, out| spelling::hide(out),
    kept: ("nothing", "无"),
    chance: 1.0,
    domain: Some("taiwan-permit"),
};

/// The holder's digits, without the count of renewals.
pub(super) const HOLDER: Range<usize> = 0..8;

fn read(text: &str, out: &mut String) -> bool {
    spelling::read(text, HOLDER.end + 2, out, |number| {
        matches!(number.len(), 8 | 10) && spelling::digits(number)
    })
}
