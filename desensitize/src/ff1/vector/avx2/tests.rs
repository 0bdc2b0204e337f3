//! Reductions where they could be one modulus off: digests beside multiples of the modulus and halfway between them.
//! Whole strings stand in `ff1/tests.rs`; their digests are random and seldom meet these.

use std::array;

use super::*;

/// Four rows of blocks, as even and odd rows.
fn interleaved(digests: [u128; LANES]) -> [[u64; LANES]; 2] {
    let halves = |digest: u128| {
        let both = u128::from_le_bytes(digest.to_be_bytes());
        [both as u64, (both >> 64) as u64]
    };
    let [a, b, c, d] = digests.map(halves);
    [[a[0], a[1], c[0], c[1]], [b[0], b[1], d[0], d[1]]]
}

/// `value ± digest` modulo the modulus for four rows; a digest is a block's first 8 or 12 bytes as a number.
#[target_feature(enable = "avx2,fma")]
fn fold<const DIGEST: u8>(
    modulus: u64,
    values: [u64; LANES],
    digests: [u128; LANES],
) -> [[u64; LANES]; 2] {
    let lanes = Modulus {
        whole: _mm256_set1_epi64x(modulus.cast_signed()),
        modulus: _mm256_set1_pd(modulus as f64),
        inverse: _mm256_set1_pd(1.0 / modulus as f64),
    };
    // What follows the digest in its block must make no difference.
    let bits = if DIGEST == LONG { 32 } else { 64 };
    let junk = (1u128 << bits) - 1;
    let [even, odd] = interleaved(digests.map(|digest| (digest << bits) | junk));
    let [even, odd, value] = [even, odd, values].map(|lanes| load(&lanes));
    let mut out = [[0; LANES]; 2];
    store(&mut out[0], lanes.fold::<false, DIGEST>(value, even, odd));
    store(&mut out[1], lanes.fold::<true, DIGEST>(value, even, odd));
    out
}

/// Digests of so many bits beside multiples of the modulus, the greatest among them.
fn digests(modulus: u64, bits: u32) -> Vec<u128> {
    let (modulus, end) = (u128::from(modulus), 1u128 << bits);
    let multiples = (0..bits).flat_map(|shift| {
        let near = (end - 1) >> shift;
        [near, near / 3 * 2, near / 7 * 5, near / 1_001 * 999]
    });
    let places = |near: u128| {
        let multiple = near / modulus * modulus;
        let offsets = [0, 1, modulus / 2, modulus / 2 + 1, modulus - 1];
        let around = offsets.map(|offset| multiple + offset);
        around.into_iter().chain([near, multiple.saturating_sub(1)])
    };
    let all = multiples.flat_map(places);
    all.filter(|digest| *digest < end).collect()
}

fn check<const DIGEST: u8>(moduli: &[u64]) {
    if !is_x86_feature_detected!("avx2") || !is_x86_feature_detected!("fma") {
        println!("SKIPPED: this processor has no AVX2 with fused products");
        return;
    }
    let bits = if DIGEST == LONG { 96 } else { 64 };
    for modulus in moduli.iter().copied() {
        let values = [0, 1, modulus / 2, modulus - 1];
        for digest in digests(modulus, bits) {
            // Every value meets the digest in every lane.
            for turn in 0..LANES {
                let values = array::from_fn(|lane| values[(lane + turn) % LANES]);
                // SAFETY: the processor has the instructions.
                let found = unsafe { fold::<DIGEST>(modulus, values, [digest; LANES]) };
                let whole = u128::from(modulus);
                let rest = digest % whole;
                let sum = |value| ((u128::from(value) + rest) % whole) as u64;
                let difference = |value| ((u128::from(value) + whole - rest) % whole) as u64;
                let expect = [values.map(sum), values.map(difference)];
                assert_eq!(found, expect, "{digest} modulo {modulus} beside {values:?}");
            }
        }
    }
}

#[test]
fn eight_bytes_and_a_modulus_of_a_word() {
    check::<SHORT>(&[
        1 << 15,
        (1 << 15) + 1,
        46_656,
        100_000,
        999_999_937,
        1_000_000_000,
        1 << 31,
        (1 << 32) - 1,
        1 << 32,
    ]);
}

#[test]
fn eight_bytes_and_a_small_modulus() {
    check::<SPLIT>(&[16, 100, 729, 1_000, 1_024, 10_000, (1 << 15) - 1]);
}

/// The least modulus beside one above 2^32 is 1626^2.
#[test]
fn twelve_bytes() {
    check::<LONG>(&[
        1_626 * 1_626,
        (1 << 24) + 1,
        1_000_000_000,
        (1 << 32) - 1,
        (1 << 32) + 1,
        10_000_000_000,
        101_559_956_668_416,
        1_000_000_000_000_000,
        (1 << 49) + 1,
        MODULUS_MAX - 1,
        MODULUS_MAX,
    ]);
}

/// Each row's digest reaches that row and no other.
#[test]
fn rows_keep_their_lanes() {
    let digests = array::from_fn(|lane| 1_000_003 * (lane as u128 + 1));
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor has the instructions.
        let [sums, _] = unsafe { fold::<SHORT>(1_000_000, [0, 10, 20, 30], digests) };
        assert_eq!(sums, [3, 16, 29, 42]);
    }
}
