//! Does masking keep pace with the fastest data frame? Mobiles, names and texts beside polars' slice and concat.

use std::path::Path;
use std::process::ExitCode;

use arrow::array::{AsArray as _, StringArray};
use arrow::datatypes::{DataType, Field};
use benches::{
    Bench, BenchError, Draw, METHOD, Measured, Polars, Promise, ROWS, Report, Way, run,
    side_by_side, texts,
};
use desensitize::{ColumnRecipe, Mask, Technique, Transform};

/// The seed of the columns.
const SEED: u64 = 20_260_202;
/// Rows of polars in the time of one of ours, at least.
const POLARS_RATIO_MIN: f64 = 1.0;
/// Characters of invented names and addresses: frequent Han.
const HAN: &str = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧";

fn main() -> ExitCode {
    run(&Bench {
        name: "mask",
        set: Some("desensitize"),
        about: "masking of mobiles, names and texts beside polars' slice and concat",
        measure,
    })
}

fn measure() -> Result<Report, BenchError> {
    let polars = Polars::build(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("polars"))?;
    let mobiles = texts(SEED, mobile);
    let holes = with_holes(&mobiles);
    let cases = [
        Case::new("mobiles, 3 kept", mobiles, Mask::mobile(), 3),
        Case::new("mobiles, 3 kept, one in ten null", holes, Mask::mobile(), 3),
        Case::new(
            "names of 2 to 4 Han, 1 kept",
            texts(SEED, |draw| han(draw, 2, 4)),
            Mask::name(),
            1,
        ),
        Case::new(
            "texts of 10 to 30 Han, none kept",
            texts(SEED, |draw| han(draw, 10, 30)),
            Mask::text(),
            0,
        ),
    ];
    let mut measured = Vec::new();
    let mut promises = Vec::new();
    for case in cases {
        let (figures, ratio) = case.measure(&polars)?;
        measured.push(figures);
        if case.mask == Mask::mobile() {
            promises.push(Promise::at_least(
                format!("{}: rows in the time of one of polars", case.name),
                POLARS_RATIO_MIN,
                ratio,
            ));
        }
    }
    Ok(Report {
        measured,
        promises,
        notes: vec![
            METHOD.to_owned(),
            "polars: str.slice(0, n) + \"***\"; ours also checks that a mobile is one, and isolates right-to-left text".to_owned(),
        ],
    })
}

/// One column and how it is masked.
struct Case {
    name: &'static str,
    column: StringArray,
    mask: Mask,
    kept: u64,
}

impl Case {
    const fn new(name: &'static str, column: StringArray, mask: Mask, kept: u64) -> Self {
        Self {
            name,
            column,
            mask,
            kept,
        }
    }

    /// The row of the table, and how many rows of ours fit in the time of one of polars.
    fn measure(&self, polars: &Path) -> Result<(Measured, f64), BenchError> {
        let field = Field::new("column", DataType::Utf8, true);
        let recipe = ColumnRecipe::new("column", Technique::Mask(self.mask));
        let transform = Transform::compile(&recipe, &field, None)
            .map_err(|refused| BenchError::Kernel(refused.into()))?;
        let mut polars = Polars::start(polars, &self.column, self.kept)?;
        let (masked, _) = transform
            .apply(&self.column, 1)
            .map_err(|refused| BenchError::Kernel(refused.into()))?;
        if *masked.as_string::<i32>() != polars.masked()? {
            let differ = format!("polars masks {} differently", self.name);
            return Err(BenchError::Other(differ));
        }
        let found = side_by_side(
            ROWS,
            &mut [
                Way::new("karez", || transform.apply(&self.column, 1)),
                Way::timed_by_itself("polars", |repetitions| polars.turn(repetitions)),
            ],
        )?;
        let ratio = found.times("polars", "karez");
        let figures = vec![
            ("karez ns/value", found.ns("karez")),
            ("polars ns/value", found.ns("polars")),
            ("karez million rows/s", found.millions_per_second("karez")),
            ("polars million rows/s", found.millions_per_second("polars")),
            ("times polars", ratio),
        ];
        let case = self.name.to_owned();
        Ok((Measured { case, figures }, ratio))
    }
}

fn mobile(draw: &mut Draw) -> String {
    format!("1{}{}", 3 + draw.below(7), draw.digits(9))
}

fn han(draw: &mut Draw, least: u64, most: u64) -> String {
    let length = least + draw.below(most - least + 1);
    let characters: Vec<char> = HAN.chars().collect();
    (0..length)
        .filter_map(|_| {
            let place = draw.below(characters.len() as u64);
            characters.get(usize::try_from(place).ok()?)
        })
        .collect()
}

/// The column with every tenth row null.
fn with_holes(column: &StringArray) -> StringArray {
    let rows = column.iter().enumerate();
    rows.map(|(row, text)| text.filter(|_| row % 10 != 0))
        .collect()
}
