//! The story as text: numbered steps, what came of each, and how long it took.

use std::future::Future;
use std::time::Instant;

use crate::console::Console;
use crate::language::{Text, text};
use crate::problem::Problem;

/// What a step gives the next ones, and what is told of it.
pub(super) struct Told<T> {
    pub(super) value: T,
    pub(super) lines: Vec<Text>,
}

impl<T> Told<T> {
    /// A result with the lines that are told of it.
    pub(super) fn new(value: T, lines: impl IntoIterator<Item = Text>) -> Self {
        Self {
            value,
            lines: lines.into_iter().collect(),
        }
    }
}

/// Numbers the steps.
pub(super) struct Telling<'a> {
    console: &'a Console,
    steps: u32,
}

impl<'a> Telling<'a> {
    pub(super) const fn new(console: &'a Console) -> Self {
        Self { console, steps: 0 }
    }

    /// A line outside the steps.
    pub(super) fn say(&self, line: &Text) -> Result<(), Problem> {
        self.console.data(line.in_language(self.console.language()))
    }

    /// Tells what is about to be done, does it, and tells what came of it.
    pub(super) async fn step<T>(
        &mut self,
        title: Text,
        work: impl Future<Output = Result<Told<T>, Problem>>,
    ) -> Result<T, Problem> {
        self.steps += 1;
        let (number, language) = (self.steps, self.console.language());
        self.console
            .data(&format!("\n{number:>2}. {}", title.in_language(language)))?;
        let began = Instant::now();
        let told = work.await?;
        for line in &told.lines {
            self.console.data(&indented(line.in_language(language)))?;
        }
        let seconds = began.elapsed().as_secs_f64();
        self.say(&text!("    {seconds:.1} s", "    {seconds:.1} 秒"))?;
        Ok(told.value)
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
