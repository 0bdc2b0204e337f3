//! The key trees from outside: joins inside one scenario and none across two, and what a destroyed key takes with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use enclave::client::{Client, Failure, v1};
use lineage::statement::{StatementDecision, StatementKind};
use lineage::{
    Actor, Digest, Duty, EventBody, Leaf, SignedStatement, Statement, StatementKey, verify,
};
use tonic::Status;

use crate::copies::leaves;
use crate::harness::{
    Colleague, SCENARIO, Service, TENANT, ask_destruction, enrol, fetched, fixture, log_key,
    not_given, on_the_wire, publication, refused, register, sample_request, trust, watch_sample,
};

const CLAIMS: &str = "tenants/xj/datasets/ybj/claims";
const OTHER: &str = "tenants/xj/scenarios/other-spending";

/// Asks for the end of a key, and has the second person confirm it.
async fn destroy(
    client: &Client,
    second: &Colleague,
    key: &str,
    request_id: &str,
) -> Result<v1::Destruction, Status> {
    let asked = ask_destruction(client, key, request_id).await?;
    let confirmed = second.confirm(&asked, request_id).await?;
    assert_eq!(confirmed.state(), v1::DestructionState::Destroyed);
    Ok(confirmed)
}

async fn get(client: &Client, name: &str) -> Result<v1::Destruction, Status> {
    let request = v1::GetDestructionRequest { name: name.into() };
    let answer = client.keys().get_destruction(request).await?;
    Ok(answer.into_inner().destruction.unwrap())
}

async fn confirm(
    client: &Client,
    name: &str,
    signed: &SignedStatement,
    request_id: &str,
) -> Result<v1::Destruction, Status> {
    let request = v1::ConfirmDestructionRequest {
        name: name.into(),
        statement: Some(on_the_wire(signed)),
        request_id: request_id.into(),
    };
    let answer = client.keys().confirm_destruction(request).await?;
    Ok(answer.into_inner().destruction.unwrap())
}

async fn reject(
    client: &Client,
    name: &str,
    signed: &SignedStatement,
    request_id: &str,
) -> Result<v1::Destruction, Status> {
    let request = v1::RejectDestructionRequest {
        name: name.into(),
        statement: Some(on_the_wire(signed)),
        request_id: request_id.into(),
    };
    let answer = client.keys().reject_destruction(request).await?;
    Ok(answer.into_inner().destruction.unwrap())
}

/// The failure of a call that needs this destroyed key.
fn gone(failure: &Failure, key: &str) {
    assert_eq!(failure.metadata["key"], key, "{failure:?}");
    assert!(failure.message.contains(key), "{failure:?}");
}

/// The other scenario: the same policy under another name.
fn other_publication(policy: &str) -> v1::PublishScenarioRequest {
    v1::PublishScenarioRequest {
        parent: TENANT.into(),
        scenario_id: "other-spending".into(),
        policy: policy.replace("medical-spending", "other-spending"),
        request_id: "publish-other".into(),
    }
}

async fn ask(client: &Client, scenario: &str, id: &str) -> Result<v1::Sample, Status> {
    let request = v1::RequestSampleRequest {
        parent: scenario.into(),
        ..sample_request(id)
    };
    let asked = client.samples().request_sample(request).await?.into_inner();
    Ok(watch_sample(client, &asked.sample.unwrap().name).await)
}

/// A column of a released CSV file.
async fn column(client: &Client, sample: &v1::Sample, table: &str, name: &str) -> Vec<String> {
    let file = format!("{table}.csv");
    let file = sample.files.iter().find(|one| one.name == file).unwrap();
    let text = String::from_utf8(fetched(client, &sample.name, file).await).unwrap();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let place = lines.next().unwrap().split(',').position(|one| one == name);
    lines
        .map(|line| line.split(',').nth(place.unwrap()).unwrap().to_owned())
        .collect()
}

