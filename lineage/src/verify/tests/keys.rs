//! Destroyed keys, copies and reversals: what an honest service writes, and what is found when it does not.

use super::*;
use crate::testing::{REVERSAL, SCENARIO};

/// The story with actors: who does what matters here.
fn found(events: Vec<(&str, EventBody)>) -> (Vec<(Option<u64>, Problem)>, Report) {
    let cast = cast();
    found_by(&cast, events)
}

fn found_by(cast: &Cast, events: Vec<(&str, EventBody)>) -> (Vec<(Option<u64>, Problem)>, Report) {
    let home = tempfile::tempdir().unwrap();
    let log = Log::create(home.path(), NoteSigner::generate(ORIGIN).unwrap(), ORIGIN).unwrap();
    for (actor, body) in events {
        let mut event = new_event(body);
        event.actor = actor.parse().unwrap();
        log.append(event).unwrap();
    }
    let key = log.verifier().clone();
    drop(log);
    let report = log_directory(home.path(), &key, &cast.trust).unwrap();
    (problems(&report), report)
}

/// An actor, and what the log says of it.
type Told = (&'static str, EventBody);

const SERVICE: &str = "karez:service";
const PROVIDER: &str = "karez://xj/ybj/provider/p-1";
const INSTITUTION: &str = "karez://xj/sjj/institution/p-1";
const DEVELOPER: &str = "karez://xj/devco/developer/ann";

/// Leaves 1 to 5: a reversible sample of both data sets.
fn released(one_way: bool) -> Vec<Told> {
    let mut sample = testing::sample_released();
    sample.one_way = one_way;
    vec![
        (SERVICE, testing::registered(CLAIMS, "ybj", 1).into()),
        (SERVICE, testing::registered(PERSONS, "gaj", 1).into()),
        (SERVICE, testing::published().into()),
        (SERVICE, testing::permit("sample.request", SAMPLE).into()),
        (SERVICE, sample.into()),
    ]
}

fn then(more: Vec<Told>) -> Vec<Told> {
    [released(false), more].concat()
}

/// The three leaves of a destruction of this key: permit, request, order.
fn destruction(cast: &Cast, path: &str) -> Vec<Told> {
    let (asked, key) = wanted(cast, path);
    let asker = match asked.organisation.as_str() {
        "ybj" => PROVIDER,
        _ => INSTITUTION,
    };
    let permit = testing::permit("destruction.request", &asked.destruction);
    let destroyed = testing::destroyed(&asked, key);
    vec![
        (SERVICE, permit.into()),
        (asker, asked.into()),
        (SERVICE, destroyed.into()),
    ]
}

/// A request by the first person of whom the key protects, and the second person's key.
fn wanted<'c>(
    cast: &'c Cast,
    path: &str,
) -> (crate::event::DestructionRequested, &'c StatementKey) {
    let mut asked = testing::destruction_requested(path);
    if path == SCENARIO {
        asked.organisation = "sjj".into();
        return (asked, &cast.colleague);
    }
    (asked, &cast.claims_colleague)
}

#[test]
fn a_release_after_the_destruction_of_its_key_is_a_fault() {
    let cast = cast();
    let version = format!("{CLAIMS}/versions/1");
    let column = format!("{version}/columns/金额");
    for path in [SCENARIO, CLAIMS, &version, &column] {
        let mut events = released(false);
        if let EventBody::SampleReleased(body) = &mut events[4].1 {
            body.datasets[0].columns = vec!["id".into(), "金额".into()];
        }
        events.splice(4..4, destruction(&cast, path));
        let (found, report) = found_by(&cast, events);
        assert_eq!(found, [(Some(8), Problem::DestroyedKey)], "{path}");
        assert!(report.findings[0].detail.contains(path), "{report:?}");
        assert_eq!(report.destroyed_keys, [(7, path.to_owned())]);
        let json = report.to_json();
        assert_eq!(json["destroyed_keys"][0]["path"], path);
    }
    // Another version's key, and a column that was not read, are nothing to this release.
    let other = format!("{CLAIMS}/versions/2");
    let unread = format!("{version}/columns/unread");
    for path in [other, unread] {
        let mut events = released(false);
        if let EventBody::SampleReleased(body) = &mut events[4].1 {
            body.datasets[0].columns = vec!["id".into()];
        }
        events.splice(4..4, destruction(&cast, &path));
        let (found, report) = found_by(&cast, events);
        assert_eq!(found, [], "{path}");
        assert!(!report.not_checked.contains(&NotChecked::Columns));
    }
    // A release that lists no columns cannot be held against a destroyed one, and the report says so.
    let mut events = released(false);
    events.splice(4..4, destruction(&cast, &column));
    let (found, report) = found_by(&cast, events);
    assert_eq!(found, []);
    assert!(report.not_checked.contains(&NotChecked::Columns));
}

