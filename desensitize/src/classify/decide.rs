//! From counts to a proposal: which reading explains the values best, and does the name agree?

use super::column::Observed;
use super::finding::{Distinct, Finding, Grade, Length, Rate};
use super::names::{self, NameForm, NameMatch};
use super::possible::possible;
use super::propose::Holds;
use super::rates::{is_held, rate_of, rates};
use super::recognise::RECOGNISED;
use super::sample::DISTINCT_MAX;
use super::{
    Basis, Broken, ColumnKind, ColumnLevel, ColumnName, Proposed, Semantic, ValueType, propose,
    reasons,
};
use crate::Identifier;

/// Chance is ruled out where it would give so many valid values less than once in 10⁹ columns.
pub const EXPONENT_MAX: f64 = -9.0;
/// Ranges of digits and first letters are ruled out as chance's less strictly: they are told as likely, never as proven,
/// and thirty postcodes among six hundred cells would not reach the other limit.
pub const EXPONENT_RANGE_MAX: f64 = -6.0;
/// A column holds what at least this share of its values is; less is a stray.
pub const SHARE_MIN: f64 = 0.02;
/// Of readings that explain a column almost as well as the best, the surer kind of evidence decides.
const NEARLY: f64 = 0.95;
/// How much a name that agrees adds to what the values say.
const NAME_WEIGHT: f64 = 1.5;
/// Days that reach over so many years are births, if their name says nothing else.
const BIRTH_YEARS_MIN: i32 = 40;
/// Lengths told in a finding.
const LENGTHS_TOLD: usize = 5;

/// A reading of a column and how it was come by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ground {
    /// The values, by this rate.
    Values(Rate),
    /// The name, and most values though too few to rule chance out.
    Supported(Rate),
    /// The name alone.
    Name(NameForm),
    /// Types, lengths and counts.
    Looks,
}

/// What is found in one column.
pub(super) fn finding(name: &ColumnName, observed: &Observed) -> Finding {
    let said = names::matched(&name.name, name.comment.as_deref());
    let rates = rates(observed);
    let mut possible = possible(observed, &rates);
    let (semantic, ground) = reading(observed, &rates, said, &possible);
    possible.retain(|other| *other != semantic);
    let strays = strays(observed, &rates, semantic);
    let scrubbed = semantic == Semantic::FreeText
        && !strays.is_empty()
        && strays.iter().all(|stray| stray.alone == 0);
    let (mut kind, mut level) = semantic.label();
    let may_be_direct = possible
        .iter()
        .any(|other| other.label().0 == ColumnKind::Direct);
    if (!strays.is_empty() && !scrubbed) || may_be_direct || is_said_direct(said, semantic) {
        (kind, level) = (ColumnKind::Direct, ColumnLevel::General4);
    } else if scrubbed {
        level = ColumnLevel::General4;
    }
    let value_type = name.held.unwrap_or_else(|| value_type(semantic, observed));
    let grade = grade(semantic, ground);
    let confidence = confidence(semantic, ground, said);
    let rate = rate_of(&rates, semantic);
    let technique = match propose::technique(Holds {
        semantic,
        value_type,
        broken: match observed.valid(semantic) < observed.examined {
            true => Broken::Some,
            false => Broken::None,
        },
        characters: observed.length().0,
        coded: rate.is_some_and(|rate| rate.significant && is_held(rate, observed)),
    }) {
        _ if scrubbed && kind < ColumnKind::Direct => Proposed::Scrub,
        technique if kind == ColumnKind::Direct && !propose::hides_identity(technique) => {
            hidden(value_type)
        }
        technique => technique,
    };
    let others = others(&rates, semantic, observed);
    Finding {
        column: name.name.clone(),
        rows: observed.rows,
        values: observed.values,
        examined: observed.examined,
        distinct: Distinct {
            count: observed.distinct(),
            at_least: observed.distinct() == DISTINCT_MAX || observed.examined < observed.values,
        },
        lengths: lengths(observed),
        reasons: reasons::reasons(
            observed,
            (semantic, ground),
            said,
            &strays,
            &possible,
            value_type,
        ),
        rates,
        name: said,
        semantic,
        grade,
        confidence,
        others,
        possible,
        kind,
        level,
        value_type,
        technique,
    }
}

/// What hides every value of a column whose kind is stricter than its looks.
const fn hidden(value_type: ValueType) -> Proposed {
    match value_type {
        ValueType::Text => Proposed::Redact,
        _ => Proposed::Null,
    }
}

/// A name that says "direct identifier" is believed for the label even where the values do not show it.
fn is_said_direct(said: Option<NameMatch>, semantic: Semantic) -> bool {
    said.is_some_and(|said| {
        said.semantic.label().0 == ColumnKind::Direct && semantic.label().0 < ColumnKind::Direct
    }) && semantic != Semantic::Empty
}

