//! Known answers, a twin that counts days one by one, and the whole numbering in both directions.

use proptest::prelude::*;

use super::*;

/// Ids published in GB 11643-1999's own annex.
const PUBLISHED: [&str; 2] = ["11010519491231002X", "440524188001010014"];

#[test]
fn published_ids_are_valid() {
    for text in PUBLISHED {
        let id = ResidentId::parse(text).unwrap();
        assert_eq!(id.to_bytes(), text.as_bytes());
    }
    let id = ResidentId::parse(PUBLISHED[1]).unwrap();
    assert_eq!(
        (id.region(), id.birth_date(), id.sequence(), id.is_male()),
        (440_524, (1880, 1, 1), 1, true)
    );
    assert!(
        !Domain::contains(id),
        "born before the first day of the domain"
    );
}

#[test]
fn spellings_of_one_person() {
    let id = ResidentId::parse(PUBLISHED[0]).unwrap();
    for spelling in [
        "11010519491231002x",
        " 110105 19491231 002X\u{3000}",
        "１１０１０５１９４９１２３１００２Ｘ",
        "１１０１０５１９４９１２３１００２ｘ",
        "110105491231002",
    ] {
        assert_eq!(ResidentId::parse(spelling), Ok(id), "{spelling}");
    }
}

#[test]
fn broken_ids_are_told_apart() {
    use NotResidentId::{Birth, Character, Check, Length, Region, Sequence};
    let check = |text: &str, expect| assert_eq!(ResidentId::parse(text), Err(expect), "{text}");
    check("", Length);
    check("1101051949123100", Length);
    check("11010519491231002X1", Length);
    check("1101051949123100AX", Character);
    check("11010519491231002A", Character);
    check("X1010519491231002X", Character);
    check("乌鲁木齐市天山区解放北路一号乌鲁木齐", Character);
    check("01010519491231002X", Region);
    check("11010519490229002X", Birth);
    check("11010519491331002X", Birth);
    check("11010519491231000X", Sequence);
    check("110105194912310021", Check);
    check("110105491331002", Birth);
}

#[test]
fn one_changed_digit_is_always_found() {
    let right = PUBLISHED[0].as_bytes();
    for place in 0..ID_BYTES {
        for digit in b'0'..=b'9' {
            let mut text = right.to_vec();
            text[place] = digit;
            let found = ResidentId::parse(std::str::from_utf8(&text).unwrap());
            assert_eq!(found.is_ok(), text == right);
        }
    }
}

/// The rank within a subdomain by walking: every region, every day, every sequence of the set.
fn walked_rank(id: ResidentId, kept: Kept, born: BirthDates) -> Option<u64> {
    let (year, _, _) = id.birth_date();
    let same_birth = |day: i32| {
        let (other, _, _) = civil_from_days(i64::from(day));
        match kept.birth {
            BirthPart::Nothing => (0..i64::from(born.days()))
                .contains(&(i64::from(day) - i64::from(born.first_day()))),
            BirthPart::Band => year / 10 == other / 10,
            BirthPart::Year => year == other,
        }
    };
    let width = 10u32.pow(6 - 2 * kept.region as u32);
    let regions = (110_000..=830_000).filter(|region| region / width == id.region() / width);
    let regions: Vec<u32> = regions.filter(|region| known_region(*region)).collect();
    let first = i32::try_from(days_from_civil(1900, 1, 1)).unwrap();
    let until = i32::try_from(days_from_civil(2050, 1, 1)).unwrap();
    let days: Vec<i32> = (first..until).filter(|day| same_birth(*day)).collect();
    let same_sex = |sequence: &u16| !kept.sex || (sequence % 2 == 1) == id.is_male();
    let sequences: Vec<u16> = (1..=999).filter(same_sex).collect();
    let region = regions.iter().position(|region| *region == id.region())?;
    let day = days.iter().position(|day| *day == id.birth_day())?;
    let sequence = sequences
        .iter()
        .position(|sequence| *sequence == id.sequence())?;
    let days = days.len() as u64;
    Some((region as u64 * days + day as u64) * sequences.len() as u64 + sequence as u64)
}

