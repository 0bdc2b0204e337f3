//! Which identifiers may a column hold that its values cannot prove? They are asked of whoever knows the data.
//!
//! A postcode is six digits, a permit of Taiwan residents eight or ten, and neither has a check character: six random
//! digits are a valid postcode in six cases of ten, eight are a permit always. What can be told from values alone is that
//! numbers of that length *stand out* from those of other lengths, that they begin in many ways, and for postcodes that
//! more of them are valid than of random digits. For codes with check characters a few values that all hold are asked.

use super::chance::log10_at_least;
use super::column::Observed;
use super::finding::Rate;
use super::heads::{DIGITS_MAX, Numbers};
use super::rates::{VALID_MIN, is_held, may_count_on};
use super::recognise::{By, Recogniser};
use super::semantic::Semantic;
use super::{Basis, SHARE_MIN};
use crate::Identifier;

/// A question is asked where chance would raise it less often than once in a thousand columns.
pub const EXPONENT_POSSIBLE_MAX: f64 = -3.0;
/// Of values too few to prove a check character, this share holds.
const ALL_BUT: f64 = 0.9;
/// Of the numbers that stand out at least this share is valid; of random six digits 0.6 would be.
const VALID_AMONG_PEAK: f64 = 0.75;

/// The identifiers to ask for, in the order of [`Identifier::ALL`]; `rates` are those of [`rates`](super::rates::rates).
pub(super) fn possible(observed: &Observed, rates: &[Rate]) -> Vec<Semantic> {
    let asked = Identifier::ALL.into_iter().filter(|identifier| {
        let own = Semantic::Identifier(*identifier);
        let rate = rates
            .iter()
            .find(|rate| rate.semantic == own && !rate.significant);
        rate.is_some_and(|rate| {
            is_held(rate, observed)
                && (few_but_all(rate) || stands_out(*identifier, rate, observed))
        })
    });
    asked.map(Semantic::Identifier).collect()
}

/// Few values, and nearly all of them hold. Luhn alone is never asked: every tenth number passes it.
fn few_but_all(rate: &Rate) -> bool {
    let luhn_alone =
        rate.semantic == Semantic::Identifier(Identifier::BankCard) && rate.by == By::Rules;
    rate.basis >= Basis::Range
        && !luhn_alone
        && rate.log10_p <= EXPONENT_POSSIBLE_MAX
        && rate.share() >= ALL_BUT
}

/// Whether digits of the identifier's length are more than those of other lengths would be.
fn stands_out(identifier: Identifier, rate: &Rate, observed: &Observed) -> bool {
    let recogniser = Recogniser {
        semantic: rate.semantic,
        by: By::Rules,
    };
    let mut numbers = Numbers::ALL.into_iter();
    let Some(numbers) = numbers.find(|numbers| numbers.identifier() == identifier) else {
        return false;
    };
    let counter = may_count_on(rate, recogniser, observed);
    !counter
        && numbers
            .lengths()
            .iter()
            .any(|length| is_peak(*length, rate, observed))
}

fn is_peak(length: usize, rate: &Rate, observed: &Observed) -> bool {
    let of_length = observed.digits.get(length).copied().unwrap_or_default();
    let all: u64 = observed.digits.iter().sum();
    let background = background(length, observed);
    let expected = (background / all.max(1) as f64).max(1.0 / all.max(1) as f64);
    let beyond = of_length as f64 - background;
    let chance = match rate.basis {
        Basis::Length => 1.0,
        _ => rate.chance,
    };
    let valid = match rate.basis {
        Basis::Length => beyond,
        _ => rate.cells as f64 - chance * background,
    };
    of_length >= VALID_MIN
        && log10_at_least(of_length, all, expected) <= EXPONENT_POSSIBLE_MAX
        && beyond >= SHARE_MIN * observed.examined as f64
        && valid >= VALID_AMONG_PEAK * beyond
}

/// Digits of another length, in the middle of all lengths: what a column of numbers of any length has of each.
fn background(length: usize, observed: &Observed) -> f64 {
    let counted = observed.digits.iter().enumerate();
    let mut others: Vec<u64> = counted
        .filter(|(digits, _)| *digits > 0 && *digits != length)
        .map(|(_, count)| *count)
        .collect();
    others.sort_unstable();
    others.get(DIGITS_MAX / 2).copied().unwrap_or_default() as f64
}
