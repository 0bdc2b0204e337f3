//! A permutation that stays within the kept parts, on a whole subdomain and on samples of every kept set, and the same
//! built plainly on crate `fpe`.

use arrow::{array::StringArray, datatypes::Field};
use proptest::prelude::*;

use super::*;
use crate::{
    ColumnKey, ColumnRecipe, Fpe, Technique, Transform,
    resident_id::{BirthPart, Domain, Layout, Part, Parts, RegionPart, check_character},
};

fn permutation(keep: Kept, key: u8) -> Permutation {
    Permutation::new(&ColumnKey::from([key; 32]), &FpeResidentId::marked(keep)).unwrap()
}

fn kept(parts: &[Part]) -> Kept {
    Kept::from_parts(parts.iter().copied())
}

/// Surrogates under the key 00 01 … 1f, computed with whole numbers in another language (Python with OpenSSL's AES,
/// SP 800-38G algorithm 7 written from the standard).
#[test]
fn known_answers() {
    let check = |parts: &[Part], mode, born: Option<BirthDates>, expect: [&str; 2]| {
        let recipe = FpeResidentId {
            mode,
            born: born.unwrap_or_default(),
            ..FpeResidentId::marked(kept(parts))
        };
        let key = ColumnKey::from(std::array::from_fn(|byte| u8::try_from(byte).unwrap()));
        let field = Field::new("id", DataType::Utf8, true);
        let technique = Technique::Fpe(Fpe::ResidentId(recipe));
        let recipe = ColumnRecipe::new("id", technique);
        let transform = Transform::compile(&recipe, &field, Some(&key)).unwrap();
        let ids = StringArray::from(vec!["11010519491231002X", "652101197905140013"]);
        let (out, _) = transform.apply(&ids, 1).unwrap();
        assert_eq!(out.as_string::<i32>(), &StringArray::from(expect.to_vec()));
    };
    use Part::{BirthBand, BirthYear, County, Prefecture, Province, Sex};
    let living = BirthDates::new((1910, 1, 1), (2025, 12, 31)).ok();
    check(
        &[],
        Mode::Marked,
        None,
        ["140202202407046790", "61011219410904962X"],
    );
    check(
        &[],
        Mode::Valid,
        None,
        ["14020220240704679X", "610112194109049629"],
    );
    check(
        &[],
        Mode::Marked,
        living,
        ["132929198510246191", "429002195503265864"],
    );
    check(
        &[Province, Sex],
        Mode::Marked,
        None,
        ["110223191201099120", "653201197409104192"],
    );
    check(
        &[Prefecture, BirthBand, Sex],
        Mode::Marked,
        None,
        ["110112194012285847", "652122197609188293"],
    );
    check(
        &[County, BirthBand, Sex],
        Mode::Marked,
        None,
        ["110105194203315283", "652101197106291190"],
    );
    check(
        &[Province, BirthYear, Sex],
        Mode::Valid,
        None,
        ["110208194905188307", "652522197908317471"],
    );
}

/// The id of 17 digits.
fn with_check(digits: &str) -> String {
    let check = check_character(digits.as_bytes().try_into().unwrap());
    format!("{digits}{}", char::from(check))
}

fn text(id: Parts, check: Check) -> String {
    String::from_utf8(Codec::of_domain().write(id, check).unwrap().to_vec()).unwrap()
}

