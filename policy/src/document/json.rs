//! The content of a policy as JSON for its digest.

use serde_json::{Map, Value, json};

use super::{
    ColumnPolicy, ColumnSample, DatasetPolicy, OutputContract, SampleRecipe, ScenarioPolicy,
};

pub(super) fn policy(policy: &ScenarioPolicy) -> Value {
    let datasets: Map<String, Value> = policy
        .datasets
        .iter()
        .map(|d| (d.id.to_string(), dataset(d)))
        .collect();
    let hierarchies: Map<String, Value> = policy
        .hierarchies
        .iter()
        .map(|h| (h.name.to_string(), Value::from(&*h.text)))
        .collect();
    json!({
        "format": "karez.policy/1",
        "scenario": policy.scenario.as_str(),
        "purpose": policy.purpose,
        "valid": { "from": policy.valid.from.to_string(), "until": policy.valid.until.to_string() },
        "datasets": datasets,
        "hierarchies": hierarchies,
        "sample": policy.sample.as_ref().map(sample),
        "output": policy.output.as_ref().map(output),
    })
}

fn dataset(dataset: &DatasetPolicy) -> Value {
    let columns: Map<String, Value> = dataset
        .columns
        .iter()
        .map(|c| (c.name.to_string(), column(c)))
        .collect();
    json!({ "rows": dataset.rows.as_ref().map(ToString::to_string), "columns": columns })
}

fn column(column: &ColumnPolicy) -> Value {
    let compute: Vec<&str> = column.compute.iter().map(|usage| usage.as_str()).collect();
    let sample = column.sample.as_ref().map(ColumnSample::json);
    json!({ "compute": compute, "sample": sample })
}

fn sample(recipe: &SampleRecipe) -> Value {
    json!({
        "method": recipe.method.as_str(),
        "unit": recipe.unit.as_ref().map(|unit| unit.as_str()),
        "rate": recipe.rate.to_string(),
        "rows_max": recipe.rows_max,
        "k_map": recipe.k_map,
        "k": recipe.k,
        "membership": recipe.membership.as_str(),
        "suppress_max": recipe.suppress_max.to_string(),
        "one_way": recipe.one_way,
    })
}

fn output(contract: &OutputContract) -> Value {
    json!({ "shape": contract.shape.as_str(), "k": contract.k, "rows_max": contract.rows_max })
}
