//! One column on its way: each row to the others of its length.

use arrow::array::{Array, StringArray};

use super::{
    Kept, TextCipher,
    plain::Plain,
    queue::{Place, Queue, Shared, scatter},
    spelling::{self, Work},
    tweaks::KEPT_MAX,
};
use crate::ff1::{
    Direction, Outside, TILE_ROWS,
    alphabet::{SPARE_BYTES, Symbol},
    plan::Plan,
    strings::Starts,
};

/// Numerals from which on a half is wider than 56 bits, and so than the kernels take, in every radix.
const WIDE_MIN: usize = 113;

/// How strings of one length are encrypted.
enum Slot {
    /// None has come yet.
    Unknown,
    /// Too short, or of a length that the caller refuses.
    Refused,
    /// Too long for the kernels.
    Wide,
    Narrow(Box<Length>),
}

/// Rows of one length.
struct Length {
    /// Those of nothing but numerals.
    plain: Plain,
    /// Those with separators.
    spaced: Queue,
}

impl Slot {
    #[cold]
    fn of(shared: &Shared<'_>, numerals: usize) -> Result<Self, Outside> {
        let all = numerals.saturating_add(shared.kept());
        Ok(match Plan::new(shared.cipher.alphabet.radix(), numerals) {
            Err(_) => Self::Refused,
            Ok(None) => Self::Wide,
            Ok(Some(_)) if !shared.cipher.lengths.contains(&all) => Self::Refused,
            Ok(Some(plan)) => Self::Narrow(Box::new(Length {
                plain: Plain::new(shared, plan)?,
                spaced: Queue::new(shared, plan)?,
            })),
        })
    }
}

/// Plain rows of so many bytes wait until a tile is full; longer rows, and rows that keep more, do not.
const WAITING_MAX: usize = WIDE_MIN + KEPT_MAX;

/// Rows of one length in bytes that wait: their numbers, and where they begin.
#[derive(Clone, Copy)]
struct Waiting {
    rows: [u32; TILE_ROWS],
    starts: [u32; TILE_ROWS],
    count: usize,
}

