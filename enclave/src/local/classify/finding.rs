//! A column's finding in words and numbers, as reports have it.

use desensitize::classify::{ColumnKind, Finding, NameForm, Proposed, Rate, Semantic, ValueType};
use serde::Serialize;

use crate::intake::Lost;

/// What was found in one column. Counts, rates and words; never a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnFinding {
    /// The column's name.
    pub column: String,
    /// What it seems to hold: the id of an identifier or of another meaning.
    pub semantic: String,
    /// The same in words.
    pub meaning: Reason,
    /// What that rests on: `proven`, `likely`, `possible` or `guess`.
    pub grade: String,
    /// From 0 to 1.
    pub confidence: f64,
    /// Other meanings that its values allow.
    pub others: Vec<String>,
    /// Identifiers that its values may be and cannot prove: to be confirmed or denied by whoever knows the data.
    pub possible: Vec<String>,
    /// Proposed type.
    #[serde(rename = "type")]
    pub column_type: String,
    /// Proposed level.
    pub level: String,
    /// Proposed kind.
    pub kind: String,
    /// Proposed technique, as policies write it.
    pub technique: String,
    /// Cells.
    pub rows: u64,
    /// Cells with a value.
    pub values: u64,
    /// Values that were examined closely.
    pub examined: u64,
    /// Distinct values among them.
    pub distinct: usize,
    /// There may be more distinct ones.
    pub distinct_at_least: bool,
    /// The most frequent lengths in characters, and how many values have each.
    pub lengths: Vec<(usize, u64)>,
    /// Rates of valid values, most surprising first.
    pub rates: Vec<RateFound>,
    /// What the name says, and in which form: `chinese`, `english`, `pinyin`, `initials`.
    pub name: Option<(String, String)>,
    /// Why, for a person.
    pub reasons: Vec<Reason>,
    /// For the policy draft: what computing may do with it.
    #[serde(skip)]
    pub(super) compute: Compute,
    /// Whether the technique moves days, which a policy admits only in some tables.
    #[serde(skip)]
    shifted: bool,
}

/// A rate of valid values beside its chance level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RateFound {
    /// Of what.
    pub semantic: String,
    /// Values that could have been valid.
    pub trials: u64,
    /// Values that were; of identifiers without a form of their own each distinct value once.
    pub valid: u64,
    /// The share that would be valid by chance.
    pub chance: f64,
    /// log₁₀ of the probability of so many by chance.
    pub log10_p: f64,
    /// Whether chance is ruled out.
    pub significant: bool,
}

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// English.
    pub en: String,
    /// 简体中文.
    pub zh: String,
}

/// What governed SQL may do with a column, by what it seems to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compute {
    Nothing,
    Group,
    Aggregate,
}

impl From<desensitize::Sentence> for Reason {
    fn from(sentence: desensitize::Sentence) -> Self {
        Self {
            en: sentence.en,
            zh: sentence.zh,
        }
    }
}

impl ColumnFinding {
    pub(super) fn new(found: &Finding, lost: Option<&Lost>) -> Self {
        let mut reasons: Vec<Reason> = found.reasons.iter().cloned().map(Reason::from).collect();
        reasons.extend(lost.into_iter().flat_map(lost_reasons));
        Self {
            column: found.column.clone(),
            semantic: found.semantic.id().to_owned(),
            meaning: found.semantic.name().into(),
            confidence: (found.confidence * 100.0).round() / 100.0,
            grade: found.grade.as_str().to_owned(),
            others: ids(&found.others),
            possible: ids(&found.possible),
            column_type: found.value_type.to_string(),
            level: found.level.as_str().to_owned(),
            kind: found.kind.as_str().to_owned(),
            technique: found.technique.to_string(),
            rows: found.rows,
            values: found.values,
            examined: found.examined,
            distinct: found.distinct.count,
            distinct_at_least: found.distinct.at_least,
            lengths: found
                .lengths
                .iter()
                .map(|length| (length.characters, length.values))
                .collect(),
            rates: found.rates.iter().map(rate).collect(),
            name: found
                .name
                .map(|name| (name.semantic.id().to_owned(), form(name.form).to_owned())),
            reasons,
            compute: compute(found),
            shifted: matches!(found.technique, Proposed::Shift(_)),
        }
    }
}

impl ColumnFinding {
    /// Where days cannot be moved their month is left.
    pub(super) fn without_shift(&mut self) {
        if std::mem::take(&mut self.shifted) {
            self.technique = Proposed::Month.to_string();
        }
    }
}

fn ids(semantics: &[Semantic]) -> Vec<String> {
    semantics.iter().map(|one| one.id().to_owned()).collect()
}

fn rate(rate: &Rate) -> RateFound {
    RateFound {
        semantic: rate.semantic.id().to_owned(),
        trials: rate.trials,
        valid: rate.valid,
        chance: rate.chance,
        log10_p: (rate.log10_p * 10.0).round() / 10.0,
        significant: rate.significant,
    }
}

const fn form(form: NameForm) -> &'static str {
    match form {
        NameForm::Chinese => "chinese",
        NameForm::English => "english",
        NameForm::Pinyin => "pinyin",
        NameForm::Initials => "initials",
    }
}

/// Direct identifiers and texts that say too much are not computed with; numbers only in sums.
fn compute(found: &Finding) -> Compute {
    let number = matches!(
        found.value_type,
        ValueType::Integer | ValueType::Float | ValueType::Decimal { .. }
    );
    match found.kind {
        ColumnKind::Direct => Compute::Nothing,
        _ if found.semantic == Semantic::Empty || found.semantic == Semantic::FreeText => {
            Compute::Nothing
        }
        ColumnKind::Sensitive if number => Compute::Aggregate,
        ColumnKind::Sensitive => Compute::Nothing,
        ColumnKind::Quasi | ColumnKind::Other => Compute::Group,
    }
}

/// What the spreadsheet lost before it came here.
fn lost_reasons(lost: &Lost) -> impl Iterator<Item = Reason> {
    let Lost { digits, errors, .. } = lost;
    let of_digits = (*digits > 0).then(|| Reason {
        en: format!("{digits} cells are numbers of more than 15 digits: the spreadsheet lost the rest, and intake will refuse them; export the column as text"),
        zh: format!("{digits} 个单元格是超过 15 位的数值：电子表格已丢失其余位数，接入时会拒绝；请将该列按文本重新导出"),
    });
    let of_errors = (*errors > 0).then(|| Reason {
        en: format!("{errors} cells show an error of a formula or a day that is none; intake will refuse them"),
        zh: format!("{errors} 个单元格为公式错误或不存在的日期，接入时会拒绝"),
    });
    of_digits.into_iter().chain(of_errors)
}
