//! Codes of administrative divisions to the first code of their province, prefecture, county, township or village.

use std::fmt;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Int64Type},
};

use crate::{
    Fault, Phrase, Unsuitable,
    broken::{Broken, Malformed},
    folding::narrow,
    rewrite,
    technique::{Column, Kernel, Sentence},
};

/// Digits of a code: to the county (GB/T 2260), the township (GB/T 10114), the village (统计用区划代码).
const CODE_DIGITS: [usize; 3] = [6, 9, 12];
/// Digits of the longest code.
const CODE_DIGITS_MAX: usize = 12;
/// What stands below a level: the longest code, of zeros.
const ZEROS: &str = "000000000000";
/// What a valid value would have been.
const EXPECTED: Phrase = Phrase::new(
    "a division code of 6, 9 or 12 digits",
    "6、9 或 12 位的行政区划代码",
);

/// A level of the administrative divisions; codes that end at a coarser level already stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionLevel {
    /// 省级, the first 2 digits.
    Province,
    /// 地级, the first 4 digits.
    Prefecture,
    /// 县级, the first 6 digits.
    County,
    /// 乡级, the first 9 digits.
    Township,
    /// 村级, all 12 digits: a column of shorter and full codes keeps them as they are.
    Village,
}

impl fmt::Display for RegionLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Province => "province",
            Self::Prefecture => "prefecture",
            Self::County => "county",
            Self::Township => "township",
            Self::Village => "village",
        })
    }
}

impl RegionLevel {
    /// Digits of a code that name the division of this level.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Self::Province => 2,
            Self::Prefecture => 4,
            Self::County => 6,
            Self::Township => 9,
            Self::Village => 12,
        }
    }

    pub(super) fn learnable(self) -> Sentence {
        let zh = match self {
            Self::Province => "省级",
            Self::Prefecture => "地级",
            Self::County => "县级",
            Self::Township => "乡级",
            Self::Village => "村级",
        };
        Sentence::new(format!("the {self}"), format!("泛化：可知{zh}行政区划"))
    }

    pub(super) fn interval(self) -> String {
        format!(
            "v stands for every code with its first {} digits",
            self.digits()
        )
    }

    pub(super) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        match column.field.data_type() {
            DataType::Utf8 => Ok(Box::new(TextKernel(self))),
            DataType::Int64 => Ok(Box::new(IntegerKernel(self))),
            _ => Err(column.wrong_type(
                Phrase::new(
                    "division codes (Utf8, Int64)",
                    "行政区划代码列（Utf8、Int64）",
                ),
                Phrase::new("a hierarchy, or redact", "层次表或 redact"),
            )),
        }
    }

    /// Whether a text is a code in ASCII digits alone.
    fn is_usual(code: &[u8]) -> bool {
        CODE_DIGITS.contains(&code.len())
            && code.first() != Some(&b'0')
            && code.iter().all(u8::is_ascii_digit)
    }

    /// Appends a text's code with the digits below the level as zeros; blanks at the ends are dropped.
    fn write(self, value: &str, out: &mut String) -> Result<(), Malformed> {
        if Self::is_usual(value.as_bytes()) {
            let kept = value.get(..self.digits()).unwrap_or(value);
            out.push_str(kept);
            out.push_str(ZEROS.get(kept.len()..value.len()).unwrap_or_default());
            return Ok(());
        }
        let mut code = [0u8; CODE_DIGITS_MAX];
        let mut length = 0;
        for character in value.trim().chars().map(narrow) {
            let digit = u8::try_from(character).ok().filter(u8::is_ascii_digit);
            let place = code.get_mut(length).ok_or(Malformed(EXPECTED))?;
            *place = digit.ok_or(Malformed(EXPECTED))?;
            length += 1;
        }
        if !CODE_DIGITS.contains(&length) || code.first() == Some(&b'0') {
            return Err(Malformed(EXPECTED));
        }
        let digits = code.iter().take(length).enumerate();
        out.extend(digits.map(|(place, digit)| {
            if place < self.digits() {
                char::from(*digit)
            } else {
                '0'
            }
        }));
        Ok(())
    }

    /// An integer's code with the digits below the level as zeros.
    fn first_code(self, code: i64) -> Option<i64> {
        let length = match code {
            100_000..=999_999 => 6,
            100_000_000..=999_999_999 => 9,
            100_000_000_000..=999_999_999_999 => 12,
            _ => return None,
        };
        let below = u32::try_from(usize::saturating_sub(length, self.digits())).ok()?;
        Some(code - code % 10i64.checked_pow(below)?)
    }
}

/// Codes written as text.
struct TextKernel(RegionLevel);

impl Kernel for TextKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::text(column, broken, |value, out| self.0.write(value, out))
    }
}

/// Codes written as integers.
struct IntegerKernel(RegionLevel);

impl Kernel for IntegerKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::primitive::<Int64Type>(column, broken, EXPECTED, |code| self.0.first_code(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEVELS: [RegionLevel; 5] = [
        RegionLevel::Province,
        RegionLevel::Prefecture,
        RegionLevel::County,
        RegionLevel::Township,
        RegionLevel::Village,
    ];

    fn text(level: RegionLevel, value: &str) -> Option<String> {
        let mut out = String::new();
        level.write(value, &mut out).ok().map(|()| out)
    }

    #[test]
    fn codes_of_urumqi() {
        for (level, six, twelve) in [
            (RegionLevel::Province, "650000", "650000000000"),
            (RegionLevel::Prefecture, "650100", "650100000000"),
            (RegionLevel::County, "650102", "650102000000"),
            (RegionLevel::Township, "650102", "650102003000"),
            (RegionLevel::Village, "650102", "650102003001"),
        ] {
            assert_eq!(text(level, "650102").as_deref(), Some(six));
            assert_eq!(
                text(level, " ６５０１０２００３００１").as_deref(),
                Some(twelve)
            );
            assert_eq!(
                level
                    .first_code(650_102)
                    .map(|code| code.to_string())
                    .as_deref(),
                Some(six)
            );
        }
        for broken in [
            "",
            "65",
            "65010",
            "6501020",
            "650102x",
            "乌鲁木齐",
            "050102",
            "6501020030011",
        ] {
            assert_eq!(text(RegionLevel::County, broken), None, "{broken}");
        }
        for broken in [0, -650_102, 65, 99_999, 1_000_000, i64::MAX, i64::MIN] {
            assert_eq!(RegionLevel::County.first_code(broken), None, "{broken}");
        }
    }

    proptest! {
        /// Text and integer agree, and both with the twin that replaces the tail of the string.
        #[test]
        fn text_and_integer_agree(code in prop_oneof!["[1-9][0-9]{5}", "[1-9][0-9]{8}", "[1-9][0-9]{11}"]) {
            for level in LEVELS {
                let kept = &code[..level.digits().min(code.len())];
                let expect = format!("{kept:0<width$}", width = code.len());
                let found = text(level, &code).unwrap();
                prop_assert_eq!(&found, &expect);
                prop_assert_eq!(level.first_code(code.parse().unwrap()), found.parse().ok());
                prop_assert_eq!(text(level, &found), Some(expect.clone()));
                // A blank in front takes the road of all other spellings.
                prop_assert_eq!(text(level, &format!(" {code}")), Some(expect));
            }
        }
    }
}
