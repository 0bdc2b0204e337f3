//! The column classifier measured: registers whose truth is known, as a stranger would send them.
//!
//! Each register has one column per kind of value, five, fifty or all hundred cells valid, the rest nothing, remarks,
//! digits or all of these, under names in six styles. The table of misses is printed with `--nocapture`.

#![expect(clippy::expect_used, reason = "tests may stop on the first surprise")]

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write as _;
use std::path::Path;

use enclave::files::CsvOptions;
use enclave::intake::Reading;
use enclave::local::{
    Classified, ClassifyRun, ColumnFinding, Inputs, RunError, SampleFiles, SampleRun, check_policy,
    classify, run_sample,
};
use fixtures::{Content, NameStyle, Persons, Registers, Rest, Table, write_csv};

/// Enough that five per cent of it are some values, few enough for seconds.
const ROWS: u64 = 600;

/// Persons of whom a sample passes the gate of a draft.
const PERSONS: u64 = 20_000;

/// Per cent of cells that hold a value of their column's kind.
const VALID: [u64; 3] = [5, 50, 100];

/// Registers of each setting, where few values are valid: chance must not decide.
const SEEDS: [u64; 3] = [11, 12, 13];

/// From this share on one register of each setting is enough.
const SURE: u64 = 50;

/// Numbers that nothing but their length or their first digits tell from others: under a name that does not say what they
/// are they are asked for, with the grade `possible`, and everything else is proposed first.
const ASKED: [&str; 2] = ["postcode", "taiwan-permit"];

/// The only columns that hold no identifier and are asked about: numbers of the same length, in the same range.
const LOOKALIKES: [(Content, &str); 2] = [
    (Content::PaddedNumber, "taiwan-permit"),
    (Content::RunningNumber, "postcode"),
];

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
    classify(&run_of(file.path())).expect("a register is read and its drafts hold")
}

fn run_of(file: &Path) -> ClassifyRun<'_> {
    ClassifyRun {
        file: file.to_owned(),
        reading: Reading::default(),
        dataset: "a/register".parse().expect("a data set's name"),
        valid: ("2026-02-01".to_owned(), "2027-01-31".to_owned()),
        progress: &|_| {},
    }
}

/// Whether a name style says what a column holds.
const fn says(style: NameStyle) -> bool {
    !matches!(style, NameStyle::Meaningless | NameStyle::Wrong)
}

/// Columns counted over registers.
#[derive(Debug, Default)]
struct Measured {
    identifiers: usize,
    /// Proposed first.
    first: usize,
    /// Asked for, with the grade `possible`.
    asked: usize,
    others: usize,
    questions: usize,
    /// Everything that is not first, by what and where.
    told: BTreeMap<String, usize>,
}

impl Measured {
    fn add(&mut self, register: &Registers, setting: &Setting) {
        let made = classified(register);
        assert_eq!(made.columns.len(), register.contents().len());
        for (column, content) in made.columns.iter().zip(register.contents()) {
            match identifier(*content) {
                Some(own) => self.identifier(column, own, setting),
                None => self.other(column, *content, setting),
            }
        }
    }

    fn identifier(&mut self, column: &ColumnFinding, own: &str, setting: &Setting) {
        self.identifiers += 1;
        if column.semantic == own {
            self.first += 1;
            return;
        }
        let asked = column.possible.iter().any(|possible| possible == own);
        let read = &column.semantic;
        let admitted = asked && ASKED.contains(&own) && !says(setting.style);
        assert!(admitted, "{setting}: {own} as {read}");
        self.asked += 1;
        self.tell(format!("{setting}: {own} as {read}, asked"));
    }

    fn other(&mut self, column: &ColumnFinding, content: Content, setting: &Setting) {
        self.others += 1;
        let read = &column.semantic;
        assert!(!is_identifier(read), "{setting}: {content:?} as {read}");
        for possible in &column.possible {
            let admitted = LOOKALIKES.contains(&(content, possible.as_str()));
            assert!(admitted, "{setting}: {content:?} asked as {possible}");
            self.questions += 1;
            self.tell(format!(
                "{setting}: {content:?} as {read}, asked {possible}"
            ));
        }
    }

    fn tell(&mut self, line: String) {
        *self.told.entry(line).or_default() += 1;
    }

