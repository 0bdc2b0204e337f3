//! The characters that stand for numerals in texts, and how columns of them are read and written.

use std::fmt;

use super::{
    Outside,
    plan::{Half, Plan},
};

/// Symbols of an alphabet at most: ten digits and 26 letters.
const SYMBOLS_MAX: u32 = 36;
/// Characters of ASCII.
const ASCII: usize = 128;
/// In the table: no character of the alphabet. Its upper bit is set as in every byte outside ASCII.
const FOREIGN: u8 = 0xff;
/// In the table: a character that stays where it is.
const SEPARATOR: u8 = 0xfe;
/// The upper bit of a byte, which no numeral has.
const UPPER: u8 = 0x80;
/// Bytes that a reader may touch behind the last numeral: a word of eight, or sixteen kept characters.
pub(crate) const SPARE_BYTES: usize = 16;

/// Which letters stand for the numerals from 10 on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Letters {
    /// `a` to `z`; capitals are no numerals.
    Lower,
    /// `A` to `Z`; small letters are no numerals.
    Upper,
    /// Both; small ones are written.
    ToLower,
    /// Both; capitals are written.
    #[default]
    ToUpper,
}

/// The symbols of a radix of 2 to 36: `0` to `9`, then letters, and separators that keep their places.
#[derive(Clone)]
pub struct Alphabet {
    radix: u32,
    letters: Letters,
    /// The numeral of each ASCII character.
    table: [u8; ASCII],
    /// The symbol of each numeral.
    symbols: Vec<u8>,
    /// The two symbols of each number below the radix squared.
    pairs: Vec<[u8; 2]>,
    square: Half,
}

/// What a character is to an alphabet.
pub(crate) enum Symbol {
    Numeral(u8),
    Separator,
    Foreign,
}

impl Alphabet {
    /// The ten digits.
    ///
    /// # Errors
    /// None in practice.
    pub fn digits() -> Result<Self, Outside> {
        Self::new(10, Letters::default())
    }

    /// The first `radix` of `0` to `9` and `a` to `z`.
    ///
    /// # Errors
    /// [`Outside::Alphabet`] for a radix below 2 or above 36.
    pub fn new(radix: u32, letters: Letters) -> Result<Self, Outside> {
        let wrong = Outside::Alphabet { radix };
        if !(2..=SYMBOLS_MAX).contains(&radix) {
            return Err(wrong);
        }
        let symbols: Vec<u8> = (b'0'..=b'9').chain(b'a'..=b'z').collect();
        let symbols = symbols.get(..usize::try_from(radix).unwrap_or(0));
        let mut symbols = symbols.ok_or(wrong)?.to_vec();
        if matches!(letters, Letters::Upper | Letters::ToUpper) {
            symbols.make_ascii_uppercase();
        }
        let mut table = [FOREIGN; ASCII];
        for (numeral, symbol) in (0..).zip(&symbols) {
            set(&mut table, *symbol, numeral);
            if matches!(letters, Letters::ToLower | Letters::ToUpper) {
                set(&mut table, symbol.to_ascii_lowercase(), numeral);
                set(&mut table, symbol.to_ascii_uppercase(), numeral);
            }
        }
        let pair = |high: &u8| symbols.iter().map(move |low| [*high, *low]).collect();
        let pairs: Vec<Vec<[u8; 2]>> = symbols.iter().map(pair).collect();
        Ok(Self {
            radix,
            letters,
            table,
            pairs: pairs.concat(),
            symbols,
            square: Half::new(radix, 2).ok_or(wrong)?,
        })
    }

    /// Takes characters, such as blanks and hyphens, for separators: they stay where they are and are not encrypted.
    ///
    /// # Errors
    /// [`Outside::Separator`] for a numeral of the alphabet and for what is not ASCII.
    pub fn with_separators(mut self, separators: &str) -> Result<Self, Outside> {
        for separator in separators.bytes() {
            match self.symbol(separator) {
                Symbol::Numeral(_) => return Err(Outside::Separator),
                _ if !separator.is_ascii() => return Err(Outside::Separator),
                _ => set(&mut self.table, separator, SEPARATOR),
            }
        }
        Ok(self)
    }