#[test]
fn a_run_after_the_destruction_of_its_key_is_a_fault() {
    let destruction = |cast: &Cast| {
        let asked = testing::destruction_requested(CLAIMS);
        let destroyed = testing::destroyed(&asked, &cast.claims_colleague);
        [
            testing::permit("destruction.request", &asked.destruction).into(),
            asked.into(),
            EventBody::from(destroyed),
        ]
    };
    // The story is told by the service itself, so the request is by nobody.
    check(
        |events, cast| {
            events.splice(10..10, destruction(cast));
        },
        &[
            (12, Problem::Destruction),
            (14, Problem::DestroyedKey),
            (15, Problem::DestroyedKey),
        ],
    );
}

#[test]
fn a_key_is_destroyed_once_and_takes_no_new_version() {
    let cast = cast();
    let honest = then(destruction(&cast, CLAIMS));
    let (found, report) = found_by(&cast, honest.clone());
    assert_eq!((found, report.statements), (vec![], 1));
    let again = testing::registered(CLAIMS, "ybj", 2);
    let mut more = honest;
    more.push((SERVICE, again.into()));
    assert_eq!(found_by(&cast, more).0, [(Some(9), Problem::DestroyedKey)]);
    let mut twice = then(destruction(&cast, CLAIMS));
    let mut asked = testing::destruction_requested(CLAIMS);
    asked.destruction.push('2');
    let destroyed = testing::destroyed(&asked, &cast.claims_colleague);
    twice.extend([
        (SERVICE, testing::permit("x", &asked.destruction).into()),
        (PROVIDER, EventBody::from(asked)),
        (SERVICE, EventBody::from(destroyed)),
    ]);
    assert_eq!(found_by(&cast, twice).0, [(Some(11), Problem::Duplicate)]);
}

/// What is found when the destruction of this key is told in another way; leaves 6 to 8.
fn check_destruction(path: &str, change: fn(&mut Vec<Told>, &Cast), expect: &[(u64, Problem)]) {
    let cast = cast();
    let mut events = then(destruction(&cast, path));
    change(&mut events, &cast);
    let expect: Vec<_> = expect.iter().map(|(seq, p)| (Some(*seq), *p)).collect();
    assert_eq!(found_by(&cast, events).0, expect);
}

/// The request of leaf 7, changed, with the order that a person signs for exactly that.
fn asked_as(
    events: &mut [Told],
    key: &StatementKey,
    change: impl Fn(&mut crate::event::DestructionRequested),
) {
    let EventBody::DestructionRequested(asked) = &mut events[6].1 else {
        panic!("leaf 7 is the request");
    };
    change(asked);
    let destroyed = testing::destroyed(asked, key);
    events[7].1 = destroyed.into();
}

