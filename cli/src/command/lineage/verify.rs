//! `karez lineage verify`: the same library as `karez-verify`, without a server.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use lineage::verify::{self, Report, ResultFile};
use lineage::{NoteVerifier, Receipt, TrustList};
use serde_json::{Value, json};

use crate::arguments::Format;
use crate::context::{Context, read_text};
use crate::exit::Exit;
use crate::language::{Language, text};
use crate::problem::Problem;

pub(super) const EXAMPLE: &str = "\
Nothing of the service is trusted: only the log's public key and the regulator's trust list. Verify a copy of the \
log, or the log of a stopped service.

Examples:
  karez lineage verify ./home/log --key ./log.vkey --trust ./trust.json
  karez lineage verify --receipt receipt.json --file result.csv --key ./log.vkey --trust ./trust.json";

/// Arguments of `karez lineage verify`.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Directory of a log
    #[arg(
        value_name = "DIR",
        required_unless_present = "receipt",
        conflicts_with = "receipt"
    )]
    directory: Option<PathBuf>,
    /// A receipt instead of a log
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// A result file that the receipt's event must have released; may be given again
    #[arg(long = "file", value_name = "RESULT", requires = "receipt")]
    files: Vec<PathBuf>,
    /// The log's public key (log.vkey)
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The regulator's trust list (trust.json)
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
}

impl Verify {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let key = verifier(&self.key)?;
        let trust = TrustList::load(&self.trust)?;
        let report = match (&self.receipt, &self.directory) {
            (Some(receipt), _) => receipt_report(receipt, &self.files, &key, &trust)?,
            (None, Some(directory)) => verify::log_directory(directory, &key, &trust)
                .map_err(|error| Problem::file(directory, &error))?,
            (None, None) => return Err(nothing_to_verify()),
        };
        context.show(&shown(&report, context))?;
        match report.is_verified() {
            true => {
                context.say(&text!(
                    "verified: everything that was checked holds",
                    "核验通过：所核验的内容均成立"
                ));
                Ok(Exit::Done)
            }
            false => {
                let faults = report.findings.len();
                context.say(&text!(
                    "NOT verified: {faults} found",
                    "核验未通过：发现 {faults} 处问题"
                ));
                Ok(Exit::Refused)
            }
        }
    }
}

fn nothing_to_verify() -> Problem {
    Problem::usage(text!(
        "give the directory of a log, or --receipt",
        "请给出日志目录，或 --receipt"
    ))
}

fn verifier(path: &Path) -> Result<NoteVerifier, Problem> {
    let parsed = read_text(path)?.trim().parse::<NoteVerifier>();
    parsed.map_err(|error| Problem::file(path, &error))
}

fn receipt_report(
    path: &Path,
    files: &[PathBuf],
    key: &NoteVerifier,
    trust: &TrustList,
) -> Result<Report, Problem> {
    let bytes = std::fs::read(path).map_err(|error| Problem::file(path, &error))?;
    let receipt = Receipt::from_json(&bytes).map_err(|error| Problem::file(path, &error))?;
    let held = files.iter().map(|file| {
        let opened = File::open(file);
        let read = opened.and_then(|opened| ResultFile::read(&file.display().to_string(), opened));
        read.map_err(|error| Problem::file(file, &error))
    });
    let held = held.collect::<Result<Vec<_>, _>>()?;
    Ok(verify::receipt(&receipt, &held, key, trust))
}

/// The report itself for programs; for a person in their language.
fn shown(report: &Report, context: &Context<'_>) -> Value {
    if context.console().format() == Format::Json {
        return report.to_json();
    }
    let language = context.console().language();
    let spoken = language.of_verifier();
    let findings = report
        .findings
        .iter()
        .map(|finding| json!({ "problem": finding.text(spoken) }));
    let unchecked = report
        .not_checked
        .iter()
        .map(|item| json!({ "what": item.text(spoken) }));
    json!({
        "verified": yes_no(report.is_verified(), language),
        "origin": report.origin,
        "size": report.size,
        "root": report.root.map(|root| root.to_string()),
        "leaves": report.leaves,
        "statements": report.statements,
        "result_files": report.files,
        "findings": findings.collect::<Vec<_>>(),
        "not_checked": unchecked.collect::<Vec<_>>(),
    })
}

const fn yes_no(yes: bool, language: Language) -> &'static str {
    match (yes, language) {
        (true, Language::English) => "yes",
        (false, Language::English) => "NO",
        (true, Language::Chinese) => "是",
        (false, Language::Chinese) => "否",
    }
}
