//! The whole path on the real server, where every identifier cell is a canary, and the search of every place that the
//! service or its commands write to.

use std::path::{Path, PathBuf};

use enclave::client::Client;
use enclave::client::v1::{
    GetJobRequest, PublishScenarioRequest, RegisterDatasetHeader, SubmitProductRequest,
};
use enclave::home::Home;
use lineage::Duty;

use super::{Claims, Persons, Search, control, csv, files};
use crate::binary;
use crate::desk::{SCENARIO, TENANT, fixture_text};
use crate::service::Service;

/// Persons of the story.
const PERSONS: u64 = 2_000;

#[test]
fn no_canary_is_anywhere_after_the_whole_path_and_every_refusal() {
    let work = tempfile::tempdir().unwrap();
    let mut service = Service::new(work.path());
    let persons = Persons::new(21, PERSONS);
    let claims = Claims::new(21, &persons, 3);
    let canaries = [persons.canaries(), claims.canaries()].concat();
    let search = Search::new(canaries.iter().map(String::as_str));

    service.start();
    service.medical(&csv(&persons), &csv(&claims));
    let out = |name: &str| work.path().join(name);
    let sample = service.done("developer", "sample request medical-spending --watch");
    fetch(
        &service,
        "developer",
        "sample",
        &sample["name"],
        &out("sample"),
    );
    service.approved("spend", &Service::spend_sql());
    let job = service.done("operator", "job submit medical-spending/spend@1 --watch");
    fetch(&service, "operator", "job", &job["name"], &out("result"));
    refused_files(&service, &persons);
    let refusals = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(refused_calls(&service, &canaries));
    service.kill();
    service.start();
    assert_eq!(
        service.run("regulator", "lineage read --limit 1000").code,
        Some(0)
    );
    service.stop();

    let places: Vec<PathBuf> = [
        "stdout", "stderr", "spans", "status", "home", "home/log", "sample", "result",
    ]
    .iter()
    .map(|place| work.path().join(place))
    .collect();
    let mut planted = 0;
    for place in &places {
        for cell in [&canaries[0], &canaries[1], &canaries[6]] {
            planted += control(&search, cell, place);
        }
        let searched = files(place);
        let bytes: u64 = searched
            .iter()
            .map(|file| file.metadata().unwrap().len())
            .sum();
        println!(
            "{}: {} files, {bytes} bytes",
            place.file_name().unwrap().display(),
            searched.len()
        );
        assert!(
            bytes > 0,
            "{} is empty: nothing was looked at",
            place.display()
        );
        let leaks = search.directory(place);
        assert!(
            leaks.is_empty(),
            "{} leaks, the first: {:?}",
            leaks.len(),
            leaks.first()
        );
    }
    let keys = super::keys::nowhere(service.home(), &places);
    println!("{keys} keys nowhere");
    println!(
        "{} canaries nowhere, {refusals} refused calls, {planted} planted ones found",
        search.cells()
    );
}

fn fetch(service: &Service, duty: &str, noun: &str, name: &serde_json::Value, out: &Path) {
    let id = name.as_str().unwrap().rsplit('/').next().unwrap();
    service.done(
        duty,
        &format!("{noun} fetch medical-spending/{id} --out {}", out.display()),
    );
}

/// Files that cannot be taken in, at the command line.
fn refused_files(service: &Service, persons: &Persons) {
    let text = csv(persons);
    let schema = service.file(
        "persons.yaml",
        fixture_text("schemas/persons.yaml").as_bytes(),
    );
    let mut parquet = Vec::new();
    fixtures::write_parquet(persons, &mut parquet).unwrap();
    let middle = parquet.len() / 2;
    let mut quoted = text.clone();
    let at = quoted.iter().rposition(|byte| *byte == b',').unwrap();
    quoted.insert(at + 1, b'"');
    let text_utf8 = String::from_utf8(text.clone()).unwrap();
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("truncated.parquet", parquet[..middle].to_vec(), "truncated"),
        ("fields.csv", [&text[..], b"a,b\n"].concat(), "fields"),
        ("quoted.csv", quoted, "quotation mark"),
        ("bytes.csv", [&text[..], b"\xff\xff\n"].concat(), "UTF-8"),
        (
            "wide.csv",
            text_utf8
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
            "UTF-16",
        ),
        (
            "age.csv",
            text_utf8.replacen(",67,", ",sixty-seven,", 1).into_bytes(),
            "`age`",
        ),
    ];
    let before = service.done("provider", "dataset get ybj/persons");
    for (name, bytes, part) in cases {
        let file = service.file(name, &bytes);
        let ran = service.refused(
            "provider",
            &format!("dataset register ybj/persons --file {file} --schema {schema}"),
        );
        assert!(
            ran.stderr.contains(part),
            "{name}: no `{part}` in {}",
            ran.stderr
        );
        println!("{name}: {}", ran.stderr.lines().last().unwrap_or_default());
    }
    let after = service.done("provider", "dataset get ybj/persons");
    assert_eq!(
        before["version"], after["version"],
        "a refused file is no version"
    );
}

