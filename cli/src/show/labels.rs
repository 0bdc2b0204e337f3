//! What the fields of a result are called in front of a person.

use crate::language::Language;

/// Field and Chinese label; in English a field is its own name with spaces.
const CHINESE: &[(&str, &str)] = &[
    ("actor", "操作人"),
    ("approvals", "审核意见"),
    ("binding", "绑定内容"),
    ("binding_digest", "绑定摘要"),
    ("bytes", "字节数"),
    ("ca", "证书机构"),
    ("certificate", "证书"),
    ("columns", "字段"),
    ("dataset", "数据集"),
    ("datasets", "数据集"),
    ("decision", "决定"),
    ("detail", "详情"),
    ("digest", "摘要"),
    ("duty", "职责"),
    ("encoding", "编码"),
    ("file", "文件"),
    ("files", "文件"),
    ("findings", "发现的问题"),
    ("fix", "处理办法"),
    ("home", "主目录"),
    ("kind", "类别"),
    ("leaves", "记录数"),
    ("level", "级别"),
    ("log_seq", "日志序号"),
    ("made", "已建立"),
    ("message", "说明"),
    ("missing_approvals", "尚缺审核意见"),
    ("name", "名称"),
    ("next", "下一步"),
    ("not_checked", "未核验事项"),
    ("organisation", "单位"),
    ("origin", "日志"),
    ("path", "路径"),
    ("person", "人员"),
    ("policy", "策略"),
    ("policy_digest", "策略摘要"),
    ("private_key", "私钥"),
    ("problem", "问题"),
    ("provider", "提供单位"),
    ("public_key", "公钥"),
    ("reason", "原因"),
    ("refusal", "拒绝原因"),
    ("required", "必需"),
    ("resource", "资源"),
    ("result", "结果"),
    ("root", "树根"),
    ("rows", "行数"),
    ("seq", "序号"),
    ("size", "日志长度"),
    ("state", "状态"),
    ("statements", "签名声明"),
    ("subject", "对象"),
    ("tenant", "租户"),
    ("time", "时间"),
    ("trust_entry", "信任列表条目"),
    ("type", "类型"),
    ("unit", "保护单元"),
    ("units", "保护单元"),
    ("verified", "核验通过"),
    ("version", "版本"),
    ("what", "用途"),
];

/// The label of a field.
pub(super) fn label(field: &str, language: Language) -> String {
    let chinese = CHINESE.iter().find(|(name, _)| *name == field);
    match (language, chinese) {
        (Language::Chinese, Some((_, label))) => (*label).to_owned(),
        _ => field.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_field_twice() {
        assert!(CHINESE.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
