//! Whole tables: nothing unnamed passes, and a batch of another table is refused.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array, StringArray},
    datatypes::{DataType, Field, Schema},
    record_batch::RecordBatch,
};
use desensitize::{
    ColumnKey, ColumnRecipe, Fault, Mask, Round, TECHNIQUE_METADATA, TableRecipe, Technique, Token,
    Unsuitable,
};

fn schema() -> Schema {
    let secret = [("hint".to_owned(), "max=李明".to_owned())];
    Schema::new(vec![
        Field::new("name", DataType::Utf8, false).with_metadata(secret.into()),
        Field::new("amount", DataType::Int64, true),
    ])
}

fn recipes() -> Vec<ColumnRecipe> {
    vec![
        ColumnRecipe::new("amount", Technique::Round(Round { to: 100.into() })),
        ColumnRecipe::new("name", Technique::Mask(Mask::name())),
    ]
}

fn compile(recipes: &[ColumnRecipe]) -> Result<TableRecipe, Unsuitable> {
    TableRecipe::compile(recipes, &schema(), |_| ColumnKey::from([1; 32]))
}

fn batch(names: Vec<&str>, amounts: Vec<Option<i64>>) -> RecordBatch {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(names)),
        Arc::new(Int64Array::from(amounts)),
    ];
    RecordBatch::try_new(Arc::new(schema()), columns).unwrap()
}

#[test]
fn every_column_goes_through_its_technique_in_the_tables_order() {
    let table = compile(&recipes()).unwrap();
    let (masked, counts) = table
        .apply(&batch(vec!["李明", "王小红"], vec![Some(149), None]), 1)
        .unwrap();
    let expect: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec!["李***", "王***"])),
        Arc::new(Int64Array::from(vec![Some(100), None])),
    ];
    assert_eq!(masked.batch().columns(), expect);
    assert_eq!(
        counts
            .iter()
            .map(|counts| (counts.rows, counts.nulls))
            .collect::<Vec<_>>(),
        [(2, 0), (2, 1)]
    );
    let out = masked.into_batch().schema();
    assert_eq!(
        out.field(0)
            .metadata()
            .get(TECHNIQUE_METADATA)
            .map(String::as_str),
        Some("mask name first 1 last 0")
    );
    assert_eq!(
        out.field(0).metadata().len(),
        1,
        "the source's metadata may describe raw values"
    );
    assert_eq!(out.field(0).data_type(), &DataType::Utf8);
}

#[test]
fn a_column_has_exactly_one_recipe() {
    let refused = |recipes: &[ColumnRecipe]| compile(recipes).unwrap_err();
    let mut twice = recipes();
    twice.push(ColumnRecipe::new("name", Technique::Redact));
    assert_eq!(
        refused(&twice),
        Unsuitable::TwoRecipes {
            column: "name".to_owned()
        }
    );
    assert_eq!(
        refused(&recipes()[..1]),
        Unsuitable::NoRecipe {
            column: "name".to_owned()
        }
    );
    let mut stray = recipes();
    stray.push(ColumnRecipe::new("nmae", Technique::Redact));
    assert_eq!(
        refused(&stray),
        Unsuitable::NoColumn {
            column: "nmae".to_owned()
        }
    );
}

#[test]
fn keys_are_asked_for_by_domain_and_only_where_needed() {
    let mut asked = Vec::new();
    let recipes = [
        ColumnRecipe::new("name", Technique::Token(Token::text())),
        ColumnRecipe::new("amount", Technique::Keep),
    ];
    TableRecipe::compile(&recipes, &schema(), |domain| {
        asked.push(domain.to_owned());
        ColumnKey::from([1; 32])
    })
    .unwrap();
    assert_eq!(asked, ["text"]);
}

#[test]
fn a_batch_of_another_table_is_refused() {
    let table = compile(&recipes()).unwrap();
    let good = batch(vec!["李明"], vec![Some(1)]);
    assert_eq!(
        table.apply(&good.project(&[1, 0]).unwrap(), 1).unwrap_err(),
        Fault::Columns { position: 0 }
    );
    assert_eq!(
        table.apply(&good.project(&[0]).unwrap(), 1).unwrap_err(),
        Fault::Columns { position: 1 }
    );
    let other = Schema::new(vec![
        Field::new("name", DataType::Utf8, false),
        Field::new("amount", DataType::Utf8, true),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec!["李明"])),
        Arc::new(StringArray::from(vec!["1"])),
    ];
    let other = RecordBatch::try_new(Arc::new(other), columns).unwrap();
    assert!(
        matches!(table.apply(&other, 1), Err(Fault::ColumnType { column, .. }) if column == "amount")
    );
    let nullable = Schema::new(vec![
        Field::new("name", DataType::Utf8, true),
        Field::new("amount", DataType::Int64, true),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![None::<&str>])),
        Arc::new(Int64Array::from(vec![1])),
    ];
    let nullable = RecordBatch::try_new(Arc::new(nullable), columns).unwrap();
    assert_eq!(
        table.apply(&nullable, 1).unwrap_err(),
        Fault::UnexpectedNull {
            column: "name".to_owned(),
            nulls: 1
        }
    );
}

