//! How many surrogates of a recipe may be somebody's real identifier?

use std::fmt;

use crate::Sentence;

/// The share of surrogates that may be a real identifier of somebody, and the figures it rests on.
///
/// Format-preserving surrogates of a kind that is issued to people hit issued ones by chance; a tester who sends
/// messages to them reaches strangers. The share rests on public figures, never on the data seen.
///
/// ```
/// use desensitize::{Fpe, FpeResidentId, Technique, resident_id::Kept};
///
/// let marked = Technique::Fpe(Fpe::ResidentId(FpeResidentId::marked(Kept::default())));
/// assert_eq!(marked.somebodys().map(|share| share.share), Some(0.0));
/// assert_eq!(Technique::Redact.somebodys(), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// This share of the surrogates, 0–1: at most, or on average.
    pub share: f64,
    /// Whether the share is an average over all numbers of the kind: the kept part may select numbers of which more are
    /// issued. Otherwise it is an upper bound.
    pub average: bool,
    /// Where the figure comes from.
    pub basis: Sentence,
}

impl Share {
    /// A share from a count of issued identifiers among as many possible surrogates; never above 1.
    #[must_use]
    pub fn of(issued: f64, surrogates: f64, basis: Sentence) -> Self {
        Self {
            share: (issued / surrogates.max(1.0)).clamp(0.0, 1.0),
            average: false,
            basis,
        }
    }

    /// The same where issued identifiers are counted over all kept parts together.
    #[must_use]
    pub fn on_average(issued: f64, surrogates: f64, basis: Sentence) -> Self {
        Self {
            average: true,
            ..Self::of(issued, surrogates, basis)
        }
    }

    /// No surrogate at all is anybody's.
    #[must_use]
    pub const fn none(basis: Sentence) -> Self {
        Self {
            share: 0.0,
            average: false,
            basis,
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.share == 0.0 {
            return f.write_str("none");
        }
        let bound = if self.average {
            "on average"
        } else {
            "at most"
        };
        write!(f, "{bound} {:.2} %", self.share * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_between_none_and_all() {
        let basis = || Sentence::new("counted", "计数");
        let check = |issued, surrogates, expect: &str| {
            assert_eq!(Share::of(issued, surrogates, basis()).to_string(), expect);
        };
        check(1.0, 100.0, "at most 1.00 %");
        check(5.0, 4.0, "at most 100.00 %");
        check(5.0, 0.0, "at most 100.00 %");
        check(0.0, 4.0, "none");
        let average = Share::on_average(1.0, 4.0, basis());
        assert_eq!(average.to_string(), "on average 25.00 %");
        assert_eq!(Share::none(basis()).share, 0.0);
    }
}
