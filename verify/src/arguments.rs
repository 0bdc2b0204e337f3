//! The command line, parsed by hand: a program that a regulator audits should be short.

use std::ffi::OsString;
use std::path::PathBuf;

/// What was asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Print the help and stop.
    Help,
    /// Print the version and stop.
    Version,
    /// Verify a log directory or a receipt.
    Verify(Task),
}

/// One verification.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Task {
    /// What to verify.
    pub(crate) target: Target,
    /// The log's public key, `log.vkey`.
    pub(crate) key: PathBuf,
    /// The regulator's trust list.
    pub(crate) trust: PathBuf,
    /// Whether the report is JSON.
    pub(crate) json: bool,
}

/// What to verify.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A whole log directory.
    Log(PathBuf),
    /// A receipt and the result files that came with it.
    Receipt {
        /// The receipt.
        receipt: PathBuf,
        /// The result files.
        files: Vec<PathBuf>,
    },
}

/// Options and operands as they were given.
#[derive(Default)]
struct Given {
    operands: Vec<PathBuf>,
    key: Option<PathBuf>,
    trust: Option<PathBuf>,
    files: Vec<PathBuf>,
    json: bool,
}

/// Parses the arguments after the program's name; the error is one line for a person.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut arguments = arguments.into_iter();
    let verb = arguments.next().unwrap_or_default();
    match verb.to_str() {
        Some("-h" | "--help" | "help") => Ok(Command::Help),
        Some("-V" | "--version") => Ok(Command::Version),
        Some(verb @ ("log" | "receipt")) => task(verb, arguments),
        Some("") => Err("nothing to verify: say `log DIR` or `receipt FILE`".to_owned()),
        _ => Err(format!(
            "unknown command {verb:?}: say `log DIR` or `receipt FILE`"
        )),
    }
}

fn task(verb: &str, mut arguments: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut given = Given::default();
    while let Some(argument) = arguments.next() {
        let mut value = |option: &str| {
            let value = arguments.next().map(PathBuf::from);
            value.ok_or_else(|| format!("{option} needs a file"))
        };
        match argument.to_str() {
            Some("-h" | "--help") => return Ok(Command::Help),
            Some("--json") => given.json = true,
            Some("--key") => once(&mut given.key, "--key", value("--key")?)?,
            Some("--trust") => once(&mut given.trust, "--trust", value("--trust")?)?,
            Some("--file") if verb == "receipt" => given.files.push(value("--file")?),
            Some(option) if option.starts_with('-') => {
                return Err(format!("unknown option {option} for `{verb}`"));
            }
            _ => given.operands.push(argument.into()),
        }
    }
    finish(verb, given)
}

fn once(slot: &mut Option<PathBuf>, option: &str, value: PathBuf) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{option} stands twice")),
    }
}

fn finish(verb: &str, given: Given) -> Result<Command, String> {
    let mut operands = given.operands.into_iter();
    let (Some(operand), None) = (operands.next(), operands.next()) else {
        return Err(format!("`{verb}` takes exactly one path"));
    };
    let target = match verb {
        "log" => Target::Log(operand),
        _ => Target::Receipt {
            receipt: operand,
            files: given.files,
        },
    };
    Ok(Command::Verify(Task {
        target,
        key: given
            .key
            .ok_or("--key is missing: the log's public key, log.vkey")?,
        trust: given
            .trust
            .ok_or("--trust is missing: the regulator's trust list")?,
        json: given.json,
    }))
}

#[cfg(test)]
mod tests {
    //! What is accepted and what is refused.
    use super::*;

    fn check(line: &str, expect: Result<Command, &str>) {
        let got = parse(line.split_whitespace().map(OsString::from));
        match (got, expect) {
            (Ok(got), Ok(expect)) => assert_eq!(got, expect, "{line}"),
            (Err(got), Err(expect)) => assert!(got.contains(expect), "{line}: {got}"),
            (got, _) => panic!("{line}: {got:?}"),
        }
    }

    fn verify(target: Target, json: bool) -> Result<Command, &'static str> {
        Ok(Command::Verify(Task {
            target,
            key: "K".into(),
            trust: "T".into(),
            json,
        }))
    }

    #[test]
    fn both_commands() {
        check(
            "log D --key K --trust T",
            verify(Target::Log("D".into()), false),
        );
        check(
            "log --json --trust T --key K D",
            verify(Target::Log("D".into()), true),
        );
        let receipt = Target::Receipt {
            receipt: "R".into(),
            files: vec!["A".into(), "B".into()],
        };
        check(
            "receipt R --file A --key K --trust T --file B",
            verify(receipt, false),
        );
        check("--help", Ok(Command::Help));
        check("log -h", Ok(Command::Help));
        check("--version", Ok(Command::Version));
    }

    #[test]
    fn mistakes() {
        check("", Err("nothing to verify"));
        check("verify D", Err("unknown command"));
        check("log --key K --trust T", Err("exactly one path"));
        check("log D E --key K --trust T", Err("exactly one path"));
        check("log D --trust T", Err("--key is missing"));
        check("log D --key K", Err("--trust is missing"));
        check("log D --key", Err("--key needs a file"));
        check("log D --key K --key K --trust T", Err("stands twice"));
        check(
            "log D --file A --key K --trust T",
            Err("unknown option --file"),
        );
        check("log D --yes --key K --trust T", Err("unknown option --yes"));
    }
}
