//! The column classifier measured: registers whose truth is known, as a stranger would send them.
//!
//! Each register has one column per kind of value, five, fifty or all hundred cells valid, the rest nothing, remarks,
//! digits or all of these, under names in six styles. The table of misses is printed with `--nocapture`.

#![expect(clippy::expect_used, reason = "tests may stop on the first surprise")]

use std::collections::BTreeMap;
use std::io::Write as _;

use enclave::intake::EncodingChoice;
use enclave::local::{Classified, ClassifyRun, classify};
use fixtures::{Content, NameStyle, Registers, Rest, write_csv};

/// Enough that five per cent of it are some values, few enough for seconds.
const ROWS: u64 = 600;

/// Per cent of cells that hold a value of their column's kind.
const VALID: [u64; 3] = [5, 50, 100];

/// Per cent of all identifier columns that are found.
const FOUND_MIN: usize = 94;

/// From this share on every identifier is found.
const SURE: u64 = 50;

/// What thirty valid values among six hundred cells do not always prove: numbers whose form alone is common, and
/// hardware addresses, of which only those with separators count.
const MISSED_WHERE_RARE: [&str; 5] = ["bank-card", "landline", "mac", "postcode", "taiwan-permit"];

/// The only false alarm: eight digits with leading zeros have the form of a permit, which has no check character.
const ALARM: (Content, &str) = (Content::PaddedNumber, "taiwan-permit");

/// What a column of an identifier has to be read as.
const fn identifier(content: Content) -> Option<&'static str> {
    Some(match content {
        Content::ResidentId => "resident-id",
        Content::CreditCode => "credit-code",
        Content::OrganisationCode => "organisation-code",
        Content::TaxNumber => "tax-number",
        Content::BankCard => "bank-card",
        Content::Mobile => "mobile",
        Content::Landline => "landline",
        Content::Plate => "plate",
        Content::Passport => "passport",
        Content::HongKongMacaoPermit => "hk-macao-permit",
        Content::TaiwanPermit => "taiwan-permit",
        Content::Vin => "vin",
        Content::Imei => "imei",
        Content::Postcode => "postcode",
        Content::Email => "email",
        Content::Ip => "ip",
        Content::Mac => "mac",
        Content::Gps => "gps",
        _ => return None,
    })
}

/// Whether a reading is one of the identifiers.
fn is_identifier(semantic: &str) -> bool {
    let mut all = Content::ALL
        .iter()
        .filter_map(|content| identifier(*content));
    all.any(|own| own == semantic)
}

fn classified(register: &Registers) -> Classified {
    let mut file = tempfile::Builder::new()
        .suffix(".csv")
        .tempfile()
        .expect("a file for the register");
    write_csv(register, &mut file).expect("the register is written");
    file.flush().expect("all of it");
    classify(&ClassifyRun {
        file: file.path().to_owned(),
        sheet: None,
        encoding: EncodingChoice::Auto,
        separator: None,
        dataset: "a/register".parse().expect("a data set's name"),
        valid: ("2026-02-01".to_owned(), "2027-01-31".to_owned()),
        progress: &|_| {},
    })
    .expect("a register is read and its drafts hold")
}

/// Columns counted over all registers.
#[derive(Debug, Default)]
struct Measured {
    identifiers: usize,
    found: usize,
    others: usize,
    alarms: usize,
    misses: BTreeMap<String, usize>,
    alarmed: BTreeMap<String, usize>,
}

impl Measured {
    fn add(&mut self, register: &Registers, percent: u64, setting: &str) {
        let made = classified(register);
        assert_eq!(made.columns.len(), register.contents().len());
        for (column, content) in made.columns.iter().zip(register.contents()) {
            let read = column.semantic.as_str();
            match identifier(*content) {
                Some(own) => {
                    self.identifiers += 1;
                    self.found += usize::from(read == own);
                    if read != own {
                        let rare = percent < SURE && MISSED_WHERE_RARE.contains(&own);
                        assert!(rare, "{setting}: {own} as {read}");
                        *self
                            .misses
                            .entry(format!("{setting} {own} as {read}"))
                            .or_default() += 1;
                    }
                }
                None => {
                    self.others += 1;
                    if is_identifier(read) {
                        assert_eq!((*content, read), ALARM, "{setting}");
                        self.alarms += 1;
                        *self
                            .alarmed
                            .entry(format!("{setting} {content:?} as {read}"))
                            .or_default() += 1;
                    }
                }
            }
        }
    }
}

#[test]
fn identifiers_are_found_and_order_numbers_are_no_cards() {
    let mut measured = Measured::default();
    for percent in VALID {
        for rest in Rest::ALL {
            for style in NameStyle::ALL {
                let register = Registers::new(11, ROWS, percent, rest, style).expect("a register");
                measured.add(
                    &register,
                    percent,
                    &format!("{percent} % {rest:?} {style:?}"),
                );
            }
        }
    }
    println!(
        "identifier columns {}, found {}; other columns {}, taken for identifiers {}\nmissed {:#?}\nalarms {:#?}",
        measured.identifiers,
        measured.found,
        measured.others,
        measured.alarms,
        measured.misses,
        measured.alarmed,
    );
    let (found, all) = (measured.found, measured.identifiers);
    assert!(found * 100 >= all * FOUND_MIN, "{found} of {all}");
}
