//! The kernels, and the tile of rows that each works on.

use zeroize::Zeroize;

#[cfg(target_arch = "x86_64")]
use super::vector;
use super::{Cipher, Direction, Ff1Key, TILE_ROWS, TweakState, plan::Plan, portable};

/// Which code runs the rounds; all give the same results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// Safe Rust on crate `aes` or `sm4`, everywhere.
    Portable,
    /// AES-NI and AVX2, for AES: four rows in a register.
    Avx2,
    /// VAES and AVX2, for AES: four rows in a register.
    Avx2Vaes,
    /// VAES and AVX-512, for AES: eight rows in a register.
    Avx512,
}

impl Kernel {
    /// Every kernel, the fastest last.
    pub const ALL: [Self; 4] = [Self::Portable, Self::Avx2, Self::Avx2Vaes, Self::Avx512];

    /// The kernels that this machine has for a cipher, the fastest last.
    #[must_use]
    pub fn available(cipher: Cipher) -> Vec<Self> {
        let runs = |kernel: &Self| match (kernel, cipher) {
            (Self::Portable, _) => true,
            (_, Cipher::Sm4) => false,
            #[cfg(target_arch = "x86_64")]
            (other, _) => vector::runs(*other),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        };
        Self::ALL.into_iter().filter(runs).collect()
    }

    /// The fastest kernel that this machine has for a cipher.
    #[must_use]
    pub fn best(cipher: Cipher) -> Self {
        Self::available(cipher)
            .last()
            .copied()
            .unwrap_or(Self::Portable)
    }
}

/// Up to [`TILE_ROWS`] rows on their way through the rounds, column by column.
///
/// Lanes beyond `rows` are computed along and mean nothing.
#[repr(align(64))]
pub(crate) struct Tile {
    pub(crate) high: [u64; TILE_ROWS],
    pub(crate) low: [u64; TILE_ROWS],
    /// First half of each row's [`TweakState`].
    pub(crate) state0: [u64; TILE_ROWS],
    /// Second half of each row's [`TweakState`].
    pub(crate) state1: [u64; TILE_ROWS],
    pub(crate) rows: usize,
}

impl Tile {
    pub(crate) const fn new() -> Self {
        Self {
            high: [0; TILE_ROWS],
            low: [0; TILE_ROWS],
            state0: [0; TILE_ROWS],
            state1: [0; TILE_ROWS],
            rows: 0,
        }
    }

    /// Sets one tweak for every row.
    pub(crate) fn set_state(&mut self, state: TweakState) {
        self.state0 = [state.0[0]; TILE_ROWS];
        self.state1 = [state.0[1]; TILE_ROWS];
    }

    /// Runs all rounds over the rows.
    pub(crate) fn run(&mut self, key: &Ff1Key, plan: &Plan, direction: Direction) {
        #[cfg(target_arch = "x86_64")]
        if let Some(engine) = key.engine()
            && engine.rounds(plan, direction, self)
        {
            return;
        }
        portable::rounds(key, plan, direction, self);
    }

    /// Runs the AES blocks of all [`TILE_ROWS`] rows, ten a row, and nothing else.
    fn aes_alone(&mut self, key: &Ff1Key) {
        #[cfg(target_arch = "x86_64")]
        if let Some(engine) = key.engine() {
            return engine.aes_alone(self);
        }
        portable::aes_alone(key, self);
    }
}

/// Encrypts the blocks of so many rows, ten a row and rounded up to 64 rows, by the key's kernel with the registers that
/// its rounds use, and does nothing else: the time that no FF1 of one block a round can go below. For benches.
///
/// What comes out is of no meaning, and only there so that the work is done.
///
/// ```
/// use desensitize::ff1::{Cipher, Ff1Key, aes_alone};
///
/// let key = Ff1Key::new(Cipher::Aes256, &[7; 32])?;
/// assert_ne!(aes_alone(&key, 64), aes_alone(&key, 128));
/// # Ok::<(), desensitize::ff1::Outside>(())
/// ```
#[must_use]
pub fn aes_alone(key: &Ff1Key, rows: usize) -> u64 {
    let mut tile = Tile::new();
    for _ in 0..rows.div_ceil(TILE_ROWS) {
        tile.aes_alone(key);
    }
    tile.high
        .iter()
        .fold(0, |all, half| all.rotate_left(1) ^ half)
}

impl Drop for Tile {
    fn drop(&mut self) {
        self.high.zeroize();
        self.low.zeroize();
        self.state0.zeroize();
        self.state1.zeroize();
    }
}
