//! A query on the service and at home: the same bytes, or the same refusal with the same rule and column.

use std::time::Duration;

use enclave::intake::Format;
use enclave::local::{Inputs, LogicRun, RunError, run_logic};
use enclave::operations::Failure;
use enclave::registry::JobState;
use enclave::worker::{JobFailure, JobLimits};

use crate::binary;
use crate::desk::{Desk, fixture};

/// What came of a query.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// The result as it may leave.
    Result(Vec<u8>),
    /// Reason, rule, column, and the sentence.
    Refused(Refused),
}

#[derive(Debug, PartialEq, Eq)]
struct Refused {
    reason: String,
    rule: String,
    column: Option<String>,
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
    "",
];

#[test]
fn the_service_and_logic_run_answer_alike() {
    let work = tempfile::tempdir().unwrap();
    let desk = Desk::open(&work.path().join("home"));
    let read = |name: &str| std::fs::read(fixture(name)).unwrap();
    desk.medical(&read("data/persons.csv"), &read("data/claims.csv"));
    desk.enrol_reviewers();
    let (mut results, mut refusals) = (0, 0);
    for (number, sql) in GOOD.iter().chain(BAD).enumerate() {
        let served = on_the_service(&desk, &format!("q{number}"), sql);
        let home = at_home(work.path(), sql);
        assert_eq!(served, home, "{sql}");
        match served {
            Answer::Result(bytes) => {
                results += 1;
                assert!(
                    bytes.iter().filter(|byte| **byte == b'\n').count() >= 2,
                    "{sql} gives no rows"
                );
            }
            Answer::Refused(refused) => {
                refusals += 1;
                assert!(
                    !refused.rule.is_empty() && !refused.message.is_empty(),
                    "{sql}: {refused:?}"
                );
                println!("{sql:?}: {} ({})", refused.message, refused.rule);
            }
        }
    }
    println!("{results} equal results, {refusals} equal refusals");
    assert_eq!((results, refusals), (GOOD.len(), BAD.len()));
    desk.enclave.stop().unwrap();
}

fn on_the_service(desk: &Desk, product: &str, sql: &str) -> Answer {
    if let Err(failure) = desk.submit(product, sql) {
        return refused(&failure);
    }
    desk.approve(product);
    let job = desk.submit_job(&format!("run-{product}"), product);
    match desk.job_ended(&job).state {
        JobState::Delivered { .. } => Answer::Result(desk.fetched(&job, "result.csv")),
        JobState::Refused { refusal_digest, .. } => {
            refused(&desk.enclave.kept_refusal(refusal_digest.as_ref()).unwrap())
        }
        other => panic!("{sql}: {other:?}"),
    }
}

fn refused(failure: &Failure) -> Answer {
    let named = |key: &str| {
        failure
            .metadata
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.clone())
    };
    Answer::Refused(Refused {
        reason: named("refusal").unwrap_or_else(|| panic!("{failure:?} is no refusal of the gate")),
        rule: named("rule").unwrap_or_default(),
        column: named("column"),
        message: failure.message.clone(),
    })
}

fn at_home(work: &std::path::Path, sql: &str) -> Answer {
    let run = LogicRun {
        inputs: Inputs {
            files: vec![
                ("ybj/persons".to_owned(), fixture("data/persons.csv")),
                ("ybj/claims".to_owned(), fixture("data/claims.csv")),
            ],
            schemas: vec![
                fixture("schemas/persons.yaml"),
                fixture("schemas/claims.yaml"),
            ],
            policy: fixture("policies/medical.yaml"),
            csv: Format::default(),
        },
        sql: sql.to_owned(),
        program: binary::karez(),
        limits: JobLimits {
            wall: Duration::from_secs(120),
            ..JobLimits::default()
        },
        scratch: work.to_owned(),
    };
    match run_logic(&run) {
        Ok(produced) => {
            let csv = produced
                .files
                .into_iter()
                .find(|file| file.name == "result.csv");
            Answer::Result(csv.unwrap().bytes)
        }
        Err(RunError::Job(JobFailure::Refused(refused))) => Answer::Refused(Refused {
            reason: refused.reason(),
            rule: refused.refusal.rule.clone(),
            column: refused.refusal.column.clone(),
            message: refused.refusal.message.en.clone(),
        }),
        Err(other) => panic!("{sql}: {other}"),
    }
}
