//! The content of a policy as JSON for its digest.

use serde_json::{Map, Value, json};

use super::{
    ColumnPolicy, DatasetPolicy, Fpe, FpeDomain, Generalize, Mask, OutputContract, SampleRecipe,
    ScenarioPolicy, Technique,
};
use crate::literal::Literal;

pub(super) fn policy(policy: &ScenarioPolicy) -> Value {
    let datasets: Map<String, Value> = policy
        .datasets
        .iter()
        .map(|d| (d.id.to_string(), dataset(d)))
        .collect();
    json!({
        "format": "karez.policy/1",
        "scenario": policy.scenario.as_str(),
        "purpose": policy.purpose,
        "valid": { "from": policy.valid.from.to_string(), "until": policy.valid.until.to_string() },
        "datasets": datasets,
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
    let sample = column
        .sample
        .as_ref()
        .map(|s| json!({ s.technique.as_str(): technique(&s.technique) }));
    json!({ "compute": compute, "sample": sample })
}

fn technique(technique: &Technique) -> Value {
    match technique {
        Technique::Keep | Technique::Redact | Technique::Null | Technique::Token => json!({}),
        Technique::Mask(Mask {
            kind,
            first,
            last,
            on_broken,
        }) => {
            json!({ "kind": kind.as_str(), "first": first, "last": last, "on_broken": on_broken.as_str() })
        }
        Technique::Constant(literal) => constant(literal),
        Technique::Round(to) => json!({ "to": to.to_string() }),
        Technique::Generalize(Generalize::Year) => json!({ "to": "year" }),
        Technique::Generalize(Generalize::Month) => json!({ "to": "month" }),
        Technique::Generalize(Generalize::Bucket { size, origin }) => {
            json!({ "bucket": size.to_string(), "origin": origin.to_string() })
        }
        Technique::Fpe(fpe) => self::fpe(fpe),
    }
}

fn constant(literal: &Literal) -> Value {
    let value = match literal {
        Literal::Text(text) => text.clone(),
        other => other.to_string(),
    };
    json!({ "type": literal.type_name(), "value": value })
}

fn fpe(
    Fpe {
        domain,
        mode,
        on_broken,
    }: &Fpe,
) -> Value {
    let domain = match domain {
        FpeDomain::ResidentId { keep } => {
            let keep: Vec<&str> = keep.iter().map(|part| part.as_str()).collect();
            json!({ "name": "resident-id", "keep": keep })
        }
        FpeDomain::Digits {
            keep_first,
            keep_last,
        } => {
            json!({ "name": "digits", "keep_first": keep_first, "keep_last": keep_last })
        }
    };
    json!({ "domain": domain, "mode": mode.as_str(), "on_broken": on_broken.as_str() })
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
    })
}

fn output(contract: &OutputContract) -> Value {
    json!({ "shape": contract.shape.as_str(), "k": contract.k, "rows_max": contract.rows_max })
}
