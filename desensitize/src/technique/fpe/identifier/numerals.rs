//! Numbers written in the characters of an alphabet, the most significant first.

/// Decimal digits.
pub(super) const DIGITS: &[u8] = b"0123456789";

/// The number that characters of one alphabet write; none where one is no character of it or the number is too large.
pub(super) fn read(text: &str, alphabet: &[u8]) -> Option<u64> {
    let radix = u64::try_from(alphabet.len()).ok()?;
    text.bytes().try_fold(0u64, |number, byte| {
        let value = alphabet.iter().position(|of| *of == byte)?;
        number
            .checked_mul(radix)?
            .checked_add(u64::try_from(value).ok()?)
    })
}

/// Appends a number in so many characters of an alphabet; what is too large for them loses its leading ones.
pub(super) fn write(mut number: u64, characters: usize, alphabet: &[u8], out: &mut String) {
    let radix = u64::try_from(alphabet.len()).unwrap_or(u64::MAX);
    let from = out.len();
    for _ in 0..characters {
        let value = usize::try_from(number % radix).unwrap_or(0);
        // Characters come out least significant first; each goes in front of the others.
        out.insert(from, alphabet.get(value).copied().map_or('?', char::from));
        number /= radix;
    }
}

/// The character after one in an alphabet, the first after the last: how a wrong check character is chosen.
pub(super) fn next(character: u8, alphabet: &[u8]) -> char {
    let mut following = alphabet
        .iter()
        .cycle()
        .skip_while(|of| **of != character)
        .skip(1);
    // An unknown character would be looked for without end.
    let known = alphabet.contains(&character);
    let found = known.then(|| following.next()).flatten();
    found.copied().map_or('?', char::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_alphabets() {
        let check = |text: &str, alphabet: &[u8], number: u64| {
            assert_eq!(read(text, alphabet), Some(number));
            let mut out = String::from("x");
            write(number, text.len(), alphabet, &mut out);
            assert_eq!(out, format!("x{text}"));
        };
        check("0042", DIGITS, 42);
        check("BA", b"AB", 2);
        check("", DIGITS, 0);
        assert_eq!(read("4a", DIGITS), None);
        assert_eq!(read("99999999999999999999", DIGITS), None);
    }

    #[test]
    fn the_character_after() {
        assert_eq!(
            (
                next(b'8', DIGITS),
                next(b'9', DIGITS),
                next(b'X', b"0123456789X")
            ),
            ('9', '0', '0')
        );
        assert_eq!(next(b'?', DIGITS), '?');
    }
}
