//! Why a query or a result was refused, in words that are safe for the requester.
//!
//! A refusal carries a rule, a column's registered name and a place in the requester's own text.
//! It never carries a cell, a literal of the SQL or a word of the engine: the engine's errors quote
//! values, and a literal may be somebody's number.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::rule::Rule;

/// Classes of refusal, the first thing a program looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The text is not one query that can be planned.
    Syntax,
    /// A table is not part of the scenario.
    UnknownTable,
    /// No table of the query has that column.
    UnknownColumn,
    /// A column is used in a way that the scenario does not grant.
    Scope,
    /// The query uses a construct that is not allowed.
    Operator,
    /// The query uses a function that is not allowed.
    Function,
    /// Too few distinct units.
    Threshold,
    /// The result is not what the output contract allows.
    Contract,
    /// The run needed more than its limits.
    Limit,
    /// The run failed; the cause is not told because it may depend on hidden rows.
    Failed,
}

/// A place in the requester's SQL, both counted from 1; columns are characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Line.
    pub line: u64,
    /// Column.
    pub column: u64,
}

/// The refusal in words a person reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// Why nothing, or not this, leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", message.en)]
pub struct Refusal {
    /// The class.
    pub reason: Reason,
    /// Stable name of the rule, for example `column.use`.
    pub rule: String,
    /// The governed column, for example `ybj.claims.amount`.
    pub column: Option<String>,
    /// Where in the SQL, when known.
    pub place: Option<Place>,
    /// What to tell the person.
    pub message: Box<Message>,
    /// The engine's own words, for local development on sample data only; never serialised.
    #[serde(skip)]
    pub detail: Option<Confidential>,
}

impl Refusal {
    /// A refusal by a rule.
    #[must_use]
    pub fn new(rule: Rule) -> Self {
        let (en, zh) = rule.words();
        Self {
            reason: rule.reason(),
            rule: rule.id().to_owned(),
            column: None,
            place: None,
            message: Box::new(Message {
                en: en.to_owned(),
                zh: zh.to_owned(),
            }),
            detail: None,
        }
    }

    /// Names the governed column; `name` must come from the governance, not from the SQL.
    #[must_use]
    pub(crate) fn column(mut self, name: String) -> Self {
        self.message.en = format!("column {name}: {}", self.message.en);
        self.message.zh = format!("列 {name}：{}", self.message.zh);
        self.column = Some(name);
        self
    }

    /// Adds words that hold no value: names out of the governance, function names, numbers of the contract.
    #[must_use]
    pub(crate) fn because(mut self, en: impl fmt::Display, zh: impl fmt::Display) -> Self {
        self.message.en = format!("{}: {en}", self.message.en);
        self.message.zh = format!("{}：{zh}", self.message.zh);
        self
    }

    /// Points into the SQL.
    #[must_use]
    pub(crate) fn at(mut self, place: Option<Place>) -> Self {
        if let (None, Some(place)) = (self.place, place) {
            self.place = Some(place);
            self.message.en = format!(
                "{} (line {}, column {})",
                self.message.en, place.line, place.column
            );
            self.message.zh = format!(
                "{}（第 {} 行，第 {} 列）",
                self.message.zh, place.line, place.column
            );
        }
        self
    }

    /// Keeps the engine's words apart.
    #[must_use]
    pub(crate) fn detail(mut self, text: impl fmt::Display) -> Self {
        self.detail = Some(Confidential(text.to_string()));
        self
    }
}

/// Text that may quote raw values. It prints as `…`, is never serialised, and may be read only
/// where the data is sample data.
#[derive(Clone, PartialEq, Eq)]
pub struct Confidential(String);

impl Confidential {
    /// The text. Call this only in local development on sample data.
    #[must_use]
    pub fn reveal_on_sample_data(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Confidential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
