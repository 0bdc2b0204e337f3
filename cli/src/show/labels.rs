//! What the fields of a result are called in front of a person.

use crate::language::Language;

/// Field and Chinese label; in English a field is its own name with spaces.
const CHINESE: &[(&str, &str)] = &[
    ("actor", "操作人"),
    ("approval_seqs", "审核记录序号"),
    ("approvals", "审核意见"),
    ("binding", "绑定内容"),
    ("binding_digest", "绑定摘要"),
    ("bytes", "字节数"),
    ("ca", "证书机构"),
    ("certificate", "证书"),
    ("columns", "字段"),
    ("contract_digest", "输出约定摘要"),
    ("create_time", "申请时间"),
    ("dataset", "数据集"),
    ("datasets", "数据集"),
    ("decision", "决定"),
    ("detail", "详情"),
    ("digest", "摘要"),
    ("drawn_share", "抽取比例"),
    ("duty", "职责"),
    ("encoding", "编码"),
    ("file", "文件"),
    ("files", "文件"),
    ("findings", "发现的问题"),
    ("fix", "处理办法"),
    ("gate", "门槛"),
    ("groups_released_band", "已发布的组"),
    ("groups_withheld_band", "未予发布的组"),
    ("home", "主目录"),
    ("kind", "类别"),
    ("labels_digest", "分类摘要"),
    ("leaf_hash", "记录哈希"),
    ("leaves", "记录数"),
    ("level", "级别"),
    ("localized_message", "中文说明"),
    ("log_entry", "日志记录"),
    ("logic_digest", "逻辑摘要"),
    ("made", "已建立"),
    ("media_type", "媒体类型"),
    ("message", "说明"),
    ("metadata", "相关名称"),
    ("method", "抽样方法"),
    ("missing_approvals", "尚缺审核意见"),
    ("name", "名称"),
    ("next", "下一步"),
    ("not_checked", "未核验事项"),
    ("nullable", "可空"),
    ("one_way", "单向"),
    ("organisation", "单位"),
    ("origin", "日志"),
    ("path", "路径"),
    ("person", "人员"),
    ("plan_digest", "计划摘要"),
    ("policy", "策略"),
    ("policy_digest", "策略摘要"),
    ("private_key", "私钥"),
    ("problem", "问题"),
    ("product_version", "产品版本"),
    ("provider", "提供单位"),
    ("public_key", "公钥"),
    ("publish_time", "发布时间"),
    ("reason", "原因"),
    ("recipe_digest", "方案摘要"),
    ("refusal", "拒绝原因"),
    ("register_time", "登记时间"),
    ("rejected_cells", "不合格单元格"),
    ("report_digest", "报告摘要"),
    ("required", "必需"),
    ("resource", "资源"),
    ("result", "结果"),
    ("result_files", "结果文件"),
    ("results", "可出结果"),
    ("root", "树根"),
    ("rows", "行数"),
    ("samples", "可抽样本"),
    ("scenario", "场景"),
    ("schema_digest", "模式摘要"),
    ("separator", "分隔符"),
    ("seq", "序号"),
    ("size", "日志长度"),
    ("size_bytes", "字节数"),
    ("sql", "SQL"),
    ("state", "状态"),
    ("statements", "签名声明"),
    ("subject", "对象"),
    ("submit_time", "提交时间"),
    ("suppressed_units", "剔除的单元"),
    ("tenant", "租户"),
    ("threshold", "门槛值"),
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
