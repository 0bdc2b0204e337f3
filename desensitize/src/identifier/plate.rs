//! Licence plate (GA 36-2018): province sign, a letter, then five characters, six of a new-energy vehicle, or four and
//! a suffix sign. Letters are those without I and O; a serial has at most two of them.

use super::{Characters, Flaw, Rules, judged, province, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "plate",
    en: "licence plate",
    zh: "机动车号牌",
    expected: Phrase::new("a licence plate", "机动车号牌"),
    read,
    judge,
    mask: |plate, out| spelling::first(plate, '新'.len_utf8(), out),
    kept: ("the province", "所属省份"),
    // Of four characters before a suffix: at most two of 24 letters and ten digits.
    chance: 451_600.0 / 1_336_336.0,
    domain: Some("plate"),
};

/// Letters of plates.
pub(crate) static LETTERS: Characters = Characters::new(b"ABCDEFGHJKLMNPQRSTUVWXYZ");
/// First letters of a small new-energy vehicle's serial (GA 36-2018 and its extension: A–E electric, F–K others).
pub(crate) static NEW_ENERGY_FIRST: Characters = Characters::new(b"ABCDEFGHJK");
/// Last letters of a large new-energy vehicle's serial.
pub(crate) static NEW_ENERGY_LAST: Characters = Characters::new(b"DF");
/// Signs behind a serial of four: driving school, police, Hong Kong, Macao, trailer, consulate.
const SUFFIXES: [char; 6] = ['学', '警', '港', '澳', '挂', '领'];
/// Characters of the longest plate, and one more.
const CHARACTERS_MAX: usize = 9;
/// Letters of a serial at most.
const SERIAL_LETTERS_MAX: usize = 2;

fn read(text: &str, out: &mut String) -> bool {
    let from = out.len();
    let dropped = |character: &char| {
        !spelling::is_grouping(*character)
            && !crate::folding::is_name_separator(*character)
            && *character != '.'
    };
    let narrowed = text.chars().map(spelling::narrow).filter(dropped);
    out.extend(
        narrowed
            .map(|character| character.to_ascii_uppercase())
            .take(CHARACTERS_MAX),
    );
    let Some((_, letter, serial, suffix)) = parts(out.get(from..).unwrap_or("")) else {
        return false;
    };
    let length = if suffix.is_some() { 4..=4 } else { 5..=6 };
    let known = |character: u8| character.is_ascii_digit() || LETTERS.contains(character);
    LETTERS.contains(letter) && length.contains(&serial.len()) && serial.bytes().all(known)
}

/// Province sign, letter, serial and suffix of a spelling.
fn parts(plate: &str) -> Option<(char, u8, &str, Option<char>)> {
    let mut characters = plate.chars();
    let sign = characters.next().filter(|sign| province::is_sign(*sign))?;
    let letter = u8::try_from(characters.next()?).ok()?;
    let rest = characters.as_str();
    let suffix = rest
        .chars()
        .next_back()
        .filter(|sign| SUFFIXES.contains(sign));
    let serial = match suffix {
        Some(sign) => rest.strip_suffix(sign)?,
        None => rest,
    };
    serial.is_ascii().then_some((sign, letter, serial, suffix))
}

fn judge(plate: &str) -> Result<(), Flaw> {
    let assigned = parts(plate).is_some_and(|(sign, letter, serial, suffix)| {
        let letters = serial.bytes().filter(u8::is_ascii_alphabetic).count();
        // Cross-border plates are Guangdong's, under its letter Z.
        let border = !matches!(suffix, Some('港' | '澳')) || (sign, letter) == ('粤', b'Z');
        border
            && letters <= SERIAL_LETTERS_MAX
            && (serial.len() != 6 || is_new_energy(serial.as_bytes()))
    });
    judged(assigned, true)
}

/// A letter of a small vehicle first, any second character and four digits; or five digits and a large one's letter.
fn is_new_energy(serial: &[u8]) -> bool {
    match serial {
        [first, _, digits @ ..] if NEW_ENERGY_FIRST.contains(*first) => spelling::digits(digits),
        [digits @ .., last] => NEW_ENERGY_LAST.contains(*last) && spelling::digits(digits),
        [] => false,
    }
}
