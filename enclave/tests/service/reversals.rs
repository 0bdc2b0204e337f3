//! One surrogate back to its original: by the provider with a person of the institution, and in no other way.

use enclave::client::{Client, Failure, v1};
use lineage::statement::{StatementDecision, StatementKind};
use lineage::{Digest, Duty, EventBody, SignedStatement, Statement, StatementKey, verify};
use tonic::Status;

use crate::copies::{csv, leaves, with_sample};
use crate::harness::{
    SCENARIO, Service, ask_destruction, enrol, fixture, log_key, on_the_wire, refused, trust,
};

const PERSONS: &str = "tenants/xj/datasets/ybj/persons";
/// Written by the provider, and nowhere on the log.
const REASON: &str = "复核报销异常 case-7781";

fn question(
    sample: &v1::Sample,
    column: &str,
    value: &str,
    id: &str,
) -> v1::RequestReversalRequest {
    v1::RequestReversalRequest {
        parent: sample.name.clone(),
        dataset: PERSONS.into(),
        column: column.into(),
        value: value.into(),
        reason: REASON.into(),
        request_id: id.into(),
    }
}

async fn request(
    client: &Client,
    question: v1::RequestReversalRequest,
) -> Result<v1::Reversal, Status> {
    let answer = client.reversals().request_reversal(question).await?;
    Ok(answer.into_inner().reversal.unwrap())
}

async fn get(client: &Client, name: &str) -> Result<v1::Reversal, Status> {
    let request = v1::GetReversalRequest { name: name.into() };
    let answer = client.reversals().get_reversal(request).await?;
    Ok(answer.into_inner().reversal.unwrap())
}

async fn reveal(client: &Client, name: &str, id: &str) -> Result<String, Status> {
    let request = v1::ReverseValueRequest {
        name: name.into(),
        request_id: id.into(),
    };
    let answer = client.reversals().reverse_value(request).await?;
    Ok(answer.into_inner().value)
}

async fn confirm(
    client: &Client,
    name: &str,
    signed: &SignedStatement,
    id: &str,
) -> Result<v1::Reversal, Status> {
    let request = v1::ConfirmReversalRequest {
        name: name.into(),
        statement: Some(on_the_wire(signed)),
        request_id: id.into(),
    };
    let answer = client.reversals().confirm_reversal(request).await?;
    Ok(answer.into_inner().reversal.unwrap())
}

fn statement(service: &Service, reversal: &v1::Reversal) -> Statement {
    let digest = reversal.request_digest.parse().unwrap();
    assert_eq!(
        Digest::of(&reversal.request),
        digest,
        "what is signed is what is shown"
    );
    let _ = service;
    let (kind, decision) = (StatementKind::SampleReversal, StatementDecision::Approve);
    Statement::second_person(kind, &reversal.name, digest, decision, "szj").unwrap()
}

fn sign(service: &Service, statement: Statement) -> SignedStatement {
    let identity = service.home.client(Duty::Institution);
    let key = StatementKey::load(&identity.signing_key()).unwrap();
    key.sign(statement).unwrap()
}

/// The surrogates of a developer's copy of the persons.
async fn surrogates(service: &Service, sample: &v1::Sample, column: usize) -> Vec<String> {
    let developer = service.client(Duty::Developer).await;
    let text = csv(&developer, sample, "ybj.persons").await;
    let cell = |line: &str| line.split(',').nth(column).unwrap().to_owned();
    text.lines().skip(1).map(cell).collect()
}

/// The persons' own ids.
fn originals() -> Vec<String> {
    let text = fixture("data/persons.csv");
    let cell = |line: &str| line.split(',').next().unwrap().to_owned();
    text.lines().skip(1).map(cell).collect()
}