    /// How many symbols there are.
    #[must_use]
    pub const fn radix(&self) -> u32 {
        self.radix
    }

    /// The numeral of each character of ASCII; a byte with its upper bit set where the character is none.
    pub(crate) const fn table(&self) -> &[u8; ASCII] {
        &self.table
    }

    /// The character of each numeral.
    pub(crate) fn symbols(&self) -> &[u8] {
        &self.symbols
    }

    /// Whether a numeral has two spellings, of which one is written.
    pub(crate) const fn folds(&self) -> bool {
        matches!(self.letters, Letters::ToLower | Letters::ToUpper) && self.radix > 10
    }

    /// The table's entry, or [`FOREIGN`] with its upper bit for what is not ASCII.
    #[inline]
    fn entry(&self, byte: u8) -> u8 {
        let entry = self.table.get(usize::from(byte & !UPPER));
        entry.copied().unwrap_or(FOREIGN) | (byte & UPPER)
    }

    pub(crate) fn symbol(&self, byte: u8) -> Symbol {
        match self.entry(byte) {
            SEPARATOR if byte.is_ascii() => Symbol::Separator,
            numeral if numeral & UPPER == 0 => Symbol::Numeral(numeral),
            _ => Symbol::Foreign,
        }
    }

    /// The character of a numeral.
    pub(crate) fn character(&self, numeral: u8) -> u8 {
        let symbol = self.symbols.get(usize::from(numeral));
        symbol.copied().unwrap_or(b'0')
    }

    /// Both halves of the string that begins `at`; none where a character is no numeral.
    ///
    /// At least [`SPARE_BYTES`] of anything follow the string.
    #[inline(always)]
    pub(crate) fn read(&self, text: &[u8], at: usize, plan: &Plan) -> Option<(u64, u64)> {
        let (high, low) = (plan.high.numerals, plan.low.numerals);
        if self.radix == 10 {
            let text = text.get(at..)?;
            return Some((decimal(text, high)?, decimal(text.get(high..)?, low)?));
        }
        let (high, low) = text.get(at..at + high + low)?.split_at_checked(high)?;
        Some((self.number(high)?, self.number(low)?))
    }

    #[inline]
    fn number(&self, characters: &[u8]) -> Option<u64> {
        let radix = u64::from(self.radix);
        let (mut number, mut seen) = (0u64, 0);
        for character in characters {
            let numeral = self.entry(*character);
            seen |= numeral;
            // What overflows here has a foreign character in it, or is wider than any plan's half.
            number = number.wrapping_mul(radix).wrapping_add(u64::from(numeral));
        }
        (seen & UPPER == 0).then_some(number)
    }

    /// Writes both halves over the string that begins `at`.
    #[inline(always)]
    pub(crate) fn write(&self, text: &mut [u8], at: usize, plan: &Plan, (high, low): (u64, u64)) {
        let (u, v) = (plan.high.numerals, plan.low.numerals);
        let Some(place) = text.get_mut(at..at + u + v) else {
            return;
        };
        if self.radix == 10 {
            return write_decimal(place, u, high, low);
        }
        if let Some((first, last)) = place.split_at_mut_checked(u) {
            self.write_number(first, high);
            self.write_number(last, low);
        }
    }

    #[inline]
    fn write_number(&self, place: &mut [u8], mut number: u64) {
        let (single, pairs) = place.as_rchunks_mut::<2>();
        for pair in pairs.iter_mut().rev() {
            let (rest, two) = self.square.divide(number);
            let two = usize::try_from(two).ok();
            *pair = two
                .and_then(|two| self.pairs.get(two))
                .copied()
                .unwrap_or_default();
            number = rest;
        }
        if let [single] = single {
            *single = self.character(u8::try_from(number).unwrap_or(0));
        }
    }
}

