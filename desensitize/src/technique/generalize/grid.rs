//! Degrees to the south-western corner of their cell.

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Float64Type},
};

use crate::{
    Fault, Number, Phrase, Unsuitable,
    broken::{Broken, Malformed},
    phrase::said,
    rewrite,
    technique::{
        Column, Kernel, Sentence,
        bucket::FloatSteps,
        whole::{Whole, above_multiple},
    },
};

/// Digits after the point that a grid keeps at most: a cell of 4 is about 11 m, and smaller ones are the place itself.
pub const GRID_DECIMALS_MAX: u8 = 4;
/// The largest longitude, in degrees; latitudes lie within it too.
const DEGREES_MAX: i64 = 180;
/// Digits of a cell's number at most: those of 180 degrees and the decimals of the finest grid.
const DIGITS_MAX: usize = 3 + GRID_DECIMALS_MAX as usize;
/// What a valid value would have been.
const EXPECTED: Phrase = Phrase::new("degrees between -180 and 180", "-180 至 180 之间的经纬度");

pub(super) fn learnable(decimals: u8) -> Sentence {
    let size = size(decimals);
    Sentence::new(
        format!("the grid cell of {size} degrees"),
        format!("泛化：可知所在的 {size} 度网格"),
    )
}

pub(super) fn interval(decimals: u8) -> String {
    format!(
        "each coordinate v stands for [v, v + {}) degrees",
        size(decimals)
    )
}

/// The side of a cell, in degrees.
fn size(decimals: u8) -> String {
    match usize::from(decimals) {
        0 => "1".to_owned(),
        decimals => format!("0.{:0>decimals$}", 1),
    }
}

pub(super) fn compile(decimals: u8, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
    if decimals > GRID_DECIMALS_MAX {
        return Err(column.parameter(said!(
            "keeps at most {GRID_DECIMALS_MAX} decimals of a degree; more is the place itself",
            "最多保留 {GRID_DECIMALS_MAX} 位小数（度）；再多即为该地点本身"
        )));
    }
    match column.field.data_type() {
        DataType::Utf8 => Ok(Box::new(TextKernel { decimals })),
        DataType::Float64 => {
            let width: Number = size(decimals)
                .parse()
                .map_err(|_| column.parameter(said!("needs fewer decimals", "的小数位过多")))?;
            Ok(Box::new(FloatKernel(FloatSteps::new(width, 0.into()))))
        }
        DataType::Decimal128(precision, scale) => {
            let below = i16::from(*scale) - i16::from(decimals);
            let finer = u32::try_from(below).ok().filter(|below| *below > 0);
            let width = finer
                .and_then(|below| 10i128.checked_pow(below))
                .ok_or_else(|| {
                    column.parameter(said!(
                        "keeps every digit of the column; lower `grid`",
                        "会保留本列的全部小数位；请减小 `grid`"
                    ))
                })?;
            let unit = 10i128
                .checked_pow(u32::from(scale.unsigned_abs()))
                .unwrap_or(i128::MAX);
            Ok(Box::new(DecimalKernel {
                unit: Whole::Decimal {
                    precision: *precision,
                    scale: *scale,
                },
                width,
                limit: unit.saturating_mul(i128::from(DEGREES_MAX)),
            }))
        }
        _ => Err(column.wrong_type(
            Phrase::new(
                "degrees (Float64, Decimal128) and text `longitude,latitude`",
                "经纬度（Float64、Decimal128）与文本 `longitude,latitude`",
            ),
            Phrase::new("bucket", "bucket"),
        )),
    }
}

/// Decimal degrees.
struct DecimalKernel {
    unit: Whole,
    /// A cell, in units of the column's scale.
    width: i128,
    /// 180 degrees, in units of the column's scale.
    limit: i128,
}

impl Kernel for DecimalKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        self.unit.map(column, broken, EXPECTED, |value| {
            let within = (-self.limit..=self.limit).contains(&value);
            within.then(|| value - above_multiple(value, self.width))
        })
    }
}

/// Floating-point degrees.
struct FloatKernel(FloatSteps);

impl Kernel for FloatKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::primitive::<Float64Type>(column, broken, EXPECTED, |value| {
            let within = (-180.0..=180.0).contains(&value);
            within.then(|| self.0.lower(value)).flatten()
        })
    }
}

/// Two coordinates with a comma, full-width comma or blanks between them; written back with a comma.
struct TextKernel {
    decimals: u8,
}

