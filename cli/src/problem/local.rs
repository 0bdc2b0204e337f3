//! Why a run on one's own files came to nothing.

use enclave::local::{Lang, RunError, SampleFailure};
use enclave::worker::{JobFailure, Refusal};
use sandbox::LaunchError;

use super::Problem;
use crate::exit::Exit;
use crate::language::{Text, text};

impl From<RunError> for Problem {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Faults(faults) => Self::refused(Text {
                en: faults.message(Lang::En),
                zh: faults.message(Lang::Zh),
            })
            .with_reason("DOCUMENT_INVALID"),
            RunError::Read { path, source } => Self::file(&path, &source),
            RunError::Inputs(what) => Self::usage(Text::same(what)),
            RunError::Job(failure) => failure.into(),
            RunError::Sample(failure) => sample(&failure),
            RunError::Intake { path, source } => {
                let path = path.display();
                Self::refused(text!("{path}: {source}", "{path} 无法读入：{source}"))
                    .with_reason("FILE_INVALID")
            }
            RunError::NotGovernable(why) => {
                Self::refused(text!("{why}", "该策略下不能运行查询：{why}"))
            }
            RunError::Key(why) => Self::refused(text!("{why}", "密钥无法使用：{why}")),
            RunError::Vault(why) => Self::refused(text!("{why}", "作业输入无法准备：{why}")),
        }
    }
}

fn sample(failure: &SampleFailure) -> Problem {
    match failure {
        SampleFailure::Refused { refusal, .. } => Problem::refused(text!(
            "the sample is refused: {refusal}",
            "样本未予发布：{refusal}"
        ))
        .with_reason("THRESHOLD"),
        other => {
            let told = other.told();
            Problem::refused(Text {
                en: told.en,
                zh: format!("样本无法生成：{}", told.zh),
            })
        }
    }
}

impl From<JobFailure> for Problem {
    fn from(failure: JobFailure) -> Self {
        let word = failure.word().to_ascii_uppercase();
        match failure {
            JobFailure::Refused(refusal) => refused(&refusal, &word),
            JobFailure::Launch(LaunchError::LayerMissing(missing)) => Self::new(
                Exit::NoJail,
                text!(
                    "the jail refuses to run: {missing}; `karez doctor` tells how to fix it",
                    "沙箱拒绝运行：{missing}；请用 `karez doctor` 查看处理办法"
                ),
            )
            .with_reason("SANDBOX_UNAVAILABLE"),
            other => Self::refused(Text::same(other)).with_reason(&word),
        }
    }
}

/// A rule's refusal, with the engine's own words: whoever runs it here may see the data anyway.
fn refused(refusal: &Refusal, word: &str) -> Problem {
    let told = &refusal.refusal;
    let mut text = Text {
        en: format!("refused: {} ({})", told.message.en, told.rule),
        zh: format!("已拒绝：{}（{}）", told.message.zh, told.rule),
    };
    if let Some(detail) = refusal.detail_on_sample_data() {
        text.en.push_str(&format!("\n  {detail}"));
        text.zh.push_str(&format!("\n  {detail}"));
    }
    let mut problem = Problem::refused(text).with_reason(word);
    problem
        .metadata
        .insert("rule".to_owned(), told.rule.clone());
    if let Some(column) = &told.column {
        problem.metadata.insert("column".to_owned(), column.clone());
    }
    problem
}
