//! Makes an expression total: a cast that could fail on a row becomes one that gives null, and a
//! constant is cast now, so that a mistyped constant is told before the run and not by it.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::expr::{Cast, TryCast};
use datafusion::logical_expr::{Expr, ExprSchemable};

use crate::refusal::Refusal;
use crate::rule::Rule;
use crate::scans::plan_failed;

/// The total form of `expr`; its unqualified name may change.
pub(crate) fn total(expr: &Expr) -> Result<Expr, Refusal> {
    let mut bad_constant = false;
    let rewritten = expr
        .clone()
        .transform_up(|node| {
            Ok(match node {
                Expr::Cast(cast) => match constant(&cast) {
                    Constant::Folded(literal) => Transformed::yes(literal),
                    Constant::Unfit => {
                        bad_constant = true;
                        Transformed::no(Expr::Cast(cast))
                    }
                    Constant::NotOne => Transformed::yes(Expr::TryCast(TryCast::new_from_field(
                        cast.expr, cast.field,
                    ))),
                },
                other => Transformed::no(other),
            })
        })
        .map_err(plan_failed)?
        .data;
    if bad_constant {
        return Err(Refusal::new(Rule::SyntaxConstant));
    }
    Ok(rewritten)
}

/// The total form of `expr` under its original name, so that the nodes above still find it.
pub(crate) fn total_named(expr: &Expr) -> Result<Expr, Refusal> {
    let (relation, name) = expr.qualified_name();
    let rewritten = total(expr)?;
    Ok(
        if rewritten.qualified_name() == (relation.clone(), name.clone()) {
            rewritten
        } else {
            rewritten.unalias().alias_qualified(relation, name)
        },
    )
}

enum Constant {
    Folded(Expr),
    Unfit,
    NotOne,
}

fn constant(cast: &Cast) -> Constant {
    let Expr::Literal(value, metadata) = cast.expr.as_ref() else {
        return Constant::NotOne;
    };
    match value.cast_to(cast.field.data_type()) {
        Ok(folded) if folded.is_null() == value.is_null() => {
            Constant::Folded(Expr::Literal(folded, metadata.clone()))
        }
        _ => Constant::Unfit,
    }
}

/// The type of an expression over a plan's schema.
pub(crate) fn type_in(expr: &Expr, schema: &DFSchema) -> Result<DataType, Refusal> {
    expr.get_type(schema).map_err(plan_failed)
}