async fn two_tables(service: &Service) -> (Client, Client, Client) {
    let provider = service.client(Duty::Provider).await;
    register(&provider, "persons", "persons-1").await.unwrap();
    register(&provider, "claims", "claims-1").await.unwrap();
    let institution = service.client(Duty::Institution).await;
    (provider, institution, service.client(Duty::Developer).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_is_one_token_in_a_scenario_and_unlinkable_in_another() {
    let service = Service::start("").await;
    let (_, institution, developer) = two_tables(&service).await;
    let fpe = "{ fpe: { domain: resident-id, keep: [province, sex] } }";
    let policy = fixture("policies/medical.yaml").replace(fpe, "token");
    let publish = |request: v1::PublishScenarioRequest| async {
        let published = institution.scenarios().publish_scenario(request).await;
        published.unwrap();
    };
    let mut first = publication("publish");
    first.policy = policy.clone();
    publish(first).await;
    publish(other_publication(&policy)).await;
    let mut tokens = Vec::new();
    for scenario in [SCENARIO, OTHER] {
        let sample = ask(&developer, scenario, scenario).await.unwrap();
        assert_eq!(sample.state(), v1::SampleState::Released, "{sample:?}");
        let persons = column(&developer, &sample, "ybj.persons", "resident_id").await;
        let persons: BTreeSet<String> = persons.into_iter().collect();
        let claims = column(&developer, &sample, "ybj.claims", "resident_id").await;
        let joined = claims.iter().filter(|id| persons.contains(*id)).count();
        assert!(joined > 100, "{joined} of {} claims join", claims.len());
        assert!(persons.iter().all(|token| token.starts_with("tk_")));
        tokens.push(persons);
    }
    // Both samples hold hundreds of the same persons; no token says which.
    assert!(tokens.iter().all(|tokens| tokens.len() > 100));
    assert_eq!(tokens[0].intersection(&tokens[1]).count(), 0);
}

/// Every file below a directory that holds these bytes.
fn holding(directory: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if std::fs::read(&path)
            .unwrap()
            .windows(bytes.len())
            .any(|window| window == bytes)
        {
            found.push(path);
        }
    }
    found
}

/// The wrapped keys below a place of the key store, with their files.
fn wrapped(service: &Service, below: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let keys = service.home.root().join("keys").join(below);
    let entries = std::fs::read_dir(keys).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.is_file())
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect()
}

