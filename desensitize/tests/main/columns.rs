//! Columns of every type of the contract, and every technique, for the other modules.

use std::{collections::BTreeSet, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
        StringArray, TimestampMicrosecondArray, UInt64Array,
    },
    datatypes::{DataType, Field, TimeUnit},
};
use desensitize::{
    Bound, Bucket, BucketEdges, Centre, ColumnKey, ColumnRecipe, Constant, Counts, DateShift,
    Distribution, Fault, Fpe, FpeDigits, FpeIdentifier, FpeResidentId, Generalize, Identifier,
    Mask, MaskKind, Microaggregate, Mode, Noise, Period, PersonPart, RegionLevel, Replacement,
    Round, SamePerson, Scrub, ScrubFormat, Swap, Technique, Token, TopBottom, Transform, Truncate,
    TruncateTo, Unsuitable,
    ff1::Cipher,
    hierarchy::Hierarchy,
    resident_id::{Domain, Kept, Part},
};
use proptest::prelude::*;

/// A key that is the same in every test.
pub(crate) fn key() -> ColumnKey {
    ColumnKey::from([0x5a; 32])
}

pub(crate) fn types() -> Vec<DataType> {
    vec![
        DataType::Utf8,
        DataType::Int64,
        DataType::Float64,
        DataType::Decimal128(12, 2),
        DataType::Date32,
        DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Boolean,
    ]
}

/// At least one of every technique, its parameters as a policy might have them.
pub(crate) fn techniques() -> Vec<Technique> {
    let constant = |value: &str| {
        Technique::Constant(Constant {
            value: value.to_owned(),
        })
    };
    let kept = Kept::from_parts([Part::Prefecture, Part::BirthBand, Part::Sex]);
    vec![
        Technique::Keep,
        Technique::Mask(Mask::name()),
        Technique::Mask(Mask {
            first: 2,
            last: 1,
            keep_length: true,
            ..Mask::name()
        }),
        Technique::Mask(Mask::mobile()),
        Technique::Mask(Mask::identifier(Identifier::CreditCode)),
        Technique::Mask(Mask::identifier(Identifier::Email)),
        Technique::Mask(Mask {
            kind: MaskKind::Text,
            first: 1,
            last: 3,
            keep_length: false,
        }),
        Technique::Redact,
        Technique::Null,
        constant("1"),
        constant("2026-02-01"),
        constant("2026-02-01T08:00:00"),
        constant("true"),
        Technique::Round(Round { to: 10.into() }),
        Technique::Round(Round {
            to: "0.25".parse().unwrap(),
        }),
        Technique::Generalize(Generalize::Year),
        Technique::Generalize(Generalize::Month),
        Technique::Generalize(Generalize::Decade),
        Technique::Generalize(Generalize::Quarter),
        Technique::Generalize(Generalize::Week),
        Technique::Generalize(Generalize::Day),
        Technique::Generalize(Generalize::Hour),
        Technique::Generalize(Generalize::Age { years: 5 }),
        Technique::Generalize(Generalize::Region(RegionLevel::Prefecture)),
        Technique::Generalize(Generalize::Grid { decimals: 1 }),
        hierarchy("650102;6501;*\n650103;6501;*\n659001;6590;*\n"),
        hierarchy("1970-01-01;1970\n1971-01-01;1971\n*;1970\n"),
        hierarchy("nurse;health\nteacher;school\n*;school\n"),
        Technique::Bucket(Bucket {
            edges: BucketEdges::Width {
                width: 5.into(),
                origin: (-3).into(),
            },
        }),
        Technique::Bucket(Bucket {
            edges: BucketEdges::Edges(vec![0.into(), "17.5".parse().unwrap(), 60.into()]),
        }),
        Technique::TopBottom(TopBottom {
            bottom: Some(Bound::Number(0.into())),
            top: Some(Bound::Number(90.into())),
        }),
        Technique::TopBottom(TopBottom {
            bottom: Some(Bound::Date(-25_567)),
            top: None,
        }),
        Technique::TopBottom(TopBottom {
            bottom: None,
            top: Some(Bound::Timestamp(0)),
        }),
        Technique::HashDrop,
        noise(Distribution::Laplace, "5", None),
        noise(Distribution::Gaussian, "0.5", Some("e")),
        Technique::Noise(Noise {
            distribution: Distribution::Uniform,
            scale: 3.into(),
            bounds: Some((0.into(), 120.into())),
            domain: "noise".to_owned(),
            entity: None,
        }),
        Technique::Swap(Swap {
            rows: 20,
            domain: "swap".to_owned(),
        }),
        Technique::Microaggregate(Microaggregate {
            k: 3,
            method: Centre::Mean,
            rows: 16,
        }),
        Technique::Microaggregate(Microaggregate {
            k: 4,
            method: Centre::Median,
            rows: 4096,
        }),
        Technique::DateShift(DateShift {
            entity: "e".to_owned(),
            days: 30,
            domain: "dates".to_owned(),
        }),
        Technique::Truncate(Truncate {
            to: TruncateTo::Graphemes(3),
        }),
        Technique::Truncate(Truncate {
            to: TruncateTo::Multiple(100.into()),
        }),
        Technique::Truncate(Truncate {
            to: TruncateTo::Period(Period::Month),
        }),
        Technique::Token(Token::text()),
        Technique::Token(Token::resident_id()),
        Technique::Fpe(Fpe::Identifier(FpeIdentifier::marked(Identifier::Landline))),
        Technique::Fpe(Fpe::Identifier(FpeIdentifier::valid(
            Identifier::CreditCode,
        ))),
        Technique::Fpe(Fpe::Digits(FpeDigits {
            keep_first: 1,
            keep_last: 1,
            ..FpeDigits::new("account")
        })),
        Technique::Fpe(Fpe::ResidentId(FpeResidentId::marked(kept))),
        same_person(PersonPart::BirthDate),
        same_person(PersonPart::Sex {
            male: "true".to_owned(),
            female: "false".to_owned(),
        }),
        same_person(PersonPart::Sex {
            male: "1".to_owned(),
            female: "2".to_owned(),
        }),
        Technique::Fpe(Fpe::ResidentId(FpeResidentId {
            mode: Mode::Valid,
            ..FpeResidentId::marked(Kept::default())
        })),
        Technique::Mask(Mask::surname()),
        Technique::Token(Token::name()),
    ]
    .into_iter()
    .chain(scrubs())
    .chain(identifiers())
    .collect()
}

