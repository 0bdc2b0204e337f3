//! What may a column hold, and which label goes with it?

use crate::{Identifier, Sentence};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Semantic {
    /// An identifier with a form of its own.
    Identifier(Identifier),
    /// A person's name, in any script.
    PersonName,
    /// The name of an enterprise or office.
    OrganisationName,
    /// A date of birth.
    BirthDate,
    /// Any other day.
    Date,
    /// A point in time.
    Time,
    /// 性别.
    Sex,
    /// 民族.
    Nation,
    /// A postal address.
    Address,
    /// The name or code of an administrative division.
    Region,
    /// A latitude or a longitude alone.
    Coordinate,
    /// An age in years.
    Age,
    /// An amount of money.
    Amount,
    /// Something about a person's health.
    Health,
    /// A number that is none of the others.
    Quantity,
    /// A code that is nearly unique: an order, a case, a card of some system.
    Code,
    /// One of a few values.
    Category,
    /// Yes or no.
    Truth,
    /// Sentences.
    FreeText,
    /// No value was seen.
    Empty,
}

/// What a column tells about a person or enterprise, in the words of schema files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnKind {
    /// None of the others.
    Other,
    /// Must not be learnt about one.
    Sensitive,
    /// Singles out in combination.
    Quasi,
    /// Names one alone.
    Direct,
}

/// The classification level proposed for a column (分类分级, GB/T 43697-2024): one of the four general ones, since
/// important and core data are named by an authority and never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnLevel {
    /// 一般数据 1 级.
    General1,
    /// 一般数据 2 级.
    General2,
    /// 一般数据 3 级.
    General3,
    /// 一般数据 4 级.
    General4,
}

impl ColumnKind {
    /// The word of schema files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Quasi => "quasi",
            Self::Sensitive => "sensitive",
            Self::Other => "other",
        }
    }
}

impl ColumnLevel {
    /// The word of schema files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::General1 => "general-1",
            Self::General2 => "general-2",
            Self::General3 => "general-3",
            Self::General4 => "general-4",
        }
    }
}

impl Semantic {
    /// Everything but the identifiers.
    const OTHERS: [Self; 19] = [
        Self::PersonName,
        Self::OrganisationName,
        Self::BirthDate,
        Self::Date,
        Self::Time,
        Self::Sex,
        Self::Nation,
        Self::Address,
        Self::Region,
        Self::Coordinate,
        Self::Age,
        Self::Amount,
        Self::Health,
        Self::Quantity,
        Self::Code,
        Self::Category,
        Self::Truth,
        Self::FreeText,
        Self::Empty,
    ];

    /// All of them, identifiers first.
    pub fn all() -> impl Iterator<Item = Self> {
        let identifiers = Identifier::ALL.into_iter().map(Self::Identifier);
        identifiers.chain(Self::OTHERS)
    }

    /// The word of reports.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Identifier(identifier) => identifier.id(),
            Self::PersonName => "person-name",
            Self::OrganisationName => "organisation-name",
            Self::BirthDate => "birth-date",
            Self::Date => "date",
            Self::Time => "time",
            Self::Sex => "sex",
            Self::Nation => "nation",
            Self::Address => "address",
            Self::Region => "region",
            Self::Coordinate => "coordinate",
            Self::Age => "age",
            Self::Amount => "amount",
            Self::Health => "health",
            Self::Quantity => "quantity",
            Self::Code => "code",
            Self::Category => "category",
            Self::Truth => "boolean",
            Self::FreeText => "free-text",
            Self::Empty => "empty",
        }
    }

    /// What a person calls it.
    #[must_use]
    pub fn name(self) -> Sentence {
        let (en, zh) = match self {
            Self::Identifier(identifier) => return identifier.name(),
            Self::PersonName => ("a person's name", "姓名"),
            Self::OrganisationName => ("an organisation's name", "单位名称"),
            Self::BirthDate => ("a date of birth", "出生日期"),
            Self::Date => ("a date", "日期"),
            Self::Time => ("a point in time", "时间"),
            Self::Sex => ("a sex", "性别"),
            Self::Nation => ("a nation", "民族"),
            Self::Address => ("an address", "地址"),
            Self::Region => ("a region", "行政区划"),
            Self::Coordinate => ("a coordinate", "经度或纬度"),
            Self::Age => ("an age", "年龄"),
            Self::Amount => ("an amount", "金额"),
            Self::Health => ("health", "健康信息"),
            Self::Quantity => ("a quantity", "数量"),
            Self::Code => ("a nearly unique code", "近乎唯一的编号"),
            Self::Category => ("a category", "类别"),
            Self::Truth => ("yes or no", "是否"),
            Self::FreeText => ("free text", "自由文本"),
            Self::Empty => ("nothing", "空列"),
        };
        Sentence::new(en, zh)
    }

    /// The label that is proposed with it; the stricter one where both could be meant.
    #[must_use]
    pub const fn label(self) -> (ColumnKind, ColumnLevel) {
        use ColumnKind::{Direct, Other, Quasi, Sensitive};
        use ColumnLevel::{General2, General3, General4};
        match self {
            Self::Identifier(Identifier::Postcode) => (Quasi, General2),
            Self::Identifier(Identifier::Gps) | Self::Coordinate => (Quasi, General4),
            Self::Identifier(_) | Self::PersonName | Self::Address => (Direct, General4),
            Self::OrganisationName | Self::Code => (Direct, General3),
            Self::BirthDate | Self::Nation | Self::Age => (Quasi, General3),
            Self::Sex | Self::Region | Self::Date | Self::Category => (Quasi, General2),
            Self::Health => (Sensitive, General4),
            Self::Amount | Self::FreeText => (Sensitive, General3),
            Self::Time | Self::Quantity => (Sensitive, General2),
            Self::Truth | Self::Empty => (Other, General2),
        }
    }

    /// Whether its values are kept as text whatever digits they are: an id is no number.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(
            self,
            Self::Identifier(_)
                | Self::PersonName
                | Self::OrganisationName
                | Self::Address
                | Self::Region
                | Self::Code
                | Self::Sex
                | Self::Nation
        )
    }
}
