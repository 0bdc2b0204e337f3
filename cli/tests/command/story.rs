//! Every client command once, in the order in which people use them.

use std::fs;
use std::path::Path;

use crate::binary::{Ran, fixture, run};
use crate::world::{Home, Server};

/// The identifier behind the last slash of a resource's name.
fn id(ran: &Ran) -> String {
    ran.json()["name"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned()
}

fn register(server: &Server<'_>, table: &str, words: &str) -> Ran {
    let (file, schema) = (
        fixture(&format!("data/{table}.csv")),
        fixture(&format!("schemas/{table}.yaml")),
    );
    let words = format!("dataset register ybj/{table} --as provider --output json {words} --file");
    server.run_with(&words, &[&file, Path::new("--schema"), &schema])
}

#[test]
fn each_person_does_their_part() {
    if run(["doctor"]).code != Some(0) {
        println!("SKIPPED: this host has no jail; see karez doctor");
        return;
    }
    let home = Home::new();
    let server = Server::start(&home);
    provider_registers(&server);
    institution_publishes(&server);
    developer_fetches_a_sample(&home, &server);
    operator_submits(&server);
    both_bodies_approve(&home, &server);
    let job = operator_runs(&home, &server);
    regulator_reads(&server);
    receipt_verifies(&home, &server, &job);
}

fn provider_registers(server: &Server<'_>) {
    register(server, "persons", "").expect(0);
    let first = register(server, "claims", "--request-id claims-1").expect(0);
    let again = register(server, "claims", "--request-id claims-1").expect(0);
    assert_eq!(
        first.json(),
        again.json(),
        "a repeated call gets the first answer"
    );
    assert!(
        !again.stderr.contains("request id"),
        "a given id is not repeated"
    );
    let got = server
        .run("dataset get ybj/claims --as provider --output json")
        .expect(0)
        .json();
    assert_eq!((&got["rows"], &got["version"]), (&6000.into(), &1.into()));
    let listed = server
        .run("dataset list --as institution --output json")
        .expect(0)
        .json();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    server.run("dataset get ybj/none --as provider").expect(1);
}

fn institution_publishes(server: &Server<'_>) {
    let policy = fixture("policies/medical.yaml");
    let publish = |duty: &str| {
        let words = format!("scenario publish medical-spending --as {duty} --output json --policy");
        server.run_with(&words, &[&policy])
    };
    let denied = publish("operator").expect(1);
    assert_eq!(denied.error()["reason"], "ACCESS_DENIED");
    publish("institution").expect(0);
    let got = server
        .run("scenario get medical-spending --as operator --output json")
        .expect(0)
        .json();
    assert_eq!(got["policy"], fs::read_to_string(policy).unwrap());
    for duty in ["institution", "provider"] {
        server.run(&format!("key enrol --as {duty}")).expect(0);
    }
}

fn developer_fetches_a_sample(home: &Home, server: &Server<'_>) {
    let asked = server
        .run("sample request medical-spending --watch --as developer --output json")
        .expect(0);
    assert_eq!(asked.json()["state"], "released");
    let name = format!("medical-spending/{}", id(&asked));
    server
        .run(&format!("sample watch {name} --as developer"))
        .expect(0);
    let out = home.beside("sample");
    let fetch = format!("sample fetch {name} --as developer --output json --out");
    let files = server.run_with(&fetch, &[&out]).expect(0).json();
    assert!(
        files
            .as_array()
            .unwrap()
            .iter()
            .all(|one| Path::new(one["file"].as_str().unwrap()).is_file())
    );
    assert!(
        server
            .run_with(&fetch, &[&out])
            .expect(1)
            .stderr
            .contains("not overwritten")
    );
}

fn operator_submits(server: &Server<'_>) {
    let submit = |product: &str, sql: &str| {
        let words = format!(
            "product submit medical-spending/{product} --pin ybj/claims@1 --as operator --output json --sql"
        );
        server.run_with(&words, &[&fixture(sql)])
    };
    let refused = submit("names", "logic/names_refused.sql").expect(1).error();
    assert_eq!(refused["reason"], "USE_NOT_GRANTED");
    assert_eq!(refused["metadata"]["column"], "ybj.persons.name");
    let submitted = submit("spend", "logic/spend_by_prefecture.sql")
        .expect(0)
        .json();
    assert_eq!(submitted["state"], "under_review");
    assert_eq!(submitted["missing_approvals"].as_array().unwrap().len(), 2);
    let early = server
        .run("job submit medical-spending/spend@1 --as operator --output json")
        .expect(1);
    assert_eq!(early.error()["reason"], "APPROVAL_MISSING");
}

fn both_bodies_approve(home: &Home, server: &Server<'_>) {
    let approve = |words: &str| {
        server.run(&format!(
            "product approve medical-spending/spend@1 {words} --output json"
        ))
    };
    let unasked = approve("--as institution").expect(2);
    assert!(
        unasked.stderr.contains("GROUP BY"),
        "what is bound is shown first: {}",
        unasked.stderr
    );
    let foreign = home.beside("foreign.key");
    run(["key", "new", "--out", foreign.to_str().unwrap()]).expect(0);
    let forged = format!("--as institution --yes --key {}", foreign.display());
    let refused = approve(&forged).expect(1).error();
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("karez key enrol"), "{message}");
    approve("--as operator --yes").expect(1);
    approve("--as institution --yes").expect(0);
    let approved = approve("--as provider --yes").expect(0).json();
    assert_eq!(approved["state"], "approved");
    let got = server
        .run("product get medical-spending/spend --as operator --output json")
        .expect(0)
        .json();
    assert_eq!(got["approvals"].as_array().unwrap().len(), 2);
}

