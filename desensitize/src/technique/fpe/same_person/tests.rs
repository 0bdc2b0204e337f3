//! The columns of one person agree after encryption as before it, whatever is kept and however they are written.

use arrow::{
    array::{BooleanArray, Date32Array, Int64Array, StringArray, TimestampMicrosecondArray},
    datatypes::Field,
};
use proptest::prelude::*;

use super::*;
use crate::{
    ColumnKey, ColumnRecipe, Fpe, Mode, OnBroken, Technique, Transform,
    resident_id::{Domain, Kept, Part, ResidentId, check_character},
};

fn key() -> ColumnKey {
    ColumnKey::from([9; 32])
}

fn recipe(parts: &[Part]) -> FpeResidentId {
    FpeResidentId {
        mode: Mode::Valid,
        ..FpeResidentId::marked(Kept::from_parts(parts.iter().copied()))
    }
}

fn sex(male: &str, female: &str) -> PersonPart {
    PersonPart::Sex {
        male: male.to_owned(),
        female: female.to_owned(),
    }
}

fn technique(part: PersonPart, recipe: FpeResidentId) -> Technique {
    Technique::Fpe(Fpe::SamePerson(SamePerson {
        id: "id".to_owned(),
        part,
        recipe,
    }))
}

/// A column rewritten beside ids.
fn beside(
    part: PersonPart,
    recipe: FpeResidentId,
    column: &dyn Array,
    ids: &StringArray,
) -> ArrayRef {
    let field = Field::new("c", column.data_type().clone(), true);
    let recipe = ColumnRecipe::new("c", technique(part, recipe));
    let transform = Transform::compile(&recipe, &field, Some(&key())).unwrap();
    assert_eq!(recipe.companion(), Some("id"));
    transform.apply_beside(column, ids, 1).unwrap().0
}

fn surrogates(recipe: FpeResidentId, ids: &StringArray) -> Vec<Option<ResidentId>> {
    let field = Field::new("id", DataType::Utf8, true);
    let recipe = ColumnRecipe::new("id", Technique::Fpe(Fpe::ResidentId(recipe)));
    let transform = Transform::compile(&recipe, &field, Some(&key())).unwrap();
    let (out, _) = transform.apply(ids, 1).unwrap();
    let read = |text: Option<&str>| text.map(|text| ResidentId::parse(text).unwrap());
    out.as_string::<i32>().iter().map(read).collect()
}

fn any_id() -> impl Strategy<Value = Option<String>> {
    let region = prop::sample::select(Domain::regions());
    let digits = (region, 1900u32..=2049, 1u32..=12, 1u32..=28, 1u32..=999);
    let id = digits.prop_map(|(region, year, month, day, sequence)| {
        let digits = format!("{region}{year}{month:02}{day:02}{sequence:03}");
        let check = check_character(digits.as_bytes().try_into().unwrap());
        format!("{digits}{}", char::from(check))
    });
    prop_oneof![8 => id.prop_map(Some), 1 => Just(None), 1 => Just(Some("none".to_owned()))]
}