/// Free text and JSON, with every replacement.
fn scrubs() -> impl Iterator<Item = Technique> {
    let formats = [ScrubFormat::Text, ScrubFormat::Json];
    let with = [Replacement::Mask, Replacement::Token, Replacement::Redact];
    let each = move |format| with.into_iter().map(move |with| Scrub { format, with });
    formats.into_iter().flat_map(each).map(Technique::Scrub)
}

/// Every identifier masked, as a token, and encrypted.
fn identifiers() -> impl Iterator<Item = Technique> {
    Identifier::ALL.into_iter().flat_map(|identifier| {
        [
            Technique::Mask(Mask::identifier(identifier)),
            Technique::Token(Token::identifier(identifier)),
            Technique::Fpe(Fpe::Identifier(FpeIdentifier::marked(identifier))),
            Technique::Fpe(Fpe::Identifier(FpeIdentifier {
                cipher: Cipher::Sm4,
                ..FpeIdentifier::valid(identifier)
            })),
        ]
    })
}

/// A new technique breaks this match, so that it is not forgotten above.
#[test]
fn every_technique_is_tried() {
    let place = |technique: &Technique| match technique {
        Technique::Keep => 0,
        Technique::Mask(_) => 1,
        Technique::Redact => 2,
        Technique::Null => 3,
        Technique::Constant(_) => 4,
        Technique::Truncate(_) => 5,
        Technique::Round(_) => 6,
        Technique::Bucket(_) => 7,
        Technique::TopBottom(_) => 8,
        Technique::DateShift(_) => 9,
        Technique::Generalize(_) => 10,
        Technique::Noise(_) => 11,
        Technique::Swap(_) => 12,
        Technique::Microaggregate(_) => 13,
        Technique::HashDrop => 14,
        Technique::Scrub(_) => 15,
        Technique::Token(_) => 16,
        Technique::Fpe(_) => 17,
    };
    let tried: BTreeSet<usize> = techniques().iter().map(place).collect();
    assert!(tried.into_iter().eq(0..18));
}

fn noise(distribution: Distribution, scale: &str, entity: Option<&str>) -> Technique {
    Technique::Noise(Noise {
        distribution,
        scale: scale.parse().unwrap(),
        bounds: None,
        domain: "noise".to_owned(),
        entity: entity.map(str::to_owned),
    })
}

