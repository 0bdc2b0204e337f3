//! `karez-verify`: the regulator's small, offline verifier of Karez logs and receipts.
//!
//! It holds no rule of its own: everything is decided in `lineage::verify`. Here are arguments,
//! files, words and exit codes.
#![forbid(unsafe_code)]

mod arguments;
mod words;

use std::env;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use arguments::{Command, Target, Task};
use lineage::verify::{self, Report, ResultFile};
use lineage::{NoteVerifier, Receipt, TrustList};

/// Something is wrong with the log or the receipt.
const NOT_VERIFIED: u8 = 1;

/// The command line is wrong, or an input could not be read.
const UNREADABLE: u8 = 2;

fn main() -> ExitCode {
    let language = words::language(|name| env::var_os(name));
    let (text, code) = match arguments::parse(env::args_os().skip(1)) {
        Ok(Command::Help) => (words::help(language).to_owned(), 0),
        Ok(Command::Version) => (format!("karez-verify {}\n", env!("CARGO_PKG_VERSION")), 0),
        Ok(Command::Verify(task)) => match run(&task) {
            Ok(report) => {
                let text = match task.json {
                    true => format!("{:#}\n", report.to_json()),
                    false => words::report(&report, language),
                };
                (text, u8::from(!report.is_verified()) * NOT_VERIFIED)
            }
            Err(message) => return refuse(&message),
        },
        Err(message) => return refuse(&format!("{message}; see karez-verify --help")),
    };
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::from(UNREADABLE),
    }
}

/// Says on standard error why nothing was verified.
fn refuse(message: &str) -> ExitCode {
    // With standard error closed the exit code still says it.
    let _ = writeln!(io::stderr(), "karez-verify: {message}");
    ExitCode::from(UNREADABLE)
}

fn run(task: &Task) -> Result<Report, String> {
    let key = fs::read_to_string(&task.key).map_err(|error| unreadable(&task.key, &error))?;
    let key: NoteVerifier = key
        .trim_end()
        .parse()
        .map_err(|error| unreadable(&task.key, &error))?;
    let trust = TrustList::load(&task.trust).map_err(|error| error.to_string())?;
    match &task.target {
        Target::Log(directory) => verify::log_directory(directory, &key, &trust)
            .map_err(|error| unreadable(directory, &error)),
        Target::Receipt { receipt, files } => {
            let bytes = fs::read(receipt).map_err(|error| unreadable(receipt, &error))?;
            let proof = Receipt::from_json(&bytes).map_err(|error| unreadable(receipt, &error))?;
            let files = files.iter().map(|path| result_file(path));
            let files = files.collect::<Result<Vec<_>, _>>()?;
            Ok(verify::receipt(&proof, &files, &key, &trust))
        }
    }
}

fn result_file(path: &Path) -> Result<ResultFile, String> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let name = path.display().to_string();
    ResultFile::read(&name, file).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
