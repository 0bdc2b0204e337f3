//! How far a long piece of work has come.

/// A stage of a sample's making.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// How many rows are there?
    Counting,
    /// How many units look alike?
    Measuring,
    /// Which classes are too small?
    Gating,
    /// Keep, rewrite, write.
    Writing,
}

/// A stage and the rows it has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// Rows read in this stage of this table.
    pub rows: u64,
}
