//! Every reason for which a call, sample, product or job does not come about.
//!
//! One row per reason; `proto/ERRORS.md` shows the same rows and a test holds the two together.

use tonic::Code;

/// `domain` of every `ErrorInfo`.
pub const ERROR_DOMAIN: &str = "karez.v1";

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident, $text:literal, $code:ident, $zh:literal, $next:literal;)+) => {
        /// Why something was refused. The text form is stable and stands in `ErrorInfo.reason`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason { $($(#[doc = $doc])+ $name,)+ }

        impl Reason {
            /// All reasons, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The stable text, for example `TICKET_NOT_VALID`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// The canonical code of a call that fails for this reason.
            #[must_use]
            pub const fn code(self) -> Code {
                match self { $(Self::$name => Code::$code,)+ }
            }

            /// What happened, in zh-CN.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$name => $zh,)+ }
            }

            /// What the reader does next.
            #[must_use]
            pub const fn next(self) -> &'static str {
                match self { $(Self::$name => $next,)+ }
            }
        }
    };
}

reasons! {
    /// No client certificate, or one that does not name exactly one actor.
    CertificateNotUsable, "CERTIFICATE_NOT_USABLE", Unauthenticated,
        "客户端证书缺失或未载明唯一的操作人", "use a certificate made by `karez cert issue`";
    /// The certificate's actor may not do this.
    AccessDenied, "ACCESS_DENIED", PermissionDenied,
        "无权进行该操作", "ask the implementing institution; the metadata names policy and log entry";
    /// There is no such resource, or the caller may not know that there is.
    NotFound, "NOT_FOUND", NotFound,
        "资源不存在或无权知晓", "check the name; if it is right, ask its owner for access";
    /// A field of the request is missing or malformed.
    FieldInvalid, "FIELD_INVALID", InvalidArgument,
        "请求字段缺失或格式有误", "correct the field that is named";
    /// A document (schema, policy, contract) is malformed.
    DocumentInvalid, "DOCUMENT_INVALID", InvalidArgument,
        "文档格式或内容有误", "correct the line and column that are named";
    /// An uploaded file cannot be read as declared.
    FileInvalid, "FILE_INVALID", InvalidArgument,
        "上传文件无法按声明读取", "correct the row and column that are named, and upload again";
    /// SQL that does not parse, or names what does not exist.
    LogicInvalid, "LOGIC_INVALID", InvalidArgument,
        "产品逻辑有语法错误或引用了不存在的对象", "correct the place that is named";
    /// A signed statement does not verify.
    StatementInvalid, "STATEMENT_INVALID", InvalidArgument,
        "签名声明无法验证", "sign the digest that is shown, with an enrolled key";
    /// The call came without a deadline.
    DeadlineRequired, "DEADLINE_REQUIRED", InvalidArgument,
        "调用未设置时限", "set a gRPC deadline (`grpc-timeout`)";
    /// Asked for something that exists in the design but not in this version.
    NotEnforced, "NOT_ENFORCED", Unimplemented,
        "本版本尚不支持该约束", "leave it out, or wait for a version that enforces it";
    /// The request id was used before with other content.
    RequestIdReused, "REQUEST_ID_REUSED", AlreadyExists,
        "请求编号已用于其他内容", "use a fresh request id";
    /// The same request id is being worked on.
    RequestInProgress, "REQUEST_IN_PROGRESS", Aborted,
        "同一请求正在处理中", "ask again in a moment with the same request id";
    /// The logic uses a column in a way that the policy does not grant.
    UseNotGranted, "USE_NOT_GRANTED", FailedPrecondition,
        "产品逻辑对字段的使用超出授权", "change the logic, or ask for the use in the scenario's policy";
    /// Too few protected units.
    Threshold, "THRESHOLD", FailedPrecondition,
        "涉及的受保护单元数低于阈值", "group more coarsely";
    /// The result does not fit its output contract.
    Contract, "CONTRACT", FailedPrecondition,
        "结果不符合输出约定", "change the logic or submit a version with another contract";
    /// Approvals are missing.
    ApprovalMissing, "APPROVAL_MISSING", FailedPrecondition,
        "尚缺审核意见", "ask the bodies that are named to approve";
    /// What was approved is no longer what would run.
    BindingChanged, "BINDING_CHANGED", FailedPrecondition,
        "审核所绑定的内容已变更", "submit a new version for review";
    /// The signer's key is not enrolled or not on the trust list.
    KeyNotEnrolled, "KEY_NOT_ENROLLED", FailedPrecondition,
        "签名密钥未登记", "enrol the key, and have the regulator trust it";
    /// Today is outside the validity of scenario or agreement.
    NotInForce, "NOT_IN_FORCE", FailedPrecondition,
        "不在有效期内", "ask the implementing institution for a new term";
    /// The resource is not in a state that allows this.
    StateNotAllowed, "STATE_NOT_ALLOWED", FailedPrecondition,
        "资源当前状态不允许该操作", "wait for the state that is named, or start anew";
    /// A stored object or key of the resource is missing.
    ResourceUnavailable, "RESOURCE_UNAVAILABLE", FailedPrecondition,
        "资源的存储对象或密钥缺失", "have the host's administrator restore it";
    /// The key was destroyed by command, and with it what it opened.
    KeyDestroyed, "KEY_DESTROYED", FailedPrecondition,
        "密钥已按指令销毁，相应数据或替代值无法再读取、生成或还原", "nothing brings it back; register the data anew or publish another scenario";
    /// There is no way back from the surrogate to its original.
    NotReversible, "NOT_REVERSIBLE", FailedPrecondition,
        "该替代值无法还原", "ask about a value of a reversible column; one-way samples have no way back";
    /// No column of the sample can carry a recipient's mark, so no copy can leave.
    NotMarkable, "NOT_MARKABLE", FailedPrecondition,
        "样本没有可承载领取人标记的列，不得下载", "release a column as `token` or `fpe` in the scenario's policy";
    /// A layer of the sandbox is missing on this host.
    SandboxUnavailable, "SANDBOX_UNAVAILABLE", FailedPrecondition,
        "本机缺少沙箱所需的隔离层", "have the host's administrator run `karez doctor`";
    /// The ticket is unknown, spent, ended, or somebody else's; which of them is not told.
    TicketNotValid, "TICKET_NOT_VALID", FailedPrecondition,
        "票据无效", "ask for a new ticket and spend it within its time";
    /// More calls at once than are served.
    TooManyCalls, "TOO_MANY_CALLS", ResourceExhausted,
        "并发调用过多", "try again after the time that is given";
    /// A named limit is exceeded.
    LimitExceeded, "LIMIT_EXCEEDED", ResourceExhausted,
        "超出限额", "stay under the limit that is named";
    /// The deadline passed.
    DeadlineExceeded, "DEADLINE_EXCEEDED", DeadlineExceeded,
        "调用超过时限", "ask again with a longer deadline; a `request_id` makes that safe";
    /// The service is stopping.
    Stopping, "STOPPING", Unavailable,
        "服务正在停止", "try again after the time that is given";
    /// The log cannot be written, so that nothing may happen.
    LogReadOnly, "LOG_READ_ONLY", Unavailable,
        "日志不可写入，服务暂停受理", "have the host's administrator look at the service's messages";
    /// Our own fault.
    Internal, "INTERNAL", Internal,
        "服务内部错误", "report the incident id to the host's administrator";
}

#[cfg(test)]
mod tests {
    //! The page that people read says what the code does.
    use super::*;
    use std::collections::BTreeSet;

    fn row(reason: Reason) -> String {
        let code = format!("{:?}", reason.code());
        let mut screaming = String::new();
        for c in code.chars() {
            if c.is_ascii_uppercase() && !screaming.is_empty() {
                screaming.push('_');
            }
            screaming.push(c.to_ascii_uppercase());
        }
        let (name, zh, next) = (reason.as_str(), reason.zh(), reason.next());
        format!("| `{name}` | `{screaming}` | {zh} | {next} |")
    }

    #[test]
    fn the_page_has_exactly_these_rows() {
        let page = include_str!("../../../proto/ERRORS.md");
        let written: Vec<&str> = page.lines().filter(|l| l.starts_with("| `")).collect();
        let expected: Vec<String> = Reason::ALL.iter().map(|one| row(*one)).collect();
        assert_eq!(written, expected);
    }

    #[test]
    fn reasons_are_distinct() {
        let names: BTreeSet<_> = Reason::ALL.iter().map(|one| one.as_str()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
    }
}
