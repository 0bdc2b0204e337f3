//! The built programs. Nothing is built here: `./test` builds the workspace first.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a program left.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Data.
    pub(crate) stdout: String,
    /// What was said to the person.
    pub(crate) stderr: String,
}

/// The `karez` command: `KAREZ_BIN`, else beside this test's own `deps/`.
pub(crate) fn karez() -> PathBuf {
    std::env::var_os("KAREZ_BIN").map_or_else(|| built("karez"), PathBuf::from)
}

/// The regulator's verifier: `KAREZ_VERIFY_BIN`, else beside this test's own `deps/`.
pub(crate) fn karez_verify() -> PathBuf {
    std::env::var_os("KAREZ_VERIFY_BIN").map_or_else(|| built("karez-verify"), PathBuf::from)
}

fn built(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let path = own.parent().and_then(Path::parent).unwrap().join(name);
    assert!(
        path.is_file(),
        "{} is not built; run ./test, which builds the workspace first",
        path.display()
    );
    path
}

/// Runs a program with nothing of this process's environment but `PATH`, and waits for it.
pub(crate) fn run(program: &Path, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ran {
    let output = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
