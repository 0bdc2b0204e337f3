//! How much faster are whole resident ids than the same built on crate `fpe`? Text column in, text column out. And what do
//! the birth date and the sex beside them take?

use std::process::ExitCode;

use aes::Aes256;
use arrow::array::{ArrayRef, StringArray, StringBuilder};
use arrow::datatypes::{DataType, Field};
use benches::{
    Bench, BenchError, Draw, METHOD, Measured, Promise, ROWS, Report, Way, run, side_by_side, texts,
};
use desensitize::resident_id::{Domain, Kept, Part, ResidentId, check_character};
use desensitize::{
    ColumnKey, ColumnRecipe, Fpe, FpeResidentId, PersonPart, SamePerson, Technique, Transform,
};
use fpe::ff1::{FF1, FlexibleNumeralString};

/// The seed of the columns.
const SEED: u64 = 20_260_204;
/// Ids in the time of one of the same built on crate `fpe`, at least.
const FPE_RATIO_MIN: f64 = 60.0;
/// The birth date or sex beside an id in the time of the id itself, at most.
const BESIDE_RATIO_MAX: f64 = 2.0;
/// The key of the bench.
const KEY: [u8; 32] = [7; 32];
/// How the sexes are written.
const MALE: &str = "男";
const FEMALE: &str = "女";
/// 1900-01-01 and the days until the end of 2049.
const DAYS: (i64, u64) = (-25_567, 54_787);
/// Sequences of a region and day.
const SEQUENCES: u64 = 999;
/// Bytes of the tweak in front of ours and theirs.
const TWEAK: [u8; 48] = [1; 48];

fn main() -> ExitCode {
    run(&Bench {
        name: "resident-id",
        set: Some("desensitize"),
        about: "resident ids to resident ids beside the same built on crate `fpe`",
        measure,
    })
}

fn measure() -> Result<Report, BenchError> {
    use Part::{BirthBand, BirthYear, County, Prefecture, Province, Sex};
    let cases: [(&str, &[Part], bool); 7] = [
        ("nothing kept", &[], true),
        ("province and sex kept", &[Province, Sex], true),
        ("prefecture kept", &[Prefecture], false),
        (
            "province, year and sex kept",
            &[Province, BirthYear, Sex],
            false,
        ),
        (
            "prefecture, band and sex kept",
            &[Prefecture, BirthBand, Sex],
            false,
        ),
        ("county and band kept", &[County, BirthBand], false),
        (
            "county, band and sex kept",
            &[County, BirthBand, Sex],
            false,
        ),
    ];
    let mut measured = Vec::new();
    let mut promises = Vec::new();
    for (name, parts, promised) in cases {
        measured.push(measure_case(name, parts, promised, &mut promises)?);
    }
    Ok(Report {
        measured,
        promises,
        notes: vec![
            METHOD.to_owned(),
            "ids of all regions; both read, rank, encrypt with FF1-AES-256, unrank and write the check character; crate fpe as it comes, value by value, with nothing kept and its key schedule done once".to_owned(),
            "county and year is refused, since it leaves 364,635 ids, and so is prefecture, year and sex".to_owned(),
            "beside: birth dates and sexes as text, rewritten to what the surrogate of the id says, whose encryption is in their time".to_owned(),
        ],
    })
}

/// The row of the table, and its promises.
fn measure_case(
    name: &str,
    parts: &[Part],
    promised: bool,
    promises: &mut Vec<Promise>,
) -> Result<Measured, BenchError> {
    let ids = texts(SEED, resident_id);
    let births = texts(SEED, |draw| {
        format!(
            "{}-{:02}-{:02}",
            1930 + draw.below(90),
            1 + draw.below(12),
            1 + draw.below(28)
        )
    });
    let sexes = texts(SEED, |draw| {
        if draw.below(2) == 0 { MALE } else { FEMALE }.to_owned()
    });
    let recipe = FpeResidentId::marked(Kept::from_parts(parts.iter().copied()));
    let id = compile(Fpe::ResidentId(recipe))?;
    let beside = |part| {
        let id = "id".to_owned();
        compile(Fpe::SamePerson(SamePerson { id, part, recipe }))
    };
    let birth = beside(PersonPart::BirthDate)?;
    let (male, female) = (MALE.to_owned(), FEMALE.to_owned());
    let sex = beside(PersonPart::Sex { male, female })?;
    let peer = Peer::new()?;
    let found = side_by_side(
        ROWS,
        &mut [
            Way::new("karez", || id.apply(&ids, 1)),
            Way::new("fpe", || peer.apply(&ids)),
            Way::new("birth", || birth.apply_beside(&births, &ids, 1)),
            Way::new("sex", || sex.apply_beside(&sexes, &ids, 1)),
        ],
    )?;
    let dearer = found
        .times("birth", "karez")
        .max(found.times("sex", "karez"));
    if promised {
        promises.push(Promise::at_least(
            format!("{name}: ids in the time of one on crate fpe"),
            FPE_RATIO_MIN,
            found.times("fpe", "karez"),
        ));
    }
    promises.push(Promise::at_most(
        format!("{name}: birth date or sex beside an id in the time of the id"),
        BESIDE_RATIO_MAX,
        dearer,
    ));
    Ok(Measured {
        case: name.to_owned(),
        figures: vec![
            ("karez ns/value", found.ns("karez")),
            ("crate fpe ns/value", found.ns("fpe")),
            ("times", found.times("fpe", "karez")),
            ("birth date beside ns", found.ns("birth")),
            ("sex beside ns", found.ns("sex")),
            ("dearer in ids", dearer),
        ],
    })
}

