//! Which technique for which column: the strict one, since a person may loosen it and nobody tightens a draft.

use std::fmt;

use super::{Semantic, ValueType};
use crate::Identifier;

/// A technique with its parameters, written as policies write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposed {
    /// The column as it is.
    Keep,
    /// No value at all.
    Null,
    /// Text replaced by `***`.
    Redact,
    /// A pseudonym per value.
    Token,
    /// A name behind its first character.
    MaskName,
    /// A mobile number behind its first digits; what is none is redacted where `broken`.
    MaskMobile {
        /// Some values are no mobile numbers.
        broken: bool,
    },
    /// A resident's id encrypted, province and sex kept; what is none is redacted where `broken`.
    EncryptResidentId {
        /// Some values are no resident ids.
        broken: bool,
    },
    /// The year of a day.
    Year,
    /// The month of a day or time.
    Month,
    /// Tens.
    Tens,
    /// Whole degrees.
    Ones,
}

impl fmt::Display for Proposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on_broken = |broken: bool| if broken { ", on_broken: redact" } else { "" };
        match self {
            Self::Keep => f.write_str("keep"),
            Self::Null => f.write_str("\"null\""),
            Self::Redact => f.write_str("redact"),
            Self::Token => f.write_str("token"),
            Self::MaskName => f.write_str("{ mask: { kind: name } }"),
            Self::MaskMobile { broken } => {
                write!(f, "{{ mask: {{ kind: mobile{} }} }}", on_broken(*broken))
            }
            Self::EncryptResidentId { broken } => write!(
                f,
                "{{ fpe: {{ domain: resident-id, keep: [province, sex]{} }} }}",
                on_broken(*broken)
            ),
            Self::Year => f.write_str("{ generalize: { to: year } }"),
            Self::Month => f.write_str("{ generalize: { to: month } }"),
            Self::Tens => f.write_str("{ round: { to: 10 } }"),
            Self::Ones => f.write_str("{ round: { to: 1 } }"),
        }
    }
}

/// The technique for a column; `broken` says that some values are not what the column holds, `digits` how long they are.
pub(super) fn technique(
    semantic: Semantic,
    value_type: ValueType,
    broken: bool,
    digits: usize,
) -> Proposed {
    use ValueType::{Date, Decimal, Float, Integer, Text, Timestamp};
    let number = matches!(value_type, Integer | Float | Decimal { .. });
    match (semantic, value_type) {
        (Semantic::Empty, _) => Proposed::Null,
        (Semantic::Identifier(Identifier::ResidentId), Text) => {
            Proposed::EncryptResidentId { broken }
        }
        (Semantic::Identifier(Identifier::Mobile), Text) => Proposed::MaskMobile { broken },
        (Semantic::Identifier(Identifier::Gps | Identifier::Postcode), Text) => Proposed::Redact,
        (Semantic::PersonName, Text) => Proposed::MaskName,
        (Semantic::Identifier(_) | Semantic::OrganisationName | Semantic::Code, Text) => {
            Proposed::Token
        }
        (Semantic::BirthDate, Date) => Proposed::Year,
        (Semantic::Date, Date) | (Semantic::Time, Timestamp | Date) => Proposed::Month,
        (
            Semantic::Sex | Semantic::Nation | Semantic::Region | Semantic::Category,
            Text | Integer,
        ) => Proposed::Keep,
        (Semantic::Truth, _) => Proposed::Keep,
        (Semantic::Coordinate, _) if number => Proposed::Ones,
        (Semantic::Age | Semantic::Amount, _) if number => Proposed::Tens,
        // Small counts say little, and tens of them nothing.
        (Semantic::Quantity, _) if number && digits < 3 => Proposed::Keep,
        (Semantic::Quantity, _) if number => Proposed::Tens,
        (_, Text) => Proposed::Redact,
        _ => Proposed::Null,
    }
}
