//! Which values have the form of what, and how often would others have it by chance?
//!
//! Every recogniser has a *universe*, the values that count as trials, and a *chance*, the share of them that would be
//! valid if the column held something else. For codes with check characters the universe is the values of their shape;
//! for forms that hardly anything else has, every value.

use super::semantic::Semantic;
use super::surnames::is_common_surname;
use super::types;
use crate::Identifier;
use crate::name::{is_han, surname};
use crate::region;

/// How a recogniser's finding is to be read; the order is that of preference where two explain a column equally well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// Digits of a length and nothing more: many other codes look the same.
    Length,
    /// A range of digits or a first letter.
    Range,
    /// Words of a list, or the characters of a script.
    Words,
    /// A form that hardly anything else has.
    Form,
    /// Check characters.
    Check,
}

/// The longest value that is looked at, in bytes; no identifier is longer but a mail address of odd length.
pub(super) const VALUE_BYTES_MAX: usize = 512;

/// Of values that are anything else, at most this share has a form by chance.
const FORM_CHANCE: f64 = 0.002;
/// Of short Han words this share begins with the character of a frequent surname.
const NAME_CHANCE: f64 = 0.25;
/// Of numbers of six digits that begin as provinces' codes do, this share is a region's at most.
const REGION_CHANCE: f64 = 0.05;
/// Digits of 8 or 10 among digits of any length to 20.
const LENGTH_CHANCE: f64 = 0.1;
/// A code's own chance is that of its whole alphabet; of digits alone, which its shape admits, more pass.
const CODE_CHANCE_MIN: f64 = 0.002;
/// Luhn over numbers without a leading zero: the share that a shape's own chance, which counts zeros, falls short of.
const LUHN_CHANCE: f64 = 0.1;

/// What a value says to one recogniser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Not one of its trials.
    Outside,
    /// A trial that failed.
    Invalid,
    /// A trial that held.
    Valid,
}

/// The semantics that values alone can show, in the order in which columns keep their counts.
pub(super) const RECOGNISED: [Semantic; 25] = {
    let mut all = [Semantic::PersonName; 25];
    let mut at = 0;
    while at < Identifier::ALL.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated by the compiler, which checks the bounds"
        )]
        {
            all[at] = Semantic::Identifier(Identifier::ALL[at]);
        }
        at += 1;
    }
    let [.., date, time, sex, nation, address, region] = &mut all;
    (*date, *time, *sex) = (Semantic::Date, Semantic::Time, Semantic::Sex);
    (*nation, *address, *region) = (Semantic::Nation, Semantic::Address, Semantic::Region);
    all
};

/// How the finding for a semantic is to be read.
pub(super) const fn basis(semantic: Semantic) -> Basis {
    use Identifier::{
        Email, Gps, HongKongMacaoPermit, Ip, Landline, Mac, Mobile, Passport, Plate, Postcode,
        TaiwanPermit,
    };
    match semantic {
        Semantic::Identifier(TaiwanPermit) => Basis::Length,
        Semantic::Identifier(Mobile | Landline | Postcode | Passport | HongKongMacaoPermit) => {
            Basis::Range
        }
        Semantic::Identifier(Email | Ip | Mac | Gps | Plate) | Semantic::Date | Semantic::Time => {
            Basis::Form
        }
        Semantic::Identifier(_) | Semantic::Region => Basis::Check,
        _ => Basis::Words,
    }
}

/// The share of trials that would be valid by chance.
pub(super) fn chance(semantic: Semantic) -> f64 {
    match semantic {
        Semantic::PersonName => NAME_CHANCE,
        Semantic::Region => REGION_CHANCE,
        Semantic::Identifier(Identifier::BankCard) => LUHN_CHANCE,
        Semantic::Identifier(identifier) => match basis(semantic) {
            Basis::Form => FORM_CHANCE,
            Basis::Length => LENGTH_CHANCE,
            _ => identifier.chance().max(CODE_CHANCE_MIN),
        },
        _ => FORM_CHANCE,
    }
}

