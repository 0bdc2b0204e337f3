//! The whole story of a delivery, told by a service with any intention, against each rule.

mod keys;
mod tampering;

use std::path::{Path, PathBuf};

use super::*;
use crate::event::EventBody;
use crate::leaf::Decision;
use crate::log::directory::{list_segments, segment_path};
use crate::log::{Log, NewEvent};
use crate::name::{Actor, Duty};
use crate::note::{NoteSigner, NoteVerifier};
use crate::receipt::Receipt;
use crate::statement::StatementKey;
use crate::testing::{self, CLAIMS, JOB, ORIGIN, PERSONS, PRODUCT, SAMPLE};
use crate::trust::{TrustEntry, TrustList};
use crate::{Digest, Statement};

/// The persons of the story, and the list that the regulator holds.
struct Cast {
    institution: StatementKey,
    /// A second person of the same institution.
    colleague: StatementKey,
    /// A second person of the claims' provider.
    claims_colleague: StatementKey,
    claims_provider: StatementKey,
    persons_provider: StatementKey,
    operator: StatementKey,
    trust: TrustList,
}

fn entry(organisation: &str, duty: Duty, key: &StatementKey) -> TrustEntry {
    TrustEntry {
        tenant: "xj".into(),
        organisation: organisation.into(),
        duty,
        person: "p-1".into(),
        public_key: key.public_key(),
    }
}

fn cast() -> Cast {
    let key = || StatementKey::generate().unwrap();
    let (institution, claims_provider) = (key(), key());
    let (persons_provider, operator) = (key(), key());
    let (colleague, claims_colleague) = (key(), key());
    let second = |entry: TrustEntry| TrustEntry {
        person: "p-2".into(),
        ..entry
    };
    let trust = TrustList::new(vec![
        second(entry("sjj", Duty::Institution, &colleague)),
        second(entry("ybj", Duty::Provider, &claims_colleague)),
        entry("sjj", Duty::Institution, &institution),
        entry("ybj", Duty::Provider, &claims_provider),
        entry("gaj", Duty::Provider, &persons_provider),
        entry("opco", Duty::Operator, &operator),
    ])
    .unwrap();
    Cast {
        institution,
        colleague,
        claims_colleague,
        claims_provider,
        persons_provider,
        operator,
        trust,
    }
}

/// Leaves 1 to 13; leaf 0 is `log.created`.
fn story(cast: &Cast) -> Vec<EventBody> {
    vec![
        testing::registered(CLAIMS, "ybj", 1).into(),
        testing::registered(PERSONS, "gaj", 1).into(),
        testing::published().into(),
        testing::permit("sample.request", SAMPLE).into(),
        testing::sample_released().into(),
        testing::submitted().into(),
        testing::approved(&cast.institution, "sjj").into(),
        testing::approved(&cast.claims_provider, "ybj").into(),
        testing::approved(&cast.persons_provider, "gaj").into(),
        testing::permit("job.submit", JOB).into(),
        testing::started(&[7, 8, 9]).into(),
        testing::delivered(&[7, 8, 9]).into(),
        crate::event::ResultFetched {
            resource: JOB.into(),
            file: "result.csv".into(),
            digest: Digest::of(b"result"),
        }
        .into(),
    ]
}

const SUBMITTED: u64 = 6;
const APPROVED: [u64; 3] = [7, 8, 9];
const STARTED: u64 = 11;
const DELIVERED: u64 = 12;

struct Written {
    home: tempfile::TempDir,
    key: NoteVerifier,
}

impl Written {
    fn path(&self) -> &Path {
        self.home.path()
    }

    fn segment(&self) -> PathBuf {
        segment_path(self.path(), list_segments(self.path()).unwrap().0[0])
    }
}

fn new_event(body: EventBody) -> NewEvent {
    let decided = matches!(body, EventBody::AccessDecided(_));
    let event = NewEvent::new(Actor::Service, "xj", body);
    match decided {
        true => event.decided(Decision::Permit, Digest::of(b"policies")),
        false => event,
    }
}

