//! How surprising is a count? The upper tail of the binomial distribution, in powers of ten.

use std::f64::consts::{LN_10, PI};

/// The smallest power of ten that is told; below it nothing is gained.
const EXPONENT_MIN: f64 = -300.0;
/// Terms summed at most; they fall geometrically, so few are needed where the answer is small.
const TERMS_MAX: u64 = 100_000;
/// A term this much smaller than the sum changes nothing.
const NEGLIGIBLE: f64 = 1e-12;

/// log₁₀ of the probability that of `trials` values with the chance `chance` each, at least `successes` are valid.
///
/// At or below the expected count it is 0, which is never surprising. The answer is at least −300.
pub(super) fn log10_at_least(successes: u64, trials: u64, chance: f64) -> f64 {
    let (successes, trials) = (successes.min(trials), trials);
    if successes as f64 <= trials as f64 * chance || chance >= 1.0 {
        return 0.0;
    }
    if chance <= 0.0 {
        return EXPONENT_MIN;
    }
    let odds = chance / (1.0 - chance);
    let first = ln_choose(trials, successes)
        + successes as f64 * chance.ln()
        + (trials - successes) as f64 * (-chance).ln_1p();
    let (mut term, mut sum) = (1.0, 1.0);
    for count in successes..trials.min(successes.saturating_add(TERMS_MAX)) {
        term *= (trials - count) as f64 / (count + 1) as f64 * odds;
        sum += term;
        if term < NEGLIGIBLE * sum {
            break;
        }
    }
    ((first + f64::ln(sum)) / LN_10).clamp(EXPONENT_MIN, 0.0)
}

fn ln_choose(n: u64, k: u64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// Stirling's series, exact to 1e-10 from 16 on; below that the product itself.
fn ln_factorial(n: u64) -> f64 {
    if n < 16 {
        return (2..=n).map(|factor| (factor as f64).ln()).sum();
    }
    let x = n as f64;
    x * x.ln() - x + 0.5 * (2.0 * PI * x).ln() + 1.0 / (12.0 * x) - 1.0 / (360.0 * x * x * x)
        + 1.0 / (1260.0 * x.powi(5))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The sum of the definition, with exact binomials.
    fn reference(successes: u64, trials: u64, chance: f64) -> f64 {
        let choose = |k: u64| (0..k).fold(1.0, |c, i| c * (trials - i) as f64 / (i + 1) as f64);
        let tail: f64 = (successes..=trials)
            .map(|k| choose(k) * chance.powi(k as i32) * (1.0 - chance).powi((trials - k) as i32))
            .sum();
        tail.log10()
    }

    #[test]
    fn known_answers() {
        let check = |successes, trials, chance, expect: f64| {
            let found = log10_at_least(successes, trials, chance);
            assert!((found - expect).abs() < 1e-6, "{found} {expect}");
        };
        // Ten heads in a row: 1/1024.
        check(10, 10, 0.5, (1.0_f64 / 1024.0).log10());
        check(1, 1, 0.1, -1.0);
        check(1, 10, 0.1, 0.0);
        check(0, 0, 0.1, 0.0);
        check(3, 3, 1.0, 0.0);
        check(3, 3, 0.0, EXPONENT_MIN);
    }

    /// The figures of the specification: how many values rule chance out, where nothing but a range tells them.
    #[test]
    fn how_many_values_suffice() {
        use super::super::{EXPONENT_MAX, EXPONENT_RANGE_MAX};
        const POSTCODE: f64 = 0.6;
        const LUHN: f64 = 0.1;
        // Postcodes alone, and among as many random numbers of six digits.
        assert!(log10_at_least(27, 27, POSTCODE) > EXPONENT_RANGE_MAX);
        assert!(log10_at_least(28, 28, POSTCODE) <= EXPONENT_RANGE_MAX);
        assert!(log10_at_least(100, 125, POSTCODE) > EXPONENT_RANGE_MAX);
        assert!(log10_at_least(104, 130, POSTCODE) <= EXPONENT_RANGE_MAX);
        // Cards alone, and among as many other numbers behind an issuer's prefix.
        assert!(log10_at_least(8, 8, LUHN) > EXPONENT_MAX);
        assert!(log10_at_least(10, 10, LUHN) <= EXPONENT_MAX);
        assert!(log10_at_least(18, 36, LUHN) > EXPONENT_MAX);
        assert!(log10_at_least(19, 38, LUHN) <= EXPONENT_MAX);
    }

    proptest! {
        #[test]
        fn the_sum_of_the_definition(trials in 1_u64..60, share in 0.0_f64..1.0, chance in 0.001_f64..0.9) {
            let successes = (trials as f64 * share).round() as u64;
            prop_assume!(successes as f64 > trials as f64 * chance);
            let (found, expect) = (log10_at_least(successes, trials, chance), reference(successes, trials, chance));
            prop_assert!((found - expect).abs() < 1e-6, "{} {}", found, expect);
        }

        #[test]
        fn more_successes_are_never_less_surprising(trials in 1_u64..1_000_000, chance in 0.0_f64..=1.0, at in 0.0_f64..1.0) {
            let successes = (trials as f64 * at) as u64;
            let (few, more) = (log10_at_least(successes, trials, chance), log10_at_least(successes + 1, trials, chance));
            prop_assert!(more <= few + 1e-9 && (EXPONENT_MIN..=0.0).contains(&more));
        }
    }
}
