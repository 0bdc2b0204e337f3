//! Organisation codes: eight characters encrypted, check character computed.

use super::{Numbering, organisation};

pub(super) const NUMBERING: Numbering = Numbering {
    definition: organisation::DEFINITION,
    sizes: organisation::SIZES,
    split: |code| organisation::split("", code),
    join: organisation::join,
    mark: organisation::mark,
    unmark: organisation::unmark,
    kept: ("nothing", "无"),
    somebodys: organisation::somebodys,
};
