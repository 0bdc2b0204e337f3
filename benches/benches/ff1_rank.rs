//! How fast are FF1's rounds? Ranks in batches, by the portable and the vector kernel, beside crate `fpe` and beside the ten
//! AES blocks of a value on crate `aes`.

use std::process::ExitCode;

use aes::cipher::{
    Array, BlockCipherEncBackend, BlockCipherEncClosure, BlockCipherEncrypt as _, BlockSizeUser,
    KeyInit as _, consts::U16, inout::InOutBuf,
};
use aes::{Aes256, Block};
use benches::{
    Bench, BenchError, Draw, METHOD, Measured, Promise, ROWS, Report, Way, run, side_by_side,
};
use desensitize::ff1::{Cipher, Ff1Key, Kernel, RankCipher, aes_alone};
use fpe::ff1::{FF1, FlexibleNumeralString};

/// The seed of the ranks.
const SEED: u64 = 20_260_205;
/// Values in the time of one of crate `fpe`, at least, without AVX-512.
const PORTABLE_RATIO_MIN: f64 = 60.0;
/// The same with vector instructions, where the machine has them.
const VECTOR_RATIO_MIN: f64 = 160.0;
/// Times of the AES blocks alone, at most, with vector instructions.
const LIMIT_RATIO_MAX: f64 = 2.3;
/// The kernels for processors without AVX-512, by the names of their ways and of their AES blocks alone.
const NARROW: [(&str, &str, Kernel); 2] = [
    ("aes-ni", "aes-ni limit", Kernel::Avx2),
    ("vaes", "vaes limit", Kernel::Avx2Vaes),
];
/// The key and the tweak of the bench.
const KEY: [u8; 32] = [7; 32];
const TWEAK: [u8; 16] = [1; 16];
/// AES blocks of a value: FF1 has ten rounds (SP 800-38G, algorithm 7, step 6).
const BLOCKS: usize = 10;
/// Blocks in flight: as many as crate `aes` keeps its widest registers busy with.
const TILE: usize = 64;

fn main() -> ExitCode {
    run(&Bench {
        name: "ff1-rank",
        set: Some("desensitize"),
        about: "FF1-AES-256 over ranks by every kernel, beside crate `fpe` and ten blocks of crate `aes` a value",
        measure,
    })
}

fn measure() -> Result<Report, BenchError> {
    let mut measured = Vec::new();
    let mut promises = Vec::new();
    for (name, size) in [
        ("10^11 values", 100_000_000_000),
        ("10^16 values", 10_000_000_000_000_000),
        ("10^18 values", 1_000_000_000_000_000_000),
    ] {
        measured.push(measure_case(name, size, &mut promises)?);
    }
    Ok(Report {
        measured,
        promises,
        notes: vec![
            METHOD.to_owned(),
            "the portable kernel takes VAES and AVX-512 through crate aes where the machine has them, the AVX2 kernels never do".to_owned(),
            "numbers in, numbers out, one tweak; crate fpe as it comes, value by value, its key schedule done once, over the same four numerals".to_owned(),
            "crate aes: ten AES-256 blocks a value, 64 blocks in flight, all in one call of its backend; a peer and no limit, since the vector kernel has AES code of its own that is faster".to_owned(),
            "AES limit: the same blocks alone by the vector kernel's own instructions, 64 rows a call and eight registers of blocks under way, nothing but AES in between".to_owned(),
        ],
    })
}

/// The row of the table; NaN for the vector kernel where the machine has none, and then no promise on it.
fn measure_case(
    name: &str,
    size: u64,
    promises: &mut Vec<Promise>,
) -> Result<Measured, BenchError> {
    let mut draw = Draw::new(SEED);
    let ranks: Vec<u64> = (0..ROWS).map(|_| draw.below(size)).collect();
    let peer = Peer::new(size)?;
    let vector = Kernel::best(Cipher::Aes256);
    let mut ways = vec![
        Way::new("portable", batch(Kernel::Portable, size, &ranks)?),
        Way::new("fpe", || peer.encrypt(&ranks)),
        Way::new("aes", ten_blocks()),
        Way::new("limit", limit(vector)?),
    ];
    let has_vector = vector != Kernel::Portable;
    if has_vector {
        ways.push(Way::new("vector", batch(vector, size, &ranks)?));
    }
    let known = Kernel::available(Cipher::Aes256);
    let narrow = || {
        NARROW
            .into_iter()
            .filter(|(_, _, kernel)| known.contains(kernel))
    };
    for (way, limit_way, kernel) in narrow() {
        ways.push(Way::new(way, batch(kernel, size, &ranks)?));
        ways.push(Way::new(limit_way, limit(kernel)?));
    }
    let found = side_by_side(ROWS, &mut ways)?;
    for (way, _, _) in narrow() {
        let text = format!("{name}, {way}: values in the time of one of crate fpe");
        promises.push(Promise::at_least(
            text,
            PORTABLE_RATIO_MIN,
            found.times("fpe", way),
        ));
    }
    promises.push(Promise::at_least(
        format!("{name}, portable: values in the time of one of crate fpe"),
        PORTABLE_RATIO_MIN,
        found.times("fpe", "portable"),
    ));
    if has_vector {
        promises.push(Promise::at_least(
            format!("{name}, vector: values in the time of one of crate fpe"),
            VECTOR_RATIO_MIN,
            found.times("fpe", "vector"),
        ));
        promises.push(Promise::at_most(
            format!("{name}, vector: times the AES limit"),
            LIMIT_RATIO_MAX,
            found.times("vector", "limit"),
        ));
    }
    Ok(Measured {
        case: name.to_owned(),
        figures: vec![
            ("crate fpe ns/value", found.ns("fpe")),
            ("portable ns/value", found.ns("portable")),
            ("portable times", found.times("fpe", "portable")),
            ("vector ns/value", found.ns("vector")),
            ("vector times", found.times("fpe", "vector")),
            ("crate aes, ten blocks ns", found.ns("aes")),
            ("AES limit ns/value", found.ns("limit")),
            ("x the AES limit", found.times("vector", "limit")),
            ("AVX2, AES-NI ns/value", found.ns("aes-ni")),
            ("AVX2, AES-NI times", found.times("fpe", "aes-ni")),
            ("x its AES limit", found.times("aes-ni", "aes-ni limit")),
            ("AVX2, VAES ns/value", found.ns("vaes")),
            ("AVX2, VAES times", found.times("fpe", "vaes")),
            ("x that AES limit", found.times("vaes", "vaes limit")),
        ],
    })
}

