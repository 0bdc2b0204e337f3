//! What can be refused before a run, and what can go wrong in one. No variant carries a cell's value or a key.

mod chinese;

use arrow::datatypes::DataType;
use thiserror::Error;

use crate::{Phrase, Sentence};

/// The recipe does not fit the column; said when the policy is checked, before any row is read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unsuitable {
    /// The technique does not return this type of column.
    #[error("column `{column}`: `{technique}` works on {accepts}, not on {found}; use `{instead}`")]
    ColumnType {
        /// The column.
        column: String,
        /// The technique's id.
        technique: &'static str,
        /// The types it works on.
        accepts: Phrase,
        /// The column's type.
        found: DataType,
        /// A technique that fits.
        instead: Box<Phrase>,
    },
    /// Nulls would be written into a column that admits none.
    #[error(
        "column `{column}`: `{what}` writes nulls and the column is not nullable; use `{instead}`"
    )]
    NotNullable {
        /// The column.
        column: String,
        /// The key of the policy that writes nulls.
        what: &'static str,
        /// What to write instead.
        instead: &'static str,
    },
    /// A parameter of the technique is outside its bounds or does not fit the column.
    #[error("column `{column}`: `{technique}` {}", problem.en)]
    Parameter {
        /// The column.
        column: String,
        /// The technique's id.
        technique: &'static str,
        /// What is wrong with the parameter, and the fix.
        problem: Sentence,
    },
    /// So much is kept that fewer than [`DOMAIN_MIN`](crate::DOMAIN_MIN) values remain and encryption hides nothing.
    #[error(
        "column `{column}`: keeping {} leaves {size} values, fewer than 1000000; keep {}",
        kept.en,
        nearest.en
    )]
    SmallDomain {
        /// The column.
        column: String,
        /// What the recipe keeps.
        kept: Box<Sentence>,
        /// How many values remain in the smallest domain.
        size: u64,
        /// The largest admissible part of it, with its size.
        nearest: Box<Sentence>,
    },
    /// Broken input cannot be answered in this way in this column.
    #[error(
        "column `{column}`: `on_broken: {policy}` writes text and the column is {found}; use `error` or, where nullable, `null`"
    )]
    OnBroken {
        /// The column.
        column: String,
        /// The policy asked for.
        policy: &'static str,
        /// The column's type.
        found: DataType,
    },
    /// The recipe needs the key of its domain and was given none.
    #[error("column `{column}`: `{technique}` needs the key of the column domain `{domain}`")]
    KeyMissing {
        /// The column.
        column: String,
        /// The technique's id.
        technique: &'static str,
        /// The domain whose key is needed.
        domain: String,
    },
    /// A column of the table has no recipe; nothing passes unnamed.
    #[error(
        "column `{column}` has no technique; name one, or leave the column out of the projection"
    )]
    NoRecipe {
        /// The column.
        column: String,
    },
    /// Two recipes name one column.
    #[error("column `{column}` has two techniques; keep one")]
    TwoRecipes {
        /// The column.
        column: String,
    },
    /// A technique reads a second column beside its own, and the table does not have it.
    #[error(
        "column `{column}`: `{technique}` reads column `{companion}`, which is not in the table; correct the name, or add the column to what is read"
    )]
    NoCompanion {
        /// The column.
        column: String,
        /// The technique's id.
        technique: &'static str,
        /// The column that is missing.
        companion: String,
    },
    /// The column that a technique reads beside its own is of a type that it cannot read.
    #[error(
        "column `{column}`: `{technique}` reads {accepts} beside it, and column `{companion}` is {found}; name another"
    )]
    CompanionType {
        /// The column.
        column: String,
        /// The technique's id.
        technique: &'static str,
        /// The column that is read beside it.
        companion: String,
        /// The types it may have.
        accepts: Phrase,
        /// The type it has.
        found: DataType,
    },
    /// A recipe names a column that the table does not have.
    #[error("column `{column}` is not in the table; correct the name")]
    NoColumn {
        /// The column.
        column: String,
    },
}

