//! What the classes of quasi-identifiers are counted by: as much as a reader can tell of each value, never less.

use desensitize::{ColumnRecipe, Technique};

/// How a quasi-identifier is counted; none where a reader can tell nothing of it.
///
/// A technique that always gives the same value for the same original is counted as released: two units that look the
/// same in the sample are one class. A technique that disturbs values is counted as though it had not been applied,
/// since noise or a shift that a reader can undo or reach past hides nobody.
pub(super) fn measured_as(recipe: &ColumnRecipe) -> Option<ColumnRecipe> {
    match &recipe.technique {
        Technique::DateShift(_) => Some(ColumnRecipe::new(&recipe.column, Technique::Keep)),
        _ => Some(recipe.clone()),
    }
}
