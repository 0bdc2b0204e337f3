//! Which expressions may stand where: an exhaustive walk, so that a new kind of expression in the
//! engine breaks the build and not the policy.
//!
//! Below the aggregate every expression must be total (see [`crate::functions`]) and every column
//! must be granted for the way it is used. Above it all inputs are published already, so only the
//! kinds of expression are checked.

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::{Case, ScalarFunction};
use datafusion::logical_expr::{BinaryExpr, Expr, Like, Operator};

use crate::functions;
use crate::governance::Use;
use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::scans::Scans;

/// Most digits of an exact decimal result.
const MAX_DECIMAL_DIGITS: i16 = 38;

/// Deepest expression, in nodes from root to leaf: the engine walks it by recursion on threads whose
/// stacks are small. A chain of operators is as deep as it is long; an IN list is not.
pub const MAX_EXPRESSION_DEPTH: usize = 120;

/// Why an expression stands where it does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purpose {
    /// The use that each of its columns must have been granted.
    pub(crate) column_use: Option<Use>,
    /// Whether its columns meet a literal or another column here.
    pub(crate) comparing: bool,
}

impl Purpose {
    /// A value that is only carried on; its use is judged where it is used.
    pub(crate) const CARRY: Self = Self {
        column_use: None,
        comparing: false,
    };
    /// A condition on rows.
    pub(crate) const CONDITION: Self = Self {
        column_use: None,
        comparing: true,
    };
    /// A group key.
    pub(crate) const GROUP: Self = Self {
        column_use: Some(Use::Group),
        comparing: false,
    };
    /// A join key that is computed.
    pub(crate) const COMPUTED_KEY: Self = Self {
        column_use: Some(Use::Join),
        comparing: true,
    };

    fn comparing(self) -> Self {
        Self {
            comparing: true,
            ..self
        }
    }
}

/// Checks an expanded expression below the aggregate.
pub(crate) fn check_below(expr: &Expr, purpose: Purpose, scans: &Scans) -> Result<(), Refusal> {
    check_depth(expr)?;
    Walk { scans: Some(scans) }.expr(expr, purpose)
}

/// Checks an expression above the aggregate.
pub(crate) fn check_above(expr: &Expr) -> Result<(), Refusal> {
    check_depth(expr)?;
    Walk { scans: None }.expr(expr, Purpose::CARRY)
}

/// Checks one arithmetic step below the aggregate.
pub(crate) fn check_arithmetic(binary: &BinaryExpr, scans: &Scans) -> Result<(), Refusal> {
    let refused = || Err(Refusal::new(Rule::OperatorArithmetic));
    let left = scans.type_of(&binary.left)?;
    let right = scans.type_of(&binary.right)?;
    if !left.is_numeric() || !right.is_numeric() {
        return refused();
    }
    let divides = matches!(binary.op, Operator::Divide | Operator::Modulo);
    if divides && !(is_safe_divisor(&binary.right) && !is_decimal(&left) && !is_decimal(&right)) {
        return refused();
    }
    match exact_digits(binary.op, &left, &right) {
        Some(digits) if digits > MAX_DECIMAL_DIGITS => refused(),
        _ => Ok(()),
    }
}

/// The number that a constant expression stands for.
pub(crate) fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Literal(value, _) => scalar_number(value),
        Expr::Alias(alias) => number(&alias.expr),
        Expr::Cast(cast) if cast.field.data_type().is_numeric() => number(&cast.expr),
        Expr::TryCast(cast) if cast.field.data_type().is_numeric() => number(&cast.expr),
        Expr::Negative(inner) => number(inner).map(|n| -n),
        // Anything else is not a constant.
        _ => None,
    }
}

fn check_depth(expr: &Expr) -> Result<(), Refusal> {
    // A level at a time, so that the check itself needs no stack.
    let mut level = vec![expr];
    for _ in 0..MAX_EXPRESSION_DEPTH {
        let mut next = Vec::new();
        for node in level {
            let walked = node.apply_children(|child| {
                next.push(child);
                Ok(TreeNodeRecursion::Continue)
            });
            walked.map_err(crate::scans::plan_failed)?;
        }
        if next.is_empty() {
            return Ok(());
        }
        level = next;
    }
    Err(Refusal::new(Rule::SyntaxSize))
}

struct Walk<'a> {
    /// None above the aggregate.
    scans: Option<&'a Scans>,
}

