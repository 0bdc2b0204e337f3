//! Why a call came to nothing, in words for people and programs; never with a value.

use std::fmt;

use lineage::{Digest, Leaf};

use crate::service::Reason;
use crate::worker::{self, JobFailure};

/// Where something stands in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The position.
    pub seq: u64,
    /// The leaf's hash.
    pub leaf_hash: Digest,
}

impl Entry {
    /// The entry of a leaf.
    #[must_use]
    pub fn of(leaf: &Leaf) -> Option<Self> {
        Some(Self {
            seq: leaf.seq,
            leaf_hash: leaf.hash().ok()?,
        })
    }
}

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The stable word.
    pub reason: Reason,
    /// What happened and what to do, in English.
    pub message: String,
    /// The same in zh-CN.
    pub localized: String,
    /// Names of the parties: rule, column, data set.
    pub metadata: Vec<(&'static str, String)>,
    /// Where the denial or refusal stands in the log.
    pub entry: Option<Box<Entry>>,
}

impl Failure {
    /// A failure with its two texts.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>, localized: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            localized: localized.into(),
            metadata: Vec::new(),
            entry: None,
        }
    }

    /// The same with a name of a party.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.metadata.push((key, value.into()));
        self
    }

    /// The same with its place in the log.
    #[must_use]
    pub fn at(mut self, leaf: &Leaf) -> Self {
        self.entry = Entry::of(leaf).map(Box::new);
        self
    }

    /// There is no such resource.
    #[must_use]
    pub fn not_found(name: &str) -> Self {
        Self::new(
            Reason::NotFound,
            format!("there is no `{name}`"),
            format!("没有 `{name}`"),
        )
    }

    /// A fault of Karez; `what` names the part, never data.
    #[must_use]
    pub fn internal(what: &'static str) -> Self {
        Self::new(
            Reason::Internal,
            format!("a fault of Karez ({what}); the service's own log has more"),
            format!("Karez 内部故障（{what}），详见服务日志"),
        )
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<lineage::log::LogError> for Failure {
    fn from(error: lineage::log::LogError) -> Self {
        Self::new(
            Reason::LogReadOnly,
            format!("the log cannot be written, so nothing is done: {error}"),
            "日志无法写入，因此不执行任何操作",
        )
    }
}

impl From<crate::registry::BrokenFold> for Failure {
    fn from(_: crate::registry::BrokenFold) -> Self {
        Self::internal("registry")
    }
}

impl From<crate::blobs::BlobError> for Failure {
    fn from(error: crate::blobs::BlobError) -> Self {
        Self::new(
            Reason::ResourceUnavailable,
            format!("a stored document cannot be read or written: {error}"),
            "存储的文件无法读取或写入",
        )
    }
}

impl Failure {
    /// What was asked needs a key that was destroyed by command.
    #[must_use]
    pub fn destroyed(path: &str) -> Self {
        Self::new(
            Reason::KeyDestroyed,
            format!("the key `{path}` was destroyed: what it opened cannot be read, drawn or reversed any more"),
            format!("密钥 `{path}` 已按指令销毁：相应内容无法再读取、抽取或还原"),
        )
        .with("key", path)
    }
}

impl From<crate::keys::KeyError> for Failure {
    fn from(error: crate::keys::KeyError) -> Self {
        if let crate::keys::KeyError::Destroyed { path } = &error {
            return Self::destroyed(path);
        }
        Self::new(
            Reason::ResourceUnavailable,
            format!("a key cannot be used: {error}"),
            "密钥不可用",
        )
    }
}

impl From<crate::vault::VaultError> for Failure {
    fn from(error: crate::vault::VaultError) -> Self {
        if let crate::vault::VaultError::Key(error) = error {
            return error.into();
        }
        Self::new(
            Reason::ResourceUnavailable,
            format!("stored data cannot be read or written: {error}"),
            "存储的数据无法读取或写入",
        )
    }
}

impl From<JobFailure> for Failure {
    fn from(failure: JobFailure) -> Self {
        match &failure {
            JobFailure::Refused(refused) => {
                let refusal = &refused.refusal;
                let told = Self::new(reason_of(refused), &refusal.message.en, &refusal.message.zh)
                    .with("rule", &refusal.rule)
                    .with("refusal", refused.reason());
                match &refusal.column {
                    Some(column) => told.with("column", column),
                    None => told,
                }
            }
            JobFailure::Limit(_) => Self::new(
                Reason::LimitExceeded,
                failure.to_string(),
                "超出作业资源上限",
            ),
            JobFailure::Launch(sandbox_error) => Self::new(
                Reason::SandboxUnavailable,
                format!("{sandbox_error}; run `karez doctor` on the host"),
                "沙箱不可用，请在主机上运行 `karez doctor`",
            ),
            JobFailure::Cancelled => Self::new(
                Reason::StateNotAllowed,
                "the job was cancelled",
                "作业已取消",
            ),
            JobFailure::Failed | JobFailure::Worker(_) | JobFailure::Prepare(_) => {
                Self::internal("worker")
            }
        }
    }
}

/// The service's word for a refusal of the gate.
fn reason_of(refused: &worker::Refusal) -> Reason {
    match refused.class() {
        worker::RefusalClass::Logic => Reason::LogicInvalid,
        worker::RefusalClass::Use => Reason::UseNotGranted,
        worker::RefusalClass::Threshold => Reason::Threshold,
        worker::RefusalClass::Contract => Reason::Contract,
        worker::RefusalClass::Limit => Reason::LimitExceeded,
        worker::RefusalClass::Fault => Reason::Internal,
    }
}