#[test]
fn an_empty_batch_keeps_its_columns() {
    let (masked, counts) = compile(&recipes())
        .unwrap()
        .apply(&batch(vec![], vec![]), 1)
        .unwrap();
    assert_eq!(
        (
            masked.batch().num_rows(),
            masked.batch().num_columns(),
            counts.len()
        ),
        (0, 2, 2)
    );
}

/// A visits table: dates that move by person, a person column that is read and not released.
mod beside {
    use super::*;
    use arrow::{
        array::{Array, AsArray, Date32Array, RecordBatch, UInt64Array},
        datatypes::Date32Type,
    };
    use desensitize::{DateShift, Transform};

    fn visits(entity: DataType) -> Schema {
        Schema::new(vec![
            Field::new("visited", DataType::Date32, true),
            Field::new("__unit_person", entity, true),
            Field::new("paid", DataType::Date32, true),
        ])
    }

    fn shift(column: &str) -> ColumnRecipe {
        let shift = DateShift {
            entity: "__unit_person".to_owned(),
            days: 30,
            domain: "dates".to_owned(),
        };
        ColumnRecipe::new(column, Technique::DateShift(shift))
    }

    fn compile(recipes: &[ColumnRecipe], schema: &Schema) -> Result<TableRecipe, Unsuitable> {
        TableRecipe::compile(recipes, schema, |_| ColumnKey::from([1; 32]))
    }

    #[test]
    fn a_companion_is_read_and_not_released() {
        let schema = visits(DataType::UInt64);
        let table = compile(&[shift("visited"), shift("paid")], &schema).unwrap();
        assert_eq!(table.source().as_ref(), &schema);
        assert!(table.schema().field_with_name("__unit_person").is_err());
        let visited = [Some(100), Some(200), None, Some(300), Some(400)];
        let paid = [Some(107), Some(207), Some(1), Some(307), Some(407)];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Date32Array::from(visited.to_vec())),
            Arc::new(UInt64Array::from(vec![
                Some(7),
                Some(7),
                Some(7),
                Some(8),
                None,
            ])),
            Arc::new(Date32Array::from(paid.to_vec())),
        ];
        let batch = RecordBatch::try_new(Arc::new(schema), columns).unwrap();
        let (masked, counts) = table.apply(&batch, 1).unwrap();
        let out = |column: usize| masked.batch().column(column).as_primitive::<Date32Type>();
        let (visited, paid) = (out(0), out(1));
        assert_eq!(
            visited.value(1) - visited.value(0),
            100,
            "one person's dates move together"
        );
        for row in [0, 1, 3] {
            assert_eq!(
                paid.value(row) - visited.value(row),
                7,
                "and so do two columns"
            );
        }
        let by = [visited.value(0) - 100, visited.value(3) - 300];
        assert!(
            by.iter().all(|days| (-30..=30).contains(days)) && by[0] != by[1],
            "{by:?}"
        );
        assert!(
            visited.is_null(2) && visited.is_null(4),
            "nobody's date is broken input"
        );
        assert_eq!(
            counts
                .iter()
                .map(|counts| counts.broken)
                .collect::<Vec<_>>(),
            [1, 1]
        );
    }

    #[test]
    fn a_companion_must_be_there_and_readable() {
        let text = |refused: Unsuitable| refused.to_string();
        let schema = visits(DataType::Boolean);
        let refused = compile(&[shift("visited"), shift("paid")], &schema).unwrap_err();
        assert_eq!(
            text(refused),
            "column `visited`: `date_shift` reads units, integers and text (UInt64, Int64, Utf8) beside it, and column `__unit_person` is Boolean; name another"
        );
        let alone = visits(DataType::UInt64).project(&[0]).unwrap();
        let refused = compile(&[shift("visited")], &alone).unwrap_err();
        assert_eq!(
            text(refused),
            "column `visited`: `date_shift` reads column `__unit_person`, which is not in the table; correct the name, or add the column to what is read"
        );
        let schema = visits(DataType::UInt64);
        let refused = compile(&[shift("visited")], &schema).unwrap_err();
        assert_eq!(
            refused,
            Unsuitable::NoRecipe {
                column: "paid".to_owned()
            }
        );
    }

    #[test]
    fn a_column_alone_or_beside_other_rows_is_refused() {
        let field = Field::new("visited", DataType::Date32, true);
        let transform =
            Transform::compile(&shift("visited"), &field, Some(&ColumnKey::from([1; 32]))).unwrap();
        let dates = Date32Array::from(vec![1, 2]);
        let expect = Fault::Companion {
            column: "visited".to_owned(),
            companion: "__unit_person".to_owned(),
        };
        assert_eq!(transform.apply(&dates, 1).unwrap_err(), expect);
        let units = UInt64Array::from(vec![1]);
        assert_eq!(
            transform.apply_beside(&dates, &units, 1).unwrap_err(),
            expect
        );
        let wrong = transform.apply_beside(&dates, &dates, 1).unwrap_err();
        assert!(matches!(wrong, Fault::CompanionType { .. }));
    }

    #[test]
    fn a_technique_without_a_way_back_says_so() {
        let field = Field::new("visited", DataType::Date32, true);
        let transform =
            Transform::compile(&shift("visited"), &field, Some(&ColumnKey::from([1; 32]))).unwrap();
        let refused = transform.reverse("1970-01-01").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "column `visited`: `date_shift` has no way back; only `fpe` has one"
        );
    }
}