/// A log of these events, signed by a log key, as a service with any intention would write it.
fn open_log(events: Vec<EventBody>) -> (Log, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let log = Log::create(home.path(), NoteSigner::generate(ORIGIN).unwrap(), ORIGIN).unwrap();
    log.append_batch(events.into_iter().map(new_event).collect())
        .unwrap();
    (log, home)
}

fn write(events: Vec<EventBody>) -> Written {
    let (log, home) = open_log(events);
    let key = log.verifier().clone();
    Written { home, key }
}

fn problems(report: &Report) -> Vec<(Option<u64>, Problem)> {
    let findings = report.findings.iter();
    findings
        .map(|finding| (finding.place.seq, finding.problem))
        .collect()
}

/// Changes the story, lets the log key sign it, and compares what is found.
fn check(change: impl FnOnce(&mut Vec<EventBody>, &Cast), expect: &[(u64, Problem)]) {
    let cast = cast();
    let mut events = story(&cast);
    change(&mut events, &cast);
    let written = write(events);
    let report = log_directory(written.path(), &written.key, &cast.trust).unwrap();
    let expect: Vec<_> = expect.iter().map(|(seq, p)| (Some(*seq), *p)).collect();
    assert_eq!(problems(&report), expect, "{:#?}", report.findings);
}

/// Changes the body of leaf `seq`.
macro_rules! change {
    ($events:expr, $seq:expr, $variant:ident, |$body:ident| $change:expr) => {
        match &mut $events[$seq as usize - 1] {
            EventBody::$variant($body) => $change,
            other => panic!("leaf {} is {}", $seq, other.type_name()),
        }
    };
}

#[test]
fn the_true_story_verifies_and_says_what_was_not_checked() {
    let cast = cast();
    let written = write(story(&cast));
    let report = log_directory(written.path(), &written.key, &cast.trust).unwrap();
    assert_eq!(report.findings, []);
    assert_eq!((report.leaves, report.statements), (14, 3));
    assert_eq!(
        (report.size, report.origin.as_deref()),
        (Some(14), Some(ORIGIN))
    );
    assert_eq!(
        report.not_checked,
        [
            NotChecked::Witness,
            NotChecked::Contents,
            NotChecked::Clocks
        ]
    );
    let json = report.to_json();
    assert_eq!(json["verified"], true);
    assert_eq!(json["not_checked"][0]["code"], "witness");
}

#[test]
fn an_approval_forged_with_the_servers_keys_is_found() {
    // The service enrols a key of its own making and signs the whole log anew.
    let forge = |events: &mut Vec<EventBody>, _: &Cast| {
        let own = StatementKey::generate().unwrap();
        events[7] = testing::approved(&own, "ybj").into();
    };
    check(
        forge,
        &[
            (8, Problem::Untrusted),
            (STARTED, Problem::Approvals),
            (STARTED, Problem::Approvals),
        ],
    );
}

#[test]
fn approvals_by_the_wrong_person_do_not_count() {
    let lacking = [(STARTED, Problem::Approvals); 2];
    let check_one = |change: fn(&Cast) -> crate::event::ProductApproved, problem| {
        let expect = [&[(8, problem)], &lacking[..]].concat();
        check(|events, cast| events[7] = change(cast).into(), &expect);
    };
    // A trusted key that speaks for another organisation, or with another duty.
    check_one(
        |cast| testing::approved(&cast.persons_provider, "ybj"),
        Problem::Untrusted,
    );
    check_one(
        |cast| testing::approved(&cast.operator, "opco"),
        Problem::Untrusted,
    );
    check_one(
        |cast| {
            let mut body = testing::approved(&cast.claims_provider, "ybj");
            body.statement.statement.organisation = "sjj".into();
            body
        },
        Problem::Signature,
    );
}

#[test]
fn statements_that_say_something_else_do_not_count() {
    let check_one = |change: fn(&mut Statement)| {
        check(
            |events, cast| {
                let mut body = testing::approved(&cast.claims_provider, "ybj");
                change(&mut body.statement.statement);
                let statement = body.statement.statement.clone();
                body.statement = cast.claims_provider.sign(statement).unwrap();
                events[7] = body.into();
            },
            &[
                (8, Problem::Statement),
                (STARTED, Problem::Approvals),
                (STARTED, Problem::Approvals),
            ],
        );
    };
    check_one(|statement| statement.decision = crate::statement::StatementDecision::Reject);
    check_one(|statement| statement.resource.push('1'));
    check_one(|statement| statement.digest = Digest::of(b"another binding"));
}

