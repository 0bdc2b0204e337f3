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

const SERVICE: &str = "karez:service";
const PROVIDER: &str = "karez://xj/ybj/provider/p-1";
const DEVELOPER: &str = "karez://xj/devco/developer/ann";

/// Leaves 1 to 5: a reversible sample of both data sets.
fn released(one_way: bool) -> Vec<(&'static str, EventBody)> {
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

fn then(more: Vec<(&'static str, EventBody)>) -> Vec<(&'static str, EventBody)> {
    [released(false), more].concat()
}

#[test]
fn a_release_after_the_destruction_of_its_key_is_a_fault() {
    let version = format!("{CLAIMS}/versions/1");
    for path in [SCENARIO, CLAIMS, &version] {
        let mut events = released(false);
        let owner = crate::name::stream_of(path);
        let destroy = [
            (SERVICE, testing::permit("key.destroy", &owner).into()),
            (SERVICE, EventBody::from(testing::destroyed(path))),
        ];
        // The permit for the owner covers what lies below it only through the same request.
        let covered = path == owner;
        events.splice(4..4, destroy);
        let mut expect = vec![(Some(7), Problem::DestroyedKey)];
        if !covered {
            expect.insert(0, (Some(6), Problem::Permit));
        }
        assert_eq!(found(events).0, expect, "{path}");
    }
    // Another version's key is nothing to this release.
    let other = format!("{CLAIMS}/versions/2");
    let mut events = released(false);
    events.splice(
        4..4,
        [
            (SERVICE, testing::permit("key.destroy", &other).into()),
            (SERVICE, EventBody::from(testing::destroyed(&other))),
        ],
    );
    assert_eq!(found(events).0, []);
}

#[test]
fn a_run_after_the_destruction_of_its_key_is_a_fault() {
    check(
        |events, _| {
            let destroy = [
                testing::permit("key.destroy", CLAIMS).into(),
                EventBody::from(testing::destroyed(CLAIMS)),
            ];
            events.splice(10..10, destroy);
        },
        &[(13, Problem::DestroyedKey), (14, Problem::DestroyedKey)],
    );
}

#[test]
fn a_key_is_destroyed_once_by_permit_and_takes_no_new_version() {
    let permit = || (SERVICE, testing::permit("key.destroy", CLAIMS).into());
    let destroy = || (SERVICE, EventBody::from(testing::destroyed(CLAIMS)));
    assert_eq!(found(then(vec![permit(), destroy()])).0, []);
    assert_eq!(found(then(vec![destroy()])).0, [(Some(6), Problem::Permit)]);
    let again = testing::registered(CLAIMS, "ybj", 2);
    assert_eq!(
        found(then(vec![
            permit(),
            destroy(),
            destroy(),
            (SERVICE, again.into())
        ]))
        .0,
        [
            (Some(8), Problem::Duplicate),
            (Some(9), Problem::DestroyedKey)
        ]
    );
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
    let check = |more: Vec<(&'static str, EventBody)>, expect: &[(u64, Problem)]| {
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
fn reversal(cast: &Cast) -> Vec<(&'static str, EventBody)> {
    let confirmed = testing::reversal_confirmed(&cast.institution, "sjj");
    vec![
        (PROVIDER, testing::reversal_requested().into()),
        ("karez://xj/sjj/institution/p-1", confirmed.into()),
        (PROVIDER, testing::reversal_answered(8).into()),
    ]
}

fn permitted() -> Vec<(&'static str, EventBody)> {
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
    let check = |change: fn(&mut Vec<(&'static str, EventBody)>, &Cast),
                 expect: &[(u64, Problem)]| {
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
    check(
        |events, _| {
            let destroy = [
                (SERVICE, testing::permit("key.destroy", SCENARIO).into()),
                (SERVICE, EventBody::from(testing::destroyed(SCENARIO))),
            ];
            events.splice(8..8, destroy);
        },
        &[(11, Problem::DestroyedKey)],
    );
}