#[test]
fn a_destruction_rests_on_two_persons_of_one_organisation() {
    let wrong = Problem::Destruction;
    for path in [CLAIMS, SCENARIO] {
        check_destruction(path, |_, _| {}, &[]);
    }
    // Nobody asked; no permit.
    check_destruction(
        CLAIMS,
        |events, _| events[6] = (SERVICE, testing::permit("x", SAMPLE).into()),
        &[(8, Problem::Unfounded)],
    );
    check_destruction(
        CLAIMS,
        |events, _| events[5] = (SERVICE, testing::permit("x", SAMPLE).into()),
        &[(7, Problem::Permit), (8, Problem::Permit)],
    );
    // Who asked also confirmed: the one signature of a single person.
    check_destruction(
        CLAIMS,
        |events, cast| asked_as(events, &cast.claims_provider, |_| {}),
        &[(8, wrong)],
    );
    // The asker's name on the log is not the asker's.
    check_destruction(
        CLAIMS,
        |events, cast| {
            asked_as(events, &cast.claims_provider, |asked| {
                asked.person = "p-9".into()
            });
        },
        &[(7, wrong)],
    );
    // A person of another organisation, of another duty, of no trust.
    check_destruction(
        CLAIMS,
        |events, cast| {
            let EventBody::DestructionRequested(asked) = events[6].1.clone() else {
                panic!("leaf 7 is the request");
            };
            let digest = asked.digest().unwrap();
            let statement = Statement::second_person(
                crate::statement::StatementKind::KeyDestruction,
                &asked.destruction,
                digest,
                crate::statement::StatementDecision::Approve,
                "gaj",
            );
            let statement = cast.persons_provider.sign(statement.unwrap()).unwrap();
            let body = testing::destroyed(&asked, &cast.persons_provider);
            events[7].1 = crate::event::KeyDestroyed { statement, ..body }.into();
        },
        &[(8, wrong)],
    );
    check_destruction(
        CLAIMS,
        |events, cast| asked_as(events, &cast.institution, |_| {}),
        &[(8, Problem::Untrusted)],
    );
    check_destruction(
        CLAIMS,
        |events, _| asked_as(events, &StatementKey::generate().unwrap(), |_| {}),
        &[(8, Problem::Untrusted)],
    );
    // Not the provider's own key; a request without a term, or with a month.
    check_destruction(
        CLAIMS,
        |events, cast| {
            let persons = format!("{PERSONS}/destructions/d1");
            asked_as(events, &cast.claims_colleague, |asked| {
                asked.path = PERSONS.into();
                asked.destruction = persons.clone();
            });
            events[5].1 = testing::permit("x", &persons).into();
        },
        &[(7, wrong)],
    );
    check_destruction(
        CLAIMS,
        |events, cast| {
            asked_as(events, &cast.claims_colleague, |asked| {
                asked.expires = asked.expires.after_seconds(30 * 24 * 3600);
            });
        },
        &[(7, wrong)],
    );
}

#[test]
fn what_is_destroyed_is_what_was_asked_for_and_not_rejected_or_expired() {
    let wrong = Problem::Destruction;
    // The second person signed for one version, and the whole data set is gone.
    check_destruction(
        CLAIMS,
        |events, cast| {
            asked_as(events, &cast.claims_colleague, |asked| {
                asked.path.push_str("/versions/1");
            });
            if let EventBody::KeyDestroyed(body) = &mut events[7].1 {
                body.path = CLAIMS.into();
            }
        },
        &[(8, wrong)],
    );
    // A statement that says no, shown as a yes; one of another kind.
    check_destruction(
        CLAIMS,
        |events, cast| {
            let (asked, key) = wanted(cast, CLAIMS);
            let statement = testing::destruction_rejected(&asked, key).statement;
            events[7].1 = crate::event::KeyDestroyed {
                statement,
                ..testing::destroyed(&asked, key)
            }
            .into();
            events[6].1 = asked.into();
        },
        &[(8, Problem::Statement)],
    );
    check_destruction(
        CLAIMS,
        |events, _| {
            if let EventBody::KeyDestroyed(body) = &mut events[7].1 {
                body.statement.statement.nonce.push('0');
            }
        },
        &[(8, Problem::Signature)],
    );
    // Rejected by a person of the organisation, the asker included; then carried out all the same.
    check_destruction(
        CLAIMS,
        |events, cast| {
            let EventBody::DestructionRequested(asked) = events[6].1.clone() else {
                panic!("leaf 7 is the request");
            };
            let rejected = testing::destruction_rejected(&asked, &cast.claims_provider);
            events.insert(7, (SERVICE, rejected.into()));
        },
        &[(9, wrong)],
    );
    // Expired before its time, and by that over.
    check_destruction(
        CLAIMS,
        |events, _| {
            let EventBody::DestructionRequested(asked) = events[6].1.clone() else {
                panic!("leaf 7 is the request");
            };
            let expired = testing::destruction_expired(&asked);
            events.insert(7, (SERVICE, expired.into()));
        },
        &[(8, wrong), (9, wrong)],
    );
    // Rejected after it was carried out.
    check_destruction(
        CLAIMS,
        |events, cast| {
            let EventBody::DestructionRequested(asked) = events[6].1.clone() else {
                panic!("leaf 7 is the request");
            };
            let rejected = testing::destruction_rejected(&asked, &cast.claims_provider);
            events.push((SERVICE, rejected.into()));
        },
        &[(9, wrong)],
    );
}

