//! Broken input: what a column answers when a value is not what its technique works on. It never passes through.

use arrow::datatypes::{DataType, Field};

use crate::{
    ColumnKey, Fault, Phrase, Unsuitable,
    rewrite::Texts,
    technique::{redact::REDACTED, token::TokenKey},
};

/// What becomes of a value that its technique cannot work on: a wrong check digit, text in a column of ids, a NaN.
///
/// Without a choice in the policy: `Null` where the column is nullable, else `Redact` in text and `Error` elsewhere.
/// Whatever is chosen, such values are counted in [`Counts::broken`](crate::Counts::broken).
///
/// What a reader learns: that the original was broken; under `Token` also which broken values are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OnBroken {
    /// The run stops and names column and row, never the value.
    Error,
    /// The value becomes null; nullable columns only.
    Null,
    /// The value becomes [`REDACTED`](crate::REDACTED); text columns only.
    Redact,
    /// The value becomes its token under the column's key; text columns only.
    Token,
}

impl OnBroken {
    /// The word of the policy.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Null => "null",
            Self::Redact => "redact",
            Self::Token => "token",
        }
    }

    /// What a column does when its policy does not say.
    #[must_use]
    pub fn default_for(field: &Field) -> Self {
        match (field.is_nullable(), field.data_type()) {
            (true, _) => Self::Null,
            (false, DataType::Utf8) => Self::Redact,
            (false, _) => Self::Error,
        }
    }

    /// Checks the choice against the column and binds the token key where it needs one.
    pub(crate) fn compile(
        self,
        field: &Field,
        key: Option<&ColumnKey>,
    ) -> Result<Answer, Unsuitable> {
        let column = || field.name().clone();
        let text = *field.data_type() == DataType::Utf8;
        match self {
            Self::Null if !field.is_nullable() => Err(Unsuitable::NotNullable {
                column: column(),
                what: "on_broken: null",
                instead: if text {
                    "on_broken: redact"
                } else {
                    "on_broken: error"
                },
            }),
            Self::Redact | Self::Token if !text => Err(Unsuitable::OnBroken {
                column: column(),
                policy: self.id(),
                found: field.data_type().clone(),
            }),
            Self::Error => Ok(Answer::Error),
            Self::Null => Ok(Answer::Null),
            Self::Redact => Ok(Answer::Redact),
            Self::Token => key
                .map(|key| Answer::Token(TokenKey::new(key)))
                .ok_or_else(|| Unsuitable::KeyMissing {
                    column: column(),
                    technique: "on_broken: token",
                    domain: crate::TEXT_DOMAIN.to_owned(),
                }),
        }
    }
}

/// A compiled [`OnBroken`].
pub(crate) enum Answer {
    Error,
    Null,
    Redact,
    Token(TokenKey),
}

/// What a valid value would have been, in the words of the error.
pub(crate) struct Malformed(pub(crate) Phrase);

/// Answers and counts the broken values of one column in one batch.
pub(crate) struct Broken<'a> {
    pub(crate) column: &'a str,
    pub(crate) first_row: u64,
    pub(crate) answer: &'a Answer,
    pub(crate) count: u64,
    /// Identifiers that were replaced inside values.
    pub(crate) replaced: u64,
}

#[cfg(test)]
impl Broken<'static> {
    /// Of a nullable column of a test: broken values become null and are counted.
    pub(crate) const fn of_test() -> Self {
        Self {
            column: "c",
            first_row: 1,
            answer: &Answer::Null,
            count: 0,
            replaced: 0,
        }
    }
}

impl Broken<'_> {
    /// Writes the answer for a broken text.
    pub(crate) fn text(
        &mut self,
        row: usize,
        value: &str,
        why: &Malformed,
        out: &mut Texts,
    ) -> Result<(), Fault> {
        self.count += 1;
        match self.answer {
            Answer::Error => return Err(self.fault(row, why.0)),
            Answer::Null => out.append_null(),
            Answer::Redact => out.append_value(REDACTED),
            Answer::Token(key) => out.append_value(key.token(value).as_str()),
        }
        Ok(())
    }

    /// The answer for a broken number or instant: null, or a fault.
    pub(crate) fn other<T>(&mut self, row: usize, expected: Phrase) -> Result<Option<T>, Fault> {
        self.count += 1;
        match self.answer {
            Answer::Null => Ok(None),
            Answer::Error | Answer::Redact | Answer::Token(_) => Err(self.fault(row, expected)),
        }
    }

    fn fault(&self, row: usize, expected: Phrase) -> Fault {
        let row = u64::try_from(row).unwrap_or(u64::MAX);
        Fault::BrokenInput {
            column: self.column.to_owned(),
            row: self.first_row.saturating_add(row),
            expected,
        }
    }
}
