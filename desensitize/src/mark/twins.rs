//! Twins: for each valid surrogate one fixed other value of the same domain, which a copy may show instead.

use std::collections::{HashMap, HashSet};

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Field};

use super::{Sighting, TWIN_CHOICES, chosen, slot};
use crate::key::Prf;
use crate::{BATCH_ROWS_MAX, ColumnKey, ColumnRecipe, Fault, OnBroken, Technique, Transform};

/// The column name that errors of a twin's transform would carry.
const COLUMN: &str = "twin";

/// The values and twins of all columns that share one technique and domain.
///
/// The twin is the value encrypted once more under a key of the marks: a permutation of the same domain, so twins are
/// valid, keep what is kept, and no two values share one. A value whose twin the sample uses has no choice.
pub(super) struct Twins {
    technique: Technique,
    transform: Transform,
    /// Slots of the values that the sample uses.
    used: HashSet<u64>,
    /// The twin's slot of each value's slot, and the way back.
    twin_of: HashMap<u64, u64>,
    value_of: HashMap<u64, u64>,
}

impl Twins {
    /// None where the technique does not work on a nullable column of text, which no released column of it has passed.
    pub(super) fn new(technique: &Technique, key: &ColumnKey) -> Option<Self> {
        let recipe = ColumnRecipe {
            on_broken: Some(OnBroken::Null),
            ..ColumnRecipe::new(COLUMN, technique.clone())
        };
        let field = Field::new(COLUMN, DataType::Utf8, true);
        let key = key.subkey(&format!("karez/mark/twin/v1/{}", technique.domain()?));
        Some(Self {
            technique: technique.clone(),
            transform: Transform::compile(&recipe, &field, Some(&key)).ok()?,
            used: HashSet::new(),
            twin_of: HashMap::new(),
            value_of: HashMap::new(),
        })
    }

    pub(super) fn is_of(&self, technique: &Technique) -> bool {
        self.technique == *technique
    }

    /// Takes note of values and their twins; says whether there was a twin.
    pub(super) fn observe(&mut self, column: &ArrayRef, slots: &Prf) -> Result<bool, Fault> {
        let twins = self.of(column)?;
        let (values, twins) = (column.as_string::<i32>(), twins.as_string::<i32>());
        for (value, twin) in values.iter().zip(twins.iter()) {
            let Some(value) = value else { continue };
            let value = number(slots, value);
            if !self.used.insert(value) {
                continue;
            }
            if let Some(twin) = twin {
                let twin = number(slots, twin);
                self.twin_of.insert(value, twin);
                self.value_of.insert(twin, value);
            }
        }
        Ok(twins.null_count() < twins.len())
    }

    /// The twin of each value, null where there is none.
    pub(super) fn of(&self, column: &ArrayRef) -> Result<ArrayRef, Fault> {
        let mut parts = Vec::new();
        for start in (0..column.len()).step_by(BATCH_ROWS_MAX) {
            let rows = BATCH_ROWS_MAX.min(column.len() - start);
            // A released column may be declared without nulls; its array is the same.
            parts.push(self.transform.apply(&column.slice(start, rows), 0)?.0);
        }
        let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
        if parts.is_empty() {
            return Ok(std::sync::Arc::new(StringArray::new_null(0)));
        }
        concat(&parts).map_err(|_| Fault::Contract {
            column: COLUMN.to_owned(),
        })
    }

    /// Whether a copy shows the twin instead of this value.
    pub(super) fn chosen(&self, value: &str, choices: &Prf, slots: &Prf) -> bool {
        let value = number(slots, value);
        self.is_free(value) && chosen(choices, value, TWIN_CHOICES) == 1
    }

    /// What a text says, if it is a value of the sample with a choice, or the twin of one.
    pub(super) fn sight(&self, text: &str, slots: &Prf) -> Option<Sighting> {
        let text = number(slots, text);
        let (slot, choice) = match self.used.contains(&text) {
            true => (text, 0),
            false => (*self.value_of.get(&text)?, 1),
        };
        self.is_free(slot).then_some(Sighting {
            slot,
            choice,
            choices: TWIN_CHOICES,
        })
    }

    /// The value among these whose twin this is.
    pub(super) fn released_form(
        &self,
        column: &ArrayRef,
        shown: &str,
    ) -> Result<Option<String>, Fault> {
        let twins = self.of(column)?;
        let (values, twins) = (column.as_string::<i32>(), twins.as_string::<i32>());
        let mut pairs = values.iter().zip(twins);
        let found = pairs.find(|(_, twin)| *twin == Some(shown));
        Ok(found.and_then(|(value, _)| value).map(str::to_owned))
    }

    /// Whether a value has a twin that is neither itself nor used.
    fn is_free(&self, value: u64) -> bool {
        self.twin_of
            .get(&value)
            .is_some_and(|twin| !self.used.contains(twin))
    }
}

fn number(slots: &Prf, value: &str) -> u64 {
    slot(slots, b"twin", &[value])
}
