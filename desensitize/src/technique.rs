//! The catalogue: one file per technique, all of one shape (`03`, GB/T 37964-2019).
//!
//! Each file holds the parameters as a policy writes them, `compile` to bind them to a column, a kernel, and one
//! sentence each on what a reader can still learn and on the way back.

pub(crate) mod bucket;
pub(crate) mod constant;
pub(crate) mod date_shift;
pub(crate) mod ends;
pub(crate) mod entity;
pub(crate) mod fpe;
pub(crate) mod generalize;
pub(crate) mod hash_drop;
pub(crate) mod keep;
pub(crate) mod mask;
pub(crate) mod microaggregate;
pub(crate) mod noise;
pub(crate) mod null;
pub(crate) mod period;
pub(crate) mod redact;
pub(crate) mod round;
pub(crate) mod scrub;
pub(crate) mod swap;
pub(crate) mod token;
pub(crate) mod top_bottom;
pub(crate) mod truncate;
pub(crate) mod whole;
pub(crate) mod words;

use std::fmt;

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Field},
};

use crate::{
    ColumnKey, Fault, Phrase, Share, Unsuitable, broken::Broken, ff1::Outside, phrase::said,
};

pub use bucket::{Bucket, BucketEdges};
pub use constant::Constant;
pub use date_shift::DateShift;
pub use fpe::{Fpe, FpeDigits, FpeIdentifier, FpeResidentId, Mode, PersonPart, SamePerson};
pub use generalize::{Generalize, RegionLevel};
pub use mask::{Mask, MaskKind};
pub use microaggregate::{Centre, Microaggregate};
pub use noise::{Distribution, Noise};
pub use period::Period;
pub use round::Round;
pub use scrub::{Replacement, Scrub, ScrubFormat};
pub use swap::Swap;
pub use token::{Token, TokenForm};
pub use top_bottom::{Bound, TopBottom};
pub use truncate::{Truncate, TruncateTo};

/// The column domain of texts that name no domain of their own.
pub const TEXT_DOMAIN: &str = "text";
/// The column domain of 居民身份证, in every table of a scenario.
pub const RESIDENT_ID_DOMAIN: &str = "resident-id";

/// What is done to every value of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Technique {
    /// The value itself; for columns that the policy releases as they are.
    Keep,
    /// Some graphemes kept at either end, the rest hidden.
    Mask(Mask),
    /// Every value replaced by one mark.
    Redact,
    /// Every value replaced by null.
    Null,
    /// Every value replaced by a value of the policy.
    Constant(Constant),
    /// The end of a value cut off.
    Truncate(Truncate),
    /// Numbers rounded to a multiple.
    Round(Round),
    /// Numbers to the lower bound of their interval.
    Bucket(Bucket),
    /// Values beyond a bound of the policy to the bound.
    TopBottom(TopBottom),
    /// All dates of one entity moved by the same number of days.
    DateShift(DateShift),
    /// Dates to their period, codes to their region, values to their group.
    Generalize(Generalize),
    /// Free text and JSON whose identifiers are replaced.
    Scrub(Scrub),
    /// Numbers moved by an amount that the key draws.
    Noise(Noise),
    /// The values of some rows handed round among them.
    Swap(Swap),
    /// Rows of near values to the centre of their group.
    Microaggregate(Microaggregate),
    /// Every value replaced by one value of its type.
    HashDrop,
    /// A pseudonym per value and key.
    Token(Token),
    /// Format-preserving encryption.
    Fpe(Fpe),
}

/// One sentence for the report, in both languages a reader may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// English.
    pub en: String,
    /// 简体中文。
    pub zh: String,
}

impl Sentence {
    /// The same sentence in both languages.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            zh: zh.into(),
        }
    }
}

