//! One column: a recipe bound to a column and a key, compiled once and applied to batch after batch.

use std::{collections::HashMap, fmt};

use arrow::{
    array::{Array, ArrayRef},
    datatypes::{DataType, Field},
};

use crate::{
    BATCH_ROWS_MAX, BATCH_TEXT_BYTES_MAX, ColumnKey, Fault, NotReversible, OnBroken, Technique,
    Unsuitable,
    broken::{Answer, Broken},
    rewrite,
    technique::{Column, Kernel},
};

/// Key of the field metadata under which an output column names the technique that made it.
pub const TECHNIQUE_METADATA: &str = "karez.technique";

/// Key of the field metadata that says which originals a representative stands for; see [`Technique::interval`].
pub const INTERVAL_METADATA: &str = "karez.interval";
/// Key of the field metadata that lists each representative's label, as lines `representative;label`, where a hierarchy
/// names its groups.
pub const LABELS_METADATA: &str = "karez.labels";

/// What one column of a sample gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRecipe {
    /// The column's name.
    pub column: String,
    /// The technique and its parameters.
    pub technique: Technique,
    /// What becomes of broken input; `None` is [`OnBroken::default_for`] the column.
    pub on_broken: Option<OnBroken>,
}

impl ColumnRecipe {
    /// A recipe with the default answer to broken input.
    pub fn new(column: impl Into<String>, technique: Technique) -> Self {
        Self {
            column: column.into(),
            technique,
            on_broken: None,
        }
    }

    /// The column domain whose key this recipe needs, or none if it needs no key.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        let fallback = (self.on_broken == Some(OnBroken::Token)).then_some(crate::TEXT_DOMAIN);
        self.technique.domain().or(fallback)
    }

    /// The raw column that the technique reads beside this one, or none.
    #[must_use]
    pub fn companion(&self) -> Option<&str> {
        self.technique.companion()
    }

    /// Whether the recipe fits the column, as a policy check asks before any key exists.
    ///
    /// # Errors
    /// The same [`Unsuitable`] that [`Transform::compile`] would give.
    pub fn check(&self, field: &Field) -> Result<(), Unsuitable> {
        // Compiling is the check; the key here protects nothing and the result is dropped unused.
        let unused = ColumnKey::from([0; crate::COLUMN_KEY_BYTES]);
        Transform::compile(self, field, Some(&unused)).map(drop)
    }
}

/// How many values of a column went which way; says nothing about any single one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows read and written.
    pub rows: u64,
    /// Nulls that came in.
    pub nulls: u64,
    /// Values that were broken and went the way of [`OnBroken`].
    pub broken: u64,
    /// Identifiers that were found inside free text and replaced.
    pub replaced: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.rows += more.rows;
        self.nulls += more.nulls;
        self.broken += more.broken;
        self.replaced += more.replaced;
    }
}

/// A technique bound to one column and its key.
///
/// The output has the column's own type, nullability and number of rows, whatever the technique.
///
/// ```
/// use arrow::{array::{AsArray, StringArray}, datatypes::{DataType, Field}};
/// use desensitize::{ColumnRecipe, Mask, Technique, Transform};
///
/// let field = Field::new("name", DataType::Utf8, true);
/// let recipe = ColumnRecipe::new("name", Technique::Mask(Mask::name()));
/// let names = StringArray::from(vec![Some("阿依古丽·买买提"), None]);
/// let (masked, counts) = Transform::compile(&recipe, &field, None)?.apply(&names, 1)?;
/// assert_eq!(masked.as_string::<i32>().value(0), "阿***·买***");
/// assert_eq!((counts.rows, counts.nulls, counts.broken), (2, 1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Transform {
    input: DataType,
    output: Field,
    technique: Technique,
    kernel: Box<dyn Kernel>,
    answer: Answer,
}

impl fmt::Debug for Transform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transform")
            .field("output", &self.output)
            .finish_non_exhaustive()
    }
}

impl Transform {
    /// Binds a recipe to a column; `key` is the key of [`ColumnRecipe::domain`], where there is one.
    ///
    /// # Errors
    /// [`Unsuitable`], with the fix, when the technique cannot return this column's type and nullability, when a
    /// parameter is out of bounds, when too few values remain to hide one, or when a key is missing.
    pub fn compile(
        recipe: &ColumnRecipe,
        field: &Field,
        key: Option<&ColumnKey>,
    ) -> Result<Self, Unsuitable> {
        if recipe.column != *field.name() {
            return Err(Unsuitable::NoColumn {
                column: recipe.column.clone(),
            });
        }
        let column = Column {
            field,
            technique: recipe.technique.id(),
            domain: recipe.domain(),
            key,
        };
        let kernel = recipe.technique.compile(&column)?;
        let on_broken = recipe
            .on_broken
            .unwrap_or_else(|| OnBroken::default_for(field));
        let answer = on_broken.compile(field, key)?;
        let told = [
            (TECHNIQUE_METADATA, Some(recipe.technique.to_string())),
            (INTERVAL_METADATA, recipe.technique.interval()),
            (LABELS_METADATA, recipe.technique.labels(&column)),
        ];
        let metadata: HashMap<_, _> = told
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect();
        // The source's own metadata is left behind: it may describe the raw values.
        let output = Field::new(field.name(), field.data_type().clone(), field.is_nullable())
            .with_metadata(metadata);
        Ok(Self {
            input: field.data_type().clone(),
            output,
            technique: recipe.technique.clone(),
            kernel,
            answer,
        })
    }

