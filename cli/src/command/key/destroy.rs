//! `karez key destroy`: says what becomes impossible, asks, and has the key destroyed.

use clap::{Args, ValueEnum};
use enclave::client::v1::{DestroyKeyRequest, KeyDestructionReason};
use serde_json::json;

use crate::caller::{Caller, RequestId};
use crate::confirm::{Question, confirm};
use crate::context::Context;
use crate::exit::Exit;
use crate::language::{Text, text};
use crate::names;
use crate::problem::Problem;
use crate::wire;

pub(super) const EXAMPLE: &str = "\
Nothing brings a destroyed key back. A provider destroys the keys of its own data: a whole data set, one version, or one \
column of one version. The institution destroys the key of a scenario's releases. The order is on the log before the key \
is gone. A copy of the key store that somebody made earlier, a backup for example, is not reached: destroy it as well.

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
    /// Do not ask: you know what becomes impossible
    #[arg(long)]
    yes: bool,
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
        let name = self.path(&connected.tenant);
        context.say(&self.lost(&name));
        let question = Question {
            ask: text!("destroy it for good?", "确认永久销毁？"),
            unasked: text!(
                "nobody is there to ask: read what becomes impossible, then add --yes",
                "无法询问：请先阅读后果说明，再加上 --yes"
            ),
            refused: text!("nothing was destroyed", "未销毁任何密钥"),
        };
        confirm(self.yes, question, context)?;
        let request = DestroyKeyRequest {
            name,
            reason: self.reason.on_the_wire().into(),
            request_id: self.request_id.take(context)?,
        };
        let answer = connected.client.keys().destroy_key(request).await?;
        let answer = answer.into_inner();
        context.show(&json!({
            "destroyed": answer.name,
            "log_entry": wire::log_entry(answer.log_entry.as_ref()),
        }))?;
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

    /// What becomes impossible, and what does not.
    fn lost(&self, name: &str) -> Text {
        match (&self.key.scenario, self.version, &self.column) {
            (Some(_), _, _) => text!(
                "destroying {name}\n\
                 - no surrogate of this scenario can be reversed again, by anybody\n\
                 - no sample of this scenario can be drawn again; publish another scenario to draw new ones\n\
                 - samples that were released stay as they are, can still be fetched, and leaked copies still be traced\n\
                 - data sets and approved products are not touched",
                "销毁 {name}\n\
                 - 该场景的任何替代值将无法由任何人还原\n\
                 - 该场景无法再抽取样本；如需新样本，请发布新的场景\n\
                 - 已发布的样本保持不变，仍可领取，泄露的副本仍可追踪\n\
                 - 数据集和已批准的产品不受影响"
            ),
            (None, None, _) => text!(
                "destroying {name}\n\
                 - no version of this data set can be read again, by samples, jobs or anybody\n\
                 - the data set takes no new version; register the data under another name\n\
                 - samples and results that were released stay as they are",
                "销毁 {name}\n\
                 - 该数据集的所有版本将无法再被样本、作业或任何人读取\n\
                 - 该数据集不再接受新版本；如需继续，请以其他名称登记\n\
                 - 已发布的样本和结果保持不变"
            ),
            (None, Some(_), None) => text!(
                "destroying {name}\n\
                 - this version cannot be read again, by samples, jobs or anybody; other versions can\n\
                 - products that are pinned to it will not run\n\
                 - samples and results that were released stay as they are",
                "销毁 {name}\n\
                 - 该版本将无法再被样本、作业或任何人读取；其他版本不受影响\n\
                 - 绑定该版本的产品将无法运行\n\
                 - 已发布的样本和结果保持不变"
            ),
            (None, Some(_), Some(_)) => text!(
                "destroying {name}\n\
                 - this column of this version cannot be read again; samples and jobs that use it are refused, others run\n\
                 - where the column names a protected unit, the unit's keyed number stays in a hidden column\n\
                 - samples and results that were released stay as they are",
                "销毁 {name}\n\
                 - 该版本的这一列将无法再读取；使用它的样本和作业会被拒绝，其余照常\n\
                 - 若该列标识受保护单元，其加密编号仍保留在隐藏列中\n\
                 - 已发布的样本和结果保持不变"
            ),
        }
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