/// The wrapped keys that were there before and are not now.
fn destroyed(
    before: Vec<(PathBuf, Vec<u8>)>,
    after: &[(PathBuf, Vec<u8>)],
) -> Vec<(PathBuf, Vec<u8>)> {
    let there = |path: &PathBuf| after.iter().any(|(other, _)| other == path);
    before
        .into_iter()
        .filter(|(path, _)| !there(path))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whom_a_key_protects_destroys_it() {
    let service = Service::start("").await;
    let (provider, institution, developer) = two_tables(&service).await;
    let published = institution
        .scenarios()
        .publish_scenario(publication("publish"))
        .await;
    published.unwrap();
    let rival = service.identity("karez://xj/gaj/provider/gaj-01");
    let rival = service.connect(&rival).await;
    let operator = service.client(Duty::Operator).await;
    let denied = "ACCESS_DENIED";
    refused(ask_destruction(&rival, CLAIMS, "1").await, denied);
    refused(ask_destruction(&institution, CLAIMS, "1").await, denied);
    refused(ask_destruction(&provider, SCENARIO, "1").await, denied);
    for client in [&operator, &developer] {
        refused(ask_destruction(client, CLAIMS, "2").await, denied);
        refused(ask_destruction(client, SCENARIO, "3").await, denied);
    }
    for (name, reason) in [
        (format!("{CLAIMS}/versions/2"), "NOT_FOUND"),
        (format!("{CLAIMS}/versions/1/columns/none"), "NOT_FOUND"),
        (
            format!("{CLAIMS}/versions/1/columns/__unit_person"),
            "NOT_FOUND",
        ),
        (format!("{CLAIMS}/versions/01"), "FIELD_INVALID"),
        ("tenants/xj/units".into(), "FIELD_INVALID"),
        ("blobs".into(), "FIELD_INVALID"),
    ] {
        refused(ask_destruction(&provider, &name, &name).await, reason);
    }
    let none = "tenants/xj/scenarios/none";
    refused(ask_destruction(&institution, none, "4").await, "NOT_FOUND");
    let unreasoned = v1::RequestDestructionRequest {
        key: CLAIMS.into(),
        reason: 0,
        request_id: "5".into(),
    };
    let answer = provider.keys().request_destruction(unreasoned).await;
    refused(answer, "FIELD_INVALID");
    second_persons(&service, &provider, &rival).await;
    // Nothing was destroyed by any of it.
    let sample = ask(&developer, SCENARIO, "sample").await.unwrap();
    assert_eq!(sample.state(), v1::SampleState::Released, "{sample:?}");
}

/// Nobody but a second person of the asking organisation confirms, by a statement that says exactly this.
async fn second_persons(service: &Service, provider: &Client, rival: &Client) {
    let asked = ask_destruction(provider, CLAIMS, "asked").await.unwrap();
    assert_eq!(asked.state(), v1::DestructionState::Requested);
    let own = service.home.client(Duty::Provider);
    enrol(provider, &own, "own").await.unwrap();
    let asker = Colleague {
        client: provider.clone(),
        key: StatementKey::load(&own.signing_key()).unwrap(),
        organisation: "ybj".into(),
    };
    let failure = refused(asker.confirm(&asked, "alone").await, "ACCESS_DENIED");
    assert!(
        failure.metadata["policies"].contains("second-person-confirms"),
        "{failure:?}"
    );
    let institution = service.colleague(Duty::Institution).await;
    let foreign = service.person("karez://xj/gaj/provider/gaj-02").await;
    for other in [&institution, &foreign] {
        refused(other.confirm(&asked, "foreign").await, "ACCESS_DENIED");
        refused(get(&other.client, &asked.name).await, "ACCESS_DENIED");
    }
    refused(get(rival, &asked.name).await, "ACCESS_DENIED");
    let second = service.colleague(Duty::Provider).await;
    assert_eq!(get(&second.client, &asked.name).await.unwrap(), asked);
    let good = second.answer(&asked, StatementDecision::Approve).statement;
    let wrong: [fn(&mut Statement); 5] = [
        |one| one.resource.push('0'),
        |one| one.digest = Digest::of(b"another request"),
        |one| one.organisation = "gaj".into(),
        |one| one.decision = StatementDecision::Reject,
        |one| one.kind = StatementKind::SampleReversal,
    ];
    for (number, change) in wrong.into_iter().enumerate() {
        let mut statement = good.clone();
        change(&mut statement);
        let signed = second.key.sign(statement).unwrap();
        let id = format!("wrong-{number}");
        let answer = confirm(&second.client, &asked.name, &signed, &id).await;
        refused(answer, "STATEMENT_INVALID");
    }
    let strange = StatementKey::generate().unwrap().sign(good).unwrap();
    let answer = confirm(&second.client, &asked.name, &strange, "strange").await;
    refused(answer, "KEY_NOT_ENROLLED");
    rejected(&asked, &asker, &second).await;
}

/// A no is signed as well, by who asked or by a second person, and ends the request.
async fn rejected(asked: &v1::Destruction, asker: &Colleague, second: &Colleague) {
    let yes = second.answer(asked, StatementDecision::Approve);
    let answer = reject(&second.client, &asked.name, &yes, "yes").await;
    refused(answer, "STATEMENT_INVALID");
    let no = second.answer(asked, StatementDecision::Reject);
    let ended = reject(&second.client, &asked.name, &no, "no")
        .await
        .unwrap();
    assert_eq!(ended.state(), v1::DestructionState::Rejected);
    let failure = refused(second.confirm(asked, "late").await, "STATE_NOT_ALLOWED");
    assert_eq!(failure.metadata["state"], "rejected");
    let again = ask_destruction(&asker.client, CLAIMS, "again").await;
    let again = again.unwrap();
    assert_ne!(again.name, asked.name);
    let no = asker.answer(&again, StatementDecision::Reject);
    let ended = reject(&asker.client, &again.name, &no, "own-no").await;
    assert_eq!(ended.unwrap().state(), v1::DestructionState::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destruction_that_nobody_confirms_expires_and_the_key_stays() {
    let service = Service::start("second_person_seconds_max = 2").await;
    let (provider, _, _) = two_tables(&service).await;
    let second = service.colleague(Duty::Provider).await;
    let asked = ask_destruction(&provider, CLAIMS, "asked").await.unwrap();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let failure = refused(second.confirm(&asked, "late").await, "STATE_NOT_ALLOWED");
    assert_eq!(failure.metadata["state"], "expired");
    let seen = get(&provider, &asked.name).await.unwrap();
    assert_eq!(seen.state(), v1::DestructionState::Expired);
    // One that nobody looks at again is ended by the next start.
    let left = ask_destruction(&provider, CLAIMS, "left").await.unwrap();
    drop((provider, second.client));
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let service = service.restart().await;
    let ended: Vec<Leaf> = leaves(&service)
        .await
        .into_iter()
        .filter(|leaf| matches!(leaf.body, EventBody::DestructionExpired(_)))
        .collect();
    let names: Vec<String> = ended.iter().map(|leaf| leaf.body.subject()).collect();
    assert_eq!(names, [asked.name, left.name]);
    assert!(ended.iter().all(|leaf| leaf.actor == Actor::Service));
    let provider = service.client(Duty::Provider).await;
    register(&provider, "claims", "claims-2").await.unwrap();
    let (_directory, home) = service.stop().await;
    let report = verify::log_directory(&home.log(), &log_key(&home), &trust(&home)).unwrap();
    assert!(report.is_verified(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destroyed_key_takes_its_data_with_it_and_nothing_else() {
    let service = Service::start("").await;
    let (provider, institution, developer) = two_tables(&service).await;
    let published = institution
        .scenarios()
        .publish_scenario(publication("publish"))
        .await;
    published.unwrap();
    let first = ask(&developer, SCENARIO, "first").await.unwrap();
    assert_eq!(first.state(), v1::SampleState::Released, "{first:?}");
    let second = service.colleague(Duty::Provider).await;
    let colleague = service.colleague(Duty::Institution).await;

    // One column of one version: a further draw over it is refused by name; the released sample is served.
    let columns = "tenants/xj/datasets/ybj/claims/versions/1/columns";
    let before = wrapped(&service, columns);
    let amount = format!("{CLAIMS}/versions/1/columns/amount");
    let answer = destroy(&provider, &second, &amount, "column").await;
    assert_eq!(answer.unwrap().key, amount);
    let lost = destroyed(before, &wrapped(&service, columns));
    assert_eq!(lost.len(), 1);
    assert!(holding(service.home.root(), &lost[0].1).is_empty());
    register(&provider, "persons", "persons-2").await.unwrap();
    gone(
        &refused(ask(&developer, SCENARIO, "second").await, "KEY_DESTROYED"),
        &amount,
    );
    let kept = &first.files[0];
    assert!(!fetched(&developer, &first.name, kept).await.is_empty());

    // The next version has keys of its own; then that version goes as a whole.
    register(&provider, "claims", "claims-2").await.unwrap();
    let third = ask(&developer, SCENARIO, "third").await.unwrap();
    assert_eq!(third.state(), v1::SampleState::Released, "{third:?}");
    let version = format!("{CLAIMS}/versions/2");
    destroy(&provider, &second, &version, "version")
        .await
        .unwrap();
    register(&provider, "persons", "persons-3").await.unwrap();
    gone(
        &refused(ask(&developer, SCENARIO, "fourth").await, "KEY_DESTROYED"),
        &version,
    );
    register(&provider, "claims", "claims-3").await.unwrap();

    // The scenario's key: nothing more is drawn in it; the data is untouched and another scenario draws.
    destroy(&institution, &colleague, SCENARIO, "scenario")
        .await
        .unwrap();
    gone(
        &refused(ask(&developer, SCENARIO, "fifth").await, "KEY_DESTROYED"),
        SCENARIO,
    );
    let policy = fixture("policies/medical.yaml");
    let published = institution
        .scenarios()
        .publish_scenario(other_publication(&policy))
        .await;
    published.unwrap();
    let sixth = ask(&developer, OTHER, "sixth").await.unwrap();
    assert_eq!(sixth.state(), v1::SampleState::Released, "{sixth:?}");

    // The data set: no version any more, and none to come.
    let asked = destroy(&provider, &second, CLAIMS, "dataset").await;
    let asked = asked.unwrap();
    let denied = register(&provider, "claims", "claims-4").await;
    gone(&not_given(denied, "KEY_DESTROYED"), CLAIMS);
    let described = v1::GetDatasetRequest {
        name: CLAIMS.into(),
    };
    let described = provider.datasets().get_dataset(described).await.unwrap();
    let described = described.into_inner().dataset.unwrap();
    assert_eq!(described.state(), v1::DatasetState::Unavailable);
    register(&provider, "persons", "persons-4").await.unwrap();
    gone(
        &refused(ask(&developer, OTHER, "seventh").await, "KEY_DESTROYED"),
        CLAIMS,
    );
    after_a_restart(service, lost, asked, second).await;
}

/// A service that stopped between the order and the deed, and the same calls again.
async fn after_a_restart(
    service: Service,
    lost: Vec<(PathBuf, Vec<u8>)>,
    asked: v1::Destruction,
    second: Colleague,
) {
    let home = service.home.clone();
    for (path, bytes) in &lost {
        std::fs::write(path, bytes).unwrap();
    }
    let identity = service.identity("karez://xj/ybj/provider/second");
    let signed = second.answer(&asked, StatementDecision::Approve);
    drop(second);
    let service = service.restart().await;
    for (path, bytes) in &lost {
        assert!(!path.exists());
        assert!(holding(home.root(), bytes).is_empty());
    }
    let client = service.connect(&identity).await;
    let again = confirm(&client, &asked.name, &signed, "other").await;
    refused(again, "KEY_DESTROYED");
    let provider = service.client(Duty::Provider).await;
    for below in [
        CLAIMS.to_owned(),
        format!("{CLAIMS}/versions/1"),
        format!("{CLAIMS}/versions/1/columns/amount"),
    ] {
        let id = format!("again {below}").replace(' ', "-");
        let failure = refused(
            ask_destruction(&provider, &below, &id).await,
            "KEY_DESTROYED",
        );
        let named = if below.contains("columns") {
            &below
        } else {
            CLAIMS
        };
        gone(&failure, named);
    }
    let (_directory, home) = service.stop().await;
    let report = verify::log_directory(&home.log(), &log_key(&home), &trust(&home)).unwrap();
    assert!(report.is_verified(), "{report:?}");
    assert_eq!((report.statements, report.destroyed_keys.len()), (4, 4));
}
