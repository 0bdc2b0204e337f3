//! The whole path, from a provider's file to a receipt that a stranger verifies, across a restart.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use enclave::client::{Client, v1};
use lineage::verify::ResultFile;
use lineage::{Duty, Receipt, verify};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::harness::{
    SCENARIO, Service, approval, enrol, fetched, fixture, job_request, log_key, publication,
    refused, register, sample_request, submission, trust, watch_job, watch_sample,
};

/// Everything that was answered, to be asked for again.
struct Answers {
    registered: v1::RegisterDatasetResponse,
    published: v1::PublishScenarioResponse,
    sampled: v1::RequestSampleResponse,
    submitted: v1::SubmitProductResponse,
    approval: v1::ApproveProductRequest,
    approved: v1::ApproveProductResponse,
    queued: v1::SubmitJobResponse,
    names_refused: enclave::client::Failure,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_path() {
    let service = Service::start("").await;
    let provider = service.client(Duty::Provider).await;
    let registered = register(&provider, "persons", "persons").await.unwrap();
    register(&provider, "claims", "claims").await.unwrap();
    let institution = service.client(Duty::Institution).await;
    let published = institution
        .scenarios()
        .publish_scenario(publication("publish"))
        .await;
    let published = published.unwrap().into_inner();
    let sampled = sample(&service).await;
    let (names_refused, submitted) = submit(&service).await;
    let (approval, approved) = approve(&service, submitted.product.as_ref().unwrap()).await;
    let queued = run(&service, approved.product.as_ref().unwrap()).await;
    let answers = Answers {
        registered,
        published,
        sampled,
        submitted,
        approval,
        approved,
        queued,
        names_refused,
    };
    let service = service.restart().await;
    the_same_again(&service, &answers).await;
    others_under_the_same_id(&service).await;
    let (_directory, home) = service.stop().await;
    let report = verify::log_directory(&home.log(), &log_key(&home), &trust(&home)).unwrap();
    assert!(report.is_verified(), "{report:?}");
    assert!(report.leaves > 30 && report.statements > 0, "{report:?}");
}

async fn sample(service: &Service) -> v1::RequestSampleResponse {
    let developer = service.client(Duty::Developer).await;
    let asked = developer
        .samples()
        .request_sample(sample_request("sample"))
        .await;
    let asked = asked.unwrap().into_inner();
    let name = &asked.sample.as_ref().unwrap().name;
    let sample = watch_sample(&developer, name).await;
    assert_eq!(sample.state(), v1::SampleState::Released, "{sample:?}");
    let names: Vec<&str> = sample.files.iter().map(|file| file.name.as_str()).collect();
    for table in ["ybj.persons", "ybj.claims"] {
        for ending in ["parquet", "csv", "arrows"] {
            assert!(
                names.contains(&format!("{table}.{ending}").as_str()),
                "{names:?}"
            );
        }
        same_table(&developer, &sample, table).await;
    }
    for file in &sample.files {
        assert!(!fetched(&developer, name, file).await.is_empty());
    }
    let again = developer
        .samples()
        .request_sample(sample_request("another-id"))
        .await;
    let again = again.unwrap().into_inner().sample.unwrap();
    assert_eq!(
        (&again.name, again.state()),
        (name, v1::SampleState::Released)
    );
    asked
}

/// The table by Flight, the released Parquet file and the released Arrow file are one.
async fn same_table(client: &Client, sample: &v1::Sample, table: &str) {
    let file = |name: String| sample.files.iter().find(|file| file.name == name).unwrap();
    let stream = file(format!("{table}.arrows"));
    let flown = client.table(&sample.name, &stream.name).await.unwrap();
    let sent = flown.header.file.as_ref().unwrap();
    assert_eq!(sent.name, stream.name);
    assert_ne!(sent.digest, stream.digest, "the unmarked sample stays");
    assert_eq!(flown.bytes, fetched(client, &sample.name, stream).await);
    let parquet = fetched(client, &sample.name, file(format!("{table}.parquet"))).await;
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(parquet)).unwrap();
    let batches: Vec<RecordBatch> = reader.build().unwrap().collect::<Result<_, _>>().unwrap();
    let (flown, stored) = (
        concat_batches(&flown.schema, &flown.batches).unwrap(),
        concat_batches(&batches[0].schema(), &batches).unwrap(),
    );
    assert!(flown.num_rows() > 100, "{}", flown.num_rows());
    assert_eq!(flown, stored);
}

