//! The errors in Chinese: the same names, figures and fixes as in English.

use super::{BATCH_ROWS_MAX, BATCH_TEXT_BYTES_MAX, Fault, Unsuitable};

/// Why a recipe does not fit its column.
pub(super) fn unsuitable(error: &Unsuitable) -> String {
    use Unsuitable::*;
    match error {
        ColumnType {
            column,
            technique,
            accepts,
            found,
            instead,
        } => format!(
            "列 `{column}`：`{technique}` 适用于{}，不适用于 {found}；请改用 {}",
            accepts.zh, instead.zh
        ),
        NotNullable {
            column,
            what,
            instead,
        } => format!("列 `{column}`：`{what}` 会写入空值，而本列不可空；请改用 `{instead}`"),
        Parameter {
            column,
            technique,
            problem,
        } => format!("列 `{column}`：`{technique}` {}", problem.zh),
        SmallDomain {
            column,
            kept,
            size,
            nearest,
        } => format!(
            "列 `{column}`：保留{}后仅剩 {size} 个取值，不足 1000000 个；请改为保留{}",
            kept.zh, nearest.zh
        ),
        OnBroken {
            column,
            policy,
            found,
        } => format!(
            "列 `{column}`：`on_broken: {policy}` 会写入文本，而本列为 {found}；请改用 `error`，可空列也可用 `null`"
        ),
        KeyMissing {
            column,
            technique,
            domain,
        } => format!("列 `{column}`：`{technique}` 需要列域 `{domain}` 的密钥"),
        NoRecipe { column } => format!("列 `{column}` 没有脱敏方法；请指定一个，或不读取该列"),
        TwoRecipes { column } => format!("列 `{column}` 有两个脱敏方法；请保留一个"),
        NoCompanion {
            column,
            technique,
            companion,
        } => format!(
            "列 `{column}`：`{technique}` 要读取列 `{companion}`，而表中没有该列；请更正列名，或一并读取该列"
        ),
        CompanionType {
            column,
            technique,
            companion,
            accepts,
            found,
        } => format!(
            "列 `{column}`：`{technique}` 要同时读取{}，而列 `{companion}` 为 {found}；请另指定一列",
            accepts.zh
        ),
        NoColumn { column } => format!("表中没有列 `{column}`；请更正列名"),
    }
}

/// Why a run stopped.
pub(super) fn fault(error: &Fault) -> String {
    use Fault::*;
    match error {
        BrokenInput {
            column,
            row,
            expected,
        } => format!(
            "列 `{column}` 第 {row} 行：不是{}；请更正该行，或改用其他 `on_broken`",
            expected.zh
        ),
        ColumnType {
            column,
            compiled,
            found,
        } => format!("列 `{column}` 按 {compiled} 编译，而批中为 {found}；请按此模式重新编译"),
        UnexpectedNull { column, nulls } => {
            format!("列 `{column}` 声明为不可空，却有 {nulls} 个空值；请声明为可空")
        }
        BatchTooLarge { column } => format!(
            "列 `{column}`：一批最多 {BATCH_ROWS_MAX} 行、{BATCH_TEXT_BYTES_MAX} 字节文本；请分成更小的批"
        ),
        Companion { column, companion } => {
            format!("列 `{column}` 须与列 `{companion}` 一起改写；请同时给出两列的相同各行")
        }
        CompanionType {
            column,
            companion,
            accepts,
            found,
        } => format!(
            "列 `{column}` 须与{}一起改写，而列 `{companion}` 为 {found}；请另给一列",
            accepts.zh
        ),
        Columns { position } => {
            format!("该批的列与编译时的表不同（第 {position} 列起）；请按此模式重新编译")
        }
        Contract { column } => format!("列 `{column}`：改写结果违反自身约定；请报告此问题"),
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;
    use crate::Phrase;

    #[test]
    fn errors_are_told_in_both_languages() {
        let fault = Fault::BrokenInput {
            column: "id".to_owned(),
            row: 7,
            expected: Phrase::new("a valid resident id", "有效的身份证号"),
        };
        assert_eq!(fault.told().en, fault.to_string());
        assert_eq!(
            fault.told().zh,
            "列 `id` 第 7 行：不是有效的身份证号；请更正该行，或改用其他 `on_broken`"
        );
        let unsuitable = Unsuitable::ColumnType {
            column: "age".to_owned(),
            technique: "mask",
            accepts: Phrase::new("text (Utf8)", "文本列（Utf8）"),
            found: DataType::Int64,
            instead: Box::new(Phrase::new("bucket", "bucket")),
        };
        assert_eq!(unsuitable.told().en, unsuitable.to_string());
        assert_eq!(
            unsuitable.told().zh,
            "列 `age`：`mask` 适用于文本列（Utf8），不适用于 Int64；请改用 bucket"
        );
    }
}
