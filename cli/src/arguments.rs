//! The command line: the options of all commands, and the list of nouns.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::command;
use crate::console::Console;
use crate::context::Context;
use crate::exit::{self, Exit};
use crate::problem::Problem;

/// How results are written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables for a person.
    Table,
    /// JSON for a program; errors are JSON on stderr.
    Json,
}

const AFTER: &str = "\
Names may be short: `ybj/claims` is a data set, `SCENARIO/ID` a sample, product or job, \
`SCENARIO/PRODUCT@2` a version of a product; full names (`tenants/…`) are taken as well.

A flag wins over the environment (KAREZ_HOME, KAREZ_SERVER, KAREZ_LISTEN), the environment over karez.toml.
Messages are English or Chinese by LC_ALL and LANG; NO_COLOR turns colours off.";

/// Authorised operation of public data: raw data stays inside, samples and checked results come out,
/// and everything is on a log that a stranger can verify.
#[derive(Debug, Parser)]
#[command(name = "karez", version, max_term_width = 100, after_long_help = format!("{AFTER}\n\n{}", exit::TABLE))]
#[command(after_help = exit::TABLE, subcommand_required = true)]
pub(crate) struct Arguments {
    /// The home directory (else KAREZ_HOME, else ~/.karez)
    #[arg(long, global = true, value_name = "DIR")]
    home: Option<PathBuf>,
    /// How results are written to stdout
    #[arg(long, global = true, value_enum, default_value_t = Format::Table, value_name = "FORMAT")]
    pub(crate) output: Format,
    #[command(subcommand)]
    noun: Noun,
}

/// Declares the nouns: each is a file in `command/` whose struct has `run`.
macro_rules! nouns {
    ($($(#[$doc:meta])+ $variant:ident => $module:ident;)+) => {
        #[derive(Debug, Subcommand)]
        enum Noun {
            $($(#[$doc])+ $variant(command::$module::$variant),)+
        }

        impl Arguments {
            /// Does what was asked.
            pub(crate) fn run(self, console: &Console) -> Result<Exit, Problem> {
                let context = Context::new(console, self.home);
                match self.noun {
                    $(Noun::$variant(noun) => noun.run(&context),)+
                }
            }
        }
    };
}

nouns! {
    /// Tell the whole story on bundled data: register, sample, refuse, approve, run, verify
    Demo => demo;
    /// Make a home: keys, development CA, five identities, configuration
    Init => init;
    /// Issue client certificates under the home's CA
    Cert => cert;
    /// Keys with which people sign approvals
    Key => key;
    /// Serve a home until it is told to stop
    Serve => serve;
    /// Try every layer of the jail on this host, and attack it
    Doctor => doctor;
    /// Tables that a data provider registers
    Dataset => dataset;
    /// Application scenarios, each with one policy document
    Scenario => scenario;
    /// Sampled, desensitised tables to develop against
    Sample => sample;
    /// Logic that runs only with signed approvals
    Product => product;
    /// Runs of an approved product in the jail
    Job => job;
    /// Read the log, take receipts, verify both offline
    Lineage => lineage;
    /// A developer's SQL on own files, exactly as the enclave runs it
    Logic => logic;
    /// Check policy documents
    Policy => policy;
    /// Print a completion script for a shell
    Completion => completion;
}

#[cfg(test)]
mod tests {
    //! The command line as a whole.
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            let verbs: Vec<_> = command
                .get_subcommands()
                .filter(|verb| verb.get_name() != "help")
                .collect();
            if verbs.is_empty() {
                let after = command
                    .get_after_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(after.contains("Example"), "{path} has no example");
                assert!(
                    after.contains(path.trim()),
                    "{path}: its example is of another command"
                );
            }
            verbs.iter().for_each(|verb| check(verb, &path));
        }
        check(&Arguments::command(), "");
    }
}
