//! `karez dataset classify`: what a file without a schema seems to hold, and drafts for a person to edit.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;
use enclave::local::{Classified, ClassifyRun, ColumnFinding, RateFound, Reason, classify, term};
use serde_json::{Value, json};

use crate::arguments::Format;
use crate::context::Context;
use crate::csv::Written;
use crate::exit::Exit;
use crate::language::{Language, Text, text};
use crate::problem::Problem;
use crate::progress::Progress;

pub(super) const EXAMPLE: &str = "\
Reads CSV, .xlsx or Parquet here, without a server; encoding and separator are found. Each column is shown with what it seems \
to hold and why: how many values are valid, how many would be by chance, and what its name says. Values are never \
shown. With --out, schema.yaml and policy.yaml are written as drafts, their evidence in comments. They are proposals: \
whoever knows the data confirms or corrects each column before anything is registered. `karez policy check` then \
checks them as publishing would.

Example:
  karez dataset classify visits.xlsx --sheet 2024 --dataset ybj/visits --out ./draft
  karez policy check ./draft/policy.yaml --schema ./draft/schema.yaml";

/// The data set's name in drafts for which none is given.
const DATASET_DEFAULT: &str = "owner/table";

/// What the drafts are called.
const SCHEMA_FILE: &str = "schema.yaml";
const POLICY_FILE: &str = "policy.yaml";

/// Arguments of `karez dataset classify`.
#[derive(Debug, Args)]
pub(super) struct Classify {
    /// The table, CSV, .xlsx or Parquet
    file: PathBuf,
    /// OWNER/TABLE, as the drafts name the data set
    #[arg(long, value_name = "OWNER/TABLE", default_value = DATASET_DEFAULT)]
    dataset: String,
    /// Where the drafts of schema and policy go; files that exist are never replaced
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    written: Written,
}

impl Classify {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let language = context.console().language();
        let made = self.look(language)?;
        let files = match &self.out {
            Some(out) => Some(write(out, &made)?),
            None => None,
        };
        context.show(&match context.console().format() {
            Format::Json => whole(&made, files.as_deref()),
            Format::Table => summary(&made, files.as_deref(), language),
        })?;
        context.say(&text!(
            "everything here is a proposal: confirm or correct each column before the file is registered",
            "以上均为程序建议：登记前请逐列确认或改正"
        ));
        Ok(Exit::Done)
    }

    fn look(&self, language: Language) -> Result<Classified, Problem> {
        let given = &self.dataset;
        let dataset = given.parse().map_err(|_| {
            Problem::usage(text!(
                "--dataset {given}: expected OWNER/TABLE, for example ybj/claims",
                "--dataset {given}：应为 OWNER/TABLE，例如 ybj/claims"
            ))
        })?;
        let bar = Progress::spinner("");
        let progress = |rows: u64| {
            let read = text!("{rows} rows read", "已读 {rows} 行");
            bar.say(read.in_language(language).to_owned());
        };
        Ok(classify(&ClassifyRun {
            file: self.file.clone(),
            reading: self.written.reading()?,
            dataset,
            valid: term(SystemTime::now())?,
            progress: &progress,
        })?)
    }
}

/// Writes both drafts, or neither where one of them exists.
fn write(out: &Path, made: &Classified) -> Result<Vec<PathBuf>, Problem> {
    std::fs::create_dir_all(out).map_err(|error| Problem::file(out, &error))?;
    let drafts = [(SCHEMA_FILE, &made.schema), (POLICY_FILE, &made.policy)]
        .map(|(name, text)| (out.join(name), text));
    for (path, _) in &drafts {
        if path.symlink_metadata().is_ok() {
            let path = path.display();
            return Err(Problem::refused(text!(
                "{path} exists and is not replaced: move it, or give another --out",
                "{path} 已存在，不予覆盖：请移走，或另选 --out"
            )));
        }
    }
    for (path, text) in &drafts {
        let written =
            std::fs::File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| Problem::file(path, &error))?;
    }
    Ok(drafts.into_iter().map(|(path, _)| path).collect())
}

/// Everything that was found, for programs; the drafts too where they are not written.
fn whole(made: &Classified, files: Option<&[PathBuf]>) -> Value {
    let mut value = json!({
        "rows": made.rows,
        "encoding": made.encoding,
        "separator": made.separator,
        "sheet": made.sheet,
        "columns": made.columns,
    });
    let more = match files {
        Some(files) => json!({ "files": files }),
        None => json!({ "schema": made.schema, "policy": made.policy }),
    };
    if let (Some(value), Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    value
}

/// A row per column, for a person.
fn summary(made: &Classified, files: Option<&[PathBuf]>, language: Language) -> Value {
    let separator = made.separator.map(|separator| match separator {
        '\t' => "tab".to_owned(),
        other => other.to_string(),
    });
    json!({
        "rows": made.rows,
        "encoding": made.encoding,
        "separator": separator,
        "sheet": made.sheet,
        "files": files,
        "columns": made.columns.iter().map(|column| row(column, language)).collect::<Vec<_>>(),
    })
}

fn row(column: &ColumnFinding, language: Language) -> Value {
    let reasons = column.reasons.iter().map(|reason| word(reason, language));
    json!({
        "column": column.column,
        "holds": word(&column.meaning, language),
        "grade": column.grade,
        "to_confirm": column.possible,
        "confidence": format!("{:.0} %", 100.0 * column.confidence),
        "type": column.column_type,
        "kind": column.kind,
        "level": column.level,
        "technique": column.technique,
        "rates": told(column).map(|found| rate(found, language)).collect::<Vec<_>>(),
        "reasons": reasons.collect::<Vec<_>>(),
    })
}

/// The rates that chance does not explain.
fn told(column: &ColumnFinding) -> impl Iterator<Item = &RateFound> {
    column.rates.iter().filter(|rate| rate.significant)
}

/// How many values are valid beside how many would be by chance.
fn rate(found: &RateFound, language: Language) -> String {
    let RateFound {
        semantic,
        trials,
        valid,
        chance,
        ..
    } = found;
    let by_chance = percent(*chance);
    let told = text!(
        "{semantic}: {valid}/{trials}, by chance {by_chance}",
        "{semantic}：{valid}/{trials}，偶然 {by_chance}"
    );
    told.in_language(language).to_owned()
}

/// A share in per cent, with as many digits as say something.
fn percent(share: f64) -> String {
    match 100.0 * share {
        percent if percent >= 1.0 => format!("{percent:.0} %"),
        percent if percent >= 0.01 => format!("{percent:.2} %"),
        _ => "< 0.01 %".to_owned(),
    }
}

fn word(reason: &Reason, language: Language) -> String {
    let text = Text {
        en: reason.en.clone(),
        zh: reason.zh.clone(),
    };
    text.in_language(language).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_told_with_the_digits_that_say_something() {
        let check = |share: f64, expect: &str| assert_eq!(percent(share), expect);
        check(1.0, "100 %");
        check(0.1, "10 %");
        check(0.0032, "0.32 %");
        check(0.000_001, "< 0.01 %");
    }
}