fn hierarchy(text: &str) -> Technique {
    Technique::Generalize(Generalize::Hierarchy {
        hierarchy: Arc::new(Hierarchy::parse(text).unwrap()),
        level: 1,
    })
}

fn same_person(part: PersonPart) -> Technique {
    Technique::Fpe(Fpe::SamePerson(SamePerson {
        id: "e".to_owned(),
        part,
        recipe: FpeResidentId::marked(Kept::default()),
    }))
}

/// Texts of the kind that techniques look for, and arbitrary ones.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,12}",
        "[0-9０-９ ]{0,20}",
        "(\\+?86)?1[3-9][0-9]{9}",
        "[\\x{4e00}-\\x{9fff}]{1,4}([·•・\u{2027}][\\x{4e00}-\\x{9fff}]{0,4}){0,3}",
        "[\\x{620}-\\x{6ff}\u{200c}\u{200f}\u{2067}\u{2069} ]{0,8}",
        "[a\\x{300}-\\x{36f}]{0,40}",
        resident_id(),
        near_an_identifier(),
        long_text(),
    ]
}

/// One identifier of every kind, in the order of the design; the twins beside the code have more of each.
const EXAMPLES: [&str; 18] = [
    "11010519491231002X",
    "91440300MA5H8REU3K",
    "MA5H8REU3",
    "110108MA01G0FB0X",
    "6222021234567890",
    "+86 139-1234-5678",
    "(0991)2345678-801",
    "新A·D12345",
    "E12345678",
    "H12345678",
    "12345678",
    "LSVAM4187C2184847",
    "490154203237518",
    "830000",
    "li.ming@example.com",
    "2001:db8::1",
    "00:1A:2B:3C:4D:5E",
    "43.8256,87.6168",
];

/// An identifier as it is written, with a character more, less or another, in full width, or inside a sentence.
fn near_an_identifier() -> impl Strategy<Value = String> {
    let example = proptest::sample::select(EXAMPLES.to_vec());
    (example, any::<prop::sample::Index>(), any::<char>(), 0u8..6).prop_map(
        |(example, place, character, change)| {
            let mut text: Vec<char> = example.chars().collect();
            let place = place.index(text.len());
            match change {
                0 => text.insert(place, character),
                1 => drop(text.remove(place)),
                2 => text[place] = character,
                3 => text[place] = wide(text[place]),
                4 => return format!("电话{example}，{character}{example}{character}"),
                _ => {}
            }
            text.into_iter().collect()
        },
    )
}

/// The full-width twin of a character of ASCII.
fn wide(character: char) -> char {
    match character {
        '!'..='~' => char::from_u32(u32::from(character) + 0xFEE0).unwrap(),
        other => other,
    }
}

/// Texts longer than any identifier, of one repeated piece: lengths are where buffers end.
fn long_text() -> impl Strategy<Value = String> {
    let pieces = vec![
        "1",
        "一",
        "é",
        "e\u{301}",
        "👩‍👩‍👧‍👦",
        "139 ",
        "\"",
        "\u{202E}",
        "A1-",
        "0.1,",
    ];
    (proptest::sample::select(pieces), 0usize..1_200).prop_map(|(piece, times)| piece.repeat(times))
}

/// Valid ids of the domain.
pub(crate) fn resident_id() -> impl Strategy<Value = String> {
    let region = proptest::sample::select(Domain::regions());
    (region, 1900u32..=2049, 1u32..=12, 1u32..=28, 1u32..=999).prop_map(
        |(region, year, month, day, sequence)| {
            let digits = format!("{region}{year:04}{month:02}{day:02}{sequence:03}");
            format!("{digits}{}", check_character(&digits))
        },
    )
}

/// GB 11643's check character by the other road, ISO 7064's recursion: `p = (p + digit) · 2 mod 11`.
pub(crate) fn check_character(digits: &str) -> char {
    let product = digits.bytes().fold(0, |product, digit| {
        (product + u32::from(digit - b'0')) * 2 % 11
    });
    match (12 - product) % 11 {
        10 => 'X',
        value => char::from_digit(value, 10).unwrap(),
    }
}

/// Whether a text is an id with its right check character, by this module's own rule.
pub(crate) fn is_valid_id(text: &str) -> bool {
    text.len() == 18
        && text.is_ascii()
        && text[..17].bytes().all(|digit| digit.is_ascii_digit())
        && text.ends_with(check_character(&text[..17]))
}

