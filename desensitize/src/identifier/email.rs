//! E-mail address (RFC 5321): a local part of dot-separated atoms and a domain of at least two labels, in ASCII.
//!
//! Quoted local parts, comments and addresses in other scripts (RFC 6531) are not accepted. Letter case is folded in
//! the local part too: no provider in use tells mailboxes apart by it.

use super::{Rules, judged, spelling};
use crate::Phrase;

pub(super) const RULES: Rules = Rules {
    id: "email",
    en: "e-mail address",
    zh: "电子邮箱",
    expected: Phrase::new("an e-mail address", "电子邮箱地址"),
    read,
    judge: |_| judged(true, true),
    mask,
    kept: (
        "the first letter, and the domain of a large provider or else only its public suffix",
        "首字母，以及大型邮箱服务商的域名（其他域名仅保留公共后缀）",
    ),
    chance: 1.0,
    domain: Some("email"),
};

/// Characters of an address (RFC 5321, 4.5.3.1.3).
pub(super) const CHARACTERS_MAX: usize = 254;
/// Characters of a local part (RFC 5321, 4.5.3.1.1).
pub(super) const LOCAL_MAX: usize = 64;
/// Characters of a label (RFC 1035, 2.3.4).
const LABEL_MAX: usize = 63;
/// Providers with so many mailboxes that the domain tells nothing of its user.
const PROVIDERS: [&str; 19] = [
    "qq.com",
    "163.com",
    "126.com",
    "yeah.net",
    "vip.qq.com",
    "foxmail.com",
    "sina.com",
    "sina.cn",
    "sohu.com",
    "139.com",
    "189.cn",
    "wo.cn",
    "aliyun.com",
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "icloud.com",
    "yahoo.com",
];
/// Second labels under a country's domain that are part of the public suffix.
const SECOND_LEVEL: [&str; 8] = ["com", "net", "org", "gov", "edu", "ac", "mil", "co"];

fn read(text: &str, out: &mut String) -> bool {
    let from = out.len();
    for character in text.trim().chars().map(spelling::narrow) {
        if !is_part(character) && character != '@' || out.len() - from == CHARACTERS_MAX {
            return false;
        }
        out.push(character.to_ascii_lowercase());
    }
    out.get(from..)
        .and_then(|address| address.split_once('@'))
        .is_some_and(|(local, domain)| is_local(local) && is_domain(domain))
}

/// A character of an atom (RFC 5322, 3.2.3), or a dot.
pub(super) fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(character)
}

fn is_local(local: &str) -> bool {
    local.len() <= LOCAL_MAX && local.split('.').all(|atom| !atom.is_empty())
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=LABEL_MAX).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or("");
    domain.contains('.')
        && domain.split('.').all(label)
        && top.len() >= 2
        && (top.starts_with("xn--") || top.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

fn mask(address: &str, out: &mut String) {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    // A local part of one letter would stand there whole.
    spelling::first(local, usize::from(local.len() > 1), out);
    out.push('@');
    if PROVIDERS.contains(&domain) {
        out.push_str(domain);
    } else {
        spelling::hide(out);
        out.push('.');
        out.push_str(public_suffix(domain));
    }
}

/// The last label, or the last two of a country's commercial, academic or official domain.
fn public_suffix(domain: &str) -> &str {
    let mut labels = domain.rsplitn(3, '.');
    let (top, second) = (labels.next().unwrap_or(""), labels.next().unwrap_or(""));
    if top.len() == 2 && SECOND_LEVEL.contains(&second) && labels.next().is_some() {
        domain
            .get(domain.len() - top.len() - second.len() - 1..)
            .unwrap_or(top)
    } else {
        top
    }
}
