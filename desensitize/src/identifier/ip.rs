//! IP address: four decimal numbers (version 4), or RFC 4291 text (version 6), written as RFC 5952 has it.

use crate::Phrase;
use std::{
    fmt::Write,
    net::{IpAddr, Ipv6Addr},
};

use super::{Rules, judged, spelling};

pub(super) const RULES: Rules = Rules {
    id: "ip",
    en: "IP address",
    zh: "IP 地址",
    expected: Phrase::new("an IP address", "IP 地址"),
    read,
    judge: |_| judged(true, true),
    mask,
    kept: (
        "the network: 16 bits of a version 4 address, 32 of a version 6 address",
        "所属网络：IPv4 前 16 位或 IPv6 前 32 位",
    ),
    chance: 1.0,
    domain: Some("ip"),
};

/// Characters of the longest spelling of an address.
const CHARACTERS_MAX: usize = 45;

fn read(text: &str, out: &mut String) -> bool {
    let narrowed: String = text
        .trim()
        .chars()
        .map(spelling::narrow)
        .take(CHARACTERS_MAX + 1)
        .collect();
    match narrowed.parse::<IpAddr>() {
        // An IPv4 address in its IPv6 spelling is the same host.
        Ok(address) => write!(out, "{}", address.to_canonical()).is_ok(),
        Err(_) => false,
    }
}

fn mask(address: &str, out: &mut String) {
    match address.parse() {
        Ok(IpAddr::V4(v4)) => {
            let [first, second, _, _] = v4.octets();
            // Writing to a String cannot fail.
            let _ = write!(out, "{first}.{second}.");
        }
        Ok(IpAddr::V6(v6)) => {
            let [first, second, ..] = Ipv6Addr::segments(&v6);
            let _ = write!(out, "{first:x}:{second:x}:");
        }
        Err(_) => {}
    }
    spelling::hide(out);
}
