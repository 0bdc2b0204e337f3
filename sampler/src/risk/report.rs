//! The figures of a risk report.

use std::collections::BTreeMap;

use serde::Serialize;

/// Most lines of a class-size distribution; the smallest sizes come first, since they matter.
pub const DISTRIBUTION_MAX: usize = 100;

/// What was measured, published with the sample as JSON. Shares lie between 0 and 1.
///
/// Privacy: the report holds sizes of classes and counts of units, never a value or a unit. Its
/// reader learns how many people are rare, not who.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskReport {
    /// Classes of the full population.
    pub population: ClassSizes,
    /// The sample as drawn.
    pub before: SampleRisk,
    /// The sample as released, after suppression; nothing if the gate refused it.
    pub after: Option<SampleRisk>,
    /// Units taken out, or that would have had to be.
    pub suppressed: Suppression,
    /// Rows of all tables whose unit is null or could not be read: they are never released.
    pub rows_without_unit: u64,
}

/// Units in classes that are too small, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// Because of `k_map`, in the population.
    pub k_map: u64,
    /// Because of `k`, among the units of the sample that `k_map` left; 0 if `k_map` alone takes
    /// more than may go.
    pub k: u64,
}

/// How many units share their class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClassSizes {
    /// Distinct units.
    pub units: u64,
    /// Classes.
    pub classes: u64,
    /// Units alone in their class.
    pub uniques: u64,
    /// Units in the smallest class; nothing if there are no units.
    pub smallest: Option<u64>,
    /// Classes of each size, smallest size first, at most [`DISTRIBUTION_MAX`] lines.
    pub distribution: Vec<SizeCount>,
    /// Classes that the distribution has no line for, all larger than its last line.
    pub classes_above: u64,
}

/// One line of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SizeCount {
    /// Units per class.
    pub size: u64,
    /// Classes of that size.
    pub classes: u64,
    /// Units in them.
    pub units: u64,
}

/// The three attackers of the literature, over the units of one sample.
///
/// Source: K. El Emam, Guide to the De-Identification of Personal Health Information (2013), ch. 16;
/// the same figures as ARX prints. With f the size of a class in the sample, F its size in the
/// population, n the units of the sample and J its classes. After suppression, the figures on the
/// population are over the units that `k_map` left.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleRisk {
    /// Classes of the sample.
    pub classes: ClassSizes,
    /// The smallest population class with a unit of the sample; nothing if the sample is empty.
    pub k_map: Option<u64>,
    /// Who knows that his target is in the sample: 1/f.
    pub prosecutor: UnitRisk,
    /// Who does not know it: 1/F.
    pub journalist: UnitRisk,
    /// Who links as many units as he can.
    pub marketer: Marketer,
}

/// Chance of naming one unit of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct UnitRisk {
    /// Averaged over the sample: J/n for the prosecutor, max(J/ΣF, Σ(f/F)/n) for the journalist.
    pub average: f64,
    /// In the smallest class.
    pub maximum: f64,
}

/// Expected share of the sample's units that are named rightly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Marketer {
    /// Linking with a list of exactly the units of the sample: J/n.
    pub sample: f64,
    /// Linking with a list of the whole population: Σ(f/F)/n.
    pub population: f64,
}

impl SampleRisk {
    /// Figures from the sample's own classes and from the population's.
    pub(super) fn new(sample: &Sizes, population: &Sizes) -> Self {
        let classes = sample.summary();
        let average = ratio(classes.classes, classes.units);
        let k_map = population.drawn().map(|(size, _)| size).next();
        let linked = population.linked();
        Self {
            k_map,
            prosecutor: UnitRisk {
                average,
                maximum: one_in(classes.smallest),
            },
            journalist: UnitRisk {
                average: population.drawn_classes_per_unit().max(linked),
                maximum: one_in(k_map),
            },
            marketer: Marketer {
                sample: average,
                population: linked,
            },
            classes,
        }
    }
}

/// Classes by size; as many entries as there are different sizes, under √(2·units).
#[derive(Debug, Clone, Default)]
pub(super) struct Sizes {
    by_size: BTreeMap<u64, OfSize>,
}

/// All classes of one size.
#[derive(Debug, Clone, Copy, Default)]
struct OfSize {
    classes: u64,
    drawn_classes: u64,
    drawn_units: u64,
}

