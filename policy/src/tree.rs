//! A YAML document as a tree in which every node knows its place.
//!
//! `serde-saphyr` parses and refuses duplicate and merge keys; anchors and tags are refused here. Scalars keep the
//! text that was written, so that `100_000`, `0.010` and `null` are read by the key they stand under and not by
//! YAML's guess at a type.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Error, Location, Spanned, Tagged};

use crate::fault::{Fault, FaultKind, Faults, Place, Source};

/// The largest document that is read, in bytes.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;

/// The deepest nesting of a document; 04's own example needs seven.
const DEPTH_MAX: usize = 16;

/// The most nodes of a document; a schema of 1,024 columns needs some 13,000.
const NODES_MAX: usize = 100_000;

/// A node and where it stands.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Value {
    /// An unquoted scalar, as written; of a block scalar (`|`, `>`), its text.
    Plain(String),
    /// A quoted scalar, decoded.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping in the order written.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) value: Node,
}

/// Parses a document.
pub(crate) fn parse(source: &Source) -> Result<Node, Faults> {
    if source.text().len() > DOCUMENT_BYTES_MAX {
        let en = format!("the document is larger than {DOCUMENT_BYTES_MAX} bytes; split it");
        let zh = format!("文档超过 {DOCUMENT_BYTES_MAX} 字节，请拆分");
        let fault = Fault::new(FaultKind::Syntax, Place::START, en, zh);
        return Err(source.refuse(vec![fault]));
    }
    let raw: Raw = serde_saphyr::from_str_with_options(source.text(), options())
        .map_err(|error| source.refuse(vec![syntax(&error)]))?;
    let mut builder = Builder {
        text: source.text(),
        faults: Vec::new(),
    };
    let root = builder.node(raw, Place::START);
    if builder.faults.is_empty() {
        Ok(root)
    } else {
        Err(source.refuse(builder.faults))
    }
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_depth: DEPTH_MAX,
            max_nodes: NODES_MAX,
            max_documents: 1,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    }
}

/// The parser's error in our words; only plain syntax errors keep the parser's own.
fn syntax(error: &Error) -> Fault {
    use serde_saphyr::budget::BudgetBreach;
    let (en, zh) = match error.without_snippet() {
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("?");
            (
                format!("`{key}` is written twice; keep one of them"),
                format!("`{key}` 重复，请只保留一个"),
            )
        }
        Error::MergeKeyNotAllowed { .. } => (
            "merge keys (`<<`) are refused; write the keys out".into(),
            "不接受合并键（`<<`），请逐项写出".into(),
        ),
        Error::Budget {
            breach: BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. },
            ..
        }
        | Error::UnknownAnchor { .. } => (
            "anchors and aliases are refused; write the value out".into(),
            "不接受锚点与别名，请直接写出值".into(),
        ),
        Error::Budget {
            breach: BudgetBreach::Documents { .. },
            ..
        }
        | Error::MultipleDocuments { .. } => (
            "one file holds one document; remove the second".into(),
            "一个文件只能有一个文档，请删去第二个".into(),
        ),
        Error::Budget { .. } => (
            format!(
                "the document is nested deeper than {DEPTH_MAX} levels or has more than {NODES_MAX} nodes"
            ),
            format!("文档嵌套超过 {DEPTH_MAX} 层，或节点超过 {NODES_MAX} 个"),
        ),
        other => {
            // The place is shown beside the text, so the parser's own mention of it is left out.
            let text = other.to_string();
            let text = text.split(" at line ").next().unwrap_or("");
            (
                format!("not valid YAML: {text}"),
                format!("不是有效的 YAML：{text}"),
            )
        }
    };
    let place = error.location().map_or(Place::START, |at| place(&at, 1));
    Fault::new(FaultKind::Syntax, place, en, zh)
}

fn place(at: &Location, length: usize) -> Place {
    let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).max(1);
    Place {
        line: count(at.line()),
        column: count(at.column()),
        length: length.max(1),
    }
}

/// A node as the parser hands it over; scalars that are not text are found again in the source by their span.
struct Raw {
    at: Location,
    tag: bool,
    shape: Shape,
}

