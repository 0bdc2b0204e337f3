//! A query on the service and at home: the same bytes, or the same refusal with the same rule and column.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::binary::{self, Ran};
use crate::desk::fixture;
use crate::service::Service;

/// What came of a query.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// The result as it may leave.
    Result(Vec<u8>),
    /// The refusal.
    Refused(Refused),
}

#[derive(Debug, PartialEq, Eq)]
struct Refused {
    reason: String,
    rule: String,
    column: Option<String>,
    /// The sentence; at home the rule and the engine's own words follow it.
    message: String,
}

const GOOD: &[&str] = &[
    "SELECT p.prefecture, count(*) AS claims, sum(c.amount) AS amount FROM ybj.persons p \
     JOIN ybj.claims c ON p.resident_id = c.resident_id GROUP BY p.prefecture ORDER BY p.prefecture",
    "SELECT count(*) AS persons FROM ybj.persons",
    "SELECT sex, count(*) AS persons, avg(age) AS age FROM ybj.persons GROUP BY sex",
    "SELECT paid, sum(amount) AS amount FROM ybj.claims WHERE claim_date >= DATE '2025-07-01' GROUP BY paid",
    "SELECT prefecture, sex, count(*) AS persons FROM ybj.persons WHERE age > 60 GROUP BY prefecture, sex",
    "WITH d AS (SELECT diagnosis, amount FROM ybj.claims WHERE paid) \
     SELECT diagnosis, count(*) AS claims, sum(amount) AS amount FROM d GROUP BY diagnosis",
];

/// Nothing but groups of too few persons: a header and no row.
const WITHHELD: &[&str] = &[
    "SELECT count(*) AS persons FROM ybj.persons WHERE age > 200",
    "SELECT sum(amount) AS amount FROM ybj.claims WHERE diagnosis = 'nothing'",
];

const BAD: &[&str] = &[
    "SELECT * FROM ybj.persons",
    "SELECT name FROM ybj.persons",
    "SELECT name, count(*) FROM ybj.persons GROUP BY name",
    "SELECT resident_id, count(*) FROM ybj.persons GROUP BY resident_id",
    "SELECT count(*) FROM ybj.persons WHERE name = 'nobody'",
    "SELECT max(amount) FROM ybj.claims",
    "SELECT sum(CASE WHEN resident_id = '1' THEN amount END) FROM ybj.claims",
    "SELECT prefecture, count(*) OVER () FROM ybj.persons",
    "SELECT amount FROM ybj.claims ORDER BY amount LIMIT 1",
    "SELECT string_agg(name, ',') FROM ybj.persons",
    "SELECT count(*) FROM ybj.nothing",
    "SELECT nothing, count(*) FROM ybj.persons GROUP BY nothing",
    "SELECT count(* FROM ybj.persons",
    "SELECT count(*) FROM ybj.persons; SELECT 1",
    "DROP TABLE ybj.persons",
    "COPY ybj.persons TO '/tmp/out.csv'",
    "SET datafusion.execution.batch_size = 1",
    "EXPLAIN ANALYZE SELECT count(*) FROM ybj.persons",
    "SELECT hospital, count(*) FROM ybj.claims GROUP BY hospital",
    "-- nothing but a comment",
];

#[test]
fn the_service_and_logic_run_answer_alike() {
    let work = tempfile::tempdir().unwrap();
    let mut service = Service::new(work.path());
    service.start();
    let read = |name: &str| fs::read(fixture(name)).unwrap();
    service.medical(&read("data/persons.csv"), &read("data/claims.csv"));
    let (mut results, mut refusals) = (0, 0);
    for (number, sql) in GOOD.iter().chain(WITHHELD).chain(BAD).enumerate() {
        let file = service.file(&format!("q{number}.sql"), sql.as_bytes());
        let served = on_the_service(&service, work.path(), &format!("q{number}"), &file);
        let home = at_home(
            &binary::karez(),
            &fixture(""),
            &file,
            &work.path().join(format!("home-{number}")),
        );
        match (served, home) {
            (Answer::Result(served), Answer::Result(home)) => {
                assert_eq!(served, home, "{sql}");
                let lines = served.iter().filter(|byte| **byte == b'\n').count();
                assert_eq!(lines < 2, WITHHELD.contains(sql), "{sql}: {lines} lines");
                results += 1;
            }
            (Answer::Refused(served), Answer::Refused(home)) => {
                assert_eq!(
                    (&served.reason, &served.rule),
                    (&home.reason, &home.rule),
                    "{sql}"
                );
                assert_eq!(served.column, home.column, "{sql}");
                assert!(
                    home.message.contains(&served.message),
                    "{sql}: {served:?} {home:?}"
                );
                assert!(
                    !served.rule.is_empty() && !served.message.is_empty(),
                    "{sql}"
                );
                println!("{sql:?}: {} ({})", served.message, served.rule);
                refusals += 1;
            }
            (served, home) => panic!("{sql}: served {served:?}, at home {home:?}"),
        }
    }
    println!("{results} equal results, {refusals} equal refusals");
    assert_eq!(
        (results, refusals),
        (GOOD.len() + WITHHELD.len(), BAD.len())
    );
    service.stop();
}

