//! Passports: the letters of the kind (or 14, 15) kept, the other characters encrypted; marked ones end in a letter
//! (see [`super::document`]).

use super::{
    Numbering, document,
    numerals::{self, Characters},
    split::Split,
    unknown,
};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: "karez/passport/v1;E: 34 characters and 7 digits;G, D, S, P: 8 or 7 digits;DE, SE, PE, 14, 15: 7 digits",
    sizes: &[34 * 10u64.pow(7), 10u64.pow(8), 10u64.pow(7)],
    split,
    join,
    mark: |number, out| document::mark(number, number.len().saturating_sub(1), out),
    unmark: |marked, out| document::unmark(marked, marked.len().checked_sub(1)?, out),
    kept: (
        "the kind of passport and the form of its number",
        "护照种类与号码形式",
    ),
    somebodys: || {
        unknown(
            "how many passports of a series are in use is not published",
            "各系列护照的有效数量未公开",
        )
    },
};

/// The spaces by place in the sizes.
const ORDINARY: usize = 0;
const EIGHT_DIGITS: usize = 1;
const SEVEN_DIGITS: usize = 2;
/// What stands behind E: a digit, or a letter but I and O.
static BEHIND_E: Characters = Characters::new(b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ");
/// Seven digits.
const SEVEN: u64 = 10_000_000;

fn split(number: &str) -> Option<Split> {
    let digits = |from: usize| numerals::read(number.get(from..)?, &numerals::DIGITS);
    match (number.as_bytes(), number.len()) {
        ([b'E', ..], 9) => {
            let behind = numerals::read(number.get(1..2)?, &BEHIND_E)?;
            Split::new(&["E"], ORDINARY, behind * SEVEN + digits(2)?)
        }
        ([_, second, ..], 9) if second.is_ascii_uppercase() || number.starts_with('1') => {
            Split::new(&[number.get(..2)?], SEVEN_DIGITS, digits(2)?)
        }
        (_, 9) => Split::new(&[number.get(..1)?], EIGHT_DIGITS, digits(1)?),
        (_, 8) => Split::new(&[number.get(..1)?], SEVEN_DIGITS, digits(1)?),
        _ => None,
    }
}

fn join(split: &Split, out: &mut String) {
    out.push_str(split.carried.as_str());
    if split.space == ORDINARY {
        numerals::write(split.rank / SEVEN, 1, &BEHIND_E, out);
    }
    let digits = if split.space == EIGHT_DIGITS { 8 } else { 7 };
    numerals::write(
        split.rank % 10u64.pow(digits),
        digits as usize,
        &numerals::DIGITS,
        out,
    );
}
