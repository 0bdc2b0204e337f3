//! Sets of units.

use std::fmt;

/// Units that may not be in a sample, asked for once per row.
///
/// Debug prints how many there are and never which.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UnitSet {
    sorted: Vec<u64>,
}

impl UnitSet {
    /// True if the unit is in the set.
    #[must_use]
    pub fn contains(&self, unit: u64) -> bool {
        self.sorted.binary_search(&unit).is_ok()
    }

    /// How many units are in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// True if no unit is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The units, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.sorted.iter().copied()
    }
}

impl FromIterator<u64> for UnitSet {
    fn from_iter<I: IntoIterator<Item = u64>>(units: I) -> Self {
        let mut sorted: Vec<u64> = units.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self { sorted }
    }
}

impl fmt::Debug for UnitSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnitSet({} units)", self.sorted.len())
    }
}

#[cfg(test)]
mod tests {
    //! Set behaviour and what Debug prints.

    use super::*;

    #[test]
    fn holds_each_unit_once() {
        let set: UnitSet = [5, 1, 5, u64::MAX].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [1, 5, u64::MAX]);
        assert!(set.contains(5) && !set.contains(2));
        assert_eq!(format!("{set:?}"), "UnitSet(3 units)");
    }
}