/// Writes these events so that the clock passes `seconds` before the last ones, from the index `late` on.
fn found_late(
    cast: &Cast,
    events: Vec<Told>,
    late: usize,
    wait: std::time::Duration,
) -> Vec<(Option<u64>, Problem)> {
    let home = tempfile::tempdir().unwrap();
    let log = Log::create(home.path(), NoteSigner::generate(ORIGIN).unwrap(), ORIGIN).unwrap();
    for (place, (actor, body)) in events.into_iter().enumerate() {
        if place == late {
            std::thread::sleep(wait);
        }
        let mut event = new_event(body);
        event.actor = actor.parse().unwrap();
        log.append(event).unwrap();
    }
    let key = log.verifier().clone();
    drop(log);
    problems(&log_directory(home.path(), &key, &cast.trust).unwrap())
}

#[test]
fn after_its_time_nothing_is_confirmed_answered_or_destroyed() {
    let cast = cast();
    let soon = || crate::Timestamp::now().after_seconds(1);
    let wait = std::time::Duration::from_millis(1100);
    let mut asked = testing::destruction_requested(CLAIMS);
    asked.expires = soon();
    let events = |last: EventBody| {
        then(vec![
            (SERVICE, testing::permit("x", &asked.destruction).into()),
            (PROVIDER, asked.clone().into()),
            (SERVICE, last),
        ])
    };
    let destroyed = testing::destroyed(&asked, &cast.claims_colleague);
    let late = found_late(&cast, events(destroyed.into()), 7, wait);
    assert_eq!(late, [(Some(8), Problem::Destruction)]);

    let mut asked = testing::destruction_requested(CLAIMS);
    asked.expires = soon();
    let expired = testing::destruction_expired(&asked);
    let honest = then(vec![
        (SERVICE, testing::permit("x", &asked.destruction).into()),
        (PROVIDER, asked.into()),
        (SERVICE, expired.into()),
    ]);
    assert_eq!(found_late(&cast, honest, 7, wait), []);

    let with_expiry = || {
        let mut events = [permitted(), reversal(&cast)].concat();
        if let EventBody::ReversalRequested(body) = &mut events[6].1 {
            body.expires = soon();
        }
        events
    };
    let late = found_late(&cast, with_expiry(), 8, wait);
    assert_eq!(late, [(Some(9), Problem::Reversal)]);
    let late = found_late(&cast, with_expiry(), 7, wait);
    assert_eq!(
        late,
        [(Some(8), Problem::Reversal), (Some(9), Problem::Reversal)]
    );
    let mut honest = with_expiry();
    honest[8] = (SERVICE, testing::reversal_expired().into());
    assert_eq!(found_late(&cast, honest, 8, wait), []);
}

fn fetched(bytes: &[u8]) -> EventBody {
    crate::event::ResultFetched {
        resource: SAMPLE.into(),
        file: "claims.csv".into(),
        digest: Digest::of(bytes),
    }
    .into()
}

