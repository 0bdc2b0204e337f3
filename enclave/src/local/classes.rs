//! Exact class counts over the full population in bounded memory: `sampler` counts, the spill files are here.

use std::io;
use std::path::Path;

use arrow::array::{ArrayRef, BooleanArray, UInt64Array};
use sampler::risk::{
    ClassKey, ClassRecord, Drawn, Gate, Observation, Observer, RiskReport, Side, UnitCount, Verdict,
};

use super::failure::SampleFailure;
use super::progress::{Progress, Stage};
use super::spill::Spill;
use crate::keys::SecretKey;

/// How many partitions a spill has: at 100 million units one holds about 100,000 records, some ten megabytes while
/// they are counted; the pages that wait to be written take four megabytes per spill.
const PARTITIONS: usize = 1024;

/// What every unit shows, spilled by unit.
pub(super) struct Classes {
    key: ClassKey,
    observations: Spill,
    rows_without_unit: u64,
    scratch: std::path::PathBuf,
}

impl Classes {
    pub(super) fn create(scratch: &Path) -> Result<Self, SampleFailure> {
        // Drawn afresh: a spilled record can be tried against values by nobody.
        let secret = SecretKey::random()?;
        Ok(Self {
            key: ClassKey::new(secret.expose()),
            observations: Spill::create(scratch, PARTITIONS)?,
            rows_without_unit: 0,
            scratch: scratch.to_owned(),
        })
    }

    /// Spills what the rows of a batch show.
    pub(super) fn observe(
        &mut self,
        observer: &Observer,
        units: &UInt64Array,
        shown: &[ArrayRef],
        drawn: Option<&BooleanArray>,
    ) -> Result<(), SampleFailure> {
        let mut written = Ok(());
        let spill = &mut self.observations;
        let without = observer.observe(&self.key, units, shown, drawn, |seen| {
            if written.is_ok() {
                written = spill.push(seen.partition(PARTITIONS), &seen.to_bytes());
            }
        })?;
        self.rows_without_unit += without;
        Ok(written?)
    }

    /// Counts distinct units per class and asks the gate.
    pub(super) fn count(
        self,
        drawn: Drawn,
        gate: Gate,
        progress: &dyn Fn(Progress),
    ) -> Result<(RiskReport, Verdict), SampleFailure> {
        let mut units = UnitCount::new(self.key, drawn);
        let mut population = Spill::create(&self.scratch, PARTITIONS)?;
        let mut sample = Spill::create(&self.scratch, PARTITIONS)?;
        let mut records = 0;
        for bytes in self.observations.drain() {
            let bytes = bytes?;
            let observations = Observation::read_all(&bytes)?.map(Ok::<_, io::Error>);
            units.partition(observations, |side, record| {
                records += 1;
                let spill = match side {
                    Side::Population => &mut population,
                    Side::Sample => &mut sample,
                };
                spill.push(record.partition(PARTITIONS), &record.to_bytes())
            })?;
            progress(Progress {
                stage: Stage::Gating,
                rows: records,
            });
        }
        let mut counted = units.finish(gate);
        for bytes in population.drain() {
            counted.partition(ClassRecord::read_all(&bytes?)?.map(Ok::<_, io::Error>))?;
        }
        let mut counted = counted.finish();
        for bytes in sample.drain() {
            counted.partition(ClassRecord::read_all(&bytes?)?.map(Ok::<_, io::Error>))?;
        }
        Ok(counted.finish(self.rows_without_unit))
    }
}
