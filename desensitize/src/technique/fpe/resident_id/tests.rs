//! A permutation that stays within the kept parts, on a whole subdomain and on samples of every kept set.

use proptest::prelude::*;

use super::*;
use crate::resident_id::{BirthPart, Part, RegionPart};

fn kernel(keep: Kept, key: u8) -> ResidentIdKernel {
    ResidentIdKernel::new(&ColumnKey::from([key; 32]), FpeResidentId::marked(keep)).unwrap()
}

fn id(text: &str) -> ResidentId {
    ResidentId::parse(text).unwrap()
}

#[test]
fn every_id_of_a_county_band_and_sex_has_its_own_surrogate() {
    let keep = Kept::from_parts([Part::County, Part::BirthBand, Part::Sex]);
    let of = Subdomain::of(id("11010519491231002X"), keep).unwrap();
    let kernel = kernel(keep, 1);
    let size = usize::try_from(of.size()).unwrap();
    assert_eq!(size, 3_653 * 499);
    let (mut seen, mut unchanged) = (vec![false; size], 0);
    for rank in 0..of.size() {
        let surrogate = kernel.encrypt(of.unrank(rank).unwrap()).unwrap();
        assert_eq!(Subdomain::of(surrogate, keep), Some(of));
        let to = of.rank(surrogate).unwrap();
        assert!(
            !std::mem::replace(&mut seen[usize::try_from(to).unwrap()], true),
            "two ids share a surrogate"
        );
        unchanged += u32::from(to == rank);
    }
    assert!(seen.iter().all(|seen| *seen));
    // A random permutation has one fixed point on average.
    assert!(unchanged < 12, "{unchanged} ids are their own surrogate");
}

/// The same permutation on crate `fpe`'s big integers, written out step by step.
fn reference(keep: Kept, key: u8, original: ResidentId) -> ResidentId {
    use fpe::ff1::{FF1, FlexibleNumeralString};
    let of = Subdomain::of(original, keep).unwrap();
    let radix = (2u64..)
        .find(|radix| u128::from(*radix).pow(4) >= u128::from(of.size()))
        .unwrap();
    let ff1 = FF1::<aes::Aes256>::new(&[key; 32], u32::try_from(radix).unwrap()).unwrap();
    let tweak = [&Domain::digest()[..], &of.tweak_bytes()[..]].concat();
    let mut rank = of.rank(original).unwrap();
    loop {
        let digits =
            [3, 2, 1, 0].map(|place| u16::try_from(rank / radix.pow(place) % radix).unwrap());
        let digits = Vec::<u16>::from(
            ff1.encrypt(&tweak, &FlexibleNumeralString::from(digits.to_vec()))
                .unwrap(),
        );
        rank = digits
            .iter()
            .fold(0, |rank, digit| rank * radix + u64::from(*digit));
        if rank < of.size() {
            return of.unrank(rank).unwrap();
        }
    }
}

fn any_keep() -> impl Strategy<Value = Kept> {
    let region = prop::sample::select(vec![
        RegionPart::Nothing,
        RegionPart::Province,
        RegionPart::Prefecture,
        RegionPart::County,
    ]);
    let birth = prop::sample::select(vec![BirthPart::Nothing, BirthPart::Band, BirthPart::Year]);
    (region, any::<bool>(), birth)
        .prop_map(|(region, sex, birth)| Kept { region, sex, birth })
        .prop_filter("admissible", |keep| keep.smallest_domain() >= DOMAIN_MIN)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn agrees_with_the_reference_and_keeps_what_is_kept(
        keep in any_keep(), key in any::<u8>(), birth in -25_567i32..=29_219, sequence in 1u32..=999,
    ) {
        let (year, month, day) = crate::calendar::civil_from_days(i64::from(birth));
        let legacy_or_not = format!("654301{year:04}{month:02}{day:02}{sequence:03}");
        let digits: [u8; 17] = legacy_or_not.as_bytes().try_into().unwrap();
        let original = id(&format!("{legacy_or_not}{}", char::from(crate::resident_id::check_character(&digits))));
        let surrogate = kernel(keep, key).encrypt(original).unwrap();
        prop_assert_eq!(surrogate, reference(keep, key, original));
        let level = keep.region as u32 * 2;
        prop_assert_eq!(surrogate.region() / 10u32.pow(6 - level), original.region() / 10u32.pow(6 - level));
        if keep.sex { prop_assert_eq!(surrogate.is_male(), original.is_male()); }
        match keep.birth {
            BirthPart::Year => prop_assert_eq!(surrogate.birth_date().0, year),
            BirthPart::Band => prop_assert_eq!(surrogate.birth_date().0 / 10, year / 10),
            BirthPart::Nothing => {}
        }
    }
}

#[test]
fn a_residence_permit_hides_only_where_a_million_are_like_it() {
    let permit = {
        let digits = *b"81000019900101001";
        let check = char::from(crate::resident_id::check_character(&digits));
        id(&format!("{}{check}", std::str::from_utf8(&digits).unwrap()))
    };
    let surrogate =
        |parts: &[Part]| kernel(Kept::from_parts(parts.iter().copied()), 1).encrypt(permit);
    assert!(surrogate(&[]).is_some());
    assert_eq!(surrogate(&[Part::Province]).unwrap().region(), 810_000);
    assert_eq!(surrogate(&[Part::Province, Part::BirthYear]), None);
}

#[test]
fn radix_is_the_least_whose_fourth_power_holds_the_domain() {
    for (size, radix) in [
        (1_000_000, 32),
        (1_048_576, 32),
        (1_048_577, 33),
        (u64::MAX, 65_536),
        ((1 << 60) + 1, 32_769),
    ] {
        assert_eq!(fourth_root(size), Ok(radix));
    }
}
