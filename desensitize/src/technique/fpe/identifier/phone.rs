//! The form of marked telephone numbers: a first digit 9 instead of 0 or 1, and behind it no 5 and no 6.
//!
//! The numbering plan (电信网编号计划, 2017) gives subscribers' numbers the first digits 2–8, mobile numbers 13–19 and the
//! trunk prefix 0; of the numbers that begin with 9 it uses 95 and 96, short codes. So a second digit 5 becomes 0 and a 6
//! becomes 1, and a marked number begins with 90–94 or 97–99, which no subscriber has.
//!
//! MIIT's table of mobile ranges (as of March 2023) and descriptions of the plan confirm 2–8, 13–19 and 0; they name no
//! use of a first 9 but 95 and 96. The plan's own text could not be looked up, so that nothing else is given out behind a
//! 9 is not confirmed. Analogue mobile numbers, of seven digits, began with 9 until they became numbers of 139. All this is of
//! numbers dialled within the mainland: behind +86 a first 9 begins an area code, and a network may not mind the digits
//! too many.

/// Appends a number of first digit 0 or 1 in its marked form.
pub(super) fn mark(number: &str, out: &mut String) {
    let mut digits = number.chars().skip(1);
    out.push('9');
    out.extend(digits.next().map(|second| match second {
        '5' => '0',
        '6' => '1',
        other => other,
    }));
    out.extend(digits);
}

/// Appends the number of a marked form; `first` is the digit it had, and `is_one` tells a second digit 1 from a 6.
pub(super) fn unmark(
    marked: &str,
    first: char,
    is_one: impl Fn(&str) -> bool,
    out: &mut String,
) -> Option<()> {
    let rest = marked.strip_prefix('9')?;
    let mut digits = rest.chars();
    let second = match digits.next()? {
        '0' => '5',
        '1' if !is_one(rest) => '6',
        '5' | '6' => return None,
        other => other,
    };
    out.extend([first, second]);
    out.push_str(digits.as_str());
    Some(())
}
