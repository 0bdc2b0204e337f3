//! The eight characters of an organisation within credit code, organisation code and tax number: one permutation for
//! all three, whatever stands before them, so that the numbers of one body still join.
//!
//! Organisation codes issued before 2015 may hold I, O, S, V or Z, which no credit code has; they are outside.

use super::{
    numerals::{self, Characters},
    split::Split,
};
use crate::{
    Sentence, Share,
    identifier::{CREDIT_ALPHABET, organisation_check},
};

/// The set, the same for the three identifiers.
pub(super) const DEFINITION: &str =
    "karez/organisation/v1;8 characters of 0123456789ABCDEFGHJKLMNPQRTUWXY;first most significant";
/// Characters of the body: 31⁸ of them.
pub(super) const SIZES: &[u64] = &[31u64.pow(BODY as u32)];
/// Characters that are encrypted.
const BODY: usize = 8;
/// The alphabet of organisation check characters in counting order.
static CHECKS: Characters = Characters::new(b"0123456789X");

/// The body of an organisation code of nine characters, with what stands before the code.
pub(super) fn split(before: &str, code: &str) -> Option<Split> {
    let rank = numerals::read(code.get(..BODY)?, &CREDIT_ALPHABET)?;
    Some(Split::new(&[before], 0, rank)?.tweaked_by(0))
}

/// Appends what stands before, the body and its check character.
pub(super) fn join(split: &Split, out: &mut String) {
    out.push_str(split.carried.as_str());
    let from = out.len();
    numerals::write(split.rank, BODY, &CREDIT_ALPHABET, out);
    let check = organisation_check(out.as_bytes().get(from..).unwrap_or(&[]));
    out.push(char::from(check));
}

/// Appends an organisation code with the check character after the right one.
pub(super) fn mark(code: &str, out: &mut String) {
    let body = code.get(..BODY).unwrap_or("");
    out.push_str(body);
    out.push(numerals::next(organisation_check(body.as_bytes()), &CHECKS));
}

/// Appends the organisation code whose check character is right; says whether it was wrong.
pub(super) fn unmark(marked: &str, out: &mut String) -> Option<()> {
    let (body, check) = marked.split_at_checked(BODY)?;
    let right = organisation_check(body.as_bytes());
    out.push_str(body);
    out.push(char::from(right));
    let wrong = check.len() == 1 && CHECKS.contains(*check.as_bytes().first()?);
    (wrong && check.as_bytes() != [right]).then_some(())
}

pub(super) fn somebodys() -> Share {
    // Xinhua for the State Administration for Market Regulation, 12 July 2023: 119 million self-employed are 67.4 % of all
    // business entities, so there were 177 million; they grow by some ten million a year, and public bodies and
    // associations are fewer than three million.
    Share::of(
        300_000_000.0,
        31f64.powi(8),
        Sentence::new(
            "177 million business entities in June 2023 (SAMR), with public bodies and growth fewer than 300 million organisations, among 31^8 bodies",
            "2023 年 6 月底经营主体 1.77 亿户（市场监管总局），计入机关、社会组织与增长不足 3 亿，本体代码共 31^8 个",
        ),
    )
}
