//! The rules that refuse, each with a stable id, its class and its words.

use crate::refusal::Reason;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident, $id:literal, $reason:ident, $en:literal, $zh:literal;)*) => {
        /// A rule of the gate; the id is stable across versions.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Rule {
            $($(#[$doc])* $name,)*
        }

        impl Rule {
            /// All rules, in the order of the documentation.
            pub const ALL: &'static [Rule] = &[$(Rule::$name,)*];

            /// The stable id.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// The class.
            #[must_use]
            pub fn reason(self) -> Reason {
                match self { $(Self::$name => Reason::$reason,)* }
            }

            /// English and Chinese words.
            #[must_use]
            pub fn words(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($en, $zh),)* }
            }
        }
    };
}

rules! {
    /// The text does not parse.
    SyntaxParse, "syntax.parse", Syntax, "the SQL cannot be parsed", "SQL 无法解析";
    /// The text is too long or too deep.
    SyntaxSize, "syntax.size", Syntax, "the SQL is too long or nested too deeply", "SQL 过长或嵌套过深";
    /// Not exactly one statement.
    SyntaxOne, "syntax.one_statement", Syntax, "write exactly one statement", "只能写一条语句";
    /// Something else than a query.
    SyntaxQuery, "syntax.query_only", Operator, "only a SELECT query is allowed", "只允许 SELECT 查询";
    /// The query cannot be planned.
    SyntaxPlan, "syntax.plan", Syntax, "the query parses but does not fit together: types that do not match, a column missing from GROUP BY, an ambiguous name or an unsupported construct; run it on the sample to see the full text", "语句可以解析但无法规划：类型不符、列未写入 GROUP BY、名称有歧义或使用了不支持的写法；请在样本数据上本地运行查看全文";
    /// A constant does not fit its type.
    SyntaxConstant, "syntax.constant", Syntax, "a constant does not fit the type it is compared with or cast to", "常量与其比较或转换的类型不符";
    /// A table outside the scenario.
    TableUnknown, "table.unknown", UnknownTable, "no such data set in this scenario", "本场景中没有该数据集";
    /// A column that no table has.
    ColumnUnknown, "column.unknown", UnknownColumn, "no table of the query has a column of that name", "查询涉及的表中没有该列";
    /// `SELECT *`.
    ColumnWildcard, "column.wildcard", Scope, "write the columns instead of *", "请写明列名，不能使用 *";
    /// A column that may never be used.
    ColumnNotGranted, "column.not_granted", Scope, "the scenario does not grant this column to SQL", "本场景未授权在 SQL 中使用该列";
    /// A column used in a way that is not granted.
    ColumnUse, "column.use", Scope, "this use of the column is not granted", "未授权以此方式使用该列";
    /// A name that begins with two underscores.
    NameReserved, "name.reserved", Scope, "names that begin with two underscores are reserved", "以两个下划线开头的名称为系统保留";
    /// A plan node that is not allowed.
    OperatorNode, "operator.node", Operator, "this construct is not allowed in governed SQL", "受控 SQL 不允许此写法";
    /// A window function.
    OperatorWindow, "operator.window", Operator, "window functions are not allowed", "不允许窗口函数";
    /// UNION, INTERSECT, EXCEPT.
    OperatorSet, "operator.set", Operator, "UNION, INTERSECT and EXCEPT are not allowed", "不允许 UNION、INTERSECT、EXCEPT";
    /// A join without a key, or of another kind than inner and left.
    OperatorJoin, "operator.join", Operator, "only INNER and LEFT JOIN … ON a.key = b.key are allowed", "只允许 INNER 或 LEFT JOIN … ON a.键 = b.键";
    /// Rows written into the query.
    OperatorValues, "operator.values", Operator, "rows written into the query are not allowed; read a data set", "不允许在查询中写入数据行，请读取数据集";
    /// A query used as an expression.
    OperatorSubquery, "operator.subquery", Operator, "queries inside expressions (IN, EXISTS, scalar) are not allowed; use a JOIN", "不允许在表达式中嵌套查询（IN、EXISTS、标量），请改用 JOIN";
    /// Sort or limit below the aggregate.
    OperatorOrder, "operator.order", Operator, "ORDER BY, LIMIT and OFFSET are allowed at the output only", "ORDER BY、LIMIT、OFFSET 只能用于最终输出";
    /// An expression that is not allowed.
    OperatorExpression, "operator.expression", Operator, "this expression is not allowed in governed SQL", "受控 SQL 不允许此表达式";
    /// Arithmetic that could fail on one row.
    OperatorArithmetic, "operator.arithmetic", Operator, "below the aggregate only arithmetic that cannot fail on any row is allowed: + - * on numbers, / and % by a constant other than 0 and -1, decimals within 38 digits", "聚合之前只允许不会因某一行而出错的运算：数值的 + - *，除以或取余非 0 且非 -1 的常量，十进制数不超过 38 位";
    /// A function outside the list.
    FunctionUnlisted, "function.unlisted", Function, "this function is not allowed", "不允许使用该函数";
    /// An aggregate that returns somebody's value.
    FunctionValue, "function.single_value", Function, "this aggregate returns a single row's value; only COUNT, SUM and AVG are allowed", "该聚合会返回某一行的值；只允许 COUNT、SUM、AVG";
    /// Arguments a function may not have.
    FunctionArgument, "function.argument", Function, "these arguments are not allowed: all but the first must be constants within the function's range", "参数不被允许：除第一个外必须是有效范围内的常量";
    /// No aggregate at the output.
    AggregateNone, "aggregate.none", Operator, "the query must aggregate: cells of single rows never leave; use GROUP BY with COUNT, SUM or AVG", "查询必须聚合：单行数据不得输出；请使用 GROUP BY 与 COUNT、SUM、AVG";
    /// More than one level.
    AggregateLevel, "aggregate.level", Operator, "only one aggregate level, at the output, is allowed", "只允许在输出处有一层聚合";
    /// GROUPING SETS and their like.
    AggregateSets, "aggregate.grouping_sets", Operator, "GROUPING SETS, ROLLUP and CUBE are not allowed", "不允许 GROUPING SETS、ROLLUP、CUBE";
    /// An argument from which one row could be read.
    AggregateArgument, "aggregate.argument", Operator, "inside SUM and AVG write a column, a sum of columns, a column times a constant, or CASE WHEN … THEN one of these ELSE 0 or NULL END; inside COUNT write a column or CASE WHEN … THEN a column or constant END", "SUM、AVG 内只能写列、列之和、列乘常量，或 CASE WHEN … THEN 上述之一 ELSE 0 或 NULL END；COUNT 内只能写列或 CASE WHEN … THEN 列或常量 END";
    /// A table that has no unit and is not general.
    UnitNone, "unit.none", Scope, "the data set has no protected unit and is not labelled general-1 throughout, so no threshold can protect it", "该数据集没有受保护主体且并非全部标为一般 1 级，无法用阈值保护";
    /// Too few units.
    ThresholdUnits, "threshold.units", Threshold, "too few distinct units stand behind the result", "结果背后的主体数量不足";
    /// Too many rows.
    ContractRows, "contract.rows", Contract, "the result has more rows than the output contract allows", "结果行数超过输出约定";
    /// A type that cannot leave.
    ContractType, "contract.type", Contract, "an output column has a type that cannot leave: use text, integer, float, decimal, date, timestamp or boolean", "输出列的类型不允许：请使用文本、整数、浮点、小数、日期、时间戳或布尔";
    /// Bytes that are not the declared result.
    ContractBytes, "contract.bytes", Contract, "the output is not a well-formed result of the declared schema", "输出不是符合声明结构的有效结果";
    /// Out of memory.
    LimitMemory, "limit.memory", Limit, "the run needed more memory than its limit; narrow the rows or group by fewer keys", "运行超出内存上限；请缩小范围或减少分组键";
    /// Too many groups.
    LimitGroups, "limit.groups", Limit, "the query makes more groups than its limit", "分组数量超过上限";
    /// The run failed.
    EngineFailed, "engine.failed", Failed, "the run failed; run it on the sample to see why", "运行失败；请在样本数据上本地运行查看原因";
    /// A governed source would have run outside its barrier.
    EngineBarrier, "engine.barrier", Failed, "the physical plan does not keep every governed source under its barrier, so it was not run", "物理计划未将全部受控数据置于屏障之下，未予运行";
    /// A source does not have the declared columns.
    EngineSource, "engine.source", Failed, "a data set's source does not match its declared schema", "数据集的来源与声明的结构不符";
}