impl Walk<'_> {
    fn expr(&self, expr: &Expr, purpose: Purpose) -> Result<(), Refusal> {
        match expr {
            Expr::Alias(alias) => self.expr(&alias.expr, purpose),
            Expr::Column(column) => match self.scans {
                None => Ok(()),
                Some(scans) => {
                    scans.need_granted(column)?;
                    if let Some(wanted) = purpose.column_use {
                        scans.need(column, &[wanted])?;
                    }
                    if purpose.comparing {
                        scans.need(column, &[Use::Compare])?;
                    }
                    Ok(())
                }
            },
            Expr::Literal(_, _) => Ok(()),
            Expr::BinaryExpr(binary) => self.binary(binary, purpose),
            Expr::Like(like) => self.like(like, purpose),
            Expr::Not(inner) => self.expr(inner, purpose),
            Expr::IsNotNull(inner)
            | Expr::IsNull(inner)
            | Expr::IsTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsNotUnknown(inner) => self.expr(inner, purpose.comparing()),
            Expr::Negative(inner) => {
                self.need_numeric(inner)?;
                self.expr(inner, purpose)
            }
            Expr::Between(between) => {
                let parts = [&between.expr, &between.low, &between.high];
                self.all(parts.into_iter().map(AsRef::as_ref), purpose.comparing())
            }
            Expr::Case(case) => self.case(case, purpose),
            Expr::Cast(cast) => {
                self.need_castable(cast.field.data_type())?;
                self.expr(&cast.expr, purpose)
            }
            Expr::TryCast(cast) => {
                self.need_castable(cast.field.data_type())?;
                self.expr(&cast.expr, purpose)
            }
            Expr::ScalarFunction(function) => self.function(function, purpose),
            Expr::InList(list) => {
                self.expr(&list.expr, purpose.comparing())?;
                self.all(list.list.iter(), purpose.comparing())
            }
            Expr::Exists(_)
            | Expr::InSubquery(_)
            | Expr::SetComparison(_)
            | Expr::ScalarSubquery(_)
            | Expr::OuterReferenceColumn(_, _) => Err(Refusal::new(Rule::OperatorSubquery)),
            Expr::WindowFunction(_) => Err(Refusal::new(Rule::OperatorWindow)),
            Expr::GroupingSet(_) => Err(Refusal::new(Rule::AggregateSets)),
            Expr::AggregateFunction(_) => Err(Refusal::new(Rule::AggregateLevel)),
            Expr::SimilarTo(_)
            | Expr::ScalarVariable(_, _)
            | Expr::Placeholder(_)
            | Expr::Unnest(_)
            | Expr::HigherOrderFunction(_)
            | Expr::Lambda(_)
            | Expr::LambdaVariable(_) => Err(Refusal::new(Rule::OperatorExpression)),
            #[expect(
                deprecated,
                reason = "the variant still exists, and an exhaustive match must name it"
            )]
            Expr::Wildcard { .. } => Err(Refusal::new(Rule::ColumnWildcard)),
        }
    }

    fn all<'e>(
        &self,
        parts: impl Iterator<Item = &'e Expr>,
        purpose: Purpose,
    ) -> Result<(), Refusal> {
        for part in parts {
            self.expr(part, purpose)?;
        }
        Ok(())
    }

    fn binary(&self, binary: &BinaryExpr, purpose: Purpose) -> Result<(), Refusal> {
        let inner = match binary.op {
            Operator::Eq
            | Operator::NotEq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom => purpose.comparing(),
            Operator::And | Operator::Or | Operator::StringConcat => purpose,
            Operator::Plus
            | Operator::Minus
            | Operator::Multiply
            | Operator::Divide
            | Operator::Modulo => {
                if let Some(scans) = self.scans {
                    check_arithmetic(binary, scans)?;
                }
                purpose
            }
            Operator::RegexMatch
            | Operator::RegexIMatch
            | Operator::RegexNotMatch
            | Operator::RegexNotIMatch
            | Operator::LikeMatch
            | Operator::ILikeMatch
            | Operator::NotLikeMatch
            | Operator::NotILikeMatch
            | Operator::BitwiseAnd
            | Operator::BitwiseOr
            | Operator::BitwiseXor
            | Operator::BitwiseShiftRight
            | Operator::BitwiseShiftLeft
            | Operator::AtArrow
            | Operator::ArrowAt
            | Operator::Arrow
            | Operator::LongArrow
            | Operator::HashArrow
            | Operator::HashLongArrow
            | Operator::AtAt
            | Operator::IntegerDivide
            | Operator::HashMinus
            | Operator::AtQuestion
            | Operator::Question
            | Operator::QuestionAnd
            | Operator::QuestionPipe
            | Operator::Colon => return Err(Refusal::new(Rule::OperatorExpression)),
        };
        self.expr(&binary.left, inner)?;
        self.expr(&binary.right, inner)
    }

    fn like(&self, like: &Like, purpose: Purpose) -> Result<(), Refusal> {
        // A pattern out of a column could be malformed on one row only.
        let constant = matches!(strip_cast(&like.pattern), Expr::Literal(_, _));
        if !constant || like.escape_char.is_some() {
            return Err(Refusal::new(Rule::OperatorExpression));
        }
        self.expr(&like.expr, purpose.comparing())
    }

    fn case(&self, case: &Case, purpose: Purpose) -> Result<(), Refusal> {
        if let Some(subject) = &case.expr {
            self.expr(subject, purpose.comparing())?;
        }
        for (when, then) in &case.when_then_expr {
            self.expr(when, purpose.comparing())?;
            self.expr(then, purpose)?;
        }
        match &case.else_expr {
            Some(otherwise) => self.expr(otherwise, purpose),
            None => Ok(()),
        }
    }

    fn function(&self, function: &ScalarFunction, purpose: Purpose) -> Result<(), Refusal> {
        let name = function.func.name();
        let listed = functions::TOTAL.contains(&name)
            || (self.scans.is_none() && functions::PUBLISHED.contains(&name));
        if !listed {
            return Err(Refusal::new(Rule::FunctionUnlisted));
        }
        if let Some(scans) = self.scans {
            let rounds = matches!(name, "round" | "floor" | "ceil");
            let first = function.args.first();
            if rounds && first.map(|e| scans.type_of(e)).transpose()? != Some(DataType::Float64) {
                return Err(Refusal::new(Rule::FunctionArgument).because(
                    "ROUND, FLOOR and CEIL take a DOUBLE here",
                    "此处 ROUND、FLOOR、CEIL 只接受 DOUBLE",
                ));
            }
            if !functions::is_total(name, &function.args) {
                return Err(Refusal::new(Rule::FunctionArgument));
            }
        }
        let inner = if functions::compares(name) && !fills_with_zero(function) {
            purpose.comparing()
        } else {
            purpose
        };
        self.all(function.args.iter(), inner)
    }

    fn need_numeric(&self, expr: &Expr) -> Result<(), Refusal> {
        match self.scans {
            Some(scans) if !scans.type_of(expr)?.is_numeric() => {
                Err(Refusal::new(Rule::OperatorArithmetic))
            }
            _ => Ok(()),
        }
    }

    fn need_castable(&self, to: &DataType) -> Result<(), Refusal> {
        let known = to.is_numeric()
            || matches!(
                to,
                DataType::Utf8
                    | DataType::Utf8View
                    | DataType::LargeUtf8
                    | DataType::Boolean
                    | DataType::Date32
                    | DataType::Null
                    | DataType::Timestamp(TimeUnit::Microsecond | TimeUnit::Nanosecond, None)
            );
        if known {
            Ok(())
        } else {
            Err(Refusal::new(Rule::OperatorExpression))
        }
    }
}

