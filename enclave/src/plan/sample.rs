//! A policy's sample section with its columns' techniques, checked against the registered schemas.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema};
use desensitize::hierarchy::Hierarchy;
use desensitize::{COLUMN_KEY_BYTES, ColumnKey, ColumnRecipe, Sentence, TableRecipe};
use policy::{
    CheckedDataset, CheckedPolicy, Column, ColumnKind, DatasetSchema, Fault, FaultKind, Faults,
    Place, RowFilter, SampleRecipe, ScenarioPolicy,
};

use super::job::is_hidden;
use super::measured::measured_as;
use super::recipe::{Hierarchies, Written};
use crate::intake::{arrow_type, unit_column};

/// What a sample of a scenario is made of, in every table.
#[derive(Debug)]
pub struct SamplePlan {
    /// Method, rate, limits and gate, as written.
    pub recipe: SampleRecipe,
    /// The tables, in the document's order.
    pub tables: Vec<TablePlan>,
}

/// What a sample shows of one table.
#[derive(Debug)]
pub struct TablePlan {
    /// `owner/table`.
    pub dataset: String,
    /// The released columns with their techniques, in the schema's order.
    pub recipes: Vec<ColumnRecipe>,
    /// The released columns as they are stored, in the schema's order.
    pub columns: Schema,
    /// Columns that a technique reads beside the released ones, as they are stored; they are not released.
    pub beside: Vec<Field>,
    /// The released quasi-identifiers, by name.
    pub quasi: Vec<String>,
    /// What a reader can tell of the quasi-identifiers, by which classes are counted.
    pub measured: Vec<ColumnRecipe>,
    /// The hidden column of the unit that is drawn and counted.
    pub unit_column: String,
    /// Rows outside this filter do not exist for the scenario.
    pub rows: Option<RowFilter>,
}

impl SamplePlan {
    /// Plans the samples of a scenario.
    ///
    /// # Errors
    /// Every technique that does not fit its column, each at its place in the document, or a policy without a
    /// `sample` section.
    pub fn new(policy: &CheckedPolicy) -> Result<Self, Faults> {
        let document = policy.policy();
        let Some(recipe) = document.sample.clone() else {
            return Err(document.refuse(vec![no_sample_section()]));
        };
        let mut faults = Vec::new();
        let hierarchies = hierarchies(document, &mut faults);
        if !faults.is_empty() {
            return Err(document.refuse(faults));
        }
        let tables = policy
            .datasets()
            .filter_map(|dataset| table_plan(dataset, &hierarchies, &mut faults))
            .collect();
        if faults.is_empty() {
            Ok(Self { recipe, tables })
        } else {
            Err(document.refuse(faults))
        }
    }
}

fn no_sample_section() -> Fault {
    Fault::new(
        FaultKind::Missing,
        Place::START,
        "this scenario has no `sample` section, so it has no samples",
        "该场景没有 `sample` 部分，因此不提供样本",
    )
}

impl TablePlan {
    /// What is read of the table to release it: the released columns, then those beside them.
    #[must_use]
    pub fn source(&self) -> Schema {
        let released = self
            .columns
            .fields()
            .iter()
            .map(|field| field.as_ref().clone());
        Schema::new(
            released
                .chain(self.beside.iter().cloned())
                .collect::<Vec<_>>(),
        )
    }
}

