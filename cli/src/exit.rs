//! What the exit code says; the same for every command.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done as asked.
    Done,
    /// Refused, or failed: a rule, a missing right, a file, a fault that was looked for and found.
    Refused,
    /// The command line itself is wrong; nothing was done.
    Usage,
    /// No server was reached, or it did not accept the identity.
    NoServer,
    /// A layer of the jail is missing on this host.
    NoJail,
}

/// The table of `karez --help`; a test holds it to [`Exit::code`].
pub(crate) const TABLE: &str = "\
Exit codes:
    0  done as asked
    1  refused or failed; stderr says why and what to do
    2  wrong usage; nothing was done
    3  no server was reached, or it did not accept the identity
  125  a layer of the jail is missing on this host (see `karez doctor`)";

impl Exit {
    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::Usage => 2,
            Self::NoServer => 3,
            Self::NoJail => 125,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_each_code_once() {
        let listed: Vec<u8> = TABLE
            .lines()
            .skip(1)
            .filter_map(|line| line.split_whitespace().next()?.parse().ok())
            .collect();
        let all = [
            Exit::Done,
            Exit::Refused,
            Exit::Usage,
            Exit::NoServer,
            Exit::NoJail,
        ];
        assert_eq!(listed, all.map(Exit::code));
    }

    #[test]
    fn the_jails_own_code_is_the_commands() {
        assert_eq!(i32::from(Exit::NoJail.code()), sandbox::EXIT_LAYER_MISSING);
    }
}