/// A technique bound to a nullable text column.
fn compile(fpe: Fpe) -> Result<Transform, BenchError> {
    let field = Field::new("column", DataType::Utf8, true);
    let recipe = ColumnRecipe::new("column", Technique::Fpe(fpe));
    Transform::compile(&recipe, &field, Some(&ColumnKey::from(KEY)))
        .map_err(|refused| BenchError::Kernel(refused.into()))
}

/// The same permutation as one would write it on crate `fpe`: four numerals, value by value.
struct Peer {
    ff1: FF1<Aes256>,
    radix: u64,
    size: u64,
}

/// The peer met a value that is none of its own.
#[derive(Debug, thiserror::Error)]
#[error("an id of the bench is outside the set")]
struct Outside;

impl Peer {
    fn new() -> Result<Self, BenchError> {
        let size = Domain::regions().len() as u64 * DAYS.1 * SEQUENCES;
        let radix = (1u64..).find(|radix| radix.pow(4) >= size).unwrap_or(0);
        let ff1 = FF1::new(&KEY, u32::try_from(radix).unwrap_or(0));
        let ff1 = ff1.map_err(|_| BenchError::Kernel(Outside.into()))?;
        Ok(Self { ff1, radix, size })
    }

    fn apply(&self, column: &StringArray) -> Result<ArrayRef, Outside> {
        let mut out = StringBuilder::with_capacity(ROWS, ROWS * 18);
        for text in column.iter().flatten() {
            let surrogate = self.encrypt(text).ok_or(Outside)?;
            out.append_value(std::str::from_utf8(&surrogate).map_err(|_| Outside)?);
        }
        Ok(std::sync::Arc::new(out.finish()))
    }

    fn encrypt(&self, text: &str) -> Option<[u8; 18]> {
        let id = ResidentId::parse(text).ok()?;
        let region = Domain::regions().binary_search(&id.region()).ok()? as u64;
        let day = u64::try_from(i64::from(id.birth_day()) - DAYS.0).ok()?;
        let mut rank = (region * DAYS.1 + day) * SEQUENCES + u64::from(id.sequence()) - 1;
        loop {
            rank = self.step(rank)?;
            if rank < self.size {
                return self.unrank(rank);
            }
        }
    }

    fn step(&self, rank: u64) -> Option<u64> {
        let digit = |place| u16::try_from(rank / self.radix.pow(place) % self.radix).unwrap_or(0);
        let digits = FlexibleNumeralString::from([3, 2, 1, 0].map(digit).to_vec());
        let digits = Vec::<u16>::from(self.ff1.encrypt(&TWEAK, &digits).ok()?);
        let digits = digits.into_iter();
        Some(digits.fold(0, |rank, digit| rank * self.radix + u64::from(digit)))
    }

    fn unrank(&self, rank: u64) -> Option<[u8; 18]> {
        let (days, sequence) = (rank / SEQUENCES, rank % SEQUENCES + 1);
        let region = Domain::regions().get(usize::try_from(days / DAYS.1).ok()?)?;
        let (year, month, day) = civil(i64::try_from(days % DAYS.1).ok()? + DAYS.0);
        let number = u64::from(*region) * 100_000_000 + year * 10_000 + month * 100 + day;
        let mut number = number * 1_000 + sequence;
        let mut digits = [b'0'; 17];
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(number % 10).unwrap_or(0);
            number /= 10;
        }
        let mut bytes = [check_character(&digits); 18];
        bytes
            .iter_mut()
            .zip(digits)
            .for_each(|(to, from)| *to = from);
        Some(bytes)
    }
}

/// Year, month and day of a day since 1970-01-01 (Howard Hinnant's civil_from_days, for days of the set).
fn civil(day: i64) -> (u64, u64, u64) {
    let day = u64::try_from(day + 719_468).unwrap_or(0);
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

/// A valid id of any region.
fn resident_id(draw: &mut Draw) -> String {
    let regions = Domain::regions();
    let region = usize::try_from(draw.below(regions.len() as u64)).unwrap_or(0);
    let region = regions.get(region).copied().unwrap_or(650_102);
    let body = format!(
        "{region}{}{:02}{:02}{:03}",
        1930 + draw.below(90),
        1 + draw.below(12),
        1 + draw.below(28),
        1 + draw.below(999)
    );
    let check = fixtures::resident_id::check_character(&body).unwrap_or('X');
    format!("{body}{check}")
}
