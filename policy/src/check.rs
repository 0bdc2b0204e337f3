//! Does a scenario policy fit the data sets that it names?
//!
//! What is checked here needs names, types and labels only. Whether a technique can rewrite a column of its type is
//! the kernels' knowledge and is checked by whoever wires them, who finds each technique's place in
//! [`ColumnSample::place`](crate::document::ColumnSample) and reports through [`ScenarioPolicy::refuse`].

mod technique;

use crate::document::{ColumnPolicy, DatasetPolicy, SampleRecipe, ScenarioPolicy};
use crate::fault::{FaultKind, Faults, Place};
use crate::read::Reader;
use crate::rows::Leaf;
use crate::schema::{Column, ColumnType, DatasetSchema, Unit};
use crate::suggest::nearest;

/// A policy that fits its data sets; only [`check`] makes one.
#[derive(Debug, Clone)]
pub struct CheckedPolicy {
    policy: ScenarioPolicy,
    /// In the order of the policy's data sets.
    schemas: Vec<DatasetSchema>,
}

/// One data set of a checked policy with its schema.
#[derive(Debug, Clone, Copy)]
pub struct CheckedDataset<'c> {
    /// What the scenario may do with it.
    pub policy: &'c DatasetPolicy,
    /// What the provider declares of it.
    pub schema: &'c DatasetSchema,
    /// The unit that the sample draws and its gate counts; none when the policy has no `sample` section.
    pub sample_unit: Option<&'c Unit>,
}

impl CheckedPolicy {
    /// The document.
    #[must_use]
    pub fn policy(&self) -> &ScenarioPolicy {
        &self.policy
    }

    /// The data sets in the order written.
    pub fn datasets(&self) -> impl Iterator<Item = CheckedDataset<'_>> {
        let recipe = self.policy.sample.as_ref();
        self.policy
            .datasets
            .iter()
            .zip(&self.schemas)
            .map(move |(policy, schema)| {
                let sample_unit = recipe.and_then(|recipe| sample_unit(recipe, schema));
                CheckedDataset {
                    policy,
                    schema,
                    sample_unit,
                }
            })
    }

    /// The data set of this id.
    #[must_use]
    pub fn dataset(&self, id: &str) -> Option<CheckedDataset<'_>> {
        self.datasets().find(|dataset| dataset.policy.id == *id)
    }
}

impl<'c> CheckedDataset<'c> {
    /// The columns that the policy lists, each with its declaration, in the order of the schema.
    pub fn columns(&self) -> impl Iterator<Item = (&'c ColumnPolicy, &'c Column)> + use<'c> {
        let policy = self.policy;
        let declared = self.schema.columns().iter();
        declared.filter_map(move |column| Some((policy.column(column.name.as_str())?, column)))
    }
}

/// Checks a policy against the schemas of its data sets; other schemas may be among them.
///
/// # Errors
///
/// Every fault at once, each at its place in the policy: a data set or column that does not exist (the nearest name is
/// suggested), a value in a row filter or constant that its column cannot hold, a direct identifier released under a
/// technique that does not hide it or does not go with the column beside it, a used column without a `sample`, a unit that a data set does not declare.
pub fn check(policy: &ScenarioPolicy, schemas: &[DatasetSchema]) -> Result<CheckedPolicy, Faults> {
    let mut reader = Reader::default();
    let mut found = Vec::new();
    for dataset in &policy.datasets {
        let Some(schema) = schemas
            .iter()
            .find(|schema| *schema.dataset() == dataset.id)
        else {
            unknown_dataset(&mut reader, dataset, schemas);
            continue;
        };
        check_dataset(&mut reader, policy, dataset, schema);
        found.push(schema.clone());
    }
    technique::check_birth_dates(&mut reader, policy, schemas);
    if reader.faults.is_empty() {
        Ok(CheckedPolicy {
            policy: policy.clone(),
            schemas: found,
        })
    } else {
        Err(policy.refuse(reader.faults))
    }
}

fn unknown_dataset(reader: &mut Reader, dataset: &DatasetPolicy, schemas: &[DatasetSchema]) {
    let known = schemas.iter().map(|schema| schema.dataset().as_str());
    let (en, zh) = match nearest(dataset.id.as_str(), known) {
        Some(near) => (
            format!("; did you mean `{near}`?"),
            format!("；是否想写 `{near}`？"),
        ),
        None => ("; register it first".to_owned(), "；请先登记".to_owned()),
    };
    let en = format!("there is no data set `{}`{en}", dataset.id);
    let zh = format!("没有数据集 `{}`{zh}", dataset.id);
    reader.fault(FaultKind::UnknownName, dataset.place, en, zh);
}

fn check_dataset(
    reader: &mut Reader,
    policy: &ScenarioPolicy,
    dataset: &DatasetPolicy,
    schema: &DatasetSchema,
) {
    check_rows(reader, dataset, schema);
    for listed in &dataset.columns {
        match schema.column(listed.name.as_str()) {
            Some(column) => check_column(reader, policy, listed, column, (dataset, schema)),
            None => unknown_column(reader, listed.place, listed.name.as_str(), schema),
        }
    }
    technique::check_rows_at_once(reader, dataset);
    if let Some(recipe) = &policy.sample {
        check_unit(reader, recipe, dataset, schema);
        if dataset.columns.iter().all(|column| column.sample.is_none()) {
            let en = format!(
                "no column of `{}` is in the sample; give one a `sample`, or remove the data set or the `sample` section",
                dataset.id
            );
            let zh = format!(
                "`{}` 没有任何列进入样本；请为某列写 `sample`，或删去该数据集或 `sample` 部分",
                dataset.id
            );
            reader.fault(FaultKind::Rule, dataset.place, en, zh);
        }
    }
}

