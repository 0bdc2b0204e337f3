//! From the tree of a schema file to a [`DatasetSchema`], every fault collected.

use std::collections::HashSet;

use super::{
    COLUMNS_MAX, Column, ColumnType, DatasetSchema, Kind, Level, UNITS_MAX, Unit, UnitForm,
    UnitPath,
};
use crate::fault::{FaultKind, Faults, Place, Source};
use crate::name::{ColumnName, UnitName};
use crate::read::{Fields, Keys, Reader, What};
use crate::suggest::nearest;
use crate::tree::{self, Entry, Node, Value};

const ROOT: Keys = Keys {
    enforced: &["dataset", "units", "columns"],
    later: &["region_table", "filing", "contact"],
};
const UNIT: Keys = Keys {
    enforced: &["column", "form"],
    later: &["path"],
};
const COLUMN: Keys = Keys {
    enforced: &["type", "nullable", "level", "kind", "unit"],
    later: &[
        "same_person_as",
        "references",
        "hierarchy",
        "unique",
        "range",
    ],
};
const LABEL_FIX_EN: &str = "every column needs its label: write `level: general-1 … general-4, important or core` and `kind: direct, quasi, sensitive or other`";
const LABEL_FIX_ZH: &str = "每一列都须分类分级：请写明 `level`（general-1 … general-4、important、core）与 `kind`（direct、quasi、sensitive、other）";

pub(super) fn parse(source: Source) -> Result<DatasetSchema, Faults> {
    let root = tree::parse(&source)?;
    let mut reader = Reader::default();
    let parsed = schema(&mut reader, &root, &source);
    match parsed {
        Some(schema) if reader.faults.is_empty() => Ok(schema),
        _ => Err(source.refuse(reader.faults)),
    }
}

fn schema(reader: &mut Reader, root: &Node, source: &Source) -> Option<DatasetSchema> {
    let fields = reader.fields(
        root,
        Place::START,
        ("a schema file", "数据集模式文件"),
        &ROOT,
    )?;
    let dataset = reader
        .require(
            &fields,
            "dataset",
            "write `dataset: owner/table`",
            "请写 `dataset: owner/table`",
        )
        .and_then(|node| reader.name(node, "`dataset`"));
    let columns = reader.require(
        &fields,
        "columns",
        "write `columns:` with one entry per column of the file",
        "请写 `columns:`，每列一项",
    );
    let mut columns = columns.and_then(|node| read_columns(reader, node));
    let units = match fields.get("units") {
        Some(node) => read_units(reader, node, columns.as_deref())?,
        None => Vec::new(),
    };
    link(reader, columns.as_deref_mut(), &units);
    let columns = columns?.into_iter().map(|placed| placed.column).collect();
    Some(DatasetSchema {
        source: source.clone(),
        dataset: dataset?,
        units,
        columns,
    })
}

/// A column and the place of the unit that it names.
struct PlacedColumn {
    column: Column,
    unit_place: Place,
}

fn read_columns(reader: &mut Reader, node: &Node) -> Option<Vec<PlacedColumn>> {
    let entries = reader.entries(node, "`columns`")?;
    if entries.is_empty() || entries.len() > COLUMNS_MAX {
        let en = format!("a data set has 1 to {COLUMNS_MAX} columns");
        reader.value_fault(
            node.place,
            en,
            format!("一个数据集应有 1 至 {COLUMNS_MAX} 列"),
        );
        return None;
    }
    let columns: Vec<_> = entries
        .iter()
        .map(|entry| read_column(reader, entry))
        .collect();
    unique_in_sql(reader, entries);
    // All are read before any is missed, so that every column's faults are reported.
    columns.into_iter().collect()
}

/// Two columns that differ only in case would be one in most engines.
fn unique_in_sql(reader: &mut Reader, entries: &[Entry]) {
    let mut seen = HashSet::new();
    for entry in entries {
        if !seen.insert(entry.key.to_lowercase()) {
            let en = format!(
                "column `{}` differs from another only in upper and lower case; rename one",
                entry.key
            );
            let zh = format!("列 `{}` 与另一列仅大小写不同，请改名", entry.key);
            reader.fault(FaultKind::Rule, entry.place, en, zh);
        }
    }
}

