//! A home, and a server on it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::binary::{Ran, karez, run};

/// A fresh home in a directory that removes itself.
pub(crate) struct Home {
    directory: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        run(["init".as_ref(), "--home".as_ref(), home.root().as_os_str()]).expect(0);
        home
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    /// A place beside the home.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The command on this home.
    pub(crate) fn karez(&self) -> Command {
        let mut command = karez();
        command.env("KAREZ_HOME", self.root());
        command
    }

    /// Runs a command on this home; words are split at blanks.
    pub(crate) fn run(&self, words: &str) -> Ran {
        Ran::of(
            self.karez()
                .args(words.split_whitespace())
                .output()
                .unwrap(),
        )
    }
}

/// A running server; killed when dropped.
pub(crate) struct Server<'h> {
    home: &'h Home,
    child: Child,
    pub(crate) url: String,
}

impl<'h> Server<'h> {
    pub(crate) fn start(home: &'h Home) -> Self {
        let mut child = home
            .karez()
            .args(["serve", "--dev", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        assert!(url.starts_with("https://127.0.0.1:"), "{url}");
        Self {
            home,
            child,
            url: url.trim().to_owned(),
        }
    }

    /// Runs a client command against this server; words are split at blanks.
    pub(crate) fn run(&self, words: &str) -> Ran {
        self.run_with(words, &[])
    }

    /// The same, with paths behind the words.
    pub(crate) fn run_with(&self, words: &str, paths: &[&Path]) -> Ran {
        let mut command = self.home.karez();
        command
            .env("KAREZ_SERVER", &self.url)
            .args(words.split_whitespace())
            .args(paths);
        Ran::of(command.output().unwrap())
    }

    /// Asks it to stop; its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
