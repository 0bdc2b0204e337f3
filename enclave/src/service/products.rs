//! Products on the wire: submit, get, approve.

use super::calls::{Calls, begin, given, log_entry, missing, reading, refusal, time};
use super::outcome::Outcome;
use super::reason::Reason;
use crate::operations::{Enclave, Failure, ProductDescription};
use crate::registry::{ProductVersion, RefusedVersion};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use karez_proto::v1;
use karez_proto::v1::dataset_binding::Version;
use karez_proto::v1::product_service_server::ProductService;
use lineage::event::{Binding, BoundDataset, VersionPin};
use lineage::{EventBody, PublicKey, SignedStatement, Statement, product_version_name};
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl ProductService for Calls {
    async fn submit_product(
        &self,
        request: Request<v1::SubmitProductRequest>,
    ) -> Result<Response<v1::SubmitProductResponse>, Status> {
        let (call, asked) = begin(request)?;
        given("parent", &asked.parent)?;
        given("product_id", &asked.product_id)?;
        given("sql", &asked.sql)?;
        let pins = pins(&asked.datasets)?;
        let answer = self.run(move |enclave| {
            let (parent, id) = (&asked.parent, &asked.product_id);
            let leaf = enclave.submit_product(&call, parent, id, &asked.sql, &pins)?;
            let EventBody::ProductSubmitted(body) = &leaf.body else {
                return Err(Failure::internal("answer"));
            };
            Ok(v1::SubmitProductResponse {
                product: Some(as_of(enclave, &body.product, body.version, leaf.seq)?),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }

    async fn get_product(
        &self,
        request: Request<v1::GetProductRequest>,
    ) -> Result<Response<v1::GetProductResponse>, Status> {
        let (caller, asked) = reading(request)?;
        given("name", &asked.name)?;
        let product =
            self.run(
                move |enclave| match enclave.describe_product(&caller, &asked.name)? {
                    ProductDescription::Submitted { product, version } => {
                        submitted(enclave, &product, &version)
                    }
                    ProductDescription::Refused(version) => refused(enclave, &version),
                },
            );
        let product = Some(product.await?);
        Ok(Response::new(v1::GetProductResponse { product }))
    }

    async fn approve_product(
        &self,
        request: Request<v1::ApproveProductRequest>,
    ) -> Result<Response<v1::ApproveProductResponse>, Status> {
        let (call, asked) = begin(request)?;
        let (product, version) = version_name("name", &asked.name)?;
        let statement = asked
            .statement
            .as_ref()
            .ok_or_else(|| missing("statement"))?;
        let statement = signed(statement)?;
        let answer = self.run(move |enclave| {
            let leaf = enclave.approve_product(&call, &product, version, statement)?;
            Ok(v1::ApproveProductResponse {
                product: Some(as_of(enclave, &product, version, leaf.seq)?),
                log_entry: Some(log_entry(&leaf)?),
            })
        });
        Ok(Response::new(answer.await?))
    }
}

/// `…/products/{p}/versions/{n}` as product and number.
pub(super) fn version_name(field: &'static str, name: &str) -> Result<(String, u64), Outcome> {
    let parsed = given(field, name)?.parse();
    match parsed {
        Ok(policy::ResourceName::ProductVersion(tenant, scenario, id, version)) => Ok((
            policy::ResourceName::Product(tenant, scenario, id).to_string(),
            version,
        )),
        _ => {
            let message = format!(
                "`{field}` is no product version; write tenants/TENANT/scenarios/SCENARIO/products/PRODUCT/versions/NUMBER"
            );
            Err(Outcome::new(Reason::FieldInvalid, message).with("field", field))
        }
    }
}

fn pins(datasets: &[v1::DatasetBinding]) -> Result<Vec<(String, VersionPin)>, Outcome> {
    let pin = |bound: &v1::DatasetBinding| {
        let version = match bound.version {
            Some(Version::Number(number)) if number > 0 => VersionPin::Number(number),
            Some(Version::Current(true)) => VersionPin::Current,
            _ => {
                let message = "`datasets.version` is a number from 1, or `current: true`";
                return Err(Outcome::new(Reason::FieldInvalid, message).with("field", "datasets"));
            }
        };
        Ok((bound.dataset.clone(), version))
    };
    datasets.iter().map(pin).collect()
}

/// The statement as its own bytes say; other bytes than the canonical ones were not signed.
pub(super) fn signed(sent: &v1::SignedStatement) -> Result<SignedStatement, Outcome> {
    let invalid = |what: &str| {
        Outcome::new(
            Reason::StatementInvalid,
            format!("the statement is not accepted: {what}"),
        )
    };
    let statement: Statement = serde_json::from_slice(&sent.statement)
        .map_err(|_| invalid("it is not the JSON of a statement"))?;
    if statement.signed_bytes().ok().as_deref() != Some(&sent.statement[..]) {
        return Err(invalid("it is not canonical JSON (RFC 8785)"));
    }
    let key = format!("ed25519:{}", STANDARD.encode(&sent.public_key));
    Ok(SignedStatement {
        statement,
        public_key: key
            .parse::<PublicKey>()
            .map_err(|_| invalid("its public key is not 32 sound bytes"))?,
        signature: STANDARD.encode(&sent.signature),
    })
}

/// The version as it stood at an entry: later approvals are left out.
fn as_of(enclave: &Enclave, product: &str, version: u64, seq: u64) -> Result<v1::Product, Failure> {
    let mut version = enclave.product_version(product, version)?;
    version.approvals.retain(|approval| approval.seq <= seq);
    submitted(enclave, product, &version)
}

fn submitted(
    enclave: &Enclave,
    product: &str,
    version: &ProductVersion,
) -> Result<v1::Product, Failure> {
    let missing = enclave.missing_approvals(version);
    let state = match missing.is_empty() {
        true => v1::ProductState::Approved,
        false => v1::ProductState::UnderReview,
    };
    let approvals = version.approvals.iter().map(|approval| {
        Ok(v1::Approval {
            organisation: approval.organisation.clone(),
            duty: approval.duty.to_string(),
            log_entry: Some(log_entry(&enclave.leaf(approval.seq)?)?),
        })
    });
    let missing = missing.into_iter().map(|missing| v1::RequiredApproval {
        organisation: missing.organisation.unwrap_or_default(),
        duty: missing.duty.to_string(),
    });
    let last = version
        .approvals
        .last()
        .map_or(version.seq, |approval| approval.seq);
    Ok(v1::Product {
        name: product_version_name(product, version.version),
        state: state.into(),
        version: version.version,
        organisation: version.organisation.clone(),
        sql: enclave.product_logic(version)?,
        binding: Some(binding(&version.binding)),
        binding_digest: version.binding_digest.to_string(),
        approvals: approvals.collect::<Result<_, Failure>>()?,
        missing_approvals: missing.collect(),
        refusal: None,
        submit_time: Some(time(enclave.leaf(version.seq)?.time)),
        log_entry: Some(log_entry(&enclave.leaf(last)?)?),
    })
}

fn refused(enclave: &Enclave, version: &RefusedVersion) -> Result<v1::Product, Failure> {
    let leaf = enclave.leaf(version.seq)?;
    Ok(v1::Product {
        name: product_version_name(&version.product, version.version),
        state: v1::ProductState::Refused.into(),
        version: version.version,
        organisation: version.organisation.clone(),
        refusal: Some(refusal(
            enclave.kept_refusal(version.refusal_digest.as_ref())?,
        )),
        submit_time: Some(time(leaf.time)),
        log_entry: Some(log_entry(&leaf)?),
        ..v1::Product::default()
    })
}

fn binding(bound: &Binding) -> v1::ProductBinding {
    v1::ProductBinding {
        logic_digest: bound.logic_digest.to_string(),
        policy_digest: bound.policy_digest.to_string(),
        datasets: bound.datasets.iter().map(dataset).collect(),
        contract_digest: bound.contract_digest.to_string(),
    }
}

fn dataset(bound: &BoundDataset) -> v1::DatasetBinding {
    v1::DatasetBinding {
        dataset: bound.dataset.clone(),
        version: Some(match bound.version {
            VersionPin::Number(number) => Version::Number(number),
            VersionPin::Current => Version::Current(true),
        }),
        schema_digest: bound.schema_digest.to_string(),
        labels_digest: bound.labels_digest.to_string(),
    }
}
