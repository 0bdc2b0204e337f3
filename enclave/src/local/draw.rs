//! One sample, from raw batches to released batches: measure, gate, then keep and rewrite.
//!
//! ```text
//!  open ─ rows ─► observe ─► classes ─► gate ─► suppressed units
//!  open ─ rows ─► keep drawn units ─► desensitise ─► Masked ─► the caller's writer
//! ```
//!
//! The data is read twice (three times for `uniform`, which must know how many rows there are), batch by batch, so
//! memory does not grow with rows. The same keys, plan and data give the same batches in the same order.

use std::path::Path;

use arrow::array::{Array, AsArray, BooleanArray, UInt64Array};
use arrow::compute::{filter_record_batch, is_null};
use arrow::datatypes::{Field, Schema, SchemaRef, UInt64Type};
use arrow::record_batch::RecordBatch;
use desensitize::{ColumnKey, ColumnRecipe, Counts, Masked, TableRecipe};
use sampler::risk::{Drawn, Gate, Observer, RiskReport, Verdict};
use sampler::{
    RowsHistogram, SamplingKey, Threshold, UniformCut, UnitSet, consistent_mask, drop_suppressed,
    lowered_threshold, uniform_rows,
};

use super::classes::Classes;
use super::failure::SampleFailure;
use super::gather::{Gather, Rows};
use super::progress::{Progress, Stage};
use crate::keys::ReleaseKey;
use crate::plan::{SamplePlan, TablePlan};

/// Raw batches of one table, in order.
pub type Batches<'a> = Box<dyn Iterator<Item = Result<RecordBatch, SampleFailure>> + 'a>;

/// Opens a table at its first row, with just the named columns in that order; rows outside the policy's filter are
/// not among them.
pub type Open<'a> = Box<dyn Fn(&[String]) -> Result<Batches<'a>, SampleFailure> + 'a>;

/// What a sample is drawn with.
pub struct Draw<'a> {
    /// What is drawn and shown.
    pub plan: &'a SamplePlan,
    /// The tables, in the plan's order.
    pub tables: Vec<Open<'a>>,
    /// The scenario's release key, or a fresh one that nobody keeps.
    pub key: &'a ReleaseKey,
    /// The share of an earlier release of the scenario, which this one may lower and never raise.
    pub frozen: Option<Threshold>,
    /// Where nameless spill files may stand.
    pub scratch: &'a Path,
    /// Told now and then how far the work has come.
    pub progress: &'a dyn Fn(Progress),
}

/// A sample that passed its gate and is ready to be written.
pub struct Drawing<'a> {
    draw: Draw<'a>,
    selection: Selection,
    suppressed: UnitSet,
    /// The measured risk, published with the sample.
    pub risk: RiskReport,
    /// The share of units that is drawn, to be frozen for later releases.
    pub threshold: Threshold,
}

/// What was written of one table.
#[derive(Debug, Clone)]
pub struct TableCounts {
    /// Rows read.
    pub rows_in: u64,
    /// Rows released.
    pub rows_out: u64,
    /// Per released column.
    pub columns: Vec<Counts>,
}

/// How rows are chosen.
enum Selection {
    Units {
        key: SamplingKey,
        threshold: Threshold,
    },
    Rows {
        key: SamplingKey,
        cuts: Vec<UniformCut>,
    },
}

