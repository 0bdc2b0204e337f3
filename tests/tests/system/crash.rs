//! `kill -9` at any moment: what was acknowledged is there, what was interrupted says so, what is repeated is answered
//! as before.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use fixtures::Table as _;
use lineage::{NoteVerifier, TrustList, verify};
use serde_json::Value;

use crate::binary::Ran;
use crate::canary::{Claims, Persons, csv};
use crate::desk::fixture_text;
use crate::service::Service;

/// How often the server is killed while it registers and publishes.
const ROUNDS: u64 = 12;

/// Calls that each round adds.
const CALLS_PER_ROUND: u64 = 3;

/// How long a call is let run before the kill, at most: about what one takes.
const KILL_AFTER_MAX: Duration = Duration::from_millis(160);

/// How long a job may take to be seen running.
const PATIENCE: Duration = Duration::from_secs(120);

/// The log as it lies on disk, verified as a regulator does.
fn verified(service: &Service) -> u64 {
    let home = service.home();
    let key: NoteVerifier = fs::read_to_string(home.join("log.vkey"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let trust = TrustList::load(&home.join("trust.json")).unwrap();
    let report = verify::log_directory(&home.join("log"), &key, &trust).unwrap();
    assert!(report.is_verified(), "{:?}", report.findings);
    report.to_json()["size"].as_u64().unwrap_or_default()
}

/// The n-th call: a version of a data set, or a scenario.
fn call(number: u64, table: &str, schema: &str, policy: &str) -> (&'static str, String) {
    match number % 2 {
        0 => (
            "provider",
            format!(
                "dataset register ybj/t{} --file {table} --schema {schema}-{} --request-id r-{number}",
                number / 2 % 3,
                number / 2 % 3
            ),
        ),
        _ => (
            "institution",
            format!(
                "scenario publish s{} --policy {policy}-{number} --request-id r-{number}",
                number
            ),
        ),
    }
}

#[test]
fn a_repeated_request_is_answered_as_before_however_often_the_server_is_killed() {
    let work = tempfile::tempdir().unwrap();
    let mut service = Service::new(work.path());
    let table = service.file("t.csv", &csv(&Persons::new(3, 40)));
    let schema_text = fixture_text("schemas/persons.yaml");
    for number in 0..3 {
        let text = schema_text.replace("dataset: ybj/persons", &format!("dataset: ybj/t{number}"));
        service.file(&format!("schema.yaml-{number}"), text.as_bytes());
    }
    let schema = work.path().join("given/schema.yaml").display().to_string();
    let policy = work.path().join("given/policy.yaml").display().to_string();
    let document = "\
scenario: SCENARIO
purpose: test
valid: { from: 2026-02-01, until: 2036-01-31 }
datasets:
  ybj/t0:
    columns:
      resident_id: { compute: [join] }
      name:        { compute: [] }
      sex:         { compute: [group] }
      birth_date:  { compute: [] }
      age:         { compute: [aggregate] }
      mobile:      { compute: [] }
      card_no:     { compute: [] }
      prefecture:  { compute: [group] }
      county_code: { compute: [] }
      address:     { compute: [] }
output: { shape: statistics, k: 10, rows_max: 1_000 }
";
    let mut answers: BTreeMap<u64, Value> = BTreeMap::new();
    let (mut next, mut repeated, mut lost) = (0, 0, 0);
    for round in 0..ROUNDS {
        service.start();
        for (number, answer) in &answers {
            let (duty, line) = call(*number, &table, &schema, &policy);
            assert_eq!(service.done(duty, &line), *answer, "round {round}: {line}");
            repeated += 1;
        }
        for _ in 0..CALLS_PER_ROUND {
            service.file(
                &format!("policy.yaml-{next}"),
                document.replace("SCENARIO", &format!("s{next}")).as_bytes(),
            );
            let (duty, line) = call(next, &table, &schema, &policy);
            answers.insert(next, service.done(duty, &line));
            next += 1;
        }
        // One more, cut off somewhere; acknowledged or not, its repetition must be answered.
        service.file(
            &format!("policy.yaml-{next}"),
            document.replace("SCENARIO", &format!("s{next}")).as_bytes(),
        );
        let (duty, line) = call(next, &table, &schema, &policy);
        let cut = service.spawn(duty, &line);
        std::thread::sleep(
            KILL_AFTER_MAX * u32::try_from(round).unwrap() / u32::try_from(ROUNDS).unwrap(),
        );
        service.kill();
        let ended = cut.wait_with_output().unwrap();
        match ended.status.success() {
            true => {
                answers.insert(next, serde_json::from_slice(&ended.stdout).unwrap());
            }
            false => {
                lost += 1;
                service.start();
                answers.insert(next, service.done(duty, &line));
                service.kill();
            }
        }
        next += 1;
    }
    service.start();
    service.stop();
    let size = verified(&service);
    println!(
        "{ROUNDS} kills, {} calls, {lost} cut off, {repeated} repeated alike, {size} entries verified",
        answers.len()
    );
    assert!(repeated > ROUNDS * CALLS_PER_ROUND);
}

#[test]
fn an_interrupted_job_and_sample_say_so_and_can_be_asked_for_again() {
    let work = tempfile::tempdir().unwrap();
    let mut service = Service::new(work.path());
    let persons = Persons::new(4, 30_000);
    let claims = Claims::new(4, &persons, 3);
    service.start();
    service.medical(&csv(&persons), &csv(&claims));
    service.approved("spend", &Service::spend_sql());

    let job = service.done(
        "operator",
        "job submit medical-spending/spend@1 --request-id first",
    );
    let name = job["name"].as_str().unwrap().to_owned();
    let short = format!("medical-spending/{}", name.rsplit('/').next().unwrap());
    until_logged(&service, "\"type\":\"job.started\"");
    service.kill();
    service.start();
    let watched = service.run("operator", &format!("job watch {short}"));
    interrupted(&service, &watched);
    let again = service.done(
        "operator",
        "job submit medical-spending/spend@1 --request-id first",
    );
    assert_eq!(again["name"], job["name"], "the same id is the same call");
    let second = service.done(
        "operator",
        "job submit medical-spending/spend@1 --watch --request-id second",
    );
    assert_ne!(second["name"], job["name"]);

    let sample = service.done(
        "developer",
        "sample request medical-spending --request-id s-first",
    );
    let short = format!(
        "medical-spending/{}",
        sample["name"].as_str().unwrap().rsplit('/').next().unwrap()
    );
    service.kill();
    service.start();
    let watched = service.run("developer", &format!("sample watch {short}"));
    interrupted(&service, &watched);
    service.done(
        "developer",
        "sample request medical-spending --watch --request-id s-second",
    );
    service.kill();
    service.start();
    let listed = service.done("provider", "dataset get ybj/persons");
    assert_eq!(
        listed["rows"],
        persons.rows(),
        "what was acknowledged is there: {listed}"
    );
    service.stop();
    println!(
        "job and sample interrupted and repeated; {} entries verified",
        verified(&service)
    );
}

/// What the requester and the log are told of work that a kill cut off.
fn interrupted(service: &Service, watched: &Ran) {
    assert_eq!(
        watched.code,
        Some(1),
        "it ended before the kill: {watched:?}"
    );
    let shown: Value = serde_json::from_str(&watched.stdout).unwrap();
    assert_eq!(shown["state"], "failed", "{shown}");
    let message = shown["refusal"]["message"].as_str().unwrap();
    assert!(
        message.contains("stopped while it ran") && message.contains("ask again"),
        "{shown}"
    );
    until_logged(service, "\"reason\":\"interrupted\"");
}

/// Waits until a text stands in the log's files.
fn until_logged(service: &Service, wanted: &str) {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let segments = crate::canary::files(&service.home().join("log"));
        let found = segments.iter().any(|file| {
            let bytes = fs::read(file).unwrap_or_default();
            bytes
                .windows(wanted.len())
                .any(|window| window == wanted.as_bytes())
        });
        if found {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("no {wanted} within {PATIENCE:?}");
}
