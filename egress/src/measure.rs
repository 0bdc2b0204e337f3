//! What may stand inside COUNT, SUM and AVG, and which rows then contribute to the result.
//!
//! A threshold on the group alone is not enough: `SUM(CASE WHEN id = … THEN amount ELSE 0 END)`,
//! `SUM(amount * flag)` or a column that is filled for one person only are one person's value in a
//! large group. So the argument has a closed shape without constant terms, and the units that
//! contribute (value present, and not zero in a sum) are counted for each aggregate by itself.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::{AggregateFunction, Case};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, lit};

use crate::expression::{Purpose, check_arithmetic, check_below, number};
use crate::governance::Use;
use crate::lower::Lowered;
use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::scans::Scans;
use crate::total::total;

/// Factors inside an aggregate lie within 1/this and this: with smaller ones, products would be
/// rounded to steps, which compares without the right to compare.
pub const MAX_FACTOR: f64 = 1e12;

/// Widest decimal inside SUM or AVG, so that no sum overflows (ten more digits are left).
pub const MAX_SUMMED_DIGITS: u8 = 28;

/// One aggregate of the query, checked.
pub(crate) struct Measure {
    /// The aggregate as it will run.
    pub(crate) call: Expr,
    /// The condition under which a row contributes; None: every row does.
    pub(crate) contributes: Option<Expr>,
    /// Whether the requester wrote a condition; then those left out must be none or many, too.
    pub(crate) conditional: bool,
}

/// Checks one aggregate expression.
pub(crate) fn measure(expr: &Expr, input: &Lowered, scans: &Scans) -> Result<Measure, Refusal> {
    let call = match expr {
        Expr::Alias(alias) => return measure(&alias.expr, input, scans),
        Expr::AggregateFunction(call) => call,
        // The planner puts nothing else here; if it did, refuse.
        _ => return Err(Refusal::new(Rule::OperatorExpression)),
    };
    let params = &call.params;
    let [argument] = params.args.as_slice() else {
        return Err(Refusal::new(Rule::AggregateArgument));
    };
    if !params.order_by.is_empty() || params.null_treatment.is_some() {
        return Err(Refusal::new(Rule::AggregateArgument));
    }
    if let Some(filter) = &params.filter {
        check_below(&input.expand(filter)?, Purpose::CONDITION, scans)?;
    }
    let shape = Shape::check(call, &input.expand(argument)?, scans)?;
    let argument = total(argument)?;
    let filter = params.filter.as_deref().map(total).transpose()?;
    let present = shape.contribution(&argument, input)?;
    Ok(Measure {
        call: rebuilt(call, argument, filter.clone()),
        conditional: shape.conditional || filter.is_some(),
        contributes: match (filter, present) {
            (Some(filter), Some(present)) => Some(filter.and(present)),
            (filter, present) => filter.or(present),
        },
    })
}

fn rebuilt(call: &AggregateFunction, argument: Expr, filter: Option<Expr>) -> Expr {
    let mut call = call.clone();
    call.params.args = vec![argument];
    call.params.filter = filter.map(Box::new);
    Expr::AggregateFunction(call)
}

/// What an argument looks like.
struct Shape {
    sums: bool,
    constant: bool,
    conditional: bool,
}

impl Shape {
    fn check(call: &AggregateFunction, argument: &Expr, scans: &Scans) -> Result<Self, Refusal> {
        // Totality and grants first; the shape below only narrows.
        check_below(argument, Purpose::CARRY, scans)?;
        let argument = unaliased(argument);
        let distinct = call.params.distinct;
        let sums = match call.func.name() {
            "count" => false,
            "sum" | "avg" if !distinct => true,
            "sum" | "avg" => return Err(Refusal::new(Rule::AggregateArgument)),
            // Only these three are registered.
            _ => return Err(Refusal::new(Rule::FunctionValue)),
        };
        let value = |expr: &Expr| match (sums, distinct) {
            (true, _) => linear(expr, scans),
            (false, true) => counted(expr, &[Use::Join, Use::Aggregate], scans),
            (false, false) => counted(expr, &[Use::Aggregate], scans),
        };
        let conditional = match argument {
            Expr::Case(case) => {
                one_branch(case, sums, scans, value)?;
                true
            }
            other => {
                constant_or(other, value)?;
                false
            }
        };
        if sums {
            check_digits(&scans.type_of(argument)?)?;
        }
        Ok(Self {
            sums,
            constant: number(argument).is_some(),
            conditional,
        })
    }

    fn contribution(&self, argument: &Expr, input: &Lowered) -> Result<Option<Expr>, Refusal> {
        if self.constant {
            return Ok(None);
        }
        let present = argument.clone().is_not_null();
        if !self.sums {
            return Ok(Some(present));
        }
        let zero = ScalarValue::new_zero(&input.type_of(argument)?)
            .map_err(|_| Refusal::new(Rule::AggregateArgument))?;
        Ok(Some(present.and(argument.clone().not_eq(lit(zero)))))
    }
}