/// A column of a type; nulls only where it is nullable.
pub(crate) fn column(data_type: DataType, nullable: bool) -> BoxedStrategy<ArrayRef> {
    let share = if nullable { 0.7 } else { 1.0 };
    match data_type {
        DataType::Utf8 => cells(any_text(), share, |cells| {
            Arc::new(StringArray::from(cells))
        }),
        DataType::Int64 => cells(any::<i64>(), share, |cells| {
            Arc::new(Int64Array::from(cells))
        }),
        DataType::Float64 => {
            let special = prop::sample::select(vec![
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::MAX,
                f64::MIN,
                -0.0,
            ]);
            let floats = prop_oneof![4 => any::<f64>(), 4 => -1e6f64..1e6, 1 => special];
            cells(floats, share, |cells| Arc::new(Float64Array::from(cells)))
        }
        DataType::Decimal128(precision, scale) => {
            let limit = 10i128.pow(u32::from(precision)) - 1;
            cells(-limit..=limit, share, move |cells| {
                Arc::new(
                    Decimal128Array::from(cells)
                        .with_precision_and_scale(precision, scale)
                        .unwrap(),
                )
            })
        }
        DataType::Date32 => cells(any::<i32>(), share, |cells| {
            Arc::new(Date32Array::from(cells))
        }),
        DataType::Timestamp(..) => cells(any::<i64>(), share, |cells| {
            Arc::new(TimestampMicrosecondArray::from(cells))
        }),
        _ => cells(any::<bool>(), share, |cells| {
            Arc::new(BooleanArray::from(cells))
        }),
    }
}

fn cells<T: Clone + std::fmt::Debug + 'static>(
    cell: impl Strategy<Value = T> + 'static,
    share: f64,
    build: impl Fn(Vec<Option<T>>) -> ArrayRef + 'static,
) -> BoxedStrategy<ArrayRef> {
    let cell =
        (cell, prop::bool::weighted(share)).prop_map(|(cell, present)| present.then_some(cell));
    // A slice of a longer column, as batches often are.
    (prop::collection::vec(cell, 0..24), 0usize..4)
        .prop_map(move |(cells, skip)| {
            let whole = build(cells);
            let skip = skip.min(whole.len());
            whole.slice(skip, whole.len() - skip)
        })
        .boxed()
}

/// Compiles with the tests' key.
pub(crate) fn compile(
    recipe: &ColumnRecipe,
    data_type: &DataType,
    nullable: bool,
) -> Result<Transform, Unsuitable> {
    Transform::compile(
        recipe,
        &Field::new(&recipe.column, data_type.clone(), nullable),
        Some(&key()),
    )
}

/// Applies to a column, beside an invented companion where the technique reads one: every third row begins another
/// entity, and none is null.
pub(crate) fn apply(
    transform: &Transform,
    column: &dyn Array,
    first_row: u64,
) -> Result<(ArrayRef, Counts), Fault> {
    if transform.technique().companion().is_none() {
        return transform.apply(column, first_row);
    }
    let entities = (0u64..).take(column.len()).map(|row| row / 3);
    let numbers = UInt64Array::from_iter_values(entities.clone());
    match transform.apply_beside(column, &numbers, first_row) {
        Err(Fault::CompanionType { .. }) => {
            let texts = StringArray::from_iter_values(entities.map(person));
            transform.apply_beside(column, &texts, first_row)
        }
        other => other,
    }
}

/// The resident id of a numbered person.
fn person(number: u64) -> String {
    let digits = format!("11010519491231{:03}", number % 999 + 1);
    format!("{digits}{}", check_character(&digits))
}

/// Texts through one technique under the tests' key, in a nullable column.
pub(crate) fn texts(
    recipe: &ColumnRecipe,
    values: &[&str],
) -> Result<(Vec<Option<String>>, Counts), Fault> {
    let column = StringArray::from(values.to_vec());
    let (rewritten, counts) = compile(recipe, &DataType::Utf8, true)
        .unwrap()
        .apply(&column, 1)?;
    let rewritten = rewritten
        .as_any()
        .downcast_ref::<StringArray>()
        .unwrap()
        .clone();
    Ok((
        rewritten
            .iter()
            .map(|text| text.map(str::to_owned))
            .collect(),
        counts,
    ))
}

/// A recipe for a column named `c`.
pub(crate) fn recipe(technique: Technique) -> ColumnRecipe {
    ColumnRecipe::new("c", technique)
}
