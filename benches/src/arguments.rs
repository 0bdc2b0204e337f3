//! What the command line asks of one bench.

/// What a bench does, by its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Measure.
    Measure,
    /// Say what it is.
    Help,
    /// Another bench was named.
    Other,
    /// `cargo test --all-targets` starts benches too, without `--bench`: building it was the test.
    Test,
}

/// Reads the arguments after the program's name.
///
/// `cargo bench` adds `--bench`; names without a dash choose benches or sets of them, none chooses all.
pub(crate) fn asked(name: &str, set: Option<&str>, arguments: &[String]) -> Asked {
    let names = || arguments.iter().filter(|word| !word.starts_with('-'));
    if arguments
        .iter()
        .any(|word| word == "--help" || word == "-h")
    {
        Asked::Help
    } else if names().any(|word| word == name || Some(word.as_str()) == set) {
        Asked::Measure
    } else if names().next().is_some() {
        Asked::Other
    } else if arguments.iter().any(|word| word == "--bench") {
        Asked::Measure
    } else {
        Asked::Test
    }
}

#[cfg(test)]
mod tests {
    //! Which arguments start a measurement.

    use super::*;

    #[test]
    fn names_choose_and_tests_do_not_measure() {
        let check = |line: &str, expect: Asked| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let asked = asked("sample-memory", Some("system"), &words);
            assert_eq!(asked, expect, "{line:?}");
        };
        check("--bench", Asked::Measure);
        check("sample-memory --bench", Asked::Measure);
        check("ff1 sample-memory --bench", Asked::Measure);
        check("sample-memory", Asked::Measure);
        check("system --bench", Asked::Measure);
        check("ff1 --bench", Asked::Other);
        check("sample --bench", Asked::Other);
        check("--help --bench", Asked::Help);
        check("-h", Asked::Help);
        check("", Asked::Test);
    }
}
