//! What does each technique cost a row? Every one that has no bench of its own, beside a limit or a peer.
//!
//! A row's name says what stands beside it: Arrow's own kernel for the same operation where there is one, else the least
//! work that the technique cannot go without.

mod fpe;
mod limit;
mod masks;
mod numbers;
mod texts;

use std::process::ExitCode;

use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Field;
use benches::{Bench, BenchError, METHOD, Measured, ROWS, Report, Way, run, side_by_side};
use desensitize::{ColumnKey, ColumnRecipe, Counts, Fault, Technique, Transform};

use limit::Limit;

/// The key of the bench.
const KEY: [u8; 32] = [7; 32];

fn main() -> ExitCode {
    run(&Bench {
        name: "techniques",
        set: Some("desensitize"),
        about: "every other technique beside Arrow's kernel for the same, or beside the least work there is",
        measure,
    })
}

fn measure() -> Result<Report, BenchError> {
    let register = texts::Register::new()?;
    let cases = numbers::cases()
        .into_iter()
        .chain(texts::cases(&register)?)
        .chain(masks::cases(&register)?)
        .chain(fpe::cases(&register)?);
    let ready = cases.map(Case::prepare).collect::<Result<Vec<_>, _>>()?;
    let broken: Vec<&str> = ready.iter().filter_map(|(case, _)| case.broken()).collect();
    if !broken.is_empty() {
        let broken = format!("values are broken in {}", broken.join("; "));
        return Err(BenchError::Other(broken));
    }
    let measured = ready.into_iter().map(|(case, limit)| case.measure(limit));
    Ok(Report {
        measured: measured.collect::<Result<_, BenchError>>()?,
        promises: Vec::new(),
        notes: vec![
            METHOD.to_owned(),
            "unary, date_part, take, sort, substring, regexp, dictionary: Arrow's kernels; rebuild: Arrow's builder, value by value"
                .to_owned(),
            "hmac: two SHA-256 compressions of crate sha2 a value; ff1: ranks of the same space encrypted under one tweak, numbers in and out"
                .to_owned(),
        ],
    })
}

/// One column, what is done to it, and what stands beside it.
struct Case {
    name: String,
    column: ArrayRef,
    companion: Option<ArrayRef>,
    technique: Technique,
    limit: Limit,
}

impl Case {
    fn new(name: impl Into<String>, column: ArrayRef, technique: Technique, limit: Limit) -> Self {
        Self {
            name: name.into(),
            column,
            companion: None,
            technique,
            limit,
        }
    }

    fn beside(self, companion: ArrayRef) -> Self {
        Self {
            companion: Some(companion),
            ..self
        }
    }

    fn prepare(self) -> Result<(Ready, Box<limit::Work>), BenchError> {
        let field = Field::new("column", self.column.data_type().clone(), true);
        let recipe = ColumnRecipe::new("column", self.technique);
        let transform = Transform::compile(&recipe, &field, Some(&ColumnKey::from(KEY)))
            .map_err(|refused| BenchError::Kernel(refused.into()))?;
        let ready = Ready {
            name: format!("{} ({})", self.name, self.limit.name),
            column: self.column,
            companion: self.companion,
            transform,
        };
        Ok((ready, self.limit.work))
    }
}

/// A case whose technique is bound to its column.
struct Ready {
    name: String,
    column: ArrayRef,
    companion: Option<ArrayRef>,
    transform: Transform,
}

impl Ready {
    fn apply(&self) -> Result<(ArrayRef, Counts), Fault> {
        match &self.companion {
            Some(companion) => self.transform.apply_beside(&self.column, companion, 1),
            None => self.transform.apply(&self.column, 1),
        }
    }

    /// Its name, where not every row is rewritten: broken values cost something else.
    fn broken(&self) -> Option<&str> {
        let whole =
            self.column.len() == ROWS && self.apply().is_ok_and(|(_, counts)| counts.broken == 0);
        (!whole).then_some(&self.name)
    }

    fn measure(self, mut limit: Box<limit::Work>) -> Result<Measured, BenchError> {
        let found = side_by_side(
            ROWS,
            &mut [
                Way::new("karez", || self.apply()),
                Way::new("limit", || limit(&self.column)),
            ],
        )?;
        Ok(Measured {
            case: self.name,
            figures: vec![
                ("karez ns/value", found.ns("karez")),
                ("beside it ns/value", found.ns("limit")),
                ("times", found.times("karez", "limit")),
            ],
        })
    }
}
