//! `karez sample trace`: whose copy of a sample is this file?

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use enclave::client::v1::{TraceSampleRequest, TraceSampleResponse, TracedCopy};
use enclave::files::parquet_texts;
use enclave::operations::{TRACE_VALUE_BYTES_MAX, TRACE_VALUES_MAX};
use serde_json::{Value, json};

use crate::caller::{Caller, RequestId};
use crate::context::Context;
use crate::exit::Exit;
use crate::language::{Text, text};
use crate::names;
use crate::problem::Problem;
use crate::wire;

pub(super) const EXAMPLE: &str = "\
Reads any text file (CSV, JSON, SQL, ...) or Parquet, whatever rows, columns and order are left of it; a thousand rows are \
enough. Every word that could be a surrogate is compared with every copy that was ever fetched. A recipient is told when \
the evidence reaches the bits that are needed: then an innocent one would be told with a probability of at most one in a \
million, over all recipients together. A file mixed from several copies tells all of them. Who runs the service could have \
made any copy: what is told is whose copy it is, not who passed it on. The answer is on the log.

Example:
  karez sample trace found.csv --sample medical-spending/ID --as institution";

/// The shortest word that can be a surrogate with a mark.
const WORD_BYTES_MIN: usize = 6;

/// Arguments of `karez sample trace`.
#[derive(Debug, Args)]
pub(super) struct Trace {
    /// The file that was found
    file: PathBuf,
    /// SCENARIO/ID
    #[arg(long, value_name = "SCENARIO/ID")]
    sample: names::Sample,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

impl Trace {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let values = values(&self.file)?;
        let connected = self.caller.connect(context).await?;
        let request = TraceSampleRequest {
            name: self.sample.full(&connected.tenant),
            values,
            request_id: self.request_id.take(context)?,
        };
        let answer = connected.client.samples().trace_sample(request).await?;
        let answer = answer.into_inner();
        context.show(&shown(&answer))?;
        context.say(&verdict(&answer));
        Ok(Exit::Done)
    }
}

fn shown(answer: &TraceSampleResponse) -> Value {
    let copies: Value = answer.copies.iter().map(copy).collect();
    json!({
        "told": answer.copies.iter().any(|copy| copy.told),
        "values_found": answer.values_found,
        "bits_needed": rounded(answer.bits_needed),
        "log_entry": wire::log_entry(answer.log_entry.as_ref()),
        "copies": copies,
    })
}

fn copy(copy: &TracedCopy) -> Value {
    json!({
        "recipient": copy.recipient,
        "told": copy.told,
        "agreeing": copy.values_agreeing,
        "of": copy.values_marked,
        "by_chance": rounded(copy.expected_by_chance),
        "bits": rounded(copy.evidence_bits),
        "mark": copy.mark,
        "copied": wire::log_entry(copy.copied.as_ref()),
    })
}

/// One decimal: more would look more exact than evidence is.
fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

fn verdict(answer: &TraceSampleResponse) -> Text {
    let told = answer.copies.iter().filter(|copy| copy.told);
    let told: Vec<&str> = told.map(|copy| copy.recipient.as_str()).collect();
    if told.is_empty() {
        let needed = rounded(answer.bits_needed);
        return text!(
            "not told: no copy reaches {needed} bits of evidence",
            "无法判定：没有副本达到 {needed} 比特的证据"
        );
    }
    let told = told.join(", ");
    text!("told: {told}", "判定为：{told}")
}

/// The different words of a file that could be surrogates, the first so many that one call takes.
fn values(file: &Path) -> Result<Vec<String>, Problem> {
    let bytes = std::fs::read(file).map_err(|error| Problem::file(file, &error))?;
    let mut found = BTreeSet::new();
    let mut take = |text: &str| {
        for word in words(text) {
            if found.len() < TRACE_VALUES_MAX {
                found.insert(word.to_owned());
            }
        }
    };
    if bytes.starts_with(PARQUET_MAGIC) {
        let path = file.display();
        let texts = parquet_texts(bytes).ok_or_else(|| {
            Problem::refused(text!(
                "{path} cannot be read as Parquet",
                "{path} 无法按 Parquet 读取"
            ))
        })?;
        texts.iter().for_each(|text| take(text));
    } else {
        take(&String::from_utf8_lossy(&bytes));
    }
    Ok(found.into_iter().collect())
}

/// What a Parquet file begins with.
const PARQUET_MAGIC: &[u8] = b"PAR1";

/// Runs of letters, digits and `_` of a likely length.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    words.filter(|word| (WORD_BYTES_MIN..=TRACE_VALUE_BYTES_MAX).contains(&word.len()))
}

#[cfg(test)]
mod tests {
    //! Which words of a file are looked at.
    use super::*;

    #[test]
    fn words_are_found_in_any_text() {
        let found: Vec<&str> = words(
            "\u{feff}id;x\r\n\"65010219900307123X\",tk_00ff\t{\"a\":'11010519491231002X'} 新A12345",
        )
        .collect();
        assert_eq!(
            found,
            [
                "65010219900307123X",
                "tk_00ff",
                "11010519491231002X",
                "新A12345"
            ]
        );
    }

    #[test]
    fn a_verdict_names_who_is_told_or_says_that_nobody_is() {
        let copy = |recipient: &str, told| TracedCopy {
            recipient: recipient.into(),
            told,
            ..TracedCopy::default()
        };
        let mut answer = TraceSampleResponse {
            copies: vec![copy("ann", false), copy("bob", false)],
            bits_needed: 20.93,
            ..TraceSampleResponse::default()
        };
        assert_eq!(
            verdict(&answer).en,
            "not told: no copy reaches 20.9 bits of evidence"
        );
        answer.copies[1].told = true;
        assert_eq!(verdict(&answer).en, "told: bob");
    }
}
