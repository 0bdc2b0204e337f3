//! One table: a transform for each of its columns, and the batch that may be handed out.

use std::sync::Arc;

use arrow::{
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

/// The compiled recipe of a table: one [`Transform`] per column, in the table's order.
#[derive(Debug)]
pub struct TableRecipe {
    transforms: Vec<Transform>,
    schema: SchemaRef,
}

impl TableRecipe {
    /// Binds a recipe to every column of a table; `keys` answers a column domain's name with its key.
    ///
    /// # Errors
    /// [`Unsuitable`] for the first column without a recipe or with two, for a recipe without its column, and for
    /// every reason of [`Transform::compile`].
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
        let mut transforms = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            let mut named = recipes
                .iter()
                .filter(|recipe| recipe.column == *field.name());
            let column = || field.name().clone();
            let recipe = named
                .next()
                .ok_or_else(|| Unsuitable::NoRecipe { column: column() })?;
            if named.next().is_some() {
                return Err(Unsuitable::TwoRecipes { column: column() });
            }
            let key = recipe.domain().map(&mut keys);
            transforms.push(Transform::compile(recipe, field, key.as_ref())?);
        }
        let fields: Vec<_> = transforms
            .iter()
            .map(|transform| transform.field().clone())
            .collect();
        Ok(Self {
            transforms,
            schema: Arc::new(Schema::new(fields)),
        })
    }

    /// The schema of what comes out: same names, types, nullability and order.
    #[must_use]
    pub const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Rewrites one batch; the counts stand in the order of the columns. Rows in errors are counted from `first_row`.
    ///
    /// # Errors
    /// The first [`Fault`] of any column, or [`Fault::Columns`] when the batch is not of the compiled table.
    pub fn apply(
        &self,
        batch: &RecordBatch,
        first_row: u64,
    ) -> Result<(Masked, Vec<Counts>), Fault> {
        self.admit(batch)?;
        let mut columns = Vec::with_capacity(self.transforms.len());
        let mut counts = Vec::with_capacity(self.transforms.len());
        for (transform, column) in self.transforms.iter().zip(batch.columns()) {
            let (rewritten, counted) = transform.apply(column, first_row)?;
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
        let compiled = self.schema.fields();
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
