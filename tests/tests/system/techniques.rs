//! A scenario of the newer techniques through the real service, from the tables to the end of its key: what is released,
//! whose copy leaked, one value back by two persons, and nothing back once the key is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::binary;
use crate::canary::{self, Search};
use crate::desk::fixture;
use crate::service::Service;

const SCENARIO: &str = "medical-quality";
const OTHER: &str = "medical-planning";

/// Column, type, kind and technique of the persons' table; the cells are made by [`person`].
const PEOPLE: [(&str, &str, &str, &str); 15] = [
    ("line", "text", "other", "keep"),
    (
        "resident_id",
        "text",
        "direct",
        "{ fpe: { domain: resident-id, keep: [province] } }",
    ),
    (
        "birth_date",
        "date",
        "other",
        "{ fpe: { same_person_as: resident_id } }",
    ),
    (
        "sex",
        "text",
        "other",
        "{ fpe: { same_person_as: resident_id } }",
    ),
    ("person", "text", "direct", "token"),
    ("name", "text", "direct", "{ mask: { kind: surname } }"),
    ("mobile", "text", "direct", "{ fpe: { domain: mobile } }"),
    (
        "employer",
        "text",
        "direct",
        "{ fpe: { domain: credit-code } }",
    ),
    (
        "card",
        "text",
        "direct",
        "{ fpe: { domain: bank-card, mode: valid } }",
    ),
    ("plate", "text", "direct", "{ mask: { kind: plate } }"),
    (
        "age",
        "integer",
        "other",
        "{ noise: { distribution: laplace, scale: 3, min: 0, max: 120 } }",
    ),
    ("visits", "integer", "other", "swap"),
    (
        "premium",
        "integer",
        "other",
        "{ microaggregate: { k: 5 } }",
    ),
    (
        "county",
        "text",
        "other",
        "{ generalize: { to: prefecture } }",
    ),
    ("note", "text", "other", "{ scrub: { with: mask } }"),
];

/// The same of the visits' table, made by [`visit`].
const VISITS: [(&str, &str, &str, &str); 5] = [
    ("line", "text", "other", "keep"),
    (
        "resident_id",
        "text",
        "direct",
        "{ fpe: { domain: resident-id, keep: [province] } }",
    ),
    ("person", "text", "direct", "token"),
    (
        "visit_date",
        "date",
        "other",
        "{ date_shift: { days: 30 } }",
    ),
    (
        "diagnosis",
        "text",
        "other",
        "{ generalize: { hierarchy: chapters, level: 1 } }",
    ),
];

/// A table in memory: a header and rows.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn of(columns: &[(&str, &str, &str, &str)], rows: Vec<Vec<String>>) -> Self {
        let header = columns
            .iter()
            .map(|(name, ..)| (*name).to_owned())
            .collect();
        Self { header, rows }
    }

    /// Reads a released file; no cell of these tables holds a comma.
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut lines = text.trim_start_matches('\u{feff}').lines();
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let header = cells(lines.next().unwrap());
        let rows: Vec<_> = lines.map(cells).collect();
        assert!(rows.iter().all(|row| row.len() == header.len()));
        Self { header, rows }
    }

    fn csv(&self) -> String {
        let rows = std::iter::once(&self.header).chain(&self.rows);
        rows.map(|row| row.join(",") + "\n").collect()
    }

    fn column(&self, name: &str) -> Vec<&str> {
        let place = self.header.iter().position(|one| one == name).unwrap();
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    /// The cells of a column by the line that they stand in.
    fn by_line(&self, name: &str) -> BTreeMap<&str, &str> {
        self.column("line")
            .into_iter()
            .zip(self.column(name))
            .collect()
    }
}

/// The persons of the fixtures, with an employer, a card, a plate and a note each.
fn people() -> Table {
    let text = fs::read_to_string(fixture("data/persons.csv")).unwrap();
    let persons = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>());
    let whole = persons.filter(|one| one.len() == 10 && one.iter().all(|cell| !cell.is_empty()));
    let plain = whole.filter(|one| one.iter().all(|cell| !cell.contains('"')));
    let rows = plain
        .enumerate()
        .map(|(row, one)| person(row, &one))
        .collect();
    Table::of(&PEOPLE, rows)
}

