//! One cell's text as a value of its column's type; nothing is rounded, guessed or cut.
//!
//! In columns that are not text, blanks around a value are ignored, and `""` is no value: such a type has no empty text.

use jiff::civil::{Date, DateTime, Time};
use policy::ColumnType;

/// How each type is written, for the error that a bad cell gives.
pub(super) fn expected(column: ColumnType) -> String {
    match column {
        ColumnType::Text => "text".to_owned(),
        ColumnType::Integer => "an integer of 64 bits (digits, with - where needed)".to_owned(),
        ColumnType::Float => "a finite number (as 1.5 or 1.5e3)".to_owned(),
        ColumnType::Decimal { precision, scale } => {
            format!(
                "a decimal({precision},{scale}): at most {} digits before the point and {scale} after it",
                precision.saturating_sub(scale)
            )
        }
        ColumnType::Date => "a date (YYYY-MM-DD, YYYY/M/D or YYYYMMDD)".to_owned(),
        ColumnType::Timestamp => {
            "a timestamp without a zone (YYYY-MM-DD HH:MM:SS, with up to six decimals)".to_owned()
        }
        ColumnType::Boolean => "a boolean (true, false, 1, 0, 是 or 否)".to_owned(),
    }
}

/// A whole number with an optional sign.
pub(super) fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// A finite number; −0 becomes 0, so that equal numbers are equal bytes.
pub(super) fn float(text: &str) -> Option<f64> {
    let shape = text
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    let value: f64 = text.parse().ok().filter(|_| shape)?;
    value.is_finite().then_some(value + 0.0)
}

/// The number in units of its last decimal place; more places than the scale are accepted only as zeros.
pub(super) fn decimal(text: &str, precision: u8, scale: u8) -> Option<i128> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = usize::from(scale).checked_sub(fraction.len())?;
    let places = whole
        .bytes()
        .chain(fraction.bytes())
        .chain(std::iter::repeat_n(b'0', missing));
    let magnitude = places
        .map(|b| i128::from(b - b'0'))
        .try_fold(0_i128, |sum, digit| sum.checked_mul(10)?.checked_add(digit))?;
    if magnitude >= 10_i128.checked_pow(u32::from(precision))? {
        return None;
    }
    Some(if text.starts_with('-') {
        -magnitude
    } else {
        magnitude
    })
}

/// Days since 1970-01-01.
pub(super) fn date(text: &str) -> Option<i32> {
    days(civil_date(text)?)
}

/// Microseconds since 1970-01-01 00:00 of the same unnamed zone.
pub(super) fn timestamp(text: &str) -> Option<i64> {
    let (day, clock) = text.split_once([' ', 'T'])?;
    let at = DateTime::from_parts(civil_date(day)?, civil_time(clock)?);
    let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    i64::try_from(at.duration_since(epoch).as_micros()).ok()
}

/// True, false and their spellings.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "TRUE" | "True" | "1" | "是" => Some(true),
        "false" | "FALSE" | "False" | "0" | "否" => Some(false),
        _ => None,
    }
}

fn days(date: Date) -> Option<i32> {
    const SECONDS_PER_DAY: i64 = 86_400;
    let epoch = Date::constant(1970, 1, 1);
    i32::try_from(date.duration_since(epoch).as_secs() / SECONDS_PER_DAY).ok()
}

fn civil_date(text: &str) -> Option<Date> {
    let (year, month, day) = match text.len() {
        8 if !text.contains(['-', '/']) => (text.get(..4)?, text.get(4..6)?, text.get(6..)?),
        10 if text.contains('-') => {
            let (year, rest) = text.split_once('-')?;
            let (month, day) = rest.split_once('-').filter(|(month, _)| month.len() == 2)?;
            (year, month, day)
        }
        _ => {
            let (year, rest) = text.split_once('/')?;
            let (month, day) = rest.split_once('/')?;
            (year, month, day)
        }
    };
    if year.len() != 4 {
        return None;
    }
    Date::new(
        number(year, 4)?,
        i8::try_from(number(month, 2)?).ok()?,
        i8::try_from(number(day, 2)?).ok()?,
    )
    .ok()
}