fn any_parts() -> impl Strategy<Value = Vec<Part>> {
    prop::sample::select(vec![
        vec![],
        vec![Part::Province, Part::Sex],
        vec![Part::County, Part::BirthBand, Part::Sex],
        vec![Part::Province, Part::BirthYear, Part::Sex],
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn birth_and_sex_say_what_the_surrogate_says(
        ids in prop::collection::vec(any_id(), 0..12), parts in any_parts(), held in prop::collection::vec(any::<bool>(), 12),
    ) {
        let recipe = recipe(&parts);
        let ids = StringArray::from(ids);
        let expect: Vec<_> = surrogates(recipe, &ids).into_iter().zip(&held)
            .map(|(surrogate, held)| surrogate.filter(|_| *held)).collect();
        let rows = |row: usize| held[row].then_some(row);
        let born = |find: fn(ResidentId) -> i64| expect.iter().map(|id| id.map(find)).collect::<Vec<_>>();

        let days = Date32Array::from_iter((0..ids.len()).map(|row| rows(row).map(|_| 0)));
        let out = beside(PersonPart::BirthDate, recipe, &days, &ids);
        let found = out.as_primitive::<Date32Type>().iter().map(|day| day.map(i64::from)).collect::<Vec<_>>();
        prop_assert_eq!(found, born(|id| i64::from(id.birth_day())));

        let instants = TimestampMicrosecondArray::from_iter((0..ids.len()).map(|row| rows(row).map(|_| 12_345)));
        let out = beside(PersonPart::BirthDate, recipe, &instants, &ids);
        let found = out.as_primitive::<TimestampMicrosecondType>().iter().collect::<Vec<_>>();
        prop_assert_eq!(found, born(|id| i64::from(id.birth_day()) * 86_400_000_000));

        let numbers = Int64Array::from_iter((0..ids.len()).map(|row| rows(row).map(|row| 1 + row as i64 % 2)));
        let out = beside(sex("1", "2"), recipe, &numbers, &ids);
        let found = out.as_primitive::<Int64Type>().iter().collect::<Vec<_>>();
        prop_assert_eq!(found, born(|id| if id.is_male() { 1 } else { 2 }));

        let booleans = BooleanArray::from_iter((0..ids.len()).map(|row| rows(row).map(|row| row % 2 == 0)));
        let out = beside(sex("false", "true"), recipe, &booleans, &ids);
        let found = out.as_boolean().iter().map(|value| value.map(i64::from)).collect::<Vec<_>>();
        prop_assert_eq!(found, born(|id| i64::from(!id.is_male())));

        let words = StringArray::from_iter((0..ids.len()).map(|row| rows(row).map(|row| if row % 2 == 0 { "男" } else { "女" })));
        let out = beside(sex("男", "女"), recipe, &words, &ids);
        let found = out.as_string::<i32>().iter().map(|word| word.map(|word| i64::from(word == "男"))).collect::<Vec<_>>();
        prop_assert_eq!(found, born(|id| i64::from(id.is_male())));
    }

    #[test]
    fn kept_parts_are_those_of_the_original(id in any_id()) {
        let ids = StringArray::from(vec![id.clone()]);
        let dates = StringArray::from(vec!["1949-12-31"]);
        let keep = recipe(&[Part::Province, Part::BirthYear, Part::Sex]);
        let out = beside(PersonPart::BirthDate, keep, &dates, &ids);
        let original = id.and_then(|id| ResidentId::parse(&id).ok());
        let surrogate = surrogates(keep, &ids)[0];
        prop_assert_eq!(out.is_null(0), surrogate.is_none());
        if let Some((original, surrogate)) = original.zip(surrogate) {
            let (year, month, day) = surrogate.birth_date();
            prop_assert_eq!(out.as_string::<i32>().value(0), format!("{year}-{month:02}-{day:02}"));
            prop_assert_eq!(year, original.birth_date().0);
        }
    }

    #[test]
    fn any_text_is_a_date_or_broken(text in "\\PC{0,12}") {
        let found = Separator::of(&text);
        prop_assert!(found.is_none() || text.is_ascii());
    }
}

const ID: &str = "11010519491231002X";

#[test]
fn dates_in_text_keep_their_spelling() {
    let ids = StringArray::from(vec![ID; 9]);
    let dates = StringArray::from(vec![
        "19491231",
        "1949-12-31",
        "1949/12/31",
        "1949.12.31",
        "1949-02-30",
        "49-12-31",
        "1949-12/31",
        "1949-1-1",
        "",
    ]);
    let whole = recipe(&[]);
    let out = beside(PersonPart::BirthDate, whole, &dates, &ids);
    let found: Vec<_> = out.as_string::<i32>().iter().collect();
    let (year, month, day) = surrogates(whole, &ids)[0].unwrap().birth_date();
    let written = ["", "-", "/", "."].map(|by| format!("{year}{by}{month:02}{by}{day:02}"));
    let expect: Vec<_> = written
        .iter()
        .map(|date| Some(date.as_str()))
        .chain([None; 5])
        .collect();
    assert_eq!(found, expect);
}

#[test]
fn a_sex_that_is_neither_is_broken_and_counted() {
    let field = Field::new("c", DataType::Utf8, true);
    let mut recipe = ColumnRecipe::new("c", technique(sex("男", "女"), recipe(&[])));
    recipe.on_broken = Some(OnBroken::Redact);
    let transform = Transform::compile(&recipe, &field, Some(&key())).unwrap();
    let (ids, sexes) = (
        StringArray::from(vec![ID, "1", ID]),
        StringArray::from(vec!["未知", "男", "女"]),
    );
    let (out, counts) = transform.apply_beside(&sexes, &ids, 1).unwrap();
    let out: Vec<_> = out.as_string::<i32>().iter().flatten().collect();
    assert_eq!((&out[..2], counts.broken), (&[crate::REDACTED; 2][..], 2));
    assert!(transform.reverse("男").is_err());
    assert!(transform.apply(&sexes, 1).is_err());
}

#[test]
fn what_does_not_fit_is_refused() {
    let check = |part: PersonPart, data_type: DataType, expect: &str| {
        let field = Field::new("c", data_type, true);
        let recipe = ColumnRecipe::new("c", technique(part, recipe(&[])));
        let refused = Transform::compile(&recipe, &field, Some(&key())).unwrap_err();
        assert_eq!(refused.to_string(), expect);
    };
    check(
        PersonPart::BirthDate,
        DataType::Int64,
        "column `c`: `fpe` works on dates, timestamps and text (Date32, Timestamp(µs), Utf8), not on Int64; use `redact`",
    );
    check(
        sex("男", "女"),
        DataType::Int64,
        "column `c`: `fpe` needs `male` and `female` as integers in a column of that type",
    );
    check(
        sex("1", "1"),
        DataType::Utf8,
        "column `c`: `fpe` writes both sexes alike; give `male` and `female` words of their own",
    );
    let small = recipe(&[Part::County, Part::BirthYear]);
    let field = Field::new("c", DataType::Date32, true);
    let recipe = ColumnRecipe::new("c", technique(PersonPart::BirthDate, small));
    assert!(Transform::compile(&recipe, &field, Some(&key())).is_err());
}

/// The separator of a date by spelling it again and comparing.
fn plain_separator(text: &str) -> Option<Separator> {
    let separator = text.chars().nth(4)?;
    let (digits, separator) = match separator {
        '-' | '/' | '.' => (text.replace(separator, ""), Some(separator)),
        _ => (text.to_owned(), None),
    };
    let number = |from: usize, to: usize| -> Option<u32> {
        let digits = digits.get(from..to)?;
        let all = digits.bytes().all(|digit| digit.is_ascii_digit());
        all.then(|| digits.parse().ok())?
    };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let by = separator.map_or(String::new(), String::from);
    let spelled = format!("{year:04}{by}{month:02}{by}{day:02}") == text;
    let found = Separator(separator.map(|separator| separator as u8));
    (spelled && is_day(i64::from(year), month, day)).then_some(found)
}

proptest! {
    #[test]
    fn dates_in_text_are_read_as_the_plain_way_does(
        year in 0u32..=9_999, month in 0u32..=13, day in 0u32..=32, by in prop::sample::select(vec!["", "-", "/", ".", "_"]),
        other in prop::sample::select(vec!["", "-", "/"]), same in prop::bool::weighted(0.8), any in any::<String>(),
    ) {
        let second = if same { by } else { other };
        let date = format!("{year:04}{by}{month:02}{second}{day:02}");
        for text in [date.as_str(), date.trim_start_matches('0'), &date.replace('1', "１"), &any] {
            prop_assert_eq!(Separator::of(text), plain_separator(text), "{}", text);
        }
    }
}