fn person(row: usize, one: &[&str]) -> Vec<String> {
    let [id, name, sex, birth, age, mobile, _, _, county, _] = one else {
        panic!("the fixtures have ten columns");
    };
    let employer = [
        "91440300MA5H8REU3K",
        "91440300MA5DLQQW0F",
        "91110108MA01G0FB09",
    ][row % 3];
    let text = |text: &str| text.to_owned();
    vec![
        format!("p{row}"),
        text(id),
        text(birth),
        text(sex),
        text(id),
        text(name),
        text(mobile),
        text(employer),
        card(row),
        format!("新A{row:05}"),
        text(age),
        format!("{}", row % 17),
        format!("{}", 380 + row * 7 % 900),
        text(county),
        format!("患者来电 {mobile} 称已就诊"),
    ]
}

/// A card of a known issuer with its Luhn digit.
fn card(row: usize) -> String {
    let payload = format!("622202{row:012}0");
    let sum = luhn(&payload);
    format!("{}{}", &payload[..18], (10 - sum % 10) % 10)
}

fn luhn(digits: &str) -> u32 {
    let digits = digits.chars().rev().filter_map(|one| one.to_digit(10));
    let counted = digits.enumerate().map(|(place, digit)| match place % 2 {
        0 => digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    });
    counted.sum()
}

/// The claims of the fixtures as visits of these persons.
fn visits(people: &Table) -> Table {
    let known: BTreeSet<&str> = people.column("resident_id").into_iter().collect();
    let text = fs::read_to_string(fixture("data/claims.csv")).unwrap();
    let claims = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>());
    let claims = claims.filter(|one| known.contains(one[1]));
    let visit = |(row, one): (usize, Vec<&str>)| {
        let [id, diagnosis, date] = [1, 3, 4].map(|place| one[place].to_owned());
        vec![format!("v{row}"), id.clone(), id, date, diagnosis]
    };
    Table::of(&VISITS, claims.enumerate().map(visit).collect())
}

fn schema(dataset: &str, columns: &[(&str, &str, &str, &str)]) -> String {
    let declared = columns.iter().map(|(name, kind, label, _)| {
        format!("  {name}: {{ type: {kind}, level: general-4, kind: {label} }}\n")
    });
    format!(
        "dataset: {dataset}\nunits: {{ person: {{ column: resident_id, form: resident-id }} }}\ncolumns:\n{}",
        declared.collect::<String>()
    )
}

fn policy(scenario: &str, visits: &Table) -> String {
    let listed = |columns: &[(&str, &str, &str, &str)]| {
        let listed = columns.iter();
        let listed = listed
            .map(|(name, _, _, technique)| format!("      {name}: {{ sample: {technique} }}\n"));
        listed.collect::<String>()
    };
    let codes: BTreeSet<&str> = visits.column("diagnosis").into_iter().collect();
    let chapters = codes
        .iter()
        .map(|code| format!("    {code};{}\n", &code[..1]));
    format!(
        "scenario: {scenario}\npurpose: p\nvalid: {{ from: 2026-02-01, until: 2036-01-31 }}\ndatasets:\n  ybj/people:\n    columns:\n{}  ybj/visits:\n    columns:\n{}hierarchies:\n  chapters: |\n{}sample: {{ method: consistent, unit: person, rate: 0.8, one_way: false }}\n",
        listed(&PEOPLE),
        listed(&VISITS),
        chapters.collect::<String>(),
    )
}

/// The short name of a resource: its identifiers alone.
fn short(shown: &Value) -> String {
    let name = shown["name"].as_str().unwrap();
    name.split('/')
        .skip(3)
        .step_by(2)
        .collect::<Vec<_>>()
        .join("/")
}

/// The service with both tables, both scenarios and everybody's keys.
struct Story {
    service: Service,
    work: tempfile::TempDir,
    people: Table,
    visits: Table,
    /// A second recipient and a second person of the institution, by their identities.
    recipient: String,
    second: String,
}

