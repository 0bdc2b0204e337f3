//! Reads typed values out of a tree of nodes and collects every fault on the way.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::decimal::Decimal;
use crate::fault::{Fault, FaultKind, Lang, Place};
use crate::literal::date;
use crate::name::NameError;
use crate::suggest::nearest;
use crate::tree::{Entry, Node, Value};

/// Numbers stay below 2^53, so that every JSON reader sees the same value (RFC 8785).
pub(crate) const INTEGER_MAX: u64 = (1 << 53) - 1;

/// What a fault calls the thing it is about, in both languages.
#[derive(Clone)]
pub(crate) struct What {
    en: String,
    zh: String,
}

impl What {
    pub(crate) fn column(name: &str) -> Self {
        Self::from((format!("column `{name}`"), format!("列 `{name}`")))
    }

    pub(crate) fn dataset(id: &str) -> Self {
        Self::from((format!("data set `{id}`"), format!("数据集 `{id}`")))
    }
}

/// A key is called the same in both languages.
impl From<&str> for What {
    fn from(key: &str) -> Self {
        Self::from((key, key))
    }
}

impl<E: Into<String>, Z: Into<String>> From<(E, Z)> for What {
    fn from((en, zh): (E, Z)) -> Self {
        Self {
            en: en.into(),
            zh: zh.into(),
        }
    }
}

/// The keys of one kind of mapping.
pub(crate) struct Keys {
    /// Read and enforced.
    pub(crate) enforced: &'static [&'static str],
    /// Known to the design, refused as not enforced by this version.
    pub(crate) later: &'static [&'static str],
}

