//! Licence plates: the province sign and the letter kept, the serial encrypted; of plates with a suffix the sign and the
//! suffix, since too few serials share a letter. Cross-border plates all share one and are outside.
//!
//! A marked plate has three letters in its serial, one more than GA 36 admits.

use super::{
    Numbering,
    numerals::{self, Characters},
    serial::{LETTERS_MAX, MARKED_LETTERS, Serials},
    split::Split,
    unknown,
};
use crate::identifier::{NEW_ENERGY_FIRST, NEW_ENERGY_LAST, PLATE_LETTERS};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: "karez/plate/v1;sign and letter kept: 5 characters with at most 2 letters, or new energy;sign and suffix kept: letter and 4 characters",
    sizes: &[ORDINARY_SIZE, NEW_ENERGY_SIZE, 24 * SUFFIXED_SIZE],
    split,
    join,
    mark: |plate, out| {
        replace_serial(plate, out, |serial, out| {
            let (rank, serials) = (admitted(serial)?, marked(serial.len())?);
            serials.unrank(rank, out);
            Some(())
        });
    },
    unmark: |plate, out| {
        replace_serial(plate, out, |serial, out| {
            let rank = marked(serial.len())?.rank(serial)?;
            let size = match serial.len() {
                4 => SUFFIXED_SIZE,
                5 => ORDINARY_SIZE,
                _ => NEW_ENERGY_SIZE,
            };
            (rank < size).then(|| write_admitted(rank, serial.len(), out))
        })
    },
    kept: (
        "the province and the city's letter, or of a plate with a suffix the province and the suffix",
        "省份简称与发牌机关字母；带后缀的号牌为省份简称与后缀",
    ),
    somebodys: || {
        unknown(
            "353 million cars (Ministry of Public Security, 17 January 2025), by city not published; a large city has issued most of its numbers",
            "全国汽车 3.53 亿辆（公安部，2025 年 1 月 17 日），分城市数据未公开；大城市号码多已发放",
        )
    },
};

/// Spaces by place in the sizes.
const ORDINARY: usize = 0;
const NEW_ENERGY: usize = 1;
const SUFFIXED: usize = 2;
/// Serials of five with at most two of 24 letters.
const ORDINARY_SIZE: u64 = 100_000 + 5 * 24 * 10_000 + 10 * 24 * 24 * 1_000;
/// Serials of four with at most two of 24 letters.
const SUFFIXED_SIZE: u64 = 10_000 + 4 * 24 * 1_000 + 6 * 24 * 24 * 100;
/// Serials of small new-energy vehicles: a letter of ten, a digit or letter, four digits.
const SMALL_SIZE: u64 = 10 * 34 * 10_000;
/// The same and those of large ones: five digits and a letter of two.
const NEW_ENERGY_SIZE: u64 = SMALL_SIZE + 100_000 * 2;
/// What may stand second in a small new-energy vehicle's serial.
static SECOND: Characters = Characters::new(b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ");
/// Signs of cross-border plates.
const BORDER: [&str; 2] = ["港", "澳"];

/// Sign, letter, serial and suffix of a plate in its one spelling.
fn parts(plate: &str) -> Option<(&str, &str, &str, &str)> {
    let sign = plate.chars().next()?.len_utf8();
    let (sign, rest) = plate.split_at_checked(sign)?;
    let (letter, rest) = rest.split_at_checked(1)?;
    let end = rest
        .find(|character: char| !character.is_ascii())
        .unwrap_or(rest.len());
    let (serial, suffix) = rest.split_at_checked(end)?;
    Some((sign, letter, serial, suffix))
}

fn split(plate: &str) -> Option<Split> {
    let (sign, letter, serial, suffix) = parts(plate)?;
    let rank = admitted(serial)?;
    match serial.len() {
        5 => Split::new(&[sign, letter], ORDINARY, rank),
        6 => Split::new(&[sign, letter], NEW_ENERGY, rank),
        _ if BORDER.contains(&suffix) => None,
        _ => {
            let letter = numerals::read(letter, &PLATE_LETTERS)?;
            Split::new(&[sign, suffix], SUFFIXED, letter * SUFFIXED_SIZE + rank)
        }
    }
}

fn join(split: &Split, out: &mut String) {
    let carried = split.carried.as_str();
    if split.space != SUFFIXED {
        out.push_str(carried);
        return write_admitted(split.rank, if split.space == ORDINARY { 5 } else { 6 }, out);
    }
    let sign = carried.chars().next().map_or(0, char::len_utf8);
    let (sign, suffix) = carried.split_at_checked(sign).unwrap_or((carried, ""));
    out.push_str(sign);
    numerals::write(split.rank / SUFFIXED_SIZE, 1, &PLATE_LETTERS, out);
    write_admitted(split.rank % SUFFIXED_SIZE, 4, out);
    out.push_str(suffix);
}

/// Serials that GA 36 admits, of four and five characters.
static ORDINARY_SERIALS: [Serials; 2] = [
    Serials::new(4, 0, LETTERS_MAX),
    Serials::new(5, 0, LETTERS_MAX),
];
/// Serials that it does not, of four to six characters.
static MARKED_SERIALS: [Serials; 3] = [
    Serials::new(4, MARKED_LETTERS, MARKED_LETTERS),
    Serials::new(5, MARKED_LETTERS, MARKED_LETTERS),
    Serials::new(6, MARKED_LETTERS, MARKED_LETTERS),
];

fn ordinary(characters: usize) -> Option<&'static Serials> {
    ORDINARY_SERIALS.get(characters.checked_sub(4)?)
}

fn marked(characters: usize) -> Option<&'static Serials> {
    MARKED_SERIALS.get(characters.checked_sub(4)?)
}

/// The number of an admitted serial.
fn admitted(serial: &str) -> Option<u64> {
    if serial.len() != 6 {
        return ordinary(serial.len())?.rank(serial);
    }
    let digits = |from: usize, to: usize| numerals::read(serial.get(from..to)?, &numerals::DIGITS);
    match numerals::read(serial.get(..1)?, &NEW_ENERGY_FIRST) {
        Some(first) => {
            let second = numerals::read(serial.get(1..2)?, &SECOND)?;
            Some((first * 34 + second) * 10_000 + digits(2, 6)?)
        }
        None => {
            let last = numerals::read(serial.get(5..6)?, &NEW_ENERGY_LAST)?;
            Some(SMALL_SIZE + digits(0, 5)? * 2 + last)
        }
    }
}

/// Appends the admitted serial of a number.
fn write_admitted(rank: u64, characters: usize, out: &mut String) {
    if let Some(serials) = ordinary(characters) {
        return serials.unrank(rank, out);
    }
    match rank.checked_sub(SMALL_SIZE) {
        None => {
            numerals::write(rank / 340_000, 1, &NEW_ENERGY_FIRST, out);
            numerals::write(rank / 10_000 % 34, 1, &SECOND, out);
            numerals::write(rank % 10_000, 4, &numerals::DIGITS, out);
        }
        Some(large) => {
            numerals::write(large / 2, 5, &numerals::DIGITS, out);
            numerals::write(large % 2, 1, &NEW_ENERGY_LAST, out);
        }
    }
}

/// Appends the plate with another serial.
fn replace_serial(
    plate: &str,
    out: &mut String,
    other: impl FnOnce(&str, &mut String) -> Option<()>,
) -> Option<()> {
    let (sign, letter, serial, suffix) = parts(plate)?;
    if !(4..=6).contains(&serial.len()) {
        return None;
    }
    out.push_str(sign);
    out.push_str(letter);
    other(serial, out)?;
    out.push_str(suffix);
    Some(())
}
