//! Does a technique fit the labels of its column and the techniques of the columns beside it?

use super::unknown_column;
use crate::document::{
    ColumnPolicy, ColumnSample, DatasetPolicy, Fpe, FpeDomain, PersonPart, SamePerson,
    ScenarioPolicy, Technique,
};
use crate::fault::{FaultKind, Place};
use crate::literal::Literal;
use crate::name::ColumnName;
use crate::read::Reader;
use crate::schema::{Column, ColumnType, DatasetSchema, Kind};

/// What the names of birth dates contain, blanks and underscores aside: no label says that a date is one.
const BIRTH_DATE_NAMES: [&str; 7] = ["birth", "dob", "csrq", "csny", "chusheng", "出生", "生日"];

/// Checks the technique of one column.
pub(super) fn check(
    reader: &mut Reader,
    sample: &ColumnSample,
    column: &Column,
    dataset: &DatasetPolicy,
    schema: &DatasetSchema,
) {
    if column.kind == Kind::Direct && !sample.technique.hides_identity() {
        shows_identity(reader, sample, column);
    }
    let place = sample.place;
    match &sample.technique {
        Technique::Constant(constant) => fits(reader, &constant.value, column, place),
        Technique::TopBottom(bounds) => {
            for bound in bounds.bottom.iter().chain(&bounds.top) {
                fits(reader, bound, column, place);
            }
        }
        Technique::DateShift(shift) => beside(reader, shift.by.as_ref(), schema, place),
        Technique::Noise(noise) => beside(reader, noise.by.as_ref(), schema, place),
        Technique::SamePerson(same) => same_person(reader, same, column, dataset, schema, place),
        _ => {}
    }
}

fn shows_identity(reader: &mut Reader, sample: &ColumnSample, column: &Column) {
    let (name, word) = (&column.name, sample.technique.as_str());
    let en = format!(
        "column `{name}` is a direct identifier and cannot be released under `{word}`; use fpe, token, mask, redact, null, hash_drop or constant"
    );
    let zh = format!(
        "列 `{name}` 是直接标识符，不能以 `{word}` 发布；请用 fpe、token、mask、redact、null、hash_drop 或 constant"
    );
    reader.fault(FaultKind::Rule, sample.place, en, zh);
}

fn fits(reader: &mut Reader, literal: &Literal, column: &Column, place: Place) {
    if !literal.fits(column.column_type) {
        let (name, given, wanted) = (&column.name, literal.type_name(), column.column_type);
        let en = format!("column `{name}` is {wanted} and cannot hold this {given} exactly");
        let zh = format!("列 `{name}` 的类型为 {wanted}，无法准确存放此 {given} 值");
        reader.value_fault(place, en, zh);
    }
}

/// A column that is read beside another is one of the data set.
fn beside(reader: &mut Reader, by: Option<&ColumnName>, schema: &DatasetSchema, place: Place) {
    if let Some(by) = by.filter(|by| schema.column(by.as_str()).is_none()) {
        unknown_column(reader, place, by.as_str(), schema);
    }
}

/// The column is a birth date or a sex, and its id is encrypted beside it.
fn same_person(
    reader: &mut Reader,
    same: &SamePerson,
    column: &Column,
    dataset: &DatasetPolicy,
    schema: &DatasetSchema,
    place: Place,
) {
    let id = &same.id;
    if schema.column(id.as_str()).is_none() {
        unknown_column(reader, place, id.as_str(), schema);
        return;
    }
    if !encrypts_resident_ids(dataset.column(id.as_str())) {
        let en = format!(
            "`same_person_as` follows an encrypted resident id, and column `{id}` has none; write `{id}: {{ sample: {{ fpe: {{ domain: resident-id }} }} }}`"
        );
        let zh = format!(
            "`same_person_as` 须跟随已加密的身份证号列，而列 `{id}` 不是；请写 `{id}: {{ sample: {{ fpe: {{ domain: resident-id }} }} }}`"
        );
        reader.fault(FaultKind::Rule, place, en, zh);
    }
    let (name, found) = (&column.name, column.column_type);
    let birth_date = person_part(same, found) == Some(PersonPart::BirthDate);
    match (found, birth_date, &same.words) {
        (ColumnType::Date | ColumnType::Timestamp | ColumnType::Text, true, None)
        | (ColumnType::Text, false, _)
        | (ColumnType::Integer | ColumnType::Boolean, false, Some(_)) => {}
        (_, true, Some(_)) => {
            let en = format!("column `{name}` is a birth date; remove `male` and `female`");
            let zh = format!("列 `{name}` 为出生日期；请删去 `male` 与 `female`");
            reader.fault(FaultKind::Rule, place, en, zh);
        }
        (ColumnType::Integer | ColumnType::Boolean, false, None) => {
            let en = format!(
                "column `{name}` is {found}; write how it tells the sexes apart, for example `male: 1, female: 2`"
            );
            let zh =
                format!("列 `{name}` 的类型为 {found}；请写性别取值，例如 `male: 1, female: 2`");
            reader.fault(FaultKind::Rule, place, en, zh);
        }
        _ => {
            let en = format!(
                "column `{name}` is {found}; `same_person_as` is for birth dates of type date, timestamp or text and sexes of type text, integer or boolean"
            );
            let zh = format!(
                "列 `{name}` 的类型为 {found}；`same_person_as` 只用于 date、timestamp、text 型的出生日期与 text、integer、boolean 型的性别"
            );
            reader.fault(FaultKind::Rule, place, en, zh);
        }
    }
}

