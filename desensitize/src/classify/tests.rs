//! Columns as strangers' tables have them, and arbitrary text.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array};
use proptest::prelude::*;

use super::*;

/// The finding for one column of these values.
fn one(name: &str, values: &[&str]) -> Finding {
    let cells = values.iter().map(|value| Some((*value).to_owned()));
    classified(name, cells.collect())
}

fn classified(name: &str, cells: Vec<Option<String>>) -> Finding {
    let mut classifier = Classifier::new(vec![ColumnName::new(name)]);
    for batch in cells.chunks(1000) {
        let array: ArrayRef = Arc::new(StringArray::from(batch.to_vec()));
        let batch = RecordBatch::try_from_iter_with_nullable([("c", array, true)]).unwrap();
        classifier.observe(&batch).unwrap();
    }
    classifier.finish().remove(0)
}

/// `count` values that a counter makes.
fn many(count: u64, value: impl Fn(u64) -> String) -> Vec<Option<String>> {
    (0..count).map(|at| Some(value(at))).collect()
}

/// Digits that look random and are a function of the number.
fn scattered(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ number.wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(31)
}

#[test]
fn order_numbers_are_no_bank_cards() {
    for count in [500, 20_000, 200_000] {
        let digits = |at| {
            format!(
                "{:016}",
                1_000_000_000_000_000 + scattered(at) % 9_000_000_000_000_000
            )
        };
        let finding = classified("bank_card", many(count, digits));
        assert_ne!(
            finding.semantic,
            Semantic::Identifier(crate::Identifier::BankCard),
            "{count}"
        );
        let card = finding
            .rates
            .iter()
            .find(|rate| rate.semantic.id() == "bank-card");
        let card = card.unwrap();
        assert!(
            !card.significant && (0.05..0.15).contains(&card.share()),
            "{card:?}"
        );
        // The name is believed for the label all the same.
        assert_eq!(finding.kind, ColumnKind::Direct);
    }
}

/// Numbers of every length, as orders and cases have them: none passes for an identifier with a check character, and
/// none for another but where nothing but a length tells it.
#[test]
fn random_digits_are_no_identifier() {
    for length in 4..=20_u32 {
        let first = 10_u128.pow(length - 1);
        let digits = |at| {
            let wide = u128::from(scattered(at)) << 64 | u128::from(scattered(!at));
            (first + wide % (9 * first)).to_string()
        };
        let finding = classified("c1", many(60_000, digits));
        let identifiers = finding
            .rates
            .iter()
            .filter(|rate| rate.significant && rate.basis > Basis::Length);
        let identifiers: Vec<_> = identifiers
            .filter(|rate| rate.semantic != Semantic::Date)
            .collect();
        assert!(identifiers.is_empty(), "{length}: {identifiers:?}");
        assert!(
            matches!(length, 8 | 10) || finding.semantic.id() == "code" || length < 8,
            "{length}: {:?}",
            finding.semantic
        );
    }
}

/// Luhn is met by a tenth of them behind an issuer's prefix too, and a number in many rows is one number.
#[test]
fn numbers_that_look_like_cards_are_none() {
    let behind_union_pay = |at| format!("62{:014}", scattered(at) % 100_000_000_000_000);
    let twice_valid = |at| {
        ["6202511240000009", "6202511240000017", "6202511240000035"][at as usize % 3].to_owned()
    };
    for cells in [many(200_000, behind_union_pay), many(600, twice_valid)] {
        let finding = classified("c1", cells);
        assert_ne!(finding.semantic.id(), "bank-card");
        assert!(finding.possible.is_empty(), "{:?}", finding.possible);
    }
}

/// What other codes look like too is told by what those would not have, or it is asked.
#[test]
fn numbers_without_a_check_character() {
    let check = |value: &dyn Fn(u64) -> String, expect: &str, possible: &[&str]| {
        let finding = classified("c1", many(600, value));
        let asked: Vec<&str> = finding.possible.iter().map(|other| other.id()).collect();
        assert_eq!(
            (finding.semantic.id(), asked.as_slice()),
            (expect, possible)
        );
    };
    let eight = |at| scattered(at) % 100_000_000;
    check(
        &|at| format!("0991{}{:06}", 2 + at % 7, eight(at) % 1_000_000),
        "landline",
        &[],
    );
    check(&|at| format!("0991{:08}", eight(at)), "code", &[]);
    check(
        &|at| format!("0991-{}{:06}", 2 + at % 7, eight(at) % 1_000_000),
        "landline",
        &[],
    );
    check(&|at| format!("{:012x}", scattered(at) >> 16), "code", &[]);
    check(&|at| format!("a4{:010x}", scattered(at) >> 24), "mac", &[]);
    check(
        &|at| format!("{:08}", eight(at)),
        "code",
        &["taiwan-permit"],
    );
    check(&|at| format!("{at:08}"), "code", &[]);
    check(
        &|at| format!("{}", 13_800_000_000 + at),
        "code",
        &["mobile"],
    );
    check(&|at| format!("{}", 83_000_000_000 + at), "code", &[]);
}

