//! Canonical JSON: the JSON Canonicalization Scheme (RFC 8785), restricted to whole numbers.
//!
//! One value has one byte string, so that a digest or a signature over JSON means something.
//! Fractions are refused: their text differs between implementations, and nothing here needs them.

use serde::Serialize;
use serde_json::{Map, Number, Value};
use thiserror::Error;

use crate::digest::Digest;

/// Integers must stay below this magnitude: beyond it a reader with IEEE doubles rounds
/// (RFC 8785 section 3.2.2.3, RFC 7493 section 2.2).
pub const INTEGER_LIMIT: u64 = 1 << 53;

/// A value that has no canonical form here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JcsError {
    /// A number with a fraction or an exponent.
    #[error("a number is not an integer; write fractions as text")]
    Fraction,
    /// An integer of magnitude 2^53 or more.
    #[error("an integer is 2^53 or more in magnitude; write it as text")]
    Magnitude,
    /// The value could not be turned into JSON at all.
    #[error("the value has no JSON form: {0}")]
    Unserialisable(String),
}

/// The canonical bytes of a JSON value.
///
/// # Errors
/// [`JcsError`] when a number is not an integer of magnitude below 2^53.
///
/// ```
/// let value = serde_json::json!({"b": [1, true, null], "a": "€"});
/// assert_eq!(lineage::jcs::canonical(&value)?, r#"{"a":"€","b":[1,true,null]}"#.as_bytes());
/// # Ok::<(), lineage::jcs::JcsError>(())
/// ```
pub fn canonical(value: &Value) -> Result<Vec<u8>, JcsError> {
    let mut out = String::new();
    write_value(&mut out, value)?;
    Ok(out.into_bytes())
}

/// The canonical bytes of anything that serialises.
///
/// # Errors
/// As [`canonical`], and [`JcsError::Unserialisable`] when it has no JSON form.
pub fn canonical_of(value: &impl Serialize) -> Result<Vec<u8>, JcsError> {
    canonical(&to_value(value)?)
}

/// The digest of the canonical bytes of anything that serialises.
///
/// # Errors
/// As [`canonical_of`].
pub fn digest_of(value: &impl Serialize) -> Result<Digest, JcsError> {
    Ok(Digest::of(&canonical_of(value)?))
}

/// A serialisable value as JSON, with this module's error.
pub(crate) fn to_value(value: &impl Serialize) -> Result<Value, JcsError> {
    serde_json::to_value(value).map_err(|error| JcsError::Unserialisable(error.to_string()))
}

fn write_value(out: &mut String, value: &Value) -> Result<(), JcsError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number)?,
        Value::String(text) => write_string(out, text),
        Value::Array(items) => write_array(out, items)?,
        Value::Object(fields) => write_object(out, fields)?,
    }
    Ok(())
}

fn write_number(out: &mut String, number: &Number) -> Result<(), JcsError> {
    let magnitude = match (number.as_u64(), number.as_i64()) {
        (Some(unsigned), _) => unsigned,
        (None, Some(signed)) => signed.unsigned_abs(),
        (None, None) => return Err(JcsError::Fraction),
    };
    if magnitude >= INTEGER_LIMIT {
        return Err(JcsError::Magnitude);
    }
    out.push_str(&number.to_string());
    Ok(())
}

/// RFC 8785 section 3.2.2.2: the short escapes where JSON has one, `\u00xx` in lower case for the
/// other control characters, everything else as it is.
fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn write_array(out: &mut String, items: &[Value]) -> Result<(), JcsError> {
    out.push('[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_value(out, item)?;
    }
    out.push(']');
    Ok(())
}

/// RFC 8785 section 3.2.3: names sorted by their UTF-16 code units, which differs from the order
/// of UTF-8 bytes above U+FFFF.
fn write_object(out: &mut String, fields: &Map<String, Value>) -> Result<(), JcsError> {
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push('{');
    for (position, (name, value)) in sorted.into_iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_string(out, name);
        out.push(':');
        write_value(out, value)?;
    }
    out.push('}');
    Ok(())
}

#[cfg(test)]
mod tests {
    //! Known answers of RFC 8785, the limits on numbers, and a round trip over random values.
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(value: &Value, expect: Result<&str, JcsError>) {
        let got = canonical(value).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(got, expect.map(str::to_owned));
    }

    #[test]
    fn names_sort_by_utf16_units() {
        // The name list of RFC 8785 section 3.2.3; U+1F600 sorts before U+FB33 in UTF-16 only.
        let value: Value = serde_json::from_str(
            r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#,
        )
        .unwrap();
        check(
            &value,
            Ok(
                "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}",
            ),
        );
    }

    #[test]
    fn strings_escape_as_the_rfc_says() {
        // The string of RFC 8785 section 3.2.2.
        let value: Value =
            serde_json::from_str(r#""\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/""#).unwrap();
        check(&value, Ok(r#""€$\u000f\nA'B\"\\\\\"/""#));
        check(&json!("\u{8}\t\u{c}\r\u{7f}"), Ok("\"\\b\\t\\f\\r\u{7f}\""));
    }

    #[test]
    fn numbers_are_integers_below_two_to_the_53() {
        check(&json!([0, -1, 56]), Ok("[0,-1,56]"));
        check(&json!(9_007_199_254_740_991_u64), Ok("9007199254740991"));
        check(&json!(-9_007_199_254_740_991_i64), Ok("-9007199254740991"));
        check(&json!(9_007_199_254_740_992_u64), Err(JcsError::Magnitude));
        check(&json!(i64::MIN), Err(JcsError::Magnitude));
        check(&json!(u64::MAX), Err(JcsError::Magnitude));
        check(&json!({"a": [1.5]}), Err(JcsError::Fraction));
        check(&json!(1.0), Err(JcsError::Fraction));
    }

    #[test]
    fn literals_and_empty_containers() {
        check(
            &json!({"z": {}, "a": [], "m": [null, true, false]}),
            Ok(r#"{"a":[],"m":[null,true,false],"z":{}}"#),
        );
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-(1_i64 << 53) + 1..1 << 53).prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_text_means_the_same_value_and_is_a_fixed_point(value in any_value()) {
            let bytes = canonical(&value).unwrap();
            let again: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(&again, &value);
            prop_assert_eq!(canonical(&again).unwrap(), bytes);
        }
    }
}
