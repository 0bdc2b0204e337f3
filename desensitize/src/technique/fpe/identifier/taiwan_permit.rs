//! Permits of Taiwan residents: the count of renewals kept, the holder's eight digits encrypted alike with and without
//! it; marked ones have a letter in the holder's last place (see [`super::document`]).

use super::{Numbering, document, numerals, split::Split, unknown};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: "karez/taiwan-permit/v1;8 digits",
    sizes: &[10u64.pow(8)],
    split: |number| {
        let (holder, renewals) = number.split_at_checked(8)?;
        let split = Split::new(&[renewals], 0, numerals::read(holder, &numerals::DIGITS)?)?;
        Some(split.tweaked_by(0))
    },
    join: |split, out| {
        numerals::write(split.rank, 8, &numerals::DIGITS, out);
        out.push_str(split.carried.as_str());
    },
    mark: |number, out| document::mark(number, 7, out),
    unmark: |marked, out| document::unmark(marked, 7, out),
    kept: ("the count of renewals", "换证次数"),
    somebodys: || {
        unknown(
            "how many permits were issued is not published",
            "通行证签发总量未公开",
        )
    },
};
