//! The parts of those who review: the implementing institution, and the provider of the data.

use enclave::client::v1::{
    ApproveProductRequest, EnrolKeyRequest, GetProductRequest, GetScenarioRequest,
    PublishScenarioRequest,
};
use lineage::{Duty, Statement, StatementKey};

use super::files::{POLICY, PRODUCT, SCENARIO};
use super::telling::{Telling, Told};
use super::world::{World, organisation, scenario_name};
use crate::language::{Text, text};
use crate::problem::Problem;
use crate::review;
use crate::wire::Answered as _;

/// The version of the product that is reviewed: the first that was not refused.
const VERSION_REVIEWED: u64 = 1;

/// The institution publishes the scenario.
pub(super) async fn publish(telling: &mut Telling<'_>, world: &World) -> Result<(), Problem> {
    let (id, name) = organisation(Duty::Institution);
    let title = text!(
        "The implementing institution {id} ({name}) publishes the scenario {SCENARIO}",
        "实施机构{name}（{id}）发布场景 {SCENARIO}"
    );
    let work = async {
        let connected = world.connect(Duty::Institution).await?;
        let request = PublishScenarioRequest {
            parent: connected.parent(),
            scenario_id: SCENARIO.to_owned(),
            policy: POLICY.to_owned(),
            request_id: "demo-publish".to_owned(),
        };
        let answer = connected
            .client
            .scenarios()
            .publish_scenario(request)
            .await?
            .into_inner();
        let digest = answer.scenario.answered()?.policy_digest;
        let lines = [
            text!(
                "its policy says per column what SQL may do and what a sample shows",
                "策略逐列规定 SQL 的用途与样本的样貌"
            ),
            text!("policy {digest}", "策略摘要 {digest}"),
        ];
        Ok(Told::new((), lines))
    };
    telling.step(title, work).await
}

/// Both reviewers enrol their public keys.
pub(super) async fn enrol(telling: &mut Telling<'_>, world: &World) -> Result<(), Problem> {
    let title = text!(
        "Both reviewing bodies enrol the public half of their signing keys",
        "两个审核单位登记各自签名密钥的公钥"
    );
    let work = async {
        let mut lines = Vec::new();
        for duty in [Duty::Institution, Duty::Provider] {
            let connected = world.connect(duty).await?;
            let key = StatementKey::load(&world.identity(duty).signing_key())?.public_key();
            let request = EnrolKeyRequest {
                parent: connected.parent(),
                public_key: key.as_bytes().to_vec().into(),
                request_id: format!("demo-enrol-{duty}"),
            };
            let actor = connected
                .client
                .keys()
                .enrol_key(request)
                .await?
                .into_inner()
                .actor;
            lines.push(text!("{actor} {key}", "{actor} {key}"));
        }
        Ok(Told::new((), lines))
    };
    telling.step(title, work).await
}

/// One reviewer looks at the product, computes its digest again, and signs.
pub(super) async fn approve(
    telling: &mut Telling<'_>,
    world: &World,
    duty: Duty,
) -> Result<(), Problem> {
    let (id, name) = organisation(duty);
    let title = text!(
        "{id} ({name}) reads logic, policy and data sets, and signs with its own key",
        "{name}（{id}）审阅逻辑、策略与数据集，并以自己的密钥签署"
    );
    telling.step(title, sign(world, duty, id)).await
}

async fn sign(world: &World, duty: Duty, organisation: &str) -> Result<Told<()>, Problem> {
    let connected = world.connect(duty).await?;
    let product_name = format!("{}/products/{PRODUCT}", scenario_name());
    let name = lineage::product_version_name(&product_name, VERSION_REVIEWED);
    let product = connected
        .client
        .products()
        .get_product(GetProductRequest { name: name.clone() })
        .await?;
    let scenario = GetScenarioRequest {
        name: scenario_name(),
    };
    let scenario = connected.client.scenarios().get_scenario(scenario).await?;
    let (product, scenario) = (
        product.into_inner().product.answered()?,
        scenario.into_inner().scenario.answered()?,
    );
    let digest = review::digest_of(&product, &scenario)?;
    let key = StatementKey::load(&world.identity(duty).signing_key())?;
    let statement =
        Statement::approve_product(&product_name, VERSION_REVIEWED, digest, organisation)?;
    let request = ApproveProductRequest {
        name,
        statement: Some(review::signed(&key, statement)?),
        request_id: format!("demo-approve-{duty}"),
    };
    let answer = connected
        .client
        .products()
        .approve_product(request)
        .await?
        .into_inner();
    let missing: Vec<String> = answer
        .product
        .answered()?
        .missing_approvals
        .into_iter()
        .map(|one| one.duty)
        .collect();
    let lines = [
        text!("signed: {digest}", "签署内容：{digest}"),
        still_missing(&missing.join(", ")),
    ];
    Ok(Told::new((), lines))
}

fn still_missing(duties: &str) -> Text {
    match duties {
        "" => text!("all required bodies have approved", "所需单位均已批准"),
        duties => text!("still missing: {duties}", "尚缺：{duties}"),
    }
}
