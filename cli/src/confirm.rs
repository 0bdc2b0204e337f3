//! Asking before something that cannot be taken back.

use std::io::{self, BufRead as _, IsTerminal as _};

use crate::context::Context;
use crate::language::{Text, text};
use crate::problem::Problem;

/// What a person is asked, and what they are told when they do not say yes.
pub(crate) struct Question {
    /// Asked when somebody is there to answer.
    pub(crate) ask: Text,
    /// Told when nobody is there to ask.
    pub(crate) unasked: Text,
    /// Told after any answer but yes.
    pub(crate) refused: Text,
}

/// Goes on when `--yes` was given or the person types it; everything that is at stake was shown before, on stderr.
pub(crate) fn confirm(yes: bool, question: Question, context: &Context<'_>) -> Result<(), Problem> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Problem::usage(question.unasked));
    }
    let (en, zh) = (&question.ask.en, &question.ask.zh);
    context.say(&text!("{en} type yes:", "{zh}请输入 yes："));
    match io::stdin().lock().lines().next() {
        Some(Ok(answer)) if answer.trim() == "yes" => Ok(()),
        _ => Err(Problem::refused(question.refused)),
    }
}
