//! Which rows are looked at closely: the first ones, then one of each block, the blocks growing with the file.

/// All of the first rows are examined.
pub const ROWS_FIRST: u64 = 20_000;
/// After them about this many in each doubling of the file, spread evenly.
pub const ROWS_SPREAD: u64 = 10_000;

/// Whether a row, counted from 0, is examined. The same row of the same file always is, however it came in batches.
///
/// Blocks grow with the row's number, so that a file of unknown length is read once; which row of its block is taken
/// is mixed from the block's number, so that a pattern in the file does not meet one in the choice.
pub(super) fn is_examined(row: u64) -> bool {
    let Some(later) = row.checked_sub(ROWS_FIRST) else {
        return true;
    };
    // Blocks of one row up to the first doubling, of two up to the second, and so on.
    let block = (row / (2 * ROWS_SPREAD)).next_power_of_two().max(1);
    let number = later / block;
    later % block == mix(number) % block
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014).
fn mix(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examined(rows: std::ops::Range<u64>) -> u64 {
        rows.filter(|row| is_examined(*row)).count() as u64
    }

    #[test]
    fn the_first_rows_are_all_examined() {
        assert_eq!(examined(0..ROWS_FIRST), ROWS_FIRST);
    }

    #[test]
    fn each_doubling_adds_about_the_same() {
        for doubling in 1..8 {
            let rows = ROWS_FIRST << doubling..ROWS_FIRST << (doubling + 1);
            let count = examined(rows);
            assert!(
                (ROWS_SPREAD / 2..=3 * ROWS_SPREAD).contains(&count),
                "{doubling}: {count}"
            );
        }
    }

    #[test]
    fn every_part_of_a_doubling_is_seen() {
        let (start, end) = (ROWS_FIRST << 5, ROWS_FIRST << 6);
        let part = (end - start) / 20;
        let counts: Vec<u64> = (0..20)
            .map(|at| examined(start + at * part..start + (at + 1) * part))
            .collect();
        assert!(
            counts.iter().all(|count| *count > ROWS_SPREAD / 40),
            "{counts:?}"
        );
    }

    #[test]
    fn no_row_number_overflows() {
        for row in [u64::MAX, u64::MAX - 1, 1 << 63] {
            is_examined(row);
        }
    }
}
