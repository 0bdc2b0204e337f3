//! `karez demo`.

use std::future::Future;
use std::path::PathBuf;

use clap::Args;
use tokio::signal::unix::SignalKind;

use super::doctor;
use crate::context::Context;
use crate::demo;
use crate::exit::Exit;
use crate::language::text;
use crate::problem::Problem;
use crate::runtime::{either, on, wait};

const EXAMPLE: &str = "\
Starts a real server on a free port of this machine and plays the story through the same client as all other \
commands, in a directory of its own that stays afterwards. All people and claims in it are invented.

Example:
  karez demo --dir ./demo";

/// Arguments of `karez demo`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Demo {
    /// Directory to make (else a fresh one among the temporary files)
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Demo {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let fixes = doctor::fixes();
        if !fixes.is_empty() {
            context.say(&text!(
                "the demo needs the jail, and a layer of it is missing on this host:",
                "演示需要沙箱，而本机缺少隔离层："
            ));
            fixes.iter().for_each(|fix| context.say(fix));
            return Ok(Exit::NoJail);
        }
        wait(until_interrupted(demo::tell(context.console(), self.dir)))?;
        Ok(Exit::Done)
    }
}

/// Lets go of the story when it is interrupted, so that its server does not outlive it.
async fn until_interrupted(
    story: impl Future<Output = Result<(), Problem>>,
) -> Result<(), Problem> {
    let interrupted = async {
        either(on(SignalKind::interrupt())?, on(SignalKind::terminate())?).await;
        Err(Problem::refused(text!("interrupted", "已中断")))
    };
    tokio::select! {
        told = story => told,
        stopped = interrupted => stopped,
    }
}
