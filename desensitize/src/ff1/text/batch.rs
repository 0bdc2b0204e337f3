//! One column on its way: each row to the queue of its length.

use super::{
    Kept, TextCipher,
    queue::{Place, Queue, Shared, scatter},
};
use crate::ff1::{Alphabet, Direction, Outside, alphabet::Symbol, plan::Plan};

/// Numerals from which on a half is wider than 56 bits, and so than the kernels take, in every radix.
const WIDE_MIN: usize = 113;

/// How strings of one length are encrypted.
enum Slot {
    /// None has come yet.
    Unknown,
    /// Too short.
    Refused,
    /// Too long for the kernels.
    Wide,
    Narrow(Box<Queue>),
}

impl Slot {
    #[cold]
    fn of(shared: &Shared<'_>, numerals: usize) -> Result<Self, Outside> {
        Ok(match Plan::new(shared.cipher.alphabet.radix(), numerals) {
            Err(_) => Self::Refused,
            Ok(None) => Self::Wide,
            Ok(Some(plan)) => Self::Narrow(Box::new(Queue::new(shared, plan)?)),
        })
    }
}

/// The text of all rows, which surrogates are written over, and what waits.
pub(super) struct Batch<'a> {
    shared: Shared<'a>,
    text: Vec<u8>,
    /// By encrypted numerals.
    slots: Vec<Slot>,
    /// The kept numerals of one row.
    kept: Vec<u8>,
    /// All numerals of one row.
    numerals: Vec<u8>,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        cipher: &'a TextCipher,
        direction: Direction,
        tweak: &'a dyn Fn(&Kept<'_>) -> Vec<u8>,
        text: Vec<u8>,
    ) -> Self {
        Self {
            shared: Shared {
                cipher,
                direction,
                tweak,
            },
            text,
            slots: (0..=WIDE_MIN).map(|_| Slot::Unknown).collect(),
            kept: Vec::new(),
            numerals: Vec::new(),
        }
    }

    /// Takes in the row of these bytes; false where it is none of the cipher's.
    #[inline]
    pub(super) fn row(&mut self, start: usize, end: usize) -> Result<bool, Outside> {
        let place = Place { start, end };
        Ok(self.plain(place)? || self.spaced(place)?)
    }

    /// A row of nothing but numerals, into the queue of its length; false where it is another.
    #[inline(always)]
    fn plain(&mut self, place: Place) -> Result<bool, Outside> {
        let (shared, cipher) = (self.shared, self.shared.cipher);
        let bytes = place.end - place.start;
        let Some(numerals) = bytes.checked_sub(shared.kept()) else {
            return Ok(false);
        };
        if !cipher.lengths.contains(&bytes) {
            return Ok(false);
        }
        let Some(Slot::Narrow(queue)) = slot(&mut self.slots, &shared, numerals)? else {
            return Ok(false);
        };
        let from = place.start + cipher.first;
        let Some(halves) = cipher.alphabet.read(&self.text, from, &queue.plan) else {
            return Ok(false);
        };
        if shared.kept() > 0 {
            self.kept.clear();
            for end in [place.start..from, from + numerals..place.end] {
                let end = self.text.get_mut(end).unwrap_or_default();
                if !keep(&cipher.alphabet, end, &mut self.kept) {
                    return Ok(false);
                }
            }
        }
        queue.push(&shared, &mut self.text, halves, place, &self.kept)?;
        Ok(true)
    }

    /// A row with separators, or too long for the kernels; false where it is none of the cipher's.
    #[cold]
    fn spaced(&mut self, place: Place) -> Result<bool, Outside> {
        let (shared, cipher) = (self.shared, self.shared.cipher);
        self.numerals.clear();
        for byte in self.text.get(place.start..place.end).unwrap_or(&[]) {
            match cipher.alphabet.symbol(*byte) {
                Symbol::Numeral(numeral) => self.numerals.push(numeral),
                Symbol::Separator => {}
                Symbol::Foreign => return Ok(false),
            }
        }
        let all = self.numerals.len();
        let Some(count) = all.checked_sub(shared.kept()) else {
            return Ok(false);
        };
        let (Some(first), Some(middle), Some(last)) = (
            self.numerals.get(..cipher.first),
            self.numerals.get(cipher.first..cipher.first + count),
            self.numerals.get(cipher.first + count..),
        ) else {
            return Ok(false);
        };
        if !cipher.lengths.contains(&all) {
            return Ok(false);
        }
        self.kept.clear();
        self.kept.extend(first.iter().chain(last));
        match slot(&mut self.slots, &shared, count)? {
            None | Some(Slot::Unknown | Slot::Refused) => Ok(false),
            Some(Slot::Wide) => {
                wide(&shared, &mut self.text, place, middle, &self.kept)?;
                Ok(true)
            }
            Some(Slot::Narrow(queue)) => {
                let (high, low) = middle
                    .split_at_checked(queue.plan.high.numerals)
                    .unwrap_or_default();
                let radix = u64::from(cipher.alphabet.radix());
                let [high, low] = [high, low].map(|half| {
                    let step = |number, numeral: &u8| number * radix + u64::from(*numeral);
                    half.iter().fold(0, step)
                });
                queue.push(&shared, &mut self.text, (high, low), place, &self.kept)?;
                Ok(true)
            }
        }
    }

    /// Works off what still waits; the text with all rows rewritten.
    pub(super) fn finish(mut self) -> Vec<u8> {
        for slot in &mut self.slots {
            if let Slot::Narrow(queue) = slot {
                queue.flush(&self.shared, &mut self.text);
            }
        }
        self.text
    }
}

/// How strings of so many encrypted numerals are encrypted.
#[inline(always)]
fn slot<'a>(
    slots: &'a mut [Slot],
    shared: &Shared<'_>,
    numerals: usize,
) -> Result<Option<&'a mut Slot>, Outside> {
    let Some(slot) = slots.get_mut(numerals.min(WIDE_MIN)) else {
        return Ok(None);
    };
    if let Slot::Unknown = slot {
        *slot = Slot::of(shared, numerals)?;
    }
    Ok(Some(slot))
}

/// Reads numerals that are kept, and writes each in its one spelling; false where a character is none.
#[inline]
fn keep(alphabet: &Alphabet, characters: &mut [u8], kept: &mut Vec<u8>) -> bool {
    for character in characters {
        let Symbol::Numeral(numeral) = alphabet.symbol(*character) else {
            return false;
        };
        kept.push(numeral);
        if alphabet.folds() {
            *character = alphabet.character(numeral);
        }
    }
    true
}

/// A string too long for the kernels, on its own.
fn wide(
    shared: &Shared<'_>,
    text: &mut [u8],
    place: Place,
    numerals: &[u8],
    kept: &[u8],
) -> Result<(), Outside> {
    let (cipher, tweak) = (shared.cipher, shared.tweak(numerals.len(), kept));
    let mut string: Vec<u16> = numerals.iter().copied().map(u16::from).collect();
    match shared.direction {
        Direction::Encrypt => cipher.ff1.encrypt(&tweak, &mut string)?,
        Direction::Decrypt => cipher.ff1.decrypt(&tweak, &mut string)?,
    }
    let character = |numeral: &u16| {
        cipher
            .alphabet
            .character(u8::try_from(*numeral).unwrap_or(0))
    };
    let characters: Vec<u8> = string.iter().map(character).collect();
    scatter(shared, text, place, &characters);
    Ok(())
}