enum Shape {
    Decoded(String),
    Guessed,
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned {
            value: Tagged(shape, tag),
            referenced,
            ..
        } = Spanned::<Tagged<Shape>>::deserialize(deserializer)?;
        Ok(Self {
            at: referenced,
            tag: tag.is_some(),
            shape,
        })
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

macro_rules! guessed {
    ($($method:ident: $type:ty),+) => {$(
        fn $method<E>(self, _: $type) -> Result<Shape, E> {
            Ok(Shape::Guessed)
        }
    )+};
}

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML node")
    }

    guessed!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128, visit_f64: f64);

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Guessed)
    }

    fn visit_none<E>(self) -> Result<Shape, E> {
        Ok(Shape::Guessed)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        Shape::deserialize(deserializer)
    }

    fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
        Ok(Shape::Decoded(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Shape::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Shape::Map(entries))
    }
}

struct Builder<'t> {
    text: &'t str,
    faults: Vec<Fault>,
}

impl Builder<'_> {
    /// `owner` is the key's place: an empty value stands nowhere, so its key is shown instead.
    fn node(&mut self, raw: Raw, owner: Place) -> Node {
        if raw.tag {
            let en = "tags are refused; write the value without `!`";
            let zh = "不接受标签，请去掉 `!`";
            self.faults
                .push(Fault::new(FaultKind::Syntax, place(&raw.at, 1), en, zh));
        }
        let written = self.written(&raw.at);
        let quoted = written.starts_with(['"', '\'']);
        let length = written
            .lines()
            .next()
            .map_or(1, |line| line.chars().count());
        let here = if written.is_empty() {
            owner
        } else {
            place(&raw.at, length)
        };
        let (place, value) = match raw.shape {
            Shape::Decoded(text) if quoted => (here, Value::Text(text)),
            Shape::Decoded(text) => (here, Value::Plain(text)),
            Shape::Guessed => (here, Value::Plain(written.to_owned())),
            Shape::List(items) => {
                let items = items
                    .into_iter()
                    .map(|item| self.node(item, owner))
                    .collect();
                (place(&raw.at, 1), Value::List(items))
            }
            Shape::Map(entries) => {
                let entries = entries
                    .into_iter()
                    .filter_map(|(k, v)| self.entry(k, v))
                    .collect();
                (place(&raw.at, 1), Value::Map(entries))
            }
        };
        Node { place, value }
    }

    fn entry(&mut self, key: Raw, value: Raw) -> Option<Entry> {
        let Node { place, value: name } = self.node(key, Place::START);
        let (Value::Plain(key) | Value::Text(key)) = name else {
            let en = "a key is a word, not a list or mapping";
            self.faults.push(Fault::new(
                FaultKind::Syntax,
                place,
                en,
                "键必须是词，不能是列表或映射",
            ));
            return None;
        };
        Some(Entry {
            key,
            place,
            value: self.node(value, place),
        })
    }

    fn written(&self, at: &Location) -> &str {
        let span = at.span();
        let range = span
            .byte_offset()
            .zip(span.byte_len())
            .and_then(|(start, length)| {
                let start = usize::try_from(start).ok()?;
                Some(start..start.checked_add(usize::try_from(length).ok()?)?)
            });
        range
            .and_then(|range| self.text.get(range))
            .unwrap_or("")
            .trim_end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(node: &Node, out: &mut String) {
        match &node.value {
            Value::Plain(text) => out.push_str(text),
            Value::Text(text) => out.push_str(&format!("{text:?}")),
            Value::List(items) => {
                out.push('[');
                for item in items {
                    show(item, out);
                    out.push(' ');
                }
                out.push(']');
            }
            Value::Map(entries) => {
                out.push('{');
                for e in entries {
                    out.push_str(&format!(
                        "{}@{}:{}+{}=",
                        e.key, e.place.line, e.place.column, e.place.length
                    ));
                    show(&e.value, out);
                    let p = e.value.place;
                    out.push_str(&format!("@{}:{}+{} ", p.line, p.column, p.length));
                }
                out.push('}');
            }
        }
    }

    fn check(text: &str, expect: &str) {
        let shown = match parse(&Source::new("f.yaml", text)) {
            Ok(node) => {
                let mut out = String::new();
                show(&node, &mut out);
                out
            }
            Err(faults) => faults.to_string(),
        };
        assert_eq!(shown, expect, "for {text:?}");
    }

    #[test]
    fn scalars_keep_their_text_and_place() {
        check("a: 100_000", "{a@1:1+1=100_000@1:4+7 }");
        check("a: 0.010 # c", "{a@1:1+1=0.010@1:4+5 }");
        check("a: 1e999", "{a@1:1+1=1e999@1:4+5 }");
        check("a: 007", "{a@1:1+1=007@1:4+3 }");
        check("a: 2026-02-01", "{a@1:1+1=2026-02-01@1:4+10 }");
        check("a: null", "{a@1:1+1=null@1:4+4 }");
        check("a: yes", "{a@1:1+1=yes@1:4+3 }");
        check("医保: \"5\"", "{医保@1:1+2=\"5\"@1:5+3 }");
        check("a: 'x''y'", "{a@1:1+1=\"x'y\"@1:4+6 }");
        check("a:\nb: 1", "{a@1:1+1=@1:1+1 b@2:1+1=1@2:4+1 }");
        check(
            "a: { b: [x, 1], c: [] }",
            "{a@1:1+1={b@1:6+1=[x 1 ]@1:9+1 c@1:17+1=[]@1:20+1 }@1:4+1 }",
        );
        check(
            "a: |\n  two\n  lines\nb: >-\n  x\n  y",
            "{a@1:1+1=two\nlines\n@2:3+3 b@4:1+1=x y@5:3+1 }",
        );
        check("1: x\nnull: y", "{1@1:1+1=x@1:4+1 null@2:1+4=y@2:7+1 }");
    }

    #[test]
    fn files_of_other_editors_are_read_alike() {
        check(
            "\u{feff}a: 10\nb: 2.50",
            "{a@1:1+1=10@1:4+2 b@2:1+1=2.50@2:4+4 }",
        );
        check(
            "a: 10\r\nb: 2.50\r\n",
            "{a@1:1+1=10@1:4+2 b@2:1+1=2.50@2:4+4 }",
        );
        check(
            "# 医保\na: 10 # 元\nb: [1, 医, 2.50]",
            "{a@2:1+1=10@2:4+2 b@3:1+1=[1 医 2.50 ]@3:4+1 }",
        );
        check("--- # one\na: 10\n...\n", "{a@2:1+1=10@2:4+2 }");
    }

    #[test]
    fn what_widens_rights_silently_is_refused() {
        check(
            "a: 1\nb: 2\na: 3",
            "f.yaml:3:1: `a` is written twice; keep one of them\n  3 | a: 3\n    | ^",
        );
        check(
            "a: &x 1",
            "f.yaml:1:7: anchors and aliases are refused; write the value out\n  1 | a: &x 1\n    |       ^",
        );
        check(
            "a: *x",
            "f.yaml:1:4: anchors and aliases are refused; write the value out\n  1 | a: *x\n    |    ^",
        );
        check(
            "a: { <<: { b: 1 } }",
            "f.yaml:1:6: merge keys (`<<`) are refused; write the keys out\n  1 | a: { <<: { b: 1 } }\n    |      ^",
        );
        check(
            "a: !!str 1",
            "f.yaml:1:10: tags are refused; write the value without `!`\n  1 | a: !!str 1\n    |          ^",
        );
        check(
            "a: !x 1",
            "f.yaml:1:7: tags are refused; write the value without `!`\n  1 | a: !x 1\n    |       ^",
        );
        check(
            "!!str a: 1",
            "f.yaml:1:7: tags are refused; write the value without `!`\n  1 | !!str a: 1\n    |       ^",
        );
        check(
            "a: !x\n  b: 1",
            "f.yaml:2:3: tags are refused; write the value without `!`\n  2 |   b: 1\n    |   ^",
        );
        check(
            "? [a]\n: 1",
            "f.yaml:1:3: a key is a word, not a list or mapping\n  1 | ? [a]\n    |   ^",
        );
        check(
            "a: 1\n---\nb: 2",
            "f.yaml:2:1: one file holds one document; remove the second\n  2 | ---\n    | ^",
        );
    }

    #[test]
    fn limits_hold() {
        let deep = "[".repeat(DEPTH_MAX + 2) + &"]".repeat(DEPTH_MAX + 2);
        let shown = parse(&Source::new("f.yaml", &deep))
            .unwrap_err()
            .to_string();
        assert!(shown.contains("nested deeper than 16 levels"), "{shown}");
        let big = " ".repeat(DOCUMENT_BYTES_MAX + 1);
        let shown = parse(&Source::new("f.yaml", &big)).unwrap_err().to_string();
        assert!(shown.contains("larger than 1048576 bytes"), "{shown}");
    }
}
