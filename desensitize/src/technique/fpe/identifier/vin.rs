//! Vehicle identification numbers: the maker kept, all else encrypted, the check character computed.

use super::{
    Numbering,
    numerals::{self, Characters},
    split::Split,
};
use crate::{
    Sentence, Share,
    identifier::{VIN_ALPHABET, VIN_YEARS, vin_check},
};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: "karez/vin/v1;3 characters kept;5 of 33, check, year of 30, 3 of 33, 4 digits",
    sizes: &[33u64.pow(8) * 30 * SERIAL],
    split,
    join,
    mark: |vin, out| replace_check(vin, numerals::next(vin_check(vin.as_bytes()), &CHECKS), out),
    unmark,
    kept: ("the maker (the first three characters)", "制造厂（前三位）"),
    somebodys: || {
        Share::of(
            2_000_000_000.0,
            33f64.powi(8) * 30.0 * 10_000.0,
            Sentence::new(
                "1.6 billion vehicles in the world in 2020 (OICA) and fewer than 2 billion since, all taken to be of one maker, among 4.2e17 numbers",
                "2020 年全球车辆 16 亿（OICA），至今不足 20 亿；即使同属一个制造厂，也仅占 4.2e17 个号码中的极小部分",
            ),
        )
    },
};

/// Where the check character stands, counted from 0.
const CHECK: usize = 8;
/// Check characters in counting order.
static CHECKS: Characters = Characters::new(b"0123456789X");
/// Numbers of the four digits at the end.
const SERIAL: u64 = 10_000;

fn split(vin: &str) -> Option<Split> {
    let part = |from: usize, to: usize, alphabet: &Characters| {
        numerals::read(vin.get(from..to)?, alphabet)
    };
    let mut rank = part(3, 8, &VIN_ALPHABET)?;
    rank = rank * 30 + part(9, 10, &VIN_YEARS)?;
    rank = rank * 33u64.pow(3) + part(10, 13, &VIN_ALPHABET)?;
    rank = rank * SERIAL + part(13, 17, &numerals::DIGITS)?;
    Split::new(&[vin.get(..3)?], 0, rank)
}

fn join(split: &Split, out: &mut String) {
    let from = out.len();
    let plant = split.rank / SERIAL;
    let year = plant / 33u64.pow(3);
    out.push_str(split.carried.as_str());
    numerals::write(year / 30, 5, &VIN_ALPHABET, out);
    out.push('0');
    numerals::write(year % 30, 1, &VIN_YEARS, out);
    numerals::write(plant % 33u64.pow(3), 3, &VIN_ALPHABET, out);
    numerals::write(split.rank % SERIAL, 4, &numerals::DIGITS, out);
    let written = out.split_off(from);
    replace_check(&written, char::from(vin_check(written.as_bytes())), out);
}

fn unmark(marked: &str, out: &mut String) -> Option<()> {
    let right = vin_check(marked.as_bytes());
    replace_check(marked, char::from(right), out);
    let check = marked.as_bytes().get(CHECK)?;
    (CHECKS.contains(*check) && *check != right).then_some(())
}

fn replace_check(vin: &str, check: char, out: &mut String) {
    out.push_str(vin.get(..CHECK).unwrap_or(""));
    out.push(check);
    out.push_str(vin.get(CHECK + 1..).unwrap_or(""));
}
