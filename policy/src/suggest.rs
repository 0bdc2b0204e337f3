//! The known word that a writer most likely meant.

/// A suggestion further away than this, in edits, confuses more than it helps.
const EDITS_MAX: usize = 3;

/// The nearest of `known` to `given`, if it is near enough to be what was meant.
pub(crate) fn nearest<'k>(
    given: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    let allowed = EDITS_MAX.min(given.chars().count().div_ceil(3).max(1));
    known
        .into_iter()
        .map(|word| (edits(given, word), word))
        .filter(|&(distance, _)| distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, word)| word)
}

/// Levenshtein distance with adjacent swaps counted as two, case ignored, one row at a time.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, &cb) in row.iter_mut().skip(1).zip(&b) {
            let best = (diagonal + usize::from(ca != cb))
                .min(*cell + 1)
                .min(left + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expect) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("Rows", "rows", 0),
            ("rows_max", "row_max", 1),
        ] {
            assert_eq!(edits(a, b), expect, "{a:?} {b:?}");
        }
    }

    #[test]
    fn only_near_words_are_suggested() {
        let known = ["rate", "rows_max", "k_map"];
        assert_eq!(nearest("row_max", known), Some("rows_max"));
        assert_eq!(nearest("kmap", known), Some("k_map"));
        assert_eq!(nearest("colour", known), None);
    }
}
