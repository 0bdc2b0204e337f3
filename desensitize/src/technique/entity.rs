//! The entity of each row, read from the column beside the one that is rewritten.

use arrow::{
    array::{Array, AsArray, PrimitiveArray, StringArray},
    datatypes::{DataType, Int64Type, UInt64Type},
};

use crate::{Fault, Phrase, broken::Broken, folding::fold_for_token};

/// The types of a column that names entities.
pub(crate) const ENTITY_TYPES: Phrase = Phrase::new(
    "units, integers and text (UInt64, Int64, Utf8)",
    "保护单元、整数与文本列（UInt64、Int64、Utf8）",
);

/// Whether a column of this type can name entities.
pub(crate) fn names_entities(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::UInt64 | DataType::Int64 | DataType::Utf8
    )
}

/// Walks over the entities of a batch; spellings of one text are one entity, as for tokens.
pub(crate) struct Entities<'a> {
    column: Names<'a>,
    /// The entity of the last row asked for: a byte for the type, then the value.
    current: Vec<u8>,
    folded: String,
}

/// The column that names entities.
enum Names<'a> {
    Units(&'a PrimitiveArray<UInt64Type>),
    Integers(&'a PrimitiveArray<Int64Type>),
    Texts(&'a StringArray),
}

/// Keeps entities of different types apart.
const NUMBER: u8 = 0;
const TEXT: u8 = 1;

impl<'a> Entities<'a> {
    /// The entities of a companion column.
    pub(crate) fn of(companion: Option<&'a dyn Array>, broken: &Broken<'_>) -> Result<Self, Fault> {
        let column = companion.and_then(|companion| match companion.data_type() {
            DataType::UInt64 => companion.as_primitive_opt().map(Names::Units),
            DataType::Int64 => companion.as_primitive_opt().map(Names::Integers),
            DataType::Utf8 => companion.as_string_opt::<i32>().map(Names::Texts),
            _ => None,
        });
        // The caller has checked the type, where it can name the companion.
        let column = column.ok_or_else(|| Fault::Contract {
            column: broken.column.to_owned(),
        })?;
        Ok(Self {
            column,
            current: Vec::new(),
            folded: String::new(),
        })
    }

    /// Goes to a row; none where it has no entity, else whether its entity is another than the last one's.
    pub(crate) fn go_to(&mut self, row: usize) -> Option<bool> {
        let number = match &self.column {
            Names::Units(units) => units
                .is_valid(row)
                .then(|| units.value(row).to_be_bytes())?,
            Names::Integers(numbers) => numbers
                .is_valid(row)
                .then(|| numbers.value(row).to_be_bytes())?,
            Names::Texts(texts) => {
                let text = texts.is_valid(row).then(|| texts.value(row))?;
                fold_for_token(text, &mut self.folded);
                return Some(replace(&mut self.current, TEXT, self.folded.as_bytes()));
            }
        };
        Some(replace(&mut self.current, NUMBER, &number))
    }

    /// The entity of the last row asked for.
    pub(crate) fn current(&self) -> &[u8] {
        &self.current
    }
}

/// Writes an entity into the buffer; answers whether it was another before.
fn replace(current: &mut Vec<u8>, kind: u8, value: &[u8]) -> bool {
    if current.split_first() == Some((&kind, value)) {
        return false;
    }
    current.clear();
    current.push(kind);
    current.extend_from_slice(value);
    true
}
