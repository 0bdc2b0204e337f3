//! Credit codes: authority, category and region kept, the organisation encrypted, both check characters computed.
//!
//! A marked code has both wrong, so that the organisation code within it is the marked one too.

use super::{Numbering, numerals, organisation, split::Split};
use crate::identifier::{CREDIT_ALPHABET, credit_check};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: organisation::DEFINITION,
    sizes: organisation::SIZES,
    split,
    join,
    mark,
    unmark,
    kept: (
        "the registering authority, the category and the region (the first eight characters)",
        "登记管理部门、机构类别与行政区划（前八位）",
    ),
    somebodys: organisation::somebodys,
};

/// Characters before the organisation code.
const KEPT: usize = 8;
/// Characters before the last.
const PAYLOAD: usize = 17;

pub(super) fn split(code: &str) -> Option<Split> {
    let (before, code) = code.split_at_checked(KEPT)?;
    organisation::split(before, code)
}

pub(super) fn join(split: &Split, out: &mut String) {
    let from = out.len();
    organisation::join(split, out);
    let check = right_check(out.get(from..).unwrap_or(""));
    out.push(check.map_or('?', char::from));
}

pub(super) fn mark(code: &str, out: &mut String) {
    let from = out.len();
    let (before, body) = code.split_at_checked(KEPT).unwrap_or((code, ""));
    out.push_str(before);
    organisation::mark(body, out);
    let check = right_check(out.get(from..).unwrap_or(""));
    out.push(check.map_or('?', |right| numerals::next(right, &CREDIT_ALPHABET)));
}

pub(super) fn unmark(marked: &str, out: &mut String) -> Option<()> {
    let (before, body) = marked.split_at_checked(KEPT)?;
    let (code, check) = body.split_at_checked(PAYLOAD - KEPT)?;
    let wrong = right_check(marked)? != *check.as_bytes().first()?;
    let from = out.len();
    out.push_str(before);
    organisation::unmark(code, out)?;
    let right = right_check(out.get(from..)?)?;
    out.push(char::from(right));
    (wrong && check.len() == 1).then_some(())
}

fn right_check(code: &str) -> Option<u8> {
    credit_check(code.as_bytes().get(..PAYLOAD)?)
}
