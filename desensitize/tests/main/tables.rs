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
