//! A policy's sample section with its columns' techniques, checked against the registered schemas.

use arrow::datatypes::{Field, Schema};
use desensitize::ColumnRecipe;
use policy::{
    CheckedDataset, CheckedPolicy, ColumnKind, ColumnPolicy, DatasetSchema, Fault, FaultKind,
    Faults, Place, RowFilter, SampleRecipe, Technique,
};

use super::recipe::column_recipe;
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
    /// Which of the released columns are quasi-identifiers, by their position.
    pub quasi: Vec<usize>,
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
        let tables = policy
            .datasets()
            .filter_map(|dataset| table_plan(dataset, &mut faults))
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

fn table_plan(dataset: CheckedDataset<'_>, faults: &mut Vec<Fault>) -> Option<TablePlan> {
    let (mut fields, mut recipes, mut quasi) = (Vec::new(), Vec::new(), Vec::new());
    for (listed, column) in dataset.columns() {
        let Some(sample) = &listed.sample else {
            continue;
        };
        let field = Field::new(
            column.name.as_str(),
            arrow_type(column.column_type),
            column.nullable,
        );
        match fitted(dataset.schema, listed, &sample.technique, &field) {
            Ok(recipe) => {
                if column.kind == ColumnKind::Quasi {
                    quasi.push(fields.len());
                }
                fields.push(field);
                recipes.push(recipe);
            }
            Err(problem) => faults.push(unsuitable(sample.place, &problem)),
        }
    }
    Some(TablePlan {
        dataset: dataset.policy.id.to_string(),
        recipes,
        columns: Schema::new(fields),
        quasi,
        unit_column: unit_column(dataset.sample_unit?.name.as_str()),
        rows: dataset.policy.rows.clone(),
    })
}

fn fitted(
    schema: &DatasetSchema,
    listed: &ColumnPolicy,
    technique: &Technique,
    field: &Field,
) -> Result<ColumnRecipe, String> {
    let recipe = column_recipe(schema, listed, technique)?;
    recipe
        .check(field)
        .map_err(|unsuitable| unsuitable.to_string())?;
    Ok(recipe)
}

fn unsuitable(place: Place, problem: &str) -> Fault {
    Fault::new(
        FaultKind::Rule,
        place,
        problem,
        format!("该脱敏方法不适用于此列：{problem}"),
    )
}
