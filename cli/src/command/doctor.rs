//! `karez doctor`: can this host jail a job?

use std::ffi::OsStr;
use std::path::Path;

use clap::Args;
use enclave::worker::WORKER_ARGUMENT;
use sandbox::{Doctor as Findings, Row, Verdict};
use serde_json::{Value, json};

use super::PROGRAM;
use crate::arguments::Format;
use crate::context::Context;
use crate::exit::Exit;
use crate::language::{Language, Text, text};
use crate::problem::Problem;

const EXAMPLE: &str = "\
Versions prove nothing, so every layer is tried for real and then attacked. Exit code 1 when one is missing; \
what is missing is named with its fix.

Example:
  karez doctor --output json";

/// Arguments of `karez doctor`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Doctor {}

impl Doctor {
    pub(crate) fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let findings = findings();
        let healthy = findings.healthy();
        context.show(&shown(&findings, context))?;
        if healthy {
            context.say(&text!(
                "every layer holds: jobs can run on this host",
                "各层均生效：本机可以运行作业"
            ));
            return Ok(Exit::Done);
        }
        context.say(&text!(
            "a layer is missing: no job runs on this host until it is fixed",
            "有隔离层缺失：修复之前，本机不运行任何作业"
        ));
        Ok(Exit::Refused)
    }
}

/// What this host offers a jail.
pub(crate) fn findings() -> Findings {
    sandbox::doctor(Path::new(PROGRAM), OsStr::new(WORKER_ARGUMENT))
}

/// Every missing layer with its fix, for a person who is about to need the jail; none when all hold.
pub(crate) fn fixes() -> Vec<Text> {
    let missing = |row: Row| {
        let (subject, detail) = (row.subject, row.detail);
        let fix = row.fix?;
        let (en, zh) = (fix.en, fix.zh);
        Some(Text {
            en: format!("  {subject}: {detail}\n    fix: {en}"),
            zh: format!("  {subject}：{detail}\n    处理办法：{zh}"),
        })
    };
    findings().rows.into_iter().filter_map(missing).collect()
}

/// Everything for programs; for a person only what must be known.
fn shown(findings: &Findings, context: &Context<'_>) -> Value {
    let language = context.console().language();
    match context.console().format() {
        Format::Json => json!({ "healthy": findings.healthy(), "rows": findings.rows }),
        Format::Table => {
            let with_fix = findings.rows.iter().any(|row| row.fix.is_some());
            findings
                .rows
                .iter()
                .map(|row| shown_row(row, language, with_fix))
                .collect()
        }
    }
}

fn shown_row(row: &Row, language: Language, with_fix: bool) -> Value {
    let mut shown = json!({
        "subject": row.subject,
        "result": verdict(row.result, language),
        "detail": row.detail,
    });
    if let (true, Value::Object(fields)) = (with_fix, &mut shown) {
        let fix = row.fix.as_ref().map(|fix| match language {
            Language::English => fix.en.clone(),
            Language::Chinese => fix.zh.clone(),
        });
        fields.insert("fix".to_owned(), fix.map_or(Value::Null, Value::String));
    }
    shown
}

const fn verdict(verdict: Verdict, language: Language) -> &'static str {
    match (verdict, language) {
        (Verdict::Holds, Language::English) => "holds",
        (Verdict::Fails, Language::English) => "FAILS",
        (Verdict::NotReached, Language::English) => "not reached",
        (Verdict::Holds, Language::Chinese) => "生效",
        (Verdict::Fails, Language::Chinese) => "缺失",
        (Verdict::NotReached, Language::Chinese) => "未检查",
    }
}
