//! What a verification found, in two languages, and what it did not look at.

use std::fmt;

use serde_json::{Value, json};

use crate::digest::Digest;

/// The language of a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// 简体中文.
    Chinese,
}

/// Where something is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, relative to the log's directory, or the name of a result file.
    pub file: Option<String>,
    /// The offset in that file, in bytes.
    pub offset: Option<u64>,
    /// The leaf.
    pub seq: Option<u64>,
}

impl Place {
    /// A leaf.
    #[must_use]
    pub const fn leaf(seq: u64) -> Self {
        Self {
            file: None,
            offset: None,
            seq: Some(seq),
        }
    }

    /// A file as a whole.
    #[must_use]
    pub fn file(name: &str) -> Self {
        Self {
            file: Some(name.to_owned()),
            ..Self::default()
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.file.clone(),
            self.offset.map(|offset| format!("byte {offset}")),
            self.seq.map(|seq| format!("leaf {seq}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        f.write_str(&parts.join(", "))
    }
}

macro_rules! sentences {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $english:literal, $chinese:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* #[doc = ""] #[doc = $english] $variant,)*
        }

        impl $name {
            /// The fixed word for programs.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The sentence for people.
            #[must_use]
            pub const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::English) => $english,
                      (Self::$variant, Language::Chinese) => $chinese,)*
                }
            }
        }
    };
}

sentences! {
    /// What can be wrong. Each variant has a fixed code and a sentence in two languages.
    Problem {
        /// A file is missing or unreadable.
        Missing = "missing", "a file of the log is missing or unreadable", "日志文件缺失或无法读取";
        /// The checkpoint does not count.
        Checkpoint = "checkpoint", "the checkpoint is not what the log's key signed", "检查点并非日志密钥所签";
        /// A segment's bytes were changed.
        Damaged = "damaged", "bytes of the log were changed or are torn", "日志字节被改动或残缺";
        /// Fewer leaves than were signed.
        RolledBack = "rolled-back", "leaves that were signed are gone", "已签名的记录缺失";
        /// Another root than was signed.
        Rewritten = "rewritten", "the leaves are not those that were signed", "记录与签名的树根不符";
        /// A receipt's leaf is not under its checkpoint.
        Inclusion = "inclusion", "a leaf is not in the tree that was signed", "记录不在已签名的树中";
        /// A leaf's bytes are not a leaf.
        Leaf = "leaf", "a leaf is malformed", "记录格式不正确";
        /// An event of the log at the wrong place.
        Origin = "origin", "the log does not begin as its checkpoint says", "日志的起始与检查点不符";
        /// The binding digest is not that of the binding.
        Binding = "binding", "a binding digest does not fit", "绑定摘要不符";
        /// Something was registered, submitted or delivered twice.
        Duplicate = "duplicate", "something that happens once is there twice", "只应出现一次的事项重复";
        /// An event rests on something that is not there.
        Unfounded = "unfounded", "an event rests on something that is not there before it", "事项缺少其应有的前提";
        /// A data set is not the one that was bound.
        Dataset = "dataset", "a data set is not the one that was approved", "数据集与审批所绑定的不符";
        /// A statement's signature does not fit.
        Signature = "signature", "a statement's signature does not fit", "声明的签名不符";
        /// A statement says something else than its event.
        Statement = "statement", "a statement does not say what its event claims", "声明内容与事项不符";
        /// A key without trust.
        Untrusted = "untrusted", "a statement is signed by a key that the trust list does not carry for this", "签名密钥不在信任列表或无此职责";
        /// A nonce was used before.
        Replay = "replay", "a statement's nonce was used before", "声明的随机数被重复使用";
        /// An approval is missing.
        Approvals = "approvals", "the approvals are not enough", "审批不足";
        /// The submitter approved.
        OwnApproval = "own-approval", "the submitter's organisation approved its own product", "提交方审批了自己的产品";
        /// No permit.
        Permit = "permit", "no permit was logged before", "此前没有准许决定的记录";
        /// A key was destroyed before.
        DestroyedKey = "destroyed-key", "something was released or read after the destruction of its key", "密钥销毁之后仍有发布或读取";
        /// A reversal without its two persons, or after its end.
        Reversal = "reversal", "a surrogate was reversed without what that needs", "替代值的还原缺少应有的前提";
        /// A destruction without its two persons, or after its end.
        Destruction = "destruction", "a key was destroyed without what that needs", "密钥的销毁缺少应有的前提";
        /// Other files than were delivered.
        File = "file", "a file is not one that was released", "文件并非所发布的文件";
    }
}