/// The text of all rows, which surrogates are written over, and what waits.
pub(super) struct Batch<'a> {
    shared: Shared<'a>,
    /// The rows' bytes as they came.
    source: &'a [u8],
    /// As much of them as was reached, and a few more.
    text: Vec<u8>,
    /// Where each row begins in the text, and where the last one ends.
    ends: &'a [i32],
    /// By encrypted numerals.
    slots: Vec<Slot>,
    /// By bytes.
    waiting: Vec<Waiting>,
    work: Box<Work>,
    /// The rows that are none of the cipher's.
    refused: Vec<usize>,
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
        (source, ends): (&'a [u8], &'a [i32]),
    ) -> Self {
        Self {
            shared: Shared {
                cipher,
                direction,
                tweak,
            },
            source,
            text: Vec::with_capacity(source.len() + SPARE_BYTES),
            ends,
            slots: (0..=WIDE_MIN).map(|_| Slot::Unknown).collect(),
            waiting: vec![
                Waiting {
                    rows: [0; TILE_ROWS],
                    starts: [0; TILE_ROWS],
                    count: 0
                };
                WAITING_MAX
            ],
            work: Box::new(Work::new()),
            refused: Vec::new(),
            kept: Vec::new(),
            numerals: Vec::new(),
        }
    }

    /// Works off the column, whose rows have the batch's text; the text with all rows rewritten, and the rows, in order,
    /// that are none of the cipher's.
    pub(super) fn run(mut self, texts: &StringArray) -> Result<(Vec<u8>, Vec<usize>), Outside> {
        let (ends, whole) = (self.ends, texts.null_count() == 0);
        for first in (0..texts.len()).step_by(TILE_ROWS) {
            let until = texts.len().min(first + TILE_ROWS);
            let tile = ends.get(first..=until).unwrap_or(&[]);
            self.reach(tile.last().map_or(0, |end| *end as usize));
            match one_length(tile) {
                Some((start, bytes)) if whole => self.tile(first, start, bytes)?,
                _ if whole => {
                    for (row, place) in (first..).zip(tile.windows(2)) {
                        self.row(row, place)?;
                    }
                }
                _ => {
                    for (row, place) in (first..).zip(tile.windows(2)) {
                        if texts.is_valid(row) {
                            self.row(row, place)?;
                        }
                    }
                }
            }
        }
        self.finish()
    }

    /// Copies the text up to there, and [`SPARE_BYTES`] more: a tile is worked off while its bytes are at hand.
    fn reach(&mut self, end: usize) {
        let (have, wanted) = (self.text.len(), end + SPARE_BYTES);
        if have < wanted {
            let more = self.source.get(have..wanted.min(self.source.len()));
            self.text.extend_from_slice(more.unwrap_or(&[]));
            self.text.resize(wanted, 0);
        }
    }

    /// Takes in a whole tile of rows, all of so many bytes, that begins with a row and where that row stands.
    fn tile(&mut self, first: usize, start: u32, bytes: u32) -> Result<(), Outside> {
        let shared = self.shared;
        // Rows of a column, like its bytes, are counted by 31 bits.
        let mut rows = [first as u32; TILE_ROWS];
        let mut starts = [start; TILE_ROWS];
        for (step, (row, start)) in (0..).zip(rows.iter_mut().zip(&mut starts)) {
            (*row, *start) = (*row + step, *start + step * bytes);
        }
        let foreign = match length(&mut self.slots, &shared, bytes as usize)? {
            Some(length) => {
                let starts = Starts {
                    each: &starts,
                    stride: Some(bytes as usize),
                };
                length
                    .plain
                    .run(&shared, &mut self.work, &mut self.text, starts)?
            }
            None => u64::MAX,
        };
        self.others(&rows, foreign)
    }

    /// Takes in a row that begins and ends where `place` says.
    #[inline(always)]
    fn row(&mut self, row: usize, place: &[i32]) -> Result<(), Outside> {
        let [start, end] = *place else {
            return Ok(());
        };
        // Rows of a column, like its bytes, are counted by 31 bits.
        let (number, start, bytes) = (row as u32, start as u32, (end - start) as usize);
        let Some(waiting) = self.waiting.get_mut(bytes) else {
            return self.other(number);
        };
        // Fewer than a tile wait, so that the remainder changes nothing but the compiler's mind.
        let place = waiting.count % TILE_ROWS;
        if let (Some(row), Some(begins)) =
            (waiting.rows.get_mut(place), waiting.starts.get_mut(place))
        {
            (*row, *begins) = (number, start);
        }
        waiting.count += 1;
        if waiting.count == TILE_ROWS {
            self.waited(bytes)?;
        }
        Ok(())
    }

    /// Works off the rows of so many bytes that have waited.
    fn waited(&mut self, bytes: usize) -> Result<(), Outside> {
        let Some(waiting) = self.waiting.get_mut(bytes) else {
            return Ok(());
        };
        let (count, shared) = (std::mem::take(&mut waiting.count), self.shared);
        let foreign = match length(&mut self.slots, &shared, bytes)? {
            Some(length) => {
                let starts = Starts {
                    each: waiting.starts.get(..count).unwrap_or(&[]),
                    stride: None,
                };
                length
                    .plain
                    .run(&shared, &mut self.work, &mut self.text, starts)?
            }
            None => spelling::rows(count),
        };
        if foreign == 0 {
            return Ok(());
        }
        let rows = waiting.rows;
        self.others(&rows, foreign)
    }

    /// Takes in those of the rows whose bits are set: they are not plain.
    #[inline]
    fn others(&mut self, rows: &[u32; TILE_ROWS], mut bits: u64) -> Result<(), Outside> {
        while bits != 0 {
            let row = rows.get(bits.trailing_zeros() as usize);
            self.other(row.copied().unwrap_or(0))?;
            bits &= bits - 1;
        }
        Ok(())
    }

    /// Takes in a row that is not plain.
    fn other(&mut self, row: u32) -> Result<(), Outside> {
        let row = row as usize;
        let place = self.ends.get(row..).unwrap_or(&[]);
        if let [start, end, ..] = *place {
            let place = Place {
                start: start as usize,
                end: end as usize,
            };
            if !self.spaced(place)? {
                self.refused.push(row);
            }
        }
        Ok(())
    }

    /// A row with separators, or too long for the kernels; false where it is none of the cipher's.
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
            Some(Slot::Narrow(length)) => {
                let queue = &mut length.spaced;
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

    /// Works off what still waits.
    fn finish(mut self) -> Result<(Vec<u8>, Vec<usize>), Outside> {
        for bytes in 0..WAITING_MAX {
            if self.waiting.get(bytes).is_some_and(|rows| rows.count > 0) {
                self.waited(bytes)?;
            }
        }
        // Only now: a row that waited as a plain one may have separators.
        for slot in &mut self.slots {
            if let Slot::Narrow(length) = slot {
                length.spaced.flush(&self.shared, &mut self.text);
            }
        }
        self.refused.sort_unstable();
        Ok((self.text, self.refused))
    }
}

/// Where a tile's first row begins and how long all its rows are; none where lengths differ or it is not full.
fn one_length(ends: &[i32]) -> Option<(u32, u32)> {
    let (tile, _) = ends.split_first_chunk::<{ TILE_ROWS + 1 }>()?;
    let [start, end, next, ..] = *tile;
    let bytes = end - start;
    // In a column of many lengths this alone is asked, of most tiles.
    if next - end != bytes {
        return None;
    }
    let rows = tile.iter().zip(tile.iter().skip(1));
    let other = rows.fold(0, |other, (start, end)| other | ((end - start) ^ bytes));
    (other == 0).then_some((start.cast_unsigned(), bytes.cast_unsigned()))
}

/// Where rows of so many bytes go that are nothing but numerals; none where such rows are not for the kernels.
#[inline(always)]
fn length<'a>(
    slots: &'a mut [Slot],
    shared: &Shared<'_>,
    bytes: usize,
) -> Result<Option<&'a mut Length>, Outside> {
    let kept = shared.kept();
    let Some(numerals) = bytes.checked_sub(kept).filter(|_| Plain::takes(kept)) else {
        return Ok(None);
    };
    Ok(match slot(slots, shared, numerals)? {
        Some(Slot::Narrow(length)) => Some(length),
        _ => None,
    })
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
