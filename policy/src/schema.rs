//! The provider's schema file: types, labels and protected units of one data set.
//!
//! Every column carries its label (classification level and kind); one without is refused by name (Art. 4). The file
//! says nothing of any row.

mod column_type;
mod parse;

pub use column_type::{ColumnType, DECIMAL_PRECISION_MAX};

use serde_json::{Map, Value, json};

use crate::canonical;
use crate::fault::{Faults, Source};
use crate::name::{ColumnName, DatasetId, UnitName};
use crate::words::words;

/// The most columns of one data set.
pub const COLUMNS_MAX: usize = 1024;

/// The most protected units of one data set; each costs the vault a hidden column.
pub const UNITS_MAX: usize = 8;

words! {
    /// The classification level of a column (分类分级, GB/T 43697-2024): general in four steps, important, core.
    Level {
        /// 一般数据 1 级: may be public.
        General1 = "general-1",
        /// 一般数据 2 级.
        General2 = "general-2",
        /// 一般数据 3 级.
        General3 = "general-3",
        /// 一般数据 4 级.
        General4 = "general-4",
        /// 重要数据.
        Important = "important",
        /// 核心数据.
        Core = "core",
    }
}

words! {
    /// What a column tells about a person or enterprise.
    Kind {
        /// 直接标识符: names one alone, such as an id number or a name.
        Direct = "direct",
        /// 准标识符: singles out in combination, such as a birth date.
        Quasi = "quasi",
        /// 敏感属性: must not be learnt about one, such as a diagnosis or an amount.
        Sensitive = "sensitive",
        /// None of these.
        Other = "other",
    }
}

words! {
    /// How the values that identify a unit are brought to one form before they are counted.
    UnitForm {
        /// As written.
        Text = "text",
        /// GB 11643: full width folded, 15 digits lengthened to 18, so that both are one person.
        ResidentId = "resident-id",
    }
}

/// Where a data set shows which unit a row belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UnitPath {
    /// Each row is one unit.
    Row,
    /// The unit stands in a column.
    Column {
        /// The column.
        column: ColumnName,
        /// Its canonical form.
        form: UnitForm,
    },
}

/// A protected unit: whom thresholds count and consistent samples draw.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unit {
    /// Its name, shared between data sets: `person`.
    pub name: UnitName,
    /// Where it stands in this data set.
    pub path: UnitPath,
}

/// A column with its type and label.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// Its name.
    pub name: ColumnName,
    /// Its type.
    pub column_type: ColumnType,
    /// Whether a cell may be empty; true unless the file says otherwise.
    pub nullable: bool,
    /// Its classification level.
    pub level: Level,
    /// What it tells about a unit.
    pub kind: Kind,
    /// The unit that its values identify.
    pub unit: Option<UnitName>,
}

/// A provider's schema file, parsed and complete.
///
/// ```
/// use policy::{ColumnKind, DatasetSchema};
///
/// let schema = DatasetSchema::parse("persons.yaml", "
/// dataset: ybj/persons
/// units:
///   person: { column: resident_id, form: resident-id }
/// columns:
///   resident_id: { type: text, level: general-4, kind: direct }
///   birth_date:  { type: date, level: general-3, kind: quasi }
/// ")?;
/// assert_eq!(schema.columns().len(), 2);
/// assert_eq!(schema.column("birth_date").map(|c| c.kind), Some(ColumnKind::Quasi));
/// # Ok::<(), policy::Faults>(())
/// ```
#[derive(Debug, Clone)]
pub struct DatasetSchema {
    source: Source,
    dataset: DatasetId,
    units: Vec<Unit>,
    columns: Vec<Column>,
}

impl PartialEq for DatasetSchema {
    /// Equal in content, whatever the spelling of the file.
    fn eq(&self, other: &Self) -> bool {
        (&self.dataset, &self.units, &self.columns)
            == (&other.dataset, &other.units, &other.columns)
    }
}

impl DatasetSchema {
    /// Reads a schema file; `file` is the name that faults call it by.
    ///
    /// # Errors
    ///
    /// Every fault of the file at once, each with line, column and caret.
    pub fn parse(file: &str, text: &str) -> Result<Self, Faults> {
        parse::parse(Source::new(file, text))
    }

    /// The data set that it describes.
    #[must_use]
    pub fn dataset(&self) -> &DatasetId {
        &self.dataset
    }

    /// The protected units, in the order written.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The unit of this name.
    #[must_use]
    pub fn unit(&self, name: &str) -> Option<&Unit> {
        self.units.iter().find(|unit| unit.name == *name)
    }

    /// The columns, in the order written.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of this name, case included.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == *name)
    }

    /// The file as it was written, for storing it.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// Types, nullability, order and units as canonical JSON (RFC 8785), for the schema digest; no labels.
    #[must_use]
    pub fn canonical_json(&self) -> String {
        let columns: Vec<Value> = self
            .columns
            .iter()
            .map(|c| json!({ "name": c.name.as_str(), "type": c.column_type.to_string(), "nullable": c.nullable }))
            .collect();
        let units: Map<String, Value> = self
            .units
            .iter()
            .map(|u| (u.name.to_string(), path_json(&u.path)))
            .collect();
        canonical::text(&json!({
            "format": "karez.schema/1",
            "dataset": self.dataset.as_str(),
            "columns": columns,
            "units": units,
        }))
    }

    /// The level and kind of every column as canonical JSON, for the classification digest.
    #[must_use]
    pub fn labels_json(&self) -> String {
        let columns: Map<String, Value> = self
            .columns
            .iter()
            .map(|c| {
                (
                    c.name.to_string(),
                    json!({ "level": c.level.as_str(), "kind": c.kind.as_str() }),
                )
            })
            .collect();
        canonical::text(&json!({
            "format": "karez.labels/1",
            "dataset": self.dataset.as_str(),
            "columns": columns,
        }))
    }
}

fn path_json(path: &UnitPath) -> Value {
    match path {
        UnitPath::Row => Value::from("row"),
        UnitPath::Column { column, form } => {
            json!({ "column": column.as_str(), "form": form.as_str() })
        }
    }
}

#[cfg(test)]
mod tests;
