//! Mobile numbers: the first three digits kept, eight encrypted; marked ones begin with 9 (see [`super::phone`]).

use super::{Numbering, numerals, phone, split::Split};
use crate::{Sentence, Share};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: "karez/mobile/v1;3 digits kept;8 digits",
    sizes: &[10u64.pow(BODY as u32)],
    split: |mobile| {
        let (kept, body) = mobile.split_at_checked(KEPT)?;
        Split::new(&[kept], 0, numerals::read(body, &numerals::DIGITS)?)
    },
    join: |split, out| {
        out.push_str(split.carried.as_str());
        numerals::write(split.rank, BODY, &numerals::DIGITS, out);
    },
    mark: phone::mark,
    unmark: |marked, out| phone::unmark(marked, '1', |_| false, out),
    kept: (
        "the operator's range (the first three digits; in a marked number the second and third)",
        "运营商号段（前三位；标记号码为第二、三位）",
    ),
    somebodys,
};

/// Digits that are kept.
const KEPT: usize = 3;
/// Digits that are encrypted.
const BODY: usize = 8;
/// Mobile subscriptions of the mainland at the end of 2024 (MIIT, 2024年通信业统计公报, January 2025).
const SUBSCRIPTIONS: f64 = 1_790_000_000.0;
/// Ranges of three digits that are allotted whole or nearly so: ten of 13x and of 18x, nine of 15x and of 19x, eight of
/// 17x, five of 14x and four of 16x (MIIT, 我国公众移动通信网网号及H₀分配情况, 截至2023年3月底).
const RANGES: f64 = 55.0;

fn somebodys() -> Share {
    Share::on_average(
        SUBSCRIPTIONS,
        RANGES * 1e8,
        Sentence::new(
            "1.79 billion subscriptions (MIIT, end of 2024) among 55 allotted ranges of 100 million (MIIT, March 2023); how many are used of each is not published, of old ranges more",
            "17.9 亿用户（工信部，2024 年底），已分配号段 55 个（工信部，2023 年 3 月），每段一亿；各号段使用率未公开，老号段更高",
        ),
    )
}
