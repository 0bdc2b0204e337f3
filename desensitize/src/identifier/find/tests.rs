//! Free text: mixed scripts, adjacent digits, full-width characters, and numbers that are no identifiers.

use proptest::prelude::*;

use super::*;
use crate::identifier::tests::{VALID, any_text};

fn check(text: &str, expect: &[(Identifier, &str)]) {
    let found: Vec<_> = find(text)
        .into_iter()
        .map(|found| (found.identifier, text[found.range].to_owned()))
        .collect();
    let expect: Vec<_> = expect
        .iter()
        .map(|(identifier, text)| (*identifier, (*text).to_owned()))
        .collect();
    assert_eq!(found, expect, "{text}");
}

#[test]
fn identifiers_in_chinese_sentences() {
    use Identifier::*;
    check(
        "患者李明，身份证11010519491231002x，电话13912345678。",
        &[(ResidentId, "11010519491231002x"), (Mobile, "13912345678")],
    );
    check(
        "车牌新A·12345与粤BD12345，港牌粤Z1234港",
        &[
            (Plate, "新A·12345"),
            (Plate, "粤BD12345"),
            (Plate, "粤Z1234港"),
        ],
    );
    check(
        "统一代码：９１４４０３００MA5H8REU3K，机构MA5H8REU-3",
        &[
            (CreditCode, "９１４４０３００MA5H8REU3K"),
            (OrganisationCode, "MA5H8REU-3"),
        ],
    );
    check(
        "卡号4111 1111 1111 1111开户",
        &[(BankCard, "4111 1111 1111 1111")],
    );
    check(
        "tel13912345678、+86 139-1234-5678",
        &[(Mobile, "13912345678"), (Mobile, "+86 139-1234-5678")],
    );
    check(
        "电话(0991)2345678，传真０９９１－２３４５６７９-801",
        &[
            (Landline, "(0991)2345678"),
            (Landline, "０９９１－２３４５６７９-801"),
        ],
    );
    check(
        "护照E12345678，回乡证H1234567801",
        &[
            (Passport, "E12345678"),
            (HongKongMacaoPermit, "H1234567801"),
        ],
    );
    check(
        "车架号1M8GDM9AXKP042788；IMEI 490154203237518",
        &[(Vin, "1M8GDM9AXKP042788"), (Imei, "490154203237518")],
    );
    check(
        "邮箱：zhang.san@example.com.cn. 主机203.0.113.7，2001:db8::7，网卡00:1B:63:84:45:E6/00-1B-63-84-45-E6",
        &[
            (Email, "zhang.san@example.com.cn"),
            (Ip, "203.0.113.7"),
            (Ip, "2001:db8::7"),
            (Mac, "00:1B:63:84:45:E6"),
            (Mac, "00-1B-63-84-45-E6"),
        ],
    );
    check(
        "坐标43.825592, 87.616848处",
        &[(Gps, "43.825592, 87.616848")],
    );
    check("ئايگۈل 13912345678 تېلېفون", &[(Mobile, "13912345678")]);
}

#[test]
fn names_prove_what_a_shape_does_not() {
    use Identifier::*;
    check("台胞证号12345678", &[(TaiwanPermit, "12345678")]);
    check("单号12345678", &[]);
    check("邮编830000", &[(Postcode, "830000")]);
    check("共830000元", &[]);
    check("组织机构代码MA5H8REU3", &[(OrganisationCode, "MA5H8REU3")]);
    check("编号MA5H8REU3", &[]);
    check(
        "纳税人识别号440300MA5H8REU3",
        &[(TaxNumber, "440300MA5H8REU3")],
    );
    check("批次440300MA5H8REU3", &[]);
}

#[test]
fn numbers_that_are_no_identifiers() {
    // Passes the Luhn check and has no issuer; the date of an order stands in front.
    assert_eq!(Identifier::BankCard.validate("2026112300000014"), Ok(()));
    for text in [
        "订单2026112300000014",
        "订单2026112300000019",
        "1391234567812345678",
        "013912345678901",
        "12:34:56",
        "std::vector",
        "2026-11-23 12:34:56",
        "版本1.2.3",
        "",
        "@",
        "::",
        "1.5, 2.5",
        "新A",
        "a@b",
        "550e8400-e29b-41d4-a716-446655440000",
    ] {
        check(text, &[]);
    }
}

#[test]
fn no_order_number_is_a_bank_card_for_its_check_digit_alone() {
    // Sixteen digits: a date of this decade and a running number, every check digit.
    let numbers =
        (0..20_000u64).map(|n| format!("{}{:08}", 20_200_101 + n % 1_200, n * 7_919 % 100_000_000));
    let lucky: Vec<String> = numbers
        .filter(|number| Identifier::BankCard.validate(number).is_ok())
        .collect();
    assert!(lucky.len() > 1_500, "{}", lucky.len());
    assert!(lucky.iter().all(|number| find(number).is_empty()));
}

/// Identifiers that free text finds without a name beside them.
fn unnamed() -> impl Strategy<Value = (Identifier, &'static str)> {
    let needs_name = |identifier: &Identifier, text: &str| match identifier {
        Identifier::TaiwanPermit | Identifier::Postcode | Identifier::OrganisationCode => true,
        Identifier::TaxNumber => text.len() < 20,
        Identifier::Passport => text.starts_with('1'),
        Identifier::Imei => text.starts_with("49"),
        Identifier::Vin => text.starts_with("11"),
        _ => false,
    };
    let found: Vec<_> = VALID
        .iter()
        .copied()
        .filter(|(identifier, text)| !needs_name(identifier, text))
        .collect();
    prop::sample::select(found)
}

fn widen(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '!'..='~' => char::from_u32(u32::from(character) + 0xFEE0).unwrap(),
            other => other,
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn what_stands_between_han_is_found_whole(
        (identifier, number) in unnamed(), before in "[\\x{4e00}-\\x{9fff}，。]{0,6}", after in "[，。；的和]{1,3}", wide: bool,
    ) {
        // A sign of a province before a number would be a plate's.
        prop_assume!(!before.chars().any(crate::identifier::province::is_sign));
        let number = if wide { widen(number) } else { number.to_owned() };
        let text = format!("{before}{number}{after}");
        prop_assert_eq!(find(&text), vec![Found { identifier, range: before.len()..before.len() + number.len() }]);
    }

    #[test]
    fn a_digit_more_on_either_side_hides_a_number(
        (_, number) in unnamed().prop_filter("digits", |(_, number)| number.bytes().all(|byte| byte.is_ascii_digit())),
        digit in 0u8..10,
    ) {
        for text in [format!("{digit}{number}"), format!("{number}{digit}")] {
            let whole = 0..text.len();
            prop_assert!(find(&text).iter().all(|found| found.range == whole), "a part of a longer number");
        }
    }

    #[test]
    fn what_is_not_searched_holds_nothing(text in "[a-gA-GX.\\-: @·•é一新京粤挂]{0,24}") {
        prop_assert_eq!(find(&text), search(&text));
    }

    #[test]
    fn any_text_is_scanned(text in any_text()) {
        let mut end = 0;
        for found in find(&text) {
            prop_assert!(end <= found.range.start && found.range.start < found.range.end);
            end = found.range.end;
            let written = text.get(found.range).unwrap();
            let bare = written.trim_start_matches(['+', '＋', '(', '（']);
            prop_assert!(found.identifier.validate(written).is_ok() || found.identifier.validate(bare).is_ok());
        }
    }
}
