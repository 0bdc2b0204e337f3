//! Random tables: no group that leaves has fewer than k persons, counted by a plain twin.

use std::collections::{BTreeMap, BTreeSet};

use egress::RunLimits;
use proptest::prelude::*;

use crate::world::{Claim, K, LIMITS, answer_over, governance, lines};

const REGIONS: [&str; 5] = ["6501", "6502", "6503", "6504", "6599"];

fn claim() -> impl Strategy<Value = Claim> {
    let person = proptest::option::weighted(0.8, 1_u64..12);
    let amount = proptest::option::weighted(0.8, (0_i32..4).prop_map(f64::from));
    (person, 0_usize..5, 0_i64..2, amount)
        .prop_map(|(person, region, age, amount)| (person, REGIONS[region], "A", age, amount))
}

/// Per region: persons, rows, persons with an amount other than zero, sum.
fn twin(claims: &[Claim]) -> Vec<String> {
    let mut groups: BTreeMap<&str, Vec<&Claim>> = BTreeMap::new();
    for claim in claims.iter().filter(|c| c.1 != "6599") {
        groups.entry(claim.1).or_default().push(claim);
    }
    let persons = |rows: &mut dyn Iterator<Item = &&Claim>| {
        rows.filter_map(|c| c.0).collect::<BTreeSet<u64>>().len() as u64
    };
    let mut lines = Vec::new();
    for (region, rows) in groups {
        let all = persons(&mut rows.iter());
        let paying = persons(&mut rows.iter().filter(|c| c.4.is_some_and(|a| a != 0.0)));
        if all >= K && paying >= K {
            let sum: f64 = rows.iter().filter_map(|c| c.4).sum();
            lines.push(format!("{region},{},{sum}", rows.len()));
        }
    }
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_groups_of_k_persons_leave(
        claims in proptest::collection::vec(claim(), 0..60),
        partitions in 1_usize..4,
    ) {
        let sql = "SELECT region, COUNT(*) AS n, SUM(amount) AS s FROM ybj.claims GROUP BY region";
        let limits = RunLimits { partitions, ..LIMITS };
        let released = answer_over(sql, &claims, &governance(), limits).unwrap();
        prop_assert_eq!(lines(&released), twin(&claims));
    }
}
