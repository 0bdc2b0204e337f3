//! Is the first row one of names? Values in their place would be told in every draft, and be no names.

use desensitize::Identifier;

use crate::local::standalone::RunError;

/// Identifiers that no column is called by.
const TELLING: [Identifier; 9] = [
    Identifier::ResidentId,
    Identifier::CreditCode,
    Identifier::BankCard,
    Identifier::Mobile,
    Identifier::Landline,
    Identifier::Plate,
    Identifier::Email,
    Identifier::Vin,
    Identifier::Mac,
];
/// Numbers of so many digits may be years or quarters.
const NAME_DIGITS_MAX: usize = 4;

/// Refuses a first row that holds an identifier, or of which half are numbers and days; tells places, never the cells.
pub(super) fn check<'n>(names: impl Iterator<Item = &'n str>) -> Result<(), RunError> {
    let (mut columns, mut values, mut telling) = (0, Vec::new(), false);
    for (position, name) in (1..).zip(names) {
        columns = position;
        let name = name.trim();
        let identifier = TELLING.iter().any(|own| own.validate(name).is_ok());
        telling |= identifier;
        if identifier || is_number_or_day(name) {
            values.push(position.to_string());
        }
    }
    if !telling && (values.is_empty() || values.len() * 2 < columns) {
        return Ok(());
    }
    let (count, places) = (values.len(), values.join(", "));
    let word = if count == 1 { "column" } else { "columns" };
    Err(RunError::Inputs(format!(
        "the first row is no header: {count} of its {columns} cells are numbers, days or identifiers ({word} {places}); write a row of names above the data"
    )))
}

fn is_number_or_day(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let others = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/' | '.' | ':' | ' ');
    digits > NAME_DIGITS_MAX && name.chars().all(others)
}
