//! Kinds that are not encrypted: too few values beside what has to stay, or no numbering that keeps them of use.

use crate::{
    Identifier, Unsuitable,
    phrase::said,
    technique::{Column, Sentence},
};

/// Why a column of this kind is refused, and what to use.
pub(super) fn why(identifier: Identifier, column: &Column<'_>) -> Unsuitable {
    let small = |kept: Sentence, size: u64| Unsuitable::SmallDomain {
        column: column.name(),
        kept: Box::new(kept),
        size,
        nearest: Box::new(Sentence::new(
            "nothing and use `token`",
            "零部分，并改用 `token`",
        )),
    };
    match identifier {
        Identifier::Postcode => small(
            Sentence::new("the province of a postcode", "邮政编码的省份"),
            10_000,
        ),
        Identifier::Ip => small(
            Sentence::new(
                "the network of an IP address (16 bits)",
                "IP 地址的网络部分（16 位）",
            ),
            1 << 16,
        ),
        Identifier::Email => column.parameter(said!(
            "does not encrypt e-mail addresses; use `token`",
            "不加密电子邮箱地址；请用 `token`"
        )),
        Identifier::Gps => column.parameter(said!(
            "does not encrypt coordinates; use `generalize` to a grid",
            "不加密坐标；请用 `generalize` 泛化到网格"
        )),
        _ => column.parameter(said!(
            "of resident ids has a domain of its own; use `domain: resident-id`",
            "对身份证号另有专用的域；请用 `domain: resident-id`"
        )),
    }
}
