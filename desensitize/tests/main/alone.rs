//! A row comes out the same whichever rows stand before it: the texts of a column share one buffer, and their kernels
//! work on many rows at once.

use arrow::{
    array::{Array, ArrayRef},
    compute::concat,
    datatypes::DataType,
};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::columns::{column, compile, recipe, techniques};

#[test]
fn a_row_comes_out_the_same_alone_and_among_others() {
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(64)
    };
    for technique in techniques() {
        let row_by_row = technique.rows_at_once().is_none() && technique.companion().is_none();
        let Ok(transform) = compile(&recipe(technique.clone()), &DataType::Utf8, true) else {
            continue;
        };
        if !row_by_row {
            continue;
        }
        let ran = TestRunner::new(config.clone()).run(&column(DataType::Utf8, true), |column| {
            let (together, _) = transform.apply(&column, 1).unwrap();
            let alone: Vec<ArrayRef> = (0..column.len())
                .map(|row| transform.apply(&column.slice(row, 1), 1).unwrap().0)
                .collect();
            let alone: Vec<&dyn Array> = alone.iter().map(AsRef::as_ref).collect();
            if !alone.is_empty() {
                prop_assert_eq!(&concat(&alone).unwrap(), &together);
            }
            Ok(())
        });
        ran.unwrap_or_else(|broken| panic!("{technique}: {broken}"));
    }
}
