//! How fast is FF1 from text column to text column? By the portable and the vector kernel, beside crate `fpe` and beside
//! the AES blocks of its rounds alone.

use std::process::ExitCode;

use aes::Aes256;
use arrow::array::{Array as _, StringArray};
use benches::{
    Bench, BenchError, Draw, METHOD, Measured, Promise, ROWS, Report, Way, run, side_by_side, texts,
};
use desensitize::ff1::{
    Alphabet, Cipher, Ff1Key, Kept, Kernel, Letters, Outside, TextCipher, aes_alone,
};
use fpe::ff1::{FF1, FlexibleNumeralString};

/// The seed of the texts.
const SEED: u64 = 20_260_206;
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

/// Texts of one radix, of one length or of several in random order.
struct Case {
    name: &'static str,
    radix: u32,
    shortest: usize,
    longest: usize,
    /// Numerals kept at the beginning, which are part of the row's tweak.
    kept: usize,
    /// How many different ones there are.
    beginnings: u64,
}

const CASES: [Case; 8] = [
    Case::of("radix 10, n = 11", 10, 11, 11),
    Case::of("radix 10, n = 16", 10, 16, 16),
    Case::of("radix 10, n = 18", 10, 18, 18),
    Case::of("radix 10, n = 19", 10, 19, 19),
    Case::of("radix 36, n = 18", 36, 18, 18),
    Case::of("radix 10, n = 16 to 19 mixed", 10, 16, 19),
    Case::of("radix 10, n = 11, 3 kept of 1,000", 10, 11, 11).keeping(3, 1_000),
    Case::of("radix 10, n = 16, 6 kept of 500", 10, 16, 16).keeping(6, 500),
];

impl Case {
    const fn of(name: &'static str, radix: u32, shortest: usize, longest: usize) -> Self {
        Self {
            name,
            radix,
            shortest,
            longest,
            kept: 0,
            beginnings: 1,
        }
    }

    const fn keeping(mut self, kept: usize, beginnings: u64) -> Self {
        (self.kept, self.beginnings) = (kept, beginnings);
        self
    }

    fn text(&self, draw: &mut Draw) -> String {
        let lengths = self.longest - self.shortest + 1;
        let more = usize::try_from(draw.below(lengths as u64)).unwrap_or(0);
        let mut text = String::new();
        if self.kept > 0 {
            text = format!("{:0width$}", draw.below(self.beginnings), width = self.kept);
        }
        let numeral = |_| u32::try_from(draw.below(u64::from(self.radix))).unwrap_or(0);
        let numerals = (self.kept..self.shortest + more).map(numeral);
        text.extend(numerals.filter_map(|numeral| char::from_digit(numeral, self.radix)));
        text
    }
}

fn main() -> ExitCode {
    run(&Bench {
        name: "ff1",
        set: Some("desensitize"),
        about: "FF1-AES-256 over text columns by every kernel, beside crate `fpe` and the AES blocks alone",
        measure,
    })
}

fn measure() -> Result<Report, BenchError> {
    let mut measured = Vec::new();
    let mut promises = Vec::new();
    for case in &CASES {
        measured.push(measure_case(case, &mut promises)?);
    }
    Ok(Report {
        measured,
        promises,
        notes: vec![
            METHOD.to_owned(),
            "the portable kernel takes VAES and AVX-512 through crate aes where the machine has them, the AVX2 kernels never do".to_owned(),
            "a text column in, a text column out, one tweak but for kept numerals, which are part of it; crate fpe as it comes, value by value, its key schedule done once, characters to numerals and back".to_owned(),
            "AES limit: the ten AES-256 blocks of a row alone, by the vector kernel's own instructions, 64 rows a call and eight registers of blocks under way, nothing but AES in between".to_owned(),
        ],
    })
}

