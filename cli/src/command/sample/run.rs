//! `karez sample run`: the server's sampling on one's own files.

use std::path::PathBuf;

use clap::Args;
use enclave::files::{CsvOptions, WrittenFile};
use enclave::local::{Progress as Step, SampleFiles, SampleRun, Stage, run_sample};
use serde_json::{Value, json};

use crate::arguments::Format;
use crate::context::Context;
use crate::exit::Exit;
use crate::inputs::OwnFiles;
use crate::language::{Language, text};
use crate::problem::Problem;
use crate::progress::Progress;

pub(super) const EXAMPLE: &str = "\
Writes Parquet, CSV and Arrow per table, and report.json with the measured risk. Without a key file a fresh random \
key is used and dropped: nothing can be reversed, and another run gives other surrogates; the report says `one_way`. \
A key file holds 64 hex digits and is readable by its owner only.

Example:
  karez sample run --input adult=adult.csv --separator ';' --schema adult-schema.yaml --policy adult.yaml --out ./sample";

/// Arguments of `karez sample run`.
#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    files: OwnFiles,
    /// Key that makes the sample repeatable (64 hex digits; else a fresh one is used and dropped)
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Where the sample goes
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Write CSV without the byte order mark that spreadsheets need
    #[arg(long)]
    no_bom: bool,
}

impl Run {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let language = context.console().language();
        let bar = Progress::spinner(stage(Stage::Counting, language));
        let progress =
            |step: Step| bar.say(format!("{} {}", stage(step.stage, language), step.rows));
        let run = SampleRun {
            inputs: self.files.into_inputs()?,
            key_file: self.key_file,
            out: self.out,
            csv: CsvOptions {
                mark: !self.no_bom,
                ..CsvOptions::default()
            },
            progress: &progress,
        };
        let made = run_sample(&run);
        drop(bar);
        context.show(&shown(&made?, context.console().format())?)?;
        Ok(Exit::Done)
    }
}

const fn stage(stage: Stage, language: Language) -> &'static str {
    match (stage, language) {
        (Stage::Counting, Language::English) => "counting rows",
        (Stage::Measuring, Language::English) => "measuring classes",
        (Stage::Gating, Language::English) => "looking for small classes",
        (Stage::Writing, Language::English) => "writing",
        (Stage::Counting, Language::Chinese) => "统计行数",
        (Stage::Measuring, Language::Chinese) => "度量等价类",
        (Stage::Gating, Language::Chinese) => "查找过小的等价类",
        (Stage::Writing, Language::Chinese) => "写出",
    }
}

/// The whole report for programs; for a person what matters of it.
fn shown(made: &SampleFiles, format: Format) -> Result<Value, Problem> {
    let report = serde_json::to_value(&made.report).map_err(|error| {
        Problem::refused(text!(
            "the report has no JSON form: {error}",
            "报告无法写成 JSON：{error}"
        ))
    })?;
    let files: Value = made.files.iter().map(file).collect();
    if format == Format::Json {
        return Ok(json!({ "report": report, "files": files }));
    }
    let field = |name: &str| report.get(name).cloned().unwrap_or_default();
    Ok(json!({
        "scenario": field("scenario"),
        "method": field("method"),
        "drawn_share": field("drawn_share"),
        "one_way": field("one_way"),
        "gate": field("gate"),
        "columns": columns(&report),
        "files": files,
    }))
}

/// What was done to each column, in the report's own words.
fn columns(report: &Value) -> Value {
    let tables = report.get("tables").and_then(Value::as_array);
    let mut columns = Vec::new();
    for table in tables.into_iter().flatten() {
        let listed = table.get("columns").and_then(Value::as_array);
        for column in listed.into_iter().flatten() {
            let field = |name: &str| column.get(name).cloned().unwrap_or_default();
            columns.push(json!({
                "dataset": table.get("dataset"),
                "column": field("name"),
                "technique": field("technique"),
                "cipher": field("cipher"),
                "mode": field("mode"),
                "broken": field("broken"),
                "replaced": field("replaced"),
            }));
        }
    }
    columns.into()
}

fn file(file: &WrittenFile) -> Value {
    json!({ "file": file.path, "rows": file.rows, "bytes": file.bytes, "digest": file.digest.to_string() })
}
