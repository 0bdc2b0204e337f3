//! Columns to measure on: seeded, so that every run has the same.

use arrow::array::StringArray;

/// Rows of a measured column: a batch of the usual size, whose texts still lie in the second cache.
pub const ROWS: usize = 65_536;

/// A seeded generator of evenly drawn numbers (splitmix64: Steele, Lea and Flood, OOPSLA 2014).
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// A generator whose numbers follow from its seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 when the bound is 0. The skew of the remainder is of no weight here.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.number().checked_rem(bound).unwrap_or(0)
    }

    /// A text of so many decimal digits.
    pub fn digits(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap_or(0)))
            .collect()
    }
}

/// A column of [`ROWS`] texts, none null, drawn one after the other.
pub fn texts(seed: u64, mut each: impl FnMut(&mut Draw) -> String) -> StringArray {
    let mut draw = Draw::new(seed);
    (0..ROWS).map(|_| Some(each(&mut draw))).collect()
}

#[cfg(test)]
mod tests {
    //! The generator against its published numbers, columns against their shape.

    use arrow::array::Array as _;

    use super::*;

    /// First outputs for seed 1234567, as the test of the generator's C++ port on rosettacode.org lists them.
    #[test]
    fn the_generator_is_splitmix64() {
        let mut draw = Draw::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| draw.number()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }

    #[test]
    fn a_column_is_full_and_follows_from_its_seed() {
        let column = |seed| texts(seed, |draw| draw.digits(11));
        assert_eq!((column(1).len(), column(1).null_count()), (ROWS, 0));
        assert!(column(1).iter().flatten().all(|text| text.len() == 11));
        assert_eq!(column(1), column(1));
        assert_ne!(column(1), column(2));
    }
}
