//! The hierarchies of a document: which values stand in which groups, from fine to coarse.
//!
//! They stand in the document itself, so that whoever reviews and signs it signs every group, and a digest of the
//! document is a digest of them.

use std::sync::Arc;

use crate::fault::{FaultKind, Place};
use crate::name::HierarchyName;
use crate::read::Reader;
use crate::suggest::nearest;
use crate::tree::{Node, Value};

use super::{DatasetPolicy, Generalize, Technique};

/// The most hierarchies of one document.
const HIERARCHIES_MAX: usize = 64;

/// One hierarchy: lines `value;level 1;level 2…`, the levels from fine to coarse, without a line of titles.
#[derive(Debug, Clone)]
pub struct Hierarchy {
    /// Its name in `generalize: { hierarchy: … }`.
    pub name: HierarchyName,
    /// Where its name stands.
    pub place: Place,
    /// Its lines, one per value.
    pub text: Arc<str>,
}

pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Vec<Hierarchy>> {
    let entries = reader.entries(node, "`hierarchies`")?;
    if entries.len() > HIERARCHIES_MAX {
        let en = format!("a document has at most {HIERARCHIES_MAX} hierarchies");
        reader.value_fault(
            node.place,
            en,
            format!("一个文档至多 {HIERARCHIES_MAX} 个层次表"),
        );
        return None;
    }
    let mut found = Some(Vec::new());
    for entry in entries {
        let name = reader.name_text(&entry.key, entry.place);
        let text = text(reader, &entry.value);
        match (name, text, &mut found) {
            (Some(name), Some(text), Some(all)) => all.push(Hierarchy {
                name,
                place: entry.place,
                text,
            }),
            _ => found = None,
        }
    }
    found
}

fn text(reader: &mut Reader, node: &Node) -> Option<Arc<str>> {
    match &node.value {
        Value::Plain(text) | Value::Text(text) if text.contains(';') => {
            let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
            Some(lines.join("\n").into())
        }
        _ => {
            let en = "a hierarchy is lines of `value;level 1;level 2…` under `|`, without a line of titles";
            let zh = "层次表应写在 `|` 之下，每行 `值;第一级;第二级…`，不写表头";
            reader.value_fault(node.place, en, zh);
            None
        }
    }
}

/// Every hierarchy that a column names is in the document.
pub(super) fn resolve(reader: &mut Reader, datasets: &[DatasetPolicy], known: &[Hierarchy]) {
    let columns = datasets.iter().flat_map(|dataset| &dataset.columns);
    for sample in columns.filter_map(|column| column.sample.as_ref()) {
        let Technique::Generalize(Generalize::Hierarchy { name, .. }) = &sample.technique else {
            continue;
        };
        if known.iter().any(|hierarchy| hierarchy.name == *name) {
            continue;
        }
        let names = known.iter().map(|hierarchy| hierarchy.name.as_str());
        let (en, zh) = match nearest(name.as_str(), names) {
            Some(near) => (
                format!("did you mean `{near}`?"),
                format!("是否想写 `{near}`？"),
            ),
            None => (
                "write its lines under `hierarchies:`".to_owned(),
                "请在 `hierarchies:` 下写出各行".to_owned(),
            ),
        };
        let en = format!("this document has no hierarchy `{name}`; {en}");
        let zh = format!("本文档没有层次表 `{name}`；{zh}");
        reader.fault(FaultKind::UnknownName, sample.place, en, zh);
    }
}
