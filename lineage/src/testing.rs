//! Events for tests: one of each type, and the whole story of a delivery.

use crate::digest::Digest;
use crate::event::*;
use crate::name::Duty;
use crate::statement::{
    SignedStatement, Statement, StatementDecision, StatementKey, StatementKind,
};
use crate::time::Timestamp;

pub(crate) const ORIGIN: &str = "example.com/log";
pub(crate) const SCENARIO: &str = "tenants/xj/scenarios/fraud";
pub(crate) const PRODUCT: &str = "tenants/xj/scenarios/fraud/products/p1";
pub(crate) const JOB: &str = "tenants/xj/scenarios/fraud/jobs/j1";
pub(crate) const SAMPLE: &str = "tenants/xj/scenarios/fraud/samples/s1";
pub(crate) const CLAIMS: &str = "tenants/xj/datasets/ybj/claims";
pub(crate) const PERSONS: &str = "tenants/xj/datasets/gaj/persons";

pub(crate) fn registered(dataset: &str, provider: &str, version: u64) -> DatasetRegistered {
    DatasetRegistered {
        dataset: dataset.into(),
        version,
        provider: provider.into(),
        document_digest: Digest::of(format!("document {dataset}").as_bytes()),
        schema_digest: Digest::of(format!("schema {dataset}").as_bytes()),
        labels_digest: Digest::of(format!("labels {dataset}").as_bytes()),
        rows: 1000,
        encoding: "utf-8".into(),
        separator: Some(",".into()),
        source_digest: Digest::of(b"source"),
        ciphertext_digest: Digest::of(b"ciphertext"),
        rejected_cells: 0,
    }
}

pub(crate) fn bound(dataset: &str) -> BoundDataset {
    let registered = registered(dataset, "any", 1);
    BoundDataset {
        dataset: dataset.into(),
        schema_digest: registered.schema_digest,
        labels_digest: registered.labels_digest,
        version: VersionPin::Current,
    }
}

pub(crate) fn binding() -> Binding {
    Binding {
        logic_digest: Digest::of(b"SELECT 1"),
        policy_digest: Digest::of(b"policy"),
        datasets: vec![bound(CLAIMS), bound(PERSONS)],
        contract_digest: Digest::of(b"contract"),
    }
}

pub(crate) fn submitted() -> ProductSubmitted {
    ProductSubmitted {
        product: PRODUCT.into(),
        version: 1,
        binding_digest: binding().digest().unwrap(),
        binding: binding(),
        organisation: "opco".into(),
    }
}

pub(crate) fn approved(key: &StatementKey, organisation: &str) -> ProductApproved {
    let digest = binding().digest().unwrap();
    let statement = Statement::approve_product(PRODUCT, 1, digest, organisation).unwrap();
    ProductApproved {
        product: PRODUCT.into(),
        version: 1,
        binding_digest: digest,
        statement: key.sign(statement).unwrap(),
    }
}

pub(crate) fn used(dataset: &str) -> DatasetVersion {
    DatasetVersion::whole(dataset, 1)
}

pub(crate) fn file(name: &str, bytes: &[u8]) -> ReleasedFile {
    ReleasedFile {
        name: name.into(),
        digest: Digest::of(bytes),
        bytes: bytes.len() as u64,
    }
}

pub(crate) fn permit(action: &str, resource: &str) -> AccessDecided {
    AccessDecided {
        action: action.into(),
        resource: resource.into(),
        reasons: vec!["policy0".into()],
        request_digest: Some(Digest::of(b"request")),
    }
}

pub(crate) fn published() -> ScenarioPublished {
    ScenarioPublished {
        scenario: SCENARIO.into(),
        policy_digest: Digest::of(b"policy"),
        datasets: vec![CLAIMS.into(), PERSONS.into()],
    }
}

pub(crate) fn sample_released() -> SampleReleased {
    SampleReleased {
        scenario: SCENARIO.into(),
        sample: SAMPLE.into(),
        recipe_digest: Digest::of(b"recipe"),
        policy_digest: Digest::of(b"policy"),
        datasets: vec![used(CLAIMS)],
        k_map: 5,
        selection_threshold: (1_u64 << 46).to_string(),
        files: vec![file("claims.csv", b"sample")],
        suppressed_units: 3,
        one_way: true,
        report_digest: Digest::of(b"report"),
    }
}