/// Calls that quote canaries or name what is not there; every answer is kept as it came.
async fn refused_calls(service: &Service, canaries: &[String]) -> usize {
    let home = Home::open(service.home()).unwrap();
    let client = async |duty| Client::connect(&home.client(duty), service.address()).await;
    let operator = client(Duty::Operator).await.unwrap();
    let institution = client(Duty::Institution).await.unwrap();
    let provider = client(Duty::Provider).await.unwrap();
    let (id, name) = (&canaries[0], &canaries[1]);
    let queries = [
        format!("SELECT count(*) FROM ybj.persons WHERE resident_id = '{id}'"),
        format!("SELECT count(*) FROM ybj.persons WHERE name IN ('{name}')"),
        format!("SELECT count(*) FROM ybj.persons WHERE sex = '{name}' GROUP"),
        format!("SELECT count(*) FROM ybj.persons WHERE sex = '{name}"),
        format!("SELECT sum(CASE WHEN resident_id = '{id}' THEN age END) FROM ybj.persons"),
        format!("SELECT sex, '{id}', count(*) FROM ybj.persons WHERE age > '{name}' GROUP BY sex"),
        format!(
            "SELECT count(*) FROM ybj.persons p JOIN (VALUES ('{id}')) v(i) ON p.resident_id = v.i"
        ),
        "SELECT * FROM ybj.persons".to_owned(),
    ];
    let mut refused = 0;
    for (number, sql) in queries.into_iter().enumerate() {
        let request = SubmitProductRequest {
            parent: SCENARIO.to_owned(),
            product_id: format!("quoting-{number}"),
            sql: sql.clone(),
            datasets: Vec::new(),
            request_id: format!("quoting-{number}"),
        };
        match operator.products().submit_product(request).await {
            Err(status) => service.record_status(&status),
            Ok(answer) => {
                let mut product = answer.into_inner().product.unwrap();
                // The submitter's own text comes back to the submitter.
                product.sql.clear();
                assert!(product.refusal.is_some(), "{sql} is not refused");
                service.record_status(&tonic::Status::ok(format!("{product:?}")));
            }
        }
        refused += 1;
    }
    let nothing = SubmitProductRequest {
        parent: format!("{TENANT}/scenarios/nothing"),
        ..SubmitProductRequest::default()
    };
    let statuses = [
        operator.products().submit_product(nothing).await.map(drop),
        operator
            .jobs()
            .get_job(GetJobRequest {
                name: format!("{SCENARIO}/jobs/0123"),
            })
            .await
            .map(drop),
        institution
            .scenarios()
            .publish_scenario(PublishScenarioRequest {
                parent: TENANT.to_owned(),
                scenario_id: "medical-spending".to_owned(),
                policy: fixture_text("policies/medical.yaml").replace("mobile: ", "handy:  "),
                request_id: "missing-column".to_owned(),
            })
            .await
            .map(drop),
        provider
            .scenarios()
            .publish_scenario(PublishScenarioRequest {
                parent: TENANT.to_owned(),
                scenario_id: "medical-spending".to_owned(),
                policy: fixture_text("policies/medical.yaml"),
                request_id: "not-allowed".to_owned(),
            })
            .await
            .map(drop),
    ];
    for status in statuses {
        service.record_status(&status.unwrap_err());
        refused += 1;
    }
    let header = RegisterDatasetHeader {
        parent: TENANT.to_owned(),
        dataset_id: "ybj/persons".to_owned(),
        schema: fixture_text("schemas/persons.yaml"),
        request_id: "broken".to_owned(),
        ..RegisterDatasetHeader::default()
    };
    let broken = format!("resident_id,name\n{id},{name},{id}\n").into_bytes();
    let failed = provider
        .register_dataset(header, std::io::Cursor::new(broken))
        .await
        .unwrap_err();
    service.record_status(&tonic::Status::ok(format!("{failed:?} {failed}")));
    refused + 1
}

#[test]
fn the_demo_leaves_no_identifier_of_its_tables() {
    let work = tempfile::tempdir().unwrap();
    let dir = work.path().join("demo");
    let ran = binary::run(
        &binary::karez(),
        ["demo", "--dir", &dir.display().to_string()],
    );
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let text = fixture_text("data/persons.csv");
    // Ids and mobiles are of one person each; lines inside quoted addresses have neither.
    let cells = text
        .lines()
        .flat_map(|line| [line.split(',').next(), line.split(',').nth(5)])
        .flatten();
    let mobile = |cell: &str| cell.len() == 11 && cell.bytes().all(|byte| byte.is_ascii_digit());
    let cells: Vec<&str> = cells
        .filter(|cell| fixtures::resident_id::valid(cell) || mobile(cell))
        .collect();
    let search = Search::new(cells.iter().copied());
    assert!(search.cells() > 3_800);
    let planted = control(&search, cells[0], &dir);
    assert_eq!(search.directory(&dir), []);
    for (name, said) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        assert_eq!(search.bytes(Path::new(name), said.as_bytes()), []);
    }
    println!(
        "{} ids and mobiles nowhere in the demo's directory, {planted} planted ones found",
        search.cells()
    );
}
