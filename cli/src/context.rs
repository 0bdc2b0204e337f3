//! What every command is given: where to write, and which home it works on.

use std::path::{Path, PathBuf};

use enclave::config::{Config, Overrides};
use enclave::home::{self, Home};

use crate::console::Console;
use crate::language::Text;
use crate::problem::Problem;
use crate::show;

/// The surroundings of one command.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    console: &'a Console,
    home: Option<PathBuf>,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(console: &'a Console, home: Option<PathBuf>) -> Self {
        Self { console, home }
    }

    pub(crate) const fn console(&self) -> &'a Console {
        self.console
    }

    /// Says something to the person.
    pub(crate) fn say(&self, text: &Text) {
        self.console.say(text);
    }

    /// Writes a result to stdout, as a table or as JSON.
    pub(crate) fn show(&self, value: &serde_json::Value) -> Result<(), Problem> {
        self.console.data(&show::value(value, self.console))
    }

    /// Where the home is or would be.
    pub(crate) fn home_path(&self) -> Result<PathBuf, Problem> {
        Ok(home::locate(self.home.as_deref(), variable)?)
    }

    /// The existing home.
    pub(crate) fn home(&self) -> Result<Home, Problem> {
        Ok(Home::open(&self.home_path()?)?)
    }

    /// The configuration of a home: flag, then environment, then file.
    pub(crate) fn config(
        &self,
        home: &Home,
        listen: Option<String>,
        server: Option<String>,
    ) -> Result<Config, Problem> {
        Ok(Config::load(
            &home.config(),
            &Overrides::new(listen, server, variable),
        )?)
    }
}

/// An environment variable, when it is set and text.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Reads a whole text file.
pub(crate) fn read_text(path: &Path) -> Result<String, Problem> {
    std::fs::read_to_string(path).map_err(|error| Problem::file(path, &error))
}
