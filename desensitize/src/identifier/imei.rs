//! International mobile equipment identity (3GPP TS 23.003, 6.2.1): type (8), serial (6), Luhn check digit.

use super::{Flaw, Rules, judged, luhn, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "imei",
    en: "mobile equipment identity",
    zh: "移动设备识别码",
    expected: Phrase::new(
        "a valid mobile equipment identity of 15 digits",
        "有效的 15 位移动设备识别码",
    ),
    read,
    judge,
    mask: |imei, out| spelling::first(imei, 2, out),
    kept: (
        "the body that numbered the device's type (the first two digits)",
        "型号的编码机构（前两位）",
    ),
    chance: 0.1,
    domain: Some("imei"),
};

/// Digits of an identity with its check digit.
const DIGITS: usize = 15;

fn read(text: &str, out: &mut String) -> bool {
    spelling::read(text, DIGITS, out, |imei| {
        imei.len() == DIGITS && spelling::digits(imei)
    })
}

fn judge(imei: &str) -> Result<(), Flaw> {
    judged(true, luhn::holds(imei.as_bytes()))
}
