//! What can be wrong with a recipe or its input.

/// Why a sample could not be drawn or measured. No variant carries a cell's value or a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// The policy's `sample.rate` is no share: the author of the policy corrects it.
    #[error("sample rate must be above 0 and at most 1; write a share such as 0.01")]
    RateOutOfRange,
    /// The policy's `sample.suppress_max` is no share: the author of the policy corrects it.
    #[error("suppress_max must be between 0 and 1; write a share such as 0.05")]
    SuppressMaxOutOfRange,
    /// The policy's `k_map` or `k` is zero or above [`crate::risk::K_MAX`].
    #[error("{key} must be between 1 and {max}")]
    KOutOfRange {
        /// The policy key that was wrong.
        key: &'static str,
        /// The largest value accepted.
        max: u64,
    },
    /// No threshold keeps any row under `rows_max`: the author of the policy raises it.
    #[error("rows_max {rows_max} leaves no row in at least one table; raise rows_max")]
    RowsMaxTooSmall {
        /// The limit that was asked for.
        rows_max: u64,
    },
    /// A table has more rows than can be numbered: 2^48.
    #[error("table has more than 2^48 rows; split the data set")]
    TooManyRows,
    /// A recorded threshold is not a whole number from 0 to 2^64.
    #[error("threshold must be a whole number from 0 to 18446744073709551616")]
    ThresholdSyntax,
    /// A quasi column has a type whose values have no canonical bytes here.
    #[error("column `{column}` has type {data_type}, which class sizes cannot be counted over")]
    UnsupportedType {
        /// The column's name.
        column: String,
        /// Its Arrow type.
        data_type: String,
    },
    /// A batch does not have the columns that the observer was made for: a bug of the caller.
    #[error("batch of quasi columns does not fit its observer: {what}")]
    BatchMismatch {
        /// What differs.
        what: String,
    },
    /// A spilled record has the wrong length: its file was cut or mixed with another kind.
    #[error("spilled records are damaged: {bytes} bytes are no whole number of records")]
    RecordLength {
        /// Bytes found.
        bytes: usize,
    },
    /// A table number is above [`crate::risk::Observation::TABLE_MAX`].
    #[error("table number {table} is above {max}")]
    TableNumber {
        /// The number given.
        table: u16,
        /// The largest accepted.
        max: u16,
    },
}
