//! Does the memory of a sample grow with the population? `karez sample run` on 1 and on 10 million invented persons.

use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitCode};

use benches::{
    Bench, BenchError, Measured, Promise, Report, Usage, build_karez, run, run_child, workspace,
};
use fixtures::{Persons, write_csv};
use serde_json::Value;

/// The seed of the persons.
const SEED: u64 = 20_260_201;
/// The two populations.
const SMALL_PERSONS: u64 = 1_000_000;
const LARGE_PERSONS: u64 = 10_000_000;
/// How much more memory ten times the persons may take.
const PEAK_RATIO_MAX: f64 = 1.25;
/// Bytes of a mebibyte.
const MIB: f64 = 1024.0 * 1024.0;

fn main() -> ExitCode {
    run(&Bench {
        name: "sample-memory",
        set: None,
        about: "peak memory and speed of `karez sample run` on 1 and 10 million invented persons (CSV, 1.8 GB of disk)",
        measure,
    })
}

fn measure() -> Result<Report, BenchError> {
    let karez = build_karez()?;
    let small = sample(&karez, SMALL_PERSONS)?;
    let large = sample(&karez, LARGE_PERSONS)?;
    let ratio = large.usage.peak_bytes as f64 / small.usage.peak_bytes as f64;
    Ok(Report {
        promises: vec![Promise::at_most(
            "peak memory on ten times the persons, as a multiple",
            PEAK_RATIO_MAX,
            ratio,
        )],
        notes: vec![
            "the generated files are removed; one population is on disk at a time".to_owned(),
        ],
        measured: vec![small.measured(), large.measured()],
    })
}

/// One run and what it read and wrote.
struct Run {
    persons: u64,
    released: u64,
    usage: Usage,
    input_bytes: u64,
    output_bytes: u64,
}

impl Run {
    fn measured(&self) -> Measured {
        let wall = self.usage.wall.as_secs_f64();
        Measured {
            case: format!("{} million persons", self.persons / 1_000_000),
            figures: vec![
                ("peak MiB", self.usage.peak_bytes as f64 / MIB),
                ("wall s", wall),
                ("CPU s", self.usage.cpu.as_secs_f64()),
                ("rows/s", self.persons as f64 / wall),
                ("rows released", self.released as f64),
                ("input MiB", self.input_bytes as f64 / MIB),
                ("output MiB", self.output_bytes as f64 / MIB),
            ],
        }
    }
}

/// Generates persons, draws a sample of them in a child, removes both.
fn sample(karez: &Path, persons: u64) -> Result<Run, BenchError> {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (input, out) = (
        directory.path().join("persons.csv"),
        directory.path().join("sample"),
    );
    write_csv(&Persons::new(SEED, persons)?, &mut File::create(&input)?)?;
    let fixtures = workspace().join("fixtures");
    let mut file = std::ffi::OsString::from("ybj/persons=");
    file.push(&input);
    let mut command = Command::new(karez);
    command.args(["sample", "run", "--input"]).arg(file);
    command
        .arg("--schema")
        .arg(fixtures.join("schemas/persons.yaml"));
    command
        .arg("--policy")
        .arg(fixtures.join("policies/persons.yaml"));
    command.arg("--out").arg(&out);
    let usage = run_child(&mut command)?;
    let released = released(&out.join("report.json"), persons)?;
    Ok(Run {
        persons,
        released,
        usage,
        input_bytes: input.metadata()?.len(),
        output_bytes: size(&out)?,
    })
}

/// Rows released, when the report says that all persons were read.
fn released(report: &Path, persons: u64) -> Result<u64, BenchError> {
    let other = |why: &str| BenchError::Other(format!("{} {why}", report.display()));
    let report: Value =
        serde_json::from_slice(&std::fs::read(report)?).map_err(|_| other("is not JSON"))?;
    let number = |name: &str| report.pointer(name).and_then(Value::as_u64);
    if number("/tables/0/rows_read") != Some(persons) {
        return Err(other("does not say that every person was read"));
    }
    number("/tables/0/rows_released")
        .filter(|rows| *rows > 0)
        .ok_or_else(|| other("says that nothing was released"))
}

/// Bytes of the files in a directory.
fn size(directory: &Path) -> Result<u64, BenchError> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(directory)? {
        bytes += entry?.metadata()?.len();
    }
    Ok(bytes)
}