fn set(table: &mut [u8; ASCII], character: u8, numeral: u8) {
    if let Some(entry) = table.get_mut(usize::from(character)) {
        *entry = numeral;
    }
}

impl fmt::Debug for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alphabet({}, {:?})", self.radix, self.letters)
    }
}

/// Digits of a machine word.
const WORD: usize = 8;
/// `10^8`: what the digits of a word count.
const WORD_VALUES: u64 = 100_000_000;
/// Eight times `0`.
const ZEROS: u64 = 0x3030_3030_3030_3030;
/// Lifts every byte above 9 to its upper bit.
const ABOVE_NINE: u64 = 0x7676_7676_7676_7676;
/// The upper bits of eight bytes.
const UPPERS: u64 = 0x8080_8080_8080_8080;

/// The number of the first `digits`, 1 to 16, of a text.
#[inline(always)]
fn decimal(text: &[u8], digits: usize) -> Option<u64> {
    match digits.checked_sub(WORD) {
        None | Some(0) => eight(text, digits),
        // Nine digits, the half of an id's eighteen.
        Some(1) => {
            let first = text.first()? ^ b'0';
            let rest = eight(text.get(1..)?, WORD)?;
            (first < 10).then_some(u64::from(first) * WORD_VALUES + rest)
        }
        Some(more) => Some(eight(text, more)? * WORD_VALUES + eight(text.get(more..)?, WORD)?),
    }
}

/// The number of the first `digits`, 1 to 8, of a text of at least eight bytes.
#[inline(always)]
fn eight(text: &[u8], digits: usize) -> Option<u64> {
    let word = u64::from_le_bytes(*text.first_chunk()?);
    // The digits go to the word's end; what stood behind them falls out, and zeros come in front.
    let word = (word ^ ZEROS) << (u64::BITS as usize - 8 * digits);
    if (word | word.wrapping_add(ABOVE_NINE)) & UPPERS != 0 {
        return None;
    }
    // Neighbours become numbers below 100, those below 10^4, those the whole.
    let pairs = word.wrapping_mul(10).wrapping_add(word >> 8);
    const EVEN: u64 = 0x0000_00ff_0000_00ff;
    let even = (pairs & EVEN).wrapping_mul(100 + (1_000_000 << 32));
    let odd = ((pairs >> 16) & EVEN).wrapping_mul(1 + (10_000 << 32));
    Some(even.wrapping_add(odd) >> 32)
}