impl Technique {
    /// The technique's id in policies and reports.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Mask(_) => "mask",
            Self::Redact => "redact",
            Self::Null => "null",
            Self::Constant(_) => "constant",
            Self::Truncate(_) => "truncate",
            Self::Round(_) => "round",
            Self::Bucket(_) => "bucket",
            Self::TopBottom(_) => "top_bottom",
            Self::DateShift(_) => "date_shift",
            Self::Generalize(_) => "generalize",
            Self::Scrub(_) => "scrub",
            Self::Noise(_) => "noise",
            Self::Swap(_) => "swap",
            Self::Microaggregate(_) => "microaggregate",
            Self::HashDrop => "hash_drop",
            Self::Token(_) => "token",
            Self::Fpe(_) => "fpe",
        }
    }

    /// The column domain whose key the technique needs, or none: columns of one domain join under one scenario key.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        match self {
            Self::DateShift(shift) => Some(&shift.domain),
            Self::Scrub(scrub) => scrub.domain(),
            Self::Noise(noise) => Some(&noise.domain),
            Self::Swap(swap) => Some(&swap.domain),
            Self::Token(token) => Some(token.domain()),
            Self::Fpe(fpe) => Some(fpe.domain()),
            _ => None,
        }
    }

    /// The raw column that is read beside this one, or none; it need not be released itself.
    #[must_use]
    pub fn companion(&self) -> Option<&str> {
        match self {
            Self::DateShift(shift) => Some(&shift.entity),
            Self::Noise(noise) => noise.entity.as_deref(),
            Self::Fpe(fpe) => fpe.companion(),
            _ => None,
        }
    }

    /// The types that the companion may have.
    pub(crate) const fn companion_types(&self) -> Phrase {
        match self {
            Self::DateShift(_) | Self::Noise(_) => entity::ENTITY_TYPES,
            _ => Phrase::new("text (Utf8)", "文本列（Utf8）"),
        }
    }

    /// Whether the companion may have this type.
    pub(crate) fn reads(&self, companion: &DataType) -> bool {
        match self {
            Self::DateShift(_) | Self::Noise(_) => entity::names_entities(companion),
            _ => *companion == DataType::Utf8,
        }
    }

    /// How many rows the technique has to see together, or none where each row stands for itself; the caller gathers
    /// batches of that many rows, of which the last may be shorter.
    #[must_use]
    pub const fn rows_at_once(&self) -> Option<usize> {
        match self {
            Self::Swap(swap) => Some(swap.rows),
            Self::Microaggregate(groups) => Some(groups.rows),
            _ => None,
        }
    }

    /// Which originals an output value stands for, where it is a representative; `v` is the output value.
    #[must_use]
    pub fn interval(&self) -> Option<String> {
        match self {
            Self::Truncate(truncate) => truncate.interval(),
            Self::Round(round) => Some(round.interval()),
            Self::Bucket(bucket) => Some(bucket.interval()),
            Self::TopBottom(coding) => Some(coding.interval()),
            Self::Generalize(generalize) => generalize.interval(),
            Self::Microaggregate(groups) => Some(groups.interval()),
            _ => None,
        }
    }

    /// For each representative of this column its group's label, as lines of a hierarchy's file.
    pub(crate) fn labels(&self, column: &Column<'_>) -> Option<String> {
        match self {
            Self::Generalize(generalize) => generalize.labels(column),
            _ => None,
        }
    }

    /// Whether a surrogate can be led back to its original by whoever holds the key.
    pub(crate) const fn has_way_back(&self) -> bool {
        matches!(self, Self::Fpe(fpe) if !matches!(fpe, Fpe::SamePerson(_)))
    }

    /// What a reader of the output can still learn about the originals.
    #[must_use]
    pub fn learnable(&self) -> Sentence {
        match self {
            Self::Keep => keep::learnable(),
            Self::Mask(mask) => mask.learnable(),
            Self::Redact => redact::learnable(),
            Self::Null => null::learnable(),
            Self::Constant(_) => constant::learnable(),
            Self::Truncate(truncate) => truncate.learnable(),
            Self::Round(round) => round.learnable(),
            Self::Bucket(bucket) => bucket.learnable(),
            Self::TopBottom(coding) => coding.learnable(),
            Self::DateShift(shift) => shift.learnable(),
            Self::Generalize(generalize) => generalize.learnable(),
            Self::Scrub(scrub) => scrub.learnable(),
            Self::Noise(noise) => noise.learnable(),
            Self::Swap(swap) => swap.learnable(),
            Self::Microaggregate(groups) => groups.learnable(),
            Self::HashDrop => hash_drop::learnable(),
            Self::Token(_) => token::learnable(),
            Self::Fpe(fpe) => fpe.learnable(),
        }
    }

    /// Whether and by whom the original can be recovered.
    #[must_use]
    pub fn reversible(&self) -> Sentence {
        match self {
            Self::Keep => keep::reversible(),
            Self::DateShift(_) => date_shift::reversible(),
            Self::Noise(_) => noise::reversible(),
            Self::Token(_) => token::reversible(),
            Self::Fpe(_) => fpe::reversible(),
            _ => Sentence::new(
                "not reversible: what is hidden is not in the output",
                "不可逆：被隐去的内容不在输出中",
            ),
        }
    }

    /// The share of surrogates that may be somebody's real identifier; none where the output holds no identifiers.
    #[must_use]
    pub fn somebodys(&self) -> Option<Share> {
        match self {
            Self::Fpe(fpe) => fpe.somebodys(),
            _ => None,
        }
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        match self {
            Self::Keep => keep::compile(column),
            Self::Mask(mask) => mask.compile(column),
            Self::Redact => redact::compile(column),
            Self::Null => null::compile(column),
            Self::Constant(constant) => constant.compile(column),
            Self::Truncate(truncate) => truncate.compile(column),
            Self::Round(round) => round.compile(column),
            Self::Bucket(bucket) => bucket.compile(column),
            Self::TopBottom(coding) => coding.compile(column),
            Self::DateShift(shift) => shift.compile(column),
            Self::Generalize(generalize) => generalize.compile(column),
            Self::Scrub(scrub) => scrub.compile(column),
            Self::Noise(noise) => noise.compile(column),
            Self::Swap(swap) => swap.compile(column),
            Self::Microaggregate(groups) => groups.compile(column),
            Self::HashDrop => hash_drop::compile(column),
            Self::Token(token) => token.compile(column),
            Self::Fpe(fpe) => fpe.compile(column),
        }
    }
}

