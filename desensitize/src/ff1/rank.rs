//! A permutation of `0..size`, in batches.

mod queue;

use aes::Block;

use super::{
    DOMAIN_MIN, Direction, Ff1Key, Outside, TILE_ROWS, TweakState, kernel::Tile, plan::Plan,
};

pub(crate) use queue::RankQueue;

/// Numerals that a rank is written in.
const NUMERALS: usize = 4;

/// A permutation of `0..size` for identifiers that are ranked in a domain of their own.
///
/// A rank is written in four numerals of radix ⌈size^¼⌉, encrypted with FF1, and encrypted again while the result is
/// outside (cycle walking): on average at most 1.14 times, since the numerals hold at most 1.14 times the domain.
/// What a reader of the ranks learns: which rows hold the same value under the same tweak.
///
/// ```
/// use desensitize::ff1::{Cipher, Ff1Key, RankCipher};
///
/// let key = Ff1Key::new(Cipher::Aes256, &[7; 32])?;
/// let cipher = RankCipher::new(&key, 1_800_000)?;
/// let mut ranks = [0, 1, 1_799_999];
/// cipher.encrypt(b"county 650102", &mut ranks)?;
/// assert!(ranks.iter().all(|rank| *rank < 1_800_000));
/// cipher.decrypt(b"county 650102", &mut ranks)?;
/// assert_eq!(ranks, [0, 1, 1_799_999]);
/// # Ok::<(), desensitize::ff1::Outside>(())
/// ```
#[derive(Clone, Debug)]
pub struct RankCipher {
    key: Ff1Key,
    size: u64,
    plan: Plan,
}

impl RankCipher {
    /// Binds a key to a domain of at least [`DOMAIN_MIN`] values.
    ///
    /// # Errors
    /// [`Outside::Small`].
    pub fn new(key: &Ff1Key, size: u64) -> Result<Self, Outside> {
        let small = Outside::Small { size };
        if size < DOMAIN_MIN {
            return Err(small);
        }
        // Four numerals of a radix of at most 2^16 always fit the kernels.
        let plan = Plan::new(fourth_root(size), NUMERALS)?.ok_or(small)?;
        Ok(Self {
            key: key.clone(),
            size,
            plan,
        })
    }

    /// How many values the permutation has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// A tweak worked off once, for many calls or for batches whose rows carry different tweaks.
    ///
    /// # Errors
    /// [`Outside::TweakLength`].
    pub fn tweak(&self, tweak: &[u8]) -> Result<TweakState, Outside> {
        self.plan.state(&self.key, tweak)
    }

    /// Tweaks that begin with the same whole blocks and end with one block of their own, many at a time.
    pub(crate) fn tweaks_of(
        &self,
        shared: &[u8],
        ends: impl IntoIterator<Item = [u8; 16]>,
    ) -> Result<Vec<TweakState>, Outside> {
        let mut blocks: Vec<Block> = ends.into_iter().map(Block::from).collect();
        self.plan.states(&self.key, shared, &mut blocks)
    }

    /// Encrypts ranks below [`RankCipher::size`] in place, all under one tweak.
    ///
    /// # Errors
    /// [`Outside::Rank`], before anything is changed, and [`Outside::TweakLength`].
    pub fn encrypt(&self, tweak: &[u8], ranks: &mut [u64]) -> Result<(), Outside> {
        self.encrypt_under(self.tweak(tweak)?, ranks)
    }

    /// Encrypts ranks in place, all under one tweak of [`RankCipher::tweak`].
    ///
    /// # Errors
    /// [`Outside::Rank`], before anything is changed.
    pub fn encrypt_under(&self, tweak: TweakState, ranks: &mut [u64]) -> Result<(), Outside> {
        self.run(Direction::Encrypt, &|_| Some(tweak), ranks)
    }

    /// Undoes [`RankCipher::encrypt`] under the same key and tweak.
    ///
    /// # Errors
    /// As [`RankCipher::encrypt`].
    pub fn decrypt(&self, tweak: &[u8], ranks: &mut [u64]) -> Result<(), Outside> {
        let state = self.tweak(tweak)?;
        self.run(Direction::Decrypt, &|_| Some(state), ranks)
    }

    /// Encrypts ranks in place, row `r` under `tweaks[which[r]]`; the tweaks are those of [`RankCipher::tweak`].
    ///
    /// # Errors
    /// [`Outside::Rank`], and [`Outside::Tweak`] where a row names none; before anything is changed.
    pub fn encrypt_each(
        &self,
        tweaks: &[TweakState],
        which: &[u32],
        ranks: &mut [u64],
    ) -> Result<(), Outside> {
        self.run(Direction::Encrypt, &each(tweaks, which), ranks)
    }