impl Story {
    fn begin() -> Self {
        let work = tempfile::tempdir().unwrap();
        let mut service = Service::new(work.path());
        service.start();
        let people = people();
        let visits = visits(&people);
        for (name, table, columns) in [
            ("ybj/people", &people, &PEOPLE[..]),
            ("ybj/visits", &visits, &VISITS[..]),
        ] {
            let id = name.replace('/', "-");
            let file = service.file(&format!("{id}.csv"), table.csv().as_bytes());
            let schema = service.file(&format!("{id}.yaml"), schema(name, columns).as_bytes());
            let line = format!("dataset register {name} --file {file} --schema {schema}");
            service.done("provider", &line);
        }
        for scenario in [SCENARIO, OTHER] {
            let policy = policy(scenario, &visits);
            let file = service.file(&format!("{scenario}.yaml"), policy.as_bytes());
            let line = format!("scenario publish {scenario} --policy {file}");
            service.done("institution", &line);
        }
        service.done("institution", "key enrol");
        let recipient = service.person("devco", "developer", "second");
        let second = service.person("szj", "institution", "second");
        service.trusted(&second);
        Self {
            service,
            work,
            people,
            visits,
            recipient,
            second,
        }
    }

    /// Draws the sample of a scenario; its short name.
    fn drawn(&self, scenario: &str) -> String {
        let line = format!("sample request {scenario} --watch");
        short(&self.service.done("developer", &line))
    }

    /// A person's own copy of a sample.
    fn fetched(&self, who: &str, sample: &str, name: &str) -> PathBuf {
        let out = self.work.path().join(name);
        self.service.done(
            who,
            &format!("sample fetch {sample} --out {}", out.display()),
        );
        out
    }

    fn error(&self, who: &str, line: &str) -> Value {
        let ran = self.service.refused(who, line);
        let told = ran.stderr.lines().rfind(|line| line.starts_with('{'));
        let told: Value = serde_json::from_str(told.unwrap()).unwrap();
        told["error"].clone()
    }
}

#[test]
fn a_scenario_of_every_kind_of_technique_from_its_tables_to_the_end_of_its_key() {
    let mut story = Story::begin();
    let sample = story.drawn(SCENARIO);
    let first = story.fetched("developer", &sample, "first");
    let second = story.fetched(&story.recipient, &sample, "second");
    let people = Table::read(&first.join("ybj.people.csv"));
    let visits = Table::read(&first.join("ybj.visits.csv"));
    assert!(people.rows.len() > 1000 && visits.rows.len() > 2000);
    nobody_is_named(&story, &first);
    ids_and_what_follows_them(&story, &people);
    numbers_and_texts(&story, &people);
    dates_and_codes(&story, &visits);
    one_scenario_joins_and_two_do_not(&story, &people, &visits);
    leaks_are_told(&story, &sample, [&first, &second]);
    let waiting = one_value_goes_back(&story, &sample, &people);
    nothing_goes_back_without_the_key(&story, &sample, &people, &waiting);
    story.service.stop();
    nothing_is_said_of_a_value(&story, &people);
    the_regulator_verifies(&story);
}

/// No direct identifier of the tables is in any released file of the copy.
fn nobody_is_named(story: &Story, copy: &Path) {
    let columns = ["resident_id", "mobile", "card", "plate", "name", "employer"];
    for file in ["ybj.people.csv", "ybj.visits.csv", "report.json"] {
        let text = fs::read_to_string(copy.join(file)).unwrap();
        let words: BTreeSet<&str> = text.split([',', '\n', ' ', '"']).collect();
        for column in columns {
            for cell in story.people.column(column) {
                assert!(!words.contains(cell), "{column} in {file}");
            }
        }
        for mobile in story.people.column("mobile") {
            assert!(!text.contains(mobile), "a mobile number in {file}");
        }
    }
}

/// The encrypted id, the birth date and the sex beside it agree, and an employer's code marks no real one.
fn ids_and_what_follows_them(story: &Story, people: &Table) {
    let raw = story.people.by_line("resident_id");
    let [ids, births, sexes] =
        ["resident_id", "birth_date", "sex"].map(|name| people.by_line(name));
    for (line, id) in &ids {
        assert_eq!(id[..2], raw[line][..2], "the province stays");
        assert_eq!(id[6..14], births[line].replace('-', ""), "one birth date");
        let male = id[16..17].parse::<u32>().unwrap() % 2 == 1;
        assert_eq!(sexes[line], if male { "男" } else { "女" });
    }
    let different: BTreeSet<&str> = ids.values().copied().collect();
    assert_eq!(different.len(), ids.len(), "one person, one surrogate");
    for card in people.column("card") {
        assert!(card.starts_with("622202") && luhn(card).is_multiple_of(10));
    }
    for mobile in people.column("mobile") {
        assert!(mobile.len() == 11 && mobile.starts_with('9'), "marked");
    }
    let employers: BTreeSet<&str> = people.column("employer").into_iter().collect();
    let kept = |code: &&str| code.starts_with("91440300") || code.starts_with("91110108");
    // Three employers; a recipient's mark chooses among wrong check characters, alike for equal values.
    assert!(
        employers.len() == 3 && employers.iter().all(kept),
        "{employers:?}"
    );
}