#[test]
fn a_sample_is_fetched_as_the_copy_of_who_fetches() {
    let copy = || (DEVELOPER, EventBody::from(testing::copied()));
    let honest = then(vec![
        copy(),
        (DEVELOPER, fetched(b"copy")),
        (SERVICE, testing::traced(&[6]).into()),
    ]);
    assert_eq!(found(honest).0, []);
    let check = |more: Vec<Told>, expect: &[(u64, Problem)]| {
        let expect: Vec<_> = expect.iter().map(|(seq, p)| (Some(*seq), *p)).collect();
        assert_eq!(found(then(more)).0, expect);
    };
    // The unmarked sample, another person's copy, no copy at all.
    let file = Problem::File;
    check(vec![copy(), (DEVELOPER, fetched(b"sample"))], &[(7, file)]);
    let other = "karez://xj/devco/developer/bob";
    check(vec![copy(), (other, fetched(b"copy"))], &[(7, file)]);
    check(vec![(DEVELOPER, fetched(b"sample"))], &[(6, file)]);
    // Two copies for one person; a copy with a file that was not released; somebody told who had no copy.
    check(vec![copy(), copy()], &[(7, Problem::Duplicate)]);
    let mut more = testing::copied();
    more.files.push(testing::file("raw.csv", b"raw"));
    check(vec![(DEVELOPER, more.into())], &[(6, file)]);
    let traced = (SERVICE, testing::traced(&[5]).into());
    check(vec![traced], &[(6, Problem::Unfounded)]);
}

/// The three events of a reversal.
fn reversal(cast: &Cast) -> Vec<Told> {
    let confirmed = testing::reversal_confirmed(&cast.institution, "sjj");
    vec![
        (PROVIDER, testing::reversal_requested().into()),
        ("karez://xj/sjj/institution/p-1", confirmed.into()),
        (PROVIDER, testing::reversal_answered(8).into()),
    ]
}

fn permitted() -> Vec<Told> {
    then(vec![(
        SERVICE,
        testing::permit("reversal.request", REVERSAL).into(),
    )])
}

#[test]
fn a_reversal_rests_on_the_provider_and_a_person_of_the_institution() {
    let cast = cast();
    let (found, report) = found_by(&cast, [permitted(), reversal(&cast)].concat());
    assert_eq!((found, report.statements), (vec![], 1));
    let check = |change: fn(&mut Vec<Told>, &Cast), expect: &[(u64, Problem)]| {
        let mut events = [permitted(), reversal(&cast)].concat();
        change(&mut events, &cast);
        let expect: Vec<_> = expect.iter().map(|(seq, p)| (Some(*seq), *p)).collect();
        assert_eq!(found_by(&cast, events).0, expect);
    };
    let unconfirmed = (9, Problem::Reversal);
    check(
        |events, _| events[7].1 = testing::permit("x", SAMPLE).into(),
        &[unconfirmed],
    );
    check(
        |events, cast| {
            events[7].1 = testing::reversal_confirmed(&cast.claims_provider, "ybj").into();
        },
        &[(8, Problem::Untrusted), unconfirmed],
    );
    check(
        |events, _| {
            let own = StatementKey::generate().unwrap();
            events[7].1 = testing::reversal_confirmed(&own, "sjj").into();
        },
        &[(8, Problem::Untrusted), unconfirmed],
    );
    check(
        |events, cast| {
            let mut body = testing::reversal_confirmed(&cast.institution, "sjj");
            let mut statement = body.statement.statement.clone();
            statement.kind = crate::statement::StatementKind::ProductApproval;
            body.statement = cast.institution.sign(statement).unwrap();
            events[7].1 = body.into();
        },
        &[(8, Problem::Statement), unconfirmed],
    );
    check(
        |events, _| events[8].0 = "karez://xj/opco/operator/o-1",
        &[(9, Problem::Reversal)],
    );
    check(
        |events, _| events.push(events[8].clone()),
        &[(10, Problem::Duplicate)],
    );
    check(
        |events, _| events[6].0 = "karez://xj/gaj/provider/p-1",
        &[(7, Problem::Reversal), (9, Problem::Reversal)],
    );
    check(
        |events, _| events[4] = released(true).remove(4),
        &[(7, Problem::Reversal)],
    );
    // The scenario's key, the data set's, the version's or the column's was destroyed in between.
    let version = format!("{CLAIMS}/versions/1");
    let column = format!("{version}/columns/resident_id");
    for path in [SCENARIO, CLAIMS, &version, &column] {
        let mut events = [permitted(), reversal(&cast)].concat();
        events.splice(8..8, destruction(&cast, path));
        let (found, report) = found_by(&cast, events);
        assert_eq!(found, [(Some(12), Problem::DestroyedKey)], "{path}");
        assert!(report.findings[0].detail.contains(path), "{report:?}");
    }
    // Another column's key is nothing to this value.
    let mut events = [permitted(), reversal(&cast)].concat();
    let other = format!("{version}/columns/amount");
    events.splice(8..8, destruction(&cast, &other));
    assert_eq!(found_by(&cast, events).0, []);
}