fn operator_runs(home: &Home, server: &Server<'_>) -> String {
    let ran = server
        .run("job submit medical-spending/spend@1 --watch --as operator --output json")
        .expect(0);
    assert_eq!(ran.json()["state"], "delivered");
    let name = format!("medical-spending/{}", id(&ran));
    server
        .run(&format!("job watch {name} --as operator"))
        .expect(0);
    let fetch = format!("job fetch {name} --file result.csv --as operator --out");
    server.run_with(&fetch, &[&home.beside("result")]).expect(0);
    let text = fs::read_to_string(home.beside("result").join("result.csv")).unwrap();
    assert!(
        text.trim_start_matches('\u{feff}')
            .starts_with("prefecture,claims,amount"),
        "{text}"
    );
    server
        .run_with(
            &fetch.replace("result.csv", "other.csv"),
            &[&home.beside("result")],
        )
        .expect(1);
    id(&ran)
}

fn regulator_reads(server: &Server<'_>) {
    let lines = server
        .run("lineage read --limit 5 --as regulator --output json")
        .expect(0)
        .stdout;
    let entries: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        entries
            .iter()
            .map(|entry| entry["seq"].as_u64().unwrap())
            .collect::<Vec<_>>(),
        [0, 1, 2, 3, 4]
    );
    server.run("lineage read --as developer").expect(1);
}

fn receipt_verifies(home: &Home, server: &Server<'_>, job: &str) {
    let receipt = home.beside("receipt.json");
    let take = format!("lineage receipt scenarios/medical-spending/jobs/{job} --as operator --out");
    server.run_with(&take, &[&receipt]).expect(0);
    let verify = |file: &Path| {
        let words = format!(
            "lineage verify --output json --receipt {} --file {} --key {} --trust {}",
            receipt.display(),
            file.display(),
            home.root().join("log.vkey").display(),
            home.root().join("trust.json").display(),
        );
        home.run(&words)
    };
    let result = home.beside("result").join("result.csv");
    assert_eq!(verify(&result).expect(0).json()["files"], 1);
    let changed = home.beside("changed.csv");
    fs::write(
        &changed,
        fs::read_to_string(&result).unwrap().replace(',', ";"),
    )
    .unwrap();
    assert_eq!(verify(&changed).expect(1).json()["verified"], false);
}