/// Noise stays in its bounds, a swap keeps all values, an average hides five, a text loses its numbers and no more.
fn numbers_and_texts(story: &Story, people: &Table) {
    let number = |text: &str| text.parse::<i64>().unwrap();
    let (ages, raw) = (people.by_line("age"), story.people.by_line("age"));
    let moved = ages
        .iter()
        .filter(|(line, age)| raw[*line] != **age)
        .count();
    assert!(ages.values().all(|age| (0..=120).contains(&number(age))));
    assert!(
        moved * 2 > ages.len(),
        "{moved} of {} ages moved",
        ages.len()
    );
    let near = |(line, age): (&&str, &&str)| (number(age) - number(raw[*line])).abs() <= 40;
    assert!(ages.iter().all(near), "Laplace noise of scale 3");

    let (visits, raw) = (people.by_line("visits"), story.people.by_line("visits"));
    let mut swapped: Vec<&str> = visits.values().copied().collect();
    let mut kept: Vec<&str> = visits.keys().map(|line| raw[line]).collect();
    let moved = visits
        .iter()
        .filter(|(line, one)| raw[*line] != **one)
        .count();
    swapped.sort_unstable();
    kept.sort_unstable();
    assert_eq!(swapped, kept, "a swap keeps every value");
    assert!(
        moved * 2 > visits.len(),
        "{moved} of {} moved",
        visits.len()
    );

    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for premium in people.column("premium") {
        *classes.entry(premium).or_default() += 1;
    }
    assert!(classes.values().all(|rows| *rows >= 5) && classes.len() > 10);

    let (counties, raw) = (people.by_line("county"), story.people.by_line("county"));
    let group = |(line, code): (&&str, &&str)| code[..4] == raw[*line][..4] && code.ends_with("00");
    assert!(counties.iter().all(group));
    for note in people.column("note") {
        assert!(
            note.starts_with("患者来电 ") && note.ends_with(" 称已就诊") && note.contains("***")
        );
    }
    for (line, name) in people.by_line("name") {
        let surname = story.people.by_line("name")[line].chars().next();
        assert!(
            name.contains('*') && name.chars().any(|one| Some(one) == surname),
            "{line}"
        );
    }
    assert!(people.column("plate").iter().all(|plate| *plate == "新***"));
}

/// All dates of a person move alike by at most 30 days; a code becomes its chapter's.
fn dates_and_codes(story: &Story, visits: &Table) {
    let raw = story.visits.by_line("visit_date");
    let persons = story.visits.by_line("person");
    let mut shifts: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for (line, date) in visits.by_line("visit_date") {
        let shift = day(date) - day(raw[line]);
        shifts.entry(persons[line]).or_default().insert(shift);
    }
    assert!(
        shifts.values().all(|of_one| of_one.len() == 1),
        "intervals stay"
    );
    let shifts: BTreeSet<i64> = shifts.into_values().flatten().collect();
    assert!(shifts.iter().all(|days| (-30..=30).contains(days)));
    assert!(shifts.len() > 40, "persons are shifted apart: {shifts:?}");

    let raw = story.visits.by_line("diagnosis");
    let mut chapters: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (line, code) in visits.by_line("diagnosis") {
        chapters.entry(&raw[line][..1]).or_default().insert(code);
    }
    let all: BTreeSet<&str> = raw.values().map(|code| &code[..1]).collect();
    assert_eq!(chapters.len(), all.len());
    for (chapter, shown) in chapters {
        assert!(shown.len() == 1 && shown.iter().all(|code| code.starts_with(chapter)));
    }
}

/// Days since 0000-03-01 of a date (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn day(date: &str) -> i64 {
    let parts: Vec<i64> = date.split('-').map(|part| part.parse().unwrap()).collect();
    let [year, month, day] = parts[..] else {
        panic!("{date} is a date");
    };
    let (year, month) = match month > 2 {
        true => (year, month - 3),
        false => (year - 1, month + 9),
    };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day
}

