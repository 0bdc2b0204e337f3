//! How do valid numbers begin? A number that counts on has the range of an identifier as a whole or not at all.
//!
//! Ranges of digits are evidence only as far as values are independent: a running number that begins with 83 is a valid
//! postcode in every row. Numbers that people have begin in many ways and lie far apart; those of a counter do not.

use super::recognise::{By, Recogniser};
use super::semantic::Semantic;
use crate::Identifier;

/// The longest digits whose lengths are told apart.
pub(super) const DIGITS_MAX: usize = 20;
/// Digits of a beginning.
const HEAD_DIGITS: usize = 3;
/// Beginnings of so many digits.
const HEADS: usize = 1000;
/// Numbers of fewer beginnings may be those of a counter.
const HEADS_MIN: f64 = 3.0;
/// A counter fills its range; identifiers fill a smaller share.
const DENSE: f64 = 0.2;

/// Identifiers that are digits of a range and nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    Mobile,
    Landline,
    Postcode,
    TaiwanPermit,
}

impl Numbers {
    pub(super) const ALL: [Self; 4] = [
        Self::Mobile,
        Self::Landline,
        Self::Postcode,
        Self::TaiwanPermit,
    ];

    /// The identifier.
    pub(super) const fn identifier(self) -> Identifier {
        match self {
            Self::Mobile => Identifier::Mobile,
            Self::Landline => Identifier::Landline,
            Self::Postcode => Identifier::Postcode,
            Self::TaiwanPermit => Identifier::TaiwanPermit,
        }
    }

    /// Whether a recogniser goes by these digits alone.
    pub(super) fn are(self, recogniser: Recogniser) -> bool {
        recogniser.semantic == Semantic::Identifier(self.identifier())
            && matches!(recogniser.by, By::Rules | By::Bare)
    }

    /// Digits that the part has which differs between numbers of one beginning and of another.
    const fn own_digits(self) -> usize {
        match self {
            Self::Mobile => 11,
            Self::Landline => 7,
            Self::Postcode => 6,
            Self::TaiwanPermit => 8,
        }
    }

    /// Counts of digits that such a number has, where its shape is that of any number.
    pub(super) const fn lengths(self) -> &'static [usize] {
        match self {
            Self::Postcode => &[6],
            Self::TaiwanPermit => &[8, 10],
            Self::Mobile | Self::Landline => &[],
        }
    }
}

/// How often valid numbers began with which digits.
#[derive(Clone, Debug, Default)]
pub(super) struct Heads(Vec<u32>);

impl Heads {
    /// Takes note of how a number begins; other spellings than digits are passed over.
    pub(super) fn note(&mut self, value: &str, numbers: Numbers) {
        let from = match numbers {
            // A permit may carry two digits of its issue behind the holder's.
            Numbers::TaiwanPermit => 0,
            _ => value.len().saturating_sub(numbers.own_digits()),
        };
        let head = value.get(from..from + HEAD_DIGITS);
        let head = head.and_then(|head| head.parse::<usize>().ok());
        self.0.resize(HEADS, 0);
        if let Some(count) = head.and_then(|head| self.0.get_mut(head)) {
            *count = count.saturating_add(1);
        }
    }

    /// Whether so many distinct numbers may be those of a counter.
    pub(super) fn may_count_on(&self, numbers: Numbers, distinct: f64) -> bool {
        let heads = self.even_heads();
        let room = 10_f64.powi((numbers.own_digits() - HEAD_DIGITS) as i32) * heads;
        heads < HEADS_MIN || distinct > DENSE * room
    }

    /// Beginnings, counted as if all were equally frequent, so that a few strays are none (Simpson's index, inverted).
    fn even_heads(&self) -> f64 {
        let square = |count: f64| count * count;
        let all: f64 = self.0.iter().map(|count| f64::from(*count)).sum();
        let squares: f64 = self.0.iter().map(|count| square(f64::from(*count))).sum();
        square(all) / squares.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_and_numbers_of_people() {
        let check = |numbers, values: &mut dyn Iterator<Item = String>, expect: bool| {
            let (mut heads, mut distinct) = (Heads::default(), 0.0);
            for value in values {
                heads.note(&value, numbers);
                distinct += 1.0;
            }
            assert_eq!(heads.may_count_on(numbers, distinct), expect, "{numbers:?}");
        };
        let counter = |from: u64, count: u64| (from..from + count).map(|number| number.to_string());
        let far =
            |from: u64, count: u64| (0..count).map(move |at| (from + at * 7_654_321).to_string());
        check(Numbers::Postcode, &mut counter(830_001, 600), true);
        check(Numbers::Postcode, &mut counter(830_001, 9_000), true);
        let places = ["830000", "831100", "844000", "710061", "100081"];
        check(
            Numbers::Postcode,
            &mut places.map(str::to_owned).into_iter(),
            false,
        );
        check(Numbers::Mobile, &mut counter(13_900_000_000, 600), true);
        check(Numbers::Mobile, &mut far(13_900_000_000, 600), false);
        check(
            Numbers::TaiwanPermit,
            &mut (0..600).map(|at| format!("{at:08}")),
            true,
        );
        check(Numbers::TaiwanPermit, &mut far(10_000_000, 10), false);
    }
}
