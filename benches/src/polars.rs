//! Polars beside our kernels: a program of its own that takes its turns when asked.
//!
//! It is no dependency of this crate, because it would turn on features of crates that the service uses too.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use arrow::array::{Array as _, StringArray};

use crate::{BenchError, workspace};

/// The line after the last text of a column.
const END: &str = ".";

/// Polars' slice and concat over one column, waiting for its turns.
pub struct Polars {
    child: Child,
    asked: BufWriter<ChildStdin>,
    answers: BufReader<ChildStdout>,
    rows: usize,
}

impl Polars {
    /// Builds the program in a folder for what cargo makes, quick when it is built already, and says where it is.
    ///
    /// # Errors
    /// [`BenchError::Start`] without cargo, [`BenchError::Failed`] when it does not build.
    pub fn build(target: &Path) -> Result<PathBuf, BenchError> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from(env!("CARGO")));
        let built = Command::new(&cargo)
            .current_dir(workspace().join("benches/polars"))
            .args(["build", "--locked", "--release", "--target-dir"])
            .arg(target)
            .status()
            .map_err(|source| BenchError::Start {
                program: cargo.to_string_lossy().into(),
                source,
            })?;
        if built.success() {
            Ok(target.join("release/polars-peer"))
        } else {
            Err(BenchError::Failed {
                program: "cargo build in benches/polars".to_owned(),
                status: built,
                stderr: String::new(),
            })
        }
    }

    /// Starts the program on a column of texts that are not empty and hold no line break; `kept` characters are kept.
    ///
    /// # Errors
    /// [`BenchError::Start`] when it cannot be started, [`BenchError::Io`] when it does not listen.
    pub fn start(program: &Path, column: &StringArray, kept: u64) -> Result<Self, BenchError> {
        let mut child = Command::new(program)
            .arg(kept.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| BenchError::Start {
                program: program.display().to_string(),
                source,
            })?;
        let closed = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let mut asked = BufWriter::new(child.stdin.take().ok_or_else(closed)?);
        let answers = BufReader::new(child.stdout.take().ok_or_else(closed)?);
        for text in column {
            writeln!(asked, "{}", text.unwrap_or_default())?;
        }
        writeln!(asked, "{END}")?;
        Ok(Self {
            child,
            asked,
            answers,
            rows: column.len(),
        })
    }

    /// Masks the column so many times; the processor time of the program's thread, by its own clock.
    ///
    /// # Errors
    /// [`BenchError::Io`] when it does not answer, [`BenchError::Other`] when the answer is no time.
    pub fn turn(&mut self, repetitions: u32) -> Result<Duration, BenchError> {
        self.ask(&format!("turn {repetitions}"))?;
        let nanoseconds = self.answer()?.parse();
        nanoseconds
            .map(Duration::from_nanos)
            .map_err(|_| BenchError::Other("polars answered no time".to_owned()))
    }

    /// The masked column, to be compared with ours.
    ///
    /// # Errors
    /// [`BenchError::Io`] when it does not answer.
    pub fn masked(&mut self) -> Result<StringArray, BenchError> {
        self.ask("show")?;
        let rows = (0..self.rows).map(|_| self.answer());
        let rows = rows.map(|row| row.map(|text| (!text.is_empty()).then_some(text)));
        rows.collect()
    }

    fn ask(&mut self, line: &str) -> Result<(), BenchError> {
        writeln!(self.asked, "{line}")?;
        Ok(self.asked.flush()?)
    }

    fn answer(&mut self) -> Result<String, BenchError> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            let ended = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
            return Err(ended.into());
        }
        line.truncate(line.trim_end_matches('\n').len());
        Ok(line)
    }
}

impl Drop for Polars {
    fn drop(&mut self) {
        // It has nothing to lose; a program that is gone already is what is wanted.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