/// What a value says about a semantic.
pub(super) fn verdict(semantic: Semantic, value: &str) -> Verdict {
    match semantic {
        Semantic::Identifier(identifier) => identifier_verdict(identifier, value),
        Semantic::PersonName => person_name(value),
        Semantic::Date => among_all(types::is_date(value)),
        Semantic::Time => among_all(types::is_timestamp(value)),
        Semantic::Sex => among_all(matches!(
            value,
            "男" | "女" | "男性" | "女性" | "male" | "female" | "Male" | "Female" | "M" | "F"
        )),
        Semantic::Nation => among_all(is_nation(value)),
        Semantic::Region => region_code(value),
        Semantic::Address => among_all(is_address(value)),
        _ => Verdict::Outside,
    }
}

const fn among_all(valid: bool) -> Verdict {
    if valid {
        Verdict::Valid
    } else {
        Verdict::Invalid
    }
}

const fn among(shaped: bool, valid: bool) -> Verdict {
    match (shaped, valid) {
        (_, true) => Verdict::Valid,
        (true, false) => Verdict::Invalid,
        (false, false) => Verdict::Outside,
    }
}

fn identifier_verdict(identifier: Identifier, value: &str) -> Verdict {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    match basis(Semantic::Identifier(identifier)) {
        // Twelve digits are a hardware address to its own rules, and a number to everyone else.
        Basis::Form => among_all(!digits && identifier.validate(value).is_ok()),
        Basis::Length => among(digits, digits && identifier.validate(value).is_ok()),
        // Every maker's code has letters; seventeen digits are mostly a point in time.
        _ if identifier == Identifier::Vin && digits => Verdict::Outside,
        _ if identifier.validate(value).is_ok() => Verdict::Valid,
        _ => among(identifier.shape(value), false),
    }
}

/// Names in Arabic script, transliterations with `·`, and Han names by their surname.
fn person_name(value: &str) -> Verdict {
    const ARABIC_WORDS_MAX: usize = 4;
    let arabic =
        |c: char| ('\u{600}'..='\u{6FF}').contains(&c) || ('\u{FB50}'..='\u{FEFC}').contains(&c);
    let joined = |c: char| c.is_whitespace() || c == '\u{200C}' || c == '·';
    if value.chars().any(arabic) && value.chars().all(|c| arabic(c) || joined(c)) {
        let words = value.split_whitespace().count();
        return among(true, words <= ARABIC_WORDS_MAX);
    }
    let parts: Vec<&str> = value.split(['·', '•', '・', '\u{2027}']).collect();
    if parts.len() > 1 {
        let part =
            |part: &&str| (1..=8).contains(&part.chars().count()) && part.chars().all(is_han);
        return among(true, parts.iter().all(part));
    }
    match surname(value) {
        Some(surname) if value.chars().count() <= 4 => among(true, is_common_surname(surname)),
        _ => Verdict::Outside,
    }
}

/// The 56 nations of GB/T 3304-1991 without 族, and the two words for those who are of none.
const NATIONS: [&str; 58] = [
    "仡佬",
    "仫佬",
    "佤",
    "侗",
    "俄罗斯",
    "保安",
    "傈僳",
    "傣",
    "其他",
    "哈尼",
    "哈萨克",
    "回",
    "土",
    "土家",
    "基诺",
    "塔吉克",
    "塔塔尔",
    "壮",
    "外国血统",
    "布依",
    "布朗",
    "彝",
    "德昂",
    "怒",
    "拉祜",
    "撒拉",
    "景颇",
    "普米",
    "朝鲜",
    "柯尔克孜",
    "毛南",
    "水",
    "汉",
    "满",
    "独龙",
    "珞巴",
    "瑶",
    "畲",
    "白",
    "纳西",
    "维吾尔",
    "羌",
    "苗",
    "蒙古",
    "藏",
    "裕固",
    "赫哲",
    "达斡尔",
    "鄂伦春",
    "鄂温克",
    "锡伯",
    "门巴",
    "阿昌",
    "高山",
    "黎",
    "东乡",
    "乌孜别克",
    "京",
];