/// The entries of one mapping, unknown keys already reported.
pub(crate) struct Fields<'n> {
    /// Where the mapping or its key stands.
    pub(crate) place: Place,
    entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    /// No entries at all, for a word written alone.
    pub(crate) fn none(place: Place) -> Self {
        Self {
            place,
            entries: &[],
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// Collects faults; each reading method reports what is wrong and answers nothing.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) faults: Vec<Fault>,
}

impl Reader {
    pub(crate) fn fault(
        &mut self,
        kind: FaultKind,
        place: Place,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) {
        self.faults.push(Fault::new(kind, place, en, zh));
    }

    pub(crate) fn value_fault(
        &mut self,
        place: Place,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) {
        self.fault(FaultKind::Value, place, en, zh);
    }

    pub(crate) fn not_enforced(&mut self, place: Place, word: &str) {
        let en = format!("`{word}` is not enforced by this version");
        let zh = format!("本版本尚不执行 `{word}`");
        self.fault(FaultKind::NotEnforced, place, en, zh);
    }

    pub(crate) fn missing(&mut self, place: Place, key: &str, fix_en: &str, fix_zh: &str) {
        let en = format!("`{key}` is missing; {fix_en}");
        let zh = format!("缺少 `{key}`；{fix_zh}");
        self.fault(FaultKind::Missing, place, en, zh);
    }

    /// The entries of a mapping of any keys.
    pub(crate) fn entries<'n>(
        &mut self,
        node: &'n Node,
        what: impl Into<What>,
    ) -> Option<&'n [Entry]> {
        if let Value::Map(entries) = &node.value {
            return Some(entries);
        }
        let What {
            en: what,
            zh: thing,
        } = what.into();
        let en = format!("{what} is a mapping of `key: value`");
        let zh = format!("{thing} 应为 `键: 值` 的映射");
        self.value_fault(node.place, en, zh);
        None
    }

    /// The entries of a mapping with known keys; the others are reported.
    pub(crate) fn fields<'n>(
        &mut self,
        node: &'n Node,
        place: Place,
        what: impl Into<What>,
        keys: &Keys,
    ) -> Option<Fields<'n>> {
        let what: What = what.into();
        let entries = self.entries(node, what.clone())?;
        for entry in entries {
            self.known(&entry.key, entry.place, what.clone(), keys);
        }
        Some(Fields { place, entries })
    }

    /// Reports a word that is not enforced or not known.
    pub(crate) fn known(
        &mut self,
        word: &str,
        place: Place,
        what: impl Into<What>,
        keys: &Keys,
    ) -> bool {
        if keys.enforced.contains(&word) {
            return true;
        }
        if keys.later.contains(&word) {
            self.not_enforced(place, word);
        } else {
            self.unknown(
                word,
                place,
                what,
                keys.enforced.iter().chain(keys.later).copied(),
            );
        }
        false
    }

    fn unknown<'k>(
        &mut self,
        word: &str,
        place: Place,
        what: impl Into<What>,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        let (en, zh) = match nearest(word, known.clone()) {
            Some(near) => (
                format!("did you mean `{near}`?"),
                format!("是否想写 `{near}`？"),
            ),
            None => {
                let list: Vec<String> = known.map(|k| format!("`{k}`")).collect();
                let list = list.join(", ");
                (format!("known are {list}"), format!("可用的有 {list}"))
            }
        };
        let What {
            en: what,
            zh: thing,
        } = what.into();
        let en = format!("`{word}` is unknown in {what}; {en}");
        let zh = format!("{thing} 中没有 `{word}`；{zh}");
        self.fault(FaultKind::UnknownKey, place, en, zh);
    }

    /// A required key's node.
    pub(crate) fn require<'n>(
        &mut self,
        fields: &Fields<'n>,
        key: &str,
        fix_en: &str,
        fix_zh: &str,
    ) -> Option<&'n Node> {
        let found = fields.get(key);
        if found.is_none() {
            self.missing(fields.place, key, fix_en, fix_zh);
        }
        found
    }

    /// Any scalar's text, quoted or not; empty is not a text.
    pub(crate) fn text<'n>(&mut self, node: &'n Node, what: impl Into<What>) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) | Value::Plain(text) if !text.trim().is_empty() => Some(text),
            _ => {
                let What {
                    en: what,
                    zh: thing,
                } = what.into();
                let en = format!("{what} is a text and not empty");
                self.value_fault(node.place, en, format!("{thing} 应为非空文本"));
                None
            }
        }
    }

    /// A name of one of the parsed types.
    pub(crate) fn name<T: FromStr<Err = NameError>>(
        &mut self,
        node: &Node,
        what: impl Into<What>,
    ) -> Option<T> {
        let text = self.text(node, what)?;
        self.name_text(text, node.place)
    }

    pub(crate) fn name_text<T: FromStr<Err = NameError>>(
        &mut self,
        text: &str,
        at: Place,
    ) -> Option<T> {
        text.parse()
            .map_err(|error: NameError| {
                self.value_fault(at, error.message(Lang::En), error.message(Lang::Zh));
            })
            .ok()
    }

    /// One word of a list; the known but not enforced ones are refused as such.
    pub(crate) fn word<T: Copy>(
        &mut self,
        node: &Node,
        what: impl Into<What>,
        words: &[(&'static str, T)],
        later: &[&str],
    ) -> Option<T> {
        let what: What = what.into();
        let text = self.text(node, what.clone())?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        if later.contains(&text) {
            self.not_enforced(node.place, text);
        } else {
            self.unknown(text, node.place, what, words.iter().map(|(word, _)| *word));
        }
        None
    }

    /// A list of words, each once.
    pub(crate) fn words<T: Copy + Ord>(
        &mut self,
        node: &Node,
        what: impl Into<What>,
        words: &[(&'static str, T)],
    ) -> Option<BTreeSet<T>> {
        let what: What = what.into();
        let Value::List(items) = &node.value else {
            let What {
                en: what,
                zh: thing,
            } = what;
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let known = known.join(", ");
            let en = format!("{what} is a list, for example [{known}]");
            self.value_fault(node.place, en, format!("{thing} 应为列表，例如 [{known}]"));
            return None;
        };
        let mut set = BTreeSet::new();
        for item in items {
            let word = self.word(item, what.clone(), words, &[]);
            if word.is_some_and(|word| !set.insert(word)) {
                self.value_fault(item.place, "written twice; keep one", "重复，请只保留一个");
            }
        }
        Some(set)
    }

    /// A whole number in a range, underscores allowed between digits.
    pub(crate) fn integer(
        &mut self,
        node: &Node,
        what: impl Into<What>,
        min: u64,
        max: u64,
    ) -> Option<u64> {
        let number = plain(node).and_then(|text| text.parse::<Decimal>().ok());
        let whole = number.and_then(Decimal::to_i64);
        let found = whole
            .and_then(|n| u64::try_from(n).ok())
            .filter(|n| (min..=max).contains(n));
        if found.is_none() {
            let What {
                en: what,
                zh: thing,
            } = what.into();
            let (to, to_zh) = match max {
                INTEGER_MAX => (String::new(), String::new()),
                max => (format!(" to {max}"), format!("、不大于 {max}")),
            };
            let en = format!("{what} is a whole number from {min}{to}, without quotes");
            let zh = format!("{thing} 应为不小于 {min}{to_zh} 的整数，不加引号");
            self.value_fault(node.place, en, zh);
        }
        found
    }

    /// A decimal number for which `holds`; `rule` says in both languages what that is.
    pub(crate) fn decimal(
        &mut self,
        node: &Node,
        what: impl Into<What>,
        rule: (&str, &str),
        holds: impl Fn(Decimal) -> bool,
    ) -> Option<Decimal> {
        let number = plain(node).and_then(|text| text.parse::<Decimal>().ok());
        let found = number.filter(|&n| holds(n));
        if found.is_none() {
            let What {
                en: what,
                zh: thing,
            } = what.into();
            let en = format!("{what} is a number {}, without quotes", rule.0);
            self.value_fault(
                node.place,
                en,
                format!("{thing} 应为{}的数，不加引号", rule.1),
            );
        }
        found
    }

    /// A whole day.
    pub(crate) fn day(&mut self, node: &Node, what: impl Into<What>) -> Option<jiff::civil::Date> {
        let found = match &node.value {
            Value::Plain(text) | Value::Text(text) => date(text),
            _ => None,
        };
        if found.is_none() {
            let What {
                en: what,
                zh: thing,
            } = what.into();
            let en = format!("{what} is a day such as 2026-02-01");
            self.value_fault(node.place, en, format!("{thing} 应为日期，例如 2026-02-01"));
        }
        found
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, node: &Node, what: impl Into<What>) -> Option<bool> {
        let found = match plain(node) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        if found.is_none() {
            let What {
                en: what,
                zh: thing,
            } = what.into();
            let en = format!("{what} is `true` or `false`, without quotes");
            let zh = format!("{thing} 应为 `true` 或 `false`，不加引号");
            self.value_fault(node.place, en, zh);
        }
        found
    }
}

/// An unquoted scalar.
fn plain(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Plain(text) => Some(text),
        _ => None,
    }
}