/// The region rule, said once more: listed counties, listed cities without listed counties, and permits.
fn known_region(region: u32) -> bool {
    use crate::region;
    let county = |code: u32| {
        !code.is_multiple_of(100)
            && region::get(code).is_some_and(|county| county.name() != "市辖区")
    };
    let listed = region::get(region).is_some();
    let city = region.is_multiple_of(100) && !region.is_multiple_of(10_000);
    matches!(region, 810_000 | 820_000 | 830_000)
        || (listed && !region.is_multiple_of(100))
        || (listed && city && !(region + 1..region + 100).any(county))
}

fn any_kept() -> impl Strategy<Value = Kept> {
    let region = prop::sample::select(vec![
        RegionPart::Nothing,
        RegionPart::Province,
        RegionPart::Prefecture,
        RegionPart::County,
    ]);
    let birth = prop::sample::select(vec![BirthPart::Nothing, BirthPart::Band, BirthPart::Year]);
    (region, any::<bool>(), birth).prop_map(|(region, sex, birth)| Kept { region, sex, birth })
}

fn any_born() -> impl Strategy<Value = BirthDates> {
    prop_oneof![
        Just(BirthDates::WHOLE),
        (-25_567i32..=29_219, -25_567i32..=29_219).prop_map(|(one, other)| BirthDates::from_days(
            one.min(other),
            one.max(other)
        )
        .unwrap()),
    ]
}

