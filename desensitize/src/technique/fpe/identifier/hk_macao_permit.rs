//! Permits of Hong Kong and Macao residents: the letter and the count of renewals kept, the holder's eight digits
//! encrypted alike with and without that count; marked ones have a letter in the holder's last place (see
//! [`super::document`]).

use super::{Numbering, document, numerals, split::Split, unknown};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: "karez/hk-macao-permit/v1;letter kept;8 digits",
    sizes: &[10u64.pow(8)],
    split: |number| {
        let (letter, rest) = number.split_at_checked(1)?;
        let (holder, renewals) = rest.split_at_checked(8)?;
        let split = Split::new(
            &[letter, renewals],
            0,
            numerals::read(holder, &numerals::DIGITS)?,
        )?;
        Some(split.tweaked_by(1))
    },
    join: |split, out| {
        let (letter, renewals) = split
            .carried
            .as_str()
            .split_at_checked(1)
            .unwrap_or(("", ""));
        out.push_str(letter);
        numerals::write(split.rank, 8, &numerals::DIGITS, out);
        out.push_str(renewals);
    },
    mark: |number, out| document::mark(number, 8, out),
    unmark: |marked, out| document::unmark(marked, 8, out),
    kept: (
        "Hong Kong or Macao (the letter) and the count of renewals",
        "香港或澳门（首字母）以及换证次数",
    ),
    somebodys: || {
        unknown(
            "how many permits were issued is not published",
            "通行证签发总量未公开",
        )
    },
};
