//! Ranks against crate `fpe` with the walk spelt out.

use proptest::prelude::*;

use super::*;
use crate::ff1::{Cipher, Kernel, reference};

const KEY: [u8; 32] = [0x3c; 32];

/// One rank the plain way: four numerals, FF1, again while outside.
fn slow(cipher: Cipher, size: u64, tweak: &[u8], mut rank: u64) -> u64 {
    let radix = (1u64..)
        .find(|radix| u128::from(*radix).pow(4) >= u128::from(size))
        .unwrap();
    loop {
        let numerals: Vec<u16> = (0..4)
            .rev()
            .map(|place| (rank / radix.pow(place) % radix) as u16)
            .collect();
        let key = &KEY[..cipher.key_bytes()];
        let out = reference::crate_fpe(cipher, key, radix as u32, tweak, &numerals);
        rank = out
            .iter()
            .fold(0, |rank, numeral| rank * radix + u64::from(*numeral));
        if rank < size {
            return rank;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn agrees_with_the_slow_walk(
        bits in 20.0f64..64.0,
        shares in prop::collection::vec(0.0f64..1.0, 0..150),
        tweak in prop::collection::vec(any::<u8>(), 0..=45),
        cipher in prop::sample::select(Cipher::ALL.to_vec()),
    ) {
        let size = (bits.exp2() as u64).max(DOMAIN_MIN);
        let plain: Vec<u64> = shares.iter().map(|share| ((size as f64 * share) as u64).min(size - 1)).collect();
        let expect: Vec<u64> = plain.iter().map(|rank| slow(cipher, size, &tweak, *rank)).collect();
        for kernel in Kernel::available(cipher) {
            let key = Ff1Key::with_kernel(cipher, &KEY[..cipher.key_bytes()], kernel).unwrap();
            let ranks = RankCipher::new(&key, size).unwrap();
            let mut found = plain.clone();
            ranks.encrypt(&tweak, &mut found).unwrap();
            prop_assert_eq!(&found, &expect, "{:?}", kernel);
            ranks.decrypt(&tweak, &mut found).unwrap();
            prop_assert_eq!(&found, &plain, "{:?}", kernel);
        }
    }

    #[test]
    fn each_row_under_its_own_tweak(which in prop::collection::vec(0u32..5, 0..150)) {
        let key = Ff1Key::new(Cipher::Aes256, &KEY).unwrap();
        let ranks = RankCipher::new(&key, 1_234_567).unwrap();
        let tweaks: Vec<_> = (0..5u8).map(|tweak| ranks.tweak(&[tweak; 20]).unwrap()).collect();
        let plain: Vec<u64> = (0..which.len() as u64).map(|row| row * 7_919 % 1_234_567).collect();
        let mut found = plain.clone();
        ranks.encrypt_each(&tweaks, &which, &mut found).unwrap();
        let expect: Vec<u64> = plain.iter().zip(&which).map(|(rank, which)| {
            let mut one = [*rank];
            ranks.encrypt(&[*which as u8; 20], &mut one).unwrap();
            one[0]
        }).collect();
        prop_assert_eq!(&found, &expect);
        ranks.decrypt_each(&tweaks, &which, &mut found).unwrap();
        prop_assert_eq!(found, plain);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_waits_comes_out_as_it_does_side_by_side(
        size in DOMAIN_MIN..2 * DOMAIN_MIN, which in prop::collection::vec(0usize..5, 0..300), shared in 0usize..4,
    ) {
        for kernel in Kernel::available(Cipher::Aes256) {
            let key = Ff1Key::with_kernel(Cipher::Aes256, &KEY, kernel).unwrap();
            let cipher = RankCipher::new(&key, size).unwrap();
            let shared = vec![7u8; 16 * shared];
            let end = |tweak: usize| [tweak as u8; 16];
            let tweaks = cipher.tweaks_of(&shared, (0..5).map(end)).unwrap();
            let (mut queue, mut tile) = (RankQueue::new(), Tile::new());
            let plain: Vec<u64> = (0..which.len() as u64).map(|row| row * 999_983 % size).collect();
            let mut found = vec![None; plain.len()];
            for (row, rank) in plain.iter().enumerate() {
                if queue.push(*rank, row) {
                    queue.step(&cipher, &mut tile, |row| tweaks[which[row]], |row, rank| found[row] = Some(rank));
                }
            }
            while !queue.is_empty() {
                queue.step(&cipher, &mut tile, |row| tweaks[which[row]], |row, rank| found[row] = Some(rank));
            }
            for ((rank, which), found) in plain.iter().zip(&which).zip(found) {
                let mut one = [*rank];
                let tweak = [shared.as_slice(), &end(*which)].concat();
                cipher.encrypt(&tweak, &mut one).unwrap();
                prop_assert_eq!(found, Some(one[0]));
            }
        }
    }
}

#[test]
fn is_a_permutation() {
    let key = Ff1Key::new(Cipher::Sm4, &KEY[..16]).unwrap();
    // 32^4 is the least above: 48,576 numerals walk.
    let size = 1_000_000;
    let mut ranks: Vec<u64> = (0..size).collect();
    RankCipher::new(&key, size)
        .unwrap()
        .encrypt(b"t", &mut ranks)
        .unwrap();
    ranks.sort_unstable();
    assert!(ranks.iter().copied().eq(0..size));
}

#[test]
fn refusals_change_nothing() {
    let key = Ff1Key::new(Cipher::Aes256, &KEY).unwrap();
    let ranks = RankCipher::new(&key, 1_000_000).unwrap();
    let mut values = [5, 1_000_000];
    let refused = ranks.encrypt(b"", &mut values);
    assert_eq!(
        refused,
        Err(Outside::Rank {
            position: 1,
            size: 1_000_000
        })
    );
    values[1] = 6;
    let tweaks = [ranks.tweak(b"").unwrap()];
    for which in [&[0u32, 1][..], &[0]] {
        let refused = ranks.encrypt_each(&tweaks, which, &mut values);
        assert_eq!(refused, Err(Outside::Tweak { position: 1 }));
    }
    assert_eq!(values, [5, 6]);
}
