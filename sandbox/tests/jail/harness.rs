//! Runs the tests one after the other and counts; a filter on the command line chooses by name.

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use sandbox::{Launch, Limits};

use crate::{attacks, jobs, mutations, plain};

/// One test.
pub(crate) struct Test {
    pub(crate) name: String,
    pub(crate) run: Box<dyn Fn()>,
}

impl Test {
    pub(crate) fn new(name: impl Into<String>, run: impl Fn() + 'static) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

/// A job of this program itself with modest limits.
pub(crate) fn job(argument: &str) -> Launch {
    Launch {
        program: "/proc/self/exe".into(),
        argument: OsString::from(argument),
        limits: Limits {
            wall: std::time::Duration::from_secs(20),
            cpu_seconds: 10,
            address_space_bytes: 512 << 20,
            output_bytes: 1 << 20,
            threads: 16,
            open_files: 32,
        },
        inputs: Vec::new(),
    }
}

pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let filter = arguments.iter().find(|argument| !argument.starts_with('-'));
    let user = if rustix::process::getuid().is_root() {
        "root"
    } else {
        "a plain user"
    };
    let tests = attacks::tests()
        .into_iter()
        .chain(mutations::tests())
        .chain(jobs::tests())
        .chain(plain::tests());
    let mut failed = Vec::new();
    let mut passed = 0;
    for test in tests.filter(|test| filter.is_none_or(|filter| test.name.contains(filter.as_str())))
    {
        match catch_unwind(AssertUnwindSafe(&test.run)) {
            Ok(()) => {
                println!("ok      {}", test.name);
                passed += 1;
            }
            Err(_) => {
                println!("FAILED  {}", test.name);
                failed.push(test.name);
            }
        }
    }
    attacks::print_count();
    println!(
        "as {user}: {passed} passed, {} failed {failed:?}",
        failed.len()
    );
    if failed.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
