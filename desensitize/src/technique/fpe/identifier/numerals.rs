//! Numbers written in the characters of an alphabet, the most significant first.

pub(super) use crate::identifier::Characters;

/// Decimal digits.
pub(super) static DIGITS: Characters = Characters::new(b"0123456789");
/// Characters of a number at most: the decimal digits of the largest.
const CHARACTERS_MAX: usize = 20;

/// The number that characters of one alphabet write; none where one is no character of it or the number is too large.
pub(super) fn read(text: &str, alphabet: &Characters) -> Option<u64> {
    text.bytes().try_fold(0u64, |number, byte| {
        number
            .checked_mul(alphabet.radix())?
            .checked_add(alphabet.value(byte)?)
    })
}

/// Appends a number in so many characters of an alphabet, [`CHARACTERS_MAX`] of them at most; what is too large for them
/// loses its leading ones.
pub(super) fn write(mut number: u64, characters: usize, alphabet: &Characters, out: &mut String) {
    let mut written = ['?'; CHARACTERS_MAX];
    let used = written.iter_mut().rev().take(characters);
    for character in used {
        *character = alphabet.at(number % alphabet.radix());
        number /= alphabet.radix();
    }
    out.extend(
        written
            .iter()
            .skip(CHARACTERS_MAX.saturating_sub(characters)),
    );
}

/// The character after one in an alphabet, the first after the last: how a wrong check character is chosen.
pub(super) fn next(character: u8, alphabet: &Characters) -> char {
    let value = alphabet.value(character);
    value.map_or('?', |value| alphabet.at(value + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_alphabets() {
        let check = |text: &str, alphabet: &Characters, number: u64| {
            assert_eq!(read(text, alphabet), Some(number));
            let mut out = String::from("x");
            write(number, text.len(), alphabet, &mut out);
            assert_eq!(out, format!("x{text}"));
        };
        check("0042", &DIGITS, 42);
        check("18446744073709551615", &DIGITS, u64::MAX);
        check("BA", &Characters::new(b"AB"), 2);
        check("", &DIGITS, 0);
        let mut out = String::new();
        write(1_234, 2, &DIGITS, &mut out);
        assert_eq!(out, "34");
        assert_eq!(read("4a", &DIGITS), None);
        assert_eq!(read("99999999999999999999", &DIGITS), None);
    }

    #[test]
    fn the_character_after() {
        let checks = Characters::new(b"0123456789X");
        assert_eq!(
            (
                next(b'8', &DIGITS),
                next(b'9', &DIGITS),
                next(b'X', &checks)
            ),
            ('9', '0', '0')
        );
        assert_eq!(next(b'?', &DIGITS), '?');
    }
}
