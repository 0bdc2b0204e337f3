//! How near are tokens to the least work of HMAC-SHA-256? Beside two bare compressions per value.

use std::convert::Infallible;
use std::process::ExitCode;

use arrow::array::StringArray;
use arrow::datatypes::{DataType, Field};
use benches::{
    Bench, BenchError, Draw, METHOD, Measured, Promise, ROWS, Report, Way, run, side_by_side,
    texts, two_compressions,
};
use desensitize::{ColumnKey, ColumnRecipe, Technique, Token, Transform};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The seed of the columns.
const SEED: u64 = 20_260_203;
/// The time of a token as a multiple of its two compressions, at most.
const FLOOR_RATIO_MAX: f64 = 1.5;
/// The key of the bench.
const KEY: [u8; 32] = [7; 32];
/// Characters of invented names.
const HAN: [char; 8] = ['李', '王', '张', '刘', '陈', '杨', '赵', '黄'];

fn main() -> ExitCode {
    run(&Bench {
        name: "token",
        set: Some("desensitize"),
        about: "HMAC-SHA-256 tokens beside two bare SHA-256 compressions per value",
        measure,
    })
}

fn measure() -> Result<Report, BenchError> {
    let cases = [
        Case {
            name: "18 digits as text",
            column: texts(SEED, |draw| draw.digits(18)),
            token: Token::text(),
            promised: true,
        },
        Case {
            name: "names of 3 Han as text",
            column: texts(SEED, han),
            token: Token::text(),
            promised: false,
        },
        Case {
            name: "resident ids",
            column: texts(SEED, resident_id),
            token: Token::resident_id(),
            promised: false,
        },
    ];
    let mut measured = Vec::new();
    let mut promises = Vec::new();
    for case in cases {
        let (figures, ratio) = case.measure()?;
        measured.push(figures);
        if case.promised {
            let text = format!("{}: time as a multiple of two compressions", case.name);
            promises.push(Promise::at_most(text, FLOOR_RATIO_MAX, ratio));
        }
    }
    Ok(Report {
        measured,
        promises,
        notes: vec![
            METHOD.to_owned(),
            "floor: two SHA-256 compressions of crate sha2 per value, the second over the first's digest; nothing is folded or written".to_owned(),
            "crate hmac: its keyed state cloned per value, on the text as it is, 16 bytes kept and nothing written".to_owned(),
        ],
    })
}

/// One column of tokens.
struct Case {
    name: &'static str,
    column: StringArray,
    token: Token,
    promised: bool,
}

impl Case {
    /// The row of the table, and the time as a multiple of the floor.
    fn measure(&self) -> Result<(Measured, f64), BenchError> {
        let field = Field::new("column", DataType::Utf8, true);
        let recipe = ColumnRecipe::new("column", Technique::Token(self.token.clone()));
        let transform = Transform::compile(&recipe, &field, Some(&ColumnKey::from(KEY)))
            .map_err(|refused| BenchError::Kernel(refused.into()))?;
        let found = side_by_side(
            ROWS,
            &mut [
                Way::new("karez", || transform.apply(&self.column, 1)),
                Way::new("hmac", || Ok::<_, Infallible>(crate_hmac(&self.column))),
                Way::new("floor", || Ok::<_, Infallible>(two_compressions())),
            ],
        )?;
        let ratio = found.times("karez", "floor");
        let figures = vec![
            ("karez ns/value", found.ns("karez")),
            ("crate hmac ns/value", found.ns("hmac")),
            ("floor ns/value", found.ns("floor")),
            ("times floor", ratio),
        ];
        let measured = Measured {
            case: self.name.to_owned(),
            figures,
        };
        Ok((measured, ratio))
    }
}

/// Crate `hmac` over every text, its key schedule done once; the tags are folded into one.
fn crate_hmac(column: &StringArray) -> u8 {
    let keyed = Hmac::<Sha256>::new(&[0x36; 64].into());
    let tags = column.iter().flatten().map(|text| {
        let mut mac = keyed.clone();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes()
    });
    tags.fold(0, |all, tag| {
        tag.iter().take(16).fold(all, |all, byte| all ^ byte)
    })
}

/// A valid id of somebody who is not: region, day, sequence, check character.
fn resident_id(draw: &mut Draw) -> String {
    let region = 650_102 + draw.below(3);
    let day = format!(
        "{}{:02}{:02}",
        1930 + draw.below(90),
        1 + draw.below(12),
        1 + draw.below(28)
    );
    let body = format!("{region}{day}{:03}", 1 + draw.below(999));
    let check = fixtures::resident_id::check_character(&body).unwrap_or('X');
    format!("{body}{check}")
}

fn han(draw: &mut Draw) -> String {
    (0..3)
        .filter_map(|_| HAN.get(usize::try_from(draw.below(8)).ok()?))
        .collect()
}
