//! The files of the story, carried by the program.

/// One table with its schema.
pub(super) struct TableFiles {
    /// `owner/table`.
    pub(super) dataset: &'static str,
    /// The table as CSV.
    pub(super) csv: &'static [u8],
    /// Types, labels and protected units.
    pub(super) schema: &'static str,
}

/// The provider's two tables.
pub(super) const TABLES: [TableFiles; 2] = [
    TableFiles {
        dataset: "ybj/persons",
        csv: include_bytes!("../../../fixtures/data/persons.csv"),
        schema: include_str!("../../../fixtures/schemas/persons.yaml"),
    },
    TableFiles {
        dataset: "ybj/claims",
        csv: include_bytes!("../../../fixtures/data/claims.csv"),
        schema: include_str!("../../../fixtures/schemas/claims.yaml"),
    },
];

/// The scenario that `POLICY` is about.
pub(super) const SCENARIO: &str = "medical-spending";

/// The scenario's policy document.
pub(super) const POLICY: &str = include_str!("../../../fixtures/policies/medical.yaml");

/// Logic that asks for names.
pub(super) const NAMES: &str = include_str!("../../../fixtures/logic/names_refused.sql");

/// Logic that asks for totals.
pub(super) const SPENDING: &str = include_str!("../../../fixtures/logic/spend_by_prefecture.sql");

/// The product that `SPENDING` becomes.
pub(super) const PRODUCT: &str = "spend-by-prefecture";