impl<'a> Draw<'a> {
    /// Measures the population and asks the gate.
    ///
    /// # Errors
    /// [`SampleFailure::Refused`] when too many drawn units stand in small classes; the other variants name the
    /// table, column or row that could not be read.
    pub fn measure(self) -> Result<Drawing<'a>, SampleFailure> {
        let rate = self.plan.recipe.rate.to_f64();
        let cuts = match self.plan.recipe.method {
            policy::document::Method::Consistent => None,
            policy::document::Method::Uniform => Some(self.cuts(rate)?),
        };
        let mut classes = Classes::create(self.scratch)?;
        let ceiling = Threshold::from_rate(rate)?;
        let mut histograms = Vec::new();
        for table in 0..self.plan.tables.len() {
            let mut histogram = RowsHistogram::new(ceiling);
            self.observe(table, cuts.as_deref(), &mut histogram, &mut classes)?;
            histograms.push(histogram);
        }
        let (selection, drawn, threshold) = match cuts {
            Some(cuts) => (
                Selection::Rows {
                    key: self.sampling_key()?,
                    cuts,
                },
                Drawn::ByRow,
                ceiling,
            ),
            None => {
                let rows_max = self.plan.recipe.rows_max.unwrap_or(u64::MAX);
                let threshold = lowered_threshold(ceiling, &histograms, rows_max, self.frozen)?;
                let units = Selection::Units {
                    key: self.sampling_key()?,
                    threshold,
                };
                (
                    units,
                    Drawn::ByUnit {
                        key: self.sampling_key()?,
                        threshold,
                    },
                    threshold,
                )
            }
        };
        let (risk, verdict) = classes.count(drawn, self.gate()?, self.progress)?;
        match verdict {
            Verdict::Refused(refusal) => Err(SampleFailure::Refused {
                refusal,
                risk: Box::new(risk),
            }),
            Verdict::Passed { suppress } => Ok(Drawing {
                draw: self,
                selection,
                suppressed: suppress,
                risk,
                threshold,
            }),
        }
    }

    fn gate(&self) -> Result<Gate, SampleFailure> {
        let recipe = &self.plan.recipe;
        let k_map = Some(u64::from(recipe.k_map));
        Ok(Gate::new(
            k_map,
            recipe.k.map(u64::from),
            recipe.suppress_max.to_f64(),
        )?)
    }

    fn sampling_key(&self) -> Result<SamplingKey, SampleFailure> {
        Ok(SamplingKey::new(self.key.sampling()?.expose()))
    }

    /// How many rows each table has decides which of them a uniform sample keeps.
    fn cuts(&self, rate: f64) -> Result<Vec<UniformCut>, SampleFailure> {
        let key = self.sampling_key()?;
        let rows_max = self.plan.recipe.rows_max.unwrap_or(u64::MAX);
        let mut cuts = Vec::new();
        for (table, plan) in self.plan.tables.iter().enumerate() {
            let mut rows = 0;
            for batch in self.open(table, std::slice::from_ref(&plan.unit_column))? {
                rows += count(batch?.num_rows());
                (self.progress)(Progress {
                    stage: Stage::Counting,
                    rows,
                });
            }
            let keep = uniform_rows(rows, rate, rows_max)?;
            cuts.push(UniformCut::find(&key, table_number(table)?, rows, keep)?);
        }
        Ok(cuts)
    }

    fn open(&self, table: usize, columns: &[String]) -> Result<Batches<'a>, SampleFailure> {
        self.tables
            .get(table)
            .ok_or(SampleFailure::TableMissing { table })?(columns)
    }

    fn table(&self, table: usize) -> Result<&'a TablePlan, SampleFailure> {
        self.plan
            .tables
            .get(table)
            .ok_or(SampleFailure::TableMissing { table })
    }

    /// One pass over the unit and the quasi-identifiers of a table, generalised as they will be released.
    fn observe(
        &self,
        table: usize,
        cuts: Option<&[UniformCut]>,
        histogram: &mut RowsHistogram,
        classes: &mut Classes,
    ) -> Result<(), SampleFailure> {
        let plan = self.table(table)?;
        let recipe = measured(plan, self.key)?;
        let fields: Vec<Field> = recipe
            .schema()
            .fields()
            .iter()
            .map(|field| field.as_ref().clone())
            .collect();
        let observer = Observer::new(table_number(table)?, &fields)?;
        let key = self.sampling_key()?;
        let mut first_row = 0;
        for batch in self.open(table, &opened(plan, recipe.source()))? {
            let batch = batch?;
            let rows = first_row..first_row + count(batch.num_rows());
            let (units, shown) = split(&batch, recipe.source())?;
            let shown = recipe.apply(&shown, rows.start + 1);
            let (shown, _) = shown.map_err(|fault| SampleFailure::broken(&plan.dataset, fault))?;
            let cut = cuts.and_then(|cuts| cuts.get(table));
            let drawn = cut.map(|cut| cut.mask(&key, rows.clone()));
            histogram.observe(&key, &units);
            classes.observe(&observer, &units, shown.batch().columns(), drawn.as_ref())?;
            first_row = rows.end;
            (self.progress)(Progress {
                stage: Stage::Measuring,
                rows: first_row,
            });
        }
        Ok(())
    }
}

impl<'a> Drawing<'a> {
    /// The schema of a released table.
    ///
    /// # Errors
    /// When a technique does not fit its column.
    pub fn schema(&self, table: usize) -> Result<SchemaRef, SampleFailure> {
        Ok(released(self.draw.table(table)?, self.draw.key)?
            .schema()
            .clone())
    }

