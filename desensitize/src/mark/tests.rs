//! 500 recipients: the right copy is told from 1,000 rows however they were handled, and nobody else ever is.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use proptest::prelude::*;

use super::*;
use crate::resident_id::{Kept, Part, ResidentId};
use crate::{FpeDigits, FpeResidentId, OnBroken, TableRecipe, Token};

/// Recipients of one sample.
const RECIPIENTS: usize = 500;
/// Rows of the sample.
const ROWS: usize = 2000;
/// Rows that were found.
const FOUND: usize = 1000;

fn recipient(number: usize) -> String {
    format!("karez://xj/devco/developer/p-{number}")
}

/// A generator with a fixed seed (SplitMix64, Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((word ^ (word >> 31)) % bound as u64) as usize
    }
}

/// Valid ids of invented persons, two rows for each.
fn ids(rows: usize) -> Vec<String> {
    let id = |row: usize| {
        let person = row / 2;
        let (year, month) = (1950 + person % 50, 1 + person / 50 % 12);
        let payload = format!("650102{year}{month:02}15{:03}", 1 + person / 600);
        let check = (0..11).map(|digit| "0123456789X".as_bytes()[digit] as char);
        check
            .map(|check| format!("{payload}{check}"))
            .find(|id| ResidentId::parse(id).is_ok())
            .unwrap()
    };
    (0..rows).map(id).collect()
}

fn recipes(techniques: &[(&str, Technique)]) -> Vec<ColumnRecipe> {
    let named = techniques.iter().map(|(name, technique)| ColumnRecipe {
        on_broken: matches!(technique, Technique::Fpe(_)).then_some(OnBroken::Token),
        ..ColumnRecipe::new(*name, technique.clone())
    });
    named.collect()
}

fn resident(mode: Mode) -> Technique {
    let keep = Kept::from_parts([Part::Province, Part::Sex]);
    Technique::Fpe(Fpe::ResidentId(FpeResidentId {
        mode,
        ..FpeResidentId::marked(keep)
    }))
}

fn card() -> Technique {
    Technique::Fpe(Fpe::Digits(FpeDigits::new("digits/card".to_owned())))
}

