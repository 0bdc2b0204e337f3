//! MAC address of an interface (IEEE 802, 48 bits): twelve hexadecimal digits, written `AA:BB:CC:DD:EE:FF`.
//!
//! Addresses of groups, broadcast among them, have the lowest bit of their first byte set and are no interface's own.

use super::{Flaw, Rules, judged, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "mac",
    en: "MAC address",
    zh: "MAC 地址",
    expected: Phrase::new("the MAC address of an interface", "单个网络接口的 MAC 地址"),
    read,
    judge,
    mask: |mac, out| spelling::first(mac, MAKER_CHARACTERS, out),
    kept: (
        "the maker of the interface (the first 24 bits)",
        "网卡制造商（前 24 位）",
    ),
    // One bit of the first byte.
    chance: 0.5,
    domain: Some("mac"),
};

/// Hexadecimal digits of an address.
const DIGITS: usize = 12;
/// Characters of the first three bytes and the colon behind them.
const MAKER_CHARACTERS: usize = 9;

fn read(text: &str, out: &mut String) -> bool {
    let mut digits = 0;
    let separators =
        |character: &char| !spelling::is_grouping(*character) && !matches!(character, ':' | '.');
    for character in text.chars().map(spelling::narrow).filter(separators) {
        if digits == DIGITS || !character.is_ascii_hexdigit() {
            return false;
        }
        if digits > 0 && digits % 2 == 0 {
            out.push(':');
        }
        out.push(character.to_ascii_uppercase());
        digits += 1;
    }
    digits == DIGITS
}

fn judge(mac: &str) -> Result<(), Flaw> {
    let low = mac.chars().nth(1).and_then(|digit| digit.to_digit(16));
    judged(low.is_some_and(|low| low % 2 == 0), true)
}