fn any_id() -> impl Strategy<Value = ResidentId> {
    let listed = prop::sample::select(Domain::regions().to_vec());
    let permits = prop::sample::select(vec![810_000, 820_000, 830_000, 441_900, 650_300]);
    let region = prop_oneof![9 => listed, 1 => permits];
    (region, -25_567i32..=29_219, 1u16..=999).prop_map(|(region, birth_day, sequence)| ResidentId {
        region,
        birth_day,
        sequence,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rank_agrees_with_walking_and_unrank_undoes_it(id in any_id(), kept in any_kept(), born in any_born()) {
        let layout = Layout::new(kept, born);
        let codec = Codec::of_domain();
        let ranked = layout.rank(codec.parts(id).unwrap());
        prop_assert_eq!(ranked.map(|(_, rank)| rank), walked_rank(id, kept, born));
        if let Some((of, rank)) = ranked {
            prop_assert!(rank < layout.sizes()[layout.class(of).unwrap()]);
            prop_assert!(layout.subdomains().nth(layout.number(of)) == Some(of));
            let back = layout.unrank(of, rank).unwrap();
            prop_assert_eq!(codec.write(back, Check::Right), Some(id.to_bytes()));
        }
    }

    #[test]
    fn every_rank_is_a_valid_id_with_the_same_kept_parts(id in any_id(), kept in any_kept(), share in 0.0f64..1.0) {
        let layout = Layout::new(kept, BirthDates::WHOLE);
        let codec = Codec::of_domain();
        let (of, _) = layout.rank(codec.parts(id).unwrap()).unwrap();
        let size = layout.sizes()[layout.class(of).unwrap()];
        let rank = ((size as f64 * share) as u64).min(size - 1);
        let other = layout.unrank(of, rank).unwrap();
        prop_assert!(layout.rank(other) == Some((of, rank)));
        let text = String::from_utf8(codec.write(other, Check::Right).unwrap().to_vec()).unwrap();
        let read = ResidentId::parse(&text).unwrap();
        prop_assert_eq!(walked_rank(read, kept, BirthDates::WHOLE), Some(rank));
        prop_assert!(codec.parts(read) == Some(other));
    }

    #[test]
    fn batches_read_and_write_as_the_plain_way_does(
        id in any_id(), place in 0usize..18, other in "[0-9xXa ０-９]", insert in any::<bool>(),
    ) {
        let codec = Codec::of_domain();
        let mut text = String::from_utf8(id.to_bytes().to_vec()).unwrap();
        let plain = |text: &str| ResidentId::parse(text).ok().filter(|id| Domain::contains(*id));
        prop_assert_eq!(plain(&text), Some(id));
        prop_assert!(codec.parse(&text) == codec.parts(id));
        text.replace_range(place..if insert { place } else { place + 1 }, &other);
        let expect = plain(&text).map(|id| codec.parts(id).unwrap());
        prop_assert!(codec.parse(&text) == expect, "{}", text);
        let parts = codec.parts(id).unwrap();
        prop_assert_eq!(codec.write(parts, Check::Right), Some(id.to_bytes()));
        prop_assert_eq!(codec.write(parts, Check::Marked), Some(id.to_marked_bytes()));
    }

    #[test]
    fn a_marked_id_is_never_valid(id in any_id()) {
        let marked = id.to_marked_bytes();
        prop_assert_eq!(&marked[..17], &id.to_bytes()[..17]);
        let text = std::str::from_utf8(&marked).unwrap();
        prop_assert_eq!(ResidentId::parse(text), Err(NotResidentId::Check));
        prop_assert_eq!(ResidentId::parse_marked(text), Ok(id));
        let right = String::from_utf8(id.to_bytes().to_vec()).unwrap();
        prop_assert_eq!(ResidentId::parse_marked(&right), Err(NotResidentId::Check));
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in any::<String>()) {
        if let Ok(id) = ResidentId::parse(&text) {
            prop_assert!(id.region() >= 100_000);
        }
        prop_assert!(Codec::of_domain().parse(&text).is_none() || ResidentId::parse(&text).is_ok());
    }
}

#[test]
fn every_day_and_every_region_is_read_and_written() {
    let codec = Codec::of_domain();
    let check = |id: ResidentId| {
        let text = String::from_utf8(id.to_bytes().to_vec()).unwrap();
        let parts = codec.parse(&text).unwrap();
        assert!(codec.parts(id) == Some(parts), "{text}");
        assert_eq!(parts.birth_day(), id.birth_day());
        assert_eq!(codec.write(parts, Check::Right), Some(id.to_bytes()));
    };
    let id = ResidentId::parse(PUBLISHED[0]).unwrap();
    for birth_day in -25_567..=29_219 {
        check(ResidentId { birth_day, ..id });
    }
    for region in Domain::regions() {
        check(ResidentId {
            region: *region,
            ..id
        });
    }
    for sequence in 1..=999 {
        check(ResidentId { sequence, ..id });
    }
}

#[test]
fn the_ends_of_the_domain() {
    let first = ResidentId {
        region: 110_101,
        birth_day: -25_567,
        sequence: 1,
    };
    let last = ResidentId {
        region: 830_000,
        birth_day: 29_219,
        sequence: 999,
    };
    assert_eq!(
        (first.birth_date(), last.birth_date()),
        ((1900, 1, 1), (2049, 12, 31))
    );
    let (layout, codec) = (
        Layout::new(Kept::default(), BirthDates::WHOLE),
        Codec::of_domain(),
    );
    let rank = |id| layout.rank(codec.parts(id).unwrap()).unwrap().1;
    assert_eq!(layout.sizes(), [(6_622 + 8 + 3) * 54_787 * 999]);
    assert_eq!((rank(first), rank(last)), (0, layout.sizes()[0] - 1));
    let outside = |id: ResidentId| {
        assert!(!Domain::contains(id), "{}", id.region());
        assert!(codec.parts(id).is_none(), "{}", id.region());
    };
    for birth_day in [-25_568, 29_220, i32::MIN, i32::MAX] {
        outside(ResidentId { birth_day, ..first });
    }
    // A province, a prefecture with counties, codes never given, Taiwan's as a province, a card of a foreign resident.
    for region in [
        110_000, 650_100, 110_199, 659_013, 710_000, 810_101, 911_156, 999_999,
    ] {
        outside(ResidentId { region, ..first });
    }
}

#[test]
fn regions_are_those_of_the_rule() {
    let by_rule: Vec<u32> = (100_000..1_000_000)
        .filter(|region| known_region(*region))
        .collect();
    assert_eq!(Domain::regions(), by_rule);
}

fn kept(parts: &[Part]) -> Kept {
    Kept::from_parts(parts.iter().copied())
}

#[test]
fn sizes_of_kept_sets() {
    let check = |parts: &[Part], expect: &str| {
        assert_eq!(
            kept(parts).domain_sizes(BirthDates::WHOLE).to_string(),
            expect
        );
    };
    check(&[], "363038768829 to 363038768829");
    check(
        &[Part::County, Part::BirthYear],
        "364635 in 110101 东城区 to 365634 in 110101 东城区",
    );
    check(
        &[Part::County, Part::BirthBand, Part::Sex],
        "1822348 in 110101 东城区 to 1826500 in 110101 东城区",
    );
    check(
        &[Part::Prefecture, Part::BirthYear, Part::Sex],
        "182135 in 441900 东莞市 to 6222000 in 510100 成都市",
    );
    check(
        &[Part::Province, Part::BirthYear, Part::Sex],
        "5281915 in 120000 天津市 to 91866000 in 510000 四川省, and too few in 3 regions without new ids",
    );
}

#[test]
fn declared_birth_dates_count_where_no_year_is_kept() {
    let born = BirthDates::new((1910, 1, 1), (2025, 12, 31)).unwrap();
    let size = |parts: &[Part]| kept(parts).domain_sizes(born).smallest.size;
    assert_eq!(size(&[Part::County]), 42_369 * 999);
    assert_eq!(size(&[Part::County, Part::BirthBand]), 3_652 * 999);
    let day = BirthDates::new((2000, 2, 29), (2000, 2, 29)).unwrap();
    assert_eq!(kept(&[Part::County]).domain_sizes(day).smallest.size, 999);
    assert_eq!(
        BirthDates::new((2000, 2, 30), (2001, 1, 1)),
        Err(NotBirthDates)
    );
    assert_eq!(
        BirthDates::new((1899, 12, 31), (2001, 1, 1)),
        Err(NotBirthDates)
    );
}

#[test]
fn the_nearest_admissible_set_keeps_the_most() {
    let check = |parts: &[Part], expect: &str| {
        let (nearest, size) = kept(parts).nearest_admissible(BirthDates::WHOLE).unwrap();
        assert_eq!(format!("{nearest} {size}"), expect);
    };
    check(
        &[Part::County, Part::BirthYear, Part::Sex],
        "[county, sex, birth_band] 1822348",
    );
    check(
        &[Part::County, Part::BirthYear],
        "[county, birth_band] 3648348",
    );
    check(
        &[Part::Prefecture, Part::BirthYear, Part::Sex],
        "[prefecture, sex, birth_band] 1822348",
    );
    let day = BirthDates::new((2000, 2, 29), (2000, 2, 29)).unwrap();
    let (nearest, size) = kept(&[Part::County]).nearest_admissible(day).unwrap();
    assert_eq!((nearest, size), (Kept::default(), 6_633 * 999));
}

#[test]
fn the_domain_is_pinned() {
    let digest: String = Domain::digest()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        digest,
        "b202f912ddb13b3b420cd98374c2e3b9bf31c51f1121d2f751cd5063ad24660b"
    );
}

#[test]
fn a_mark_is_the_character_after_the_right_one() {
    let check = |text: &str, expect: &str| {
        let marked = ResidentId::parse(text).unwrap().to_marked_bytes();
        assert_eq!(std::str::from_utf8(&marked).unwrap(), expect);
    };
    check("11010519491231002X", "110105194912310020");
    check("440524188001010014", "440524188001010015");
    let nine = |sequence: &u16| ResidentId {
        sequence: *sequence,
        ..ResidentId::parse(PUBLISHED[0]).unwrap()
    };
    let nine = (1..=999)
        .map(|sequence| nine(&sequence))
        .find(|id| id.to_bytes()[17] == b'9')
        .unwrap();
    assert_eq!(nine.to_marked_bytes()[17], b'X');
}

#[test]
fn an_id_does_not_print() {
    assert_eq!(
        format!("{:?}", ResidentId::parse(PUBLISHED[0]).unwrap()),
        "ResidentId(…)"
    );
}
