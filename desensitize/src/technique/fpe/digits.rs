//! Strings of decimal digits to strings of as many digits; each length is a domain of its own.

use std::{fmt, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray},
    datatypes::DataType,
};

use crate::{
    Fault, Phrase, Unsuitable,
    broken::{Broken, Malformed},
    ff1::{Alphabet, Cipher, Ff1Key, Kept, Outside, TextCipher},
    folding::narrow,
    phrase::said,
    rewrite::{self, Texts},
    technique::{
        Column, Kernel, Sentence,
        ends::{Counted, ends},
    },
};

/// Digits that are encrypted at least, so that the domain holds [`DOMAIN_MIN`](crate::DOMAIN_MIN) values.
pub const DIGITS_MIN: usize = 6;
/// Digits of a value at most.
pub const DIGITS_MAX: usize = 64;
/// What a valid value would have been.
const EXPECTED: Phrase = Phrase::new(
    "a string of decimal digits long enough to hide among a million",
    "足以隐于一百万个取值之中的数字串",
);

/// Encrypts texts of decimal digits, leading zeros kept; kept digits go into the tweak and out of the domain.
///
/// Full-width digits are narrowed and blanks at the ends dropped. Anything but digits, fewer than [`DIGITS_MIN`] digits
/// beside the kept ones, or more than [`DIGITS_MAX`] in all is broken input.
/// What a reader learns: the length, the kept digits, and which rows hold the same value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FpeDigits {
    /// The column domain; columns of one domain, and the same kept digits, join under one scenario key.
    pub domain: String,
    /// Digits kept at the beginning.
    pub keep_first: usize,
    /// Digits kept at the end.
    pub keep_last: usize,
    /// The length every value has, where it is known: too short a one is then refused before the run.
    pub length: Option<usize>,
    /// The block cipher.
    pub cipher: Cipher,
}

impl FpeDigits {
    /// Digits of any length under a column domain, nothing kept.
    pub fn new(domain: impl Into<String>) -> Self {
        Self {
            domain: domain.into(),
            keep_first: 0,
            keep_last: 0,
            length: None,
            cipher: Cipher::default(),
        }
    }

    fn kept(&self) -> usize {
        self.keep_first.saturating_add(self.keep_last)
    }

    pub(crate) fn learnable(&self) -> Sentence {
        let kept = ends(self.keep_first, self.keep_last, Counted::Digits);
        let (en, zh) = kept.map_or_else(Default::default, |kept| {
            (format!(", {}", kept.en), format!("、{}", kept.zh))
        });
        Sentence::new(
            format!("the length{en}, and which rows hold the same value"),
            format!("可知长度{zh}，以及哪些行取值相同"),
        )
    }

    pub(crate) fn compile(&self, column: &Column<'_>) -> Result<Box<dyn Kernel>, Unsuitable> {
        let longest = self.length.unwrap_or(DIGITS_MAX);
        if longest > DIGITS_MAX || self.kept().saturating_add(DIGITS_MIN) > longest {
            return Err(self.refused(column));
        }
        let key = Ff1Key::of_column(self.cipher, column.key()?);
        let kernel = key.and_then(|key| DigitsKernel::new(&key, self, self.tweak()));
        let outside = |outside: Outside| column.outside(&outside);
        Ok(Box::new(kernel.map_err(outside)?))
    }

    /// The tweak's part that is the same for every value.
    fn tweak(&self) -> Vec<u8> {
        let mut tweak = b"karez/digits/v1".to_vec();
        // The domain name is of varying length; its length in front keeps any two tweaks apart.
        tweak.extend((self.domain.len() as u64).to_be_bytes());
        tweak.extend(self.domain.as_bytes());
        tweak
    }

    fn refused(&self, column: &Column<'_>) -> Unsuitable {
        match self.length {
            Some(length) if length <= DIGITS_MAX => {
                let left = length.saturating_sub(self.kept());
                Unsuitable::SmallDomain {
                    column: column.name(),
                    kept: Box::new(said!("{} of {length} digits", "{} 位（共 {length} 位）", self.kept())),
                    size: u32::try_from(left).ok().and_then(|left| 10u64.checked_pow(left)).unwrap_or(0),
                    nearest: Box::new(match length.checked_sub(DIGITS_MIN) {
                        Some(most) => said!("at most {most} digits", "至多 {most} 位"),
                        None => Sentence::new(
                            "nothing and use `token`: the value is too short to encrypt",
                            "零位，并改用 `token`：该值过短，无法加密",
                        ),
                    }),
                }
            }
            _ => column.parameter(said!(
                "takes values of at most {DIGITS_MAX} digits and needs {DIGITS_MIN} beside the kept ones; keep fewer", "的值最多 {DIGITS_MAX} 位，除保留位外至少还需 {DIGITS_MIN} 位；请减少保留位数"
            )),
        }
    }
}