impl Sizes {
    /// Adds a class of `size` units, of which `drawn` are in the sample.
    pub(super) fn add(&mut self, size: u64, drawn: u64) {
        let entry = self.by_size.entry(size).or_default();
        entry.classes += 1;
        entry.drawn_classes += u64::from(drawn > 0);
        entry.drawn_units += drawn;
    }

    /// Only the classes of at least `floor` units.
    pub(super) fn at_least(&self, floor: u64) -> Self {
        Self {
            by_size: self
                .by_size
                .range(floor..)
                .map(|(&size, &of)| (size, of))
                .collect(),
        }
    }

    pub(super) fn summary(&self) -> ClassSizes {
        let line = |(&size, of): (&u64, &OfSize)| SizeCount {
            size,
            classes: of.classes,
            units: size * of.classes,
        };
        let classes = self.by_size.values().map(|of| of.classes).sum();
        let distribution: Vec<_> = self
            .by_size
            .iter()
            .take(DISTRIBUTION_MAX)
            .map(line)
            .collect();
        ClassSizes {
            units: self
                .by_size
                .iter()
                .map(|(size, of)| size * of.classes)
                .sum(),
            classes,
            uniques: self.by_size.get(&1).map_or(0, |of| of.classes),
            smallest: self.by_size.keys().next().copied(),
            classes_above: classes - distribution.iter().map(|line| line.classes).sum::<u64>(),
            distribution,
        }
    }

    /// Sizes of classes with a drawn unit, smallest first.
    fn drawn(&self) -> impl Iterator<Item = (u64, OfSize)> + '_ {
        self.by_size
            .iter()
            .filter(|(_, of)| of.drawn_classes > 0)
            .map(|(&size, &of)| (size, of))
    }

    /// Σ(f/F)/n, summed by size so that the result does not depend on the order of classes.
    fn linked(&self) -> f64 {
        let units: u64 = self.drawn().map(|(_, of)| of.drawn_units).sum();
        let linked: f64 = self
            .drawn()
            .map(|(size, of)| ratio(of.drawn_units, size))
            .sum();
        if units == 0 {
            0.0
        } else {
            linked / units as f64
        }
    }

    /// J/ΣF over the classes with a drawn unit.
    fn drawn_classes_per_unit(&self) -> f64 {
        let classes = self.drawn().map(|(_, of)| of.drawn_classes).sum();
        ratio(
            classes,
            self.drawn().map(|(size, of)| size * of.drawn_classes).sum(),
        )
    }
}

fn one_in(size: Option<u64>) -> f64 {
    size.map_or(0.0, |size| ratio(1, size))
}

/// A share; of nothing it is 0, since no unit is then at risk.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    //! Figures worked out by hand, and the cap of the distribution.

    use super::*;

    /// Population classes of 2, 4 and 10 units; the sample has 1, 2 and 0 of them.
    #[test]
    fn figures_by_hand() {
        let mut population = Sizes::default();
        for (size, drawn) in [(2, 1), (4, 2), (10, 0)] {
            population.add(size, drawn);
        }
        let mut sample = Sizes::default();
        sample.add(1, 1);
        sample.add(2, 2);
        let risk = SampleRisk::new(&sample, &population);
        assert_eq!(risk.k_map, Some(2));
        assert_eq!(
            risk.prosecutor,
            UnitRisk {
                average: 2.0 / 3.0,
                maximum: 1.0
            }
        );
        assert_eq!(
            risk.journalist,
            UnitRisk {
                average: 1.0 / 3.0,
                maximum: 0.5
            }
        );
        assert_eq!(
            risk.marketer,
            Marketer {
                sample: 2.0 / 3.0,
                population: 1.0 / 3.0
            }
        );
        let sizes = population.summary();
        assert_eq!((sizes.units, sizes.classes, sizes.uniques), (16, 3, 0));
    }

    #[test]
    fn long_distributions_are_cut_and_counted() {
        let mut sizes = Sizes::default();
        for size in 1..=DISTRIBUTION_MAX as u64 + 7 {
            sizes.add(size, 0);
        }
        let summary = sizes.summary();
        assert_eq!(summary.distribution.len(), DISTRIBUTION_MAX);
        assert_eq!(summary.classes_above, 7);
        assert_eq!(summary.smallest, Some(1));
    }

    #[test]
    fn nothing_is_no_risk() {
        let risk = SampleRisk::new(&Sizes::default(), &Sizes::default());
        assert_eq!(
            risk.prosecutor,
            UnitRisk {
                average: 0.0,
                maximum: 0.0
            }
        );
        assert_eq!(risk.k_map, None);
    }
}
