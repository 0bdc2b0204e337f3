//! `truncate`: the end of a value cut off — texts after some graphemes, numbers toward zero, dates to their period.

use std::fmt;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Float64Type},
};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    Column, Kernel, Sentence,
    mask::{GRAPHEME_CHARACTERS_MAX, is_whole},
    period::Period,
    round::whole_step,
    whole::{Whole, remainder},
};
use crate::{
    Fault, Number, Phrase, Unsuitable, broken::Broken, folding::is_direction_control, phrase::said,
    rewrite,
};

/// Graphemes that a truncated text may keep; more is no truncation of any code or name.
pub const GRAPHEMES_KEPT_MAX: usize = 64;
/// Largest multiple that a double counts one by one.
const EXACT_MULTIPLES: f64 = 9_007_199_254_740_992.0;

/// Cuts off the end of each value.
///
/// NaN, infinities and floats too large to divide by the step are broken input. What a reader learns: what is kept; a
/// text with no more graphemes than are kept is released whole, so codes are truncated, and names are masked.
/// Not reversible.
///
/// ```
/// use arrow::{array::{AsArray, StringArray}, datatypes::{DataType, Field}};
/// use desensitize::{ColumnRecipe, Technique, Transform, Truncate, TruncateTo};
///
/// let field = Field::new("diagnosis", DataType::Utf8, false);
/// let recipe = ColumnRecipe::new("diagnosis", Technique::Truncate(Truncate { to: TruncateTo::Graphemes(3) }));
/// let (codes, _) = Transform::compile(&recipe, &field, None)?.apply(&StringArray::from(vec!["I25.103", "J18"]), 1)?;
/// assert_eq!(codes.as_string::<i32>(), &StringArray::from(vec!["I25", "J18"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Truncate {
    /// What is kept.
    pub to: TruncateTo,
}

/// What is kept of a truncated value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TruncateTo {
    /// Of texts the first graphemes, at least 1; direction controls are dropped, so that a cut leaves none open.
    Graphemes(usize),
    /// Of numbers the next multiple toward zero; the step is above zero.
    Multiple(Number),
    /// Of dates and timestamps the first instant of their period.
    Period(Period),
}

impl fmt::Display for Truncate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to {
            TruncateTo::Graphemes(count) => write!(f, "to {count} graphemes"),
            TruncateTo::Multiple(step) => write!(f, "to {step}"),
            TruncateTo::Period(period) => write!(f, "to {period}"),
        }
    }
}

impl Truncate {
    pub(crate) fn learnable(self) -> Sentence {
        match self.to {
            TruncateTo::Graphemes(count) => Sentence::new(
                format!("the first {count} characters; texts no longer than that entirely"),
                format!("局部抑制：可知前 {count} 个字符，不超过该长度的文本可知全文"),
            ),
            TruncateTo::Multiple(step) => Sentence::new(
                format!("the value to within {step}, and its sign unless it became zero"),
                format!("取整：可知原值，误差小于 {step}；未变为零者可知正负"),
            ),
            TruncateTo::Period(period) => period.learnable(),
        }
    }

    pub(crate) fn interval(self) -> Option<String> {
        match self.to {
            TruncateTo::Graphemes(_) => {
                Some("v stands for all texts that begin with it".to_owned())
            }
            TruncateTo::Multiple(step) => Some(format!(
                "v above 0 stands for [v, v + {step}), v below 0 for (v - {step}, v], and 0 for (-{step}, {step})"
            )),
            TruncateTo::Period(period) => Some(period.interval()),
        }
    }

    pub(crate) fn compile(self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        match self.to {
            TruncateTo::Graphemes(count) => {
                column.must_be_text(Phrase::new(
                    "truncate to a multiple or a period",
                    "截至倍数或时段的 truncate",
                ))?;
                if count == 0 || count > GRAPHEMES_KEPT_MAX {
                    return Err(column.parameter(said!(
                        "keeps 1 to {GRAPHEMES_KEPT_MAX} graphemes; use `redact` to keep none",
                        "可保留 1 至 {GRAPHEMES_KEPT_MAX} 个字符；一个也不保留请用 `redact`"
                    )));
                }
                Ok(Box::new(TextKernel { count }))
            }
            TruncateTo::Multiple(step) => multiple(step, column),
            TruncateTo::Period(period) => period.compile(column),
        }
    }
}

fn multiple(step: Number, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
    let float = *column.field.data_type() == DataType::Float64;
    match Whole::number(column.field.data_type()) {
        None if !float => Err(column.wrong_type(
            Phrase::new("numbers (to a multiple)", "数值列（截至倍数）"),
            Phrase::new(
                "truncate to graphemes or to a period",
                "截至字符或时段的 truncate",
            ),
        )),
        _ if !step.is_positive() => Err(column.parameter(said!(
            "needs a step above zero, such as `to: 100`",
            "需要大于零的步长，例如 `to: 100`"
        ))),
        Some(unit) => Ok(Box::new(WholeKernel {
            unit,
            step: whole_step(step, unit.scale(), column)?,
        })),
        None => Ok(Box::new(FloatKernel {
            step: step.as_ratio(),
        })),
    }
}

/// Keeps the first graphemes of a text.
struct TextKernel {
    count: usize,
}