fn unknown_column(reader: &mut Reader, place: Place, column: &str, schema: &DatasetSchema) {
    let known = schema.columns().iter().map(|column| column.name.as_str());
    let (en, zh) = nearest(column, known).map_or_else(Default::default, |near| {
        (
            format!("; did you mean `{near}`?"),
            format!("；是否想写 `{near}`？"),
        )
    });
    let dataset = schema.dataset();
    let en = format!("data set `{dataset}` has no column `{column}`{en}");
    reader.fault(
        FaultKind::UnknownName,
        place,
        en,
        format!("数据集 `{dataset}` 没有列 `{column}`{zh}"),
    );
}

fn check_column(
    reader: &mut Reader,
    policy: &ScenarioPolicy,
    listed: &ColumnPolicy,
    column: &Column,
    (dataset, schema): (&DatasetPolicy, &DatasetSchema),
) {
    let name = &listed.name;
    match &listed.sample {
        Some(sample) => technique::check(reader, sample, column, dataset, schema),
        None if policy.sample.is_some() && !listed.compute.is_empty() => {
            let en = format!(
                "column `{name}` may be computed with, so developers need it in the sample; add a `sample`, for example `redact`"
            );
            let zh =
                format!("列 `{name}` 可用于计算，样本中须有该列；请写 `sample`，例如 `redact`");
            reader.fault(FaultKind::Missing, listed.place, en, zh);
        }
        None => {}
    }
}

fn check_rows(reader: &mut Reader, dataset: &DatasetPolicy, schema: &DatasetSchema) {
    let leaves = dataset.rows.iter().flat_map(|filter| filter.leaves());
    for leaf in leaves {
        let (Leaf::Operands(column, _) | Leaf::Pattern(column) | Leaf::Presence(column)) = &leaf;
        let Some(declared) = schema.column(column.name.as_str()) else {
            unknown_column(
                reader,
                dataset.rows_place.of(column.at),
                column.name.as_str(),
                schema,
            );
            continue;
        };
        let (name, wanted) = (&declared.name, declared.column_type);
        match leaf {
            Leaf::Operands(_, operands) => {
                for operand in operands
                    .into_iter()
                    .filter(|operand| !operand.literal.fits(wanted))
                {
                    let given = operand.literal.type_name();
                    let en = format!(
                        "column `{name}` is {wanted} and cannot be compared with this {given}"
                    );
                    let zh = format!("列 `{name}` 的类型为 {wanted}，不能与此 {given} 值比较");
                    reader.value_fault(dataset.rows_place.of(operand.at), en, zh);
                }
            }
            Leaf::Pattern(column) if wanted != ColumnType::Text => {
                let en = format!("column `{name}` is {wanted}; LIKE is for text");
                let zh = format!("列 `{name}` 的类型为 {wanted}，LIKE 只用于 text");
                reader.value_fault(dataset.rows_place.of(column.at), en, zh);
            }
            Leaf::Pattern(_) | Leaf::Presence(_) => {}
        }
    }
}

/// The unit that a recipe draws in one data set: the one it names, else the only one.
fn sample_unit<'s>(recipe: &SampleRecipe, schema: &'s DatasetSchema) -> Option<&'s Unit> {
    match (&recipe.unit, schema.units()) {
        (Some(name), _) => schema.unit(name.as_str()),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

fn check_unit(
    reader: &mut Reader,
    recipe: &SampleRecipe,
    dataset: &DatasetPolicy,
    schema: &DatasetSchema,
) {
    if sample_unit(recipe, schema).is_some() {
        return;
    }
    let id = &dataset.id;
    let units: Vec<&str> = schema
        .units()
        .iter()
        .map(|unit| unit.name.as_str())
        .collect();
    let (en, zh) = match (&recipe.unit, units.as_slice()) {
        (_, []) => (
            format!(
                "data set `{id}` declares no unit, so the gate has nothing to count; the provider writes for example `units: {{ person: row }}`"
            ),
            format!(
                "数据集 `{id}` 未声明保护单元，门槛无从计数；提供单位应写例如 `units: {{ person: row }}`"
            ),
        ),
        (Some(unit), known) => (
            format!(
                "data set `{id}` declares no unit `{unit}`, only {}",
                known.join(", ")
            ),
            format!(
                "数据集 `{id}` 未声明单元 `{unit}`，只有 {}",
                known.join("、")
            ),
        ),
        (None, known) => (
            format!(
                "data set `{id}` declares several units; write `unit:` with one of {}",
                known.join(", ")
            ),
            format!(
                "数据集 `{id}` 声明了多种单元；请写 `unit:`，取 {} 之一",
                known.join("、")
            ),
        ),
    };
    reader.fault(FaultKind::UnknownName, recipe.unit_place, en, zh);
}

#[cfg(test)]
mod tests;
