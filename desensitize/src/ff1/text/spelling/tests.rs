//! Both ways of reading and writing against each other.

use super::*;
use crate::ff1::{Cipher, Kernel, Letters};

/// Every plan of an alphabet that vectors may take, and one beyond either end.
fn plans(radix: u32) -> impl Iterator<Item = Plan> {
    (6..=34).filter_map(move |numerals| Plan::new(radix, numerals).ok().flatten())
}

/// Halves of a tile: the smallest, the largest, those around the powers that writing divides by, and some between.
fn halves(tile: &mut Tile, plan: &Plan, seed: u64) {
    let columns = [(&mut tile.high, &plan.high), (&mut tile.low, &plan.low)];
    for (column, half) in columns {
        let powers = (0..16).map(|power| u64::from(plan.radix).saturating_pow(power));
        let near = powers.flat_map(|power| [power - 1, power, power.saturating_mul(2) - 1]);
        let known = near.chain([half.modulus - 1, half.modulus / 2]);
        let more = (seed..).map(|seed| seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29));
        for (lane, number) in column.iter_mut().zip(known.chain(more)) {
            *lane = number % half.modulus;
        }
    }
}

#[test]
fn numbers_and_characters_of_every_radix() {
    for kernel in Kernel::available(Cipher::Aes256) {
        let key = Ff1Key::with_kernel(Cipher::Aes256, &[0; 32], kernel).unwrap();
        for radix in 2..=36 {
            let alphabet = Alphabet::new(radix, Letters::ToLower).unwrap();
            for (plan, seed) in plans(radix)
                .zip(0..)
                .flat_map(|(plan, seed)| (0..40).map(move |more| (plan, seed * 40 + more)))
            {
                agree(&key, &alphabet, &plan, seed);
            }
        }
    }
}

fn agree(key: &Ff1Key, alphabet: &Alphabet, plan: &Plan, seed: u64) {
    let numerals = plan.high.numerals + plan.low.numerals;
    // Rows stand apart and in disorder, the last one at the end of the text but for its spare bytes.
    let starts: [u32; TILE_ROWS] =
        std::array::from_fn(|row| ((row * 37 % TILE_ROWS) * (numerals + 1)) as u32);
    let bytes = TILE_ROWS * (numerals + 1) - 1 + crate::ff1::alphabet::SPARE_BYTES;
    let mut work = Work::new();
    halves(&mut work.tile, plan, seed);
    let skip = seed.wrapping_mul(0x5851_F42D_4C95_7F2D) & 0x8000_0100_0010_0004;
    let spelled = (alphabet, plan);
    let all = each_apart(&starts);
    let mut write = |spelling: Spelling| {
        let mut text = vec![b'.'; bytes];
        spelling.write(spelled, (&mut text, all), &mut work, skip);
        text
    };
    let text = write(Spelling::RowByRow);
    let vector = || Spelling::new(key, alphabet, plan);
    assert_eq!(write(vector()), text, "{plan:?}");
    for count in [TILE_ROWS, 9] {
        let mut back = Work::new();
        let starts = each_apart(&starts[..count]);
        let foreign = vector().read(spelled, (&text, starts), &mut back);
        // Rows that were not written have full stops in them.
        assert_eq!(foreign, skip & rows(count));
        for row in (0..count).filter(|row| skip >> row & 1 == 0) {
            assert_eq!(
                (back.tile.high[row], back.tile.low[row]),
                (work.tile.high[row], work.tile.low[row]),
                "{plan:?}"
            );
        }
    }
}

fn each_apart(each: &[u32]) -> Starts<'_> {
    Starts { each, stride: None }
}

/// Every byte at every position of a row: known to both ways or to none.
#[test]
fn every_byte_at_every_place() {
    for kernel in Kernel::available(Cipher::Aes256) {
        let key = Ff1Key::with_kernel(Cipher::Aes256, &[0; 32], kernel).unwrap();
        for (radix, letters) in [
            (10, Letters::Upper),
            (16, Letters::Upper),
            (36, Letters::ToUpper),
        ] {
            let alphabet = Alphabet::new(radix, letters)
                .unwrap()
                .with_separators("- ")
                .unwrap();
            for plan in plans(radix) {
                let numerals = plan.high.numerals + plan.low.numerals;
                for byte in 0..=u8::MAX {
                    let mut text =
                        vec![b'1'; numerals * TILE_ROWS + crate::ff1::alphabet::SPARE_BYTES];
                    let starts: [u32; TILE_ROWS] =
                        std::array::from_fn(|row| (row * numerals) as u32);
                    let starts = Starts {
                        each: &starts,
                        stride: Some(numerals),
                    };
                    for row in 0..TILE_ROWS {
                        text[row * numerals + row % numerals] = byte;
                    }
                    let (mut plain, mut vector) = (Work::new(), Work::new());
                    let spelled = (&alphabet, &plan);
                    let expect = Spelling::RowByRow.read(spelled, (&text, starts), &mut plain);
                    let found = Spelling::new(&key, &alphabet, &plan).read(
                        spelled,
                        (&text, starts),
                        &mut vector,
                    );
                    assert_eq!(found, expect, "{byte} {plan:?}");
                    assert_eq!(
                        expect,
                        if matches!(
                            alphabet.symbol(byte),
                            crate::ff1::alphabet::Symbol::Numeral(_)
                        ) {
                            0
                        } else {
                            u64::MAX
                        }
                    );
                    if expect == 0 {
                        assert_eq!(plain.tile.high, vector.tile.high);
                        assert_eq!(plain.tile.low, vector.tile.low);
                    }
                }
            }
        }
    }
}