    /// The output column's field: the source's name, type and nullability, and the technique as metadata.
    #[must_use]
    pub const fn field(&self) -> &Field {
        &self.output
    }

    /// The technique and its parameters.
    #[must_use]
    pub const fn technique(&self) -> &Technique {
        &self.technique
    }

    /// Rewrites one batch of the column. Rows in errors are counted from `first_row`.
    ///
    /// # Errors
    /// [`Fault`]: broken input under `on_broken: error`, a column that is not the compiled one, a batch over
    /// [`BATCH_ROWS_MAX`] or [`BATCH_TEXT_BYTES_MAX`], or a technique that reads a second column
    /// ([`apply_beside`](Self::apply_beside)).
    pub fn apply(&self, column: &dyn Array, first_row: u64) -> Result<(ArrayRef, Counts), Fault> {
        match self.technique.companion() {
            Some(companion) => Err(self.alone(companion)),
            None => self.rewrite(column, None, first_row),
        }
    }

    /// Rewrites one batch of the column beside the raw column that [`Technique::companion`] names, of the same rows.
    ///
    /// # Errors
    /// As [`apply`](Self::apply), and when the companion has another number of rows or a type that the technique
    /// cannot read. A technique without companion ignores it.
    pub fn apply_beside(
        &self,
        column: &dyn Array,
        companion: &dyn Array,
        first_row: u64,
    ) -> Result<(ArrayRef, Counts), Fault> {
        match self.technique.companion() {
            Some(name) if companion.len() != column.len() => Err(self.alone(name)),
            Some(name) if !self.technique.reads(companion.data_type()) => {
                Err(Fault::CompanionType {
                    column: self.output.name().clone(),
                    companion: name.to_owned(),
                    accepts: self.technique.companion_types(),
                    found: companion.data_type().clone(),
                })
            }
            Some(_) => self.rewrite(column, Some(companion), first_row),
            None => self.rewrite(column, None, first_row),
        }
    }

    /// The original of one surrogate of this column, for whoever holds its key.
    ///
    /// # Errors
    /// [`NotReversible`] where the technique has no way back, or never writes this text under this key.
    pub fn reverse(&self, surrogate: &str) -> Result<String, NotReversible> {
        let column = self.output.name().clone();
        if !self.technique.has_way_back() {
            let technique = self.technique.id();
            return Err(NotReversible::OneWay { column, technique });
        }
        self.kernel
            .reverse(surrogate)
            .ok_or(NotReversible::NotASurrogate { column })
    }

    fn alone(&self, companion: &str) -> Fault {
        Fault::Companion {
            column: self.output.name().clone(),
            companion: companion.to_owned(),
        }
    }

    fn rewrite(
        &self,
        column: &dyn Array,
        companion: Option<&dyn Array>,
        first_row: u64,
    ) -> Result<(ArrayRef, Counts), Fault> {
        self.admit(column)?;
        let name = self.output.name();
        let mut broken = Broken {
            column: name,
            first_row,
            answer: &self.answer,
            count: 0,
            replaced: 0,
        };
        let rewritten = self.kernel.apply(column, companion, &mut broken)?;
        let sound = rewritten.len() == column.len()
            && rewritten.data_type() == &self.input
            && (self.output.is_nullable() || rewritten.null_count() == 0);
        if !sound {
            return Err(Fault::Contract {
                column: name.clone(),
            });
        }
        let counts = Counts {
            rows: count(column.len()),
            nulls: count(column.null_count()),
            broken: broken.count,
            replaced: broken.replaced,
        };
        Ok((rewritten, counts))
    }

    /// Refuses a column that is not the compiled one, or too large.
    fn admit(&self, column: &dyn Array) -> Result<(), Fault> {
        let name = || self.output.name().clone();
        if *column.data_type() != self.input {
            let (compiled, found) = (self.input.clone(), column.data_type().clone());
            return Err(Fault::ColumnType {
                column: name(),
                compiled,
                found,
            });
        }
        if !self.output.is_nullable() && column.null_count() > 0 {
            return Err(Fault::UnexpectedNull {
                column: name(),
                nulls: column.null_count(),
            });
        }
        if column.len() > BATCH_ROWS_MAX || rewrite::text_bytes(column) > BATCH_TEXT_BYTES_MAX {
            return Err(Fault::BatchTooLarge { column: name() });
        }
        Ok(())
    }
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
