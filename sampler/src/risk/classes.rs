//! Second count: how many units are in each class, first of the population, then of the sample.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::report::{RiskReport, SampleRisk, Sizes, Suppression};
use super::{ClassRecord, Gate, Verdict};
use crate::UnitSet;

/// Counts population units per class, one class partition at a time.
///
/// Memory: the classes of one partition, plus the drawn units in small classes of all partitions as
/// long as the gate could still pass.
#[derive(Debug)]
pub struct PopulationCount {
    gate: Gate,
    drawn_units: u64,
    sizes: Sizes,
    small: Small,
}

impl PopulationCount {
    pub(super) fn new(gate: Gate, drawn_units: u64) -> Self {
        let small = Small::new(gate.allowed(drawn_units));
        Self {
            gate,
            drawn_units,
            sizes: Sizes::default(),
            small,
        }
    }

    /// Takes all records of one partition of [`super::Side::Population`].
    ///
    /// # Errors
    /// The first error of the records; the count is then of no use.
    pub fn partition<E>(
        &mut self,
        records: impl IntoIterator<Item = Result<ClassRecord, E>>,
    ) -> Result<(), E> {
        let mut classes = Classes::new(self.gate.population_floor());
        for record in records {
            classes.add(record?);
        }
        classes.close(&mut self.sizes, &mut self.small);
        Ok(())
    }

    /// Ends the count of the population, once every partition was taken.
    #[must_use]
    pub fn finish(self) -> SampleCount {
        SampleCount {
            small: Small::new(self.gate.allowed(self.drawn_units)),
            taken: self.small.set(),
            population: self,
            drawn: Sizes::default(),
            left: Sizes::default(),
        }
    }
}

/// Counts sample units per class, one class partition at a time, and decides.
#[derive(Debug)]
pub struct SampleCount {
    population: PopulationCount,
    taken: UnitSet,
    drawn: Sizes,
    left: Sizes,
    small: Small,
}

impl SampleCount {
    /// Takes all records of one partition of [`super::Side::Sample`].
    ///
    /// # Errors
    /// The first error of the records; the count is then of no use.
    pub fn partition<E>(
        &mut self,
        records: impl IntoIterator<Item = Result<ClassRecord, E>>,
    ) -> Result<(), E> {
        let mut drawn = Classes::new(0);
        let mut left = Classes::new(self.population.gate.sample_floor());
        for record in records {
            let record = record?;
            drawn.add(record);
            // Units that k-map takes out cannot hide others, so `k` is counted without them.
            if !self.taken.contains(record.unit) {
                left.add(record);
            }
        }
        drawn.close(&mut self.drawn, &mut Small::new(0));
        left.close(&mut self.left, &mut self.small);
        Ok(())
    }

    /// Ends the measurement: the report, and the gate's decision.
    ///
    /// `rows_without_unit` is the sum of what [`super::Observer::observe`] returned.
    #[must_use]
    pub fn finish(self, rows_without_unit: u64) -> (RiskReport, Verdict) {
        let Self {
            population,
            taken,
            drawn,
            left,
            small,
        } = self;
        let gate = population.gate;
        let k_map = population.small.count;
        // Past the limit the units of `k_map` are no longer listed, so that `k` cannot be counted
        // without them; the gate refuses anyway.
        let k = if k_map > population.small.allowed {
            0
        } else {
            small.count
        };
        let suppressed = Suppression { k_map, k };
        let suppress = taken.iter().chain(small.set().iter()).collect();
        let verdict = gate.decide(population.drawn_units, suppressed, suppress);
        let after = matches!(verdict, Verdict::Passed { .. }).then(|| {
            let left = left.at_least(gate.sample_floor());
            SampleRisk::new(&left, &population.sizes.at_least(gate.population_floor()))
        });
        let report = RiskReport {
            rows_without_unit,
            suppressed,
            before: SampleRisk::new(&drawn, &population.sizes),
            after,
            population: population.sizes.summary(),
        };
        (report, verdict)
    }
}

/// Classes of one partition, with the drawn units of those that are still small.
struct Classes {
    floor: u64,
    classes: HashMap<u128, Class, BuildHasherDefault<KeyedBits>>,
}

#[derive(Default)]
struct Class {
    units: u64,
    drawn: u64,
    small: Vec<u64>,
}

impl Classes {
    fn new(floor: u64) -> Self {
        Self {
            floor,
            classes: HashMap::default(),
        }
    }

    fn add(&mut self, record: ClassRecord) {
        let class = self.classes.entry(record.class).or_default();
        class.units += 1;
        class.drawn += u64::from(record.drawn);
        if class.units >= self.floor {
            class.small = Vec::new();
        } else if record.drawn {
            class.small.push(record.unit);
        }
    }

    fn close(self, sizes: &mut Sizes, small: &mut Small) {
        for class in self.classes.into_values() {
            sizes.add(class.units, class.drawn);
            small.add(class.small);
        }
    }
}

/// Units to take out, listed only as long as their number is allowed: beyond, the gate refuses and
/// needs none of them.
#[derive(Debug)]
struct Small {
    allowed: u64,
    count: u64,
    units: Vec<u64>,
}

impl Small {
    fn new(allowed: u64) -> Self {
        Self {
            allowed,
            count: 0,
            units: Vec::new(),
        }
    }

    fn add(&mut self, units: Vec<u64>) {
        self.count += units.len() as u64;
        if self.count <= self.allowed {
            self.units.extend(units);
        } else {
            self.units = Vec::new();
        }
    }

    fn set(&self) -> UnitSet {
        self.units.iter().copied().collect()
    }
}

/// Class hashes are keyed and even already, so their low bits serve as they are; the standard
/// library's default hasher would draw entropy.
#[derive(Default)]
struct KeyedBits(u64);

impl Hasher for KeyedBits {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u128(&mut self, class: u128) {
        self.0 = class as u64;
    }
}
