//! The desensitisation techniques that this version enforces (words of GB/T 37964-2019).

use std::collections::BTreeSet;

use crate::decimal::Decimal;
use crate::literal::Literal;
use crate::words::words;

words! {
    /// What becomes of a value that is not what its column should hold, such as an id with a wrong check digit.
    OnBroken {
        /// The whole sample is refused; the default, so that nothing is changed silently.
        Error = "error",
        /// The cell becomes empty.
        Null = "null",
        /// The cell becomes the redaction mark.
        Redact = "redact",
        /// The cell becomes a pseudonym.
        Token = "token",
    }
}

words! {
    /// How a mask looks at a value.
    MaskKind {
        /// A person's name: parts separated by `·` are masked apart.
        Name = "name",
        /// A mobile number.
        Mobile = "mobile",
        /// Any text.
        Text = "text",
    }
}

words! {
    /// A part of a resident id that stays as it is.
    Keep {
        /// The first two digits.
        Province = "province",
        /// The first four digits.
        Prefecture = "prefecture",
        /// The first six digits.
        County = "county",
        /// Odd or even sequence.
        Sex = "sex",
        /// The year of birth.
        BirthYear = "birth_year",
        /// The ten years around the year of birth.
        BirthBand = "birth_band",
    }
}

words! {
    /// Whether a surrogate could be somebody's real number.
    FpeMode {
        /// Deliberately recognisable as no real number; the default.
        Marked = "marked",
        /// Formally valid; some surrogates are somebody's real number.
        Valid = "valid",
    }
}

/// Keeps some graphemes and covers the others with a mask of fixed width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mask {
    /// How the value is looked at.
    pub kind: MaskKind,
    /// How many graphemes stay at the start; the kind's own number when absent.
    pub first: Option<u32>,
    /// How many graphemes stay at the end; the kind's own number when absent.
    pub last: Option<u32>,
    /// What becomes of a value that is no mobile number; used by that kind only.
    pub on_broken: OnBroken,
}

/// Replaces a value by the lower bound of the interval that it lies in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generalize {
    /// A date or time to the first day of its year.
    Year,
    /// A date or time to the first day of its month.
    Month,
    /// A number to the lower bound of its bucket.
    Bucket {
        /// The width, above zero.
        size: Decimal,
        /// Where a bucket begins; zero unless written.
        origin: Decimal,
    },
}

/// What format-preserving encryption takes a value as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FpeDomain {
    /// 居民身份证 (GB 11643-1999): parts may be kept, the check digit is computed again.
    ResidentId {
        /// The parts that stay.
        keep: BTreeSet<Keep>,
    },
    /// A text of digits.
    Digits {
        /// How many digits stay at the start.
        keep_first: u32,
        /// How many digits stay at the end.
        keep_last: u32,
    },
}

/// Format-preserving encryption, FF1 (NIST SP 800-38G).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fpe {
    /// What the value is taken as.
    pub domain: FpeDomain,
    /// Whether surrogates are recognisable.
    pub mode: FpeMode,
    /// What becomes of a value outside the domain.
    pub on_broken: OnBroken,
}

/// How a column is released in a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Technique {
    /// As it is; a reader learns the value.
    Keep,
    /// Partly covered.
    Mask(Mask),
    /// A fixed mark in place of each value; a reader learns which cells are empty.
    Redact,
    /// Every cell empty; a reader learns nothing.
    Null,
    /// One value for all; a reader learns nothing.
    Constant(Literal),
    /// Rounded to a multiple of this number, above zero.
    Round(Decimal),
    /// Replaced by the lower bound of an interval.
    Generalize(Generalize),
    /// A pseudonym, the same for equal values within the scenario; a reader learns which cells are equal.
    Token,
    /// Encrypted in its own format; a reader learns which cells are equal and what is kept.
    Fpe(Fpe),
}

impl Technique {
    /// The word in documents and reports.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Mask(_) => "mask",
            Self::Redact => "redact",
            Self::Null => "null",
            Self::Constant(_) => "constant",
            Self::Round(_) => "round",
            Self::Generalize(_) => "generalize",
            Self::Token => "token",
            Self::Fpe(_) => "fpe",
        }
    }

    /// Whether a direct identifier may be released under it.
    #[must_use]
    pub fn hides_identity(&self) -> bool {
        match self {
            Self::Mask(_)
            | Self::Redact
            | Self::Null
            | Self::Constant(_)
            | Self::Token
            | Self::Fpe(_) => true,
            Self::Keep | Self::Round(_) | Self::Generalize(_) => false,
        }
    }
}