impl TextKernel {
    /// The kept graphemes of a text where each is one character that neither joins another nor is dropped, and the next is
    /// such a one too; none where that has to be looked at closer.
    fn plain_head<'a>(&self, text: &'a str) -> Option<&'a str> {
        let mut characters = text.char_indices();
        let mut kept = characters.by_ref().take(self.count);
        if !kept.all(|(_, character)| is_whole(character)) {
            return None;
        }
        match characters.next() {
            None => Some(text),
            Some((end, next)) if is_whole(next) => text.get(..end),
            Some(_) => None,
        }
    }

    /// Appends the kept graphemes; a pile of marks that could carry a whole value ends the text.
    fn write(&self, text: &str, out: &mut String) {
        let kept = text
            .graphemes(true)
            .filter(|grapheme| !grapheme.chars().all(is_direction_control))
            .take(self.count)
            .take_while(|grapheme| grapheme.chars().nth(GRAPHEME_CHARACTERS_MAX).is_none());
        for grapheme in kept {
            out.extend(
                grapheme
                    .chars()
                    .filter(|character| !is_direction_control(*character)),
            );
        }
    }
}

impl Kernel for TextKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::text(column, broken, |value, out| {
            match self.plain_head(value) {
                Some(head) => out.push_str(head),
                None => self.write(value, out),
            }
            Ok(())
        })
    }
}

/// Whole numbers to the next multiple toward zero.
struct WholeKernel {
    unit: Whole,
    step: i128,
}

impl Kernel for WholeKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        self.unit
            .map(column, broken, Phrase::new("a number", "数"), |value| {
                Some(value - remainder(value, self.step))
            })
    }
}

/// Floats to the next multiple toward zero, through the step's exact numerator and denominator.
struct FloatKernel {
    step: (f64, f64),
}

impl FloatKernel {
    fn cut(&self, value: f64) -> Option<f64> {
        let (numerator, denominator) = self.step;
        let size = value.abs();
        let at = |multiple: f64| multiple * numerator / denominator;
        let guess = (size / (numerator / denominator)).floor();
        // The guess is rounded and may be one off; so that a multiple is its own representative, ask the multiples.
        let multiple = match () {
            () if at(guess) > size => guess - 1.0,
            () if at(guess + 1.0) <= size => guess + 1.0,
            () => guess,
        };
        let cut = at(multiple).copysign(value);
        // Adding 0.0 turns a negative zero, which would tell the sign of what was cut off, into zero.
        (multiple < EXACT_MULTIPLES && cut.is_finite()).then_some(cut + 0.0)
    }
}

impl Kernel for FloatKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        rewrite::primitive::<Float64Type>(
            column,
            broken,
            Phrase::new("a finite number", "有限的数"),
            |value| self.cut(value),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(count: usize, value: &str) -> String {
        let mut out = String::new();
        TextKernel { count }.write(value, &mut out);
        out
    }

    #[test]
    fn texts_are_cut_by_grapheme() {
        for (value, expect) in [
            ("I25.103", "I25"),
            ("J18", "J18"),
            ("", ""),
            ("乌鲁木齐市", "乌鲁木"),
            // A family of four is one grapheme of seven characters.
            ("👨‍👩‍👧‍👦abc", "👨‍👩‍👧‍👦ab"),
            (
                "e\u{301}e\u{301}e\u{301}e\u{301}",
                "e\u{301}e\u{301}e\u{301}",
            ),
            ("\u{2067}ئابلىز\u{2069}", "ئاب"),
        ] {
            assert_eq!(text(3, value), expect, "{value}");
        }
        let pile: String = std::iter::once('a').chain(['\u{301}'; 40]).collect();
        assert_eq!(
            text(3, &format!("b{pile}c")),
            "b",
            "a pile of marks ends the text"
        );
    }

    #[test]
    fn floats_are_cut_toward_zero() {
        let tenths = FloatKernel { step: (1.0, 10.0) };
        for (value, expect) in [
            (0.35, Some(0.3)),
            (-0.35, Some(-0.3)),
            (0.3, Some(0.3)),
            (-0.7, Some(-0.7)),
            (f64::NAN, None),
            (f64::NEG_INFINITY, None),
            (1e300, None),
        ] {
            assert_eq!(tenths.cut(value), expect, "{value}");
        }
        assert!(
            tenths
                .cut(-0.01)
                .is_some_and(|zero| zero.is_sign_positive())
        );
    }

    proptest! {
        /// The fast road, seen through a column, is the slow one.
        #[test]
        fn plain_texts_agree_with_graphemes(value in "[ -~一-龥\r\n\u{301}\u{200d}\u{2067}👩🇨]{0,12}", count in 1usize..8) {
            use arrow::array::{AsArray, StringArray};
            let mut broken = Broken::of_test();
            let column = StringArray::from(vec![value.as_str()]);
            let out = TextKernel { count }.apply(&column, None, &mut broken).unwrap();
            prop_assert_eq!(out.as_string::<i32>().value(0), text(count, &value));
        }

        /// The reference twin walks toward zero one hundredth at a time.
        #[test]
        fn floats_agree_with_walking(hundredths in -9_999i32..9_999, step in 1i32..500) {
            let kernel = FloatKernel { step: (f64::from(step), 100.0) };
            let expect = (0..step).map(|walk| hundredths.abs() - walk).find(|left| left % step == 0).unwrap();
            let expect = f64::from(expect * hundredths.signum()) / 100.0;
            prop_assert_eq!(kernel.cut(f64::from(hundredths) / 100.0), Some(expect));
        }
    }
}
