//! The generator's tables with every identifier cell made unique, so that a cell found anywhere is a leak and no chance.

use fixtures::{Column, FixtureError, Table, Value, write_csv};

/// Letters of the Uyghur alphabet; GB18030 writes each in four bytes.
const UYGHUR: [char; 16] = [
    'ا', 'ب', 'پ', 'ت', 'ج', 'چ', 'خ', 'د', 'ر', 'ز', 'س', 'ش', 'غ', 'ق', 'ك', 'ل',
];

/// Persons whose names, mobiles, cards and addresses are unique, as their ids are anyway.
pub(crate) struct Persons(fixtures::Persons);

/// Their claims, with unique claim numbers.
pub(crate) struct Claims(fixtures::Claims);

impl Persons {
    /// So many persons of a seed.
    pub(crate) fn new(seed: u64, persons: u64) -> Self {
        Self(fixtures::Persons::new(seed, persons).unwrap())
    }

    /// Every identifier cell.
    pub(crate) fn canaries(&self) -> Vec<String> {
        texts(
            self,
            &["resident_id", "name", "mobile", "card_no", "address"],
        )
    }
}

impl Claims {
    /// So many claims of each person.
    pub(crate) fn new(seed: u64, persons: &Persons, per_person: u64) -> Self {
        Self(fixtures::Claims::new(seed, &persons.0, per_person).unwrap())
    }

    /// Every claim number; the persons' ids are [`Persons::canaries`].
    pub(crate) fn canaries(&self) -> Vec<String> {
        texts(self, &["claim_id"])
    }
}

impl Table for Persons {
    fn columns(&self) -> &[Column] {
        self.0.columns()
    }

    fn rows(&self) -> u64 {
        self.0.rows()
    }

    fn row(&self, number: u64, out: &mut Vec<Value>) {
        self.0.row(number, out);
        for (column, cell) in self.0.columns().iter().zip(out) {
            match column.name {
                "name" => *cell = Value::Text(name(number)),
                "mobile" => *cell = Value::Text(format!("199{:08}", spread(number, 100_000_000))),
                "card_no" => {
                    *cell = Value::Text(format!("00{:010}", spread(number, 10_000_000_000)))
                }
                "address" => {
                    *cell = Value::Text(format!("新疆乌鲁木齐市和平路{}", han(number, '\u{5f00}')))
                }
                _ => {}
            }
        }
    }
}

impl Table for Claims {
    fn columns(&self) -> &[Column] {
        self.0.columns()
    }

    fn rows(&self) -> u64 {
        self.0.rows()
    }

    fn row(&self, number: u64, out: &mut Vec<Value>) {
        self.0.row(number, out);
        for (column, cell) in self.0.columns().iter().zip(out) {
            if column.name == "claim_id" {
                *cell = Value::Text(format!("7{:013}", spread(number, 10_000_000_000_000)));
            }
        }
    }
}

/// A table as UTF-8 CSV.
pub(crate) fn csv(table: &impl Table) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written: Result<(), FixtureError> = write_csv(table, &mut bytes);
    written.unwrap();
    bytes
}

/// A Han name, or every third one a Uyghur name, that nobody else has.
fn name(number: u64) -> String {
    if number % 3 != 1 {
        return format!("买{}", han(number, '\u{5e00}'));
    }
    let letter = |place: u32| UYGHUR[(spread(number, 1 << 24) >> (4 * place) & 15) as usize];
    format!("مەر{}", (0..6).map(letter).collect::<String>())
}

/// Four ideographs that no other number and kind has.
fn han(number: u64, kind: char) -> String {
    let digit = |shift: u32| char::from_u32(0x4e00 + (number >> shift & 0x3ff) as u32).unwrap();
    [kind, digit(20), digit(10), digit(0)].iter().collect()
}

/// Different numbers below a power of ten or two, far apart: the factor is prime to both.
fn spread(number: u64, below: u64) -> u64 {
    (number * 7_654_321 + 1_234_567) % below
}

fn texts(table: &impl Table, columns: &[&str]) -> Vec<String> {
    let mut row = Vec::new();
    let mut found = Vec::new();
    for number in 0..table.rows() {
        table.row(number, &mut row);
        for (column, cell) in table.columns().iter().zip(&row) {
            match cell {
                Value::Text(text) if columns.contains(&column.name) => found.push(text.clone()),
                _ => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identifier_cell_is_unique() {
        let persons = Persons::new(5, 3_000);
        let mut all = persons.canaries();
        all.extend(Claims::new(5, &persons, 2).canaries());
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!((all.len(), count), (3_000 * 5 + 6_000, 3_000 * 5 + 6_000));
    }
}