/// All ranks by one kernel, after it has shown that it agrees with the portable one.
fn batch(
    kernel: Kernel,
    size: u64,
    ranks: &[u64],
) -> Result<impl FnMut() -> Result<(), desensitize::ff1::Outside> + use<>, BenchError> {
    let refused = |refused: desensitize::ff1::Outside| BenchError::Kernel(refused.into());
    let cipher = |kernel| {
        let key = Ff1Key::with_kernel(Cipher::Aes256, &KEY, kernel)?;
        RankCipher::new(&key, size)
    };
    let (ours, plain) = (
        cipher(kernel).map_err(refused)?,
        cipher(Kernel::Portable).map_err(refused)?,
    );
    let (mut ranks, mut expect) = (ranks.to_vec(), ranks.to_vec());
    ours.encrypt(&TWEAK, &mut ranks).map_err(refused)?;
    plain.encrypt(&TWEAK, &mut expect).map_err(refused)?;
    if ranks != expect {
        return Err(BenchError::Other("two kernels differ".to_owned()));
    }
    // Surrogates are ranks as good as any, so each call goes on with those of the last.
    Ok(move || ours.encrypt(&TWEAK, &mut ranks))
}

/// The AES blocks of all values by one kernel's own instructions, and nothing else.
fn limit(
    kernel: Kernel,
) -> Result<impl FnMut() -> Result<u64, std::convert::Infallible>, BenchError> {
    let key = Ff1Key::with_kernel(Cipher::Aes256, &KEY, kernel);
    let key = key.map_err(|refused| BenchError::Kernel(refused.into()))?;
    Ok(move || Ok(aes_alone(&key, ROWS)))
}

/// Ten AES blocks for every value, all in one call of the cipher's backend, which loads its round keys once.
fn ten_blocks() -> impl FnMut() -> Result<u8, std::convert::Infallible> {
    let cipher = Aes256::new(&Array(KEY));
    let mut tile = [Array([0u8; 16]); TILE];
    move || {
        cipher.encrypt_with_backend(TenBlocks(&mut tile));
        Ok(tile.iter().fold(0, |all, block| all ^ block.0[0]))
    }
}

/// Encrypts a tile of blocks in place, over and over.
struct TenBlocks<'a>(&'a mut [Block; TILE]);

impl BlockSizeUser for TenBlocks<'_> {
    type BlockSize = U16;
}

impl BlockCipherEncClosure for TenBlocks<'_> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        for _ in 0..ROWS.div_ceil(TILE) * BLOCKS {
            let (chunks, tail) = InOutBuf::from(self.0.as_mut_slice()).into_chunks();
            for chunk in chunks {
                backend.encrypt_par_blocks(chunk);
            }
            backend.encrypt_tail_blocks(tail);
        }
    }
}

/// The same permutation as one would write it on crate `fpe`.
struct Peer {
    ff1: FF1<Aes256>,
    radix: u64,
    size: u64,
}

/// The peer met a value that is none of its own.
#[derive(Debug, thiserror::Error)]
#[error("a rank of the bench is outside the domain")]
struct Outside;

impl Peer {
    fn new(size: u64) -> Result<Self, BenchError> {
        let root = size.isqrt().isqrt();
        let holds = |radix: &u64| u128::from(*radix).pow(4) >= u128::from(size);
        let radix = (root..).find(holds).unwrap_or(0);
        let ff1 = FF1::new(&KEY, u32::try_from(radix).unwrap_or(0));
        let ff1 = ff1.map_err(|_| BenchError::Kernel(Outside.into()))?;
        Ok(Self { ff1, radix, size })
    }

    fn encrypt(&self, ranks: &[u64]) -> Result<u64, Outside> {
        let mut all = 0;
        for rank in ranks {
            let mut surrogate = self.step(*rank).ok_or(Outside)?;
            while surrogate >= self.size {
                surrogate = self.step(surrogate).ok_or(Outside)?;
            }
            all ^= surrogate;
        }
        Ok(all)
    }

    /// One encryption of the rank's four numerals.
    fn step(&self, rank: u64) -> Option<u64> {
        let mut rest = rank;
        let mut numerals = [0u16; 4];
        for numeral in numerals.iter_mut().rev() {
            *numeral = u16::try_from(rest % self.radix).ok()?;
            rest /= self.radix;
        }
        let numerals = FlexibleNumeralString::from(numerals.to_vec());
        let encrypted: Vec<u16> = self.ff1.encrypt(&TWEAK, &numerals).ok()?.into();
        let number = |number, numeral: &u16| number * self.radix + u64::from(*numeral);
        Some(encrypted.iter().fold(0, number))
    }
}