impl fmt::Display for Technique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())?;
        match self {
            Self::Keep | Self::Redact | Self::Null | Self::Constant(_) | Self::HashDrop => Ok(()),
            Self::Mask(mask) => write!(f, " {mask}"),
            Self::Truncate(truncate) => write!(f, " {truncate}"),
            Self::Round(round) => write!(f, " to {}", round.to),
            Self::Bucket(bucket) => write!(f, " {bucket}"),
            Self::TopBottom(coding) => write!(f, " {coding}"),
            Self::DateShift(shift) => write!(f, " {shift}"),
            Self::Generalize(generalize) => write!(f, " {generalize}"),
            Self::Scrub(scrub) => write!(f, " {scrub}"),
            Self::Noise(noise) => write!(f, " {noise}"),
            Self::Swap(swap) => write!(f, " {swap}"),
            Self::Microaggregate(groups) => write!(f, " {groups}"),
            Self::Token(token) => write!(f, " {}", token.domain()),
            Self::Fpe(fpe) => write!(f, " {fpe}"),
        }
    }
}

/// A compiled technique: rewrites batches of one column.
pub(crate) trait Kernel: Send + Sync {
    /// Rewrites a column of the compiled type to one of the same type and length; `companion` is the raw column that
    /// [`Technique::companion`] names, of the same rows, where there is one.
    fn apply(
        &self,
        column: &dyn Array,
        companion: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault>;

    /// The original of one surrogate, where the technique has a way back.
    fn reverse(&self, _surrogate: &str) -> Option<String> {
        None
    }
}

/// The column a technique is being bound to.
pub(crate) struct Column<'a> {
    pub(crate) field: &'a Field,
    pub(crate) technique: &'static str,
    pub(crate) domain: Option<&'a str>,
    pub(crate) key: Option<&'a ColumnKey>,
}

impl Column<'_> {
    pub(crate) fn name(&self) -> String {
        self.field.name().clone()
    }

    /// The key of the column's domain.
    pub(crate) fn key(&self) -> Result<&ColumnKey, Unsuitable> {
        self.key.ok_or_else(|| Unsuitable::KeyMissing {
            column: self.name(),
            technique: self.technique,
            domain: self.domain.unwrap_or(TEXT_DOMAIN).to_owned(),
        })
    }

    /// Refuses every type but text.
    pub(crate) fn must_be_text(&self, instead: Phrase) -> Result<(), Unsuitable> {
        match self.field.data_type() {
            DataType::Utf8 => Ok(()),
            _ => Err(self.wrong_type(Phrase::new("text (Utf8)", "文本列（Utf8）"), instead)),
        }
    }

    pub(crate) fn wrong_type(&self, accepts: Phrase, instead: Phrase) -> Unsuitable {
        Unsuitable::ColumnType {
            column: self.name(),
            technique: self.technique,
            accepts,
            found: self.field.data_type().clone(),
            instead: Box::new(instead),
        }
    }

    pub(crate) fn parameter(&self, problem: Sentence) -> Unsuitable {
        Unsuitable::Parameter {
            column: self.name(),
            technique: self.technique,
            problem,
        }
    }

    /// A parameter that FF1 refuses.
    pub(crate) fn outside(&self, outside: &Outside) -> Unsuitable {
        self.parameter(said!("{outside}", "的参数超出 FF1 的允许范围：{outside}"))
    }
}

/// The column types of the contract; a technique for every type names exactly these.
pub(crate) const ALL_TYPES: Phrase = Phrase::new(
    "text, integer, float, decimal, date, timestamp and boolean columns (Utf8, Int64, Float64, Decimal128, Date32, Timestamp(µs), Boolean)",
    "文本、整数、浮点数、定点数、日期、时间戳与布尔列（Utf8、Int64、Float64、Decimal128、Date32、Timestamp(µs)、Boolean）",
);