fn reversible(policy: String) -> String {
    policy.replace("sample: { method", "sample: { one_way: false, method")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_reversed_for_its_provider_with_the_institution() {
    let (service, sample) = with_sample("", reversible).await;
    let shown = surrogates(&service, &sample, 0).await;
    let (provider, institution) = (
        service.client(Duty::Provider).await,
        service.client(Duty::Institution).await,
    );
    enrol(&institution, &service.home.client(Duty::Institution), "key")
        .await
        .unwrap();
    let asked = request(
        &provider,
        question(&sample, "resident_id", &shown[7], "ask"),
    )
    .await
    .unwrap();
    assert_eq!(asked.state(), v1::ReversalState::Requested);
    refused(
        reveal(&provider, &asked.name, "early").await,
        "APPROVAL_MISSING",
    );
    let seen = get(&institution, &asked.name).await.unwrap();
    assert_eq!(seen, asked);
    let words: serde_json::Value = serde_json::from_slice(&seen.request).unwrap();
    assert_eq!(
        (words["value"].as_str(), words["reason"].as_str()),
        (Some(&*shown[7]), Some(REASON))
    );
    wrong_confirmations(&service, &asked).await;
    let signed = sign(&service, statement(&service, &seen));
    let confirmed = confirm(&institution, &asked.name, &signed, "confirm")
        .await
        .unwrap();
    assert_eq!(confirmed.state(), v1::ReversalState::Confirmed);
    refused(
        confirm(&institution, &asked.name, &signed, "twice").await,
        "STATE_NOT_ALLOWED",
    );
    nobody_else(&service, &asked.name).await;
    let original = reveal(&provider, &asked.name, "reveal").await.unwrap();
    assert!(originals().contains(&original));
    assert_ne!(original, shown[7]);
    // The same call gets it again; another one does not.
    assert_eq!(
        reveal(&provider, &asked.name, "reveal").await.unwrap(),
        original
    );
    refused(
        reveal(&provider, &asked.name, "more").await,
        "STATE_NOT_ALLOWED",
    );
    assert_eq!(
        get(&provider, &asked.name).await.unwrap().state(),
        v1::ReversalState::Answered
    );
    let kinds = [
        "reversal.requested",
        "reversal.confirmed",
        "reversal.answered",
    ];
    let log = leaves(&service).await;
    for kind in kinds {
        assert_eq!(
            log.iter()
                .filter(|leaf| leaf.body.type_name() == kind)
                .count(),
            1,
            "{kind}"
        );
    }
    // The log shows neither surrogate nor original nor reason.
    for leaf in &log {
        let text = format!("{:?}", leaf.body);
        for secret in [&shown[7], &original, REASON] {
            assert!(!text.contains(secret), "{}", leaf.seq);
        }
    }
    let service = service.restart().await;
    let provider = service.client(Duty::Provider).await;
    assert_eq!(
        reveal(&provider, &asked.name, "reveal").await.unwrap(),
        original
    );
    let (_directory, home) = service.stop().await;
    let report = verify::log_directory(&home.log(), &log_key(&home), &trust(&home)).unwrap();
    assert!(report.is_verified() && report.statements == 1, "{report:?}");
}

/// Statements that confirm something else, or are not the person's.
async fn wrong_confirmations(service: &Service, asked: &v1::Reversal) {
    let institution = service.client(Duty::Institution).await;
    let good = statement(service, asked);
    let wrong: [fn(&mut Statement); 5] = [
        |one| one.resource.push('0'),
        |one| one.digest = Digest::of(b"another request"),
        |one| one.organisation = "ybj".into(),
        |one| one.decision = StatementDecision::Reject,
        |one| one.kind = StatementKind::ProductApproval,
    ];
    for (number, change) in wrong.into_iter().enumerate() {
        let mut statement = good.clone();
        change(&mut statement);
        let signed = sign(service, statement);
        let id = format!("wrong-{number}");
        refused(
            confirm(&institution, &asked.name, &signed, &id).await,
            "STATEMENT_INVALID",
        );
    }
    let own = StatementKey::generate()
        .unwrap()
        .sign(good.clone())
        .unwrap();
    refused(
        confirm(&institution, &asked.name, &own, "own-key").await,
        "KEY_NOT_ENROLLED",
    );
    // A colleague of the provider who acts for the institution confirms nothing that the provider asked.
    let colleague = service.identity("karez://xj/ybj/institution/ybj-02");
    let colleague = service.connect(&colleague).await;
    let signed = sign(service, good);
    refused(
        confirm(&colleague, &asked.name, &signed, "colleague").await,
        "ACCESS_DENIED",
    );
}

/// Operators, developers, regulators, other providers and the institution itself get no original.
async fn nobody_else(service: &Service, name: &str) {
    let mut others = vec![
        service
            .connect(&service.identity("karez://xj/gaj/provider/gaj-01"))
            .await,
    ];
    for duty in [Duty::Operator, Duty::Developer, Duty::Regulator] {
        others.push(service.client(duty).await);
    }
    for other in &others {
        refused(get(other, name).await, "ACCESS_DENIED");
    }
    others.push(service.client(Duty::Institution).await);
    for (number, other) in others.iter().enumerate() {
        let id = format!("steal-{number}");
        refused(reveal(other, name, &id).await, "ACCESS_DENIED");
    }
}

fn names(failure: &Failure, word: &str) {
    assert!(failure.message.contains(word), "{failure:?}");
}

async fn reject(
    client: &Client,
    name: &str,
    signed: &SignedStatement,
    id: &str,
) -> Result<v1::Reversal, Status> {
    let request = v1::RejectReversalRequest {
        name: name.into(),
        statement: Some(on_the_wire(signed)),
        request_id: id.into(),
    };
    let answer = client.reversals().reject_reversal(request).await?;
    Ok(answer.into_inner().reversal.unwrap())
}

/// The institution's signed no.
fn no(service: &Service, reversal: &v1::Reversal) -> SignedStatement {
    let mut statement = statement(service, reversal);
    statement.decision = StatementDecision::Reject;
    statement.nonce = lineage::statement::fresh_nonce().unwrap();
    sign(service, statement)
}

/// The request's log entries say nothing of value, original or reason.
async fn silent(service: &Service, shown: &str) {
    let raw = originals();
    for leaf in leaves(service).await {
        let text = format!("{:?}", leaf.body);
        assert!(!text.contains(shown) && !text.contains(REASON), "{text}");
        assert!(!raw.iter().any(|id| text.contains(id.as_str())), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_reversal_is_never_answered() {
    let (service, sample) = with_sample("", reversible).await;
    let shown = surrogates(&service, &sample, 0).await;
    let (provider, institution) = (
        service.client(Duty::Provider).await,
        service.client(Duty::Institution).await,
    );
    let identity = service.home.client(Duty::Institution);
    enrol(&institution, &identity, "key").await.unwrap();
    // Once before a confirmation, once after it.
    for (number, confirmed_first) in [false, true].into_iter().enumerate() {
        let id = |step: &str| format!("{step}-{number}");
        let question = question(&sample, "resident_id", &shown[number], &id("ask"));
        let asked = request(&provider, question).await.unwrap();
        if confirmed_first {
            let yes = sign(&service, statement(&service, &asked));
            let confirmed = confirm(&institution, &asked.name, &yes, &id("yes")).await;
            confirmed.unwrap();
        }
        // Somebody of the provider who acts for the institution.
        let own = format!("karez://xj/ybj/institution/ybj-{number}");
        let own = service.connect(&service.identity(&own)).await;
        let answer = reject(&own, &asked.name, &no(&service, &asked), &id("own")).await;
        refused(answer, "ACCESS_DENIED");
        let yes = sign(&service, statement(&service, &asked));
        let answer = reject(&institution, &asked.name, &yes, &id("as-yes")).await;
        refused(answer, "STATEMENT_INVALID");
        let signed = no(&service, &asked);
        let ended = reject(&institution, &asked.name, &signed, &id("no")).await;
        assert_eq!(ended.unwrap().state(), v1::ReversalState::Rejected);
        let yes = sign(&service, statement(&service, &asked));
        for answer in [
            confirm(&institution, &asked.name, &yes, &id("late")).await,
            reject(
                &institution,
                &asked.name,
                &no(&service, &asked),
                &id("more"),
            )
            .await,
        ] {
            let failure = refused(answer, "STATE_NOT_ALLOWED");
            assert_eq!(failure.metadata["state"], "rejected");
            assert!(!format!("{failure:?}").contains(&shown[number]));
        }
        let answer = reveal(&provider, &asked.name, &id("reveal")).await;
        let failure = refused(answer, "STATE_NOT_ALLOWED");
        assert_eq!(failure.metadata["state"], "rejected");
        assert!(!format!("{failure:?}").contains(&shown[number]));
        silent(&service, &shown[number]).await;
    }
    let (_directory, home) = service.stop().await;
    let report = verify::log_directory(&home.log(), &log_key(&home), &trust(&home)).unwrap();
    assert!(report.is_verified() && report.statements == 3, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reversal_that_waits_too_long_expires() {
    let (service, sample) = with_sample("second_person_seconds_max = 4", reversible).await;
    let shown = surrogates(&service, &sample, 0).await;
    let (provider, institution) = (
        service.client(Duty::Provider).await,
        service.client(Duty::Institution).await,
    );
    let identity = service.home.client(Duty::Institution);
    enrol(&institution, &identity, "key").await.unwrap();
    let mut asked = Vec::new();
    for (number, value) in shown.iter().take(3).enumerate() {
        let question = question(&sample, "resident_id", value, &format!("ask-{number}"));
        asked.push(request(&provider, question).await.unwrap());
    }
    // One waits for its confirmation, one for its provider, and one is answered in time.
    for reversal in &asked[1..] {
        let yes = sign(&service, statement(&service, reversal));
        let confirmed = confirm(&institution, &reversal.name, &yes, &reversal.name[60..]).await;
        confirmed.unwrap();
    }
    reveal(&provider, &asked[2].name, "in-time").await.unwrap();
    let [created, expires] = [&asked[0].create_time, &asked[0].expire_time];
    assert!(expires.unwrap().seconds - created.unwrap().seconds >= 3);
    tokio::time::sleep(std::time::Duration::from_millis(4100)).await;
    let yes = sign(&service, statement(&service, &asked[0]));
    let answers = [
        confirm(&institution, &asked[0].name, &yes, "late")
            .await
            .map(drop),
        reveal(&provider, &asked[1].name, "late").await.map(drop),
        // The same call does not give the original again for ever.
        reveal(&provider, &asked[2].name, "in-time").await.map(drop),
    ];
    for answer in answers {
        let failure = refused(answer, "STATE_NOT_ALLOWED");
        assert_eq!(failure.metadata["state"], "expired");
        assert!(
            !shown
                .iter()
                .any(|value| format!("{failure:?}").contains(value))
        );
    }
    let states = [
        v1::ReversalState::Expired,
        v1::ReversalState::Expired,
        v1::ReversalState::Answered,
    ];
    for (reversal, state) in asked.iter().zip(states) {
        let seen = get(&provider, &reversal.name).await.unwrap();
        assert_eq!(seen.state(), state);
    }
    for value in &shown[..3] {
        silent(&service, value).await;
    }
    let (_directory, home) = service.stop().await;
    let report = verify::log_directory(&home.log(), &log_key(&home), &trust(&home)).unwrap();
    assert!(report.is_verified(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reversed_is_refused_with_its_reason() {
    let (service, sample) = with_sample("reversals_per_day_max = 2", reversible).await;
    let (ids, cards) = (
        surrogates(&service, &sample, 0).await,
        surrogates(&service, &sample, 6).await,
    );
    assert!(cards[0].starts_with("tk_"));
    let (provider, institution) = (
        service.client(Duty::Provider).await,
        service.client(Duty::Institution).await,
    );
    for duty in [
        Duty::Operator,
        Duty::Developer,
        Duty::Institution,
        Duty::Regulator,
    ] {
        let client = service.client(duty).await;
        let asked = request(&client, question(&sample, "resident_id", &ids[0], "steal")).await;
        refused(asked, "ACCESS_DENIED");
    }
    let check = |column: &'static str, value: String, reason: &'static str, word: &'static str| {
        let question = question(&sample, column, &value, &format!("{column}{}", value.len()));
        let provider = provider.clone();
        async move {
            let failure = refused(request(&provider, question).await, reason);
            names(&failure, word);
            assert!(!failure.message.contains(&value), "{failure:?}");
        }
    };
    check("card_no", cards[0].clone(), "NOT_REVERSIBLE", "`token`").await;
    check(
        "sex",
        "男男男".into(),
        "NOT_REVERSIBLE",
        "holds no such value",
    )
    .await;
    check(
        "resident_id",
        originals()[0].clone(),
        "NOT_REVERSIBLE",
        "holds no such value",
    )
    .await;
    check("no_column", ids[0].clone(), "NOT_REVERSIBLE", "no column").await;
    check("resident_id", "9".repeat(300), "FIELD_INVALID", "`value`").await;
    let elsewhere = v1::RequestReversalRequest {
        dataset: "tenants/xj/datasets/ybj/none".into(),
        ..question(&sample, "resident_id", &ids[0], "elsewhere")
    };
    refused(request(&provider, elsewhere).await, "ACCESS_DENIED");
    // Two a day, then no more; and none once the key is gone, not even one that was asked before.
    let first = request(&provider, question(&sample, "resident_id", &ids[0], "1")).await;
    let first = first.unwrap();
    request(&provider, question(&sample, "resident_id", &ids[1], "2"))
        .await
        .unwrap();
    let third = request(&provider, question(&sample, "resident_id", &ids[2], "3")).await;
    names(&refused(third, "LIMIT_EXCEEDED"), "reversals_per_day_max");
    let identity = service.home.client(Duty::Institution);
    enrol(&institution, &identity, "key").await.unwrap();
    let signed = sign(&service, statement(&service, &first));
    let confirmed = confirm(&institution, &first.name, &signed, "confirm").await;
    confirmed.unwrap();
    let asked = ask_destruction(&institution, SCENARIO, "destroy").await;
    let colleague = service.colleague(Duty::Institution).await;
    let destroyed = colleague.confirm(&asked.unwrap(), "destroy").await;
    destroyed.unwrap();
    let failure = refused(
        reveal(&provider, &first.name, "late").await,
        "KEY_DESTROYED",
    );
    assert_eq!(failure.metadata["key"], SCENARIO);
    let log = leaves(&service).await;
    let answered = |leaf: &lineage::Leaf| matches!(leaf.body, EventBody::ReversalAnswered(_));
    assert!(!log.iter().any(answered));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_is_one_way_unless_its_policy_says_otherwise() {
    let (service, sample) = with_sample("", |policy| policy).await;
    assert!(sample.one_way);
    let shown = surrogates(&service, &sample, 0).await;
    let provider = service.client(Duty::Provider).await;
    let asked = request(
        &provider,
        question(&sample, "resident_id", &shown[0], "ask"),
    );
    names(&refused(asked.await, "NOT_REVERSIBLE"), "one-way");
    // The finished sample is served again after a restart, with no key left to make it from.
    let service = service.restart().await;
    assert_eq!(surrogates(&service, &sample, 0).await, shown);
    let released = leaves(&service)
        .await
        .into_iter()
        .find_map(|leaf| match leaf.body {
            EventBody::SampleReleased(body) => Some(body),
            _ => None,
        });
    assert!(released.unwrap().one_way);
    // A further release draws the same persons under other surrogates, which no two tables of two releases share.
    let provider = service.client(Duty::Provider).await;
    crate::harness::register(&provider, "claims", "claims-2")
        .await
        .unwrap();
    let developer = service.client(Duty::Developer).await;
    let again = crate::harness::sample_request("again");
    let again = developer.samples().request_sample(again).await.unwrap();
    let again = again.into_inner().sample.unwrap();
    let again = crate::harness::watch_sample(&developer, &again.name).await;
    let other = surrogates(&service, &again, 0).await;
    assert_eq!(other.len(), shown.len());
    let bodies = |ids: &[String]| -> std::collections::BTreeSet<String> {
        ids.iter().map(|id| id[..17].to_owned()).collect()
    };
    assert_eq!(bodies(&shown).intersection(&bodies(&other)).count(), 0);
}
