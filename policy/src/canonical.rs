//! Canonical JSON (JCS, RFC 8785) of values made of objects, lists, texts, booleans and whole numbers below 2^53.
//!
//! Decimal numbers are written as texts, so no floating-point formatting is involved.

use serde_json::Value;

/// The one text of a value: no blanks, keys in the order of their UTF-16 units (RFC 8785 section 3.2.3).
pub(crate) fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            sequence(out, ['{', '}'], entries, |(key, value), out| {
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                write(value, out);
            });
        }
        Value::Array(items) => sequence(out, ['[', ']'], items, write),
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn sequence<T>(
    out: &mut String,
    [open, close]: [char; 2],
    items: impl IntoIterator<Item = T>,
    each: impl Fn(T, &mut String),
) {
    out.push(open);
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        each(item, out);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 8785 section 3.2.3, whose order by code points would differ.
    #[test]
    fn keys_are_sorted_by_utf16_units() {
        let value = serde_json::json!({
            "\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7
        });
        let expect = "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}";
        assert_eq!(text(&value), expect);
    }

    #[test]
    fn nothing_but_content_is_written() {
        let value = serde_json::json!({ "b": [1, "x\u{1f}\n"], "a": null, "c": { } });
        assert_eq!(text(&value), r#"{"a":null,"b":[1,"x\u001f\n"],"c":{}}"#);
    }
}
