//! Which technique for which column: the strict one, since a person may loosen it and nobody tightens a draft.

use std::fmt;

use super::{Semantic, ValueType};
use crate::Identifier;

/// A technique with its parameters, written as policies write it.
///
/// Where `broken` is said, some values are not what the column holds, and are redacted.
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
    /// A pseudonym per value in any of its spellings.
    TokenOf(Identifier, Broken),
    /// A name behind its first character.
    MaskName,
    /// An identifier but for what many share: a mobile number's first digits, a postcode's province.
    Mask(Identifier, Broken),
    /// A resident's id encrypted, province and sex kept.
    EncryptResidentId(Broken),
    /// Another identifier encrypted to its own kind, marked as no real one.
    Encrypt(Identifier, Broken),
    /// Sentences with the identifiers in them masked.
    Scrub,
    /// The ten years of a day.
    Decade,
    /// The month of a day or time.
    Month,
    /// Days moved by up to so many, all days of one unit alike.
    Shift(u32),
    /// Bands of ten years of age.
    AgeBand,
    /// A grid of a tenth of a degree, about ten kilometres.
    Grid,
    /// The prefecture of a region's code.
    Prefecture(Broken),
    /// Tens.
    Tens,
}

/// Whether some values are not what the column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// All values are.
    None,
    /// Some are not.
    Some,
}

impl Broken {
    /// The word that goes with it.
    const fn way(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Some => ", on_broken: redact",
        }
    }
}

impl fmt::Display for Proposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep => f.write_str("keep"),
            Self::Null => f.write_str("\"null\""),
            Self::Redact => f.write_str("redact"),
            Self::Token => f.write_str("token"),
            Self::TokenOf(identifier, broken) => {
                write!(
                    f,
                    "{{ token: {{ as: {}{} }} }}",
                    identifier.id(),
                    broken.way()
                )
            }
            Self::MaskName => f.write_str("{ mask: { kind: name } }"),
            Self::Mask(identifier, broken) => {
                write!(
                    f,
                    "{{ mask: {{ kind: {}{} }} }}",
                    identifier.id(),
                    broken.way()
                )
            }
            Self::EncryptResidentId(broken) => write!(
                f,
                "{{ fpe: {{ domain: resident-id, keep: [province, sex]{} }} }}",
                broken.way()
            ),
            Self::Encrypt(identifier, broken) => {
                write!(
                    f,
                    "{{ fpe: {{ domain: {}{} }} }}",
                    identifier.id(),
                    broken.way()
                )
            }
            Self::Scrub => f.write_str("{ scrub: { with: mask } }"),
            Self::Decade => f.write_str("{ generalize: { to: decade } }"),
            Self::Month => f.write_str("{ generalize: { to: month } }"),
            Self::Shift(days) => write!(f, "{{ date_shift: {{ days: {days} }} }}"),
            Self::AgeBand => f.write_str("{ generalize: { age: 10 } }"),
            Self::Grid => f.write_str("{ generalize: { grid: 1 } }"),
            Self::Prefecture(broken) => {
                write!(f, "{{ generalize: {{ to: prefecture{} }} }}", broken.way())
            }
            Self::Tens => f.write_str("{ round: { to: 10 } }"),
        }
    }
}

/// What the choice of a technique goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holds {
    pub(super) semantic: Semantic,
    pub(super) value_type: ValueType,
    pub(super) broken: Broken,
    /// The most frequent length.
    pub(super) characters: usize,
    /// Its values are codes of regions, not names.
    pub(super) coded: bool,
}

/// The technique for a column.
pub(super) fn technique(holds: Holds) -> Proposed {
    use ValueType::{Date, Decimal, Float, Integer, Text, Timestamp};
    let Holds {
        semantic,
        value_type,
        broken,
        characters,
        coded,
    } = holds;
    let number = matches!(value_type, Integer | Float | Decimal { .. });
    match (semantic, value_type) {
        (Semantic::Empty, _) => Proposed::Null,
        (Semantic::Identifier(identifier), Text) => of_identifier(identifier, broken),
        (Semantic::PersonName, Text) => Proposed::MaskName,
        (Semantic::OrganisationName | Semantic::Code, Text) => Proposed::Token,
        (Semantic::BirthDate, Date) => Proposed::Decade,
        (Semantic::Date, Date) => Proposed::Shift(SHIFT_DAYS),
        (Semantic::Time, Timestamp | Date) => Proposed::Month,
        (Semantic::Region, Text) if coded => Proposed::Prefecture(broken),
        (
            Semantic::Sex | Semantic::Nation | Semantic::Region | Semantic::Category,
            Text | Integer,
        ) => Proposed::Keep,
        (Semantic::Truth, _) => Proposed::Keep,
        (Semantic::Coordinate, Float | Decimal { .. }) => Proposed::Grid,
        (Semantic::Age, Integer) => Proposed::AgeBand,
        (Semantic::Age | Semantic::Amount, _) if number => Proposed::Tens,
        // Small counts say little, and tens of them nothing.
        (Semantic::Quantity, _) if number && characters < 3 => Proposed::Keep,
        (Semantic::Quantity, _) if number => Proposed::Tens,
        (_, Text) => Proposed::Redact,
        _ => Proposed::Null,
    }
}

/// Days are moved by up to a month: seasons stay, days do not.
const SHIFT_DAYS: u32 = 30;

/// Numbers that tables are joined by are encrypted; ways to reach somebody are masked, since nothing is joined by them;
/// devices and permits, of which an equal one is all that matters, become tokens.
const fn of_identifier(identifier: Identifier, broken: Broken) -> Proposed {
    match identifier {
        Identifier::ResidentId => Proposed::EncryptResidentId(broken),
        Identifier::CreditCode
        | Identifier::OrganisationCode
        | Identifier::TaxNumber
        | Identifier::BankCard
        | Identifier::Plate
        | Identifier::Passport
        | Identifier::Vin => Proposed::Encrypt(identifier, broken),
        Identifier::Mobile
        | Identifier::Landline
        | Identifier::Email
        | Identifier::Ip
        | Identifier::Postcode
        | Identifier::Gps => Proposed::Mask(identifier, broken),
        Identifier::HongKongMacaoPermit
        | Identifier::TaiwanPermit
        | Identifier::Imei
        | Identifier::Mac => Proposed::TokenOf(identifier, broken),
    }
}

/// Whether a direct identifier may be released under it.
pub(super) const fn hides_identity(proposed: Proposed) -> bool {
    match proposed {
        Proposed::Null
        | Proposed::Redact
        | Proposed::Token
        | Proposed::TokenOf(..)
        | Proposed::MaskName
        | Proposed::Mask(..)
        | Proposed::EncryptResidentId(_)
        | Proposed::Encrypt(..) => true,
        Proposed::Keep
        | Proposed::Scrub
        | Proposed::Decade
        | Proposed::Month
        | Proposed::Shift(_)
        | Proposed::AgeBand
        | Proposed::Grid
        | Proposed::Prefecture(_)
        | Proposed::Tens => false,
    }
}