pub(crate) const REVERSAL: &str = "tenants/xj/scenarios/fraud/samples/s1/reversals/r1";

/// How long requests of these tests wait, in seconds.
pub(crate) const PENDING_SECONDS: u64 = 3600;

pub(crate) fn destruction(path: &str) -> String {
    format!("{}/destructions/d1", key_owner(path))
}

pub(crate) fn destruction_requested(path: &str) -> DestructionRequested {
    DestructionRequested {
        destruction: destruction(path),
        path: path.into(),
        reason: DestructionReason::Withdrawn,
        organisation: "ybj".into(),
        person: "p-1".into(),
        expires: Timestamp::now().after_seconds(PENDING_SECONDS),
    }
}

/// A person's answer to a request.
pub(crate) fn answer_to(
    asked: &DestructionRequested,
    decision: StatementDecision,
    key: &StatementKey,
) -> SignedStatement {
    let digest = asked.digest().unwrap();
    let kind = StatementKind::KeyDestruction;
    let name = &asked.destruction;
    let statement = Statement::second_person(kind, name, digest, decision, &asked.organisation);
    key.sign(statement.unwrap()).unwrap()
}

pub(crate) fn destroyed(asked: &DestructionRequested, key: &StatementKey) -> KeyDestroyed {
    KeyDestroyed {
        path: asked.path.clone(),
        reason: asked.reason,
        destruction: asked.destruction.clone(),
        request_digest: asked.digest().unwrap(),
        statement: answer_to(asked, StatementDecision::Approve, key),
    }
}

pub(crate) fn destruction_rejected(
    asked: &DestructionRequested,
    key: &StatementKey,
) -> DestructionRejected {
    DestructionRejected {
        destruction: asked.destruction.clone(),
        request_digest: asked.digest().unwrap(),
        statement: answer_to(asked, StatementDecision::Reject, key),
    }
}

pub(crate) fn destruction_expired(asked: &DestructionRequested) -> DestructionExpired {
    DestructionExpired {
        destruction: asked.destruction.clone(),
        request_digest: asked.digest().unwrap(),
    }
}

pub(crate) fn copied() -> SampleCopied {
    SampleCopied {
        sample: SAMPLE.into(),
        mark: "0123456789abcdef".into(),
        columns: vec!["ybj/claims.resident_id".into()],
        files: vec![file("claims.csv", b"copy")],
    }
}

pub(crate) fn traced(told: &[u64]) -> SampleTraced {
    SampleTraced {
        sample: SAMPLE.into(),
        values_digest: Digest::of(b"values"),
        values_found: 1000,
        told: told.to_vec(),
    }
}

pub(crate) fn reversal_requested() -> ReversalRequested {
    ReversalRequested {
        reversal: REVERSAL.into(),
        dataset: CLAIMS.into(),
        column: "resident_id".into(),
        organisation: "ybj".into(),
        request_digest: Digest::of(b"reversal"),
        value_digest: Digest::of(b"keyed"),
        expires: Timestamp::now().after_seconds(PENDING_SECONDS),
    }
}

fn reversal_statement(
    decision: StatementDecision,
    key: &StatementKey,
    organisation: &str,
) -> SignedStatement {
    let digest = Digest::of(b"reversal");
    let kind = StatementKind::SampleReversal;
    let statement = Statement::second_person(kind, REVERSAL, digest, decision, organisation);
    key.sign(statement.unwrap()).unwrap()
}

pub(crate) fn reversal_confirmed(key: &StatementKey, organisation: &str) -> ReversalConfirmed {
    ReversalConfirmed {
        reversal: REVERSAL.into(),
        request_digest: Digest::of(b"reversal"),
        statement: reversal_statement(StatementDecision::Approve, key, organisation),
    }
}