fn civil_time(text: &str) -> Option<Time> {
    let mut parts = text.splitn(3, ':');
    let (hour, minute) = (
        parts.next()?,
        parts.next().filter(|minute| minute.len() == 2)?,
    );
    let (second, fraction) = match parts.next() {
        None => ("0", None),
        Some(seconds) => match seconds.split_once('.') {
            None => (seconds, None),
            Some((second, fraction)) => (second, Some(fraction)),
        },
    };
    let small = |text: &str| i8::try_from(number(text, 2)?).ok();
    let nanoseconds = fraction.map_or(Some(0), microseconds)?.checked_mul(1000)?;
    Time::new(small(hour)?, small(minute)?, small(second)?, nanoseconds).ok()
}

/// One to six decimals of a second as microseconds.
fn microseconds(fraction: &str) -> Option<i32> {
    let value = number(fraction, 6).map(i32::from).or_else(|| {
        let digits = fraction.bytes().all(|b| b.is_ascii_digit());
        fraction
            .parse()
            .ok()
            .filter(|_| digits && (1..=6).contains(&fraction.len()))
    })?;
    let missing = u32::try_from(6_usize.checked_sub(fraction.len())?).ok()?;
    value.checked_mul(10_i32.checked_pow(missing)?)
}

/// One to `width` digits and nothing else.
fn number(text: &str, width: usize) -> Option<i16> {
    let shape = (1..=width).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: PartialEq + std::fmt::Debug>(
        parse: impl Fn(&str) -> Option<T>,
        accepted: &[(&str, T)],
        refused: &[&str],
    ) {
        for (text, expect) in accepted {
            assert_eq!(parse(text).as_ref(), Some(expect), "{text:?}");
        }
        for text in refused {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn integers() {
        check(
            integer,
            &[
                ("0", 0),
                ("-5", -5),
                ("+5", 5),
                ("007", 7),
                ("9223372036854775807", i64::MAX),
                ("-9223372036854775808", i64::MIN),
            ],
            &[
                "",
                "-",
                "1.0",
                "1e3",
                "9223372036854775808",
                "1,000",
                "１",
                "0x1",
            ],
        );
    }

    #[test]
    fn floats() {
        check(
            float,
            &[("1.5", 1.5), ("-1e3", -1000.0), (".5", 0.5), ("-0", 0.0)],
            &["", "nan", "inf", "1e999", "1,5", "1_0", "infinity"],
        );
        assert!(float("-0").unwrap().is_sign_positive());
    }

    #[test]
    fn decimals() {
        check(
            |text| decimal(text, 5, 2),
            &[
                ("1", 100),
                ("1.5", 150),
                ("-999.99", -99999),
                (".5", 50),
                ("5.", 500),
                ("1.500", 150),
                ("+0.01", 1),
                ("000001", 100),
            ],
            &["", "-", ".", "1000", "0.001", "1e2", "--1", "1.2.3", "1,5"],
        );
        check(
            |text| decimal(text, 38, 0),
            &[(&"9".repeat(38), 10_i128.pow(38) - 1)],
            &[&"9".repeat(39), &"9".repeat(60)],
        );
    }

    #[test]
    fn dates() {
        check(
            date,
            &[
                ("1970-01-01", 0),
                ("1970-01-02", 1),
                ("1969-12-31", -1),
                ("2000/2/29", 11016),
                ("2000/02/29", 11016),
                ("20000229", 11016),
                ("1900-01-01", -25567),
            ],
            &[
                "",
                "1900-02-29",
                "2023-02-30",
                "2023-1-1",
                "23-01-01",
                "2023/13/1",
                "2023-01-01 ",
                "01/02/2023",
                "2023年1月1日",
                "2023010",
                "-0230101",
            ],
        );
    }

    #[test]
    fn timestamps() {
        check(
            timestamp,
            &[
                ("1970-01-01 00:00:00", 0),
                ("1970-01-01T00:00:01", 1_000_000),
                ("1970/1/1 0:01", 60_000_000),
                ("1970-01-01 00:00:00.5", 500_000),
                ("1970-01-01 00:00:00.000001", 1),
                ("1970-01-01 00:00:00.123456", 123_456),
                ("1969-12-31 23:59:59.999999", -1),
            ],
            &[
                "",
                "1970-01-01",
                "1970-01-01 24:00:00",
                "1970-01-01 00:00:60",
                "1970-01-01 00:00:00Z",
                "1970-01-01 00:00:00+08:00",
                "1970-01-01 00:00:00.1234567",
                "1970-01-01 00:0",
            ],
        );
    }

    #[test]
    fn booleans() {
        check(
            boolean,
            &[("true", true), ("否", false), ("1", true), ("0", false)],
            &["", "yes", "2", "TrUe"],
        );
    }
}
