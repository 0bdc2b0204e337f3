//! Why a command did not do what it was asked to do, in two languages, with its exit code.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io;
use std::path::Path;

use crate::exit::Exit;
use crate::language::{Text, text};

mod library;
mod local;
mod serve;
mod server;

/// A problem to be told.
#[derive(Debug)]
pub(crate) struct Problem {
    exit: Exit,
    /// None when there is nothing to say: the reader of stdout is gone.
    text: Option<Text>,
    reason: Option<String>,
    metadata: BTreeMap<String, String>,
}

impl Problem {
    fn new(exit: Exit, text: Text) -> Self {
        Self {
            exit,
            text: Some(text),
            reason: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Refused or failed.
    pub(crate) fn refused(text: Text) -> Self {
        Self::new(Exit::Refused, text)
    }

    /// The command line is wrong.
    pub(crate) fn usage(text: Text) -> Self {
        Self::new(Exit::Usage, text)
    }

    /// No server, or it does not accept the caller.
    pub(crate) fn no_server(text: Text) -> Self {
        Self::new(Exit::NoServer, text)
    }

    /// A file of this machine that cannot be read or written.
    pub(crate) fn file(path: &Path, error: &impl Display) -> Self {
        let path = path.display();
        Self::refused(text!("{path}: {error}", "{path}：{error}"))
    }

    /// stdout cannot be written.
    pub(crate) fn stdout(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            let metadata = BTreeMap::new();
            return Self {
                exit: Exit::Done,
                text: None,
                reason: None,
                metadata,
            };
        }
        Self::refused(text!(
            "writing to stdout: {error}",
            "写入标准输出失败：{error}"
        ))
    }

    /// The same problem with a fixed reason for programs.
    pub(crate) fn with_reason(mut self, reason: &str) -> Self {
        self.reason = Some(reason.to_owned());
        self
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) const fn text(&self) -> Option<&Text> {
        self.text.as_ref()
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    pub(crate) const fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }
}
