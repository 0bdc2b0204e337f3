//! Text columns of numerals: a column in, a column out.

mod batch;
mod plain;
mod queue;
mod spelling;
mod tweaks;

use std::ops::RangeInclusive;

use arrow::{
    array::{Array, StringArray},
    buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer},
};

use super::{Alphabet, Direction, Ff1, Ff1Key, Outside, alphabet::SPARE_BYTES};
use batch::Batch;

/// FF1 over the texts of a column: as many rows at a time as the cipher's widest registers hold, of any mix of lengths.
///
/// Every length is a domain of its own. Separators of the alphabet stay where they are; numerals kept at either end stay
/// readable and are told to the caller's tweak, so that what is kept changes the rest.
/// What a reader learns: each text's length and separators, the kept numerals, and which rows hold the same value.
///
/// ```
/// use arrow::array::StringArray;
/// use desensitize::ff1::{Alphabet, Cipher, Ff1Key, TextCipher};
///
/// let key = Ff1Key::new(Cipher::Aes256, &[7; 32])?;
/// let cards = TextCipher::new(&key, Alphabet::digits()?.with_separators(" ")?)?.keeping(6, 0);
/// let plain = StringArray::from(vec![Some("6222 0200 0123 4567"), None, Some("no card")]);
/// let tweak = |kept: &desensitize::ff1::Kept<'_>| [b"cards", kept.first].concat();
/// let (texts, refused) = cards.encrypt(&tweak, &plain)?;
/// assert_eq!(&texts.value(0)[..7], "6222 02");
/// assert_eq!(refused, [2]);
/// let (texts, _) = cards.decrypt(&tweak, &texts)?;
/// assert_eq!(texts.value(0), "6222 0200 0123 4567");
/// # Ok::<(), desensitize::ff1::Outside>(())
/// ```
#[derive(Clone, Debug)]
pub struct TextCipher {
    key: Ff1Key,
    /// For strings too long for the kernels.
    ff1: Ff1,
    alphabet: Alphabet,
    first: usize,
    last: usize,
    lengths: RangeInclusive<usize>,
}

/// What a tweak may depend on: the part of a text that is not encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Kept<'a> {
    /// Numerals of the whole text, the kept ones counted.
    pub numerals: usize,
    /// The numerals kept at the beginning, as numbers below the radix.
    pub first: &'a [u8],
    /// The numerals kept at the end, as numbers below the radix.
    pub last: &'a [u8],
}

impl TextCipher {
    /// Binds a key to an alphabet, nothing kept.
    ///
    /// # Errors
    /// None in practice: every alphabet's radix is one of FF1's.
    pub fn new(key: &Ff1Key, alphabet: Alphabet) -> Result<Self, Outside> {
        Ok(Self {
            ff1: Ff1::new(key, alphabet.radix())?,
            key: key.clone(),
            alphabet,
            first: 0,
            last: 0,
            lengths: 0..=usize::MAX,
        })
    }

    /// Keeps so many numerals at either end.
    #[must_use]
    pub const fn keeping(mut self, first: usize, last: usize) -> Self {
        (self.first, self.last) = (first, last);
        self
    }

    /// Refuses texts of fewer or more numerals, the kept ones counted.
    #[must_use]
    pub const fn of_lengths(mut self, numerals: RangeInclusive<usize>) -> Self {
        self.lengths = numerals;
        self
    }

    /// Encrypts each text; `tweak` is asked once for texts whose length and kept numerals are the same.
    ///
    /// Beside the texts stand the rows, in order, that are none of this cipher's and null in the result: with a character
    /// outside the alphabet, with another length, or with fewer than [`DOMAIN_MIN`](super::DOMAIN_MIN) texts like them.
    ///
    /// # Errors
    /// [`Outside::TweakLength`].
    pub fn encrypt(
        &self,
        tweak: &dyn Fn(&Kept<'_>) -> Vec<u8>,
        texts: &StringArray,
    ) -> Result<(StringArray, Vec<usize>), Outside> {
        self.run(Direction::Encrypt, tweak, texts)
    }

    /// Undoes [`TextCipher::encrypt`] under the same key and tweak.
    ///
    /// # Errors
    /// As [`TextCipher::encrypt`].
    pub fn decrypt(
        &self,
        tweak: &dyn Fn(&Kept<'_>) -> Vec<u8>,
        texts: &StringArray,
    ) -> Result<(StringArray, Vec<usize>), Outside> {
        self.run(Direction::Decrypt, tweak, texts)
    }

    fn run(
        &self,
        direction: Direction,
        tweak: &dyn Fn(&Kept<'_>) -> Vec<u8>,
        texts: &StringArray,
    ) -> Result<(StringArray, Vec<usize>), Outside> {
        // A row's surrogate has the bytes of the row, so that all rows are rewritten where they stand.
        let (source, ends) = slice_of(texts);
        let batch = Batch::new(self, direction, tweak, (source, &ends));
        let (mut text, refused) = batch.run(texts)?;
        text.truncate(text.len().saturating_sub(SPARE_BYTES));
        Ok((assemble(texts, text, ends, &refused), refused))
    }
}

/// The bytes of the column's own rows, and where each begins and ends in them.
fn slice_of(texts: &StringArray) -> (&[u8], OffsetBuffer<i32>) {
    let offsets = texts.offsets();
    let from = offsets.inner().first().copied().unwrap_or(0);
    let until = offsets.last().copied().unwrap_or(0);
    let own = texts.value_data().get(from as usize..until as usize);
    let own = own.unwrap_or(&[]);
    if from == 0 {
        return (own, offsets.clone());
    }
    let ends: Vec<i32> = offsets.iter().map(|offset| offset - from).collect();
    (own, OffsetBuffer::new(ScalarBuffer::from(ends)))
}

/// The column of the rewritten rows, with nothing left under nulls.
fn assemble(
    texts: &StringArray,
    text: Vec<u8>,
    ends: OffsetBuffer<i32>,
    refused: &[usize],
) -> StringArray {
    if texts.null_count() == 0 && refused.is_empty() {
        return column(text, ends, None);
    }
    let mut valid: Vec<bool> = (0..texts.len()).map(|row| texts.is_valid(row)).collect();
    for row in refused {
        if let Some(valid) = valid.get_mut(*row) {
            *valid = false;
        }
    }
    let (mut kept, mut kept_ends) = (Vec::with_capacity(text.len()), vec![0]);
    for (place, valid) in ends.windows(2).zip(&valid) {
        if let [start, end] = *place
            && *valid
        {
            kept.extend_from_slice(text.get(start as usize..end as usize).unwrap_or(&[]));
        }
        kept_ends.push(i32::try_from(kept.len()).unwrap_or(i32::MAX));
    }
    let nulls = NullBuffer::new(BooleanBuffer::from(valid));
    let kept_ends = OffsetBuffer::new(ScalarBuffer::from(kept_ends));
    column(kept, kept_ends, Some(nulls))
}

fn column(text: Vec<u8>, offsets: OffsetBuffer<i32>, nulls: Option<NullBuffer>) -> StringArray {
    let rows = offsets.len().saturating_sub(1);
    // Only numerals are overwritten, by characters of ASCII, so this cannot fail; a column of nulls leaks nothing.
    StringArray::try_new(offsets, Buffer::from_vec(text), nulls)
        .unwrap_or_else(|_| StringArray::new_null(rows))
}

#[cfg(test)]
mod tests;
