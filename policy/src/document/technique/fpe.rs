//! `fpe`: format-preserving encryption, FF1 (NIST SP 800-38G).

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{Identifier, KEPT_MAX, Technique, count};
use crate::fault::FaultKind;
use crate::name::ColumnName;
use crate::read::{Fields, Keys, Reader};
use crate::tree::Node;
use crate::words::words;

pub(super) const KEYS: Keys = Keys {
    enforced: &[
        "domain",
        "keep",
        "keep_first",
        "keep_last",
        "mode",
        "born",
        "cipher",
        "same_person_as",
        "part",
        "male",
        "female",
        "on_broken",
    ],
    later: &["one_way"],
};

const BORN: Keys = Keys {
    enforced: &["from", "until"],
    later: &[],
};

/// What says nothing beside `same_person_as`, which follows the id's own recipe.
const OF_THE_ID: [&str; 7] = [
    "born",
    "domain",
    "keep",
    "keep_first",
    "keep_last",
    "mode",
    "cipher",
];

/// The words of a sex column when they are not written.
const MALE_DEFAULT: &str = "男";
const FEMALE_DEFAULT: &str = "女";

words! {
    /// A part of a resident id that stays as it is.
    Keep {
        /// The first two digits.
        Province = "province",
        /// The first four digits.
        Prefecture = "prefecture",
        /// The first six digits.
        County = "county",
        /// Odd or even sequence.
        Sex = "sex",
        /// The year of birth.
        BirthYear = "birth_year",
        /// The ten years around the year of birth.
        BirthBand = "birth_band",
    }
}

words! {
    /// Whether a surrogate could be somebody's real number.
    FpeMode {
        /// Deliberately recognisable as no real number; the default.
        Marked = "marked",
        /// Formally valid; some surrogates are somebody's real number.
        Valid = "valid",
    }
}

words! {
    /// The block cipher of FF1.
    Cipher {
        /// AES with 256 bits; the default, as the standard has it.
        Aes256 = "aes-256",
        /// SM4 (GB/T 32907), for assessments of commercial cryptography; not in the standard of FF1.
        Sm4 = "sm4",
    }
}

/// How resident ids are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResidentId {
    /// The parts that stay.
    pub keep: BTreeSet<Keep>,
    /// Whether surrogates are recognisable.
    pub mode: FpeMode,
    /// The birth dates that occur, as the provider says; the standard's whole range when absent.
    pub born: Option<BirthDates>,
}

/// The first and the last day of a range of birth dates, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BirthDates {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
}

/// What format-preserving encryption takes a value as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FpeDomain {
    /// 居民身份证 (GB 11643-1999): parts may be kept, the check digit is computed again.
    ResidentId(ResidentId),
    /// A text of digits.
    Digits {
        /// How many digits stay at the start.
        keep_first: u32,
        /// How many digits stay at the end.
        keep_last: u32,
    },
    /// Any other identifier, which knows itself what may stay.
    Identifier {
        /// Which.
        identifier: Identifier,
        /// Whether surrogates are recognisable.
        mode: FpeMode,
    },
}

/// Format-preserving encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fpe {
    /// What the value is taken as.
    pub domain: FpeDomain,
    /// The block cipher.
    pub cipher: Cipher,
}

words! {
    /// What a column says of the person whose id stands beside it.
    PersonPart {
        /// The birth date.
        BirthDate = "birth_date",
        /// The sex.
        Sex = "sex",
    }
}

/// A birth date or sex column that is rewritten as the encrypted id of its row has it, so that they agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamePerson {
    /// The column of the same data set whose resident ids are encrypted.
    pub id: ColumnName,
    /// What the column says, where it is written; dates and times are birth dates without it, all else is a sex.
    pub part: Option<PersonPart>,
    /// The words of a column of sexes, male first; a column of birth dates has none.
    pub words: Option<(String, String)>,
}

impl SamePerson {
    /// The words of a column of sexes, male first.
    #[must_use]
    pub fn sexes(&self) -> (&str, &str) {
        match &self.words {
            Some((male, female)) => (male, female),
            None => (MALE_DEFAULT, FEMALE_DEFAULT),
        }
    }
}

pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Technique> {
    if let Some(node) = fields.get("same_person_as") {
        let id = reader.name(node, "`same_person_as`");
        return same_person(reader, fields, id).map(Technique::SamePerson);
    }
    refuse(
        reader,
        fields,
        &["part", "male", "female"],
        (
            "stands beside `same_person_as`",
            "只与 `same_person_as` 同用",
        ),
    )?;
    let domain = reader
        .require(
            fields,
            "domain",
            "write `domain: resident-id`, `domain: digits` or another identifier",
            "请写 `domain: resident-id`、`domain: digits` 或其他标识符",
        )
        .and_then(|node| reader.word(node, "`domain`", &Domain::words(), &[]));
    let cipher = match fields.get("cipher") {
        Some(node) => reader.word(node, "`cipher`", Cipher::WORDS, &[]),
        None => Some(Cipher::Aes256),
    };
    let domain = match domain? {
        Domain::Digits => digits(reader, fields),
        Domain::Identifier(Identifier::ResidentId) => resident_id(reader, fields),
        Domain::Identifier(identifier) => other(reader, fields, identifier),
    };
    Some(Technique::Fpe(Fpe {
        domain: domain?,
        cipher: cipher?,
    }))
}

#[derive(Clone, Copy)]
enum Domain {
    Digits,
    Identifier(Identifier),
}

impl Domain {
    fn words() -> Vec<(&'static str, Self)> {
        let identifiers = Identifier::WORDS
            .iter()
            .map(|(word, identifier)| (*word, Self::Identifier(*identifier)));
        std::iter::once(("digits", Self::Digits))
            .chain(identifiers)
            .collect()
    }
}

fn mode(reader: &mut Reader, fields: &Fields<'_>) -> Option<FpeMode> {
    match fields.get("mode") {
        Some(node) => reader.word(node, "`mode`", FpeMode::WORDS, &[]),
        None => Some(FpeMode::Marked),
    }
}

/// Refuses keys that mean nothing here; `why` follows the key in both languages.
fn refuse(
    reader: &mut Reader,
    fields: &Fields<'_>,
    keys: &[&str],
    why: (&str, &str),
) -> Option<()> {
    let before = reader.faults.len();
    for entry in keys.iter().filter_map(|key| fields.entry(key)) {
        let en = format!("`{}` {}", entry.key, why.0);
        let zh = format!("`{}` {}", entry.key, why.1);
        reader.fault(FaultKind::Rule, entry.place, en, zh);
    }
    (reader.faults.len() == before).then_some(())
}

fn resident_id(reader: &mut Reader, fields: &Fields<'_>) -> Option<FpeDomain> {
    refuse(
        reader,
        fields,
        &["keep_first", "keep_last"],
        (
            "belongs to `domain: digits`; for a resident id write `keep: [prefecture, sex]`",
            "只用于 `domain: digits`；身份证请写 `keep: [prefecture, sex]`",
        ),
    )?;
    let mode = mode(reader, fields);
    let born = born(reader, fields);
    let keep = match fields.get("keep") {
        Some(node) => keep(reader, node),
        None => Some(BTreeSet::new()),
    };
    Some(FpeDomain::ResidentId(ResidentId {
        keep: keep?,
        mode: mode?,
        born: born?,
    }))
}

/// The kept parts, of which none may contain another.
fn keep(reader: &mut Reader, node: &Node) -> Option<BTreeSet<Keep>> {
    let keep = reader.words(node, "`keep`", Keep::WORDS)?;
    for group in [
        &[Keep::Province, Keep::Prefecture, Keep::County][..],
        &[Keep::BirthYear, Keep::BirthBand],
    ] {
        let named = group.iter().filter(|part| keep.contains(part));
        let named: Vec<&str> = named.map(|part| part.as_str()).collect();
        if named.len() > 1 {
            let en = format!(
                "`keep` names {}, of which one contains the other; keep the one that is needed",
                named.join(" and ")
            );
            let zh = format!(
                "`keep` 同时列出 {}，彼此包含，请只保留需要的一个",
                named.join("、")
            );
            reader.fault(FaultKind::Rule, node.place, en, zh);
            return None;
        }
    }
    Some(keep)
}

/// The range of birth dates; the outer nothing means that a fault was reported.
fn born(reader: &mut Reader, fields: &Fields<'_>) -> Option<Option<BirthDates>> {
    let Some(entry) = fields.entry("born") else {
        return Some(None);
    };
    let days = reader.fields(&entry.value, entry.place, "`born`", &BORN)?;
    let mut day = |key: &str| {
        let en = "write `born: { from: 1910-01-01, until: 2026-01-31 }`";
        let zh = "请写 `born: { from: 1910-01-01, until: 2026-01-31 }`";
        let node = reader.require(&days, key, en, zh)?;
        reader.day(node, format!("`{key}`").as_str())
    };
    let (from, until) = (day("from"), day("until"));
    let (from, until) = (from?, until?);
    if until < from {
        let en = "`until` lies before `from`; `until` is the last day included";
        let zh = "`until` 早于 `from`；`until` 为最后一天（含）";
        reader.value_fault(entry.place, en, zh);
        return None;
    }
    Some(Some(BirthDates { from, until }))
}