/// `CASE WHEN condition THEN value [ELSE 0 or NULL] END`, with one condition: with two, a
/// well-filled branch would cover for a thin one.
fn one_branch(
    case: &Case,
    sums: bool,
    scans: &Scans,
    value: impl Fn(&Expr) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let ([(when, then)], None) = (case.when_then_expr.as_slice(), &case.expr) else {
        return Err(Refusal::new(Rule::AggregateArgument));
    };
    check_below(when, Purpose::CONDITION, scans)?;
    constant_or(unaliased(then), value)?;
    let empty = match case.else_expr.as_deref().map(unaliased) {
        None => true,
        Some(expr) => is_null(expr) || (sums && number(expr) == Some(0.0)),
    };
    if empty {
        Ok(())
    } else {
        Err(Refusal::new(Rule::AggregateArgument))
    }
}

fn constant_or(expr: &Expr, value: impl Fn(&Expr) -> Result<(), Refusal>) -> Result<(), Refusal> {
    match number(expr) {
        Some(number) if number != 0.0 && number.abs() <= MAX_FACTOR => Ok(()),
        _ => value(expr),
    }
}

fn counted(expr: &Expr, any_of: &[Use], scans: &Scans) -> Result<(), Refusal> {
    match expr {
        Expr::Column(column) => scans.need(column, any_of),
        Expr::Alias(alias) => counted(&alias.expr, any_of, scans),
        // Even a cast is refused: where it fails it would be a comparison.
        _ => Err(Refusal::new(Rule::AggregateArgument)),
    }
}

/// Sums of columns, each times a constant, without constant terms.
fn linear(expr: &Expr, scans: &Scans) -> Result<(), Refusal> {
    let refused = || Err(Refusal::new(Rule::AggregateArgument));
    match expr {
        Expr::Column(column) => scans.need(column, &[Use::Aggregate]),
        Expr::Alias(alias) => linear(&alias.expr, scans),
        Expr::Negative(inner) => linear(inner, scans),
        Expr::Cast(cast) if widens(&scans.type_of(&cast.expr)?, cast.field.data_type()) => {
            linear(&cast.expr, scans)
        }
        Expr::TryCast(cast) if widens(&scans.type_of(&cast.expr)?, cast.field.data_type()) => {
            linear(&cast.expr, scans)
        }
        Expr::ScalarFunction(call) if call.func.name() == "coalesce" => {
            match call.args.as_slice() {
                [first, other] if number(other) == Some(0.0) => linear(first, scans),
                _ => refused(),
            }
        }
        Expr::BinaryExpr(binary) => linear_step(binary, scans),
        // Products, functions, text and the rest.
        _ => refused(),
    }
}

fn linear_step(binary: &BinaryExpr, scans: &Scans) -> Result<(), Refusal> {
    check_arithmetic(binary, scans)?;
    let refused = || Err(Refusal::new(Rule::AggregateArgument));
    let (left, right) = (&binary.left, &binary.right);
    match (binary.op, number(left), number(right)) {
        (Operator::Plus | Operator::Minus, None, None) => {
            linear(left, scans)?;
            linear(right, scans)
        }
        (Operator::Multiply, None, Some(factor)) if is_factor(factor) => linear(left, scans),
        (Operator::Multiply, Some(factor), None) if is_factor(factor) => linear(right, scans),
        // Integers divide to whole numbers, which compares; doubles do not.
        (Operator::Divide, None, Some(factor))
            if is_factor(factor) && scans.type_of(left)? == DataType::Float64 =>
        {
            linear(left, scans)
        }
        _ => refused(),
    }
}

fn is_factor(factor: f64) -> bool {
    (1.0 / MAX_FACTOR..=MAX_FACTOR).contains(&factor.abs())
}

/// Whether a cast keeps every number apart (text to number or double to integer does not).
fn widens(from: &DataType, to: &DataType) -> bool {
    match (from, to) {
        (DataType::Decimal128(p1, s1), DataType::Decimal128(p2, s2)) => {
            s2 >= s1 && i16::from(*p2) - i16::from(*s2) >= i16::from(*p1) - i16::from(*s1)
        }
        (DataType::Int64, DataType::Decimal128(p, s)) => {
            i16::from(*p) - i16::from(*s) >= 19 && *s >= 0
        }
        (DataType::Int64 | DataType::Decimal128(_, _), DataType::Float64) => true,
        (from, to) => from == to,
    }
}

fn check_digits(data_type: &DataType) -> Result<(), Refusal> {
    match data_type {
        DataType::Decimal128(precision, _) if *precision > MAX_SUMMED_DIGITS => {
            Err(Refusal::new(Rule::OperatorArithmetic))
        }
        DataType::Decimal128(_, _) | DataType::Int64 | DataType::UInt64 | DataType::Float64 => {
            Ok(())
        }
        // Dates, booleans and text are not summed.
        _ => Err(Refusal::new(Rule::AggregateArgument)),
    }
}

fn is_null(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(value, _) => value.is_null(),
        Expr::Cast(cast) => is_null(&cast.expr),
        Expr::TryCast(cast) => is_null(&cast.expr),
        // Not a literal.
        _ => false,
    }
}

fn unaliased(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unaliased(&alias.expr),
        // Anything else is what it is.
        other => other,
    }
}