fn read_column(reader: &mut Reader, entry: &Entry) -> Option<PlacedColumn> {
    let name = reader.name_text::<ColumnName>(&entry.key, entry.place);
    let name_text = &entry.key;
    if !matches!(entry.value.value, Value::Map(_)) {
        let en = format!(
            "column `{name_text}` is written as `{{ type: …, level: …, kind: … }}`; {LABEL_FIX_EN}"
        );
        reader.fault(
            FaultKind::Missing,
            entry.place,
            en,
            format!("列 `{name_text}`：{LABEL_FIX_ZH}"),
        );
        return None;
    }
    let fields = reader.fields(&entry.value, entry.place, What::column(name_text), &COLUMN)?;
    let column_type = reader
        .require(
            &fields,
            "type",
            "write for example `type: text`",
            "例如 `type: text`",
        )
        .and_then(|node| read_type(reader, node));
    let nullable = match fields.get("nullable") {
        Some(node) => reader.boolean(node, "`nullable`"),
        None => Some(true),
    };
    let (level, kind) = label(reader, &fields, name_text);
    let unit = match fields.get("unit") {
        Some(node) => Some(reader.name::<UnitName>(node, "`unit`")?),
        None => None,
    };
    let unit_place = fields.get("unit").map_or(entry.place, |node| node.place);
    let column = Column {
        name: name?,
        column_type: column_type?,
        nullable: nullable?,
        level: level?,
        kind: kind?,
        unit,
    };
    Some(PlacedColumn { column, unit_place })
}

/// Level and kind; one sentence names the column when either is absent.
fn label(reader: &mut Reader, fields: &Fields<'_>, column: &str) -> (Option<Level>, Option<Kind>) {
    let (level, kind) = (fields.get("level"), fields.get("kind"));
    let absent = match (level, kind) {
        (None, None) => Some("`level` and `kind`"),
        (None, Some(_)) => Some("`level`"),
        (Some(_), None) => Some("`kind`"),
        _ => None,
    };
    if let Some(absent) = absent {
        let en = format!("column `{column}` is without {absent}; {LABEL_FIX_EN}");
        let zh = format!(
            "列 `{column}` 缺少 {}；{LABEL_FIX_ZH}",
            absent.replace(" and ", "、")
        );
        reader.fault(FaultKind::Missing, fields.place, en, zh);
    }
    (
        level.and_then(|node| reader.word(node, "`level`", Level::WORDS, &[])),
        kind.and_then(|node| reader.word(node, "`kind`", Kind::WORDS, &[])),
    )
}

fn read_type(reader: &mut Reader, node: &Node) -> Option<ColumnType> {
    let text = reader.text(node, "`type`")?;
    text.parse()
        .map_err(|error| {
            let en = format!("`{text}` is {error}");
            let zh = format!("`{text}` 不是列类型：请用 text、integer、float、decimal(p,s)、date、timestamp 或 boolean");
            reader.value_fault(node.place, en, zh);
        })
        .ok()
}

fn read_units(
    reader: &mut Reader,
    node: &Node,
    columns: Option<&[PlacedColumn]>,
) -> Option<Vec<Unit>> {
    let entries = reader.entries(node, "`units`")?;
    if entries.len() > UNITS_MAX {
        let en = format!("a data set has at most {UNITS_MAX} protected units");
        reader.value_fault(
            node.place,
            en,
            format!("一个数据集最多 {UNITS_MAX} 种保护单元"),
        );
    }
    let units: Vec<_> = entries
        .iter()
        .map(|entry| read_unit(reader, entry, columns))
        .collect();
    units.into_iter().collect()
}

