//! A result as JSON for programs, or as tables for a person.

use std::io::IsTerminal as _;

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle, presets};
use serde_json::{Map, Value};

use crate::arguments::Format;
use crate::console::Console;
use crate::language::Language;
use crate::visible::visible;

mod labels;

/// Columns of a table that is not shown on a terminal: wide enough that nothing is folded.
const WIDTH_UNLIMITED: u16 = u16::MAX;

/// A line below the header and nothing else, so that rows can be cut and searched with other tools.
const STYLE: TableStyle =
    presets::NOTHING.header_separator(LineStyle::none().fill('─').junction(' '));

/// Lines to be written to stdout.
pub(crate) fn value(value: &Value, console: &Console) -> String {
    match console.format() {
        Format::Json => json(value),
        Format::Table => tables(value, console.language()),
    }
}

/// Indented JSON, its keys in the order in which they were put.
pub(crate) fn json(value: &Value) -> String {
    format!("{value:#}")
}

/// Tables for a person.
pub(crate) fn tables(value: &Value, language: Language) -> String {
    match value {
        Value::Object(fields) => object(fields, language),
        Value::Array(rows) => list(rows, language),
        other => scalar(other),
    }
}

/// Fields as a table of two columns; whatever holds rows of its own becomes a table below it.
fn object(fields: &Map<String, Value>, language: Language) -> String {
    let mut table = plain();
    let mut below = Vec::new();
    for (key, field) in fields.iter().filter(|(_, field)| !is_empty(field)) {
        let label = labels::label(key, language);
        match has_rows(field) {
            true => below.push(format!("{label}\n{}", tables(field, language))),
            false => {
                table.add_row([label, cell(field, language)]);
            }
        }
    }
    let mut parts = vec![table.trim_fmt()];
    parts.extend(below);
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

fn is_empty(field: &Value) -> bool {
    field.is_null() || field.as_array().is_some_and(Vec::is_empty)
}

/// Whether a field is a list of objects, or holds one.
fn has_rows(field: &Value) -> bool {
    match field {
        Value::Array(rows) => rows.iter().any(Value::is_object),
        Value::Object(fields) => fields.values().any(has_rows),
        _ => false,
    }
}

/// Objects as rows, the first one's keys as columns.
fn list(rows: &[Value], language: Language) -> String {
    let Some(Value::Object(first)) = rows.first() else {
        return rows.iter().map(scalar).collect::<Vec<_>>().join("\n");
    };
    let mut table = plain();
    table.set_header(first.keys().map(|key| labels::label(key, language)));
    for row in rows {
        let cells = first.keys().map(|key| {
            row.get(key)
                .map_or_else(String::new, |field| cell(field, language))
        });
        table.add_row(cells.collect::<Vec<_>>());
    }
    table.trim_fmt()
}

fn plain() -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if !std::io::stdout().is_terminal() {
        table.force_no_tty().set_width(WIDTH_UNLIMITED);
    }
    table
}

fn cell(value: &Value, language: Language) -> String {
    match value {
        Value::Array(items) => items.iter().map(scalar).collect::<Vec<_>>().join("\n"),
        Value::Object(fields) => {
            let pairs = fields.iter().filter(|(_, value)| !value.is_null());
            let lines = pairs.map(|(key, value)| {
                format!(
                    "{}: {}",
                    labels::label(key, language),
                    cell(value, language)
                )
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        other => scalar(other),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => visible(text).into_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_two_columns_and_its_lists_are_tables_below() {
        let shown = tables(
            &json!({"name": "n", "nothing": null, "units": ["a", "b"], "files": [{"name": "f", "bytes": 3}]}),
            Language::English,
        );
        assert!(
            shown.contains("name") && !shown.contains("nothing"),
            "{shown}"
        );
        let (above, below) = shown.split_once("\n\n").unwrap();
        assert!(above.contains('a') && above.contains('b'), "{above}");
        assert!(
            below.starts_with("files") && below.contains("bytes") && below.contains('3'),
            "{below}"
        );
    }

    #[test]
    fn what_is_empty_is_not_shown_and_what_is_nested_stands_below() {
        let binding = json!({"logic": "l", "datasets": [{"dataset": "d"}]});
        let shown = tables(
            &json!({"name": "n", "approvals": [], "binding": binding}),
            Language::English,
        );
        assert!(
            !shown.contains("approvals") && !shown.contains('{'),
            "{shown}"
        );
        assert!(
            shown.contains("\n\nbinding\n") && shown.contains("\n\ndatasets\n"),
            "{shown}"
        );
    }

    #[test]
    fn labels_follow_the_language() {
        let shown = tables(
            &json!([{"seq": 1, "type": "key.enrolled"}]),
            Language::Chinese,
        );
        assert!(
            shown.contains("序号") && shown.contains("key.enrolled"),
            "{shown}"
        );
    }

    #[test]
    fn an_empty_list_is_empty() {
        assert_eq!(tables(&json!([]), Language::English), "");
    }
}