/// A released table of these techniques over the same persons.
fn released(recipes: &[ColumnRecipe], rows: usize) -> RecordBatch {
    let ids = ids(rows);
    let column = |name: &str| -> ArrayRef {
        let cell = |(row, id): (usize, &String)| match name {
            "card" => Some(format!("6222{:012}", row / 2)),
            "note" => (row % 7 != 0).then(|| format!("note {row}")),
            _ => Some(id.clone()),
        };
        Arc::new(StringArray::from_iter(ids.iter().enumerate().map(cell)))
    };
    let fields = recipes
        .iter()
        .map(|recipe| Field::new(&recipe.column, DataType::Utf8, true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let columns = recipes
        .iter()
        .map(|recipe| column(&recipe.column))
        .collect();
    let raw = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
    let keys = |domain: &str| {
        let mut bytes = [7; 32];
        bytes[..domain.len().min(32)].copy_from_slice(&domain.as_bytes()[..domain.len().min(32)]);
        ColumnKey::from(bytes)
    };
    let recipe = TableRecipe::compile(recipes, &schema, keys).unwrap();
    recipe.apply(&raw, 1).unwrap().0.into_batch()
}

/// A sample with its marks, observed.
fn sample(techniques: &[(&str, Technique)]) -> (Marks, RecordBatch) {
    let recipes = recipes(techniques);
    let batch = released(&recipes, ROWS);
    let mut marks = Marks::new(&[&recipes], MarkKey::from([9; 32]));
    marks.observe(0, &batch).unwrap();
    (marks, batch)
}

fn cells(batch: &RecordBatch, column: usize) -> Vec<String> {
    let texts = batch.column(column).as_string::<i32>();
    texts.iter().flatten().map(str::to_owned).collect()
}

/// 1,000 rows of a recipient's copy as a leaker handles them: one column, shuffled, one cell in ten edited at its end.
fn leaked(marks: &Marks, batch: &RecordBatch, who: &str, random: &mut Random) -> Vec<String> {
    let picked = batch.slice(random.below(batch.num_rows() - FOUND), FOUND);
    let mut found = cells(&marks.mark(who, 0, &picked).unwrap(), 0);
    for place in (1..found.len()).rev() {
        found.swap(place, random.below(place + 1));
    }
    for cell in &mut found {
        if random.below(10) > 0 {
            continue;
        }
        let digit = char::from(b'0' + random.below(10) as u8);
        cell.pop();
        cell.push(digit);
    }
    found
}

fn evidence(marks: &Marks, texts: &[String]) -> Evidence {
    marks.evidence(texts.iter().map(String::as_str))
}

/// Who is told of all recipients.
fn told(marks: &Marks, evidence: &Evidence) -> Vec<usize> {
    let needed = bits_needed(RECIPIENTS);
    (0..RECIPIENTS)
        .filter(|number| marks.fit(&recipient(*number), evidence).bits >= needed)
        .collect()
}

/// The techniques whose columns carry marks, each alone in its table.
fn carriers() -> [(&'static str, Technique); 4] {
    [
        ("id", Technique::Token(Token::resident_id())),
        ("id", resident(Mode::Marked)),
        ("id", resident(Mode::Valid)),
        ("card", card()),
    ]
}

#[test]
fn the_right_one_of_500_recipients_is_told_from_1000_rows() {
    for technique in carriers() {
        let (marks, batch) = sample(std::slice::from_ref(&technique));
        let mut random = Random(1);
        let needed = bits_needed(RECIPIENTS);
        for number in 0..RECIPIENTS {
            let leaked = leaked(&marks, &batch, &recipient(number), &mut random);
            let evidence = evidence(&marks, &leaked);
            let own = marks.fit(&recipient(number), &evidence);
            assert!(own.bits >= needed, "{number} {:?} {own:?}", technique.1);
            // Everybody for one of them; for the others, now and then who stands next to the right one.
            if number == 123 {
                assert_eq!(told(&marks, &evidence), [number], "{:?}", technique.1);
            } else if number % 10 == 0 {
                let other = marks.fit(&recipient(number + 1), &evidence);
                assert!(other.bits < needed, "{number} {other:?}");
            }
        }
    }
}

#[test]
fn an_unmarked_or_foreign_file_accuses_nobody() {
    for technique in carriers() {
        let (marks, batch) = sample(std::slice::from_ref(&technique));
        let unmarked = evidence(&marks, &cells(&batch.slice(0, 600), 0));
        assert!(unmarked.values() > 100, "{:?}", technique.1);
        assert_eq!(told(&marks, &unmarked), [0; 0], "{:?}", technique.1);
        // The same persons released under other keys, and the raw values.
        let recipes = recipes(std::slice::from_ref(&technique));
        let foreign = Marks::new(&[&recipes], MarkKey::from([8; 32]));
        let part = batch.slice(0, 600);
        let copy = foreign.mark(&recipient(1), 0, &part).unwrap();
        let other = evidence(&marks, &cells(&copy, 0));
        assert_eq!(told(&marks, &other), [0; 0], "{:?}", technique.1);
        let raw = evidence(&marks, &ids(ROWS));
        assert_eq!(raw.values(), 0, "{:?}", technique.1);
        assert_eq!(marks.evidence(["", "tk_", "650102", "新疆"]).values(), 0);
    }
}

#[test]
fn a_mixed_file_tells_everybody_whose_copy_is_in_it() {
    let (marks, batch) = sample(&[("id", resident(Mode::Marked))]);
    let copy = |number| cells(&marks.mark(&recipient(number), 0, &batch).unwrap(), 0);
    let (one, two) = (copy(3), copy(77));
    let mixed: Vec<String> = (0..FOUND)
        .map(|row| {
            if row % 4 < 2 {
                one[row].clone()
            } else {
                two[row].clone()
            }
        })
        .collect();
    assert_eq!(told(&marks, &evidence(&marks, &mixed)), [3, 77]);
}

#[test]
fn little_evidence_tells_nobody() {
    let (marks, batch) = sample(&[("card", card())]);
    let copy = marks.mark(&recipient(5), 0, &batch).unwrap();
    let few: Vec<String> = cells(&copy, 0).into_iter().step_by(2).take(20).collect();
    let evidence = evidence(&marks, &few);
    let own = marks.fit(&recipient(5), &evidence);
    assert!(own.agreeing == own.marked && own.marked >= 10, "{own:?}");
    assert_eq!(told(&marks, &evidence), [0; 0]);
}

/// Values that are one in the sample are one in the copy, and only those: joins and keys hold.
fn same_partition(before: &[String], after: &[String]) {
    let (mut forth, mut back) = (HashMap::new(), HashMap::new());
    assert_eq!(before.len(), after.len());
    for (old, new) in before.iter().zip(after) {
        assert_eq!(forth.entry(old).or_insert(new), &new);
        assert_eq!(back.entry(new).or_insert(old), &old);
    }
}

#[test]
fn a_copy_keeps_types_nulls_joins_and_what_each_surrogate_promises() {
    let persons = recipes(&[
        ("id", resident(Mode::Marked)),
        ("note", Technique::Token(Token::text())),
    ]);
    let claims = recipes(&[("id", resident(Mode::Marked)), ("card", card())]);
    let (first, second) = (released(&persons, ROWS), released(&claims, ROWS / 2));
    let mut marks = Marks::new(&[&persons, &claims], MarkKey::from([9; 32]));
    marks.observe(0, &first).unwrap();
    marks.observe(1, &second).unwrap();
    let columns: Vec<_> = marks.columns().collect();
    assert_eq!(columns, [(0, "id"), (0, "note"), (1, "card"), (1, "id")]);
    let copies = [
        marks.mark("ann", 0, &first).unwrap(),
        marks.mark("ann", 1, &second).unwrap(),
    ];
    for (before, after) in [(&first, &copies[0]), (&second, &copies[1])] {
        assert_eq!(before.schema(), after.schema());
        for column in 0..before.num_columns() {
            assert_eq!(before.column(column).nulls(), after.column(column).nulls());
            let (before, after) = (cells(before, column), cells(after, column));
            same_partition(&before, &after);
            let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count();
            assert!(
                changed * 5 > before.len() * 2,
                "{changed} of {}",
                before.len()
            );
        }
    }
    // One person in two tables of one copy, and another recipient's copy elsewhere.
    assert_eq!(cells(&copies[0], 0)[..ROWS / 2], cells(&copies[1], 0)[..]);
    assert_ne!(
        cells(&marks.mark("bob", 0, &first).unwrap(), 0),
        cells(&copies[0], 0)
    );
    for (marked, plain) in cells(&copies[0], 0).iter().zip(cells(&first, 0)) {
        assert!(
            ResidentId::parse(marked).is_err(),
            "a marked id never validates"
        );
        assert_eq!(marked[..17], plain[..17]);
    }
    let cards: HashSet<String> = cells(&second, 1).into_iter().collect();
    for card in cells(&copies[1], 1) {
        assert!(card.len() == 16 && card.bytes().all(|digit| digit.is_ascii_digit()));
        assert!(cards.contains(&card) || !cards.contains(&card[..15]));
    }
}

#[test]
fn valid_surrogates_stay_valid_and_keep_what_is_kept() {
    let (marks, batch) = sample(&[("id", resident(Mode::Valid))]);
    let copy = marks.mark("ann", 0, &batch).unwrap();
    same_partition(&cells(&batch, 0), &cells(&copy, 0));
    for (old, new) in cells(&batch, 0).iter().zip(cells(&copy, 0)) {
        ResidentId::parse(&new).unwrap();
        assert_eq!(old[..2], new[..2], "province");
        assert_eq!(old.as_bytes()[16] % 2, new.as_bytes()[16] % 2, "sex");
    }
}

#[test]
fn every_shown_form_leads_back_to_the_released_value() {
    for technique in carriers() {
        let (marks, batch) = sample(std::slice::from_ref(&technique));
        let copy = marks.mark("ann", 0, &batch).unwrap();
        let name = technique.0;
        for (shown, released) in cells(&copy, 0).iter().zip(cells(&batch, 0)).step_by(97) {
            let found = marks.released_form(0, name, &batch, shown).unwrap();
            assert_eq!(found.as_deref(), Some(released.as_str()));
        }
        let other = marks.released_form(0, name, &batch, "650102199003071234");
        assert_eq!(other.unwrap(), None);
    }
}

#[test]
fn columns_without_a_choice_carry_nothing() {
    let same = |column: &str| Technique::Fpe(Fpe::Digits(FpeDigits::new(column.to_owned())));
    let keep_more = FpeResidentId {
        mode: Mode::Valid,
        ..FpeResidentId::marked(Kept::from_parts([Part::Province]))
    };
    for (techniques, expect) in [
        (
            vec![("a", Technique::Keep), ("b", Technique::Redact)],
            vec![],
        ),
        (vec![("a", same("d")), ("b", same("d"))], vec!["a", "b"]),
        // Two ways to write one domain: a twin in one of them would part the two.
        (
            vec![
                ("a", resident(Mode::Valid)),
                ("b", Technique::Fpe(Fpe::ResidentId(keep_more))),
            ],
            vec![],
        ),
    ] {
        let (marks, _) = sample(&techniques);
        let columns: Vec<&str> = marks.columns().map(|(_, column)| column).collect();
        assert_eq!(columns, expect);
    }
}

#[test]
fn marks_have_names_and_do_not_print_their_key() {
    let marks = Marks::new(&[], MarkKey::from([0xab; 32]));
    assert_ne!(marks.name("ann"), marks.name("bob"));
    assert_eq!(marks.name("ann").len(), 16);
    let other = Marks::new(&[], MarkKey::from([0xac; 32]));
    assert_ne!(marks.name("ann"), other.name("ann"));
    let printed = format!("{marks:?} {:?}", MarkKey::from([0xab; 32]));
    assert!(
        !printed.contains("abab") && printed.contains("MarkKey(…)"),
        "{printed}"
    );
}

proptest! {
    /// Arbitrary texts in marked columns: no panic, nulls and partition kept, and a copy of it fits its recipient.
    #[test]
    fn arbitrary_texts_are_carried(texts in prop::collection::vec(prop::option::of(".{0,40}"), 0..40)) {
        let recipes = recipes(&[("id", resident(Mode::Marked)), ("card", card())]);
        let column: ArrayRef = Arc::new(StringArray::from(texts.clone()));
        let schema = Schema::new(vec![
            Field::new("id", DataType::Utf8, true),
            Field::new("card", DataType::Utf8, true),
        ]);
        let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::clone(&column), column]).unwrap();
        let mut marks = Marks::new(&[&recipes], MarkKey::from([9; 32]));
        marks.observe(0, &batch).unwrap();
        let copy = marks.mark("ann", 0, &batch).unwrap();
        for place in 0..2 {
            prop_assert_eq!(copy.column(place).nulls(), batch.column(place).nulls());
            same_partition(&cells(&batch, place), &cells(&copy, place));
        }
        let found = marks.evidence(texts.iter().flatten().map(String::as_str));
        prop_assert!(marks.fit("ann", &found).agreeing <= found.values());
    }
}
