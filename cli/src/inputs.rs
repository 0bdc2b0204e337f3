//! One's own files for a run without a server: the options of `sample run` and `logic run`.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser as _, ValueParser};
use enclave::local::Inputs;

use crate::csv::Written;
use crate::problem::Problem;

/// Files, schemas and policy.
#[derive(Debug, Clone, Args)]
pub(crate) struct OwnFiles {
    /// A table as CSV, Parquet or .xlsx under its name in the policy, `TABLE=FILE` or `OWNER/TABLE=FILE`; may be given again
    #[arg(long = "input", value_name = "NAME=FILE", required = true, num_args = 1.., value_parser = input())]
    inputs: Vec<(String, PathBuf)>,
    /// Schema of a table; may be given again
    #[arg(long = "schema", value_name = "FILE", required = true, num_args = 1..)]
    schemas: Vec<PathBuf>,
    /// The policy document
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    #[command(flatten)]
    written: Written,
}

impl OwnFiles {
    /// The same for the enclave's pipeline.
    pub(crate) fn into_inputs(self) -> Result<Inputs, Problem> {
        Ok(Inputs {
            reading: self.written.reading()?,
            files: self.inputs,
            schemas: self.schemas,
            policy: self.policy,
        })
    }
}

fn input() -> ValueParser {
    let split = |text: std::ffi::OsString| {
        split(&text).ok_or("expected NAME=FILE, for example adult=adult.csv")
    };
    OsStringValueParser::new().try_map(split).into()
}

/// A name up to the first `=`, and the path behind it, which may be any bytes.
fn split(text: &OsStr) -> Option<(String, PathBuf)> {
    use std::os::unix::ffi::OsStrExt as _;
    let bytes = text.as_bytes();
    let at = bytes.iter().position(|byte| *byte == b'=')?;
    let (name, path) = (bytes.get(..at)?, bytes.get(at + 1..)?);
    let name = std::str::from_utf8(name)
        .ok()
        .filter(|name| !name.is_empty())?;
    (!path.is_empty()).then(|| (name.to_owned(), PathBuf::from(OsStr::from_bytes(path))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_is_split_at_its_first_equals_sign() {
        let check = |text: &str, expect: Option<(&str, &str)>| {
            let expect = expect.map(|(name, path)| (name.to_owned(), PathBuf::from(path)));
            assert_eq!(split(OsStr::new(text)), expect, "{text}");
        };
        check("adult=adult.csv", Some(("adult", "adult.csv")));
        check("ybj/claims=/a=b/c.csv", Some(("ybj/claims", "/a=b/c.csv")));
        for bad in ["adult.csv", "=adult.csv", "adult=", ""] {
            check(bad, None);
        }
    }
}
