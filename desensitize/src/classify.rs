//! What does each column of a stranger's table hold, and how should it be labelled and hidden?
//!
//! ```text
//! names ──► Classifier ─ observe(batch of text columns)* ─► finish ─► Finding per column
//!                └─ per column: types over all rows; lengths, distinct values and recognisers over examined rows
//! ```
//!
//! Values and name are judged together. Each identifier's rate of valid values is held against its *chance level*: one
//! number in ten passes Luhn, so a column of order numbers has a tenth of valid bank cards and is none. Only a rate that
//! chance would not reach once in 10⁹ columns counts, which five valid values in a hundred do. A value that stands in many
//! rows is one trial. What has no check character is graded lower ([`Grade`]), and what only a length tells is asked.
//!
//! Memory is bounded by the number of columns, whatever the number of rows: types are followed over all rows, everything
//! else over [`ROWS_FIRST`] first rows and about [`ROWS_SPREAD`] more per doubling. The same table gives the same finding.
//! A finding holds counts, rates and words of this crate, never a value of the table. It is a proposal: a person decides.

mod chance;
mod column;
mod decide;
mod finding;
mod heads;
mod names;
mod possible;
mod propose;
mod rates;
mod reasons;
mod recognise;
mod rows;
mod sample;
mod semantic;
mod surnames;
mod types;

use arrow::array::{Array, LargeStringArray, RecordBatch, StringArray, StringViewArray};

use column::Observed;

pub use decide::{EXPONENT_MAX, EXPONENT_RANGE_MAX, SHARE_MIN};
pub use finding::{Distinct, Finding, Grade, Length, Rate};
pub use names::{NameForm, NameMatch};
pub use possible::EXPONENT_POSSIBLE_MAX;
pub use propose::{Broken, Proposed};
pub use recognise::Basis;
pub use rows::{ROWS_FIRST, ROWS_SPREAD};
pub use sample::DISTINCT_MAX;
pub use semantic::{ColumnKind, ColumnLevel, Semantic};
pub use types::ValueType;

/// The name of a column, and what is said of it elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnName {
    /// The name in the table's header.
    pub name: String,
    /// A comment of the database or of a data dictionary.
    pub comment: Option<String>,
    /// The type that the file itself gives the column; without one the narrowest that holds its values is proposed.
    pub held: Option<ValueType>,
}

impl ColumnName {
    /// A name without a comment.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            comment: None,
            held: None,
        }
    }
}

/// A batch that does not fit the classifier's columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotClassifiable {
    /// Another number of columns than names.
    #[error(
        "the batch has {found} columns and the classifier was made for {expected}; give one name per column"
    )]
    Columns {
        /// Columns of the batch.
        found: usize,
        /// Names that were given.
        expected: usize,
    },
    /// A column that is not text.
    #[error("column `{column}` is not text; read the file with every column as text")]
    NotText {
        /// The column.
        column: String,
    },
}

/// Looks at a table once, batch by batch.
///
/// ```
/// use std::sync::Arc;
/// use arrow::array::{ArrayRef, RecordBatch, StringArray};
/// use desensitize::classify::{Classifier, ColumnName};
///
/// // One id in each row proves no more than one id; the name says what it is.
/// let ids: ArrayRef = Arc::new(StringArray::from(vec!["11010519491231002X"; 12]));
/// let mut classifier = Classifier::new(vec![ColumnName::new("SFZH")]);
/// classifier.observe(&RecordBatch::try_from_iter([("c1", ids)])?)?;
/// let findings = classifier.finish();
/// assert_eq!(findings[0].semantic.id(), "resident-id");
/// assert_eq!(findings[0].kind.as_str(), "direct");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Classifier {
    columns: Vec<(ColumnName, Observed)>,
    row: u64,
}

impl Classifier {
    /// A classifier of a table with these columns.
    #[must_use]
    pub fn new(names: Vec<ColumnName>) -> Self {
        let columns = names.into_iter().map(|name| (name, Observed::default()));
        Self {
            columns: columns.collect(),
            row: 0,
        }
    }

    /// Takes note of the next rows; every column is text.
    ///
    /// # Errors
    /// [`NotClassifiable`]: the batch has other columns, or one that is not text; nothing of it was noted.
    pub fn observe(&mut self, batch: &RecordBatch) -> Result<(), NotClassifiable> {
        if batch.num_columns() != self.columns.len() {
            return Err(NotClassifiable::Columns {
                found: batch.num_columns(),
                expected: self.columns.len(),
            });
        }
        for ((name, _), array) in self.columns.iter().zip(batch.columns()) {
            if text_of(array).is_none() {
                let column = name.name.clone();
                return Err(NotClassifiable::NotText { column });
            }
        }
        for ((_, observed), array) in self.columns.iter_mut().zip(batch.columns()) {
            for (row, value) in (self.row..).zip(text_of(array).into_iter().flatten()) {
                observed.observe(value, rows::is_examined(row));
            }
        }
        self.row += batch.num_rows() as u64;
        Ok(())
    }

    /// What each column seems to hold, in their order.
    #[must_use]
    pub fn finish(self) -> Vec<Finding> {
        let columns = self.columns.into_iter();
        columns
            .map(|(name, observed)| decide::finding(&name, &observed))
            .collect()
    }
}

/// The cells of a text column, whichever of Arrow's layouts it has.
fn text_of(array: &dyn Array) -> Option<Box<dyn Iterator<Item = Option<&str>> + '_>> {
    let any = array.as_any();
    let plain = any.downcast_ref::<StringArray>();
    if let Some(array) = plain {
        return Some(Box::new(array.iter()));
    }
    if let Some(array) = any.downcast_ref::<LargeStringArray>() {
        return Some(Box::new(array.iter()));
    }
    let view = any.downcast_ref::<StringViewArray>()?;
    Some(Box::new(view.iter()))
}

#[cfg(test)]
mod tests;
