//! What a hierarchy's file may say, and published files beside it.

use super::*;
use proptest::prelude::*;

fn check(text: &str, expect: &str) {
    let found = match Hierarchy::parse(text) {
        Ok(hierarchy) => format!(
            "{} values, {} levels",
            hierarchy.values.len(),
            hierarchy.levels()
        ),
        Err(why) => why.to_string(),
    };
    assert!(found.starts_with(expect), "{text:?}: {found}");
}

#[test]
fn files_that_are_hierarchies_and_files_that_are_not() {
    check("a;x;*\nb;x;*\nc;y;*", "3 values, 2 levels");
    check(
        "\u{feff}a;x\r\n\r\n\"b;\"\"1\"\"\n2\";x\r\n",
        "2 values, 1 levels",
    );
    check("a;x;*\n*;other;*\n", "1 values, 2 levels");
    check("", "the hierarchy is empty");
    check("a\nb\n", "the hierarchy is empty");
    check("*;x\n", "the hierarchy is empty");
    check("a;x\nb\n", "line 2: 0 levels where the first line has 1");
    check(
        "a;x\nb;x\na;x\n",
        "line 3: the value stands in an earlier line already",
    );
    check(
        "*;x\na;x\n*;x\n",
        "line 3: the value stands in an earlier line already",
    );
    check(
        "a;x;1\nb;y;1\nc;x;2\n",
        "line 3: level 2 splits a group of level 1",
    );
    check(
        "a;x;1\n*;x;2\n",
        "line 2: level 2 splits a group of level 1",
    );
    check("a;\"x\nb;x", "line 1: a quoted cell is not closed");
    check("a;x\nb;\"x\"y\n", "line 2: a quoted cell is not closed");
    check(&["a", &";x".repeat(17)].concat(), "a hierarchy has at most");
}

#[test]
fn the_lines_after_a_quoted_break_keep_their_numbers() {
    check("\"a\nb\";x\nc\n", "line 3: 0 levels");
}

#[test]
fn labels_by_value_and_level() {
    let hierarchy = Hierarchy::parse("a;x;1\nb;y;1\n*;z;2\n").unwrap();
    assert_eq!(hierarchy.label("a", 1), Some("x"));
    assert_eq!(hierarchy.label("b", 2), Some("1"));
    assert_eq!(hierarchy.label("never listed", 1), Some("z"));
    assert_eq!(
        (hierarchy.label("a", 0), hierarchy.label("a", 3)),
        (None, None)
    );
    assert_eq!(
        (
            hierarchy.groups(1),
            hierarchy.groups(2),
            hierarchy.groups(3)
        ),
        (Some(3), Some(2), None)
    );
    let total = Hierarchy::parse("a;x\n").unwrap();
    assert_eq!(total.label("b", 1), None);
    assert_eq!(
        total.digest(),
        "2554099a5eb337d0930784fbbfac041cfacb84e717f88fc4be492bce647fb1f7"
    );
}

/// ARX's own hierarchies of the adult census: every one is read, total over its column, and monotone.
#[test]
fn published_hierarchies() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/arx/adult");
    let Ok(files) = std::fs::read_dir(folder) else {
        println!("SKIPPED: {folder} is not here");
        return;
    };
    let adult = std::fs::read_to_string(format!("{folder}/adult.csv")).unwrap();
    let titles: Vec<&str> = adult.lines().next().unwrap().split(';').collect();
    let mut read = 0;
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let Some(column) = name.strip_prefix("adult_hierarchy_") else {
            continue;
        };
        let hierarchy = Hierarchy::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let position = titles.iter().position(|title| *title == column).unwrap();
        for line in adult.lines().skip(1) {
            let value = line.split(';').nth(position).unwrap();
            assert!(
                hierarchy.label(value, hierarchy.levels()).is_some(),
                "{column}"
            );
        }
        let groups: Vec<_> = (1..=hierarchy.levels())
            .map(|level| hierarchy.groups(level).unwrap())
            .collect();
        assert!(
            groups.is_sorted_by(|finer, coarser| finer >= coarser),
            "{column}: {groups:?}"
        );
        read += 1;
    }
    assert_eq!(read, 9);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    /// Any text is read or refused, and what is read answers by its own lines.
    #[test]
    fn any_text_is_read_or_refused(text in "[ab;\"\r\n*]{0,40}") {
        if let Ok(hierarchy) = Hierarchy::parse(&text) {
            for value in hierarchy.values() {
                for level in 1..=hierarchy.levels() {
                    prop_assert!(hierarchy.label(value, level).is_some());
                }
            }
        }
    }

    /// The reference twin splits lines and compares every pair of them.
    #[test]
    fn agrees_with_comparing_every_pair(lines in prop::collection::vec(("[a-f]", "[x-z]", "[12]"), 1..7)) {
        let text: String = lines.iter().map(|(value, one, two)| format!("{value};{one};{two}\n")).collect();
        let pairs = || lines.iter().enumerate().flat_map(|(at, a)| lines[..at].iter().map(move |b| (a, b)));
        let sound = pairs().all(|(a, b)| a.0 != b.0 && (a.1 != b.1 || a.2 == b.2));
        let read = Hierarchy::parse(&text);
        prop_assert_eq!(read.is_ok(), sound);
        if let Ok(read) = read {
            for (value, one, two) in &lines {
                prop_assert_eq!((read.label(value, 1), read.label(value, 2)), (Some(one.as_str()), Some(two.as_str())));
            }
        }
    }
}
