//! Rows of one length with separators on their way into a tile.

use std::collections::HashMap;

use super::{Kept, TextCipher};
use crate::ff1::{
    Direction, Outside, TILE_ROWS, TweakState,
    alphabet::{SPARE_BYTES, Symbol},
    kernel::Tile,
    plan::Plan,
};

/// What all rows of a column share.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub(super) cipher: &'a TextCipher,
    pub(super) direction: Direction,
    pub(super) tweak: &'a dyn Fn(&Kept<'_>) -> Vec<u8>,
}

impl Shared<'_> {
    pub(super) const fn kept(&self) -> usize {
        self.cipher.first.saturating_add(self.cipher.last)
    }

    /// The tweak of a text with so many encrypted numerals and these kept ones, first and last.
    pub(super) fn tweak(&self, numerals: usize, kept: &[u8]) -> Vec<u8> {
        let (first, last) = kept
            .split_at_checked(self.cipher.first)
            .unwrap_or((kept, &[]));
        let numerals = numerals + kept.len();
        (self.tweak)(&Kept {
            numerals,
            first,
            last,
        })
    }
}

/// Where a row stands in the text.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The rows of one length that wait until a tile is full.
pub(super) struct Queue {
    pub(super) plan: Plan,
    tile: Tile,
    places: [Place; TILE_ROWS],
    /// The tweaks met so far, by kept numerals; with none kept there is one, and the tile has it.
    tweaks: HashMap<Vec<u8>, TweakState>,
    /// One string of numerals, for rows with separators in between.
    string: Vec<u8>,
}

impl Queue {
    pub(super) fn new(shared: &Shared<'_>, plan: Plan) -> Result<Self, Outside> {
        let mut tile = Tile::new();
        let numerals = plan.high.numerals + plan.low.numerals;
        if shared.kept() == 0 {
            tile.set_state(plan.state(&shared.cipher.key, &shared.tweak(numerals, &[]))?);
        }
        Ok(Self {
            plan,
            tile,
            places: [Place::default(); TILE_ROWS],
            tweaks: HashMap::new(),
            string: vec![0; numerals + SPARE_BYTES],
        })
    }

    const fn numerals(&self) -> usize {
        self.plan.high.numerals + self.plan.low.numerals
    }

    /// Takes in a row; `kept` are its kept numerals, first and last.
    pub(super) fn push(
        &mut self,
        shared: &Shared<'_>,
        text: &mut [u8],
        (high, low): (u64, u64),
        place: Place,
        kept: &[u8],
    ) -> Result<(), Outside> {
        let row = self.tile.rows;
        if !kept.is_empty() {
            self.set_state(shared, row, kept)?;
        }
        let lanes = (
            self.tile.high.get_mut(row),
            self.tile.low.get_mut(row),
            self.places.get_mut(row),
        );
        if let (Some(high_lane), Some(low_lane), Some(lane)) = lanes {
            (*high_lane, *low_lane, *lane) = (high, low, place);
        }
        self.tile.rows = row + 1;
        if self.tile.rows == TILE_ROWS {
            self.flush(shared, text);
        }
        Ok(())
    }

    fn set_state(&mut self, shared: &Shared<'_>, row: usize, kept: &[u8]) -> Result<(), Outside> {
        let state = match self.tweaks.get(kept) {
            Some(state) => *state,
            None => {
                let tweak = shared.tweak(self.numerals(), kept);
                let state = self.plan.state(&shared.cipher.key, &tweak)?;
                self.tweaks.insert(kept.to_vec(), state);
                state
            }
        };
        let lanes = (self.tile.state0.get_mut(row), self.tile.state1.get_mut(row));
        if let (Some(state0), Some(state1)) = lanes {
            [*state0, *state1] = state.0;
        }
        Ok(())
    }

    /// Encrypts or decrypts the waiting rows and writes them to their places.
    pub(super) fn flush(&mut self, shared: &Shared<'_>, text: &mut [u8]) {
        let cipher = shared.cipher;
        self.tile.run(&cipher.key, &self.plan, shared.direction);
        let numerals = self.numerals();
        let halves = self.tile.high.iter().zip(&self.tile.low);
        for ((high, low), place) in halves.zip(&self.places).take(self.tile.rows) {
            let (alphabet, halves) = (&cipher.alphabet, (*high, *low));
            alphabet.write(&mut self.string, 0, &self.plan, halves);
            let string = self.string.get(..numerals).unwrap_or(&[]);
            scatter(shared, text, *place, string);
        }
        self.tile.rows = 0;
    }
}

/// Writes characters over the encrypted numerals of a row, and kept ones in their one spelling.
pub(super) fn scatter(shared: &Shared<'_>, text: &mut [u8], place: Place, characters: &[u8]) {
    let (alphabet, first) = (&shared.cipher.alphabet, shared.cipher.first);
    let row = text.get_mut(place.start..place.end).unwrap_or_default();
    let mut position = 0usize;
    for byte in row {
        let Symbol::Numeral(numeral) = alphabet.symbol(*byte) else {
            continue;
        };
        let inside = position.checked_sub(first);
        let encrypted = inside.and_then(|inside| characters.get(inside));
        *byte = encrypted
            .copied()
            .unwrap_or_else(|| alphabet.character(numeral));
        position += 1;
    }
}
