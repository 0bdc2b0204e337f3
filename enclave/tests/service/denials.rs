//! Whom the service refuses: other duties, other tenants, rivals; each denial is on the log.

use enclave::client::{Failure, v1};
use lineage::{Decision, Duty, EventBody, Leaf};

use crate::harness::{
    SCENARIO, Service, TENANT, not_given, publication, refused, register, sample_request,
    submission,
};

/// The denial that a failure points at, as the regulator reads it.
async fn denial(service: &Service, failure: &Failure) -> Leaf {
    let regulator = service.client(Duty::Regulator).await;
    let seq = failure.metadata["log_seq"].parse().unwrap();
    let request = v1::ReadLogRequest {
        parent: TENANT.into(),
        from_seq: seq,
        page_size: 1,
        log_size: 0,
    };
    let page = regulator
        .lineage()
        .read_log(request)
        .await
        .unwrap()
        .into_inner();
    let leaf = Leaf::parse(&page.leaves[0].leaf).unwrap();
    assert_eq!(leaf.decision, Some(Decision::Deny));
    assert_eq!(
        failure.metadata["log_leaf_hash"],
        leaf.hash().unwrap().to_string()
    );
    leaf
}

async fn is_denied(service: &Service, failure: Failure, actor: &str, action: &str) {
    let leaf = denial(service, &failure).await;
    let EventBody::AccessDecided(body) = &leaf.body else {
        panic!("{leaf:?}");
    };
    assert_eq!(
        (leaf.actor.to_string().as_str(), body.action.as_str()),
        (actor, action)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_duties_and_tenants_are_denied_and_logged() {
    let service = Service::start("").await;
    let provider = service.client(Duty::Provider).await;
    register(&provider, "persons", "persons").await.unwrap();
    register(&provider, "claims", "claims").await.unwrap();
    let institution = service.client(Duty::Institution).await;
    institution
        .scenarios()
        .publish_scenario(publication("publish"))
        .await
        .unwrap();
    let operator = service.client(Duty::Operator).await;
    let answer = operator
        .scenarios()
        .publish_scenario(publication("publish"))
        .await;
    let failure = refused(answer, "ACCESS_DENIED");
    is_denied(
        &service,
        failure,
        "karez://xj/xjdata/operator/xjdata-01",
        "scenario.publish",
    )
    .await;
    let failure = not_given(
        register(&operator, "claims", "claims").await,
        "ACCESS_DENIED",
    );
    is_denied(
        &service,
        failure,
        "karez://xj/xjdata/operator/xjdata-01",
        "dataset.register",
    )
    .await;
    let regulator = service.client(Duty::Regulator).await;
    let answer = regulator
        .samples()
        .request_sample(sample_request("sample"))
        .await;
    let failure = refused(answer, "ACCESS_DENIED");
    is_denied(
        &service,
        failure,
        "karez://xj/wxb/regulator/wxb-01",
        "sample.request",
    )
    .await;
    let foreign = "karez://ks/devco/developer/devco-01";
    let stranger = service.connect(&service.identity(foreign)).await;
    let answer = stranger
        .samples()
        .request_sample(sample_request("sample"))
        .await;
    is_denied(
        &service,
        refused(answer, "ACCESS_DENIED"),
        foreign,
        "sample.request",
    )
    .await;
    let name = format!("{TENANT}/datasets/ybj/claims");
    let answer = stranger
        .datasets()
        .get_dataset(v1::GetDatasetRequest { name })
        .await;
    is_denied(
        &service,
        refused(answer, "ACCESS_DENIED"),
        foreign,
        "dataset.get",
    )
    .await;
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn descriptions_are_read_by_those_whom_they_concern() {
    let service = Service::start("").await;
    let provider = service.client(Duty::Provider).await;
    register(&provider, "persons", "persons").await.unwrap();
    register(&provider, "claims", "claims").await.unwrap();
    let developer = service.client(Duty::Developer).await;
    let list = |page_size, page_token: String| v1::ListDatasetsRequest {
        parent: TENANT.into(),
        page_size,
        page_token,
    };
    let first = developer
        .datasets()
        .list_datasets(list(1, String::new()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(first.datasets[0].name, "tenants/xj/datasets/ybj/claims");
    register(&provider, "claims", "claims-2").await.unwrap();
    let token = first.next_page_token.clone();
    let second = developer
        .datasets()
        .list_datasets(list(1, token))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(second.datasets[0].name, "tenants/xj/datasets/ybj/persons");
    assert_eq!(
        (second.log_size, second.next_page_token),
        (first.log_size, String::new())
    );
    let name = first.datasets[0].name.clone();
    let described = developer
        .datasets()
        .get_dataset(v1::GetDatasetRequest { name: name.clone() })
        .await;
    let described = described.unwrap().into_inner().dataset.unwrap();
    assert_eq!(
        (described.version, described.rows, described.columns.len()),
        (2, 6000, 7)
    );
    let rival = service
        .connect(&service.identity("karez://xj/sjj/provider/sjj-01"))
        .await;
    refused(
        rival
            .datasets()
            .get_dataset(v1::GetDatasetRequest { name })
            .await,
        "ACCESS_DENIED",
    );
    let none = rival
        .datasets()
        .list_datasets(list(0, String::new()))
        .await
        .unwrap()
        .into_inner();
    assert!(none.datasets.is_empty());
    let page = developer
        .datasets()
        .list_datasets(list(1, "forged".into()))
        .await;
    refused(page, "FIELD_INVALID");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_name_what_is_wrong() {
    let service = Service::start("upload_bytes_max = 1000").await;
    let provider = service.client(Duty::Provider).await;
    let failure = not_given(
        register(&provider, "claims", "claims").await,
        "LIMIT_EXCEEDED",
    );
    assert_eq!(
        failure.violations,
        ["upload: limits.upload_bytes_max is 1000"]
    );
    not_given(register(&provider, "claims", "").await, "FIELD_INVALID");
    let operator = service.client(Duty::Operator).await;
    // Denied before a byte is taken in, so that the limit is not even reached.
    let denied = register(&operator, "claims", "claims").await;
    not_given(denied, "ACCESS_DENIED");
    let institution = service.client(Duty::Institution).await;
    let mut twice = publication("publish");
    twice.policy.push_str("output: {}\n");
    refused(
        institution.scenarios().publish_scenario(twice).await,
        "DOCUMENT_INVALID",
    );
    let unknown = submission("spend_by_prefecture", "p", "p");
    refused(
        operator.products().submit_product(unknown).await,
        "NOT_FOUND",
    );
    let name = format!("{SCENARIO}/products/p");
    let job = v1::SubmitJobRequest {
        parent: SCENARIO.into(),
        product_version: name,
        request_id: "j".into(),
    };
    refused(operator.jobs().submit_job(job).await, "FIELD_INVALID");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_read_in_pages_of_one_size() {
    let service = Service::start("").await;
    let provider = service.client(Duty::Provider).await;
    register(&provider, "claims", "claims").await.unwrap();
    let regulator = service.client(Duty::Regulator).await;
    let (mut from_seq, mut log_size, mut read) = (0, 0, Vec::new());
    loop {
        let request = v1::ReadLogRequest {
            parent: TENANT.into(),
            from_seq,
            page_size: 1,
            log_size,
        };
        let page = regulator.lineage().read_log(request).await.unwrap();
        let page = page.into_inner();
        read.extend(page.leaves.iter().map(|leaf| leaf.seq));
        assert!(log_size == 0 || log_size == page.log_size);
        log_size = page.log_size;
        match page.next_seq {
            Some(next) => from_seq = next,
            None => break,
        }
    }
    assert!(log_size >= 3);
    assert_eq!(read, (0..log_size).collect::<Vec<_>>());
    let request = v1::GetCheckpointRequest {
        parent: TENANT.into(),
    };
    let checkpoint = regulator.lineage().get_checkpoint(request).await.unwrap();
    let checkpoint = checkpoint.into_inner();
    let text = std::str::from_utf8(&checkpoint.checkpoint).unwrap();
    let signed = lineage::Checkpoint::open(text, &crate::harness::log_key(&service.home)).unwrap();
    assert_eq!(signed.size, checkpoint.log_size);
    assert!(signed.size > log_size);
    service.stop().await;
}
