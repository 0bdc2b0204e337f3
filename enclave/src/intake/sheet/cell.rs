//! One cell of a spreadsheet as text, or why it has none.

use calamine::{DataRef, ExcelDateTime};

use super::SHEET_DIGITS;

/// How days are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Style {
    /// A midnight as a day alone.
    #[default]
    AsShort,
    /// Every day with its time.
    WithTime,
}

/// Why a cell does not say what its writer wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A number of more digits than are kept.
    Digits,
    /// `#N/A` and its like.
    Error,
    /// A day before 1900-03-01, where spreadsheets count a day that never was, or after 9999.
    Day,
}

impl Flaw {
    pub(super) const fn sentence(self) -> &'static str {
        match self {
            Self::Digits => {
                "is a number of more than 15 digits, of which a spreadsheet keeps 15: the rest is lost; \
                 format the column as text where it is exported, and export it again"
            }
            Self::Error => "shows an error of a formula; correct the formula or empty the cell",
            Self::Day => "is a day that spreadsheets count wrongly or not at all; write it as text",
        }
    }
}

/// The cell as text.
pub(super) fn text(value: &DataRef<'_>, style: Style) -> Result<String, Flaw> {
    match value {
        DataRef::Empty => Ok(String::new()),
        DataRef::String(text) => Ok(text.clone()),
        DataRef::SharedString(text) => Ok((*text).to_owned()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Ok(text.clone()),
        DataRef::Bool(value) => Ok(value.to_string()),
        DataRef::Int(value) => whole(*value),
        DataRef::Float(value) => number(*value),
        DataRef::DateTime(value) => day(value, style),
        DataRef::Error(_) => Err(Flaw::Error),
    }
}

fn whole(value: i64) -> Result<String, Flaw> {
    match value.unsigned_abs() < 10_u64.pow(SHEET_DIGITS) {
        true => Ok(value.to_string()),
        false => Err(Flaw::Digits),
    }
}

/// As many digits as a spreadsheet shows; those behind are noise of binary fractions.
fn number(value: f64) -> Result<String, Flaw> {
    if !value.is_finite() {
        return Err(Flaw::Error);
    }
    if value.abs() >= 10_f64.powi(SHEET_DIGITS as i32) {
        return Err(Flaw::Digits);
    }
    if value.fract() == 0.0 {
        // Below 10^15 every whole number is exact; adding 0 turns −0 into 0.
        return Ok(format!("{:.0}", value + 0.0));
    }
    let shown: f64 = format!("{value:.*e}", SHEET_DIGITS as usize - 1)
        .parse()
        .map_err(|_| Flaw::Error)?;
    Ok(shown.to_string())
}

/// 1900-03-01 as a spreadsheet counts days, behind the 29 February 1900 that it invents.
const FIRST_SERIAL: f64 = 61.0;
/// 10000-01-01.
const END_SERIAL: f64 = 2_958_466.0;

fn day(value: &ExcelDateTime, style: Style) -> Result<String, Flaw> {
    let serial = value.as_f64();
    let (year, month, day, hour, minute, second, milli) = value.to_ymd_hms_milli();
    if value.is_duration() || (0.0..1.0).contains(&serial) {
        return time_alone(serial);
    }
    // Workbooks of the 1904 epoch have no invented day, and their first one is 1904-01-01.
    let counted = year >= 1904 || serial >= FIRST_SERIAL;
    if !(counted && (0.0..END_SERIAL).contains(&serial)) {
        return Err(Flaw::Day);
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    let midnight = (hour, minute, second, milli) == (0, 0, 0, 0);
    Ok(match (midnight && style == Style::AsShort, milli) {
        (true, _) => date,
        (false, 0) => format!("{date} {hour:02}:{minute:02}:{second:02}"),
        (false, _) => format!("{date} {hour:02}:{minute:02}:{second:02}.{milli:03}"),
    })
}

/// A time of day, or a duration: hours may be more than 24.
fn time_alone(serial: f64) -> Result<String, Flaw> {
    const SECONDS: f64 = 86_400.0;
    if !(0.0..END_SERIAL).contains(&serial) {
        return Err(Flaw::Day);
    }
    let seconds = (serial * SECONDS).round() as u64;
    Ok(format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    ))
}

/// The letters that a spreadsheet calls a column by, which is counted from 0.
pub(super) fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters
        .iter()
        .rev()
        .map(|letter| char::from(*letter))
        .collect()
}

/// A text as a field of CSV: quoted where it has to be, and where it is empty, since a plain empty field is no value.
pub(super) fn quoted(text: &str, line: &mut Vec<u8>) {
    if !text.is_empty() && !text.contains([',', '"', '\n', '\r']) {
        line.extend_from_slice(text.as_bytes());
        return;
    }
    line.push(b'"');
    line.extend_from_slice(text.replace('"', "\"\"").as_bytes());
    line.push(b'"');
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn numbers() {
        let check = |value: f64, expect: Result<&str, Flaw>| {
            assert_eq!(
                text(&DataRef::Float(value), Style::AsShort),
                expect.map(str::to_owned),
                "{value}"
            );
        };
        check(13_912_345_678.0, Ok("13912345678"));
        check(-0.0, Ok("0"));
        check(0.1 + 0.2, Ok("0.3"));
        check(1234.56, Ok("1234.56"));
        check(1e-7, Ok("0.0000001"));
        check(999_999_999_999_999.0, Ok("999999999999999"));
        check(1e15, Err(Flaw::Digits));
        check(110_105_194_912_310_000.0, Err(Flaw::Digits));
        check(f64::NAN, Err(Flaw::Error));
    }

    #[test]
    fn days_and_times() {
        let check = |serial: f64, style, is_1904, expect: Result<&str, Flaw>| {
            let value = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, is_1904);
            assert_eq!(
                text(&DataRef::DateTime(value), style),
                expect.map(str::to_owned),
                "{serial}"
            );
        };
        check(45_943.0, Style::AsShort, false, Ok("2025-10-13"));
        check(45_943.0, Style::WithTime, false, Ok("2025-10-13 00:00:00"));
        check(45_943.5, Style::AsShort, false, Ok("2025-10-13 12:00:00"));
        check(44_481.0, Style::AsShort, true, Ok("2025-10-13"));
        check(61.0, Style::AsShort, false, Ok("1900-03-01"));
        check(60.0, Style::AsShort, false, Err(Flaw::Day));
        check(-1.0, Style::AsShort, false, Err(Flaw::Day));
        check(1e9, Style::AsShort, false, Err(Flaw::Day));
        check(0.5, Style::AsShort, false, Ok("12:00:00"));
    }

    #[test]
    fn columns_by_letters() {
        for (column, expect) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(column), expect);
        }
    }
}