/// One person has one token and one id in both tables of a scenario, and others in another scenario.
fn one_scenario_joins_and_two_do_not(story: &Story, people: &Table, visits: &Table) {
    let raw = story.people.by_line("person");
    let of_visits = story.visits.by_line("person");
    for column in ["person", "resident_id"] {
        let shown = people.by_line(column);
        let by_person: BTreeMap<&str, &str> =
            shown.iter().map(|(line, one)| (raw[line], *one)).collect();
        let joined = visits.by_line(column);
        assert!(joined.len() > 2000);
        for (line, one) in joined {
            assert_eq!(
                by_person.get(of_visits[line]),
                Some(&one),
                "{column} of {line}"
            );
        }
    }
    let other = story.drawn(OTHER);
    let other = story.fetched("developer", &other, "other");
    let other = Table::read(&other.join("ybj.people.csv"));
    let of = |table: &Table| -> BTreeSet<String> {
        let lines = table.column("line").into_iter();
        lines.map(|line| raw[line].to_owned()).collect()
    };
    let same = of(people).intersection(&of(&other)).count();
    assert!(same > 500, "{same} persons are in both samples");
    for column in ["person", "resident_id", "mobile", "card"] {
        let [here, there] = [people, &other].map(|table| {
            // A mark stands in the last characters.
            let bodies = table.column(column).into_iter();
            bodies
                .map(|one| one[..one.len() - 1].to_owned())
                .collect::<BTreeSet<_>>()
        });
        assert_eq!(
            here.intersection(&there).count(),
            0,
            "{column} links two scenarios"
        );
    }
}

/// A thousand shuffled rows of either copy, through the command line, name whose it was.
fn leaks_are_told(story: &Story, sample: &str, copies: [&PathBuf; 2]) {
    let recipients = ["karez://xj/devco/developer/second"];
    for (number, copy) in copies.into_iter().enumerate() {
        let table = Table::read(&copy.join("ybj.people.csv"));
        let mut rows: Vec<String> = table
            .rows
            .iter()
            .take(1000)
            .map(|row| row[1..].join(";"))
            .collect();
        rows.sort_unstable_by_key(|row| row.bytes().rev().collect::<Vec<_>>());
        let found = story
            .service
            .file(&format!("leak-{number}.txt"), rows.join("\n").as_bytes());
        let line = format!("sample trace {found} --sample {sample}");
        let told = story.service.done("institution", &line);
        assert_eq!(told["told"], true, "{told}");
        let copies = told["copies"].as_array().unwrap();
        assert_eq!(copies.len(), 2);
        let named: Vec<&str> = copies
            .iter()
            .filter(|copy| copy["told"] == true)
            .map(|copy| copy["recipient"].as_str().unwrap())
            .collect();
        let expected = number == 1;
        assert!(
            named.len() == 1 && recipients.contains(&named[0]) == expected,
            "{told}"
        );
    }
    let raw = story.service.file("raw.txt", story.people.csv().as_bytes());
    let told = story.service.done(
        "institution",
        &format!("sample trace {raw} --sample {sample}"),
    );
    assert_eq!(
        told["told"], false,
        "the provider's own file is nobody's copy"
    );
}

/// Asks for the original of what a line shows; the request's short name.
fn asked(story: &Story, sample: &str, column: &str, value: &str) -> String {
    let line = format!(
        "sample reverse {sample} --dataset ybj/people --column {column} --value {value} --reason review"
    );
    short(&story.service.done("provider", &line))
}

/// The columns of which a value is reversed.
const REVERSED: [&str; 4] = ["resident_id", "card", "mobile", "employer"];

/// The line and the surrogate of the value of such a column.
fn reversed<'t>(people: &'t Table, place: usize, column: &str) -> (&'t str, &'t str) {
    nth(people, column, 100 + place)
}

/// A cell of a column, with its line.
fn nth<'t>(people: &'t Table, column: &str, row: usize) -> (&'t str, &'t str) {
    people.by_line(column).into_iter().nth(row).unwrap()
}