#[test]
fn an_approval_is_used_once() {
    check(
        |events, _| {
            let copy = events[7].clone();
            events.push(copy);
        },
        &[(14, Problem::Replay)],
    );
}

#[test]
fn the_submitter_never_approves() {
    check(
        |events, _| {
            change!(events, SUBMITTED, ProductSubmitted, |body| {
                body.organisation = "ybj".into();
            })
        },
        &[
            (8, Problem::OwnApproval),
            (STARTED, Problem::Approvals),
            (STARTED, Problem::Approvals),
        ],
    );
}

#[test]
fn institution_and_every_provider_must_approve_before_the_start() {
    for left_out in APPROVED {
        check(
            |events, _| {
                let approvals: Vec<u64> = APPROVED
                    .into_iter()
                    .filter(|seq| *seq != left_out)
                    .collect();
                events[STARTED as usize - 1] = testing::started(&approvals).into();
                events[DELIVERED as usize - 1] = testing::delivered(&approvals).into();
            },
            &[(STARTED, Problem::Approvals)],
        );
    }
    // The provider's approval comes, but after the start.
    check(
        |events, _| events.swap(8, STARTED as usize - 1),
        &[
            (9, Problem::Permit),
            (9, Problem::Approvals),
            (9, Problem::Approvals),
        ],
    );
}

#[test]
fn the_run_is_of_what_was_bound() {
    check(
        |events, _| {
            change!(events, STARTED, JobStarted, |body| {
                body.binding_digest = Digest::of(b"other");
            })
        },
        &[(STARTED, Problem::Binding), (DELIVERED, Problem::Unfounded)],
    );
    check(
        |events, _| {
            change!(events, SUBMITTED, ProductSubmitted, |body| {
                body.binding.logic_digest = Digest::of(b"other logic");
            })
        },
        &[(SUBMITTED, Problem::Binding)],
    );
    check(
        |events, _| change!(events, STARTED, JobStarted, |body| body.version = 2),
        &[
            (STARTED, Problem::Unfounded),
            (DELIVERED, Problem::Unfounded),
        ],
    );
    check(
        |events, _| {
            change!(events, 1, DatasetRegistered, |body| {
                body.labels_digest = Digest::of(b"other labels");
            })
        },
        &[(SUBMITTED, Problem::Dataset), (STARTED, Problem::Dataset)],
    );
    check(
        |events, _| {
            change!(events, STARTED, JobStarted, |body| body.datasets[0]
                .version = 2)
        },
        &[(STARTED, Problem::Unfounded)],
    );
    check(
        |events, _| {
            change!(events, STARTED, JobStarted, |body| {
                body.datasets.pop();
            })
        },
        &[(STARTED, Problem::Dataset)],
    );
}

#[test]
fn nothing_is_delivered_without_a_start_or_twice() {
    check(
        |events, _| {
            change!(events, DELIVERED, JobDelivered, |body| {
                body.approvals.pop();
            })
        },
        &[(DELIVERED, Problem::Unfounded)],
    );
    check(
        |events, _| events[STARTED as usize - 1] = testing::published().into(),
        &[(DELIVERED, Problem::Unfounded)],
    );
    check(
        |events, _| events.push(testing::delivered(&APPROVED).into()),
        &[(14, Problem::Unfounded), (14, Problem::Duplicate)],
    );
    check(
        |events, _| events.push(testing::registered(CLAIMS, "ybj", 1).into()),
        &[(14, Problem::Duplicate)],
    );
    check(
        |events, _| events.push(testing::submitted().into()),
        &[(14, Problem::Duplicate)],
    );
}

