//! How many surrogates that keep these parts are the number of somebody alive, from published counts of people.
//!
//! Residents of the seventh national census of 1 November 2020 (National Bureau of Statistics, communiqués 2, 3 and 4 of
//! 11 May 2021); births from the China Statistical Yearbook. Numbers of people who died are not issued again and reach
//! nobody, so they do not count.

use super::{BirthDates, BirthPart, Kept, RegionPart, layout::Layout};
use crate::{Sentence, Share};

/// Residents of the mainland, servicemen included.
const PEOPLE: f64 = 1_411_778_724.0;
/// Men among [`PEOPLE`].
const MEN: f64 = 723_339_956.0;
/// Residents by province, servicemen not included.
const PROVINCES: [(u32, f64); 31] = [
    (11, 21_893_095.0),
    (12, 13_866_009.0),
    (13, 74_610_235.0),
    (14, 34_915_616.0),
    (15, 24_049_155.0),
    (21, 42_591_407.0),
    (22, 24_073_453.0),
    (23, 31_850_088.0),
    (31, 24_870_895.0),
    (32, 84_748_016.0),
    (33, 64_567_588.0),
    (34, 61_027_171.0),
    (35, 41_540_086.0),
    (36, 45_188_635.0),
    (37, 101_527_453.0),
    (41, 99_365_519.0),
    (42, 57_752_557.0),
    (43, 66_444_864.0),
    (44, 126_012_510.0),
    (45, 50_126_804.0),
    (46, 10_081_232.0),
    (50, 32_054_159.0),
    (51, 83_674_866.0),
    (52, 38_562_148.0),
    (53, 47_209_277.0),
    (54, 3_648_100.0),
    (61, 39_528_999.0),
    (62, 25_019_831.0),
    (63, 5_923_957.0),
    (64, 7_202_654.0),
    (65, 25_852_345.0),
];
/// Residents of 东莞市 (441900), which has no counties: the most under one code. Many are registered elsewhere and have
/// another region in their number, so this is more than bear it.
const DONGGUAN: f64 = 10_466_625.0;
/// No calendar decade holds more of the people: some 240 million were born from 1960 to 1969.
const BAND_SHARE: f64 = 0.18;
/// No year holds more of the people: 29.3 million were born in 1963.
const YEAR_SHARE: f64 = 0.021;

impl Kept {
    /// The largest share of valid surrogates, over all kept groups, that may be the number of somebody alive.
    ///
    /// An upper bound: residents stand for registered persons, and every one of them is taken to have a number and to be
    /// born within the declared dates.
    ///
    /// ```
    /// use desensitize::resident_id::{BirthDates, Kept, Part};
    /// let share = |parts: &[Part]| Kept::from_parts(parts.iter().copied()).somebodys(BirthDates::WHOLE).share;
    /// assert!(share(&[]) < 0.01 && share(&[Part::County]) > 10.0 * share(&[]));
    /// ```
    #[must_use]
    pub fn somebodys(self, born: BirthDates) -> Share {
        let alike = match self.birth {
            BirthPart::Nothing => 1.0,
            BirthPart::Band => BAND_SHARE,
            BirthPart::Year => YEAR_SHARE,
        };
        let alike = alike * if self.sex { MEN / PEOPLE } else { 1.0 };
        let (people, size) = self.densest(born);
        Share::of(people * alike, size, self.basis(people, size))
    }

    /// The people and the numbers of the kept group that has the most people per number.
    fn densest(self, born: BirthDates) -> (f64, f64) {
        let layout = Layout::new(self, born);
        let people = |region: u32| match self.region {
            RegionPart::Nothing => Some(PEOPLE),
            RegionPart::Province => PROVINCES
                .iter()
                .find(|(province, _)| *province == region / 10_000)
                .map(|(_, people)| *people),
            RegionPart::Prefecture | RegionPart::County => (region == 441_900).then_some(DONGGUAN),
        };
        layout
            .sizes_by_region()
            .filter_map(|(region, size, _)| Some((people(region)?, size as f64)))
            .max_by(|left, right| (left.0 / left.1).total_cmp(&(right.0 / right.1)))
            .unwrap_or((PEOPLE, 1.0))
    }

    fn basis(self, people: f64, size: f64) -> Sentence {
        Sentence::new(
            format!(
                "{people:.0} residents where they stand closest, by the census of 2020, among {size:.0} numbers that share the kept parts {self}"
            ),
            format!(
                "按2020年人口普查，同一保留部分 {self} 人口最密处 {people:.0} 人，对应 {size:.0} 个可能的号码"
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    //! The figures add up to the published total.

    use super::*;
    use crate::resident_id::Part;

    #[test]
    fn provinces_and_servicemen_are_everybody() {
        let provinces: f64 = PROVINCES.iter().map(|(_, people)| people).sum();
        assert_eq!(PEOPLE - provinces, 2_000_000.0);
    }

    #[test]
    fn keeping_more_hits_more() {
        let share = |parts: &[Part]| {
            Kept::from_parts(parts.iter().copied())
                .somebodys(BirthDates::WHOLE)
                .share
        };
        assert!(share(&[]) < share(&[Part::Province]));
        assert!(share(&[Part::Province]) < share(&[Part::County]));
        assert!(share(&[Part::County]) < share(&[Part::County, Part::BirthBand]));
    }
}
