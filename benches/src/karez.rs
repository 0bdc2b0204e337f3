//! The program under measurement, built as it ships.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::BenchError;

/// The root of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Builds `karez` in the profile of the benches and says where it is; quick when nothing changed.
///
/// A crate cannot depend on another's program, so the bench asks cargo itself: the one command is enough.
///
/// # Errors
/// [`BenchError::Failed`] when it does not build; the compiler's messages are on stderr.
pub fn build_karez() -> Result<PathBuf, BenchError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from(env!("CARGO")));
    let built = Command::new(&cargo)
        .current_dir(workspace())
        .args([
            "build",
            "--locked",
            "--profile",
            "bench",
            "-p",
            "cli",
            "--bin",
            "karez",
        ])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| BenchError::Start {
            program: cargo.to_string_lossy().into(),
            source,
        })?;
    if !built.status.success() {
        return Err(BenchError::Failed {
            program: "cargo build -p cli".to_owned(),
            status: built.status,
            stderr: String::new(),
        });
    }
    let messages = String::from_utf8_lossy(&built.stdout);
    executable(&messages, "karez").ok_or(BenchError::NotBuilt {
        name: "karez".to_owned(),
    })
}

/// The program's path out of cargo's messages, one JSON object per line.
fn executable(messages: &str, name: &str) -> Option<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut built = messages.filter(|message| {
        let target = message.pointer("/target/name").and_then(Value::as_str);
        target == Some(name) && message.get("executable").is_some_and(Value::is_string)
    });
    let path = built.next()?.get("executable")?.as_str()?.to_owned();
    Some(PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    //! Cargo's messages.

    use super::*;

    #[test]
    fn the_program_is_found_among_other_messages() {
        let messages = concat!(
            "not json\n",
            r#"{"reason":"compiler-artifact","target":{"name":"karez"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"other"},"executable":"/o"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"karez"},"executable":"/k"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(executable(messages, "karez"), Some(PathBuf::from("/k")));
        assert_eq!(executable(messages, "absent"), None);
    }
}
