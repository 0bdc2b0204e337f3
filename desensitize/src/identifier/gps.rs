//! A pair of coordinates in decimal degrees, latitude first: `43.825592,87.616848`.
//!
//! A first number of 73 or more is read as the longitude: China's longitudes run from 73 to 135, its latitudes from 3 to
//! 54. A single number is not accepted: nothing tells it from any other. Degrees, minutes and seconds are not accepted.

use super::{Flaw, Rules, judged, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "gps",
    en: "pair of coordinates",
    zh: "经纬度坐标",
    expected: Phrase::new(
        "a pair of coordinates in decimal degrees",
        "以十进制度表示的一对坐标",
    ),
    read,
    judge,
    mask,
    kept: ("whole degrees, about 100 kilometres", "整数度，约 100 公里"),
    // Of two numbers below 1000: below 73 and below 180, or from 73 below 180 and below 90.
    chance: 0.073 * 0.18 + 0.107 * 0.09,
    domain: Some("gps"),
};

/// Digits before and behind the decimal point.
const DEGREE_DIGITS: usize = 3;
const FRACTION_DIGITS: usize = 12;
/// Whole degrees of China's least longitude, beyond all its latitudes.
const WESTERNMOST: u32 = 73;

fn read(text: &str, out: &mut String) -> bool {
    let narrowed: String = text.trim().chars().map(spelling::narrow).take(64).collect();
    let bare = narrowed
        .trim_start_matches(['(', '['])
        .trim_end_matches([')', ']']);
    let split = bare
        .split_once([',', ';', '、'])
        .or_else(|| bare.split_once(char::is_whitespace));
    let Some((first, second)) = split.map(|(first, second)| (first.trim(), second.trim())) else {
        return false;
    };
    if !is_decimal(first) || !is_decimal(second) {
        return false;
    }
    let (latitude, longitude) = if whole(first) >= WESTERNMOST {
        (second, first)
    } else {
        (first, second)
    };
    for part in [latitude, ",", longitude] {
        out.push_str(part.trim_start_matches('+'));
    }
    true
}

/// A sign, up to three digits, a point and at least one digit more.
fn is_decimal(number: &str) -> bool {
    number
        .strip_prefix(['+', '-'])
        .unwrap_or(number)
        .split_once('.')
        .is_some_and(|(degrees, fraction)| {
            (1..=DEGREE_DIGITS).contains(&degrees.len())
                && (1..=FRACTION_DIGITS).contains(&fraction.len())
                && spelling::digits(degrees.as_bytes())
                && spelling::digits(fraction.as_bytes())
        })
}

/// The whole degrees, without their sign.
fn whole(number: &str) -> u32 {
    let degrees = number.trim_start_matches(['+', '-']).split('.').next();
    degrees
        .and_then(|degrees| degrees.parse().ok())
        .unwrap_or(u32::MAX)
}

fn judge(pair: &str) -> Result<(), Flaw> {
    let (latitude, longitude) = pair.split_once(',').unwrap_or((pair, ""));
    judged(whole(latitude) < 90 && whole(longitude) < 180, true)
}

fn mask(pair: &str, out: &mut String) {
    let (latitude, longitude) = pair.split_once(',').unwrap_or((pair, ""));
    for (number, end) in [(latitude, ","), (longitude, "")] {
        out.push_str(number.split('.').next().unwrap_or(""));
        out.push('.');
        spelling::hide(out);
        out.push_str(end);
    }
}
