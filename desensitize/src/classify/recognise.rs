//! Which values have the form of what, and how often would others have it by chance?
//!
//! Every recogniser has a *universe*, the values that count as trials, and a *chance*, the share of them that would be
//! valid if the column held something else. For codes with check characters the universe is the values of their shape;
//! for forms that hardly anything else has, every value. Some semantics have two recognisers, one per way of writing.

use super::semantic::Semantic;
use super::surnames::is_common_surname;
use super::types;
use crate::Identifier;
use crate::identifier::{area_length, bank_card};
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
/// Of random digits in the length of a landline number, one in ten begins with 0, and the rules admit these of them.
const LANDLINE_CHANCE: f64 = 0.061;
/// Digits that a subscriber's number may begin with, of ten.
const SUBSCRIBER_CHANCE: f64 = 0.7;
/// Of random bytes half have the group bit 0, as the first of an interface's address has.
const BARE_MAC_CHANCE: f64 = 0.5;
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

/// What a recogniser goes by, where a semantic has more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The semantic's own rules.
    Rules,
    /// Luhn among numbers behind the prefix of a known issuer of cards: of these, too, one in ten passes by chance.
    Issuer,
    /// A spelling with separators that hardly any other code has.
    Separators,
    /// Characters alone, which other codes have too.
    Bare,
    /// The subscriber's first digit behind a valid area code: tells landline numbers from codes of an office.
    Subscriber,
}

/// One way to tell a semantic by values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recogniser {
    pub(super) semantic: Semantic,
    pub(super) by: By,
}

const fn of(semantic: Semantic, by: By) -> Recogniser {
    Recogniser { semantic, by }
}

const fn identifier(identifier: Identifier, by: By) -> Recogniser {
    of(Semantic::Identifier(identifier), by)
}

/// All recognisers, in the order in which columns keep their counts; of equal ones the earlier is preferred.
pub(super) const RECOGNISED: [Recogniser; 29] = [
    identifier(Identifier::ResidentId, By::Rules),
    identifier(Identifier::CreditCode, By::Rules),
    identifier(Identifier::OrganisationCode, By::Rules),
    identifier(Identifier::TaxNumber, By::Rules),
    identifier(Identifier::BankCard, By::Rules),
    identifier(Identifier::Mobile, By::Rules),
    identifier(Identifier::Landline, By::Separators),
    identifier(Identifier::Plate, By::Rules),
    identifier(Identifier::Passport, By::Rules),
    identifier(Identifier::HongKongMacaoPermit, By::Rules),
    identifier(Identifier::TaiwanPermit, By::Rules),
    identifier(Identifier::Vin, By::Rules),
    identifier(Identifier::Imei, By::Rules),
    identifier(Identifier::Postcode, By::Rules),
    identifier(Identifier::Email, By::Rules),
    identifier(Identifier::Ip, By::Rules),
    identifier(Identifier::Mac, By::Separators),
    identifier(Identifier::Gps, By::Rules),
    of(Semantic::PersonName, By::Rules),
    of(Semantic::Date, By::Rules),
    of(Semantic::Time, By::Rules),
    of(Semantic::Sex, By::Rules),
    of(Semantic::Nation, By::Rules),
    of(Semantic::Address, By::Rules),
    of(Semantic::Region, By::Rules),
    identifier(Identifier::BankCard, By::Issuer),
    identifier(Identifier::Landline, By::Bare),
    identifier(Identifier::Landline, By::Subscriber),
    identifier(Identifier::Mac, By::Bare),
];

impl Recogniser {
    /// How its finding is to be read.
    pub(super) const fn basis(self) -> Basis {
        use Identifier::{
            Email, Gps, HongKongMacaoPermit, Ip, Landline, Mac, Mobile, Passport, Plate, Postcode,
            TaiwanPermit,
        };
        match (self.semantic, self.by) {
            (Semantic::Identifier(Landline | Mac), By::Separators) => Basis::Form,
            (Semantic::Identifier(TaiwanPermit), _) => Basis::Length,
            (
                Semantic::Identifier(
                    Mobile | Landline | Mac | Postcode | Passport | HongKongMacaoPermit,
                ),
                _,
            ) => Basis::Range,
            (
                Semantic::Identifier(Email | Ip | Gps | Plate) | Semantic::Date | Semantic::Time,
                _,
            ) => Basis::Form,
            (Semantic::Identifier(_) | Semantic::Region, _) => Basis::Check,
            _ => Basis::Words,
        }
    }

    /// The share of trials that would be valid by chance.
    pub(super) fn chance(self) -> f64 {
        match (self.semantic, self.by) {
            (Semantic::PersonName, _) => NAME_CHANCE,
            (Semantic::Region, _) => REGION_CHANCE,
            (Semantic::Identifier(Identifier::BankCard), _) => LUHN_CHANCE,
            (Semantic::Identifier(Identifier::Landline), By::Bare) => LANDLINE_CHANCE,
            (Semantic::Identifier(Identifier::Landline), By::Subscriber) => SUBSCRIBER_CHANCE,
            (Semantic::Identifier(Identifier::Mac), By::Bare) => BARE_MAC_CHANCE,
            (Semantic::Identifier(identifier), _) => match self.basis() {
                Basis::Form => FORM_CHANCE,
                Basis::Length => LENGTH_CHANCE,
                _ => identifier.chance().max(CODE_CHANCE_MIN),
            },
            _ => FORM_CHANCE,
        }
    }

    /// Whether each distinct value is one trial however often it stands there: one number in a hundred rows is no more
    /// surprising than in one. Words and forms are counted by cells, since a category has few of them.
    pub(super) const fn counts_once(self) -> bool {
        match self.semantic {
            Semantic::PersonName | Semantic::Address => true,
            Semantic::Identifier(_) => !matches!(self.basis(), Basis::Form),
            _ => false,
        }
    }