#[test]
fn every_id_of_a_county_band_and_sex_has_its_own_surrogate() {
    let keep = kept(&[Part::County, Part::BirthBand, Part::Sex]);
    let codec = Codec::of_domain();
    let layout = Layout::new(keep, BirthDates::WHOLE);
    let (of, _) = layout
        .rank(codec.parse("11010519491231002X").unwrap())
        .unwrap();
    let size = layout.sizes()[layout.class(of).unwrap()];
    assert_eq!(size, 3_653 * 499);
    let ids = (0..size).map(|rank| Some(text(layout.unrank(of, rank).unwrap(), Check::Right)));
    let surrogates = permutation(keep, 1).encrypt(&StringArray::from_iter(ids));
    let (mut seen, mut unchanged) = (vec![false; surrogates.len()], 0);
    let mut tenths = [0u32; 10];
    for (rank, surrogate) in (0..size).zip(surrogates) {
        let (in_which, to) = layout.rank(surrogate.unwrap()).unwrap();
        assert_eq!(in_which, of);
        assert!(
            !std::mem::replace(&mut seen[usize::try_from(to).unwrap()], true),
            "two ids share a surrogate"
        );
        unchanged += u32::from(to == rank);
        if rank * 10 < size {
            tenths[usize::try_from(to * 10 / size).unwrap()] += 1;
        }
    }
    assert!(seen.iter().all(|seen| *seen));
    // A random permutation has one fixed point on average.
    assert!(unchanged < 12, "{unchanged} ids are their own surrogate");
    // The first tenth of the ids spreads evenly over all tenths: six standard deviations of 18,228 ± 128.
    assert!(
        tenths.iter().all(|count| count.abs_diff(18_228) < 768),
        "{tenths:?}"
    );
}

/// The same permutation written out step by step on crate `fpe`'s big integers: plain numbering over lists of regions,
/// days and sequences, the tweak put together by hand, no batch.
fn reference(recipe: &FpeResidentId, key: u8, original: ResidentId) -> Option<ResidentId> {
    use fpe::ff1::{FF1, FlexibleNumeralString};
    let keep = recipe.keep;
    let width = 10u32.pow(6 - 2 * keep.region as u32);
    let digits = original.region() / width;
    let regions: Vec<u32> = Domain::regions()
        .iter()
        .copied()
        .filter(|region| region / width == digits)
        .collect();
    let year = original.birth_date().0;
    let (from, until) = match keep.birth {
        BirthPart::Nothing => (
            recipe.born.first_day(),
            recipe.born.first_day() + i32::try_from(recipe.born.days()).unwrap(),
        ),
        BirthPart::Band => (first_of(year / 10 * 10), first_of(year / 10 * 10 + 10)),
        BirthPart::Year => (first_of(year), first_of(year + 1)),
    };
    let days: Vec<i32> = (from..until).collect();
    let sequences: Vec<u16> = (1..=999)
        .filter(|sequence| !keep.sex || sequence % 2 == original.sequence() % 2)
        .collect();
    let region = regions
        .iter()
        .position(|region| *region == original.region())?;
    let day = days.iter().position(|day| *day == original.birth_day())?;
    let sequence = sequences
        .iter()
        .position(|sequence| *sequence == original.sequence())?;
    let mut rank = ((region * days.len() + day) * sequences.len() + sequence) as u64;
    let size = (regions.len() * days.len() * sequences.len()) as u64;
    if size < DOMAIN_MIN {
        return None;
    }

    let mut tweak = Domain::digest().to_vec();
    tweak.extend([keep.region as u8, keep.birth as u8, u8::from(keep.sex)]);
    tweak.extend(if width == 1_000_000 { 0 } else { digits }.to_be_bytes());
    tweak.extend(from.to_be_bytes());
    tweak.extend(u32::try_from(days.len()).unwrap().to_be_bytes());
    tweak.extend(u8::try_from(sequences[0]).ok());
    let radix = (2u64..).find(|radix| u128::from(*radix).pow(4) >= u128::from(size))?;
    let subkey = ColumnKey::from([key; 32]).subkey("karez/ff1-aes-256/v1");
    let ff1 = FF1::<aes::Aes256>::new(subkey.bytes(), u32::try_from(radix).ok()?).ok()?;
    loop {
        let digits =
            [3, 2, 1, 0].map(|place| u16::try_from(rank / radix.pow(place) % radix).unwrap());
        let digits = FlexibleNumeralString::from(digits.to_vec());
        let digits = Vec::<u16>::from(ff1.encrypt(&tweak, &digits).ok()?);
        rank = digits
            .iter()
            .fold(0, |rank, digit| rank * radix + u64::from(*digit));
        if rank < size {
            break;
        }
    }
    let number = usize::try_from(rank).ok()?;
    let sequence = sequences[number % sequences.len()];
    let day = days[number / sequences.len() % days.len()];
    let region = regions[number / sequences.len() / days.len()];
    let (year, month, day) = crate::calendar::civil_from_days(i64::from(day));
    ResidentId::parse(&with_check(&format!(
        "{region}{year:04}{month:02}{day:02}{sequence:03}"
    )))
    .ok()
}

