//! People's names: which characters are the surname, and how two spellings of one name meet.
//!
//! Han names have a surname of one character or, rarely, of two; transliterated names have parts between `·`; names in
//! Arabic script have parts between blanks. Whether two people share a name cannot be told from it: one token per
//! person needs a person's id, never a name.

use crate::folding::{NAME_SEPARATOR, fold_for_token};

/// Surnames of two characters, as 《百家姓》 and present registers have them.
const COMPOUND_SURNAMES: [&str; 67] = [
    "万俟", "上官", "东方", "东郭", "东门", "乐正", "亓官", "令狐", "仲孙", "公冶", "公孙", "公羊",
    "公良", "公西", "单于", "南宫", "南荣", "南门", "司寇", "司徒", "司空", "司马", "呼延", "哥舒",
    "壤驷", "夏侯", "太叔", "太史", "夹谷", "子车", "宇文", "完颜", "宗政", "宰父", "尉迟", "左丘",
    "巫马", "微生", "慕容", "拓跋", "斛律", "梁丘", "欧阳", "段干", "淳于", "漆雕", "澹台", "濮阳",
    "独孤", "申屠", "百里", "皇甫", "端木", "第五", "羊舌", "耶律", "西门", "诸葛", "谷梁", "赫连",
    "轩辕", "钟离", "长孙", "闻人", "闾丘", "颛孙", "鲜于",
];
/// Characters of a Han name at most; longer texts are no name of a person.
const HAN_NAME_CHARACTERS_MAX: usize = 6;

/// Whether a character is a Han ideograph, rare ones of GB 18030-2022 and its former private code points included.
pub(crate) fn is_han(character: char) -> bool {
    matches!(
        character,
        '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{E815}'..='\u{E864}' | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{323AF}'
    )
}

/// The surname of a name in Han characters: two characters where they are a compound surname and a given name follows,
/// else one; none where the text is not such a name.
///
/// ```
/// use desensitize::name::surname;
///
/// assert_eq!(surname("欧阳娜娜"), Some("欧阳"));
/// assert_eq!(surname("欧阳"), Some("欧")); // surname 欧, given name 阳
/// assert_eq!(surname("李明"), Some("李"));
/// assert_eq!(surname("阿依古丽·买买提"), None); // a transliteration has no surname to cut off
/// ```
#[must_use]
pub fn surname(name: &str) -> Option<&str> {
    let characters = name.chars().count();
    if !(2..=HAN_NAME_CHARACTERS_MAX).contains(&characters) || !name.chars().all(is_han) {
        return None;
    }
    let compound = name
        .char_indices()
        .nth(2)
        .and_then(|(end, _)| name.get(..end));
    let compound = compound.filter(|start| COMPOUND_SURNAMES.binary_search(start).is_ok());
    compound.or_else(|| {
        name.chars()
            .next()
            .and_then(|first| name.get(..first.len_utf8()))
    })
}

/// Writes the form under which two spellings of one name share a token; replaces the content of `folded`.
///
/// Beyond what is folded in every text: blanks beside Han characters and separators go, other runs of blanks become
/// one, Latin letters become upper case.
pub(crate) fn fold_name(name: &str, text: &mut String, folded: &mut String) {
    fold_for_token(name, text);
    folded.clear();
    let mut blank = false;
    for character in text.chars() {
        if character.is_whitespace() {
            blank = true;
            continue;
        }
        let separated =
            folded.chars().next_back().is_some_and(|last| !joins(last)) && !joins(character);
        if blank && separated {
            folded.push(' ');
        }
        blank = false;
        folded.extend(character.to_uppercase());
    }
}

/// Whether a blank beside the character says nothing.
fn joins(character: char) -> bool {
    character == NAME_SEPARATOR || is_han(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(COMPOUND_SURNAMES.is_sorted());
        assert!(
            COMPOUND_SURNAMES
                .iter()
                .all(|surname| surname.chars().count() == 2)
        );
    }

    #[test]
    fn every_compound_surname_is_found_before_a_given_name() {
        for compound in COMPOUND_SURNAMES {
            assert_eq!(surname(&format!("{compound}𠮷")), Some(compound));
        }
    }

    #[test]
    fn surnames() {
        let check = |name: &str, expect: Option<&str>| assert_eq!(surname(name), expect, "{name}");
        check("李明", Some("李"));
        check("司马光", Some("司马"));
        check("司马", Some("司"));
        check("䶮明", Some("䶮"));
        check("𠮷田一郎", Some("𠮷"));
        for none in [
            "",
            "李",
            "ئايگۈل",
            "Li Ming",
            "阿依古丽·买买提",
            "李 明",
            "新疆维吾尔自治区",
        ] {
            check(none, None);
        }
    }

    #[test]
    fn spellings_of_one_name_fold_together() {
        let check = |one: &str, other: &str, same: bool| {
            let (mut text, mut a, mut b) =
                (String::new(), String::new(), String::from("left over"));
            fold_name(one, &mut text, &mut a);
            fold_name(other, &mut text, &mut b);
            assert_eq!(a == b, same, "{one} {other}");
        };
        check("李 明", "李明", true);
        check("阿依古丽 • 买买提", "阿依古丽·买买提", true);
        check("Aygül  Memet", "AYGÜL MEMET", true);
        check("ئايگۈل  مەمەت", "ئايگۈل مەمەت", true);
        check("ئايگۈل مەمەت", "ئايگۈلمەمەت", false);
        check("李明", "李朋", false);
    }
}