    /// Undoes [`RankCipher::encrypt_each`].
    ///
    /// # Errors
    /// As [`RankCipher::encrypt_each`].
    pub fn decrypt_each(
        &self,
        tweaks: &[TweakState],
        which: &[u32],
        ranks: &mut [u64],
    ) -> Result<(), Outside> {
        self.run(Direction::Decrypt, &each(tweaks, which), ranks)
    }

    fn run(
        &self,
        direction: Direction,
        state: &impl Fn(usize) -> Option<TweakState>,
        ranks: &mut [u64],
    ) -> Result<(), Outside> {
        let size = self.size;
        if let Some(position) = ranks.iter().position(|rank| *rank >= size) {
            return Err(Outside::Rank { position, size });
        }
        if let Some(position) = (0..ranks.len()).find(|row| state(*row).is_none()) {
            return Err(Outside::Tweak { position });
        }
        let mut tile = Tile::new();
        // All rows once, side by side; then those whose rank is still outside, gathered from where they stand.
        let mut walking = Vec::new();
        for (first, ranks) in (0..).step_by(TILE_ROWS).zip(ranks.chunks_mut(TILE_ROWS)) {
            self.step_tile(direction, state, first, ranks, &mut tile);
            let rows = (first..).zip(ranks.iter());
            walking.extend(rows.filter(|(_, rank)| **rank >= size).map(|(row, _)| row));
        }
        while !walking.is_empty() {
            let mut outside = Vec::new();
            for rows in walking.chunks(TILE_ROWS) {
                self.step(direction, state, rows, ranks, &mut tile);
                let still = |row: &&usize| ranks.get(**row).is_some_and(|rank| *rank >= size);
                outside.extend(rows.iter().filter(still));
            }
            walking = outside;
        }
        Ok(())
    }

    /// One encryption or decryption of the numerals of a tile's rows, which begin with row `first`.
    fn step_tile(
        &self,
        direction: Direction,
        state: &impl Fn(usize) -> Option<TweakState>,
        first: usize,
        ranks: &mut [u64],
        tile: &mut Tile,
    ) {
        let square = self.plan.low.modulus;
        tile.rows = ranks.len();
        let lanes = tile.high.iter_mut().zip(&mut tile.low);
        let states = tile.state0.iter_mut().zip(&mut tile.state1);
        let rows = (first..).zip(ranks.iter());
        for (((high, low), (state0, state1)), (row, rank)) in lanes.zip(states).zip(rows) {
            (*high, *low) = self.plan.low.divide(*rank);
            [*state0, *state1] = state(row).map_or([0; 2], |state| state.0);
        }
        tile.run(&self.key, &self.plan, direction);
        for ((high, low), rank) in tile.high.iter().zip(&tile.low).zip(ranks) {
            // Below 2^64, since both are below 2^32.
            *rank = high * square + low;
        }
    }

    /// One encryption or decryption of the named rows' numerals.
    fn step(
        &self,
        direction: Direction,
        state: &impl Fn(usize) -> Option<TweakState>,
        rows: &[usize],
        ranks: &mut [u64],
        tile: &mut Tile,
    ) {
        let square = self.plan.low.modulus;
        tile.rows = rows.len();
        let lanes = tile.high.iter_mut().zip(&mut tile.low);
        let states = tile.state0.iter_mut().zip(&mut tile.state1);
        for (((high, low), (state0, state1)), row) in lanes.zip(states).zip(rows) {
            let rank = ranks.get(*row).copied().unwrap_or(0);
            (*high, *low) = self.plan.low.divide(rank);
            [*state0, *state1] = state(*row).map_or([0; 2], |state| state.0);
        }
        tile.run(&self.key, &self.plan, direction);
        for ((high, low), row) in tile.high.iter().zip(&tile.low).zip(rows) {
            if let Some(rank) = ranks.get_mut(*row) {
                // Below 2^64, since both are below 2^32.
                *rank = high * square + low;
            }
        }
    }
}

fn each<'a>(tweaks: &'a [TweakState], which: &'a [u32]) -> impl Fn(usize) -> Option<TweakState> {
    move |row| {
        let index = usize::try_from(*which.get(row)?).ok()?;
        tweaks.get(index).copied()
    }
}

/// The least radix whose fourth power holds `size` values.
fn fourth_root(size: u64) -> u32 {
    let root = size.isqrt().isqrt();
    let holds = |radix: &u64| u128::from(*radix).pow(4) >= u128::from(size);
    let radix = (root..=root + 1).find(holds).unwrap_or(root + 1);
    u32::try_from(radix).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
