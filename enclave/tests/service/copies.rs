//! A sample leaves as one marked copy per person, and a found copy is told from who it was given to.

use std::collections::BTreeSet;

use enclave::client::{Client, v1};
use lineage::{Duty, EventBody, Leaf, verify};

use crate::harness::{
    Service, TENANT, fetched, fixture, log_key, publication, refused, register, sample_request,
    trust, watch_sample,
};

/// A service with a released sample of the fixtures' policy, changed.
pub(crate) async fn with_sample(
    limits: &str,
    change: impl Fn(String) -> String,
) -> (Service, v1::Sample) {
    let service = Service::start(limits).await;
    let provider = service.client(Duty::Provider).await;
    register(&provider, "persons", "persons").await.unwrap();
    register(&provider, "claims", "claims").await.unwrap();
    let institution = service.client(Duty::Institution).await;
    let publication = v1::PublishScenarioRequest {
        policy: change(fixture("policies/medical.yaml")),
        ..publication("publish")
    };
    let published = institution.scenarios().publish_scenario(publication).await;
    published.unwrap();
    let developer = service.client(Duty::Developer).await;
    let asked = developer
        .samples()
        .request_sample(sample_request("sample"))
        .await;
    let asked = asked.unwrap().into_inner().sample.unwrap();
    let sample = watch_sample(&developer, &asked.name).await;
    assert_eq!(sample.state(), v1::SampleState::Released, "{sample:?}");
    (service, sample)
}

/// A table of a person's copy as CSV.
pub(crate) async fn csv(client: &Client, sample: &v1::Sample, table: &str) -> String {
    let name = format!("{table}.csv");
    let file = sample.files.iter().find(|file| file.name == name).unwrap();
    String::from_utf8(fetched(client, &sample.name, file).await).unwrap()
}

/// Every cell of some rows.
fn cells(csv: &str, rows: usize) -> Vec<String> {
    let lines = csv.lines().skip(1).take(rows);
    lines
        .flat_map(|line| line.split(',').map(str::to_owned))
        .collect()
}

async fn trace(
    client: &Client,
    sample: &v1::Sample,
    values: Vec<String>,
    request_id: &str,
) -> v1::TraceSampleResponse {
    let request = v1::TraceSampleRequest {
        name: sample.name.clone(),
        values,
        request_id: request_id.into(),
    };
    let answer = client.samples().trace_sample(request).await;
    answer.unwrap().into_inner()
}

fn told(answer: &v1::TraceSampleResponse) -> Vec<&str> {
    let told = answer.copies.iter().filter(|copy| copy.told);
    told.map(|copy| copy.recipient.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_person_gets_a_copy_of_their_own_and_a_found_one_is_told() {
    let (service, sample) = with_sample("", |policy| policy).await;
    let mut copies = Vec::new();
    for person in ["ann", "bob", "cai"] {
        let actor = format!("karez://xj/devco/developer/{person}");
        let client = service.connect(&service.identity(&actor)).await;
        let claims = csv(&client, &sample, "ybj.claims").await;
        // Fetched again, it is the same copy; its tables join.
        assert_eq!(csv(&client, &sample, "ybj.claims").await, claims);
        let persons = csv(&client, &sample, "ybj.persons").await;
        let ids: BTreeSet<&str> = persons
            .lines()
            .filter_map(|line| line.split(',').next())
            .collect();
        let joins = claims
            .lines()
            .skip(1)
            .filter(|line| line.split(',').nth(1).is_some_and(|id| ids.contains(id)));
        assert!(joins.count() > 100);
        copies.push((actor, claims));
    }
    assert!(copies[0].1 != copies[1].1 && copies[1].1 != copies[2].1);
    let institution = service.client(Duty::Institution).await;
    for (actor, claims) in &copies {
        let answer = trace(&institution, &sample, cells(claims, 1000), actor).await;
        assert_eq!(told(&answer), [actor.as_str()], "{answer:?}");
        assert_eq!(answer.copies.len(), 3);
        assert!(answer.copies[0].evidence_bits > 1000.0, "{answer:?}");
    }
    // The provider's own file, and no file: nobody.
    let raw = fixture("data/claims.csv");
    for (values, id) in [(cells(&raw, 1000), "raw"), (Vec::new(), "none")] {
        let answer = trace(&institution, &sample, values, id).await;
        assert_eq!((told(&answer), answer.values_found), (vec![], 0));
    }
    // The same call again gets the same answer, also after somebody else has fetched.
    let again = cells(&copies[0].1, 1000);
    let before = trace(&institution, &sample, again.clone(), &copies[0].0).await;
    let dai = service.identity("karez://xj/devco/developer/dai");
    csv(&service.connect(&dai).await, &sample, "ybj.claims").await;
    assert_eq!(
        trace(&institution, &sample, again, &copies[0].0).await,
        before
    );
    let operator = service.client(Duty::Operator).await;
    let request = v1::TraceSampleRequest {
        name: sample.name.clone(),
        values: Vec::new(),
        request_id: "operator".into(),
    };
    refused(
        operator.samples().trace_sample(request).await,
        "ACCESS_DENIED",
    );
    let log = leaves(&service).await;
    let recipients: Vec<String> = log
        .iter()
        .filter(|leaf| matches!(leaf.body, EventBody::SampleCopied(_)))
        .map(|leaf| leaf.actor.to_string())
        .collect();
    assert_eq!(recipients.len(), 4, "{recipients:?}");
    let (_directory, home) = service.stop().await;
    let report = verify::log_directory(&home.log(), &log_key(&home), &trust(&home)).unwrap();
    assert!(report.is_verified(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unmarked_sample_is_never_sent_and_what_cannot_be_marked_stays() {
    let (service, sample) = with_sample("", |policy| policy).await;
    let developer = service.client(Duty::Developer).await;
    for file in &sample.files {
        let mut bytes = Vec::new();
        let sent = developer.fetch(&sample.name, &file.name, &mut bytes).await;
        let sent = sent.unwrap().file.unwrap();
        let table = file.name.starts_with("ybj.");
        // The list of a stream's frames holds lengths, which a mark does not change.
        let frames = file.name.ends_with(".frames");
        assert_eq!(
            sent.digest != file.digest,
            table && !frames,
            "{}",
            file.name
        );
        assert_eq!(lineage::Digest::of(&bytes).to_string(), sent.digest);
    }
    drop(service);
    let without = |policy: String| {
        let fpe = "{ fpe: { domain: resident-id, keep: [province, sex] } }";
        let policy = policy.replace(fpe, "redact");
        policy.replace("sample: token", "sample: redact")
    };
    let (service, sample) = with_sample("", without).await;
    let developer = service.client(Duty::Developer).await;
    let ticket = v1::IssueTicketRequest {
        resource: sample.name.clone(),
        file: "ybj.claims.csv".into(),
    };
    let answer = developer.releases().issue_ticket(ticket).await;
    let failure = refused(answer, "NOT_MARKABLE");
    assert!(failure.message.contains("`token` or `fpe`"), "{failure:?}");
}

/// The whole log, as the regulator reads it.
pub(crate) async fn leaves(service: &Service) -> Vec<Leaf> {
    let regulator = service.client(Duty::Regulator).await;
    let request = v1::ReadLogRequest {
        parent: TENANT.into(),
        from_seq: 0,
        page_size: 1000,
        log_size: 0,
    };
    let page = regulator.lineage().read_log(request).await.unwrap();
    let leaves = page.into_inner().leaves.into_iter();
    leaves.map(|one| Leaf::parse(&one.leaf).unwrap()).collect()
}
