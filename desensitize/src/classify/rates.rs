//! How many values each recogniser counts, and whether chance explains them.

use super::chance::log10_at_least;
use super::column::Observed;
use super::finding::Rate;
use super::heads::Numbers;
use super::recognise::{By, RECOGNISED, Recogniser};
use super::semantic::Semantic;
use super::{Basis, EXPONENT_MAX, EXPONENT_RANGE_MAX, SHARE_MIN};
use crate::Identifier;

/// Fewer valid values prove nothing, however unlikely.
pub(super) const VALID_MIN: u64 = 5;
/// The rate that rules chance out is above it by this factor too, since no real column is as random as the model.
const MARGIN: f64 = 1.2;
/// Names repeat, but a column of ten words that look like names is a category.
const DISTINCT_NAMES_MIN: usize = 10;
/// Numbers behind an area code are those of subscribers where their first digits would be so by chance less often.
const EXPONENT_SUBSCRIBER_MAX: f64 = -3.0;

/// One rate for every semantic that met a valid value: significant ones first, then the most surprising.
pub(super) fn rates(observed: &Observed) -> Vec<Rate> {
    let recognisers = RECOGNISED.iter().enumerate();
    let mut rates: Vec<Rate> = recognisers
        .filter(|(_, recogniser)| recogniser.by != By::Subscriber)
        .map(|(at, recogniser)| rate(at, *recogniser, observed))
        .filter(|rate| rate.valid > 0)
        .collect();
    rates.sort_by(|one, other| {
        let by_chance = one.log10_p.total_cmp(&other.log10_p);
        let by_excess = by_chance.then(other.excess().total_cmp(&one.excess()));
        other.significant.cmp(&one.significant).then(by_excess)
    });
    let mut best: Vec<Rate> = Vec::new();
    for rate in rates {
        if best.iter().all(|other| other.semantic != rate.semantic) {
            best.push(rate);
        }
    }
    best
}

fn rate(at: usize, recogniser: Recogniser, observed: &Observed) -> Rate {
    let cells = observed.counts.get(at).copied().unwrap_or_default();
    let counted = match recogniser.counts_once() {
        true => observed.sample.count(at),
        false => cells,
    };
    let chance = recogniser.chance();
    let rate = Rate {
        semantic: recogniser.semantic,
        trials: counted.trials,
        valid: counted.valid,
        cells: cells.valid,
        cell_trials: cells.trials,
        by: recogniser.by,
        chance,
        log10_p: log10_at_least(counted.valid, counted.trials, chance),
        basis: recogniser.basis(),
        significant: false,
    };
    Rate {
        significant: is_significant(&rate, recogniser, observed),
        ..rate
    }
}

fn is_significant(rate: &Rate, recogniser: Recogniser, observed: &Observed) -> bool {
    let most = match rate.basis {
        Basis::Length => return false,
        Basis::Range => EXPONENT_RANGE_MAX,
        _ => EXPONENT_MAX,
    };
    let unlikely = rate.log10_p <= most && rate.valid >= VALID_MIN;
    let names = !matches!(rate.semantic, Semantic::PersonName | Semantic::Address)
        || observed.distinct() >= DISTINCT_NAMES_MIN;
    unlikely
        && rate.share() >= (MARGIN * rate.chance).min(1.0)
        && names
        && !may_count_on(rate, recogniser, observed)
        && (recogniser.by != By::Bare || is_no_office(recogniser, observed))
}

/// Whether the values may be those of a counter that happens to have the range.
pub(super) fn may_count_on(rate: &Rate, recogniser: Recogniser, observed: &Observed) -> bool {
    let distinct = rate.valid as f64 * observed.sample.weight();
    let mut numbers = Numbers::ALL.iter().zip(&observed.heads);
    numbers
        .any(|(numbers, heads)| numbers.are(recogniser) && heads.may_count_on(*numbers, distinct))
}

/// Digits behind a fixed area code may be anything; those of subscribers never begin with 0, 1 or 9.
fn is_no_office(recogniser: Recogniser, observed: &Observed) -> bool {
    let landline = Semantic::Identifier(Identifier::Landline);
    let at = RECOGNISED
        .iter()
        .position(|other| other.semantic == landline && other.by == By::Subscriber);
    if recogniser.semantic != landline {
        return true;
    }
    let counted = at.map(|at| observed.sample.count(at)).unwrap_or_default();
    let chance = Recogniser {
        semantic: landline,
        by: By::Subscriber,
    }
    .chance();
    log10_at_least(counted.valid, counted.trials, chance) <= EXPONENT_SUBSCRIBER_MAX
}

/// The rate of a semantic, a day of birth being a day.
pub(super) fn rate_of(rates: &[Rate], semantic: Semantic) -> Option<&Rate> {
    let recognised = match semantic {
        Semantic::BirthDate => Semantic::Date,
        other => other,
    };
    rates.iter().find(|rate| rate.semantic == recognised)
}

/// Whether enough cells are valid to be more than strays.
pub(super) fn is_held(rate: &Rate, observed: &Observed) -> bool {
    rate.cells as f64 >= SHARE_MIN * observed.examined as f64
}
