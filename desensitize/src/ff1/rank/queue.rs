//! Ranks that wait until they fill a tile: what comes in one by one, in any order of sizes, goes through the rounds side
//! by side.

use super::{Direction, RankCipher, TILE_ROWS, Tile, TweakState};

/// Ranks of one [`RankCipher`], each with what its owner needs to know it by.
///
/// Those that a step leaves outside the domain wait for the next tile like any other (cycle walking).
#[derive(Clone)]
pub(crate) struct RankQueue<T> {
    waiting: [(u64, T); TILE_ROWS],
    len: usize,
}

impl<T: Copy + Default> RankQueue<T> {
    pub(crate) fn new() -> Self {
        Self {
            waiting: [(0, T::default()); TILE_ROWS],
            len: 0,
        }
    }

    /// Adds a rank below the cipher's size; answers whether a tile is full, and must then be run before the next is added.
    #[inline]
    pub(crate) fn push(&mut self, rank: u64, owner: T) -> bool {
        if let Some(place) = self.waiting.get_mut(self.len) {
            *place = (rank, owner);
            self.len += 1;
        }
        self.len == TILE_ROWS
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Drops what waits.
    pub(crate) const fn clear(&mut self) {
        self.len = 0;
    }

    /// Encrypts what waits, once each under the tweak of its owner, and hands over what is then within the domain.
    pub(crate) fn step(
        &mut self,
        cipher: &RankCipher,
        tile: &mut Tile,
        tweak: impl Fn(T) -> TweakState,
        mut done: impl FnMut(T, u64),
    ) {
        let (low, size) = (&cipher.plan.low, cipher.size);
        let waiting = self.waiting;
        let waiting = waiting.get(..self.len).unwrap_or_default();
        tile.rows = waiting.len();
        let lanes = tile.high.iter_mut().zip(&mut tile.low);
        let states = tile.state0.iter_mut().zip(&mut tile.state1);
        let lanes = waiting.iter().zip(lanes).zip(states);
        for (((rank, owner), (high, rest)), (state0, state1)) in lanes {
            (*high, *rest) = low.divide(*rank);
            [*state0, *state1] = tweak(*owner).0;
        }
        tile.run(&cipher.key, &cipher.plan, Direction::Encrypt);
        self.len = 0;
        for ((high, rest), (_, owner)) in tile.high.iter().zip(&tile.low).zip(waiting) {
            // Below 2^64, since both are below 2^32.
            let rank = high * low.modulus + rest;
            if rank < size {
                done(*owner, rank);
            } else {
                self.push(rank, *owner);
            }
        }
    }
}
