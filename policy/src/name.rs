//! Names, parsed once at the edge and carried as types from there on.
//!
//! A name holds no personal data: it says which tenant, table or scenario, never which person.

use std::fmt;
use std::str::FromStr;

use crate::fault::Lang;

/// The longest segment of a resource name, in bytes; one DNS label, so that a name can become one.
pub const SEGMENT_BYTES_MAX: usize = 63;

/// The longest column name, in bytes; PostgreSQL and most engines cut earlier.
pub const COLUMN_NAME_BYTES_MAX: usize = 128;

/// Columns that the vault adds begin with this, so a schema may not use it.
pub const RESERVED_COLUMN_PREFIX: &str = "__";

/// How much of a refused name is shown, in characters.
const GIVEN_SHOWN_MAX: usize = 64;

/// How to write a name, in English and in Chinese.
pub(crate) type Fix = (&'static str, &'static str);

/// A text that is not the kind of name it was given as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.message(Lang::En))]
pub struct NameError(Box<Refused>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Refused {
    what: &'static str,
    given: String,
    fix: Fix,
}

impl Refused {
    fn message(&self, lang: Lang) -> String {
        let Self { what, given, fix } = self;
        match lang {
            Lang::En => format!("`{given}` is not a {what}: {}", fix.0),
            Lang::Zh => format!("`{given}` 不是有效的名称：{}", fix.1),
        }
    }
}

impl NameError {
    pub(crate) fn new(what: &'static str, given: &str, fix: Fix) -> Self {
        let given = given.chars().take(GIVEN_SHOWN_MAX).collect();
        Self(Box::new(Refused { what, given, fix }))
    }

    /// What is wrong and how to write it.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        self.0.message(lang)
    }
}

const SEGMENT_FIX: Fix = (
    "use 1 to 63 lower-case letters, digits, `-` or `_`, beginning with a letter or digit",
    "请用 1 至 63 个小写字母、数字、`-` 或 `_`，以字母或数字开头",
);
const DATASET_FIX: Fix = (
    "write it as `owner/table`, both of lower-case letters, digits, `-` or `_`",
    "请写成 `owner/table`，两段均为小写字母、数字、`-` 或 `_`",
);
const COLUMN_FIX: Fix = (
    "use 1 to 128 bytes without control characters, not beginning with `__`, which the vault keeps for itself",
    "请用 1 至 128 字节，不含控制字符，不以 `__` 开头（保留给系统）",
);

fn is_segment(text: &str) -> bool {
    let head = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() <= SEGMENT_BYTES_MAX
        && text.bytes().next().is_some_and(head)
        && text.bytes().all(|b| head(b) || b == b'-' || b == b'_')
}

fn is_dataset(text: &str) -> bool {
    text.split_once('/')
        .is_some_and(|(owner, table)| is_segment(owner) && is_segment(table))
}

fn is_column(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= COLUMN_NAME_BYTES_MAX
        && !text.starts_with(RESERVED_COLUMN_PREFIX)
        && !text.chars().any(char::is_control)
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $what:literal, $rule:ident, $fix:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                if $rule(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NameError::new($what, text, $fix))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }
    )+};
}

names! {
    /// A tenant, one per prefecture: `xj`.
    Tenant: "tenant", is_segment, SEGMENT_FIX;
    /// An organisation within a tenant: `ybj`.
    Organisation: "organisation", is_segment, SEGMENT_FIX;
    /// A person's pseudonymous name within an organisation, never the civil name: `p-17`.
    PersonId: "person", is_segment, SEGMENT_FIX;
    /// A scenario: `medical-insurance-fraud`.
    ScenarioId: "scenario", is_segment, SEGMENT_FIX;
    /// A released sample of a scenario.
    SampleId: "sample", is_segment, SEGMENT_FIX;
    /// A data product of a scenario.
    ProductId: "product", is_segment, SEGMENT_FIX;
    /// A run of a product.
    JobId: "job", is_segment, SEGMENT_FIX;
    /// A data set as `owner/table`, for example `ybj/claims`; in SQL it is `ybj.claims`.
    DatasetId: "data set", is_dataset, DATASET_FIX;
    /// A protected unit that a provider declares: `person`, `enterprise`, `household`.
    UnitName: "protected unit", is_segment, SEGMENT_FIX;
    /// A hierarchy of a policy document: `icd10-chapter`.
    HierarchyName: "hierarchy", is_segment, SEGMENT_FIX;
    /// A column of a data set, any script; names beginning with `__` belong to the vault.
    ColumnName: "column name", is_column, COLUMN_FIX;
}

impl DatasetId {
    /// The part before the slash: the name space that belongs to the organisation which first registered in it.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.0.split_once('/').map_or("", |(owner, _)| owner)
    }

    /// The part after the slash.
    #[must_use]
    pub fn table(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, table)| table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: FromStr>(accepted: &[&str], refused: &[&str]) {
        for text in accepted {
            assert!(text.parse::<T>().is_ok(), "{text:?} should be accepted");
        }
        for text in refused {
            assert!(text.parse::<T>().is_err(), "{text:?} should be refused");
        }
    }

    #[test]
    fn segments() {
        let longest = "a".repeat(SEGMENT_BYTES_MAX);
        let too_long = "a".repeat(SEGMENT_BYTES_MAX + 1);
        check::<Tenant>(
            &["xj", "6", "a-b_c", &longest],
            &["", "-a", "_a", "A", "a/b", "a.b", "新疆", "a b", &too_long],
        );
    }

    #[test]
    fn datasets() {
        check::<DatasetId>(&["ybj/claims"], &["claims", "a/b/c", "/b", "a/", "A/b", ""]);
        let id: DatasetId = "ybj/claims".parse().unwrap();
        assert_eq!((id.owner(), id.table()), ("ybj", "claims"));
    }

    #[test]
    fn columns() {
        check::<ColumnName>(
            &["resident_id", "marital-status", "姓名", "_x"],
            &["", "__unit_person", "a\nb", "\u{7f}"],
        );
    }

    #[test]
    fn serde_refuses_what_parsing_refuses() {
        assert!(serde_json::from_str::<Tenant>("\"xj\"").is_ok());
        let error = serde_json::from_str::<Tenant>("\"X J\"").unwrap_err();
        assert!(error.to_string().contains("is not a tenant"), "{error}");
    }
}
