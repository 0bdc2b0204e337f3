//! From the tree of a policy document to a [`ScenarioPolicy`], every fault collected.

use super::contract::output;
use super::recipe::sample;
use super::{
    ColumnPolicy, DATASETS_MAX, DatasetPolicy, RowsPlace, ScenarioPolicy, Term, Use, hierarchies,
    technique,
};
use crate::fault::{FaultKind, Faults, Lang, Place, Source};
use crate::read::{Keys, Reader, What};
use crate::rows::RowFilter;
use crate::schema::COLUMNS_MAX;
use crate::tree::{self, Entry, Node, Value};

const ROOT: Keys = Keys {
    enforced: &[
        "scenario",
        "purpose",
        "valid",
        "datasets",
        "hierarchies",
        "sample",
        "output",
    ],
    later: &[
        "joins", "quotas", "consents", "consent", "expiry", "review", "floor", "pack",
    ],
};
const VALID: Keys = Keys {
    enforced: &["from", "until"],
    later: &[],
};
const DATASET: Keys = Keys {
    enforced: &["rows", "columns"],
    later: &["joins", "quotas", "path", "version", "consents"],
};
const COLUMN: Keys = Keys {
    enforced: &["compute", "sample"],
    later: &["dominance", "l", "t", "noise", "significant_digits"],
};

pub(super) fn parse(source: Source) -> Result<ScenarioPolicy, Faults> {
    let root = tree::parse(&source)?;
    let mut reader = Reader::default();
    let parsed = document(&mut reader, &root, &source);
    match parsed {
        Some(policy) if reader.faults.is_empty() => Ok(policy),
        _ => Err(source.refuse(reader.faults)),
    }
}

/// Each section is read before any is missed, so that the faults of all are reported.
fn document(reader: &mut Reader, root: &Node, source: &Source) -> Option<ScenarioPolicy> {
    let fields = reader.fields(root, Place::START, ("a scenario policy", "场景策略"), &ROOT)?;
    let scenario = reader
        .require(
            &fields,
            "scenario",
            "write for example `scenario: medical-insurance-fraud`",
            "例如 `scenario: medical-insurance-fraud`",
        )
        .and_then(|node| reader.name(node, "`scenario`"));
    let purpose = reader
        .require(
            &fields,
            "purpose",
            "write in a sentence what the data is used for",
            "请用一句话写明用途",
        )
        .and_then(|node| reader.text(node, "`purpose`"));
    let valid = reader
        .require(
            &fields,
            "valid",
            "write `valid: { from: 2026-02-01, until: 2027-01-31 }`",
            "请写 `valid: { from: 2026-02-01, until: 2027-01-31 }`",
        )
        .and_then(|node| term(reader, node));
    let datasets = reader
        .require(
            &fields,
            "datasets",
            "write `datasets:` with one entry per data set",
            "请写 `datasets:`，每个数据集一项",
        )
        .and_then(|node| datasets(reader, node, source));
    let hierarchies = match fields.get("hierarchies") {
        Some(node) => hierarchies::read(reader, node),
        None => Some(Vec::new()),
    };
    if let (Some(datasets), Some(hierarchies)) = (&datasets, &hierarchies) {
        hierarchies::resolve(reader, datasets, hierarchies);
    }
    let recipe = fields
        .entry("sample")
        .map(|entry| sample(reader, &entry.value, entry.place));
    let contract = fields
        .entry("output")
        .map(|entry| output(reader, &entry.value, entry.place));
    Some(ScenarioPolicy {
        source: source.clone(),
        scenario: scenario?,
        purpose: purpose?.to_owned(),
        valid: valid?,
        datasets: datasets?,
        hierarchies: hierarchies?,
        sample: optional(recipe)?,
        output: optional(contract)?,
    })
}

/// Turns "written, but faulty" into nothing and "not written" into an absent value.
pub(super) fn optional<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        Some(None) => None,
        Some(value) => Some(value),
        None => Some(None),
    }
}

fn term(reader: &mut Reader, node: &Node) -> Option<Term> {
    let fields = reader.fields(node, node.place, "`valid`", &VALID)?;
    let fix = (
        "write a day such as 2026-02-01",
        "请写日期，例如 2026-02-01",
    );
    let from = reader
        .require(&fields, "from", fix.0, fix.1)
        .and_then(|node| reader.day(node, "`from`"));
    let until_node = reader.require(&fields, "until", fix.0, fix.1);
    let until = until_node.and_then(|node| reader.day(node, "`until`"));
    let term = Term {
        from: from?,
        until: until?,
    };
    if term.until < term.from {
        let en = "`until` lies before `from`; `until` is the last day included";
        reader.value_fault(
            until_node?.place,
            en,
            "`until` 早于 `from`；`until` 为最后一天（含）",
        );
        return None;
    }
    Some(term)
}