    /// Reads a table again and gives its released batches: one for each raw batch of which something is kept, or of as
    /// many rows as a technique has to see together.
    ///
    /// # Errors
    /// When the table cannot be opened or a technique does not fit its column.
    pub fn released(&self, table: usize) -> Result<Released<'_, 'a>, SampleFailure> {
        let plan = self.draw.table(table)?;
        let recipe = released(plan, self.draw.key)?;
        Ok(Released {
            drawing: self,
            table,
            plan,
            raw: self.draw.open(table, &opened(plan, recipe.source()))?,
            kept: Gather::new(recipe.rows_at_once()),
            nobodys: nobodys(plan, self.draw.key)?,
            recipe,
            counts: TableCounts {
                rows_in: 0,
                rows_out: 0,
                columns: vec![Counts::default(); plan.recipes.len()],
            },
        })
    }

    fn mask(&self, table: usize, units: &UInt64Array, rows: std::ops::Range<u64>) -> BooleanArray {
        match &self.selection {
            Selection::Units { key, threshold } => {
                consistent_mask(key, units, *threshold, &self.suppressed)
            }
            Selection::Rows { key, cuts } => match cuts.get(table) {
                Some(cut) => drop_suppressed(&cut.mask(key, rows), units, &self.suppressed),
                None => BooleanArray::from(vec![false; units.len()]),
            },
        }
    }
}

/// The released batches of one table; after an error nothing that came before may be handed out.
pub struct Released<'d, 'a> {
    drawing: &'d Drawing<'a>,
    table: usize,
    plan: &'a TablePlan,
    recipe: TableRecipe,
    /// What rows without a unit are tried with.
    nobodys: TableRecipe,
    raw: Batches<'a>,
    /// Drawn rows that wait for others.
    kept: Gather,
    counts: TableCounts,
}

impl Released<'_, '_> {
    /// What was read and released so far.
    #[must_use]
    pub fn counts(&self) -> &TableCounts {
        &self.counts
    }

    /// Keeps the drawn rows of one raw batch.
    fn keep(&mut self, batch: &RecordBatch) -> Result<(), SampleFailure> {
        let (units, shown) = split(batch, self.recipe.source())?;
        let rows = self.counts.rows_in..self.counts.rows_in + count(batch.num_rows());
        self.counts.rows_in = rows.end;
        (self.drawing.draw.progress)(Progress {
            stage: Stage::Writing,
            rows: rows.end,
        });
        self.try_nobodys(batch, &units, rows.start)?;
        let mask = self.drawing.mask(self.table, &units, rows.clone());
        self.kept.push(chosen(&shown, &mask, rows.start)?);
        Ok(())
    }

    /// A row whose unit cannot be read is nobody's and is never drawn; what is broken in it is told all the same.
    fn try_nobodys(
        &self,
        batch: &RecordBatch,
        units: &UInt64Array,
        start: u64,
    ) -> Result<(), SampleFailure> {
        if units.null_count() == 0 {
            return Ok(());
        }
        let (_, shown) = split(batch, self.nobodys.source())?;
        let rows = chosen(&shown, &is_null(units)?, start)?;
        self.applied(&self.nobodys, &rows).map(drop)
    }

    fn release(&mut self, rows: &Rows) -> Result<Masked, SampleFailure> {
        let (masked, counted) = self.applied(&self.recipe, rows)?;
        self.counts.rows_out += count(rows.places.len());
        for (total, more) in self.counts.columns.iter_mut().zip(counted) {
            *total += more;
        }
        Ok(masked)
    }

    /// A recipe over some rows; a fault names the row of the table, not of what is kept of it.
    fn applied(
        &self,
        recipe: &TableRecipe,
        rows: &Rows,
    ) -> Result<(Masked, Vec<Counts>), SampleFailure> {
        recipe.apply(&rows.batch, 0).map_err(|mut fault| {
            if let desensitize::Fault::BrokenInput { row, .. } = &mut fault {
                let place = usize::try_from(*row).unwrap_or(usize::MAX);
                *row = rows.places.get(place).copied().unwrap_or(*row);
            }
            SampleFailure::broken(&self.plan.dataset, fault)
        })
    }