impl Unsuitable {
    /// The error in both languages; the English one is what it displays.
    #[must_use]
    pub fn told(&self) -> Sentence {
        Sentence::new(self.to_string(), chinese::unsuitable(self))
    }
}

/// A run stopped; nothing of the batch may be handed out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// A value is not what the technique works on, and the recipe says `on_broken: error`.
    #[error(
        "column `{column}`, row {row}: not {expected}; correct the row, or choose another `on_broken`"
    )]
    BrokenInput {
        /// The column.
        column: String,
        /// The row, numbered as the caller numbers the batch's first.
        row: u64,
        /// What a value of this column has to be.
        expected: Phrase,
    },
    /// The batch's column is of another type than the compiled one.
    #[error(
        "column `{column}` was compiled for {compiled} and the batch holds {found}; compile again for this schema"
    )]
    ColumnType {
        /// The column.
        column: String,
        /// The type that was compiled.
        compiled: DataType,
        /// The type in the batch.
        found: DataType,
    },
    /// A column declared free of nulls holds one.
    #[error("column `{column}` is declared without nulls and holds {nulls}; declare it nullable")]
    UnexpectedNull {
        /// The column.
        column: String,
        /// How many nulls the batch holds.
        nulls: usize,
    },
    /// The batch is larger than a kernel takes in one call.
    #[error(
        "column `{column}`: a batch holds at most {BATCH_ROWS_MAX} rows and {BATCH_TEXT_BYTES_MAX} bytes of text; send smaller batches"
    )]
    BatchTooLarge {
        /// The column.
        column: String,
    },
    /// The technique reads a second column beside this one, and was given none, or one of other rows.
    #[error(
        "column `{column}` is rewritten beside column `{companion}`; hand over both, of the same rows"
    )]
    Companion {
        /// The column.
        column: String,
        /// The column that is read beside it.
        companion: String,
    },
    /// The column that is read beside this one is of a type that the technique cannot read.
    #[error(
        "column `{column}` is rewritten beside {accepts}, and column `{companion}` holds {found}; hand over another"
    )]
    CompanionType {
        /// The column.
        column: String,
        /// The column that is read beside it.
        companion: String,
        /// The types it may have.
        accepts: Phrase,
        /// The type in the batch.
        found: DataType,
    },
    /// The batch has other columns, or another order, than the compiled schema.
    #[error(
        "the batch has other columns than the table the recipe was compiled for (at column {position}); compile again for this schema"
    )]
    Columns {
        /// Position of the first difference, counted from 0.
        position: usize,
    },
    /// The rewritten column does not fit its declared type: a defect of this crate, reported and never handed out.
    #[error("column `{column}`: the rewritten column breaks its own contract; please report this")]
    Contract {
        /// The column.
        column: String,
    },
}

impl Fault {
    /// The error in both languages; the English one is what it displays.
    #[must_use]
    pub fn told(&self) -> Sentence {
        Sentence::new(self.to_string(), chinese::fault(self))
    }
}

/// A surrogate could not be led back to its original.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotReversible {
    /// The technique keeps no way back.
    #[error("column `{column}`: `{technique}` has no way back; only `fpe` has one")]
    OneWay {
        /// The column.
        column: String,
        /// The technique's id.
        technique: &'static str,
    },
    /// The text is not one that this column's recipe and key write.
    #[error(
        "column `{column}`: the text is not a surrogate of this column; copy it from a sample of this recipe and key"
    )]
    NotASurrogate {
        /// The column.
        column: String,
    },
}

/// Rows of one batch; memory of a run is bounded by it.
pub const BATCH_ROWS_MAX: usize = 1 << 20;
/// Bytes of text in one column of a batch: even after the largest growth of a mask, offsets stay within `i32`.
pub const BATCH_TEXT_BYTES_MAX: usize = 1 << 29;