#[test]
fn a_permit_precedes_samples_and_runs() {
    let other = "tenants/xj/scenarios/other";
    check(
        |events, _| events[3] = testing::permit("sample.request", other).into(),
        &[(5, Problem::Permit)],
    );
    check(
        |events, _| events[9] = testing::permit("job.submit", other).into(),
        &[(STARTED, Problem::Permit)],
    );
    // A permit for the product does for a job only through the same request.
    check(
        |events, _| events[9] = testing::permit("job.submit", PRODUCT).into(),
        &[(STARTED, Problem::Permit)],
    );
}

#[test]
fn a_permit_for_the_product_covers_the_job_of_the_same_request() {
    let cast = cast();
    let mut events = story(&cast);
    events[9] = testing::permit("job.submit", PRODUCT).into();
    let (log, home) = open_log(Vec::new());
    for (at, body) in events.into_iter().enumerate() {
        let event = new_event(body);
        let request = if at == 9 || at == 10 { "r-1" } else { "r-0" };
        log.append(event.request_id(request)).unwrap();
    }
    let key = log.verifier().clone();
    drop(log);
    let report = log_directory(home.path(), &key, &cast.trust).unwrap();
    assert_eq!(report.findings, []);
}

#[test]
fn samples_come_from_published_scenarios_and_fetches_from_releases() {
    check(
        |events, _| events[2] = testing::permit("x", SAMPLE).into(),
        &[(5, Problem::Unfounded)],
    );
    check(
        |events, _| change!(events, 3, ScenarioPublished, |body| body.datasets.clear()),
        &[(5, Problem::Dataset)],
    );
    check(
        |events, _| {
            change!(events, 13, ResultFetched, |body| {
                body.digest = Digest::of(b"raw rows");
            })
        },
        &[(13, Problem::File)],
    );
}

fn delivery_receipt(cast: &Cast) -> (Receipt, NoteVerifier) {
    let (log, _home) = open_log(story(cast));
    let supporting = [STARTED, 7, 8, 9, SUBMITTED, 1, 2];
    let receipt = log.receipt(DELIVERED, &supporting).unwrap();
    let text = receipt.to_json().unwrap();
    let read = Receipt::from_json(text.as_bytes()).unwrap();
    assert_eq!(read, receipt);
    (read, log.verifier().clone())
}

#[test]
fn a_receipt_proves_a_delivery_and_its_file() {
    let cast = cast();
    let (proof, key) = delivery_receipt(&cast);
    let file = |bytes: &[u8]| ResultFile::read("mine.csv", bytes).unwrap();
    let report = receipt(&proof, &[file(b"result")], &key, &cast.trust);
    assert_eq!(report.findings, []);
    assert_eq!((report.files, report.statements, report.leaves), (1, 3, 8));
    assert!(report.not_checked.contains(&NotChecked::RestOfLog));
    let report = receipt(&proof, &[file(b"resulT")], &key, &cast.trust);
    assert_eq!(problems(&report), [(None, Problem::File)]);
    let report = receipt(&proof, &[], &key, &cast.trust);
    assert!(report.is_verified() && report.not_checked.contains(&NotChecked::Files));
    let other = NoteSigner::generate(ORIGIN).unwrap().verifier();
    let report = receipt(&proof, &[], &other, &cast.trust);
    assert_eq!(problems(&report), [(None, Problem::Checkpoint)]);
    let report = receipt(&proof, &[], &key, &TrustList::default());
    assert!(!report.is_verified());
}

#[test]
fn a_receipt_without_one_of_its_leaves_or_with_a_changed_byte_is_refused() {
    let cast = cast();
    let (proof, key) = delivery_receipt(&cast);
    let entries = proof.entries().len();
    for left_out in 1..entries {
        let mut less = proof.entries().to_vec();
        less.remove(left_out);
        let less = Receipt::new(proof.checkpoint().to_owned(), less);
        let report = receipt(&less, &[], &key, &cast.trust);
        assert!(!report.is_verified(), "without entry {left_out}");
    }
    let text = proof.to_json().unwrap();
    for at in (0..text.len()).step_by(97) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        // White space between tokens may change; nothing that means something may.
        if let Ok(changed) = Receipt::from_json(&bytes) {
            let report = receipt(&changed, &[], &key, &cast.trust);
            assert!(changed == proof || !report.is_verified(), "byte {at}");
        }
    }
}
