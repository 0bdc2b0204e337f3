//! Hidden unit columns: `__unit_person` and its like, on which everything counts distinct units.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt64Array};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, SchemaRef,
    TimestampMicrosecondType,
};
use desensitize::resident_id::ResidentId;
use policy::schema::UnitForm;
use policy::{DatasetSchema, UnitPath};

use super::batches::Raw;
use super::{IntakeError, Tally, arrow_schema};
use crate::keys::{UnitKey, UnitNumbering};

/// Hidden unit columns begin with this; schemas may not use it.
pub const UNIT_COLUMN_PREFIX: &str = "__unit_";

/// The hidden column of a unit.
///
/// ```
/// assert_eq!(enclave::intake::unit_column("person"), "__unit_person");
/// ```
#[must_use]
pub fn unit_column(unit: &str) -> String {
    format!("{UNIT_COLUMN_PREFIX}{unit}")
}

/// Adds the hidden columns to every batch and counts its rows.
pub(super) fn with_units(
    raw: Raw,
    schema: &DatasetSchema,
    key: &UnitKey,
    tally: &Arc<Tally>,
) -> impl Iterator<Item = Result<RecordBatch, IntakeError>> + Send + use<> {
    let full = arrow_schema(schema);
    let mut units = Units::new(schema, key);
    let tally = Arc::clone(tally);
    raw.map(move |batch| {
        let batch = batch?;
        let before = tally.add_rows(batch.num_rows());
        units.append(&batch, &full, before, &tally)
    })
}

struct Units {
    dataset: String,
    units: Vec<(Path, UnitNumbering)>,
}

enum Path {
    Row,
    Column(String, UnitForm),
}

impl Units {
    fn new(schema: &DatasetSchema, key: &UnitKey) -> Self {
        let units = schema.units().iter().map(|unit| {
            let path = match &unit.path {
                UnitPath::Row => Path::Row,
                UnitPath::Column { column, form } => Path::Column(column.to_string(), *form),
            };
            (path, key.numbering(unit.name.as_str()))
        });
        Self {
            dataset: schema.dataset().to_string(),
            units: units.collect::<Vec<(Path, UnitNumbering)>>(),
        }
    }

    fn append(
        &mut self,
        batch: &RecordBatch,
        full: &SchemaRef,
        before: u64,
        tally: &Tally,
    ) -> Result<RecordBatch, IntakeError> {
        let mut columns = batch.columns().to_vec();
        for (path, numbering) in &self.units {
            let numbers = match path {
                Path::Row => Some(self.row_numbers(numbering, before, batch.num_rows())),
                Path::Column(name, form) => batch
                    .column_by_name(name)
                    .map(|column| column_numbers(numbering, column, *form, tally)),
            };
            columns.push(Arc::new(
                numbers.ok_or(IntakeError::Batch { record: before + 1 })?,
            ));
        }
        RecordBatch::try_new(Arc::clone(full), columns)
            .map_err(|_| IntakeError::Batch { record: before + 1 })
    }

    /// Rows are units of their own data set: row 5 of one table is not row 5 of another.
    fn row_numbers(&self, numbering: &UnitNumbering, before: u64, rows: usize) -> UInt64Array {
        let number = |row: u64| {
            let mut value = self.dataset.as_bytes().to_vec();
            value.push(0);
            value.extend_from_slice(&row.to_be_bytes());
            numbering.number(&value)
        };
        (before..before + rows as u64).map(number).collect()
    }
}

fn column_numbers(
    numbering: &UnitNumbering,
    column: &ArrayRef,
    form: UnitForm,
    tally: &Tally,
) -> UInt64Array {
    let mut rejected = 0;
    let numbers = (0..column.len()).map(|row| {
        if column.is_null(row) {
            return None;
        }
        let number = canonical(column, row, form).and_then(|value| numbering.number(&value));
        rejected += u64::from(number.is_none());
        number
    });
    let numbers = numbers.collect();
    tally.add_rejected(rejected);
    numbers
}

/// The bytes that stand for a unit, equal for every spelling of the same one; nothing when the cell names none.
fn canonical(column: &ArrayRef, row: usize, form: UnitForm) -> Option<Vec<u8>> {
    let text = text_of(column, row)?;
    match form {
        UnitForm::Text => Some(text.into_bytes()).filter(|text| !text.is_empty()),
        UnitForm::ResidentId => ResidentId::parse(&text)
            .ok()
            .map(|id| id.to_bytes().to_vec()),
    }
}

/// A cell as text; numbers and times as their decimal value, which is one spelling per value.
fn text_of(column: &ArrayRef, row: usize) -> Option<String> {
    Some(match column.data_type() {
        DataType::Utf8 => column.as_string_opt::<i32>()?.value(row).to_owned(),
        DataType::Int64 => column
            .as_primitive_opt::<Int64Type>()?
            .value(row)
            .to_string(),
        DataType::Float64 => column
            .as_primitive_opt::<Float64Type>()?
            .value(row)
            .to_string(),
        DataType::Decimal128(_, _) => column
            .as_primitive_opt::<Decimal128Type>()?
            .value(row)
            .to_string(),
        DataType::Date32 => column
            .as_primitive_opt::<Date32Type>()?
            .value(row)
            .to_string(),
        DataType::Timestamp(_, _) => column
            .as_primitive_opt::<TimestampMicrosecondType>()?
            .value(row)
            .to_string(),
        DataType::Boolean => column.as_boolean_opt()?.value(row).to_string(),
        _ => return None,
    })
}
