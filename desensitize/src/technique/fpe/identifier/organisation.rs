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
    // State Administration for Market Regulation, end of 2024: 189 million business entities; with public bodies and
    // associations fewer than 200 million organisations.
    Share::of(
        200_000_000.0,
        31f64.powi(8),
        Sentence::new(
            "fewer than 200 million organisations (SAMR, end of 2024) among 31^8 bodies",
            "全国机构不足 2 亿（市场监管总局，2024 年底），本体代码共 31^8 个",
        ),
    )
}
