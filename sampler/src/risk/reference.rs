//! The plain slow twin: sets of tuples themselves are the classes, nothing is hashed or streamed.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Drawn, Observation, RiskReport, Verdict};
use crate::PointDomain;

type Class = BTreeSet<(u16, u128)>;

/// What the twin computes; `None` for the suppressed set is a refusal.
#[derive(Debug)]
pub(super) struct Expected {
    population_sizes: Vec<u64>,
    drawn_sizes: Vec<u64>,
    left_sizes: Vec<u64>,
    k_map: Option<u64>,
    linked: f64,
    suppressed: (u64, u64),
    suppress: Option<Vec<u64>>,
}

pub(super) fn measure(
    seen: &[Observation],
    drawn: &Drawn,
    k_map: Option<u64>,
    k: Option<u64>,
    suppress_max: f64,
) -> Expected {
    let units: BTreeSet<u64> = seen.iter().map(|s| s.unit).collect();
    let is_drawn = |unit: u64| match drawn {
        Drawn::ByUnit { key, threshold } => threshold.keeps(key.point(PointDomain::Unit, unit)),
        Drawn::ByRow => seen.iter().any(|s| s.unit == unit && s.drawn),
    };
    let by_row = matches!(drawn, Drawn::ByRow);
    let class = |unit: u64, shown_only: bool| -> Class {
        seen.iter()
            .filter(|s| s.unit == unit && s.table != Observation::PRESENT)
            .filter(|s| !shown_only || s.drawn)
            .map(|s| (s.table, s.tuple))
            .collect()
    };
    let population: BTreeMap<u64, Class> = units.iter().map(|&u| (u, class(u, false))).collect();
    let sample: BTreeMap<u64, Class> = units
        .iter()
        .filter(|&&u| is_drawn(u))
        .map(|&u| (u, class(u, by_row)))
        .collect();
    let size = |classes: &BTreeMap<u64, Class>, class: &Class| {
        classes.values().filter(|other| *other == class).count() as u64
    };
    let crowd = |unit: &u64| size(&population, &population[unit]);
    let rare: BTreeSet<u64> = sample
        .keys()
        .filter(|u| crowd(u) < k_map.unwrap_or(0))
        .copied()
        .collect();
    let mut left = sample.clone();
    left.retain(|u, _| !rare.contains(u));
    let few: BTreeSet<u64> = left
        .iter()
        .filter(|(_, class)| size(&left, class) < k.unwrap_or(0))
        .map(|(&u, _)| u)
        .collect();
    // The plain bound is also right when too many are rare: the verdict is a refusal either way.
    let out: Vec<u64> = rare.union(&few).copied().collect();
    left.retain(|u, _| !few.contains(u));
    let allowed = (suppress_max * sample.len() as f64 + 1e-9).floor() as usize;
    let passed = !sample.is_empty() && out.len() <= allowed && out.len() < sample.len();
    let linked: f64 = sample.keys().map(|u| 1.0 / crowd(u) as f64).sum();
    Expected {
        population_sizes: sizes(&population),
        drawn_sizes: sizes(&sample),
        left_sizes: sizes(&left),
        k_map: sample.keys().map(crowd).min(),
        linked: if sample.is_empty() {
            0.0
        } else {
            linked / sample.len() as f64
        },
        suppressed: (rare.len() as u64, few.len() as u64),
        suppress: passed.then_some(out),
    }
}

/// One entry per class, ascending.
fn sizes(classes: &BTreeMap<u64, Class>) -> Vec<u64> {
    let mut counts: BTreeMap<&Class, u64> = BTreeMap::new();
    for class in classes.values() {
        *counts.entry(class).or_default() += 1;
    }
    let mut sizes: Vec<u64> = counts.into_values().collect();
    sizes.sort_unstable();
    sizes
}

pub(super) fn compare(
    (report, verdict): &(RiskReport, Verdict),
    expect: &Expected,
) -> Result<(), TestCaseError> {
    let listed = |sizes: &super::ClassSizes| -> Vec<u64> {
        let lines = sizes.distribution.iter();
        lines
            .flat_map(|line| std::iter::repeat_n(line.size, line.classes as usize))
            .collect()
    };
    prop_assert_eq!(listed(&report.population), expect.population_sizes.clone());
    prop_assert_eq!(listed(&report.before.classes), expect.drawn_sizes.clone());
    prop_assert_eq!(report.before.k_map, expect.k_map);
    prop_assert!((report.before.marketer.population - expect.linked).abs() < 1e-12);
    prop_assert_eq!(report.suppressed.k_map, expect.suppressed.0);
    prop_assert_eq!(report.rows_without_unit, 3);
    match (&expect.suppress, verdict) {
        (Some(out), Verdict::Passed { suppress }) => {
            prop_assert_eq!(out.clone(), suppress.iter().collect::<Vec<_>>());
            prop_assert_eq!(report.suppressed.k, expect.suppressed.1);
            let after = report.after.as_ref();
            prop_assert_eq!(
                after.map(|a| listed(&a.classes)),
                Some(expect.left_sizes.clone())
            );
        }
        (None, Verdict::Refused(_)) => prop_assert!(report.after.is_none()),
        _ => prop_assert!(false, "the verdicts differ: {verdict:?}"),
    }
    Ok(())
}
