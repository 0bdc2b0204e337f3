//! `karez completion`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::context::Context;
use crate::exit::Exit;
use crate::problem::Problem;

const EXAMPLE: &str = "\
Example:
  karez completion bash > /etc/bash_completion.d/karez";

/// Arguments of `karez completion`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Completion {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completion {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "karez", &mut script);
        context.console().data(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Done)
    }
}
