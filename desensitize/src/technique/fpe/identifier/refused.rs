//! Kinds that are not encrypted: too few values beside what has to stay, or no numbering that keeps them of use.

use crate::{Identifier, Unsuitable, technique::Column};

/// Why a column of this kind is refused, and what to use.
pub(super) fn why(identifier: Identifier, column: &Column<'_>) -> Unsuitable {
    let small = |kept: &str, size: u64| Unsuitable::SmallDomain {
        column: column.name(),
        kept: kept.to_owned(),
        size,
        nearest: "nothing and use `token`".to_owned(),
    };
    match identifier {
        Identifier::Postcode => small("the province of a postcode", 10_000),
        Identifier::Ip => small("the network of an IP address (16 bits)", 1 << 16),
        Identifier::Email => column.parameter("does not encrypt e-mail addresses; use `token`"),
        Identifier::Gps => {
            column.parameter("does not encrypt coordinates; use `generalize` to a grid")
        }
        _ => column.parameter("of resident ids has a domain of its own; use `domain: resident-id`"),
    }
}