/// The row of the table; no promise on the vector kernel where the machine has none.
fn measure_case(case: &Case, promises: &mut Vec<Promise>) -> Result<Measured, BenchError> {
    let column = texts(SEED, |draw| case.text(draw));
    let peer = Peer::new(case)?;
    let mut kernels = vec![("portable", Kernel::Portable, PORTABLE_RATIO_MIN)];
    let best = Kernel::best(Cipher::Aes256);
    if best != Kernel::Portable {
        kernels.push(("vector", best, VECTOR_RATIO_MIN));
    }
    let mut ways = vec![
        Way::new("fpe", || peer.column(&column)),
        Way::new("aes", blocks(best)?),
    ];
    for (name, kernel, _) in &kernels {
        ways.push(Way::new(name, batch(*kernel, case, &column, &peer)?));
    }
    let known = Kernel::available(Cipher::Aes256);
    let narrow = || {
        NARROW
            .into_iter()
            .filter(|(_, _, kernel)| known.contains(kernel))
    };
    for (way, limit_way, kernel) in narrow() {
        ways.push(Way::new(way, batch(kernel, case, &column, &peer)?));
        ways.push(Way::new(limit_way, blocks(kernel)?));
    }
    let found = side_by_side(ROWS, &mut ways)?;
    for (way, _, _) in narrow() {
        let text = format!(
            "{}, {way}: values in the time of one of crate fpe",
            case.name
        );
        promises.push(Promise::at_least(
            text,
            PORTABLE_RATIO_MIN,
            found.times("fpe", way),
        ));
    }
    for (name, _, least) in kernels {
        promises.push(Promise::at_least(
            format!(
                "{}, {name}: values in the time of one of crate fpe",
                case.name
            ),
            least,
            found.times("fpe", name),
        ));
    }
    if best != Kernel::Portable {
        promises.push(Promise::at_most(
            format!("{}, vector: times the AES limit", case.name),
            LIMIT_RATIO_MAX,
            found.times("vector", "aes"),
        ));
    }
    Ok(Measured {
        case: case.name.to_owned(),
        figures: vec![
            ("crate fpe ns/value", found.ns("fpe")),
            ("portable ns/value", found.ns("portable")),
            ("portable times", found.times("fpe", "portable")),
            ("vector ns/value", found.ns("vector")),
            ("vector times", found.times("fpe", "vector")),
            ("AES limit ns/value", found.ns("aes")),
            ("x the AES limit", found.times("vector", "aes")),
            ("AVX2, AES-NI ns/value", found.ns("aes-ni")),
            ("AVX2, AES-NI times", found.times("fpe", "aes-ni")),
            ("x its AES limit", found.times("aes-ni", "aes-ni limit")),
            ("AVX2, VAES ns/value", found.ns("vaes")),
            ("AVX2, VAES times", found.times("fpe", "vaes")),
            ("x that AES limit", found.times("vaes", "vaes limit")),
        ],
    })
}

/// The column by one kernel, after it has shown that it agrees with crate `fpe`.
fn batch<'a>(
    kernel: Kernel,
    case: &Case,
    column: &'a StringArray,
    peer: &Peer,
) -> Result<impl FnMut() -> Result<StringArray, Outside> + use<'a>, BenchError> {
    let cipher = || {
        let key = Ff1Key::with_kernel(Cipher::Aes256, &KEY, kernel)?;
        let cipher = TextCipher::new(&key, Alphabet::new(case.radix, Letters::Lower)?)?;
        Ok(cipher.keeping(case.kept, 0))
    };
    let cipher = cipher().map_err(refused)?;
    let tweak = |kept: &Kept<'_>| [&TWEAK, kept.first].concat();
    let encrypt = move || {
        let (texts, _) = cipher.encrypt(&tweak, column)?;
        Ok(texts)
    };
    let ours = encrypt().map_err(refused)?;
    let peers = peer.column(column);
    let peers = peers.map_err(|foreign| BenchError::Kernel(foreign.into()))?;
    if ours != peers {
        return Err(BenchError::Other(
            "a kernel and crate fpe differ".to_owned(),
        ));
    }
    Ok(encrypt)
}

/// The AES blocks of the column's rows by one kernel, and nothing else.
fn blocks(
    kernel: Kernel,
) -> Result<impl FnMut() -> Result<u64, std::convert::Infallible>, BenchError> {
    let key = Ff1Key::with_kernel(Cipher::Aes256, &KEY, kernel).map_err(refused)?;
    Ok(move || Ok(aes_alone(&key, ROWS)))
}

fn refused(refused: Outside) -> BenchError {
    BenchError::Kernel(refused.into())
}

/// The same column as one would write it on crate `fpe`.
struct Peer {
    ff1: FF1<Aes256>,
    radix: u32,
    kept: usize,
}

/// The peer met a value that is none of its own.
#[derive(Debug, thiserror::Error)]
#[error("a text of the bench is outside the domain")]
struct Foreign;

impl Peer {
    fn new(case: &Case) -> Result<Self, BenchError> {
        let ff1 = FF1::new(&KEY, case.radix).map_err(|_| BenchError::Kernel(Foreign.into()))?;
        Ok(Self {
            ff1,
            radix: case.radix,
            kept: case.kept,
        })
    }

    fn column(&self, column: &StringArray) -> Result<StringArray, Foreign> {
        let mut out = Vec::with_capacity(column.len());
        for text in column.iter().flatten() {
            out.push(self.text(text).ok_or(Foreign)?);
        }
        Ok(StringArray::from(out))
    }

    fn text(&self, text: &str) -> Option<String> {
        let numeral = |character: char| u16::try_from(character.to_digit(self.radix)?).ok();
        let (kept, text) = text.split_at_checked(self.kept)?;
        let numerals: Option<Vec<u16>> = text.chars().map(numeral).collect();
        let numerals = FlexibleNumeralString::from(numerals?);
        let encrypted: Vec<u16> = match kept {
            "" => self.ff1.encrypt(&TWEAK, &numerals),
            kept => self.ff1.encrypt(&self.tweak(kept)?, &numerals),
        }
        .ok()?
        .into();
        let character = |numeral: &u16| char::from_digit(u32::from(*numeral), self.radix);
        let encrypted = encrypted.iter().map(character);
        kept.chars().map(Some).chain(encrypted).collect()
    }

    fn tweak(&self, kept: &str) -> Option<Vec<u8>> {
        let numeral = |character: char| u8::try_from(character.to_digit(self.radix)?).ok();
        let kept: Option<Vec<u8>> = kept.chars().map(numeral).collect();
        Some([&TWEAK, kept?.as_slice()].concat())
    }
}
