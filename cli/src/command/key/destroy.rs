//! `karez key destroy`: says what would become impossible, and asks for it.

use clap::{Args, ValueEnum};
use enclave::client::v1::{KeyDestructionReason, RequestDestructionRequest};

use crate::caller::{Caller, RequestId};
use crate::context::Context;
use crate::exit::Exit;
use crate::language::{Text, text};
use crate::names;
use crate::problem::Problem;
use crate::wire::{self, Answered as _};

pub(super) const EXAMPLE: &str = "\
Two persons destroy a key: you ask, and a second person of your organisation confirms with `karez key confirm` within the \
service's term, 72 hours unless it is configured otherwise. A provider's persons destroy the keys of its own data: a whole \
data set, one version, or one column of one version. The institution's destroy the key of a scenario's releases. Until the \
confirmation nothing is destroyed; nothing brings a destroyed key back.

Examples:
  karez key destroy --dataset ybj/claims --version 2 --column amount --reason withdrawn --as provider
  karez key destroy --scenario medical-spending --reason expired --as institution";

/// Arguments of `karez key destroy`.
#[derive(Debug, Args)]
pub(super) struct Destroy {
    #[command(flatten)]
    key: Which,
    /// The version of the data set (else all of them, and the data set takes no new ones)
    #[arg(long, value_name = "NUMBER", requires = "dataset", value_parser = clap::value_parser!(u64).range(1..))]
    version: Option<u64>,
    /// The column of that version (else all of them)
    #[arg(long, value_name = "NAME", requires = "version")]
    column: Option<String>,
    /// Why, for the log
    #[arg(long)]
    reason: Reason,
    #[command(flatten)]
    caller: Caller,
    #[command(flatten)]
    request_id: RequestId,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The data set whose key, or a key below it, is destroyed
    #[arg(long, value_name = "OWNER/TABLE")]
    dataset: Option<names::Dataset>,
    /// The scenario whose releases' key is destroyed
    #[arg(long, value_name = "SCENARIO", conflicts_with_all = ["version", "column"])]
    scenario: Option<names::Scenario>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Reason {
    /// The provider takes its data back
    Withdrawn,
    /// The term for which the data was given has ended
    Expired,
    /// Something came into the wrong hands
    Incident,
    /// It should never have been registered or published
    Mistake,
}

impl Destroy {
    pub(super) async fn run(self, context: &Context<'_>) -> Result<Exit, Problem> {
        let connected = self.caller.connect(context).await?;
        let key = self.path(&connected.tenant);
        context.say(&lost(&key));
        let request = RequestDestructionRequest {
            key,
            reason: self.reason.on_the_wire().into(),
            request_id: self.request_id.take(context)?,
        };
        let answer = connected.client.keys().request_destruction(request).await?;
        let destruction = answer.into_inner().destruction.answered()?;
        context.show(&wire::destruction(&destruction))?;
        context.say(&text!(
            "nothing is destroyed yet: a second person of your organisation confirms with `karez key confirm`",
            "尚未销毁任何密钥：须由本单位第二人执行 `karez key confirm` 确认"
        ));
        Ok(Exit::Done)
    }

    /// The key's path, as the log names it.
    fn path(&self, tenant: &str) -> String {
        if let Some(scenario) = &self.key.scenario {
            return scenario.full(tenant);
        }
        let dataset = self.key.dataset.as_ref();
        let mut path = dataset.map(|one| one.full(tenant)).unwrap_or_default();
        if let Some(version) = self.version {
            path.push_str(&format!("/versions/{version}"));
        }
        if let Some(column) = &self.column {
            path.push_str(&format!("/columns/{column}"));
        }
        path
    }
}

/// What becomes impossible with a key, and what does not.
pub(super) fn lost(name: &str) -> Text {
    let of_data = name.split('/').nth(2) == Some("datasets");
    let (version, column) = (name.contains("/versions/"), name.contains("/columns/"));
    match (of_data, version, column) {
        (false, _, _) => text!(
            "with {name} destroyed\n\
                 - no surrogate of this scenario can be reversed again, by anybody\n\
                 - no sample of this scenario can be drawn again; publish another scenario to draw new ones\n\
                 - samples that were released stay as they are, can still be fetched, and leaked copies still be traced\n\
                 - data sets and approved products are not touched",
            "销毁 {name} 之后\n\
                 - 该场景的任何替代值将无法由任何人还原\n\
                 - 该场景无法再抽取样本；如需新样本，请发布新的场景\n\
                 - 已发布的样本保持不变，仍可领取，泄露的副本仍可追踪\n\
                 - 数据集和已批准的产品不受影响"
        ),
        (true, false, _) => text!(
            "with {name} destroyed\n\
                 - no version of this data set can be read again, by samples, jobs or anybody\n\
                 - the data set takes no new version; register the data under another name\n\
                 - samples and results that were released stay as they are; their values cannot be reversed again",
            "销毁 {name} 之后\n\
                 - 该数据集的所有版本将无法再被样本、作业或任何人读取\n\
                 - 该数据集不再接受新版本；如需继续，请以其他名称登记\n\
                 - 已发布的样本和结果保持不变，但其中的值无法再还原"
        ),
        (true, true, false) => text!(
            "with {name} destroyed\n\
                 - this version cannot be read again, by samples, jobs or anybody; other versions can\n\
                 - products that are pinned to it will not run\n\
                 - samples and results that were released stay as they are; their values cannot be reversed again",
            "销毁 {name} 之后\n\
                 - 该版本将无法再被样本、作业或任何人读取；其他版本不受影响\n\
                 - 绑定该版本的产品将无法运行\n\
                 - 已发布的样本和结果保持不变，但其中的值无法再还原"
        ),
        (true, true, true) => text!(
            "with {name} destroyed\n\
                 - this column of this version cannot be read again; samples and jobs that use it are refused, others run\n\
                 - where the column names a protected unit, the unit's keyed number stays in a hidden column\n\
                 - samples and results that were released stay as they are; their values cannot be reversed again",
            "销毁 {name} 之后\n\
                 - 该版本的这一列将无法再读取；使用它的样本和作业会被拒绝，其余照常\n\
                 - 若该列标识受保护单元，其加密编号仍保留在隐藏列中\n\
                 - 已发布的样本和结果保持不变，但其中的值无法再还原"
        ),
    }
}

impl Reason {
    const fn on_the_wire(self) -> KeyDestructionReason {
        match self {
            Self::Withdrawn => KeyDestructionReason::Withdrawn,
            Self::Expired => KeyDestructionReason::Expired,
            Self::Incident => KeyDestructionReason::Incident,
            Self::Mistake => KeyDestructionReason::Mistake,
        }
    }
}