sentences! {
    /// What was not looked at. Each variant has a fixed code and a sentence in two languages.
    NotChecked {
        /// No witness.
        Witness = "witness", "no witness cosigned the checkpoint: a second history shown to others would not be seen", "检查点无见证方联署：若向他人出示另一份历史，无法发现";
        /// Leaves after the checkpoint.
        BeyondCheckpoint = "beyond-checkpoint", "bytes beyond the checkpoint are consistent but nobody signed them", "检查点之后的字节前后一致，但无人签名";
        /// Files that are not the log's.
        OtherFiles = "other-files", "the directory holds files that are not the log's; they were not read", "目录中有不属于日志的文件，未读取";
        /// Contents behind digests.
        Contents = "contents", "what digests stand for (data, logic, policy, reports) was not seen", "摘要所指的内容（数据、逻辑、策略、报告）未经查看";
        /// Clocks.
        Clocks = "clocks", "times are the service's and the signers' own claims", "时间为服务与签名者自述";
        /// Result files.
        Files = "files", "no result file was given to compare", "未提供可比对的结果文件";
        /// Columns that were read.
        Columns = "columns", "a version with a destroyed column was read by an event that lists no columns", "有事项读取了含已销毁列的版本，但未列出所读的列";
        /// The rest of the log.
        RestOfLog = "rest-of-log", "a receipt shows some leaves: permits, later events and reuse of statements elsewhere in the log were not seen", "回执只含部分记录：准许决定、后续事项及声明在日志别处的重复使用均未核验";
        /// A receipt for an event without rules.
        NoRules = "no-rules", "the subject was shown to be in the log; no further rule applies to its type", "已证明该记录在日志中；此类事项无其他规则";
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What kind of thing.
    pub problem: Problem,
    /// The particulars, in English.
    pub detail: String,
}

impl Finding {
    /// The finding as one line for people.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let sentence = self.problem.text(language);
        format!("{}: {sentence}: {}", self.place, self.detail)
    }
}

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The log's name, once its checkpoint was opened.
    pub origin: Option<String>,
    /// How many leaves the checkpoint covers.
    pub size: Option<u64>,
    /// The root that was signed.
    pub root: Option<Digest>,
    /// How many leaves were read.
    pub leaves: u64,
    /// How many signed statements were found good.
    pub statements: u64,
    /// How many result files were found to be released ones.
    pub files: u64,
    /// The keys that were destroyed, columns by name, each with the leaf that ordered it.
    pub destroyed_keys: Vec<(u64, String)>,
    /// What is wrong; empty when everything that was checked is right.
    pub findings: Vec<Finding>,
    /// What was not looked at.
    pub not_checked: Vec<NotChecked>,
}

impl Report {
    /// Whether everything that was checked is right.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.findings.is_empty()
    }

    pub(crate) fn find(&mut self, place: Place, problem: Problem, detail: impl Into<String>) {
        self.findings.push(Finding {
            place,
            problem,
            detail: detail.into(),
        });
    }

    /// The report as JSON for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let findings = self.findings.iter().map(|finding| {
            json!({
                "problem": finding.problem.code(),
                "file": finding.place.file,
                "offset": finding.place.offset,
                "seq": finding.place.seq,
                "message": finding.text(Language::English),
            })
        });
        let not_checked = self
            .not_checked
            .iter()
            .map(|item| json!({"code": item.code(), "message": item.text(Language::English)}));
        let destroyed = self
            .destroyed_keys
            .iter()
            .map(|(seq, path)| json!({"seq": seq, "path": path}));
        json!({
            "verified": self.is_verified(),
            "origin": self.origin,
            "size": self.size,
            "root": self.root.map(|root| root.to_string()),
            "leaves": self.leaves,
            "statements": self.statements,
            "files": self.files,
            "destroyed_keys": destroyed.collect::<Vec<_>>(),
            "findings": findings.collect::<Vec<_>>(),
            "not_checked": not_checked.collect::<Vec<_>>(),
        })
    }
}
