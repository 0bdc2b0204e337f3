//! `karez logic`: a developer's SQL on own files.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use enclave::local::{LogicRun, run_logic};
use enclave::worker::{JobLimits, Produced, ProducedFile};
use lineage::Digest;
use serde_json::{Value, json};

use super::PROGRAM;
use crate::arguments::Format;
use crate::context::{Context, read_text};
use crate::exit::Exit;
use crate::inputs::OwnFiles;
use crate::language::Text;
use crate::problem::Problem;

/// The result's file that is shown when there is no directory for all of them.
const SHOWN_ENDING: &str = ".csv";

/// What a CSV for spreadsheets begins with; on stdout it would be noise.
const MARK: char = '\u{feff}';

const RUN_EXAMPLE: &str = "\
Runs one query in the same jail, under the same rules and with the same checks as the enclave: what is refused there \
is refused here. Without --out the result goes to stdout as CSV. Exit code 125 when a layer of the jail is missing.

Example:
  karez logic run --sql spend.sql --input claims=claims.csv --schema claims.yaml --policy medical.yaml";

/// Arguments of `karez logic`.
#[derive(Debug, Args)]
pub(crate) struct Logic {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run one SQL query on your own files
    #[command(after_help = RUN_EXAMPLE)]
    Run(Run),
}

#[derive(Debug, Args)]
struct Run {
    /// The query
    #[arg(long, value_name = "FILE")]
    sql: PathBuf,
    #[command(flatten)]
    files: OwnFiles,
    /// Where the result's files go (else CSV on stdout)
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Logic {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        match self.verb {
            Verb::Run(run) => run.run(context),
        }
    }
}

impl Run {
    fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let produced = run_logic(&LogicRun {
            inputs: self.files.into_inputs()?,
            sql: read_text(&self.sql)?,
            program: PathBuf::from(PROGRAM),
            limits: JobLimits::default(),
            scratch: std::env::temp_dir(),
        })?;
        match (&self.out, context.console().format()) {
            (Some(out), _) => {
                let files = produced
                    .files
                    .iter()
                    .map(|file| write(out, file))
                    .collect::<Result<Value, _>>()?;
                context.show(&summary(&produced, files))?;
            }
            (None, Format::Json) => context.show(&summary(&produced, json!(csv(&produced))))?,
            (None, Format::Table) => context.console().data(&csv(&produced))?,
        }
        let (rows, (en, zh)) = (produced.rows, produced.withheld.words());
        context.say(&Text {
            en: format!("{rows} rows; groups withheld: {en}"),
            zh: format!("{rows} 行；未予发布的组：{zh}"),
        });
        Ok(Exit::Done)
    }
}

fn summary(produced: &Produced, result: Value) -> Value {
    json!({
        "rows": produced.rows,
        "groups_withheld_band": produced.withheld.words().0,
        "plan_digest": produced.plan_digest,
        "result": result,
    })
}

fn csv(produced: &Produced) -> String {
    let shown = produced
        .files
        .iter()
        .find(|file| file.name.ends_with(SHOWN_ENDING));
    let text = shown
        .map(|file| String::from_utf8_lossy(&file.bytes))
        .unwrap_or_default();
    text.strip_prefix(MARK).unwrap_or(&text).to_owned()
}

/// Writes one file that must not exist yet.
fn write(out: &Path, file: &ProducedFile) -> Result<Value, Problem> {
    use std::io::Write as _;
    std::fs::create_dir_all(out).map_err(|error| Problem::file(out, &error))?;
    let path = out.join(&file.name);
    let written = std::fs::File::create_new(&path).and_then(|mut made| made.write_all(&file.bytes));
    written.map_err(|error| Problem::file(&path, &error))?;
    Ok(json!({
        "file": path,
        "bytes": file.bytes.len(),
        "digest": Digest::of(&file.bytes).to_string(),
    }))
}