impl TextKernel {
    fn write(&self, value: &str, out: &mut String) -> Result<(), Malformed> {
        let comma = [',', '，'];
        let value = value.trim();
        let (first, second) = value
            .split_once(comma)
            .or_else(|| value.split_once(char::is_whitespace))
            .ok_or(Malformed(EXPECTED))?;
        self.write_one(first.trim(), out)?;
        out.push(',');
        self.write_one(second.trim(), out)
    }

    /// Appends the cell of a coordinate: three digits at most before the point, and as many as the grid keeps behind it.
    fn write_one(&self, degrees: &str, out: &mut String) -> Result<(), Malformed> {
        let cells = self.cells(degrees).ok_or(Malformed(EXPECTED))?;
        if cells < 0 {
            out.push('-');
        }
        let behind = usize::from(self.decimals);
        let mut digits = [0; DIGITS_MAX];
        let mut rest = cells.unsigned_abs();
        for digit in digits.iter_mut().rev() {
            *digit = u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        let point = DIGITS_MAX - behind;
        let leading = digits.iter().take(point - 1);
        let leading = leading.take_while(|digit| **digit == 0).count();
        for (place, digit) in digits.iter().enumerate().skip(leading) {
            if place == point {
                out.push('.');
            }
            out.push(char::from(b'0' + digit));
        }
        Ok(())
    }

    /// The number of the cell, counted from the equator or the first meridian.
    fn cells(&self, degrees: &str) -> Option<i64> {
        let (negative, digits) = match degrees.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, degrees.strip_prefix('+').unwrap_or(degrees)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 3 || !plain(whole) || !plain(fraction) {
            return None;
        }
        let kept = fraction.bytes().chain(std::iter::repeat(b'0'));
        let toward_zero = whole
            .bytes()
            .chain(kept.take(usize::from(self.decimals)))
            .fold(0, |cells, digit| cells * 10 + i64::from(digit - b'0'));
        let rest = fraction
            .bytes()
            .skip(usize::from(self.decimals))
            .any(|digit| digit != b'0');
        let limit = DEGREES_MAX * 10i64.pow(u32::from(self.decimals));
        if toward_zero > limit || (toward_zero == limit && rest) {
            return None;
        }
        // Cells are counted toward south and west below zero, as floor does.
        Some(if negative {
            -toward_zero - i64::from(rest)
        } else {
            toward_zero
        })
    }
}

impl Kernel for TextKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::text(column, broken, |value, out| self.write(value, out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(decimals: u8, value: &str) -> Option<String> {
        let mut out = String::new();
        let written = TextKernel { decimals }.write(value, &mut out);
        written.ok().map(|()| out)
    }

    #[test]
    fn texts() {
        for (decimals, value, expect) in [
            (2, "87.6168,43.8256", "87.61,43.82"),
            (2, " 87.6 ， 43 ", "87.60,43.00"),
            (0, "87.6168 43.8256", "87,43"),
            (1, "-0.01,+0.01", "-0.1,0.0"),
            (1, "-180,180.000", "-180.0,180.0"),
            (4, "-87.61680,43.82560", "-87.6168,43.8256"),
        ] {
            assert_eq!(text(decimals, value).as_deref(), Some(expect), "{value}");
        }
        for broken in [
            "",
            "87.6",
            "87.6;43.8",
            "a,b",
            "180.01,0",
            "0,181",
            "1e1,2",
            ".5,1",
            "1,2,3",
            "--1,2",
        ] {
            assert_eq!(text(2, broken), None, "{broken}");
        }
    }

    proptest! {
        /// Text, float and plain integer arithmetic give the same cell.
        #[test]
        fn text_float_and_integers_agree(units in -1_800_000i64..=1_800_000, decimals in 0u8..=4) {
            let sign = if units < 0 { "-" } else { "" };
            let written = format!("{sign}{}.{:04}", units.abs() / 10_000, units.abs() % 10_000);
            let cell = units.div_euclid(10i64.pow(4 - u32::from(decimals)));
            prop_assert_eq!(TextKernel { decimals }.cells(&written), Some(cell));
            let (cells, one) = (cell.abs(), 10i64.pow(decimals.into()));
            let digits = format!("{:0>width$}", cells % one, width = usize::from(decimals));
            let point = if decimals == 0 { String::new() } else { format!(".{digits}") };
            let expect = format!("{}{}{point}", if cell < 0 { "-" } else { "" }, cells / one);
            prop_assert_eq!(text(decimals, &format!("{written},{written}")), Some(format!("{expect},{expect}")));
            let steps = FloatSteps::new(size(decimals).parse().unwrap(), 0.into());
            let expect = cell as f64 / 10f64.powi(i32::from(decimals));
            prop_assert_eq!(steps.lower(written.parse().unwrap()), Some(expect));
        }
    }
}