impl fmt::Display for FpeDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} digits, first {} and last {} kept",
            self.domain, self.keep_first, self.keep_last
        )?;
        if self.cipher != Cipher::default() {
            write!(f, ", {}", self.cipher.id())?;
        }
        Ok(())
    }
}

/// Encrypts the digits between the kept ones.
struct DigitsKernel {
    cipher: TextCipher,
    /// The tweak's part that is the same for every value.
    prefix: Vec<u8>,
}

impl DigitsKernel {
    fn new(key: &Ff1Key, recipe: &FpeDigits, prefix: Vec<u8>) -> Result<Self, Outside> {
        let lengths = recipe
            .length
            .map_or(0..=DIGITS_MAX, |length| length..=length);
        let cipher = TextCipher::new(key, Alphabet::digits()?)?;
        let kernel = Self {
            cipher: cipher
                .keeping(recipe.keep_first, recipe.keep_last)
                .of_lengths(lengths),
            prefix,
        };
        // A tweak too long shows now and not at some row.
        let longest = "0".repeat(recipe.length.unwrap_or(DIGITS_MAX));
        kernel.encrypt(&StringArray::from(vec![longest]))?;
        Ok(kernel)
    }

    fn tweak(&self, kept: &Kept<'_>) -> Vec<u8> {
        // Lengths of digits fit a byte: there are at most DIGITS_MAX.
        let byte = |length: usize| u8::try_from(length).unwrap_or(u8::MAX);
        let mut tweak = self.prefix.clone();
        tweak.push(byte(kept.numerals));
        for kept in [kept.first, kept.last] {
            tweak.push(byte(kept.len()));
            tweak.extend(kept);
        }
        tweak
    }

    fn encrypt(&self, texts: &StringArray) -> Result<(StringArray, Vec<usize>), Outside> {
        self.cipher.encrypt(&|kept| self.tweak(kept), texts)
    }

    /// The surrogates of values in an unusual spelling; null where a value is broken.
    fn unusual(&self, texts: &StringArray, rows: &[usize]) -> Result<StringArray, Outside> {
        let spelling = |row: &usize| usual(texts.value(*row));
        let usual: StringArray = rows.iter().map(spelling).collect();
        Ok(self.encrypt(&usual)?.0)
    }
}

/// The usual spelling, trimmed and narrowed; none where there is anything but digits or too many.
fn usual(value: &str) -> Option<String> {
    let mut digits = String::new();
    for character in value.trim().chars().map(narrow) {
        if digits.len() == DIGITS_MAX || !character.is_ascii_digit() {
            return None;
        }
        digits.push(character);
    }
    Some(digits)
}

impl Kernel for DigitsKernel {
    fn apply(
        &self,
        column: &dyn Array,
        _: Option<&dyn Array>,
        broken: &mut Broken<'_>,
    ) -> Result<ArrayRef, Fault> {
        let texts = column
            .as_string_opt::<i32>()
            .ok_or_else(|| rewrite::mismatch(column, broken, &DataType::Utf8))?;
        // Only a tweak too long fails, and the longest was tried when the technique was compiled.
        let contract = |_| Fault::Contract {
            column: broken.column.to_owned(),
        };
        let (surrogates, refused) = self.encrypt(texts).map_err(contract)?;
        if refused.is_empty() {
            return Ok(Arc::new(surrogates));
        }
        let unusual = self.unusual(texts, &refused).map_err(contract)?;
        let mut others = refused.iter().zip(&unusual).peekable();
        let mut out = Texts::with_capacity(texts.len(), rewrite::text_bytes(texts));
        for (row, surrogate) in surrogates.iter().enumerate() {
            match (surrogate, others.next_if(|(refused, _)| **refused == row)) {
                (Some(surrogate), _) | (None, Some((_, Some(surrogate)))) => {
                    out.append_value(surrogate);
                }
                (None, Some((_, None))) => {
                    broken.text(row, texts.value(row), &Malformed(EXPECTED), &mut out)?;
                }
                (None, None) => out.append_null(),
            }
        }
        out.finish(broken.column)
    }

    fn reverse(&self, surrogate: &str) -> Option<String> {
        let texts = StringArray::from(vec![surrogate]);
        let decrypted = self.cipher.decrypt(&|kept| self.tweak(kept), &texts);
        let (originals, _) = decrypted.ok()?;
        let original = originals.iter().next().flatten();
        original.map(str::to_owned)
    }
}

#[cfg(test)]
mod tests;
