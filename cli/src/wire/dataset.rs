//! Data sets.

use enclave::client::v1;
use serde_json::{Value, json};

use super::entry::{filled, log_entry, time, word};

/// A data set.
pub(crate) fn dataset(dataset: &v1::Dataset) -> Value {
    json!({
        "name": dataset.name,
        "state": word(dataset.state().as_str_name(), "DATASET_STATE_"),
        "version": dataset.version,
        "provider": dataset.provider,
        "rows": dataset.rows,
        "rejected_cells": dataset.rejected_cells,
        "encoding": filled(&encoding(dataset)),
        "separator": filled(&dataset.separator),
        "units": dataset.units,
        "schema_digest": dataset.schema_digest,
        "labels_digest": dataset.labels_digest,
        "register_time": time(dataset.register_time.as_ref()),
        "log_entry": log_entry(dataset.log_entry.as_ref()),
        "columns": dataset.columns.iter().map(column).collect::<Value>(),
    })
}

/// The encoding in which the file was read; empty for Parquet.
pub(crate) fn encoding(dataset: &v1::Dataset) -> String {
    match dataset.encoding() {
        v1::TextEncoding::Unspecified => String::new(),
        encoding => word(encoding.as_str_name(), "TEXT_ENCODING_").replace('_', "-"),
    }
}

fn column(column: &v1::Column) -> Value {
    json!({
        "name": column.name,
        "type": column.r#type,
        "nullable": column.nullable,
        "kind": column.kind,
        "level": column.level,
        "unit": filled(&column.unit),
    })
}