fn is_nation(value: &str) -> bool {
    let name = value.strip_suffix('族').unwrap_or(value);
    // Words of one character mean a nation only with 族 behind them, but for the two that every register shortens.
    let short = name.chars().count() == 1 && !value.ends_with('族') && !matches!(name, "汉" | "回");
    !short
        && value.ends_with(|c| c == '族' || is_han(c))
        && NATIONS.contains(&name)
        && name != "其他"
}

/// A code of 6, 9 or 12 digits that begins with a county, prefecture or province of GB/T 2260.
fn region_code(value: &str) -> Verdict {
    const LENGTHS: [usize; 3] = [6, 9, 12];
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let shaped = digits && LENGTHS.contains(&value.len());
    let code = value.get(..6).and_then(|code| code.parse().ok());
    among(shaped, shaped && code.and_then(region::get).is_some())
}

/// Two signs of places at least, in a text that is longer than a name.
fn is_address(value: &str) -> bool {
    const SIGNS: [char; 17] = [
        '省', '市', '州', '县', '区', '旗', '乡', '镇', '村', '路', '街', '巷', '组', '号', '栋',
        '楼', '室',
    ];
    const CHARACTERS_MIN: usize = 6;
    value.chars().count() >= CHARACTERS_MIN
        && value.chars().any(is_han)
        && SIGNS.iter().filter(|sign| value.contains(**sign)).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recogniser_has_its_place() {
        for (at, semantic) in RECOGNISED.iter().enumerate() {
            assert_eq!(
                RECOGNISED.iter().position(|other| other == semantic),
                Some(at)
            );
            assert!((0.0..1.0).contains(&chance(*semantic)), "{semantic:?}");
        }
    }

    #[test]
    fn values_and_what_they_say() {
        use Verdict::{Invalid, Outside, Valid};
        let check = |semantic, value: &str, expect| {
            assert_eq!(verdict(semantic, value), expect, "{semantic:?} {value}");
        };
        let identifier = Semantic::Identifier;
        check(
            identifier(Identifier::ResidentId),
            "11010519491231002X",
            Valid,
        );
        check(
            identifier(Identifier::ResidentId),
            "110105194912310021",
            Invalid,
        );
        check(identifier(Identifier::ResidentId), "不详", Outside);
        check(identifier(Identifier::Mac), "001122334455", Invalid);
        check(identifier(Identifier::Mac), "00:11:22:AA:BB:CC", Valid);
        check(identifier(Identifier::TaiwanPermit), "01234567", Valid);
        check(identifier(Identifier::TaiwanPermit), "012345678", Invalid);
        check(identifier(Identifier::TaiwanPermit), "1949-12-31", Outside);
        check(identifier(Identifier::Vin), "20260201103015123", Outside);
        for name in ["王伟", "欧阳娜娜", "مەريەم تۇرسۇن", "迪丽努尔·阿卜杜拉"]
        {
            check(Semantic::PersonName, name, Valid);
        }
        check(Semantic::PersonName, "待审核", Invalid);
        check(Semantic::PersonName, "本人拒绝提供", Outside);
        for nation in ["汉", "汉族", "维吾尔族", "维吾尔", "京族", "乌孜别克族"] {
            check(Semantic::Nation, nation, Valid);
        }
        for other in ["京", "水", "民族", "其他", ""] {
            check(Semantic::Nation, other, Invalid);
        }
        check(Semantic::Address, "新疆乌鲁木齐市天山区人民路12号", Valid);
        check(Semantic::Address, "电话未接通，待联系", Invalid);
        check(Semantic::Sex, "男", Valid);
        check(Semantic::Date, "19491231", Valid);
    }
}