/// The eight digits of a number below `10^8`, the first in the lowest byte.
#[inline(always)]
const fn digits_of(number: u64) -> u64 {
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    // A number below 10^4 times 10486 / 2^20 is its hundreds, one below 100 times 103 / 2^10 its tens.
    let hundreds = ((fours * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let twos = hundreds | ((fours - 100 * hundreds) << 16);
    let tens = ((twos * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | ((twos - 10 * tens) << 8) | ZEROS
}

/// The last `digits`, 1 to 8, of a number's characters, the first in the lowest byte and nothing behind the last.
#[inline(always)]
const fn characters(number: u64, digits: usize) -> u64 {
    digits_of(number) >> (u64::BITS as usize - 8 * digits)
}

/// Writes two numbers, the first of `first` digits and the other of what is left, which is as many or one more.
#[inline(always)]
fn write_decimal(place: &mut [u8], first: usize, high: u64, low: u64) {
    let (all, last) = (place.len(), place.len() - first);
    if last > WORD {
        if let Some((before, after)) = place.split_at_mut_checked(first) {
            put(before, high);
            put(after, low);
        }
        return;
    }
    let (high, low) = (characters(high, first), characters(low, last));
    if all < WORD {
        let both = high | (low << (8 * first));
        let both = both.to_le_bytes();
        place.iter_mut().zip(both).for_each(|(to, from)| *to = from);
        return;
    }
    // Both words are written whole: the last one brings the end of the first with it.
    let end_of_high = match last {
        WORD => 0,
        _ => high >> (8 * (all - WORD)),
    };
    if let Some(word) = place.first_chunk_mut::<WORD>() {
        *word = high.to_le_bytes();
    }
    if let Some(word) = place.last_chunk_mut::<WORD>() {
        *word = ((low << (8 * (WORD - last))) | end_of_high).to_le_bytes();
    }
}

/// Writes a number of 8 to 16 digits.
#[inline(always)]
fn put(place: &mut [u8], number: u64) {
    let (top, rest) = (number / WORD_VALUES, number % WORD_VALUES);
    let more = place.len().saturating_sub(WORD);
    if more == 1
        && let Some(first) = place.first_mut()
    {
        *first = b'0' | (top as u8);
    } else if more > 1
        && let Some(word) = place.first_chunk_mut::<WORD>()
    {
        // The word's end is nothing, and is written over by the last word.
        *word = characters(top, more).to_le_bytes();
    }
    if let Some(word) = place.last_chunk_mut::<WORD>() {
        *word = digits_of(rest).to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_digits() {
        for number in [0, 1, 9, 10, 99, 100, 9_999, 10_000, 12_345_678, 99_999_999] {
            let written = format!("{number:08}");
            assert_eq!(digits_of(number).to_le_bytes(), written.as_bytes());
        }
        // Every pair of neighbours is reached by a step that shares no factor with 10^8.
        for number in (0..WORD_VALUES).step_by(9_973) {
            let written = digits_of(number).to_le_bytes();
            assert_eq!(
                std::str::from_utf8(&written).unwrap(),
                format!("{number:08}")
            );
            assert_eq!(eight(&written, WORD), Some(number));
        }
    }

    #[test]
    fn every_byte_that_is_no_digit_is_seen() {
        for position in 0..WORD {
            for byte in 0..=u8::MAX {
                let mut text = *b"90909090tail";
                text[position] = byte;
                let known = byte.is_ascii_digit();
                assert_eq!(eight(&text, WORD).is_some(), known, "{position} {byte}");
                assert_eq!(
                    eight(&text, 3).is_some(),
                    known || position >= 3,
                    "{position} {byte}"
                );
            }
        }
    }

    #[test]
    fn letters_and_separators() {
        let upper = Alphabet::new(36, Letters::ToUpper).unwrap();
        let upper = upper.with_separators(" -").unwrap();
        for (byte, expect) in [
            (b'a', Some(10)),
            (b'Z', Some(35)),
            (b'7', Some(7)),
            (b'-', None),
        ] {
            let found = match upper.symbol(byte) {
                Symbol::Numeral(numeral) => Some(numeral),
                _ => None,
            };
            assert_eq!(found, expect);
        }
        assert!(matches!(upper.symbol(b' '), Symbol::Separator));
        // The bytes that share their lower bits with a separator or numeral.
        assert!(matches!(upper.symbol(b' ' | UPPER), Symbol::Foreign));
        assert!(matches!(upper.symbol(b'1' | UPPER), Symbol::Foreign));
        assert!(matches!(
            Alphabet::new(36, Letters::Lower).unwrap().symbol(b'A'),
            Symbol::Foreign
        ));
        let hex = Alphabet::new(16, Letters::Upper).unwrap();
        assert_eq!(hex.clone().with_separators("g").err(), None);
        for wrong in ["F", "0", "é"] {
            let refused = hex.clone().with_separators(wrong).err();
            assert_eq!(refused, Some(Outside::Separator));
        }
        for radix in [0, 1, 37] {
            let refused = Alphabet::new(radix, Letters::Lower).err();
            assert_eq!(refused, Some(Outside::Alphabet { radix }));
        }
    }
}
