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

/// The rank within a subdomain by walking: every region of the structure, every day, every sequence.
fn walked_rank(id: ResidentId, kept: Kept) -> u64 {
    let same_sex = |sequence: u16| !kept.sex || (sequence % 2 == 1) == id.is_male();
    let same_birth = |day: i32| {
        let (year, own) = (civil_from_days(i64::from(day)).0, id.birth_date().0);
        match kept.birth {
            BirthPart::Nothing => true,
            BirthPart::Band => year / 10 == own / 10,
            BirthPart::Year => year == own,
        }
    };
    let kept_digits = 10u32.pow(6 - 2 * kept.region as u32);
    let regions =
        (110_000..=830_000).filter(|region| region / kept_digits == id.region() / kept_digits);
    let regions = regions
        .filter(|region| known_region(*region))
        .collect::<Vec<_>>();
    let first = i32::try_from(days_from_civil(1900, 1, 1)).unwrap();
    let days: Vec<_> = (first..)
        .take_while(|day| civil_from_days(i64::from(*day)).0 < 2050)
        .filter(|day| same_birth(*day))
        .collect();
    let sequences: Vec<_> = (1..=999).filter(|sequence| same_sex(*sequence)).collect();
    let place = |position: Option<usize>| position.unwrap() as u64;
    let region = place(regions.iter().position(|region| *region == id.region()));
    let day = place(days.iter().position(|day| *day == id.birth_day()));
    let sequence = place(
        sequences
            .iter()
            .position(|sequence| *sequence == id.sequence()),
    );
    (region * days.len() as u64 + day) * sequences.len() as u64 + sequence
}

/// The region rule, said once more in decimal places.
fn known_region(region: u32) -> bool {
    let (province, prefecture, county) = (region / 10_000, region / 100 % 100, region % 100);
    let mainland = matches!(province, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65);
    let permit = matches!(region, 810_000 | 820_000 | 830_000);
    permit || (mainland && (matches!(prefecture, 1..=70) || prefecture == 90) && county >= 1)
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

fn any_id() -> impl Strategy<Value = ResidentId> {
    let mainland = (0usize..31, 1u32..=71, 1u32..=99).prop_map(|(province, prefecture, county)| {
        let provinces: Vec<u32> = (11..=65)
            .filter(|province| known_region(province * 10_000 + 101))
            .collect();
        provinces[province] * 10_000 + if prefecture == 71 { 90 } else { prefecture } * 100 + county
    });
    let region =
        prop_oneof![9 => mainland, 1 => prop::sample::select(vec![810_000, 820_000, 830_000])];
    (region, -25_567i32..=29_219, 1u16..=999).prop_map(|(region, birth_day, sequence)| ResidentId {
        region,
        birth_day,
        sequence,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rank_agrees_with_walking_and_unrank_undoes_it(id in any_id(), kept in any_kept()) {
        let subdomain = Subdomain::of(id, kept).unwrap();
        let rank = subdomain.rank(id).unwrap();
        prop_assert!(rank < subdomain.size());
        prop_assert_eq!(rank, walked_rank(id, kept));
        prop_assert_eq!(subdomain.unrank(rank), Some(id));
        prop_assert!(sizes(kept).contains(&subdomain.size()));
    }

    #[test]
    fn every_rank_is_a_valid_id_with_the_same_kept_parts(id in any_id(), kept in any_kept(), share in 0.0f64..1.0) {
        let subdomain = Subdomain::of(id, kept).unwrap();
        let rank = ((subdomain.size() as f64 * share) as u64).min(subdomain.size() - 1);
        let other = subdomain.unrank(rank).unwrap();
        prop_assert_eq!(Subdomain::of(other, kept), Some(subdomain));
        prop_assert_eq!(subdomain.rank(other), Some(rank));
        let text = String::from_utf8(other.to_bytes().to_vec()).unwrap();
        prop_assert_eq!(ResidentId::parse(&text), Ok(other));
    }

    #[test]
    fn a_marked_id_is_never_valid(id in any_id()) {
        let marked = id.to_marked_bytes();
        prop_assert_eq!(&marked[..17], &id.to_bytes()[..17]);
        let text = std::str::from_utf8(&marked).unwrap();
        prop_assert_eq!(ResidentId::parse(text), Err(NotResidentId::Check));
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in any::<String>()) {
        if let Ok(id) = ResidentId::parse(&text) {
            prop_assert!(id.region() >= 100_000);
        }
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
    let whole = Subdomain::of(first, Kept::default()).unwrap();
    assert_eq!(
        (first.birth_date(), last.birth_date()),
        ((1900, 1, 1), (2049, 12, 31))
    );
    assert_eq!(
        (whole.rank(first), whole.rank(last)),
        (Some(0), Some(whole.size() - 1))
    );
    assert_eq!(whole.size(), (31 * 71 * 99 + 3) * 54_787 * 999);
    for outside in [
        ResidentId {
            birth_day: -25_568,
            ..first
        },
        ResidentId {
            birth_day: 29_220,
            ..last
        },
        ResidentId {
            region: 110_100,
            ..first
        },
        ResidentId {
            region: 117_101,
            ..first
        },
        ResidentId {
            region: 710_101,
            ..first
        },
        ResidentId {
            region: 810_101,
            ..first
        },
        ResidentId {
            region: 911_001,
            ..first
        },
    ] {
        assert!(!Domain::contains(outside), "{}", outside.region());
    }
}

#[test]
fn region_numbers_run_without_gaps() {
    let by_walking: Vec<u32> = (100_000..1_000_000)
        .filter(|region| known_region(*region))
        .collect();
    let whole = |region| {
        Subdomain::of(
            ResidentId {
                region,
                birth_day: 0,
                sequence: 1,
            },
            Kept::default(),
        )
    };
    let per_region = 54_787 * 999;
    for (number, region) in by_walking.iter().enumerate() {
        let subdomain = whole(*region).unwrap();
        let rank = subdomain
            .rank(ResidentId {
                region: *region,
                birth_day: -25_567,
                sequence: 1,
            })
            .unwrap();
        assert_eq!(rank, number as u64 * per_region);
    }
    assert_eq!(
        (100_000..1_000_000)
            .filter(|region| whole(*region).is_some())
            .count(),
        by_walking.len()
    );
}

#[test]
fn sizes_of_kept_sets() {
    let size = |parts: &[Part]| Kept::from_parts(parts.iter().copied()).smallest_domain();
    assert_eq!(size(&[Part::County, Part::BirthYear]), 364_635);
    assert_eq!(size(&[Part::County, Part::BirthBand, Part::Sex]), 1_822_348);
    assert_eq!(size(&[Part::County]), 54_787 * 999);
    assert_eq!(size(&[Part::County, Part::BirthYear, Part::Sex]), 365 * 499);
}

#[test]
fn the_nearest_admissible_set_keeps_the_most() {
    let nearest = |parts: &[Part]| Kept::from_parts(parts.iter().copied()).nearest_admissible();
    let (kept, size) = nearest(&[Part::County, Part::BirthYear, Part::Sex]);
    assert_eq!(
        (kept.to_string().as_str(), size),
        ("[county, sex, birth_band]", 1_822_348)
    );
    let (kept, size) = nearest(&[Part::County, Part::BirthYear]);
    assert_eq!(
        (kept.to_string().as_str(), size),
        ("[county, birth_band]", 3_652 * 999)
    );
}

#[test]
fn the_domain_is_pinned() {
    let digest: String = Domain::digest()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        digest,
        "42f411cf0483e9d98cc46251394f955602dcf35e3e8def67faac7b6132c3d339"
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