impl TablePlan {
    /// The provider's columns that a draw reads: released ones, those beside them, and the row filter's; sorted, each once.
    #[must_use]
    pub fn read_columns(&self) -> Vec<String> {
        let source = self.source();
        let mut columns: Vec<String> = source
            .fields()
            .iter()
            .map(|one| one.name().clone())
            .collect();
        if let Some(rows) = &self.rows {
            columns.extend(rows.columns().into_iter().map(|one| one.name.to_string()));
        }
        columns.retain(|column| !is_hidden(column));
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}

/// The hierarchies of a document, each read once.
fn hierarchies(
    document: &ScenarioPolicy,
    faults: &mut Vec<Fault>,
) -> Vec<(String, Arc<Hierarchy>)> {
    let mut read = Vec::new();
    for written in &document.hierarchies {
        match Hierarchy::parse(&written.text) {
            Ok(hierarchy) => read.push((written.name.to_string(), Arc::new(hierarchy))),
            Err(problem) => {
                let zh = format!("层次表 `{}`：{problem}", written.name);
                let en = format!("hierarchy `{}`: {problem}", written.name);
                faults.push(Fault::new(FaultKind::Value, written.place, en, zh));
            }
        }
    }
    read
}

fn table_plan(
    dataset: CheckedDataset<'_>,
    hierarchies: &Hierarchies,
    faults: &mut Vec<Fault>,
) -> Option<TablePlan> {
    let unit_column = unit_column(dataset.sample_unit?.name.as_str());
    let mut released = Vec::new();
    for (listed, column) in dataset.columns() {
        let Some(sample) = &listed.sample else {
            continue;
        };
        let written = Written {
            dataset,
            column: listed,
            declared: column,
            sample,
            unit_column: &unit_column,
            hierarchies,
        };
        match fitted(&written) {
            Ok(recipe) => released.push((recipe, column)),
            Err(problem) => faults.push(unsuitable(sample.place, problem)),
        }
    }
    let quasi = released
        .iter()
        .filter(|(_, column)| column.kind == ColumnKind::Quasi);
    let (quasi, measured): (Vec<_>, Vec<_>) = quasi
        .map(|(recipe, column)| (recipe.column.clone(), measured_as(recipe, &stored(column))))
        .unzip();
    let (recipes, columns): (Vec<_>, Vec<_>) = released
        .into_iter()
        .map(|(recipe, column)| (recipe, stored(column)))
        .unzip();
    Some(TablePlan {
        dataset: dataset.policy.id.to_string(),
        beside: beside(&recipes, &columns, dataset.schema, &unit_column),
        recipes,
        columns: Schema::new(columns),
        quasi,
        measured: measured.into_iter().flatten().collect(),
        unit_column,
        rows: dataset.policy.rows.clone(),
    })
}

/// A column as the vault and the intake hold it.
fn stored(column: &Column) -> Field {
    let name = column.name.as_str();
    Field::new(name, arrow_type(column.column_type), column.nullable)
}

/// The columns that techniques read and that are not released.
fn beside(
    recipes: &[ColumnRecipe],
    released: &[Field],
    schema: &DatasetSchema,
    unit_column: &str,
) -> Vec<Field> {
    let mut beside: Vec<Field> = Vec::new();
    for name in recipes.iter().filter_map(ColumnRecipe::companion) {
        let known = |field: &Field| field.name() == name;
        if !released.iter().any(known) && !beside.iter().any(known) {
            beside.extend(companion(name, schema, unit_column));
        }
    }
    beside
}

/// A column that is read beside another: one of the schema, or the hidden one of the unit.
fn companion(name: &str, schema: &DatasetSchema, unit_column: &str) -> Option<Field> {
    if name == unit_column {
        return Some(Field::new(name, DataType::UInt64, true));
    }
    schema.column(name).map(stored)
}

/// The recipe of a column, tried on a table of the column and what is read beside it.
fn fitted(written: &Written<'_>) -> Result<ColumnRecipe, Sentence> {
    let recipe = written
        .recipe()
        .map_err(|problem| Sentence::new(problem.clone(), problem))?;
    let column = written.declared;
    let mut fields = vec![stored(column)];
    let read = recipe.companion().filter(|name| column.name != **name);
    fields
        .extend(read.and_then(|name| companion(name, written.dataset.schema, written.unit_column)));
    // Compiling is the check; the key here protects nothing and the result is dropped unused.
    let unused = |_: &str| ColumnKey::from([0; COLUMN_KEY_BYTES]);
    TableRecipe::compile(std::slice::from_ref(&recipe), &Schema::new(fields), unused)
        .map_err(|unsuitable| unsuitable.told())?;
    Ok(recipe)
}

fn unsuitable(place: Place, problem: Sentence) -> Fault {
    let zh = format!("该脱敏方法不适用于此列：{}", problem.zh);
    Fault::new(FaultKind::Rule, place, problem.en, zh)
}
