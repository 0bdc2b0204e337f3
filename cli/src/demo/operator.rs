//! The operator's part.

use std::path::PathBuf;

use enclave::client::ClientError;
use enclave::client::v1::{
    GetReceiptRequest, Job, JobState, ProductState, SubmitJobRequest, SubmitProductRequest,
    get_receipt_request::Target,
};
use lineage::Duty;

use super::files::{NAMES, PRODUCT, SPENDING};
use super::telling::{Telling, Told};
use super::world::{World, organisation, scenario_name};
use crate::caller::Connected;
use crate::command::job::to_its_end;
use crate::fetch::fetch;
use crate::language::{Text, text};
use crate::problem::Problem;
use crate::wire::{self, Answered as _};

/// Rows of the result that are shown.
const ROWS_SHOWN: usize = 4;

/// The result's file that is shown and verified.
const RESULT: &str = "result.csv";

/// What the operator holds in the end.
pub(super) struct Delivered {
    /// The result.
    pub(super) result: PathBuf,
    /// Its receipt.
    pub(super) receipt: PathBuf,
}

/// Submits logic that asks for names, and is refused.
pub(super) async fn refused(telling: &mut Telling<'_>, world: &World) -> Result<(), Problem> {
    let (id, name) = organisation(Duty::Operator);
    let title = text!(
        "The operator {id} ({name}) submits SQL that asks for names and ids",
        "运营机构{name}（{id}）提交查询姓名与身份证号的 SQL"
    );
    let work = async {
        let connected = world.connect(Duty::Operator).await?;
        let request = submission("names", NAMES);
        match connected
            .client
            .products()
            .submit_product(request)
            .await
            .map_err(ClientError::from)
        {
            Err(ClientError::Failed(failure)) if failure.metadata.contains_key("column") => {
                let (en, zh) = (
                    failure.to_string(),
                    failure.localized_message.unwrap_or(failure.message),
                );
                Ok(Told::new(
                    (),
                    [Text {
                        en: format!("refused: {en}"),
                        zh: format!("已拒绝：{zh}"),
                    }],
                ))
            }
            Err(other) => Err(other.into()),
            Ok(_) => Err(Problem::refused(text!(
                "SQL that asks for names was accepted: this is a fault of Karez",
                "查询姓名的 SQL 竟被受理：这是 Karez 的故障"
            ))),
        }
    };
    telling.step(title, work).await
}

/// Submits logic that asks for totals.
pub(super) async fn submit(telling: &mut Telling<'_>, world: &World) -> Result<(), Problem> {
    let title = text!(
        "The operator submits SQL that joins both tables and asks for totals by prefecture",
        "运营机构提交关联两表、按地州汇总的 SQL"
    );
    let work = async {
        let connected = world.connect(Duty::Operator).await?;
        let answer = connected
            .client
            .products()
            .submit_product(submission(PRODUCT, SPENDING))
            .await?;
        let product = answer.into_inner().product.answered()?;
        if product.state() != ProductState::UnderReview {
            return Err(Problem::refused(text!(
                "the product is not under review",
                "产品未进入审核"
            )));
        }
        let (digest, missing) = (&product.binding_digest, product.missing_approvals.len());
        let lines = [
            text!(
                "governed and accepted for review; {missing} approvals are missing",
                "已通过规则检查，进入审核；尚缺 {missing} 份批准"
            ),
            text!("bound together: {digest}", "绑定摘要：{digest}"),
        ];
        Ok(Told::new((), lines))
    };
    telling.step(title, work).await
}

fn submission(product: &str, sql: &str) -> SubmitProductRequest {
    SubmitProductRequest {
        parent: scenario_name(),
        product_id: product.to_owned(),
        sql: sql.to_owned(),
        request_id: format!("demo-submit-{product}"),
        ..SubmitProductRequest::default()
    }
}

/// Runs the approved product, fetches the result and takes its receipt.
pub(super) async fn run(telling: &mut Telling<'_>, world: &World) -> Result<Delivered, Problem> {
    let title = text!(
        "The operator runs the approved version: sealed in the jail, checked by the gate, delivered with a receipt",
        "运营机构运行已批准的版本：在沙箱内密封运行，经出域检查后交付，并附回执"
    );
    let work = async {
        let connected = world.connect(Duty::Operator).await?;
        let scenario = scenario_name();
        let request = SubmitJobRequest {
            product_version: format!("{scenario}/products/{PRODUCT}/versions/1"),
            parent: scenario,
            request_id: "demo-job".to_owned(),
        };
        let answer = connected
            .client
            .jobs()
            .submit_job(request)
            .await?
            .into_inner();
        let job = to_its_end(&connected, &answer.job.answered()?.name).await?;
        if job.state() != JobState::Delivered {
            return Err(Problem::refused(job.refusal.as_ref().map_or_else(
                || text!("the job was not delivered", "作业未交付"),
                wire::refusal_text,
            )));
        }
        fetched(&connected, &job, world).await
    };
    telling.step(title, work).await
}

async fn fetched(
    connected: &Connected,
    job: &Job,
    world: &World,
) -> Result<Told<Delivered>, Problem> {
    let place = world.place("result");
    fetch(connected, &job.name, &job.files, None, &place).await?;
    let request = GetReceiptRequest {
        target: Some(Target::Resource(job.name.clone())),
    };
    let receipt = connected
        .client
        .lineage()
        .get_receipt(request)
        .await?
        .into_inner()
        .receipt;
    let delivered = Delivered {
        result: place.join(RESULT),
        receipt: world.place("receipt.json"),
    };
    std::fs::write(&delivered.receipt, &receipt)
        .map_err(|error| Problem::file(&delivered.receipt, &error))?;
    let text = std::fs::read_to_string(&delivered.result);
    let text = text.map_err(|error| Problem::file(&delivered.result, &error))?;
    let (withheld, result) = (&job.groups_withheld_band, delivered.result.display());
    let mut lines = vec![
        text!(
            "groups withheld because too few persons stand in them: {withheld}",
            "因人数过少而未予发布的组：{withheld}"
        ),
        text!("{result}:", "{result}："),
    ];
    lines.extend(
        text.trim_start_matches('\u{feff}')
            .lines()
            .take(ROWS_SHOWN + 1)
            .map(|row| text!("  {row}", "  {row}")),
    );
    Ok(Told::new(delivered, lines))
}