    fn merge(&mut self, other: Self) {
        self.identifiers += other.identifiers;
        self.first += other.first;
        self.asked += other.asked;
        self.others += other.others;
        self.questions += other.questions;
        for (line, count) in other.told {
            *self.told.entry(line).or_default() += count;
        }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "identifier columns {}: first {}, asked {}; other columns {}: false alarms 0, asked {}",
            self.identifiers, self.first, self.asked, self.others, self.questions
        )
    }
}

#[derive(Debug, Clone, Copy)]
struct Setting {
    percent: u64,
    rest: Rest,
    style: NameStyle,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} % {:?} {:?}", self.percent, self.rest, self.style)
    }
}

/// All registers of one share of valid values; each style of names on a thread of its own.
fn measured(percent: u64) -> Measured {
    let seeds = if percent < SURE {
        &SEEDS[..]
    } else {
        &SEEDS[..1]
    };
    let style = |style| {
        let mut measured = Measured::default();
        for rest in Rest::ALL {
            for seed in seeds {
                let setting = Setting {
                    percent,
                    rest,
                    style,
                };
                let register = Registers::new(*seed, ROWS, percent, rest, style);
                measured.add(&register.expect("a register"), &setting);
            }
        }
        measured
    };
    let mut all = Measured::default();
    std::thread::scope(|scope| {
        let running = NameStyle::ALL.map(|one| scope.spawn(move || style(one)));
        for thread in running {
            all.merge(thread.join().expect("a thread that counts"));
        }
    });
    all
}

#[test]
fn identifiers_are_found_and_order_numbers_are_no_cards() {
    for percent in VALID {
        let measured = measured(percent);
        println!("{percent} % valid: {measured}\n{:#?}", measured.told);
        assert_eq!(measured.first + measured.asked, measured.identifiers);
    }
}

/// A table in a file, its drafts beside it, and a sample drawn by them.
fn sampled(table: &impl Table, edit: impl Fn(&str) -> String) -> Result<SampleFiles, RunError> {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    let mut file = std::fs::File::create(at("register.csv")).expect("a file");
    write_csv(table, &mut file).expect("the register is written");
    let made = classify(&run_of(&at("register.csv"))).expect("drafts that hold");
    std::fs::write(at("schema.yaml"), edit(&made.schema)).expect("the schema is written");
    std::fs::write(at("policy.yaml"), edit(&made.policy)).expect("the policy is written");
    let checked = check_policy(&at("policy.yaml"), &[at("schema.yaml")])?;
    assert!(checked.samples && checked.results);
    run_sample(&SampleRun {
        inputs: Inputs {
            files: vec![("register".to_owned(), at("register.csv"))],
            schemas: vec![at("schema.yaml")],
            policy: at("policy.yaml"),
            reading: Reading::default(),
        },
        key_file: None,
        out: at("sample"),
        csv: CsvOptions::default(),
        progress: &|_| {},
    })
}

fn rows(sample: &SampleFiles) -> u64 {
    sample.files.iter().map(|file| file.rows).max().unwrap_or(0)
}

/// A stranger's file, its drafts as they are, and a sample of it behind the gate: nobody had to write a line.
#[test]
fn drafts_are_checked_and_run_as_they_are() {
    let persons = Persons::new(5, PERSONS).expect("persons");
    let sample = sampled(&persons, str::to_owned).expect("a sample");
    assert!(rows(&sample) > PERSONS / 20, "{}", rows(&sample));
}

/// Every technique that is proposed runs over every cell, broken ones too. No column counts for the gate here, since a
/// register of 37 columns that have nothing to do with each other has nobody twice.
#[test]
fn every_proposed_technique_runs_over_every_cell() {
    for (percent, rest, style) in [
        (100, Rest::Nulls, NameStyle::English),
        (50, Rest::Mixed, NameStyle::Initials),
        (5, Rest::Text, NameStyle::Meaningless),
    ] {
        let register = Registers::new(21, ROWS, percent, rest, style).expect("a register");
        let open = |draft: &str| {
            draft
                .replace("rate: 0.1", "rate: 1")
                .replace("kind: quasi", "kind: other")
        };
        let sample = sampled(&register, open).expect("a sample");
        assert!(
            rows(&sample) >= ROWS * percent / 100,
            "{percent} % {}",
            rows(&sample)
        );
    }
}