/// Two persons get one original, and it is that person's; a third request stays confirmed.
fn one_value_goes_back(story: &Story, sample: &str, people: &Table) -> String {
    let service = &story.service;
    for (place, column) in REVERSED.into_iter().enumerate() {
        let (line, shown) = reversed(people, place, column);
        let reversal = asked(story, sample, column, shown);
        let reveal = format!("sample reveal {reversal}");
        assert_eq!(
            story.error("provider", &reveal)["reason"],
            "APPROVAL_MISSING"
        );
        let confirm = format!("sample confirm {reversal} --yes");
        assert_eq!(story.error("provider", &confirm)["reason"], "ACCESS_DENIED");
        service.done("institution", &confirm);
        let original = service.done("provider", &reveal);
        let expected = story.people.by_line(column)[line];
        assert_eq!(original["value"], expected, "{column}");
        assert_eq!(
            story.error("provider", &reveal)["reason"],
            "STATE_NOT_ALLOWED"
        );
    }
    let (_, shown) = nth(people, "card", 7);
    let rejected = asked(story, sample, "card", shown);
    service.done("institution", &format!("sample reject {rejected}"));
    let late = story.error("provider", &format!("sample reveal {rejected}"));
    assert_eq!(late["metadata"]["state"], "rejected", "{late}");
    let (_, token) = people.by_line("person").into_iter().next().unwrap();
    let line = format!(
        "sample reverse {sample} --dataset ybj/people --column person --value {token} --reason review"
    );
    assert_eq!(story.error("provider", &line)["reason"], "NOT_REVERSIBLE");
    let waiting = asked(story, sample, "card", shown);
    service.done("institution", &format!("sample confirm {waiting} --yes"));
    waiting
}

/// Two persons of the institution destroy the scenario's key: nothing is reversed or drawn, what was released stays.
fn nothing_goes_back_without_the_key(story: &Story, sample: &str, people: &Table, waiting: &str) {
    let service = &story.service;
    let line = format!("key destroy --scenario {SCENARIO} --reason expired");
    let wanted = short(&service.done("institution", &line));
    let confirm = format!("key confirm {wanted} --yes");
    assert_eq!(
        story.error("institution", &confirm)["reason"],
        "ACCESS_DENIED"
    );
    assert_eq!(story.error("provider", &confirm)["reason"], "ACCESS_DENIED");
    let done = service.done(&story.second, &confirm);
    assert_eq!(done["state"], "destroyed");
    let (_, shown) = nth(people, "card", 11);
    let again = format!(
        "sample reverse {sample} --dataset ybj/people --column card --value {shown} --reason review"
    );
    for line in [again, format!("sample reveal {waiting}")] {
        let gone = story.error("provider", &line);
        assert_eq!(gone["reason"], "KEY_DESTROYED", "{gone}");
        assert!(
            gone["metadata"]["key"]
                .as_str()
                .unwrap()
                .ends_with(SCENARIO)
        );
        assert!(!gone.to_string().contains(shown));
    }
    story.fetched("developer", sample, "after");
}

/// No original and no surrogate of a reversal is in the log, the home or a span; no original in a message.
fn nothing_is_said_of_a_value(story: &Story, people: &Table) {
    let (mut originals, mut surrogates) = (Vec::new(), Vec::new());
    for (place, column) in REVERSED.into_iter().enumerate() {
        let (line, shown) = reversed(people, place, column);
        originals.push(story.people.by_line(column)[line]);
        surrogates.push(shown);
    }
    surrogates.extend([7, 11].map(|row| nth(people, "card", row).1));
    let said = Search::new(originals.iter().copied());
    let all = Search::new(originals.iter().chain(&surrogates).copied());
    let records = |place: &str| story.service.records(place);
    canary::control(&all, originals[0], &records("spans"));
    for (search, place) in [
        (&all, records("spans")),
        (&all, story.service.home().to_owned()),
        (&said, records("stderr")),
    ] {
        assert_eq!(search.directory(&place), [], "{}", place.display());
    }
}

/// The regulator's verifier finds nothing, and names the destroyed key.
fn the_regulator_verifies(story: &Story) {
    let home = story.service.home();
    let place = |name: &str| home.join(name).display().to_string();
    let arguments = [
        "log".to_owned(),
        place("log"),
        "--key".to_owned(),
        place("log.vkey"),
        "--trust".to_owned(),
        place("trust.json"),
        "--json".to_owned(),
    ];
    let ran = binary::run(&binary::karez_verify(), arguments);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&report["verified"], &report["findings"]),
        (&true.into(), &Value::Array(vec![]))
    );
    // Five confirmations and a rejection of reversals, and the destruction's.
    assert_eq!(report["statements"], 7);
    let destroyed = report["destroyed_keys"].as_array().unwrap();
    assert_eq!(destroyed.len(), 1);
    assert_eq!(
        destroyed[0]["path"],
        format!("tenants/xj/scenarios/{SCENARIO}")
    );
}
