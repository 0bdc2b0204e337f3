//! MAC addresses: the maker's 24 bits kept, the other 24 encrypted. Addresses of groups are outside; a marked address is
//! one, since its lowest bit of the first byte is set, and no interface has it for its own (IEEE 802, 8.2.2).

use super::{
    Numbering,
    numerals::{self, Characters},
    split::Split,
    unknown,
};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: "karez/mac/v1;3 bytes kept;3 bytes",
    sizes: &[1 << 24],
    split,
    join,
    mark: |mac, out| flip_group_bit(mac, out),
    unmark: |marked, out| is_group(marked).then(|| flip_group_bit(marked, out)),
    kept: (
        "the maker of the interface (the first 24 bits)",
        "网卡制造商（前 24 位）",
    ),
    somebodys: || {
        unknown(
            "every address of a maker's block may be an interface's",
            "制造商号段内的地址可能已全部使用",
        )
    },
};

/// Hexadecimal digits.
static HEXADECIMAL: Characters = Characters::new(b"0123456789ABCDEF");
/// Characters of three bytes with the colons between them.
const HALF: usize = 8;

fn split(mac: &str) -> Option<Split> {
    let (maker, rest) = mac.split_at_checked(HALF)?;
    let digits = rest.replace(':', "");
    Split::new(&[maker], 0, numerals::read(&digits, &HEXADECIMAL)?)
}

fn join(split: &Split, out: &mut String) {
    out.push_str(split.carried.as_str());
    for shift in [16, 8, 0] {
        out.push(':');
        numerals::write(split.rank >> shift & 0xFF, 2, &HEXADECIMAL, out);
    }
}

/// Whether the lowest bit of the first byte is set.
fn is_group(mac: &str) -> bool {
    let byte = mac
        .get(..2)
        .and_then(|byte| numerals::read(byte, &HEXADECIMAL));
    byte.is_some_and(|byte| byte & 1 == 1)
}

fn flip_group_bit(mac: &str, out: &mut String) {
    let (byte, rest) = mac.split_at_checked(2).unwrap_or((mac, ""));
    let byte = numerals::read(byte, &HEXADECIMAL).unwrap_or(0);
    numerals::write(byte ^ 1, 2, &HEXADECIMAL, out);
    out.push_str(rest);
}
