//! One table: a transform for each of its columns, and the batch that may be handed out.

use std::sync::Arc;

use arrow::{
    array::ArrayRef,
    datatypes::{Schema, SchemaRef},
    record_batch::RecordBatch,
};

use crate::{ColumnKey, ColumnRecipe, Counts, Fault, Transform, Unsuitable};

/// A batch in which every column went through its technique: the only kind that may be handed out.
///
/// Only [`TableRecipe::apply`] makes one, so that holding one proves that it was done.
#[derive(Clone, Debug)]
pub struct Masked(RecordBatch);

impl Masked {
    /// The rewritten batch.
    #[must_use]
    pub const fn batch(&self) -> &RecordBatch {
        &self.0
    }

    /// The rewritten batch, given up to a writer.
    #[must_use]
    pub fn into_batch(self) -> RecordBatch {
        self.0
    }
}

/// The compiled recipe of a table: one [`Transform`] per released column, in the table's order.
///
/// A column without a recipe that another column's technique reads ([`Technique::companion`](crate::Technique::companion))
/// is read and not released.
#[derive(Debug)]
pub struct TableRecipe {
    released: Vec<Released>,
    source: SchemaRef,
    schema: SchemaRef,
}

/// A released column: its transform, and where it and its companion stand among the table's columns.
#[derive(Debug)]
struct Released {
    transform: Transform,
    position: usize,
    companion: Option<usize>,
}

impl TableRecipe {
    /// Binds a recipe to every column of a table; `keys` answers a column domain's name with its key.
    ///
    /// # Errors
    /// [`Unsuitable`] for the first column with two recipes, or with none though no other column's technique reads it,
    /// for a recipe whose column or companion is not in the table, and for every reason of [`Transform::compile`].
    ///
    /// ```
    /// use arrow::datatypes::{DataType, Field, Schema};
    /// use desensitize::{ColumnKey, ColumnRecipe, TableRecipe, Technique};
    ///
    /// let schema = Schema::new(vec![Field::new("id", DataType::Utf8, false), Field::new("sex", DataType::Utf8, false)]);
    /// let recipes = [ColumnRecipe::new("id", Technique::Redact)];
    /// let refused = TableRecipe::compile(&recipes, &schema, |_domain| ColumnKey::from([0; 32])).unwrap_err();
    /// assert_eq!(refused.to_string(), "column `sex` has no technique; name one, or leave the column out of the projection");
    /// ```
    pub fn compile(
        recipes: &[ColumnRecipe],
        schema: &Schema,
        mut keys: impl FnMut(&str) -> ColumnKey,
    ) -> Result<Self, Unsuitable> {
        if let Some(stray) = recipes
            .iter()
            .find(|recipe| schema.field_with_name(&recipe.column).is_err())
        {
            return Err(Unsuitable::NoColumn {
                column: stray.column.clone(),
            });
        }
        let mut released = Vec::with_capacity(schema.fields().len());
        for (position, field) in schema.fields().iter().enumerate() {
            let Some(recipe) = recipe_of(field.name(), recipes)? else {
                continue;
            };
            let key = recipe.domain().map(&mut keys);
            released.push(Released {
                transform: Transform::compile(recipe, field, key.as_ref())?,
                position,
                companion: companion_of(recipe, schema)?,
            });
        }
        let fields: Vec<_> = released
            .iter()
            .map(|column| column.transform.field().clone())
            .collect();
        Ok(Self {
            released,
            source: Arc::new(schema.clone()),
            schema: Arc::new(Schema::new(fields)),
        })
    }

    /// The schema of what comes out: the released columns, with their own names, types, nullability and order.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The schema of what goes in: the released columns and those that are only read.
    #[must_use]
    pub const fn source(&self) -> &SchemaRef {
        &self.source
    }

    /// How many rows a batch must hold, where some technique has to see rows together; the last batch may be shorter.
    #[must_use]
    pub fn rows_at_once(&self) -> Option<usize> {
        self.released
            .iter()
            .filter_map(|column| column.transform.technique().rows_at_once())
            .max()
    }

    /// Rewrites one batch of [`source`](Self::source); the counts stand in the order of the released columns. Rows in
    /// errors are counted from `first_row`.
    ///
    /// # Errors
    /// The first [`Fault`] of any column, or [`Fault::Columns`] when the batch is not of the compiled table.
    pub fn apply(
        &self,
        batch: &RecordBatch,
        first_row: u64,
    ) -> Result<(Masked, Vec<Counts>), Fault> {
        self.admit(batch)?;
        let mut columns = Vec::with_capacity(self.released.len());
        let mut counts = Vec::with_capacity(self.released.len());
        for released in &self.released {
            let (rewritten, counted) = released.apply(batch, first_row)?;
            columns.push(rewritten);
            counts.push(counted);
        }
        let options =
            arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .map_err(|_| Fault::Contract {
                column: "*".to_owned(),
            })?;
        Ok((Masked(batch), counts))
    }

    /// Refuses a batch whose columns have other names or another order.
    fn admit(&self, batch: &RecordBatch) -> Result<(), Fault> {
        let compiled = self.source.fields();
        let found = batch.schema();
        let names_differ = compiled
            .iter()
            .zip(found.fields())
            .position(|(a, b)| a.name() != b.name());
        let shorter = compiled.len().min(found.fields().len());
        match names_differ {
            Some(position) => Err(Fault::Columns { position }),
            None if compiled.len() != found.fields().len() => {
                Err(Fault::Columns { position: shorter })
            }
            None => Ok(()),
        }
    }
}

impl Released {
    fn apply(&self, batch: &RecordBatch, first_row: u64) -> Result<(ArrayRef, Counts), Fault> {
        let missing = Fault::Columns {
            position: self.position,
        };
        let column = batch.columns().get(self.position).ok_or(missing)?;
        match self.companion {
            None => self.transform.apply(column, first_row),
            Some(position) => {
                let missing = Fault::Columns { position };
                let companion = batch.columns().get(position).ok_or(missing)?;
                self.transform.apply_beside(column, companion, first_row)
            }
        }
    }
}

/// The one recipe of a column; none where the column is only read beside another.
fn recipe_of<'a>(
    column: &str,
    recipes: &'a [ColumnRecipe],
) -> Result<Option<&'a ColumnRecipe>, Unsuitable> {
    let mut named = recipes.iter().filter(|recipe| recipe.column == column);
    let only = named.next();
    let column = column.to_owned();
    if named.next().is_some() {
        return Err(Unsuitable::TwoRecipes { column });
    }
    let read = recipes
        .iter()
        .any(|recipe| recipe.companion() == Some(column.as_str()));
    if only.is_none() && !read {
        return Err(Unsuitable::NoRecipe { column });
    }
    Ok(only)
}

/// The position of the column that a recipe reads beside its own.
fn companion_of(recipe: &ColumnRecipe, schema: &Schema) -> Result<Option<usize>, Unsuitable> {
    let Some(companion) = recipe.companion() else {
        return Ok(None);
    };
    let position = schema
        .index_of(companion)
        .map_err(|_| Unsuitable::NoCompanion {
            column: recipe.column.clone(),
            technique: recipe.technique.id(),
            companion: companion.to_owned(),
        })?;
    let found = schema.field(position).data_type();
    if recipe.technique.reads(found) {
        return Ok(Some(position));
    }
    Err(Unsuitable::CompanionType {
        column: recipe.column.clone(),
        technique: recipe.technique.id(),
        companion: companion.to_owned(),
        accepts: recipe.technique.companion_types(),
        found: found.clone(),
    })
}