async fn submit(service: &Service) -> (enclave::client::Failure, v1::SubmitProductResponse) {
    let operator = service.client(Duty::Operator).await;
    let names = submission("names_refused", "names", "names");
    let failure = refused(
        operator.products().submit_product(names).await,
        "USE_NOT_GRANTED",
    );
    assert!(failure.metadata.contains_key("rule"), "{failure:?}");
    assert!(failure.metadata["column"].contains("name"), "{failure:?}");
    assert!(failure.metadata.contains_key("log_seq"), "{failure:?}");
    let name = format!("{SCENARIO}/products/names");
    let kept = operator
        .products()
        .get_product(v1::GetProductRequest { name })
        .await;
    let kept = kept.unwrap().into_inner().product.unwrap();
    assert_eq!(kept.state(), v1::ProductState::Refused);
    assert_eq!(kept.refusal.unwrap().message, failure.message);
    let good = submission("spend_by_prefecture", "spending", "spending");
    let submitted = operator
        .products()
        .submit_product(good)
        .await
        .unwrap()
        .into_inner();
    let product = submitted.product.as_ref().unwrap();
    assert_eq!(product.state(), v1::ProductState::UnderReview);
    assert_eq!(product.missing_approvals.len(), 2);
    let early = operator
        .jobs()
        .submit_job(job_request(&product.name, "early"))
        .await;
    let failure = refused(early, "APPROVAL_MISSING");
    assert_eq!(failure.violations.len(), 2, "{failure:?}");
    (refused_again(&operator).await, submitted)
}

async fn refused_again(operator: &Client) -> enclave::client::Failure {
    let names = submission("names_refused", "names", "names");
    refused(
        operator.products().submit_product(names).await,
        "USE_NOT_GRANTED",
    )
}

async fn approve(
    service: &Service,
    product: &v1::Product,
) -> (v1::ApproveProductRequest, v1::ApproveProductResponse) {
    let operator = service.client(Duty::Operator).await;
    let own = approval(
        &service.home.client(Duty::Operator),
        "xjdata",
        product,
        "own",
    );
    refused(
        operator.products().approve_product(own).await,
        "ACCESS_DENIED",
    );
    let institution = service.client(Duty::Institution).await;
    let identity = service.home.client(Duty::Institution);
    let early = approval(&identity, "szj", product, "not-enrolled");
    refused(
        institution.products().approve_product(early).await,
        "KEY_NOT_ENROLLED",
    );
    enrol(&institution, &identity, "key").await.unwrap();
    let mut other = product.clone();
    other.binding_digest = lineage::Digest::of(b"other").to_string();
    let other = approval(&identity, "szj", &other, "other-digest");
    refused(
        institution.products().approve_product(other).await,
        "STATEMENT_INVALID",
    );
    let first = approval(&identity, "szj", product, "approve");
    let approved = institution.products().approve_product(first.clone()).await;
    let approved = approved.unwrap().into_inner();
    let now = approved.product.as_ref().unwrap();
    assert_eq!((now.approvals.len(), now.missing_approvals.len()), (1, 1));
    let provider = service.client(Duty::Provider).await;
    let identity = service.home.client(Duty::Provider);
    enrol(&provider, &identity, "key").await.unwrap();
    let second = approval(&identity, "ybj", product, "approve");
    let cleared = provider
        .products()
        .approve_product(second)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(cleared.product.unwrap().state(), v1::ProductState::Approved);
    (first, approved)
}

async fn run(service: &Service, product: &v1::Product) -> v1::SubmitJobResponse {
    let operator = service.client(Duty::Operator).await;
    let queued = operator
        .jobs()
        .submit_job(job_request(&product.name, "job"))
        .await;
    let queued = queued.unwrap().into_inner();
    let name = &queued.job.as_ref().unwrap().name;
    let job = watch_job(&operator, name).await;
    assert_eq!(job.state(), v1::JobState::Delivered, "{job:?}");
    assert_eq!((job.datasets.len(), job.approval_seqs.len()), (2, 2));
    let csv = job
        .files
        .iter()
        .find(|file| file.name == "result.csv")
        .unwrap();
    let bytes = fetched(&operator, name, csv).await;
    assert_eq!(released(&bytes), expected());
    let table = operator.table(name, "result.arrows").await.unwrap();
    let rows: usize = table.batches.iter().map(RecordBatch::num_rows).sum();
    assert_eq!(rows, expected().len());
    let target = Some(v1::get_receipt_request::Target::Resource(name.clone()));
    let answer = operator
        .lineage()
        .get_receipt(v1::GetReceiptRequest { target })
        .await;
    let answer = answer.unwrap().into_inner();
    assert_eq!(answer.log_entry, job.log_entry);
    let receipt = Receipt::from_json(&answer.receipt).unwrap();
    let file = ResultFile::read("result.csv", bytes.as_slice()).unwrap();
    let (key, trust) = (log_key(&service.home), trust(&service.home));
    let report = verify::receipt(&receipt, &[file], &key, &trust);
    assert!(report.is_verified() && report.files == 1, "{report:?}");
    let forged = ResultFile::read("result.csv", &b"other"[..]).unwrap();
    assert!(!verify::receipt(&receipt, &[forged], &key, &trust).is_verified());
    a_rival_gets_nothing(service, &job).await;
    queued
}

