//! Landline numbers: the area code kept, the subscriber's number and the extension encrypted together; marked ones begin
//! with 9 (see [`super::phone`]).

use super::{
    Numbering,
    numerals::{self, Characters},
    phone,
    split::Split,
    unknown,
};
use crate::identifier::area_length;

pub(super) const NUMBERING: Numbering = Numbering {
    definition: "karez/landline/v1;area code kept;7 or 8 digits from 2 to 8;0 to 6 digits of extension",
    sizes: SIZES,
    split,
    join,
    mark: phone::mark,
    unmark: |marked, out| {
        // Behind 06 no area has a 0: 910 is Beijing's 010.
        phone::unmark(marked, '0', |rest| rest.starts_with("10"), out)
    },
    kept: (
        "the city (the area code) and the lengths of number and extension",
        "所在城市（区号）以及号码与分机号的长度",
    ),
    somebodys: || {
        unknown(
            "how many lines a city has within its numbers is not published for every city",
            "各城市固定电话号码的使用率未全部公开",
        )
    },
};

/// Digits of an extension at most.
const EXTENSION_MAX: usize = 6;
/// Subscribers' numbers of seven digits with extensions of 0 to 6, then those of eight.
const SIZES: &[u64] = &[
    7 * 10u64.pow(6),
    7 * 10u64.pow(7),
    7 * 10u64.pow(8),
    7 * 10u64.pow(9),
    7 * 10u64.pow(10),
    7 * 10u64.pow(11),
    7 * 10u64.pow(12),
    7 * 10u64.pow(7),
    7 * 10u64.pow(8),
    7 * 10u64.pow(9),
    7 * 10u64.pow(10),
    7 * 10u64.pow(11),
    7 * 10u64.pow(12),
    7 * 10u64.pow(13),
];
/// First digits of a subscriber's number.
static FIRST: Characters = Characters::new(b"2345678");

fn split(number: &str) -> Option<Split> {
    let (number, extension) = number.split_once('-').unwrap_or((number, ""));
    let (area, subscriber) = number.split_at_checked(area_length(number))?;
    let (first, rest) = subscriber.split_at_checked(1)?;
    let long = match subscriber.len() {
        7 => 0,
        8 => EXTENSION_MAX + 1,
        _ => return None,
    };
    let scale = 10u64.checked_pow(u32::try_from(rest.len() + extension.len()).ok()?)?;
    let rest = numerals::read(&[rest, extension].concat(), &numerals::DIGITS)?;
    Split::new(
        &[area],
        long + extension.len(),
        numerals::read(first, &FIRST)? * scale + rest,
    )
}

fn join(split: &Split, out: &mut String) {
    let (rest, extension) = match split.space.checked_sub(EXTENSION_MAX + 1) {
        Some(extension) => (7, extension),
        None => (6, split.space),
    };
    let scale = |digits: usize| 10u64.saturating_pow(u32::try_from(digits).unwrap_or(u32::MAX));
    let subscriber = split.rank / scale(extension);
    out.push_str(split.carried.as_str());
    numerals::write(subscriber / scale(rest), 1, &FIRST, out);
    numerals::write(subscriber % scale(rest), rest, &numerals::DIGITS, out);
    if extension > 0 {
        out.push('-');
        numerals::write(
            split.rank % scale(extension),
            extension,
            &numerals::DIGITS,
            out,
        );
    }
}