/// What a column of this type says of the person.
fn person_part(same: &SamePerson, column: ColumnType) -> Option<PersonPart> {
    same.part.or(match column {
        ColumnType::Date | ColumnType::Timestamp => Some(PersonPart::BirthDate),
        _ => Some(PersonPart::Sex),
    })
}

fn encrypts_resident_ids(column: Option<&ColumnPolicy>) -> bool {
    let sample = column.and_then(|column| column.sample.as_ref());
    matches!(
        sample.map(|sample| &sample.technique),
        Some(Technique::Fpe(Fpe {
            domain: FpeDomain::ResidentId(_),
            ..
        }))
    )
}

/// Refuses shifted dates wherever a birth date of the same unit is released: birth dates are known to many, and one
/// known date beside its shifted self, or beside an event of birth, gives away the shift of all the others.
pub(super) fn check_birth_dates(
    reader: &mut Reader,
    policy: &ScenarioPolicy,
    schemas: &[DatasetSchema],
) {
    let of = |dataset: &DatasetPolicy| {
        schemas
            .iter()
            .find(|schema| *schema.dataset() == dataset.id)
    };
    let found: Vec<_> = policy
        .datasets
        .iter()
        .filter_map(|dataset| Some((dataset, of(dataset)?)))
        .collect();
    for (dataset, schema) in &found {
        let birth = found
            .iter()
            .filter(|(_, other)| dataset_joins(schema, other))
            .find_map(|(dataset, schema)| Some((dataset, released_birth_date(dataset, schema)?)));
        let Some((of, birth)) = birth else { continue };
        for column in &dataset.columns {
            if let Some(sample) = column.sample.as_ref()
                && matches!(sample.technique, Technique::DateShift(_))
            {
                let en = format!(
                    "column `{}` cannot be under date_shift while the birth date `{birth}` of `{}` is released, which gives the shift away; release `{birth}` as null, redact or `fpe: {{ same_person_as: … }}`, or generalize the dates instead",
                    column.name, of.id
                );
                let zh = format!(
                    "`{}` 的出生日期 `{birth}` 已发布，会暴露偏移量，列 `{}` 不能用 date_shift；请将 `{birth}` 改为 null、redact 或 `fpe: {{ same_person_as: … }}`，或改用 generalize",
                    of.id, column.name
                );
                reader.fault(FaultKind::Rule, sample.place, en, zh);
            }
        }
    }
}

/// Whether rows of two data sets can be told to be of one unit.
fn dataset_joins(one: &DatasetSchema, other: &DatasetSchema) -> bool {
    one.dataset() == other.dataset()
        || one
            .units()
            .iter()
            .any(|unit| other.unit(unit.name.as_str()).is_some())
}

/// A birth date that says something of the day.
fn released_birth_date<'d>(
    dataset: &'d DatasetPolicy,
    schema: &DatasetSchema,
) -> Option<&'d ColumnName> {
    let mut released = dataset.columns.iter().filter(|listed| {
        let sample = listed.sample.as_ref();
        sample.is_some_and(|sample| !sample.technique.hides_the_day())
    });
    let is_birth_date = |listed: &&ColumnPolicy| {
        let column = schema.column(listed.name.as_str());
        column.is_some_and(|column| {
            matches!(
                column.column_type,
                ColumnType::Date | ColumnType::Timestamp | ColumnType::Text
            ) && names_birth(listed.name.as_str())
        })
    };
    released.find(is_birth_date).map(|listed| &listed.name)
}

pub(super) fn names_birth(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    BIRTH_DATE_NAMES.iter().any(|part| plain.contains(part))
}

/// All techniques of a data set that see rows together see as many, so that none of them is left with a few at an end.
pub(super) fn check_rows_at_once(reader: &mut Reader, dataset: &DatasetPolicy) {
    let mut first = None;
    for column in &dataset.columns {
        let Some(sample) = &column.sample else {
            continue;
        };
        let rows = match &sample.technique {
            Technique::Swap(swap) => swap.rows,
            Technique::Microaggregate(groups) => groups.rows,
            _ => continue,
        };
        let wanted = *first.get_or_insert(rows);
        if wanted != rows {
            let en = format!(
                "column `{}` sees {rows} rows together and another of `{}` sees {wanted}; write the same `rows`",
                column.name, dataset.id
            );
            let zh = format!(
                "列 `{}` 每次处理 {rows} 行，而 `{}` 的另一列为 {wanted} 行；`rows` 请写成相同",
                column.name, dataset.id
            );
            reader.fault(FaultKind::Rule, sample.place, en, zh);
        }
    }
}
