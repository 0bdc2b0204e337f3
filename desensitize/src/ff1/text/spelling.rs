//! The strings of a tile's rows to numbers and back.

use crate::ff1::{
    Alphabet, Ff1Key, TILE_ROWS, TweakState, kernel::Tile, plan::Plan, strings::Starts,
};
#[cfg(target_arch = "x86_64")]
use crate::ff1::{strings::Strings, vector};

/// How a tile's rows are read and written; both ways do the same.
pub(super) enum Spelling {
    /// One after the other, in safe Rust on machine words.
    RowByRow,
    /// By the key's kernel, in vector registers.
    #[cfg(target_arch = "x86_64")]
    Vector(Box<vector::Text>),
}

/// Where one tile's rows are at a time, whatever their length.
pub(super) struct Work {
    pub(super) tile: Tile,
    /// The one tweak that all rows of the tile have.
    state: Option<TweakState>,
    #[cfg(target_arch = "x86_64")]
    strings: Strings,
}

impl Work {
    pub(super) const fn new() -> Self {
        Self {
            tile: Tile::new(),
            state: None,
            #[cfg(target_arch = "x86_64")]
            strings: Strings::new(),
        }
    }

    /// Sets one tweak for every row, unless they have it from the tile before.
    pub(super) fn set_state(&mut self, state: TweakState) {
        if self.state != Some(state) {
            self.tile.set_state(state);
            self.state = Some(state);
        }
    }

    /// The tile, for tweaks of its rows' own.
    pub(super) const fn states(&mut self) -> &mut Tile {
        self.state = None;
        &mut self.tile
    }
}

impl Spelling {
    /// The fastest way that the key's kernel has for strings of this length.
    pub(super) fn new(key: &Ff1Key, alphabet: &Alphabet, plan: &Plan) -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(text) = key.engine().and_then(|engine| engine.text(alphabet, plan)) {
            return Self::Vector(Box::new(text));
        }
        let _ = (key, alphabet, plan);
        Self::RowByRow
    }

    /// Reads the halves of the strings that begin at `starts`; those with a character outside the alphabet have their
    /// bits set, and anything in their lanes.
    pub(super) fn read(
        &self,
        (alphabet, plan): (&Alphabet, &Plan),
        (text, starts): (&[u8], Starts<'_>),
        work: &mut Work,
    ) -> u64 {
        match self {
            Self::RowByRow => row_by_row((alphabet, plan), (text, starts), &mut work.tile),
            #[cfg(target_arch = "x86_64")]
            Self::Vector(kernel) => {
                let Work { tile, strings, .. } = work;
                strings.gather(text, starts, plan.high.numerals + plan.low.numerals);
                kernel.read(strings, tile) & rows(starts.each.len())
            }
        }
    }

    /// Writes the tile's halves over the strings that begin at `starts`, except for those whose bits are set in `skip`.
    pub(super) fn write(
        &self,
        (alphabet, plan): (&Alphabet, &Plan),
        (text, starts): (&mut [u8], Starts<'_>),
        work: &mut Work,
        skip: u64,
    ) {
        match self {
            Self::RowByRow => {
                let halves = work.tile.high.iter().zip(&work.tile.low);
                for (row, (start, (high, low))) in starts.each.iter().zip(halves).enumerate() {
                    if skip >> row & 1 == 0 {
                        alphabet.write(text, *start as usize, plan, (*high, *low));
                    }
                }
            }
            #[cfg(target_arch = "x86_64")]
            Self::Vector(kernel) => {
                let Work { tile, strings, .. } = work;
                kernel.write(tile, strings);
                let characters = plan.high.numerals + plan.low.numerals;
                strings.scatter(text, starts, characters, skip);
            }
        }
    }
}

fn row_by_row(
    (alphabet, plan): (&Alphabet, &Plan),
    (text, starts): (&[u8], Starts<'_>),
    tile: &mut Tile,
) -> u64 {
    let mut foreign = 0;
    let halves = tile.high.iter_mut().zip(&mut tile.low);
    for (row, (start, (high, low))) in starts.each.iter().zip(halves).enumerate() {
        match alphabet.read(text, *start as usize, plan) {
            Some(halves) => (*high, *low) = halves,
            None => foreign |= 1 << row,
        }
    }
    foreign
}

/// The bits of so many rows.
pub(super) const fn rows(count: usize) -> u64 {
    match TILE_ROWS.checked_sub(count) {
        None | Some(0) => u64::MAX,
        Some(missing) => !(u64::MAX << (TILE_ROWS - missing)),
    }
}

#[cfg(test)]
mod tests;
