//! Known bounds, a slow twin, and the shape of the noise over fixed keys.

use super::*;
use crate::{ColumnKey, technique::words::fraction};
use arrow::datatypes::Field;
use proptest::prelude::*;

const DISTRIBUTIONS: [Distribution; 3] = [
    Distribution::Laplace,
    Distribution::Gaussian,
    Distribution::Uniform,
];

fn noise(distribution: Distribution, scale: &str) -> Noise {
    Noise {
        distribution,
        scale: scale.parse().unwrap(),
        bounds: None,
        domain: "noise".to_owned(),
        entity: None,
    }
}

fn draw(distribution: Distribution, scale: u64) -> Draw {
    Draw::new(ColumnKey::from([3; 32]).prf(), distribution, scale, false)
}

fn float(noise: &Noise) -> FloatKernel {
    let (field, key) = (
        Field::new("c", DataType::Float64, true),
        ColumnKey::from([3; 32]),
    );
    let column = Column {
        field: &field,
        technique: "noise",
        domain: Some("noise"),
        key: Some(&key),
    };
    noise.float(&column).unwrap()
}

/// Mean and variance of 40,000 draws within five standard errors of what each distribution has.
#[test]
fn mean_and_variance() {
    for (distribution, variance, kurtosis) in [
        (Distribution::Laplace, 2.0, 6.0),
        (Distribution::Gaussian, 1.0, 3.0),
        (Distribution::Uniform, 1.0 / 3.0, 1.8),
    ] {
        let (draw, scale, count) = (draw(distribution, 1_000_000), 1e6, 40_000);
        let drawn: Vec<f64> = (0..count)
            .map(|value| draw.noise(value, b"") as f64 / scale)
            .collect();
        let count = count as f64;
        let mean = drawn.iter().sum::<f64>() / count;
        let spread = drawn
            .iter()
            .map(|noise| (noise - mean).powi(2))
            .sum::<f64>()
            / count;
        let error_of_mean = (variance / count).sqrt();
        let error_of_variance = variance * ((kurtosis - 1.0) / count).sqrt();
        assert!(
            mean.abs() < 5.0 * error_of_mean,
            "{distribution:?}: mean {mean}"
        );
        assert!(
            (spread - variance).abs() < 5.0 * error_of_variance,
            "{distribution:?}: variance {spread}"
        );
    }
}

/// The greatest distance between what was drawn and the distribution: Kolmogorov–Smirnov, 1.95 / √n once in a thousand.
#[test]
fn distribution_functions() {
    // Abramowitz and Stegun 7.1.26: the error function to 1.5e-7.
    let erf = |x: f64| {
        let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
        let poly = t
            * (0.254_829_592
                + t * (-0.284_496_736
                    + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
        (1.0 - poly * (-x * x).exp()) * x.signum()
    };
    for distribution in DISTRIBUTIONS {
        let below = |x: f64| match distribution {
            Distribution::Laplace if x < 0.0 => x.exp() / 2.0,
            Distribution::Laplace => 1.0 - (-x).exp() / 2.0,
            Distribution::Gaussian => 0.5 * (1.0 + erf(x / std::f64::consts::SQRT_2)),
            Distribution::Uniform => (x + 1.0) / 2.0,
        };
        let draw = draw(distribution, 1_000_000);
        let mut drawn: Vec<f64> = (0..20_000)
            .map(|value| draw.noise(value, b"") as f64 / 1e6)
            .collect();
        drawn.sort_by(f64::total_cmp);
        let distances = drawn
            .iter()
            .enumerate()
            .map(|(rank, x)| (below(*x) - (rank as f64 + 0.5) / 20_000.0).abs());
        let distance = distances.fold(0.0, f64::max);
        assert!(
            distance < 1.95 / 20_000f64.sqrt(),
            "{distribution:?}: {distance}"
        );
    }
}

#[test]
fn the_seed_is_entity_and_value() {
    for distribution in DISTRIBUTIONS {
        let draw = draw(distribution, 1_000_000);
        assert_eq!(draw.noise(7, b"a"), draw.noise(7, b"a"));
        assert_ne!(draw.noise(7, b"a"), draw.noise(7, b"b"));
        assert_ne!(draw.noise(7, b"a"), draw.noise(8, b"a"));
    }
}

#[test]
fn steps_are_powers_of_ten() {
    for (scale, step) in [
        (1, 1),
        (999_999, 1),
        (9_999_999, 1),
        (10_000_000, 10),
        (500_000_000_000_000_000_000, 100_000_000_000_000),
    ] {
        assert_eq!(step_of(scale), step, "{scale}");
    }
}

#[test]
fn what_has_no_room_is_broken_and_what_passes_a_bound_is_the_bound() {
    let kernel = WholeKernel {
        unit: Whole::Integer,
        draw: draw(Distribution::Uniform, 5),
        step: 1,
        bounds: Some((0, 120)),
    };
    assert!((-20..140).all(|age| (0..=120).contains(&kernel.noisy(age, b"").unwrap())));
    let floats = float(&noise(Distribution::Laplace, "0.5"));
    for broken in [f64::NAN, f64::INFINITY, 1e300, 1e10] {
        assert_eq!(floats.noisy(broken, b""), None, "{broken}");
    }
}

proptest! {
    /// The reference twin takes the words apart by hand and uses the platform's logarithm.
    #[test]
    fn agrees_with_the_platform(value in any::<i64>()) {
        let value = i128::from(value);
        let prf = ColumnKey::from([3; 32]).prf();
        let words: Vec<u64> = (0u64..9)
            .flat_map(|block| prf.compute(&[&block.to_be_bytes(), &value.to_be_bytes(), b"e"]))
            .collect::<Vec<u8>>()
            .chunks(8)
            .map(|word| u64::from_be_bytes(word.try_into().unwrap()))
            .collect();
        let sign = if words[1].is_multiple_of(2) { -1.0 } else { 1.0 };
        let expect = (fraction(words[0]).ln() * sign * 1e6).round() as i128;
        prop_assert!((draw(Distribution::Laplace, 1_000_000).noise(value, b"e") - expect).abs() <= 1);
        let pairs = words.chunks(2).map(|pair| (2.0 * fraction(pair[0]) - 1.0, 2.0 * fraction(pair[1]) - 1.0));
        let (x, square) = pairs.map(|(x, y)| (x, x * x + y * y)).find(|(_, square)| *square < 1.0).unwrap();
        let expect = (x * (-2.0 * square.ln() / square).sqrt() * 1e6).round() as i128;
        prop_assert!((draw(Distribution::Gaussian, 1_000_000).noise(value, b"e") - expect).abs() <= 1);
    }

    /// Two floats that round to one step come out the same, to the last bit, and on a multiple of the step.
    #[test]
    fn the_last_bits_tell_nothing(value in -1e6f64..1e6) {
        for distribution in DISTRIBUTIONS {
            let kernel = float(&noise(distribution, "5"));
            let on_step: f64 = format!("{value:.6}").parse().unwrap();
            let noisy = kernel.noisy(on_step, b"").unwrap();
            let near = f64::from_bits(on_step.to_bits() + 1);
            prop_assert_eq!(kernel.noisy(near, b"").unwrap().to_bits(), noisy.to_bits());
            prop_assert_eq!(format!("{noisy:.6}").parse::<f64>().unwrap().to_bits(), noisy.to_bits());
        }
    }
}