/// Another operator of the same tenant sees neither product nor job, result or receipt.
async fn a_rival_gets_nothing(service: &Service, job: &v1::Job) {
    let identity = service.identity("karez://xj/rival/operator/rival-01");
    let rival = service.connect(&identity).await;
    let name = || job.name.clone();
    let product = v1::GetProductRequest {
        name: job.product_version.clone(),
    };
    refused(rival.products().get_product(product).await, "ACCESS_DENIED");
    let get = v1::GetJobRequest { name: name() };
    refused(rival.jobs().get_job(get).await, "ACCESS_DENIED");
    let watch = v1::WatchJobRequest { name: name() };
    refused(rival.jobs().watch_job(watch).await, "ACCESS_DENIED");
    let ticket = v1::IssueTicketRequest {
        resource: name(),
        file: "result.csv".into(),
    };
    refused(rival.releases().issue_ticket(ticket).await, "ACCESS_DENIED");
    let target = Some(v1::get_receipt_request::Target::Resource(name()));
    let receipt = v1::GetReceiptRequest { target };
    refused(rival.lineage().get_receipt(receipt).await, "ACCESS_DENIED");
    let table = rival.table(&job.name, "result.arrows").await;
    crate::harness::not_given(table, "ACCESS_DENIED");
}

/// Claims and cents per prefecture, as the delivered file says.
fn released(csv: &[u8]) -> BTreeMap<String, (u64, i64)> {
    let text = std::str::from_utf8(csv).unwrap();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    assert_eq!(lines.next(), Some("prefecture,claims,amount"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (
            cells[0].to_owned(),
            (cells[1].parse().unwrap(), cents(cells[2])),
        )
    };
    lines.map(row).collect()
}

fn cents(amount: &str) -> i64 {
    let (whole, part) = amount.split_once('.').unwrap_or((amount, "00"));
    format!("{whole}{part:0<2}").parse().unwrap()
}

/// The same by hand, from the provider's files: only groups of at least ten persons, only rows of the policy.
fn expected() -> BTreeMap<String, (u64, i64)> {
    let table = |name: &str| -> Vec<Vec<String>> {
        let text = fixture(&format!("data/{name}.csv"));
        let mut records = records(&text);
        records.remove(0);
        records
    };
    let mut groups: BTreeMap<String, (u64, i64, std::collections::BTreeSet<String>)> =
        BTreeMap::new();
    let (persons, claims) = (table("persons"), table("claims"));
    for claim in &claims {
        let same = |person: &&Vec<String>| person[0] == claim[1] && person[8].starts_with("65");
        for person in persons.iter().filter(same) {
            let group = groups.entry(person[7].clone()).or_default();
            group.0 += 1;
            group.1 += cents(&claim[5]);
            group.2.insert(person[0].clone());
        }
    }
    groups.retain(|_, group| group.2.len() >= 10);
    groups
        .into_iter()
        .map(|(name, group)| (name, (group.0, group.1)))
        .collect()
}

/// The plainest reader of quoted CSV: one character after the other.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell, mut quoted) = (vec![], vec![], String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                records.push(std::mem::take(&mut record));
            }
            c => cell.push(c),
        }
    }
    records
}

/// Each call again under its own id gets its own answer, after a restart and after what came later.
async fn the_same_again(service: &Service, answers: &Answers) {
    let (provider, institution) = (
        service.client(Duty::Provider).await,
        service.client(Duty::Institution).await,
    );
    let (developer, operator) = (
        service.client(Duty::Developer).await,
        service.client(Duty::Operator).await,
    );
    let registered = register(&provider, "persons", "persons").await.unwrap();
    assert_eq!(registered, answers.registered);
    let published = institution
        .scenarios()
        .publish_scenario(publication("publish"))
        .await;
    assert_eq!(published.unwrap().into_inner(), answers.published);
    let sampled = developer
        .samples()
        .request_sample(sample_request("sample"))
        .await;
    assert_eq!(sampled.unwrap().into_inner(), answers.sampled);
    let good = submission("spend_by_prefecture", "spending", "spending");
    let submitted = operator.products().submit_product(good).await;
    assert_eq!(submitted.unwrap().into_inner(), answers.submitted);
    let approved = institution
        .products()
        .approve_product(answers.approval.clone())
        .await;
    assert_eq!(approved.unwrap().into_inner(), answers.approved);
    let product = &answers.approved.product.as_ref().unwrap().name;
    let queued = operator
        .jobs()
        .submit_job(job_request(product, "job"))
        .await;
    assert_eq!(queued.unwrap().into_inner(), answers.queued);
    assert_eq!(refused_again(&operator).await, answers.names_refused);
}

async fn others_under_the_same_id(service: &Service) {
    let operator = service.client(Duty::Operator).await;
    let other = submission("spend_by_prefecture", "other", "spending");
    refused(
        operator.products().submit_product(other).await,
        "REQUEST_ID_REUSED",
    );
    let provider = service.client(Duty::Provider).await;
    let answer = register(&provider, "claims", "persons").await;
    crate::harness::not_given(answer, "REQUEST_ID_REUSED");
}