    /// The next rows that are together, reading on until there are some.
    fn together(&mut self) -> Result<Option<Rows>, SampleFailure> {
        loop {
            if let Some(rows) = self.kept.pop(false)? {
                return Ok(Some(rows));
            }
            match self.raw.next() {
                Some(batch) => self.keep(&batch?)?,
                None => return Ok(self.kept.pop(true)?),
            }
        }
    }
}

impl Iterator for Released<'_, '_> {
    type Item = Result<Masked, SampleFailure>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = self.together().transpose()?;
        Some(rows.and_then(|rows| self.release(&rows)))
    }
}

/// Some rows of a batch that begins behind row `start` of its table.
fn chosen(batch: &RecordBatch, mask: &BooleanArray, start: u64) -> Result<Rows, SampleFailure> {
    let places = mask.values().set_indices();
    Ok(Rows {
        batch: filter_record_batch(batch, mask)?,
        places: places.map(|place| start + 1 + count(place)).collect(),
    })
}

/// The recipe of all released columns.
fn released(plan: &TablePlan, key: &ReleaseKey) -> Result<TableRecipe, SampleFailure> {
    compile(&plan.recipes, &plan.source(), key)
}

/// The recipe by which a table's classes are counted.
fn measured(plan: &TablePlan, key: &ReleaseKey) -> Result<TableRecipe, SampleFailure> {
    compile(&plan.measured, &of(&plan.measured, &plan.source()), key)
}

/// The recipe of the columns that can be rewritten without knowing the row's unit or the rows around it.
fn nobodys(plan: &TablePlan, key: &ReleaseKey) -> Result<TableRecipe, SampleFailure> {
    let unit = plan.unit_column.as_str();
    let without = plan.recipes.iter().filter(|recipe| {
        recipe.companion() != Some(unit) && recipe.technique.rows_at_once().is_none()
    });
    let without: Vec<ColumnRecipe> = without.cloned().collect();
    compile(&without, &of(&without, &plan.source()), key)
}

/// The part of a table that some recipes read.
fn of(recipes: &[ColumnRecipe], source: &Schema) -> Schema {
    let read = |field: &&std::sync::Arc<Field>| {
        let name = field.name().as_str();
        recipes
            .iter()
            .any(|recipe| recipe.column == name || recipe.companion() == Some(name))
    };
    Schema::new(
        source
            .fields()
            .iter()
            .filter(read)
            .cloned()
            .collect::<Vec<_>>(),
    )
}

fn compile(
    recipes: &[ColumnRecipe],
    schema: &Schema,
    key: &ReleaseKey,
) -> Result<TableRecipe, SampleFailure> {
    let mut derived = Vec::new();
    for domain in recipes.iter().filter_map(ColumnRecipe::domain) {
        derived.push((domain.to_owned(), key.domain(domain)?));
    }
    let mut underived = false;
    let keys = |domain: &str| match derived.iter().find(|(name, _)| name == domain) {
        Some((_, key)) => ColumnKey::from(*key.expose()),
        None => {
            underived = true;
            ColumnKey::from([0; desensitize::COLUMN_KEY_BYTES])
        }
    };
    let compiled = TableRecipe::compile(recipes, schema, keys)?;
    if underived {
        Err(SampleFailure::Columns)
    } else {
        Ok(compiled)
    }
}

/// The columns to open: the unit first, then what a recipe reads.
fn opened(plan: &TablePlan, source: &Schema) -> Vec<String> {
    let unit = std::iter::once(&plan.unit_column);
    let others = source.fields().iter().map(|field| field.name());
    unit.chain(others.filter(|name| **name != plan.unit_column))
        .cloned()
        .collect()
}

/// The hidden unit column, which is opened first, and the columns that a recipe reads.
fn split(
    batch: &RecordBatch,
    source: &Schema,
) -> Result<(UInt64Array, RecordBatch), SampleFailure> {
    let units = batch.columns().first().ok_or(SampleFailure::UnitColumn)?;
    let units = units.as_primitive_opt::<UInt64Type>();
    let units = units.ok_or(SampleFailure::UnitColumn)?.clone();
    let schema = batch.schema();
    let places = source
        .fields()
        .iter()
        .map(|field| schema.index_of(field.name()));
    let shown = batch.project(&places.collect::<Result<Vec<_>, _>>()?)?;
    Ok((units, shown))
}

fn table_number(table: usize) -> Result<u16, SampleFailure> {
    u16::try_from(table).map_err(|_| SampleFailure::TableMissing { table })
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
