//! Real census data against published figures.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, UInt64Array};
use arrow::datatypes::{DataType, Field};
use sampler::risk::{ClassKey, Drawn, Gate, Observer, RiskReport, Verdict, measure};
use sampler::{SamplingKey, Threshold};

/// Average prosecutor risk of the raw extract, as ARX's tests state it.
const ADULT_AVERAGE: f64 = 0.646_575_160_798_355_5;
/// Share of rows that are unique, as ARX's tests state it.
const ADULT_UNIQUES: f64 = 0.514_289_503_348_584_4;

#[test]
fn raw_adult_has_the_published_risk() {
    let Some(report) = adult_report(16) else {
        return;
    };
    assert_eq!(report.population.units, 30_162);
    assert_eq!(report.before.prosecutor.average, ADULT_AVERAGE);
    let share = report.population.uniques as f64 / report.population.units as f64;
    assert_eq!(share, ADULT_UNIQUES);
    // Everybody is in the sample, so that the three attackers see the same classes.
    assert_eq!(
        report.before.marketer.population,
        report.before.marketer.sample
    );
    assert_eq!(report.before.journalist, report.before.prosecutor);
}

#[test]
fn partitions_do_not_change_adult() {
    let (Some(one), Some(many)) = (adult_report(1), adult_report(64)) else {
        return;
    };
    assert_eq!(one, many);
}

#[test]
fn reports_are_json() {
    let Some(report) = adult_report(4) else {
        return;
    };
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["population"]["units"], 30_162);
    assert_eq!(json["before"]["prosecutor"]["maximum"], 1.0);
}

/// Every row is a unit, every column quasi, everybody drawn.
fn adult_report(partitions: usize) -> Option<RiskReport> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/arx/adult/adult.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("SKIPPED: {} is absent", path.display());
        return None;
    };
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(';').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(';').collect()).collect();
    let column = |at: usize| -> ArrayRef {
        Arc::new(
            rows.iter()
                .map(|row| Some(row[at]))
                .collect::<StringArray>(),
        )
    };
    let columns: Vec<ArrayRef> = (0..names.len()).map(column).collect();
    let fields: Vec<Field> = names
        .iter()
        .map(|name| Field::new(*name, DataType::Utf8, true))
        .collect();
    let units = UInt64Array::from_iter_values(0..rows.len() as u64);

    let key = ClassKey::new(&[1; 32]);
    let mut seen = Vec::new();
    let observer = Observer::new(0, &fields).unwrap();
    observer
        .observe(&key, &units, &columns, None, |o| seen.push(o))
        .unwrap();
    let drawn = Drawn::ByUnit {
        key: SamplingKey::new(&[2; 32]),
        threshold: Threshold::EVERYTHING,
    };
    let gate = Gate::new(Some(5), None, 0.1).unwrap();
    let (report, verdict) = measure(seen, &key, drawn, gate, 0, partitions);
    assert!(
        matches!(verdict, Verdict::Refused(_)),
        "raw census data must not pass"
    );
    Some(report)
}
