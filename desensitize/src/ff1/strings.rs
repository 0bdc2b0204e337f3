//! The characters of a tile's rows, side by side, between a column and vector registers.

#![cfg_attr(
    not(target_arch = "x86_64"),
    expect(
        dead_code,
        reason = "only the vector kernels of x86-64 take rows side by side"
    )
)]

use std::ops::Range;

use zeroize::Zeroize;

use super::TILE_ROWS;

/// Bytes of a vector register.
pub(crate) const REGISTER_BYTES: usize = 64;
/// Bytes of one row: its first sixteen characters and its last.
const ROW_BYTES: usize = 32;
/// Characters of a row at least, which are then read as two words of eight.
pub(crate) const CHARACTERS_MIN: usize = 8;
/// Characters of a row at most, which are then two words of sixteen: what is above a half's last eight numerals are four.
pub(crate) const CHARACTERS_MAX: usize = 24;
/// Characters of the longest row that is taken as two words of eight.
const NARROW_MAX: usize = 16;

/// Up to [`TILE_ROWS`] rows of one length, each as its first and its last characters: two words that meet or overlap, so
/// that a row is read and written whole and nothing beside it is touched.
#[repr(align(64))]
pub(crate) struct Strings {
    bytes: [u8; TILE_ROWS * ROW_BYTES],
}

/// Where rows begin in a column's text.
#[derive(Clone, Copy)]
pub(crate) struct Starts<'a> {
    pub(crate) each: &'a [u32],
    /// Bytes from one row to the next, where that is the same for all of them.
    pub(crate) stride: Option<usize>,
}

impl Starts<'_> {
    /// The bytes from the first row on, cut into rows, where they lie evenly.
    ///
    /// Bytes behind the last row may be part of its piece.
    #[inline(always)]
    fn even(&self) -> Option<(Range<usize>, usize)> {
        let (first, stride) = (*self.each.first()? as usize, self.stride?);
        Some((first..first + stride * self.each.len(), stride))
    }
}

/// Whether rows of so many characters are held as two words of sixteen instead of eight.
pub(crate) const fn is_wide(characters: usize) -> bool {
    characters > NARROW_MAX
}

impl Strings {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; TILE_ROWS * ROW_BYTES],
        }
    }

    /// Takes in the rows of so many characters that begin at `starts`.
    pub(crate) fn gather(&mut self, text: &[u8], starts: Starts<'_>, characters: usize) {
        if is_wide(characters) {
            gather(self.words_mut::<16>(), text, starts, characters);
        } else {
            gather(self.words_mut::<8>(), text, starts, characters);
        }
    }

    /// Writes the rows over those that begin at `starts`, except for the rows whose bits are set in `skip`.
    pub(crate) fn scatter(
        &self,
        text: &mut [u8],
        starts: Starts<'_>,
        characters: usize,
        skip: u64,
    ) {
        if is_wide(characters) {
            scatter(self.words::<16>(), text, starts, characters, skip);
        } else {
            scatter(self.words::<8>(), text, starts, characters, skip);
        }
    }

    /// The rows as registers hold them.
    pub(crate) fn registers(&self) -> &[[u8; REGISTER_BYTES]] {
        self.bytes.as_chunks().0
    }

    pub(crate) fn registers_mut(&mut self) -> &mut [[u8; REGISTER_BYTES]] {
        self.bytes.as_chunks_mut().0
    }

    fn words<const WORD: usize>(&self) -> &[[[u8; WORD]; 2]] {
        self.bytes.as_chunks().0.as_chunks().0
    }

    fn words_mut<const WORD: usize>(&mut self) -> &mut [[[u8; WORD]; 2]] {
        self.bytes.as_chunks_mut().0.as_chunks_mut().0
    }
}

#[inline(always)]
fn gather<const WORD: usize>(
    rows: &mut [[[u8; WORD]; 2]],
    text: &[u8],
    starts: Starts<'_>,
    characters: usize,
) {
    let take = |[first, last]: &mut [[u8; WORD]; 2], place: &[u8]| {
        let place = place.get(..characters).unwrap_or(&[]);
        if let (Some(begin), Some(end)) = (place.first_chunk(), place.last_chunk()) {
            (*first, *last) = (*begin, *end);
        }
    };
    if let Some((all, stride)) = starts.even()
        && let Some(text) = text.get(all)
    {
        let places = text.chunks_exact(stride);
        return rows
            .iter_mut()
            .zip(places)
            .for_each(|(row, place)| take(row, place));
    }
    for (row, start) in rows.iter_mut().zip(starts.each) {
        take(row, text.get(*start as usize..).unwrap_or(&[]));
    }
}

#[inline(always)]
fn scatter<const WORD: usize>(
    rows: &[[[u8; WORD]; 2]],
    text: &mut [u8],
    starts: Starts<'_>,
    characters: usize,
    skip: u64,
) {
    let put = |[first, last]: &[[u8; WORD]; 2], place: &mut [u8]| {
        let place = place.get_mut(..characters).unwrap_or_default();
        if let Some(begin) = place.first_chunk_mut() {
            *begin = *first;
        }
        if let Some(end) = place.last_chunk_mut() {
            *end = *last;
        }
    };
    if let Some((all, stride)) = starts.even()
        && skip == 0
        && let Some(text) = text.get_mut(all)
    {
        let places = text.chunks_exact_mut(stride);
        return rows
            .iter()
            .zip(places)
            .for_each(|(row, place)| put(row, place));
    }
    for (number, (row, start)) in rows.iter().zip(starts.each).enumerate() {
        if skip >> number & 1 == 0 {
            put(row, text.get_mut(*start as usize..).unwrap_or_default());
        }
    }
}

impl Drop for Strings {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}