#[test]
fn the_organisation_that_asks_does_not_confirm_for_itself() {
    let mut cast = cast();
    let own = StatementKey::generate().unwrap();
    // Trusted, and acting for the institution: but of the organisation that asked.
    cast.trust
        .add(entry("ybj", Duty::Institution, &own))
        .unwrap();
    let mut events = [permitted(), reversal(&cast)].concat();
    events[7].1 = testing::reversal_confirmed(&own, "ybj").into();
    assert_eq!(
        found_by(&cast, events).0,
        [
            (Some(8), Problem::OwnApproval),
            (Some(9), Problem::Reversal)
        ]
    );
}

#[test]
fn a_rejected_or_expired_reversal_is_never_answered() {
    let cast = cast();
    let wrong = Problem::Reversal;
    let rejected = || EventBody::from(testing::reversal_rejected(&cast.institution, "sjj"));
    let check = |change: &dyn Fn(&mut Vec<Told>), expect: &[(u64, Problem)]| {
        let mut events = [permitted(), reversal(&cast)].concat();
        change(&mut events);
        let expect: Vec<_> = expect.iter().map(|(seq, p)| (Some(*seq), *p)).collect();
        assert_eq!(found_by(&cast, events).0, expect);
    };
    // Rejected, and that is the end: an honest log.
    check(
        &|events| {
            events.truncate(7);
            events.push((INSTITUTION, rejected()));
        },
        &[],
    );
    // Rejected after the confirmation, answered all the same; confirmed after the rejection.
    check(
        &|events| events.insert(8, (INSTITUTION, rejected())),
        &[(10, wrong)],
    );
    check(
        &|events| {
            events.insert(7, (INSTITUTION, rejected()));
            if let EventBody::ReversalAnswered(body) = &mut events[9].1 {
                body.confirmation = 9;
            }
        },
        &[(9, wrong), (10, wrong)],
    );
    // Rejected once it was answered, or twice.
    check(
        &|events| events.push((INSTITUTION, rejected())),
        &[(10, wrong)],
    );
    check(
        &|events| {
            events.truncate(7);
            events.extend([(INSTITUTION, rejected()), (INSTITUTION, rejected())]);
        },
        &[(9, wrong)],
    );
    // A rejection that nobody of the institution signed is found, and counts all the same.
    let forged = || {
        let own = StatementKey::generate().unwrap();
        EventBody::from(testing::reversal_rejected(&own, "sjj"))
    };
    check(
        &|events| events.insert(8, (INSTITUTION, forged())),
        &[(9, Problem::Untrusted), (10, wrong)],
    );
    // Expired before its time, and then answered; a term of a month.
    let expired = || EventBody::from(testing::reversal_expired());
    check(
        &|events| events.insert(8, (SERVICE, expired())),
        &[(9, wrong), (10, wrong)],
    );
    check(
        &|events| {
            if let EventBody::ReversalRequested(body) = &mut events[6].1 {
                body.expires = body.expires.after_seconds(30 * 24 * 3600);
            }
        },
        &[(7, wrong)],
    );
}