    /// What a value says.
    pub(super) fn verdict(self, value: &str) -> Verdict {
        match self.semantic {
            Semantic::Identifier(identifier) => identifier_verdict(identifier, self.by, value),
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

fn identifier_verdict(identifier: Identifier, by: By, value: &str) -> Verdict {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let valid = || identifier.validate(value).is_ok();
    match (by, of(Semantic::Identifier(identifier), by).basis()) {
        (By::Separators, _) => among_all(has_separator(value) && valid()),
        (By::Issuer, _) => {
            let issued = digits && bank_card::issuer(value).is_some();
            among(issued, issued && valid())
        }
        (By::Bare, _) if identifier == Identifier::Landline => among(
            digits && LANDLINE_DIGITS.contains(&value.len()),
            digits && valid(),
        ),
        (By::Bare, _) => bare_mac(value, digits),
        (By::Subscriber, _) => subscriber(value, digits),
        (By::Rules, Basis::Form) => among_all(!digits && valid()),
        (By::Rules, Basis::Length) => among(digits, digits && valid()),
        // Fifteen digits that pass Luhn are equipment identities, but behind the prefix of an issuer.
        _ if identifier == Identifier::BankCard && value.len() == IMEI_DIGITS => Verdict::Outside,
        // Every maker's code has letters; seventeen digits are mostly a point in time.
        _ if identifier == Identifier::Vin && digits => Verdict::Outside,
        _ if valid() => Verdict::Valid,
        _ => among(identifier.shape(value), false),
    }
}

/// Digits of an equipment identity.
const IMEI_DIGITS: usize = 15;
/// Digits of area code and subscriber.
const LANDLINE_DIGITS: std::ops::RangeInclusive<usize> = 11..=12;

/// Whether something stands between the first and the last character that is neither letter nor digit.
fn has_separator(value: &str) -> bool {
    value.contains(|c: char| !c.is_alphanumeric())
}

/// Twelve hexadecimal characters; without a letter they are a number to everyone.
fn bare_mac(value: &str, digits: bool) -> Verdict {
    const CHARACTERS: usize = 12;
    let hex = value.len() == CHARACTERS && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    among(
        hex && !digits,
        hex && !digits && Identifier::Mac.validate(value).is_ok(),
    )
}

/// Of numbers behind a valid area code: whether a subscriber's number begins there.
fn subscriber(value: &str, digits: bool) -> Verdict {
    let shaped = digits && LANDLINE_DIGITS.contains(&value.len());
    let split = value
        .split_at_checked(area_length(value))
        .filter(|_| shaped);
    let Some((area, rest)) = split else {
        return Verdict::Outside;
    };
    let first_valid = [area, "2", rest.get(1..).unwrap_or_default()].concat();
    among(
        Identifier::Landline.validate(&first_valid).is_ok(),
        Identifier::Landline.validate(value).is_ok(),
    )
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
    fn every_recogniser_stands_once_and_every_identifier_has_one() {
        for (at, recogniser) in RECOGNISED.iter().enumerate() {
            assert_eq!(
                RECOGNISED.iter().position(|other| other == recogniser),
                Some(at)
            );
            assert!((0.0..1.0).contains(&recogniser.chance()), "{recogniser:?}");
        }
        for own in Identifier::ALL {
            let mut all = RECOGNISED.iter();
            assert!(
                all.any(|recogniser| recogniser.semantic == Semantic::Identifier(own)),
                "{own}"
            );
        }
    }

    #[test]
    fn values_and_what_they_say() {
        use By::{Bare, Issuer, Rules, Separators, Subscriber};
        use Identifier::{BankCard, Landline, Mac, ResidentId, TaiwanPermit, Vin};
        use Verdict::{Invalid, Outside, Valid};
        let by = |own, by, value: &str, expect| {
            let found = identifier(own, by).verdict(value);
            assert_eq!(found, expect, "{own} {by:?} {value}");
        };
        by(ResidentId, Rules, "11010519491231002X", Valid);
        by(ResidentId, Rules, "110105194912310021", Invalid);
        by(ResidentId, Rules, "不详", Outside);
        by(Mac, Separators, "001122334455", Invalid);
        by(Mac, Separators, "00:11:22:AA:BB:CC", Valid);
        by(Mac, Separators, "001122AABBCC", Invalid);
        by(Mac, Bare, "001122AABBCC", Valid);
        by(Mac, Bare, "011122AABBCC", Invalid);
        by(Mac, Bare, "001122334455", Outside);
        by(TaiwanPermit, Rules, "01234567", Valid);
        by(TaiwanPermit, Rules, "012345678", Invalid);
        by(TaiwanPermit, Rules, "1949-12-31", Outside);
        by(Vin, Rules, "20260201103015123", Outside);
        by(Landline, Separators, "0991-2345678", Valid);
        by(Landline, Separators, "09912345678", Invalid);
        by(Landline, Bare, "09912345678", Valid);
        by(Landline, Bare, "13912345678", Invalid);
        by(Landline, Bare, "0991-2345678", Outside);
        by(Landline, Subscriber, "09919345678", Invalid);
        by(Landline, Subscriber, "00912345678", Outside);
        by(BankCard, Issuer, "6222021234567890128", Valid);
        by(BankCard, Issuer, "6222021234567890123", Invalid);
        by(BankCard, Issuer, "1234567812345670", Outside);
        by(BankCard, Rules, "1234567812345670", Valid);
        let check = |semantic, value: &str, expect| {
            assert_eq!(
                of(semantic, Rules).verdict(value),
                expect,
                "{semantic:?} {value}"
            );
        };
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
