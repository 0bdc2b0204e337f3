//! Schema and policy as drafts: everything proposed, the evidence beside it in comments.

use policy::DatasetId;

use super::finding::{ColumnFinding, Compute};

const SCHEMA_HEAD: &str = "\
# 草案：类型与分类分级均由程序根据取值和列名提出，须由了解数据的人逐列确认或改正后方可使用。
# A draft: every type and label is proposed from values and names. Whoever knows the data confirms or corrects each
# column before the file is used, and then removes these lines.
";

const POLICY_HEAD: &str = "\
# 草案：脱敏方法均由程序提出，偏于严格；请逐列确认，并填写场景、用途和有效期。
# A draft: every technique is proposed, the strict one first. Confirm each column, and write scenario, purpose and term.
";

/// The protected unit of the drafts: its name, its column, and how its values are brought to one form.
struct Unit<'c> {
    name: &'static str,
    column: Option<(&'c str, &'static str)>,
}

/// Whom the rows are about: persons where ids of persons are found, else enterprises, else each row itself.
fn unit(columns: &[ColumnFinding]) -> Unit<'_> {
    let of = |semantic: &str| {
        let held = columns
            .iter()
            .filter(|column| column.semantic == semantic && column.values > 0);
        held.max_by_key(|column| column.values)
            .map(|column| column.column.as_str())
    };
    match (of("resident-id"), of("credit-code")) {
        (Some(column), _) => Unit {
            name: "person",
            column: Some((column, "resident-id")),
        },
        (None, Some(column)) => Unit {
            name: "enterprise",
            column: Some((column, "text")),
        },
        (None, None) => Unit {
            name: "record",
            column: None,
        },
    }
}

/// A schema file.
pub(super) fn schema(dataset: &str, columns: &[ColumnFinding]) -> String {
    let unit = unit(columns);
    let mut text = format!("{SCHEMA_HEAD}dataset: {dataset}\n");
    match unit.column {
        Some((column, form)) => {
            let column = quoted(column);
            text.push_str(&format!(
                "units: {{ {}: {{ column: {column}, form: {form} }} }}\n",
                unit.name
            ));
        }
        None => {
            text.push_str("# 未发现标识个人或企业的列：暂以每行为一个单元\n");
            text.push_str("# no column names a person or enterprise: each row counts as one until this is corrected\n");
            text.push_str(&format!("units: {{ {}: row }}\n", unit.name));
        }
    }
    text.push_str("columns:\n");
    for column in columns {
        text.push_str(&evidence(column));
        let ColumnFinding {
            column_type,
            level,
            kind,
            ..
        } = column;
        // The comma of `decimal(18,2)` would end the field.
        let (name, column_type) = (quoted(&column.column), quoted(column_type));
        text.push_str(&format!(
            "  {name}: {{ type: {column_type}, level: {level}, kind: {kind} }}\n"
        ));
    }
    text
}

/// A policy document with one data set.
pub(super) fn policy(
    dataset: &DatasetId,
    valid: &(String, String),
    columns: &[ColumnFinding],
) -> String {
    let unit = unit(columns);
    let (from, until) = valid;
    let mut text = format!(
        "{POLICY_HEAD}scenario: draft\npurpose: \"待填写 / to be written\"\nvalid: {{ from: {from}, until: {until} }}\ndatasets:\n  {dataset}:\n    columns:\n"
    );
    for column in columns {
        let is_unit = unit.column.is_some_and(|(name, _)| name == column.column);
        let compute = match column.compute {
            _ if is_unit => "[join]",
            Compute::Nothing => "[]",
            Compute::Group => "[group, compare]",
            Compute::Aggregate => "[aggregate]",
        };
        let (name, technique, meaning) =
            (quoted(&column.column), &column.technique, &column.meaning);
        text.push_str(&format!(
            "      # {} / {} ({}, {:.0} %)\n",
            meaning.zh,
            meaning.en,
            column.grade,
            100.0 * column.confidence
        ));
        for possible in &column.possible {
            text.push_str(&format!("      # 待确认 / to be confirmed: {possible}?\n"));
        }
        text.push_str(&format!(
            "      {name}: {{ compute: {compute}, sample: {technique} }}\n"
        ));
    }
    text.push_str(&format!(
        "sample: {{ method: consistent, unit: {}, rate: 0.1, rows_max: 10_000, k_map: 5 }}\noutput: {{ shape: statistics, k: 10, rows_max: 1_000 }}\n",
        unit.name
    ));
    text
}

/// Why a column is labelled as it is, in comments.
fn evidence(column: &ColumnFinding) -> String {
    let ColumnFinding {
        meaning,
        confidence,
        values,
        rows,
        ..
    } = column;
    let more = if column.distinct_at_least { "≥ " } else { "" };
    let mut text = format!(
        "  # {} / {} ({}, {:.0} %); {values}/{rows} values, {more}{} distinct\n",
        meaning.zh,
        meaning.en,
        column.grade,
        100.0 * confidence,
        column.distinct
    );
    for reason in &column.reasons {
        text.push_str(&format!("  #   {}\n  #   {}\n", reason.zh, reason.en));
    }
    text
}

/// A name that YAML takes for nothing else: bare where it is a plain word, else between quotation marks.
fn quoted(name: &str) -> String {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !WORDS.contains(&name.to_ascii_lowercase().as_str());
    if plain {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}