fn datasets(reader: &mut Reader, node: &Node, source: &Source) -> Option<Vec<DatasetPolicy>> {
    let entries = reader.entries(node, "`datasets`")?;
    if entries.is_empty() || entries.len() > DATASETS_MAX {
        let en = format!("a scenario names 1 to {DATASETS_MAX} data sets");
        reader.value_fault(
            node.place,
            en,
            format!("一个场景应有 1 至 {DATASETS_MAX} 个数据集"),
        );
        return None;
    }
    let all: Vec<_> = entries
        .iter()
        .map(|entry| dataset(reader, entry, source))
        .collect();
    all.into_iter().collect()
}

fn dataset(reader: &mut Reader, entry: &Entry, source: &Source) -> Option<DatasetPolicy> {
    let id = reader.name_text(&entry.key, entry.place);
    let what = What::dataset(&entry.key);
    let fields = reader.fields(&entry.value, entry.place, what, &DATASET)?;
    let rows_node = fields.get("rows");
    let rows_place = rows_node.map_or(
        RowsPlace {
            place: entry.place,
            countable: false,
        },
        |node| rows_place(node, source),
    );
    let rows = rows_node.map(|node| filter(reader, node, rows_place));
    let columns = reader
        .require(
            &fields,
            "columns",
            "write `columns:` with the columns that the scenario may use",
            "请写 `columns:`，列出场景可用的列",
        )
        .and_then(|node| columns(reader, node));
    Some(DatasetPolicy {
        id: id?,
        place: entry.place,
        rows: optional(rows)?,
        rows_place,
        columns: columns?,
    })
}

/// Where the filter's first character stands: behind the quote, unless escapes or line breaks shift what follows.
fn rows_place(node: &Node, source: &Source) -> RowsPlace {
    let place = node.place;
    let line = source
        .text()
        .lines()
        .nth(place.line.saturating_sub(1))
        .unwrap_or("");
    let rest: String = line.chars().skip(place.column.saturating_sub(1)).collect();
    let (text, quote) = match &node.value {
        Value::Plain(text) => (text, 0),
        Value::Text(text) => (text, 1),
        _ => {
            return RowsPlace {
                place,
                countable: false,
            };
        }
    };
    let countable = rest
        .chars()
        .skip(quote)
        .collect::<String>()
        .starts_with(text.as_str());
    if !countable {
        return RowsPlace { place, countable };
    }
    RowsPlace {
        place: Place {
            column: place.column + quote,
            length: text.chars().count().max(1),
            ..place
        },
        countable,
    }
}

fn filter(reader: &mut Reader, node: &Node, place: RowsPlace) -> Option<RowFilter> {
    let text = reader.text(node, "`rows`")?;
    text.parse()
        .map_err(|error: crate::rows::FilterError| {
            let (en, zh) = (error.message(Lang::En), error.message(Lang::Zh));
            reader.fault(FaultKind::Syntax, place.of(error.at), en, zh);
        })
        .ok()
}

fn columns(reader: &mut Reader, node: &Node) -> Option<Vec<ColumnPolicy>> {
    let entries = reader.entries(node, "`columns`")?;
    if entries.is_empty() || entries.len() > COLUMNS_MAX {
        let en = format!("a scenario lists 1 to {COLUMNS_MAX} columns of a data set");
        reader.value_fault(
            node.place,
            en,
            format!("每个数据集应列出 1 至 {COLUMNS_MAX} 列"),
        );
        return None;
    }
    let all: Vec<_> = entries.iter().map(|entry| column(reader, entry)).collect();
    all.into_iter().collect()
}

fn column(reader: &mut Reader, entry: &Entry) -> Option<ColumnPolicy> {
    let name = reader.name_text(&entry.key, entry.place);
    let what = What::column(&entry.key);
    let fields = reader.fields(&entry.value, entry.place, what, &COLUMN)?;
    let compute = match fields.get("compute") {
        Some(node) => reader.words(node, "`compute`", Use::WORDS),
        None => Some(Default::default()),
    };
    let sample = match fields.entry("sample") {
        Some(entry) => technique::read(reader, &entry.value, entry.place).map(Some),
        None => Some(None),
    };
    Some(ColumnPolicy {
        name: name?,
        place: entry.place,
        compute: compute?,
        sample: sample?,
    })
}