fn on_the_service(service: &Service, work: &Path, product: &str, sql: &str) -> Answer {
    let name = format!("medical-spending/{product}");
    let submitted = service.run("operator", &format!("product submit {name} --sql {sql}"));
    if submitted.code != Some(0) {
        return Answer::Refused(told(&submitted));
    }
    for duty in ["institution", "provider"] {
        service.done(duty, &format!("product approve {name}@1 --yes"));
    }
    let job = service.run("operator", &format!("job submit {name}@1 --watch"));
    if job.code != Some(0) {
        return Answer::Refused(told(&job));
    }
    let job: Value = serde_json::from_str(&job.stdout).unwrap();
    let id = job["name"].as_str().unwrap().rsplit('/').next().unwrap();
    let out = work.join(format!("served-{product}"));
    service.done(
        "operator",
        &format!("job fetch medical-spending/{id} --out {}", out.display()),
    );
    Answer::Result(fs::read(out.join("result.csv")).unwrap())
}

/// `karez logic run` on the fixtures that lie in a folder.
fn at_home(karez: &Path, fixtures: &Path, sql: &str, out: &Path) -> Answer {
    let ran = binary::run(karez, home_arguments(fixtures, sql, out));
    match ran.code {
        Some(0) => Answer::Result(fs::read(out.join("result.csv")).unwrap()),
        _ => Answer::Refused(told(&ran)),
    }
}

fn home_arguments(fixtures: &Path, sql: &str, out: &Path) -> Vec<String> {
    let place = |name: &str| fixtures.join(name).display().to_string();
    let mut arguments: Vec<String> = ["logic", "run", "--output", "json", "--sql", sql]
        .map(String::from)
        .into();
    for table in ["persons", "claims"] {
        arguments.extend([
            "--input".to_owned(),
            format!("ybj/{table}={}", place(&format!("data/{table}.csv"))),
        ]);
        arguments.extend([
            "--schema".to_owned(),
            place(&format!("schemas/{table}.yaml")),
        ]);
    }
    arguments.extend(["--policy".to_owned(), place("policies/medical.yaml")]);
    arguments.extend(["--out".to_owned(), out.display().to_string()]);
    arguments
}

/// The refusal that a command tells: of a resource on stdout, else as an error on stderr.
fn told(ran: &Ran) -> Refused {
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let refusal = match serde_json::from_str::<Value>(&ran.stdout) {
        Ok(resource) => resource["refusal"].clone(),
        Err(_) => {
            let line = ran
                .stderr
                .lines()
                .find(|line| line.starts_with('{'))
                .unwrap();
            serde_json::from_str::<Value>(line).unwrap()["error"].clone()
        }
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let metadata = &refusal["metadata"];
    let reason = text(&metadata["refusal"])
        .or_else(|| text(&refusal["reason"]))
        .unwrap();
    Refused {
        reason: reason.to_ascii_lowercase(),
        rule: text(&metadata["rule"]).unwrap_or_default(),
        column: text(&metadata["column"]),
        message: sentence(&text(&refusal["message"]).unwrap()),
    }
}

/// A message without the service's word before it.
fn sentence(message: &str) -> String {
    let word = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    match message.split_once(": ") {
        Some((first, rest)) if word(first) => rest.to_owned(),
        _ => message.to_owned(),
    }
}

/// As root, the jail's own drop of rights is shown; as a plain user, that it needs none.
#[test]
fn a_plain_user_gets_the_same_result() {
    let root = rustix::process::getuid().is_root();
    if !root {
        println!("SKIPPED: not root, so every test here runs as a plain user anyway");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    open_to_all(place.path(), 0o777);
    let karez = place.path().join("karez");
    fs::copy(binary::karez(), &karez).unwrap();
    open_to_all(&karez, 0o755);
    for folder in ["data", "schemas", "policies", "logic"] {
        fs::create_dir(place.path().join(folder)).unwrap();
        open_to_all(&place.path().join(folder), 0o755);
        for file in crate::canary::files(&fixture(folder)) {
            let copied = place.path().join(folder).join(file.file_name().unwrap());
            fs::copy(&file, &copied).unwrap();
            open_to_all(&copied, 0o644);
        }
    }
    let sql = place
        .path()
        .join("logic/spend_by_prefecture.sql")
        .display()
        .to_string();
    let as_root = at_home(&karez, place.path(), &sql, &place.path().join("root"));
    let plain = |arguments: Vec<String>| {
        let identity = [
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--",
            &karez.display().to_string(),
        ];
        let arguments = identity.map(String::from).into_iter().chain(arguments);
        let ran = binary::run(Path::new("setpriv"), arguments);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran
    };
    plain(home_arguments(
        place.path(),
        &sql,
        &place.path().join("plain"),
    ));
    let result = fs::read(place.path().join("plain/result.csv")).unwrap();
    assert_eq!(as_root, Answer::Result(result));
    let demo = place.path().join("demo").display().to_string();
    let told = plain(vec!["demo".to_owned(), "--dir".to_owned(), demo]);
    println!(
        "a plain user gets root's result, and the demo: {} bytes told",
        told.stdout.len() + told.stderr.len()
    );
}

fn open_to_all(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