/// What the column holds, and on what ground that is said.
fn reading(
    observed: &Observed,
    rates: &[Rate],
    said: Option<NameMatch>,
    possible: &[Semantic],
) -> (Semantic, Ground) {
    if observed.values == 0 {
        return match said {
            Some(said) => (said.semantic, Ground::Name(said.form)),
            None => (Semantic::Empty, Ground::Looks),
        };
    }
    let best = best(observed, rates, said);
    if let Some(rate) = best {
        return (refined(rate.semantic, observed, said), Ground::Values(rate));
    }
    if let Some(said) = said {
        let supported = rate_of(rates, said.semantic).filter(|rate| {
            rate.cells * 2 >= observed.examined || possible.contains(&said.semantic)
        });
        if let Some(rate) = supported {
            return (said.semantic, Ground::Supported(*rate));
        }
        if admits(said.semantic, observed) {
            return (said.semantic, Ground::Name(said.form));
        }
    }
    (looks(observed), Ground::Looks)
}

/// The recogniser that explains most values beyond chance; of nearly equal ones that on the surest basis.
fn best(observed: &Observed, rates: &[Rate], said: Option<NameMatch>) -> Option<Rate> {
    let held = |rate: &&Rate| rate.significant && is_held(rate, observed);
    let weight = |rate: &Rate| {
        let agrees =
            said.is_some_and(|said| refined(rate.semantic, observed, Some(said)) == said.semantic);
        rate.excess() * if agrees { NAME_WEIGHT } else { 1.0 }
    };
    let most = rates.iter().filter(held).map(weight).fold(0.0, f64::max);
    let near = rates
        .iter()
        .filter(held)
        .filter(|rate| weight(rate) >= NEARLY * most);
    // Of two on one basis the one with fewer failures explains more; then the narrower one: a credit code stands before
    // the tax number that it is too, and anything else before a bank card, which has nearly every length.
    let order = |rate: &Rate| match rate.semantic {
        Semantic::Identifier(Identifier::BankCard) => None,
        semantic => RECOGNISED
            .iter()
            .rev()
            .position(|other| other.semantic == semantic),
    };
    let surest = near.max_by(|one, other| {
        let by_basis = one.basis.cmp(&other.basis);
        let by_share = by_basis.then(one.share().total_cmp(&other.share()));
        by_share.then(order(one).cmp(&order(other)))
    });
    surest.copied()
}

/// A day may be one of birth.
fn refined(semantic: Semantic, observed: &Observed, said: Option<NameMatch>) -> Semantic {
    let birth = match said.map(|said| said.semantic) {
        Some(Semantic::BirthDate) => true,
        Some(Semantic::Date | Semantic::Time) => false,
        _ => observed.years() >= BIRTH_YEARS_MIN,
    };
    match semantic {
        Semantic::Date if birth => Semantic::BirthDate,
        other => other,
    }
}

/// Whether values do not contradict a name that no recogniser confirms.
fn admits(semantic: Semantic, observed: &Observed) -> bool {
    const FEW: usize = 100;
    let fits = &observed.fits;
    match semantic {
        Semantic::Identifier(_) | Semantic::BirthDate | Semantic::Date | Semantic::Time => false,
        Semantic::Amount | Semantic::Age | Semantic::Quantity | Semantic::Coordinate => {
            fits.is_number()
        }
        Semantic::PersonName
        | Semantic::OrganisationName
        | Semantic::Address
        | Semantic::FreeText => !fits.is_number() && !fits.is_date(),
        Semantic::Sex | Semantic::Nation | Semantic::Category | Semantic::Truth => {
            observed.distinct() <= FEW
        }
        Semantic::Code => !matches!(
            fits.narrowest(),
            ValueType::Decimal { .. } | ValueType::Float | ValueType::Date
        ),
        Semantic::Region | Semantic::Health => !fits.is_date(),
        Semantic::Empty => false,
    }
}