fn digits(reader: &mut Reader, fields: &Fields<'_>) -> Option<FpeDomain> {
    refuse(
        reader,
        fields,
        &["keep", "born"],
        (
            "belongs to `domain: resident-id`; for digits write `keep_first: 3` or `keep_last: 4`",
            "只用于 `domain: resident-id`；数字串请写 `keep_first: 3` 或 `keep_last: 4`",
        ),
    )?;
    refuse(
        reader,
        fields,
        &["mode"],
        (
            "has no meaning for `domain: digits`, which have no check character to mark; remove it",
            "对 `domain: digits` 无意义：数字串没有可作标记的校验码，请删去",
        ),
    )?;
    let keep_first = count(reader, fields, "keep_first", 0, KEPT_MAX)?.unwrap_or(0);
    let keep_last = count(reader, fields, "keep_last", 0, KEPT_MAX)?.unwrap_or(0);
    Some(FpeDomain::Digits {
        keep_first,
        keep_last,
    })
}

fn other(reader: &mut Reader, fields: &Fields<'_>, identifier: Identifier) -> Option<FpeDomain> {
    let en = format!(
        "has no meaning for `domain: {identifier}`, which keeps what is the same for many; remove it"
    );
    let zh = format!("对 `domain: {identifier}` 无意义：该标识符自有保留规则，请删去");
    refuse(
        reader,
        fields,
        &["keep", "keep_first", "keep_last", "born"],
        (&en, &zh),
    )?;
    let mode = mode(reader, fields)?;
    Some(FpeDomain::Identifier { identifier, mode })
}

fn same_person(
    reader: &mut Reader,
    fields: &Fields<'_>,
    id: Option<ColumnName>,
) -> Option<SamePerson> {
    refuse(
        reader,
        fields,
        &OF_THE_ID,
        (
            "is what the id's own column says; beside `same_person_as` remove it",
            "由证件号列决定；与 `same_person_as` 同写时请删去",
        ),
    )?;
    let part = match fields.get("part") {
        Some(node) => Some(reader.word(node, "`part`", PersonPart::WORDS, &[])?),
        None => None,
    };
    let word = |reader: &mut Reader, key: &str| match fields.get(key) {
        Some(node) => Some(Some(
            reader.text(node, format!("`{key}`").as_str())?.to_owned(),
        )),
        None => Some(None),
    };
    let words = match (word(reader, "male")?, word(reader, "female")?) {
        (None, None) => None,
        (Some(male), Some(female)) if male != female => Some((male, female)),
        _ => {
            let en = "`male` and `female` stand together and differ";
            reader.fault(
                FaultKind::Rule,
                fields.place,
                en,
                "`male` 与 `female` 须同时写，且不相同",
            );
            return None;
        }
    };
    Some(SamePerson {
        id: id?,
        part,
        words,
    })
}

impl Fpe {
    pub(super) fn json(&self) -> Value {
        let domain = match &self.domain {
            FpeDomain::ResidentId(id) => {
                let keep: Vec<&str> = id.keep.iter().map(|part| part.as_str()).collect();
                let born = id.born.map(|born| json!({ "from": born.from.to_string(), "until": born.until.to_string() }));
                json!({ "name": "resident-id", "keep": keep, "mode": id.mode.as_str(), "born": born })
            }
            FpeDomain::Digits {
                keep_first,
                keep_last,
            } => json!({ "name": "digits", "keep_first": keep_first, "keep_last": keep_last }),
            FpeDomain::Identifier { identifier, mode } => {
                json!({ "name": identifier.as_str(), "mode": mode.as_str() })
            }
        };
        json!({ "domain": domain, "cipher": self.cipher.as_str() })
    }
}

impl SamePerson {
    pub(super) fn json(&self) -> Value {
        let (male, female) = self.words.clone().unzip();
        json!({ "same_person_as": self.id.as_str(), "part": self.part.map(PersonPart::as_str), "male": male, "female": female })
    }
}
