//! Wrong callers, certificates, addresses and queries against the real server: exit code, place and fix.

use std::path::Path;
use std::time::{Duration, SystemTime};

use enclave::home::{Home, IdentityFiles, IssueRequest, issue_certificate};
use enclave::pki::Validity;
use lineage::Duty;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint, Identity};

use crate::binary::{self, Ran};
use crate::desk::{fixture, fixture_text};
use crate::service::Service;

/// Wrong usage of the command line, an answered refusal, no accepted connection.
const REFUSED: Option<i32> = Some(1);
const NO_SERVER: Option<i32> = Some(3);

/// How long a connection that must fail may take.
const CONNECT_TIME: Duration = Duration::from_secs(10);

fn check(ran: &Ran, code: Option<i32>, parts: &[&str]) {
    println!("{}", ran.stderr.trim());
    assert_eq!(ran.code, code, "{ran:?}");
    for part in parts {
        assert!(ran.stderr.contains(part), "no `{part}` in {}", ran.stderr);
    }
}

fn expired(home: &Home) -> IdentityFiles {
    let request = IssueRequest {
        tenant: "xj".to_owned(),
        organisation: "xjdata".to_owned(),
        duty: Duty::Operator,
        person: "late-01".to_owned(),
        validity: Validity::ended(SystemTime::now()),
        out: None,
    };
    issue_certificate(home, &request).unwrap()
}

/// Whether the server lets an identity shake hands and answers it, without the client's own checks.
fn answered(identity: &IdentityFiles, authority: &Path, server: &str) -> bool {
    let read = |path: &Path| std::fs::read(path).unwrap();
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(read(authority)))
        .identity(Identity::from_pem(
            read(&identity.certificate()),
            read(&identity.key()),
        ))
        .domain_name("localhost");
    let endpoint = Endpoint::from_shared(server.to_owned())
        .unwrap()
        .tls_config(tls)
        .unwrap();
    let call = async {
        let Ok(channel) = endpoint
            .connect_timeout(CONNECT_TIME)
            .timeout(CONNECT_TIME)
            .connect()
            .await
        else {
            return false;
        };
        let mut grpc = tonic::client::Grpc::new(channel);
        if grpc.ready().await.is_err() {
            return false;
        }
        // TLS 1.3 tells the client of a refused certificate only when it reads.
        let path =
            tonic::codegen::http::uri::PathAndQuery::from_static("/grpc.health.v1.Health/Nothing");
        let codec = tonic_prost::ProstCodec::<(), ()>::default();
        match grpc.unary(tonic::Request::new(()), path, codec).await {
            Ok(_) => true,
            Err(status) => status.code() == tonic::Code::Unimplemented,
        }
    };
    tokio::runtime::Runtime::new().unwrap().block_on(call)
}

#[test]
fn each_wrong_caller_address_and_query_is_refused_with_its_fix() {
    let work = tempfile::tempdir().unwrap();
    let mut service = Service::new(work.path());
    let home = Home::open(service.home()).unwrap();
    let other = work.path().join("other");
    let run = |line: &str| binary::run(&binary::karez(), line.split_whitespace());
    check(
        &run(&format!("init --home {}", other.display())),
        Some(0),
        &[],
    );
    check(
        &run(&format!("init --home {}", other.display())),
        REFUSED,
        &["exists and is not empty", "--home"],
    );
    check(
        &run(&format!("serve --home {}", other.display())),
        REFUSED,
        &["development CA", "--dev"],
    );

    service.start();
    let server = service.address().to_owned();
    let with = |identity: &Path| {
        run(&format!(
            "dataset list --identity {} --server {server}",
            identity.display()
        ))
    };
    let operator = home.client(Duty::Operator);
    check(&with(operator.root()), Some(0), &[]);
    check(
        &with(&other.join("clients/operator")),
        NO_SERVER,
        &[&server, "another", "identity"],
    );
    let late = expired(&home);
    check(
        &with(late.root()),
        NO_SERVER,
        &["cert.pem", "not valid", "karez cert issue"],
    );
    let stranger = IdentityFiles::at(&other.join("clients/operator"));
    let authority = home.ca_certificate();
    assert!(
        answered(&operator, &authority, &server),
        "the control: a good certificate is answered"
    );
    assert!(
        !answered(&late, &authority, &server),
        "the server answers an expired certificate"
    );
    assert!(
        !answered(&stranger, &authority, &server),
        "the server answers a certificate of another CA"
    );

    let address = server.trim_start_matches("https://");
    let taken = run(&format!(
        "serve --dev --home {} --listen {address}",
        other.display()
    ));
    check(&taken, REFUSED, &[address, "in use", "--listen"]);
    let twice = run(&format!(
        "serve --dev --home {} --listen 127.0.0.1:0",
        home.root().display()
    ));
    check(&twice, REFUSED, &["open elsewhere", "stop the other"]);

    let read = |name: &str| std::fs::read(fixture(name)).unwrap();
    service.medical(&read("data/persons.csv"), &read("data/claims.csv"));
    check(
        &service.run("developer", "sample request nothing"),
        REFUSED,
        &["nothing", "NOT_FOUND"],
    );
    let policy = service.file(
        "duplicate.yaml",
        fixture_text("policies/medical.yaml")
            .replace("purpose:", "valid: 1\npurpose:")
            .as_bytes(),
    );
    let published = service.run(
        "institution",
        &format!("scenario publish medical-spending --policy {policy}"),
    );
    check(
        &published,
        REFUSED,
        &["policy.yaml:", "`valid` is written twice"],
    );
    for (name, sql, parts) in [
        (
            "syntax",
            "SELECT count(* FROM ybj.persons",
            ["cannot be parsed", "line 1, column 16"],
        ),
        (
            "star",
            "SELECT * FROM ybj.persons",
            ["write the columns instead of *", "line 1, column 8"],
        ),
        (
            "table",
            "SELECT count(*) FROM ybj.nobody",
            ["no such data set", "line 1, column 22"],
        ),
    ] {
        let sql = service.file(&format!("{name}.sql"), sql.as_bytes());
        check(
            &service.run(
                "operator",
                &format!("product submit medical-spending/{name} --sql {sql}"),
            ),
            REFUSED,
            &parts,
        );
    }
    let spoilt = String::from_utf8(read("data/persons.csv")).unwrap();
    let spoilt = super::with_line(&spoilt, 12, super::wrong_check);
    let (file, schema) = (
        service.file("spoilt.csv", &spoilt),
        fixture("schemas/persons.yaml"),
    );
    service.done(
        "provider",
        &format!(
            "dataset register ybj/persons --file {file} --schema {}",
            schema.display()
        ),
    );
    let sample = service.run("developer", "sample request medical-spending --watch");
    check(
        &sample,
        REFUSED,
        &[
            "`ybj/persons`",
            "`resident_id`",
            "row 12",
            "correct the row",
        ],
    );
    service.approved("spend", &Service::spend_sql());
    let own = service.run("operator", "product approve medical-spending/spend@1 --yes");
    check(&own, REFUSED, &["ACCESS_DENIED"]);
    service.kill();
    check(&with(operator.root()), NO_SERVER, &[&server, "karez serve"]);
    service.start();
    let listed = service.done("operator", "dataset list");
    assert_eq!(
        listed.as_array().unwrap().len(),
        2,
        "what was acknowledged is there: {listed}"
    );
    service.stop();
}
