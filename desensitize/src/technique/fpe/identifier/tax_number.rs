//! Tax numbers: those of 18 characters as credit codes; of the older 15 the region kept, the organisation encrypted.
//! Numbers of self-employed persons (20 characters) hold a resident id and are outside.

use super::{Numbering, credit_code, organisation, split::Split};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: organisation::DEFINITION,
    sizes: organisation::SIZES,
    split,
    join,
    mark,
    unmark,
    kept: (
        "the region, and of a newer number the registering authority and category",
        "行政区划；新号码另有登记管理部门与机构类别",
    ),
    somebodys: organisation::somebodys,
};

/// Characters of the region of the older form.
const REGION: usize = 6;
/// Characters of the older form.
const LEGACY: usize = 15;
/// Characters of a credit code.
const CREDIT: usize = 18;

fn split(number: &str) -> Option<Split> {
    match number.len() {
        LEGACY => number
            .split_at_checked(REGION)
            .and_then(|(region, code)| organisation::split(region, code)),
        CREDIT => credit_code::split(number),
        _ => None,
    }
}

fn join(split: &Split, out: &mut String) {
    if split.carried.as_str().len() == REGION {
        organisation::join(split, out);
    } else {
        credit_code::join(split, out);
    }
}

fn mark(number: &str, out: &mut String) {
    match number.split_at_checked(REGION) {
        Some((region, code)) if number.len() == LEGACY => {
            out.push_str(region);
            organisation::mark(code, out);
        }
        _ => credit_code::mark(number, out),
    }
}

fn unmark(marked: &str, out: &mut String) -> Option<()> {
    match marked.split_at_checked(REGION) {
        Some((region, code)) if marked.len() == LEGACY => {
            out.push_str(region);
            organisation::unmark(code, out)
        }
        _ => credit_code::unmark(marked, out),
    }
}
