//! How many groups were withheld, told so coarsely that one person does not move the answer.

use serde::{Deserialize, Serialize};

/// From this many withheld groups on the band is [`Band::TenTo99`]. None and few are one band on
/// purpose: "none" against "one" would say whether a chosen person is in the data.
pub const BAND_TEN: u64 = 10;

/// From this many withheld groups on the band is [`Band::HundredOrMore`].
pub const BAND_HUNDRED: u64 = 100;

/// How many groups were withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// None, or up to nine.
    UnderTen,
    /// Ten to ninety-nine.
    TenTo99,
    /// A hundred or more.
    HundredOrMore,
}

impl Band {
    /// The band of a number of groups.
    #[must_use]
    pub fn of(groups: u64) -> Self {
        if groups < BAND_TEN {
            Self::UnderTen
        } else if groups < BAND_HUNDRED {
            Self::TenTo99
        } else {
            Self::HundredOrMore
        }
    }

    /// The band in words, English and Chinese.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::UnderTen => ("fewer than 10, possibly none", "少于 10 个，可能为零"),
            Self::TenTo99 => ("10 to 99", "10 至 99 个"),
            Self::HundredOrMore => ("100 or more", "100 个或以上"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_change_at_the_documented_numbers_only() {
        let bands: Vec<Band> = [0, 1, 9, 10, 99, 100, u64::MAX].map(Band::of).to_vec();
        assert_eq!(
            bands,
            [
                Band::UnderTen,
                Band::UnderTen,
                Band::UnderTen,
                Band::TenTo99,
                Band::TenTo99,
                Band::HundredOrMore,
                Band::HundredOrMore
            ]
        );
    }
}