/// `coalesce(x, 0)`, which says nothing about x that a sum of x does not.
fn fills_with_zero(function: &ScalarFunction) -> bool {
    let zero_last = matches!(function.args.as_slice(), [_, last] if number(last) == Some(0.0));
    function.func.name() == "coalesce" && zero_last
}

fn strip_cast(expr: &Expr) -> &Expr {
    match expr {
        Expr::Cast(cast) => strip_cast(&cast.expr),
        Expr::TryCast(cast) => strip_cast(&cast.expr),
        // Not a cast: stop here.
        other => other,
    }
}

fn is_safe_divisor(expr: &Expr) -> bool {
    // -1 is excluded because the smallest integer divided by it overflows.
    number(expr).is_some_and(|n| n.is_finite() && n != 0.0 && n != -1.0)
}

fn is_decimal(data_type: &DataType) -> bool {
    data_type.is_decimal()
}

/// Digits that an exact decimal result needs; None when no decimal is involved.
fn exact_digits(op: Operator, left: &DataType, right: &DataType) -> Option<i16> {
    let (DataType::Decimal128(p1, s1), DataType::Decimal128(p2, s2)) = (left, right) else {
        return (is_decimal(left) && is_decimal(right)).then_some(MAX_DECIMAL_DIGITS + 1);
    };
    let (p1, s1) = (i16::from(*p1), i16::from(*s1));
    let (p2, s2) = (i16::from(*p2), i16::from(*s2));
    match op {
        Operator::Multiply => Some(p1 + p2 + 1),
        // Plus and minus, the only others that reach decimals.
        _ => Some((p1 - s1).max(p2 - s2) + s1.max(s2) + 1),
    }
}

fn scalar_number(value: &ScalarValue) -> Option<f64> {
    match value.cast_to(&DataType::Float64) {
        Ok(ScalarValue::Float64(number)) if value.data_type().is_numeric() => number,
        _ => None,
    }
}