pub(crate) fn reversal_rejected(key: &StatementKey, organisation: &str) -> ReversalRejected {
    ReversalRejected {
        reversal: REVERSAL.into(),
        request_digest: Digest::of(b"reversal"),
        statement: reversal_statement(StatementDecision::Reject, key, organisation),
    }
}

pub(crate) fn reversal_expired() -> ReversalExpired {
    ReversalExpired {
        reversal: REVERSAL.into(),
        request_digest: Digest::of(b"reversal"),
    }
}

pub(crate) fn reversal_answered(confirmation: u64) -> ReversalAnswered {
    ReversalAnswered {
        reversal: REVERSAL.into(),
        request_digest: Digest::of(b"reversal"),
        confirmation,
    }
}

pub(crate) fn started(approvals: &[u64]) -> JobStarted {
    JobStarted {
        job: JOB.into(),
        product: PRODUCT.into(),
        version: 1,
        binding_digest: binding().digest().unwrap(),
        approvals: approvals.to_vec(),
        datasets: vec![used(CLAIMS), used(PERSONS)],
        plan_digest: Digest::of(b"plan"),
        layers: vec!["seccomp".into()],
    }
}

pub(crate) fn delivered(approvals: &[u64]) -> JobDelivered {
    JobDelivered {
        job: JOB.into(),
        product: PRODUCT.into(),
        version: 1,
        binding_digest: binding().digest().unwrap(),
        approvals: approvals.to_vec(),
        files: vec![file("result.csv", b"result")],
        groups_released_band: None,
        groups_withheld: "1-9".into(),
    }
}

/// One body of each type, in the order of [`EventBody`].
pub(crate) fn one_of_each() -> Vec<EventBody> {
    let key = StatementKey::generate().unwrap();
    vec![
        LogCreated {
            origin: ORIGIN.into(),
        }
        .into(),
        LogRecovered {
            cut_bytes: 7,
            segment: "0.seg".into(),
        }
        .into(),
        KeyEnrolled {
            organisation: "ybj".into(),
            duty: Duty::Provider,
            person: "p-07".into(),
            public_key: key.public_key(),
        }
        .into(),
        destruction_requested(CLAIMS).into(),
        destruction_rejected(&destruction_requested(CLAIMS), &key).into(),
        destruction_expired(&destruction_requested(CLAIMS)).into(),
        destroyed(&destruction_requested(CLAIMS), &key).into(),
        permit("job.submit", JOB).into(),
        registered(CLAIMS, "ybj", 1).into(),
        published().into(),
        SampleRequested {
            scenario: SCENARIO.into(),
            sample: SAMPLE.into(),
        }
        .into(),
        sample_released().into(),
        SampleRefused {
            scenario: SCENARIO.into(),
            sample: SAMPLE.into(),
            reason: "k_map".into(),
            refusal_digest: None,
        }
        .into(),
        SampleFailed {
            scenario: SCENARIO.into(),
            sample: SAMPLE.into(),
            reason: "interrupted".into(),
        }
        .into(),
        copied().into(),
        traced(&[4]).into(),
        reversal_requested().into(),
        reversal_confirmed(&key, "sjj").into(),
        reversal_rejected(&key, "sjj").into(),
        reversal_expired().into(),
        reversal_answered(5).into(),
        submitted().into(),
        ProductRefused {
            product: PRODUCT.into(),
            version: 1,
            reason: "column".into(),
            rule: Some("compute".into()),
            column: None,
            refusal_digest: None,
        }
        .into(),
        approved(&key, "ybj").into(),
        JobSubmitted {
            job: JOB.into(),
            product: PRODUCT.into(),
            version: 1,
        }
        .into(),
        started(&[1, 2]).into(),
        JobRefused {
            job: JOB.into(),
            reason: "threshold".into(),
            refusal_digest: None,
        }
        .into(),
        JobFailed {
            job: JOB.into(),
            reason: "failed".into(),
        }
        .into(),
        delivered(&[1, 2]).into(),
        ResultFetched {
            resource: JOB.into(),
            file: "result.csv".into(),
            digest: Digest::of(b"result"),
        }
        .into(),
    ]
}
