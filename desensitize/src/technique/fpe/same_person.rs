//! The birth date or sex beside an encrypted resident id: what the surrogate says.

use std::fmt;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanBuilder, StringArray},
    datatypes::{DataType, Date32Type, Int64Type, TimeUnit, TimestampMicrosecondType},
};

use super::resident_id::{FpeResidentId, permutation::Permutation};
use crate::{
    Fault, Phrase, Unsuitable,
    broken::{Broken, Malformed},
    calendar::is_day,
    phrase::said,
    resident_id::Codec,
    rewrite::{self, Texts},
    technique::{Column, Kernel, Sentence},
};

/// Microseconds of a day.
const DAY_MICROSECONDS: i64 = 86_400_000_000;
/// What a valid birth date would have been.
const EXPECTED_BIRTH: Phrase = Phrase::new(
    "a birth date beside an encrypted resident id",
    "与已加密身份证号同行的出生日期",
);
/// What a valid sex would have been.
const EXPECTED_SEX: Phrase = Phrase::new(
    "one of the two declared sexes beside an encrypted resident id",
    "与已加密身份证号同行、且为声明的两种写法之一的性别",
);

/// Rewrites a person's birth date or sex to that of the surrogate of the resident id in the same row, so that the columns
/// agree as they did before.
///
/// The value itself counts only in that there is one: null stays null. A value beside an id that has no surrogate, a text
/// that is no date, and a sex that is none of the two are broken input. Dates in text keep their spelling (`19491231`,
/// `1949-12-31`, `1949/12/31`, `1949.12.31`); timestamps become midnight, since an hour of birth says who it is.
/// What a reader learns: the parts that the recipe keeps of the id, no more. The way back leads through the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamePerson {
    /// The raw column of ids; [`Technique::companion`](crate::Technique::companion).
    pub id: String,
    /// What this column holds.
    pub part: PersonPart,
    /// The recipe of the column of ids.
    pub recipe: FpeResidentId,
}

/// What a column says of the person whose id stands beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonPart {
    /// The birth date; date, timestamp and text columns.
    BirthDate,
    /// The sex; text, integer and boolean columns.
    Sex {
        /// How a man is written: a text, an integer, `true` or `false`.
        male: String,
        /// How a woman is written.
        female: String,
    },
}

impl SamePerson {
    pub(crate) fn learnable(&self) -> Sentence {
        let id = &self.id;
        let nothing = || Sentence::new("nothing", "无一部分");
        let kept = self.recipe.keep.words().unwrap_or_else(nothing);
        Sentence::new(
            format!(
                "what the surrogate in {id} says, of which {} is true",
                kept.en
            ),
            format!("与 {id} 的替代号码一致，其中{}为真", kept.zh),
        )
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        let permutation = self.recipe.permutation(column)?;
        let writes = match &self.part {
            PersonPart::BirthDate => birth_writes(column)?,
            PersonPart::Sex { male, female } if male == female => {
                return Err(column.parameter(said!(
                    "writes both sexes alike; give `male` and `female` words of their own",
                    "对两种性别的写法相同；请为 `male` 与 `female` 分别给出"
                )));
            }
            PersonPart::Sex { male, female } => sex_writes(column, male, female)?,
        };
        Ok(Box::new(SamePersonKernel {
            permutation,
            writes,
        }))
    }
}

fn birth_writes(column: &Column<'_>) -> Result<Writes, Unsuitable> {
    match column.field.data_type() {
        DataType::Date32 => Ok(Writes::Day),
        DataType::Timestamp(TimeUnit::Microsecond, None) => Ok(Writes::Instant),
        DataType::Utf8 => Ok(Writes::DateText),
        _ => Err(column.wrong_type(
            Phrase::new(
                "dates, timestamps and text (Date32, Timestamp(µs), Utf8)",
                "日期、时间戳与文本列（Date32、Timestamp(µs)、Utf8）",
            ),
            Phrase::new("redact", "redact"),
        )),
    }
}

fn sex_writes(column: &Column<'_>, male: &str, female: &str) -> Result<Writes, Unsuitable> {
    let neither = |what: Phrase| {
        let (en, zh) = (what.en, what.zh);
        column.parameter(Sentence::new(
            format!("needs `male` and `female` as {en} in a column of that type"),
            format!("在此类型的列中，`male` 与 `female` 应为{zh}"),
        ))
    };
    match column.field.data_type() {
        DataType::Utf8 => Ok(Writes::SexText(male.to_owned(), female.to_owned())),
        DataType::Int64 => match (male.parse(), female.parse()) {
            (Ok(male), Ok(female)) => Ok(Writes::SexNumber(male, female)),
            _ => Err(neither(Phrase::new("integers", "整数"))),
        },
        DataType::Boolean => match (male.parse(), female.parse()) {
            (Ok(male), Ok(false | true)) => Ok(Writes::MaleIs(male)),
            _ => Err(neither(Phrase::new(
                "`true` and `false`",
                "`true` 与 `false`",
            ))),
        },
        _ => Err(column.wrong_type(
            Phrase::new(
                "text, integers and booleans (Utf8, Int64, Boolean)",
                "文本、整数与布尔列（Utf8、Int64、Boolean）",
            ),
            Phrase::new("constant", "constant"),
        )),
    }
}