fn read_unit(reader: &mut Reader, entry: &Entry, columns: Option<&[PlacedColumn]>) -> Option<Unit> {
    let name = reader.name_text::<UnitName>(&entry.key, entry.place);
    let path = match &entry.value.value {
        Value::Plain(word) if word == "row" => Some(UnitPath::Row),
        Value::Map(_) => read_path(reader, entry, columns),
        _ => {
            let en = "a unit is `row` or `{ column: …, form: text or resident-id }`";
            let zh = "单元应写 `row` 或 `{ column: …, form: text 或 resident-id }`";
            reader.value_fault(entry.value.place, en, zh);
            None
        }
    };
    Some(Unit {
        name: name?,
        path: path?,
    })
}

fn read_path(
    reader: &mut Reader,
    entry: &Entry,
    columns: Option<&[PlacedColumn]>,
) -> Option<UnitPath> {
    let fields = reader.fields(&entry.value, entry.place, ("a unit", "保护单元"), &UNIT)?;
    let column_node = reader.require(
        &fields,
        "column",
        "write the column that identifies the unit",
        "请写标识该单元的列",
    );
    let form = match fields.get("form") {
        Some(node) => reader.word(node, "`form`", UnitForm::WORDS, &[]),
        None => Some(UnitForm::Text),
    };
    let node = column_node?;
    let column: ColumnName = reader.name(node, "`column`")?;
    let form = form?;
    // When the columns themselves are faulty, what the unit says of them cannot be judged.
    let columns = columns?;
    match columns.iter().find(|c| c.column.name == column) {
        Some(found) => identifies(reader, node.place, &found.column, form)?,
        None => {
            unknown_column(
                reader,
                node.place,
                column.as_str(),
                columns.iter().map(|c| c.column.name.as_str()),
            );
            return None;
        }
    }
    Some(UnitPath::Column { column, form })
}

/// Only a column whose values have one spelling can identify a unit.
fn identifies(reader: &mut Reader, place: Place, column: &Column, form: UnitForm) -> Option<()> {
    let allowed = match form {
        UnitForm::Text => matches!(column.column_type, ColumnType::Text | ColumnType::Integer),
        UnitForm::ResidentId => column.column_type == ColumnType::Text,
    };
    if allowed {
        return Some(());
    }
    let Column {
        name, column_type, ..
    } = column;
    let en = format!(
        "column `{name}` is {column_type} and cannot identify a unit of form {form}; use a text column"
    );
    let zh =
        format!("列 `{name}` 的类型为 {column_type}，不能标识 {form} 形式的单元，请用 text 列");
    reader.fault(FaultKind::Rule, place, en, zh);
    None
}

pub(crate) fn unknown_column<'k>(
    reader: &mut Reader,
    place: Place,
    column: &str,
    known: impl Iterator<Item = &'k str>,
) {
    let (en, zh) = nearest(column, known).map_or_else(Default::default, |near| {
        (
            format!("; did you mean `{near}`?"),
            format!("；是否想写 `{near}`？"),
        )
    });
    let en = format!("there is no column `{column}`{en}");
    reader.fault(
        FaultKind::UnknownName,
        place,
        en,
        format!("没有列 `{column}`{zh}"),
    );
}

/// A column's `unit` and the unit's `column` must say the same; the column may leave it out.
fn link(reader: &mut Reader, columns: Option<&mut [PlacedColumn]>, units: &[Unit]) {
    for PlacedColumn { column, unit_place } in columns.into_iter().flatten() {
        let here = units.iter().find(
            |unit| matches!(&unit.path, UnitPath::Column { column: at, .. } if *at == column.name),
        );
        match (&column.unit, here) {
            (Some(named), Some(unit)) if *named == unit.name => {}
            (Some(named), _) => {
                let name = &column.name;
                let en = format!(
                    "column `{name}` names unit `{named}`, but `units` does not say that `{named}` stands in `{name}`; write `{named}: {{ column: {name} }}` there or remove it here"
                );
                let zh = format!(
                    "列 `{name}` 标为单元 `{named}`，而 `units` 未说明 `{named}` 位于该列；请在 `units` 中写 `{named}: {{ column: {name} }}` 或在此删去"
                );
                reader.fault(FaultKind::Rule, *unit_place, en, zh);
            }
            (None, Some(unit)) => column.unit = Some(unit.name.clone()),
            (None, None) => {}
        }
    }
}