#[test]
fn few_ids_are_asked_for() {
    let ids = [
        "11010519491231002X",
        "440524188001010014",
        "650102198001010012",
    ];
    let finding = classified("c1", many(600, |at| ids[at as usize % 3].to_owned()));
    assert_ne!(finding.semantic.id(), "resident-id");
    assert_eq!(
        finding.possible,
        [Semantic::Identifier(crate::Identifier::ResidentId)]
    );
    assert_eq!(finding.kind, ColumnKind::Direct);
    let finding = one("TBZH", &["01234567", "07654321", "12345678"]);
    assert_eq!(
        (finding.semantic.id(), finding.grade),
        ("taiwan-permit", Grade::Likely)
    );
}

#[test]
fn an_id_with_leading_zeros_stays_text() {
    let finding = classified("c1", many(500, |at| format!("{:08}", at)));
    assert_eq!(finding.value_type, ValueType::Text);
    let finding = classified("c1", many(500, |at| at.to_string()));
    assert_eq!(finding.value_type, ValueType::Integer);
}

#[test]
fn few_rows_need_a_name_that_agrees() {
    let mobiles = ["13912345678", "13812345678", "13712345678"];
    let finding = one("LXDH", &mobiles);
    assert_eq!((finding.semantic.id(), finding.confidence), ("mobile", 0.7));
    assert_ne!(one("c1", &mobiles).semantic.id(), "mobile");
}

#[test]
fn a_name_alone_is_told_as_that() {
    let finding = one("法定代表人", &["Smith", "Jones"]);
    assert_eq!(
        (finding.semantic, finding.confidence),
        (Semantic::PersonName, 0.55)
    );
    let finding = one("SFZH", &["A-1", "A-2", "A-3"]);
    assert_ne!(finding.semantic.id(), "resident-id");
    assert_eq!(
        (finding.kind, finding.technique),
        (ColumnKind::Direct, Proposed::Token)
    );
}

#[test]
fn identifiers_inside_sentences_hide_the_column() {
    let remark = |at: u64| match at % 100 {
        0 => "经核实，联系人身份证号11010519491231002X，已登记在册。".to_owned(),
        _ => format!("第{at}号申请材料齐全，同意受理并转交下一环节办理。"),
    };
    let finding = classified("BZ", many(1000, remark));
    assert_eq!(finding.semantic, Semantic::FreeText);
    assert_eq!(
        (finding.kind, finding.level, finding.technique),
        (
            ColumnKind::Sensitive,
            ColumnLevel::General4,
            Proposed::Scrub
        )
    );
    assert!(
        finding
            .reasons
            .iter()
            .any(|reason| reason.en.contains("10 values hold")),
        "{:?}",
        finding.reasons
    );
}

#[test]
fn births_and_other_days() {
    let day = |at: u64, years: u64| {
        format!(
            "{}-{:02}-{:02}",
            2020 - at % years,
            1 + at % 12,
            1 + at % 28
        )
    };
    assert_eq!(
        classified("c1", many(300, |at| day(at, 80))).semantic,
        Semantic::BirthDate
    );
    assert_eq!(
        classified("c1", many(300, |at| day(at, 3))).semantic,
        Semantic::Date
    );
    assert_eq!(
        classified("CSRQ", many(300, |at| day(at, 3))).semantic,
        Semantic::BirthDate
    );
}

#[test]
fn an_empty_column_is_empty() {
    let finding = classified("c1", vec![None; 100]);
    assert_eq!(
        (finding.semantic, finding.rows, finding.values),
        (Semantic::Empty, 100, 0)
    );
    assert_eq!(one("c1", &[]).semantic, Semantic::Empty);
}

#[test]
fn what_is_not_text_or_not_the_table_is_refused() {
    let integers: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let batch = RecordBatch::try_from_iter([("c1", integers)]).unwrap();
    let mut classifier = Classifier::new(vec![ColumnName::new("c1")]);
    let column = "c1".to_owned();
    assert_eq!(
        classifier.observe(&batch),
        Err(NotClassifiable::NotText { column })
    );
    let mut classifier = Classifier::new(Vec::new());
    let refused = classifier.observe(&batch);
    assert_eq!(
        refused,
        Err(NotClassifiable::Columns {
            found: 1,
            expected: 0
        })
    );
}

proptest! {
    #[test]
    fn any_text_is_classified_and_no_value_is_told(
        name in "\\PC{0,12}",
        cells in prop::collection::vec(prop::option::of("\\PC{0,40}|[0-9]{1,20}|\\PC{400,600}"), 0..60),
    ) {
        let finding = classified(&name, cells.clone());
        prop_assert_eq!(finding.rows, cells.len() as u64);
        prop_assert!((0.0..=1.0).contains(&finding.confidence));
        let told: String = finding.reasons.iter().map(|reason| format!("{}{}", reason.en, reason.zh)).collect();
        for cell in cells.into_iter().flatten().filter(|cell| cell.chars().count() > 12) {
            prop_assert!(!told.contains(cell.as_str()));
        }
    }

    #[test]
    fn batches_make_no_difference(cut in 1_usize..50, seed in any::<u64>()) {
        let cells = many(200, |at| format!("139{:08}", scattered(at ^ seed) % 100_000_000));
        let whole = classified("c1", cells.clone());
        let mut classifier = Classifier::new(vec![ColumnName::new("c1")]);
        for batch in cells.chunks(cut) {
            let array: ArrayRef = Arc::new(StringArray::from(batch.to_vec()));
            classifier.observe(&RecordBatch::try_from_iter([("c", array)]).unwrap()).unwrap();
        }
        prop_assert_eq!(whole, classifier.finish().remove(0));
    }
}