impl fmt::Display for SamePerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            PersonPart::BirthDate => "birth date",
            PersonPart::Sex { .. } => "sex",
        };
        write!(f, "{part} as in {} {}", self.id, self.recipe)
    }
}

/// What is written, by the type of the column.
enum Writes {
    Day,
    Instant,
    DateText,
    SexText(String, String),
    SexNumber(i64, i64),
    MaleIs(bool),
}

/// Writes what each row's surrogate says.
struct SamePersonKernel {
    permutation: Permutation,
    writes: Writes,
}

impl Kernel for SamePersonKernel {
    fn apply(
        &self,
        column: &dyn Array,
        companion: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        // The caller has checked the companion's type, where it can name it.
        let ids: &StringArray = companion
            .and_then(|companion| companion.as_string_opt())
            .ok_or_else(|| Fault::Contract {
                column: broken.column.to_owned(),
            })?;
        let persons = self.permutation.encrypt(ids);
        let person = |row: usize| persons.get(row).copied().flatten();
        match &self.writes {
            Writes::Day => rewrite::rows::<Date32Type>(column, broken, EXPECTED_BIRTH, |row, _| {
                Some(person(row)?.birth_day())
            }),
            Writes::Instant => rewrite::rows::<TimestampMicrosecondType>(
                column,
                broken,
                EXPECTED_BIRTH,
                |row, _| Some(i64::from(person(row)?.birth_day()) * DAY_MICROSECONDS),
            ),
            Writes::DateText => texts(column, broken, EXPECTED_BIRTH, |row, text, out| {
                let separator = Separator::of(text)?;
                separator.write(Codec::of_domain().birth_digits(person(row)?)?, out)
            }),
            Writes::SexText(male, female) => {
                texts(column, broken, EXPECTED_SEX, |row, text, out| {
                    let known = text == male || text == female;
                    let person = person(row).filter(|_| known)?;
                    out.push_str(if person.is_male() { male } else { female });
                    Some(())
                })
            }
            Writes::SexNumber(male, female) => {
                rewrite::rows::<Int64Type>(column, broken, EXPECTED_SEX, |row, number| {
                    let known = number == *male || number == *female;
                    let person = person(row).filter(|_| known)?;
                    Some(if person.is_male() { *male } else { *female })
                })
            }
            Writes::MaleIs(male) => {
                booleans(column, broken, |row| Some(person(row)?.is_male() == *male))
            }
        }
    }
}

/// Rewrites each text beside its row's number.
fn texts(
    column: &dyn Array,
    broken: &mut Broken<'_>,
    expected: Phrase,
    each: impl Fn(usize, &str, &mut String) -> Option<()>,
) -> Result<ArrayRef, Fault> {
    let texts = column
        .as_string_opt::<i32>()
        .ok_or_else(|| rewrite::mismatch(column, broken, &DataType::Utf8))?;
    let mut out = Texts::with_capacity(texts.len(), rewrite::text_bytes(column));
    for (row, text) in texts.iter().enumerate() {
        let Some(text) = text else {
            out.append_null();
            continue;
        };
        let written = out.append_with(|out| each(row, text, out).ok_or(Malformed(expected)));
        if let Err(why) = written {
            broken.text(row, text, &why, &mut out)?;
        }
    }
    out.finish(broken.column)
}

/// Writes each boolean by its row's number.
fn booleans(
    column: &dyn Array,
    broken: &mut Broken<'_>,
    each: impl Fn(usize) -> Option<bool>,
) -> Result<ArrayRef, Fault> {
    let values = column
        .as_boolean_opt()
        .ok_or_else(|| rewrite::mismatch(column, broken, &DataType::Boolean))?;
    let mut out = BooleanBuilder::with_capacity(values.len());
    for row in 0..values.len() {
        if values.is_null(row) {
            out.append_null();
            continue;
        }
        match each(row) {
            Some(value) => out.append_value(value),
            None => out.append_option(broken.other(row, EXPECTED_SEX)?),
        }
    }
    Ok(std::sync::Arc::new(out.finish()))
}

/// What stands between year, month and day of a date in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Separator(Option<u8>);

impl Separator {
    /// The separator of a text that is a date.
    fn of(text: &str) -> Option<Self> {
        let (separator, digits) = match *text.as_bytes() {
            [c, e, n, t, m, o, d, a] => (None, [c, e, n, t, m, o, d, a]),
            [c, e, n, t, first @ (b'-' | b'/' | b'.'), m, o, second, d, a] if first == second => {
                (Some(first), [c, e, n, t, m, o, d, a])
            }
            _ => return None,
        };
        let number = |digits: &[u8]| {
            let digits = digits.iter().map(|digit| u32::from(digit - b'0'));
            digits.fold(0, |number, digit| number * 10 + digit)
        };
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let (year, rest) = digits.split_at(4);
        let (month, day) = rest.split_at(2);
        let exists = is_day(i64::from(number(year)), number(month), number(day));
        exists.then_some(Self(separator))
    }

    /// Appends a date of eight digits in this spelling.
    fn write(self, digits: [u8; 8], out: &mut String) -> Option<()> {
        let digits = std::str::from_utf8(&digits).ok()?;
        let Some(separator) = self.0 else {
            out.push_str(digits);
            return Some(());
        };
        let (year, rest) = digits.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        for part in [year, month] {
            out.push_str(part);
            out.push(char::from(separator));
        }
        out.push_str(day);
        Some(())
    }
}

#[cfg(test)]
mod tests;