/// What types, lengths and counts suggest where neither values nor name say it.
fn looks(observed: &Observed) -> Semantic {
    const CODE_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=40;
    const ALIKE: f64 = 0.9;
    const CATEGORIES_MAX: usize = 64;
    let (length, share) = observed.length();
    let uniform = CODE_CHARACTERS.contains(&length) && share >= ALIKE;
    match observed.fits.narrowest() {
        ValueType::Boolean => Semantic::Truth,
        ValueType::Date => refined(Semantic::Date, observed, None),
        ValueType::Timestamp => Semantic::Time,
        ValueType::Decimal { scale: 2, .. } => Semantic::Amount,
        ValueType::Decimal { .. } | ValueType::Float => Semantic::Quantity,
        ValueType::Integer if uniform => Semantic::Code,
        ValueType::Integer => Semantic::Quantity,
        ValueType::Text if observed.fits.is_padded() || (observed.fits.is_number() && uniform) => {
            Semantic::Code
        }
        ValueType::Text
            if observed.distinct() <= CATEGORIES_MAX
                && observed.distinct() as u64 * 10 <= observed.examined =>
        {
            Semantic::Category
        }
        ValueType::Text
            if observed.is_nearly_unique()
                && observed.spaced == 0
                && length <= *CODE_CHARACTERS.end()
                && share >= 0.5 =>
        {
            Semantic::Code
        }
        ValueType::Text => Semantic::FreeText,
    }
}

/// An identifier where nobody expects it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stray {
    pub(super) identifier: Identifier,
    /// Sentences that have it inside.
    pub(super) inside: u64,
    /// Cells that are nothing else.
    pub(super) alone: u64,
}

/// Identifiers that only some cells hold, or that stand inside sentences.
fn strays(observed: &Observed, rates: &[Rate], semantic: Semantic) -> Vec<Stray> {
    const SURE: [Basis; 2] = [Basis::Check, Basis::Form];
    let stray = |(identifier, within)| {
        let own = Semantic::Identifier(identifier);
        let alone = rate_of(rates, own).filter(|rate| {
            rate.significant && !is_held(rate, observed) && SURE.contains(&rate.basis)
        });
        let expected = identifier == Identifier::Postcode || semantic == Semantic::Address;
        let stray = Stray {
            identifier,
            inside: if expected { 0 } else { within },
            alone: alone.map_or(0, |rate| rate.cells),
        };
        (own != semantic && stray.inside + stray.alone > 0).then_some(stray)
    };
    Identifier::ALL
        .into_iter()
        .zip(observed.within)
        .filter_map(stray)
        .collect()
}

fn value_type(semantic: Semantic, observed: &Observed) -> ValueType {
    match semantic {
        semantic if semantic.is_text() => ValueType::Text,
        _ => observed.fits.narrowest(),
    }
}

/// What the reading rests on. Postcodes of one place are valid together or not at all, so their values prove little.
fn grade(semantic: Semantic, ground: Ground) -> Grade {
    match ground {
        Ground::Values(_) if semantic == Semantic::Identifier(Identifier::Postcode) => {
            Grade::Possible
        }
        Ground::Values(rate) => match rate.basis {
            Basis::Check | Basis::Form => Grade::Proven,
            Basis::Words | Basis::Range => Grade::Likely,
            Basis::Length => Grade::Possible,
        },
        Ground::Supported(_) => Grade::Likely,
        Ground::Name(_) | Ground::Looks => Grade::Guess,
    }
}

/// From 0 to 1. The values count by the kind of evidence, the name adds half of what is missing, or takes a tenth away.
fn confidence(semantic: Semantic, ground: Ground, said: Option<NameMatch>) -> f64 {
    let alone = match ground {
        Ground::Values(_) if grade(semantic, ground) == Grade::Possible => 0.5,
        Ground::Values(rate) => match rate.basis {
            Basis::Check => 0.97,
            Basis::Form => 0.95,
            Basis::Words => 0.85,
            Basis::Range => 0.75,
            Basis::Length => 0.35,
        },
        Ground::Supported(_) => return 0.7,
        Ground::Name(NameForm::Chinese | NameForm::English) => return 0.55,
        Ground::Name(NameForm::Pinyin) => return 0.5,
        Ground::Name(NameForm::Initials) => return 0.4,
        Ground::Looks => 0.3,
    };
    match said {
        Some(said) if said.semantic == semantic => alone + (1.0 - alone) / 2.0,
        Some(_) => alone * 0.9,
        None => alone,
    }
}

/// Other readings that chance does not explain either, and that hold about as many values.
fn others(rates: &[Rate], semantic: Semantic, observed: &Observed) -> Vec<Semantic> {
    let held = |rate: &&Rate| {
        let same = rate_of(rates, semantic).is_some_and(|own| own.semantic == rate.semantic);
        rate.significant && !same && is_held(rate, observed)
    };
    rates
        .iter()
        .filter(held)
        .map(|rate| rate.semantic)
        .collect()
}

fn lengths(observed: &Observed) -> Vec<Length> {
    let counted = observed.lengths.iter().enumerate();
    let mut lengths: Vec<Length> = counted
        .map(|(characters, values)| Length {
            characters,
            values: *values,
        })
        .filter(|length| length.values > 0)
        .collect();
    lengths.sort_by_key(|length| (std::cmp::Reverse(length.values), length.characters));
    lengths.truncate(LENGTHS_TOLD);
    lengths
}
