//! One string of numerals of any length.

use super::{
    Direction, Ff1Key, Outside,
    kernel::Tile,
    plan::{self, Half, Plan},
    wide,
};

/// FF1 under one key and radix, one string at a time: `FF1.Encrypt` and `FF1.Decrypt` of SP 800-38G (algorithms 7, 8).
///
/// For columns use [`RankCipher`](super::RankCipher) or [`TextCipher`](super::TextCipher), which keep 64 rows in flight.
///
/// ```
/// use desensitize::ff1::{Cipher, Ff1, Ff1Key};
///
/// // NIST's first sample.
/// let key = 0x2b7e151628aed2a6abf7158809cf4f3cu128.to_be_bytes();
/// let ff1 = Ff1::new(&Ff1Key::new(Cipher::Aes128, &key)?, 10)?;
/// let mut numerals = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
/// ff1.encrypt(b"", &mut numerals)?;
/// assert_eq!(numerals, [2, 4, 3, 3, 4, 7, 7, 4, 8, 4]);
/// # Ok::<(), desensitize::ff1::Outside>(())
/// ```
#[derive(Clone, Debug)]
pub struct Ff1 {
    key: Ff1Key,
    radix: u32,
}

impl Ff1 {
    /// Binds a key to a radix of 2 to [`RADIX_MAX`](super::RADIX_MAX).
    ///
    /// # Errors
    /// [`Outside::Radix`].
    pub fn new(key: &Ff1Key, radix: u32) -> Result<Self, Outside> {
        // Long enough for every radix: only the radix can be refused.
        plan::admit(radix, 64)?;
        Ok(Self {
            key: key.clone(),
            radix,
        })
    }

    /// Encrypts numerals below the radix in place, most significant first.
    ///
    /// # Errors
    /// [`Outside::Short`], [`Outside::Numeral`] and [`Outside::TweakLength`].
    pub fn encrypt(&self, tweak: &[u8], numerals: &mut [u16]) -> Result<(), Outside> {
        self.run(Direction::Encrypt, tweak, numerals)
    }

    /// Undoes [`Ff1::encrypt`] under the same key and tweak.
    ///
    /// # Errors
    /// As [`Ff1::encrypt`].
    pub fn decrypt(&self, tweak: &[u8], numerals: &mut [u16]) -> Result<(), Outside> {
        self.run(Direction::Decrypt, tweak, numerals)
    }

    fn run(&self, direction: Direction, tweak: &[u8], numerals: &mut [u16]) -> Result<(), Outside> {
        let radix = self.radix;
        let plan = Plan::new(radix, numerals.len())?;
        let foreign = numerals
            .iter()
            .position(|numeral| u32::from(*numeral) >= radix);
        if let Some(position) = foreign {
            return Err(Outside::Numeral { position, radix });
        }
        match plan {
            None => wide::run(&self.key, radix, direction, tweak, numerals),
            Some(plan) => self.narrow(&plan, direction, tweak, numerals),
        }
    }

    fn narrow(
        &self,
        plan: &Plan,
        direction: Direction,
        tweak: &[u8],
        numerals: &mut [u16],
    ) -> Result<(), Outside> {
        let (high, low) = numerals.split_at_mut(plan.high.numerals);
        let mut tile = Tile::new();
        tile.rows = 1;
        tile.set_state(plan.state(&self.key, tweak)?);
        tile.high[0] = number(self.radix, high);
        tile.low[0] = number(self.radix, low);
        tile.run(&self.key, plan, direction);
        write(self.radix, &plan.high, tile.high[0], high);
        write(self.radix, &plan.low, tile.low[0], low);
        Ok(())
    }
}

/// `NUM` of the standard (algorithm 1).
fn number(radix: u32, numerals: &[u16]) -> u64 {
    let radix = u64::from(radix);
    numerals
        .iter()
        .fold(0, |number, numeral| number * radix + u64::from(*numeral))
}

/// `STR` of the standard (algorithm 3).
fn write(radix: u32, half: &Half, mut number: u64, numerals: &mut [u16]) {
    debug_assert!(number < half.modulus);
    for numeral in numerals.iter_mut().rev() {
        *numeral = u16::try_from(number % u64::from(radix)).unwrap_or(0);
        number /= u64::from(radix);
    }
}
