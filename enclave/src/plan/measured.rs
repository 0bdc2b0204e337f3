//! What the classes of quasi-identifiers are counted by: as much as a reader can tell of each value, never less.

use arrow::datatypes::{DataType, Field};
use desensitize::resident_id::BirthPart;
use desensitize::{ColumnRecipe, Fpe, Generalize, PersonPart, SamePerson, Technique};

/// How a quasi-identifier is counted; none where a reader can tell nothing of it.
///
/// A technique that always gives the same value for the same original is counted as released: two units that look the
/// same in the sample are one class. A technique that disturbs values is counted as though it had not been applied,
/// since noise or a shift that a reader can undo or reach past hides nobody. Of a column that follows an encrypted id,
/// only what the id keeps is true.
pub(super) fn measured_as(recipe: &ColumnRecipe, field: &Field) -> Option<ColumnRecipe> {
    let technique = match &recipe.technique {
        Technique::DateShift(_)
        | Technique::Noise(_)
        | Technique::Swap(_)
        | Technique::Microaggregate(_) => Technique::Keep,
        Technique::Fpe(Fpe::SamePerson(same)) => true_part(same, field)?,
        _ => return Some(recipe.clone()),
    };
    Some(ColumnRecipe::new(&recipe.column, technique))
}

fn true_part(same: &SamePerson, field: &Field) -> Option<Technique> {
    let keep = same.recipe.keep;
    match (&same.part, keep.birth) {
        (PersonPart::Sex { .. }, _) => keep.sex.then_some(Technique::Keep),
        (PersonPart::BirthDate, BirthPart::Nothing) => None,
        // A birth date in text has no year that can be cut out; counted whole it is never too large a class.
        (PersonPart::BirthDate, _) if *field.data_type() == DataType::Utf8 => Some(Technique::Keep),
        (PersonPart::BirthDate, BirthPart::Band) => Some(Technique::Generalize(Generalize::Decade)),
        (PersonPart::BirthDate, BirthPart::Year) => Some(Technique::Generalize(Generalize::Year)),
    }
}
