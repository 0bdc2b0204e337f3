//! The words for what stays of the two ends of a value.

use super::Sentence;

/// What a value is counted in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Counted {
    Characters,
    Digits,
}

impl Counted {
    const fn one(self) -> (&'static str, &'static str) {
        match self {
            Self::Characters => ("character", "个字符"),
            Self::Digits => ("digit", "位数字"),
        }
    }
}

/// “the first 3 and the last digit”; none where neither end stays.
pub(crate) fn ends(first: usize, last: usize, counted: Counted) -> Option<Sentence> {
    let (en, zh) = counted.one();
    let end = |which: &str, count: usize| match count {
        1 => format!("the {which}"),
        _ => format!("the {which} {count}"),
    };
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    Some(match (first, last) {
        (0, 0) => return None,
        (0, _) => Sentence::new(
            format!("{} {en}{}", end("last", last), plural(last)),
            format!("后 {last} {zh}"),
        ),
        (_, 0) => Sentence::new(
            format!("{} {en}{}", end("first", first), plural(first)),
            format!("前 {first} {zh}"),
        ),
        _ => Sentence::new(
            format!(
                "{} and {} {en}{}",
                end("first", first),
                end("last", last),
                plural(last)
            ),
            format!("前 {first} {zh}与后 {last} {zh}"),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_as_people_say_them() {
        let check = |first, last, counted, expect: Option<(&str, &str)>| {
            let expect = expect.map(|(en, zh)| Sentence::new(en, zh));
            assert_eq!(ends(first, last, counted), expect);
        };
        use Counted::{Characters, Digits};
        check(0, 0, Digits, None);
        check(
            1,
            0,
            Characters,
            Some(("the first character", "前 1 个字符")),
        );
        check(3, 0, Digits, Some(("the first 3 digits", "前 3 位数字")));
        check(0, 4, Digits, Some(("the last 4 digits", "后 4 位数字")));
        let both = ("the first 3 and the last digit", "前 3 位数字与后 1 位数字");
        check(3, 1, Digits, Some(both));
    }
}