fn first_of(year: i64) -> i32 {
    i32::try_from(crate::calendar::days_from_civil(year, 1, 1)).unwrap()
}

fn any_keep() -> impl Strategy<Value = Kept> {
    let region = prop::sample::select(vec![
        RegionPart::Nothing,
        RegionPart::Province,
        RegionPart::Prefecture,
        RegionPart::County,
    ]);
    let birth = prop::sample::select(vec![BirthPart::Nothing, BirthPart::Band, BirthPart::Year]);
    (region, any::<bool>(), birth).prop_map(|(region, sex, birth)| Kept { region, sex, birth })
}

fn any_recipe() -> impl Strategy<Value = FpeResidentId> {
    let living = BirthDates::new((1910, 1, 1), (2025, 12, 31)).unwrap();
    (any_keep(), any::<bool>(), any::<bool>()).prop_map(move |(keep, whole, valid)| FpeResidentId {
        mode: if valid { Mode::Valid } else { Mode::Marked },
        born: if whole { BirthDates::WHOLE } else { living },
        ..FpeResidentId::marked(keep)
    })
}

/// A cell of a column of ids: mostly ids of the set, in all spellings, and what else stands there.
fn any_cell() -> impl Strategy<Value = Option<String>> {
    let region = prop_oneof![
        prop::sample::select(Domain::regions().to_vec()),
        Just(654_301),
        Just(810_000),
        Just(441_900),
        Just(650_999),
    ];
    let digits = (region, -25_600i32..=29_300, 0u32..=999).prop_map(|(region, birth, sequence)| {
        let (year, month, day) = crate::calendar::civil_from_days(i64::from(birth));
        format!("{region}{year:04}{month:02}{day:02}{sequence:03}")
    });
    let id = digits.prop_map(|digits| with_check(&digits)).boxed();
    prop_oneof![
        8 => id.clone().prop_map(Some),
        1 => id.clone().prop_map(|id| Some(format!(" {}", id.to_lowercase()))),
        1 => id.clone().prop_map(|id| Some(format!("{}{}", &id[..6], &id[8..17]))),
        1 => id.prop_map(|id| Some(id.replace('1', "2"))),
        1 => any::<String>().prop_map(Some),
        1 => Just(None),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn agrees_with_the_reference_and_keeps_what_is_kept(
        recipe in any_recipe(), key in any::<u8>(), cells in prop::collection::vec(any_cell(), 0..24), offset in 0usize..4,
    ) {
        let permutation = Permutation::new(&ColumnKey::from([key; 32]), &recipe).unwrap();
        let column = StringArray::from(cells.clone());
        let offset = offset.min(cells.len());
        let column = column.slice(offset, cells.len() - offset);
        let surrogates = permutation.encrypt(&column);
        prop_assert_eq!(surrogates.len(), column.len());
        for (cell, surrogate) in cells.iter().skip(offset).zip(surrogates) {
            let original = cell.as_deref().and_then(|cell| ResidentId::parse(cell).ok());
            let original = original.filter(|id| Domain::contains(*id));
            let expect = original.and_then(|id| reference(&recipe, key, id));
            let written = surrogate.map(|surrogate| text(surrogate, Check::Right));
            let surrogate = written.map(|text| ResidentId::parse(&text).unwrap());
            prop_assert_eq!(surrogate, expect);
            let Some((original, surrogate)) = original.zip(surrogate) else { continue };
            let width = 10u32.pow(6 - 2 * recipe.keep.region as u32);
            prop_assert_eq!(surrogate.region() / width, original.region() / width);
            if recipe.keep.sex { prop_assert_eq!(surrogate.is_male(), original.is_male()); }
            let (year, own) = (surrogate.birth_date().0, original.birth_date().0);
            match recipe.keep.birth {
                BirthPart::Year => prop_assert_eq!(year, own),
                BirthPart::Band => prop_assert_eq!(year / 10, own / 10),
                BirthPart::Nothing => {}
            }
        }
    }

    #[test]
    fn every_surrogate_leads_back(recipe in any_recipe(), cell in any_cell()) {
        let field = Field::new("id", DataType::Utf8, true);
        let technique = Technique::Fpe(Fpe::ResidentId(recipe));
        let key = ColumnKey::from([3; 32]);
        let Ok(transform) = Transform::compile(&ColumnRecipe::new("id", technique), &field, Some(&key)) else {
            return Ok(());
        };
        let (out, _) = transform.apply(&StringArray::from(vec![cell.as_deref()]), 1).unwrap();
        let out = out.as_string::<i32>();
        if !out.is_null(0) {
            let original = ResidentId::parse(&cell.unwrap()).unwrap();
            let back = transform.reverse(out.value(0)).unwrap();
            prop_assert_eq!(back.as_bytes(), &original.to_bytes()[..]);
            prop_assert_eq!(ResidentId::parse(out.value(0)).is_ok(), recipe.mode == Mode::Valid);
        }
    }
}

/// A column longer than a chunk and than many tiles: ids of a few regions over and over, then what else stands there.
fn long_column() -> impl Strategy<Value = Vec<Option<String>>> {
    let odd = prop::collection::vec((0usize..1_400, any_odd_cell()), 0..20);
    (
        prop::collection::vec(any_plain_cell(), 60..90),
        1usize..=1_400,
        odd,
    )
        .prop_map(|(few, rows, odd)| {
            let mut cells: Vec<_> = few.iter().cycle().take(rows).cloned().collect();
            for (row, cell) in odd {
                if let Some(place) = cells.get_mut(row) {
                    *place = cell;
                }
            }
            cells
        })
}

/// A valid id of 18 characters.
fn any_plain_cell() -> impl Strategy<Value = Option<String>> {
    let region = prop::sample::select(Domain::regions().to_vec());
    let parts = (region, 1900u32..=2049, 1u32..=12, 1u32..=28, 1u32..=999);
    parts.prop_map(|(region, year, month, day, sequence)| {
        Some(with_check(&format!(
            "{region}{year}{month:02}{day:02}{sequence:03}"
        )))
    })
}

/// Cells of 18 bytes that are no plain id, and cells of other lengths.
fn any_odd_cell() -> impl Strategy<Value = Option<String>> {
    let id = any_plain_cell()
        .prop_map(|id| id.unwrap_or_default())
        .boxed();
    let full_width = |id: String| {
        id.chars()
            .map(|c| char::from_u32(c as u32 + 0xFEE0).unwrap())
            .collect()
    };
    prop_oneof![
        2 => id.clone().prop_map(|id| Some(id.to_lowercase())),
        1 => id.clone().prop_map(|id| Some(id.replace('1', "2"))),
        1 => id.clone().prop_map(|id| Some(format!("{}x", &id[..17]))),
        1 => id.clone().prop_map(|id| Some(with_check(&format!("659999{}", &id[6..17])))),
        1 => id.clone().prop_map(|id| Some(with_check(&format!("{}0229{}", &id[..10], &id[14..17])))),
        1 => id.clone().prop_map(|id| Some(with_check(&format!("{}18{}", &id[..6], &id[8..17])))),
        1 => id.clone().prop_map(|id| Some(with_check(&format!("{}000", &id[..14])))),
        1 => id.clone().prop_map(|id| Some(format!("{}{}", &id[..6], &id[8..17]))),
        1 => id.prop_map(move |id| Some(full_width(id))),
        1 => Just(Some("１２３４５６".to_owned())),
        1 => Just(Some(":".repeat(18))),
        1 => any_cell(),
        1 => Just(None),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_long_column_is_written_as_its_rows_are_one_by_one(
        recipe in any_recipe(), cells in long_column(), from in 0usize..100, until in 0usize..100,
    ) {
        let field = Field::new("id", DataType::Utf8, true);
        let technique = Technique::Fpe(Fpe::ResidentId(recipe));
        let key = ColumnKey::from([3; 32]);
        let Ok(transform) = Transform::compile(&ColumnRecipe::new("id", technique), &field, Some(&key)) else {
            return Ok(());
        };
        let column = StringArray::from(cells);
        let from = from.min(column.len());
        let column = column.slice(from, column.len() - from - until.min(column.len() - from));
        let (out, counts) = transform.apply(&column, 1).unwrap();
        let out = out.as_string::<i32>();
        let permutation = Permutation::new(&key, &recipe).unwrap();
        let check = if recipe.mode == Mode::Valid { Check::Right } else { Check::Marked };
        let (mut broken, mut seen) = (0, std::collections::HashMap::new());
        for (cell, found) in column.iter().zip(out) {
            // The plain reader, and FF1 for one rank alone.
            let expect = seen.entry(cell).or_insert_with(|| {
                let id = cell.and_then(|cell| ResidentId::parse(cell).ok());
                let id = id.and_then(|id| Codec::of_domain().parts(id));
                id.and_then(|id| permutation.encrypt_one(id)).map(|id| text(id, check))
            });
            broken += u64::from(cell.is_some() && expect.is_none());
            prop_assert_eq!(found, expect.as_deref(), "{:?}", cell);
        }
        prop_assert_eq!((out.len(), counts.broken), (column.len(), broken));
    }
}

#[test]
fn a_residence_permit_hides_only_where_a_million_are_like_it() {
    let permit = with_check("81000019900101001");
    let surrogate = |parts: &[Part]| {
        let found = permutation(kept(parts), 1).encrypt(&StringArray::from(vec![permit.as_str()]));
        found[0].map(|id| text(id, Check::Right))
    };
    assert!(surrogate(&[]).is_some());
    assert!(surrogate(&[Part::Province]).unwrap().starts_with("810000"));
    assert_eq!(surrogate(&[Part::Province, Part::BirthYear]), None);
}

#[test]
fn a_region_that_was_never_given_is_broken_input() {
    let check = |region: &str, encrypted: bool| {
        let field = Field::new("id", DataType::Utf8, false);
        let technique = Technique::Fpe(Fpe::ResidentId(FpeResidentId::marked(Kept::default())));
        let recipe = ColumnRecipe::new("id", technique);
        let key = ColumnKey::from([1; 32]);
        let transform = Transform::compile(&recipe, &field, Some(&key)).unwrap();
        let id = with_check(&format!("{region}19900101001"));
        let (out, counts) = transform.apply(&StringArray::from(vec![id]), 1).unwrap();
        let redacted = out.as_string::<i32>().value(0) == crate::REDACTED;
        assert_eq!(
            (redacted, counts.broken == 0),
            (!encrypted, encrypted),
            "{region}"
        );
    };
    // A county, a retired one, a city of the Corps, a city without counties, a permit.
    for region in ["650102", "652101", "659001", "659012", "441900", "830000"] {
        check(region, true);
    }
    // Never given, the next of the Corps, a prefecture, Taiwan's provincial code, a card of a foreign resident.
    for region in ["650199", "659013", "650100", "710000", "911156"] {
        check(region, false);
    }
}

#[test]
fn ciphers_have_keys_of_their_own() {
    let surrogate = |cipher| {
        let recipe = FpeResidentId {
            cipher,
            ..FpeResidentId::marked(Kept::default())
        };
        let permutation = Permutation::new(&ColumnKey::from([1; 32]), &recipe).unwrap();
        let ids = StringArray::from(vec!["11010519491231002X"]);
        text(permutation.encrypt(&ids)[0].unwrap(), Check::Right)
    };
    let surrogates: std::collections::BTreeSet<String> =
        Cipher::ALL.into_iter().map(surrogate).collect();
    assert_eq!(surrogates.len(), Cipher::ALL.len());
}
