//! The only place that writes to stdout and stderr.
//!
//! stdout carries data alone, so that a pipe gets nothing else. A reader that closes it early, such as `head`, ends
//! the command quietly and with success. A message that cannot be written to stderr is given up: there is no other
//! place to say so.

use std::io::{self, IsTerminal as _, Write as _};

use serde_json::json;

use crate::arguments::Format;
use crate::language::{Language, Text};
use crate::problem::Problem;
use crate::visible::visible;

/// Where a command writes, and how.
#[derive(Debug)]
pub(crate) struct Console {
    language: Language,
    format: Format,
    colour: bool,
}

impl Console {
    /// The process's own streams, in the language of its environment.
    pub(crate) fn of_process(format: Format) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self {
            language: Language::of(|name| std::env::var(name).ok()),
            format,
            colour: !plain && io::stderr().is_terminal(),
        }
    }

    pub(crate) const fn language(&self) -> Language {
        self.language
    }

    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    /// Writes data to stdout, with a line's end.
    pub(crate) fn data(&self, text: &str) -> Result<(), Problem> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| {
            if text.ends_with('\n') {
                Ok(())
            } else {
                stdout.write_all(b"\n")
            }
        });
        written
            .and_then(|()| stdout.flush())
            .map_err(Problem::stdout)
    }

    /// Says something to the person.
    pub(crate) fn say(&self, text: &Text) {
        self.message(&visible(text.in_language(self.language)));
    }

    /// Says why the command did not do what it was asked to do.
    pub(crate) fn problem(&self, problem: &Problem) {
        let Some(text) = problem.text() else { return };
        if self.format == Format::Json {
            let value = json!({ "error": {
                "exit_code": problem.exit().code(),
                "reason": problem.reason(),
                "message": text.en,
                "localized_message": text.zh,
                "metadata": problem.metadata(),
            }});
            return self.message(&value.to_string());
        }
        let label = match self.language {
            Language::English => "error:",
            Language::Chinese => "错误：",
        };
        let label = if self.colour {
            format!("\x1b[1;31m{label}\x1b[0m")
        } else {
            label.to_owned()
        };
        self.message(&format!(
            "{label} {}",
            visible(text.in_language(self.language))
        ));
    }

    fn message(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}
