//! From text to one parsed query: size, one statement, only a query, and what the engine's planner
//! would otherwise expand or explain in its own words (wildcards, functions, names of tables).

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, Ident, ObjectName, ObjectNamePart, Query, Select, SelectItem, SetExpr, Spanned,
    Statement, TableFactor, Visit, Visitor,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Location, Span, Tokenizer};

use crate::expression::MAX_EXPRESSION_DEPTH;
use crate::functions;
use crate::governance::{Governance, GovernedTable, TableName};
use crate::refusal::{Place, Refusal};
use crate::rule::Rule;

/// Longest SQL text, in bytes.
pub const MAX_SQL_BYTES: usize = 64 * 1024;

/// Most tokens (white space not counted) of a query; a chain of operators becomes a tree as deep.
pub const MAX_SQL_TOKENS: usize = 4_000;

/// Deepest nesting of parentheses and sub-queries.
pub const MAX_SQL_DEPTH: usize = 40;

/// Parses `sql` into one query and checks what only the text shows.
pub(crate) fn parse(sql: &str, governance: &Governance) -> Result<Query, Refusal> {
    check_size(sql)?;
    let statements = Parser::new(&GenericDialect)
        .with_recursion_limit(MAX_SQL_DEPTH)
        .try_with_sql(sql)
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| unparsed(&error))?;
    let query = only_query(statements)?;
    let mut look = Look::new(governance);
    match query.visit(&mut look) {
        ControlFlow::Break(refusal) => Err(*refusal),
        ControlFlow::Continue(()) => Ok(query),
    }
}

/// Where an identifier of that spelling first stands, to point at an unknown column.
pub(crate) fn place_of_span(span: Span) -> Option<Place> {
    place(span.start)
}

fn check_size(sql: &str) -> Result<(), Refusal> {
    if sql.len() > MAX_SQL_BYTES {
        return Err(Refusal::new(Rule::SyntaxSize));
    }
    let tokens = Tokenizer::new(&GenericDialect, sql)
        .tokenize_with_location()
        .map_err(|error| Refusal::new(Rule::SyntaxParse).at(place(error.location)))?;
    let written = tokens
        .iter()
        .filter(|token| !is_space(&token.token))
        .count();
    if written > MAX_SQL_TOKENS {
        return Err(Refusal::new(Rule::SyntaxSize));
    }
    Ok(())
}

fn is_space(token: &datafusion::sql::sqlparser::tokenizer::Token) -> bool {
    matches!(
        token,
        datafusion::sql::sqlparser::tokenizer::Token::Whitespace(_)
    )
}

fn only_query(mut statements: Vec<Statement>) -> Result<Query, Refusal> {
    match (statements.pop(), statements.is_empty()) {
        (Some(Statement::Query(query)), true) => Ok(*query),
        (Some(_), true) => Err(Refusal::new(Rule::SyntaxQuery)),
        (_, _) => Err(Refusal::new(Rule::SyntaxOne)),
    }
}

/// The parser's message quotes the text it met; only its line and column are taken.
fn unparsed(error: &ParserError) -> Refusal {
    match error {
        ParserError::RecursionLimitExceeded => Refusal::new(Rule::SyntaxSize),
        ParserError::TokenizerError(text) | ParserError::ParserError(text) => {
            Refusal::new(Rule::SyntaxParse).at(place_in(text))
        }
    }
}

fn place_in(text: &str) -> Option<Place> {
    let (_, tail) = text.rsplit_once("at Line: ")?;
    let (line, column) = tail.split_once(", Column: ")?;
    let digits: String = column.chars().take_while(char::is_ascii_digit).collect();
    Some(Place {
        line: line.parse().ok()?,
        column: digits.parse().ok()?,
    })
}

fn place(location: Location) -> Option<Place> {
    (location.line > 0).then_some(Place {
        line: location.line,
        column: location.column,
    })
}

/// Walks the parsed query once.
struct Look<'a> {
    governance: &'a Governance,
    ctes: BTreeSet<String>,
    /// How many expressions the one in hand stands inside.
    depth: usize,
}

type Flow = ControlFlow<Box<Refusal>>;

fn refuse(refusal: Refusal) -> Flow {
    ControlFlow::Break(Box::new(refusal))
}

impl Visitor for Look<'_> {
    type Break = Box<Refusal>;

    fn pre_visit_query(&mut self, query: &Query) -> Flow {
        if let Some(with) = &query.with {
            if with.recursive {
                return refuse(
                    Refusal::new(Rule::OperatorNode).because("WITH RECURSIVE", "WITH RECURSIVE"),
                );
            }
            for cte in &with.cte_tables {
                self.ctes.insert(folded(&cte.alias.name));
            }
        }
        check_body(&query.body)
    }

    fn pre_visit_select(&mut self, select: &Select) -> Flow {
        for item in &select.projection {
            let is_star = match item {
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(_, _) => true,
                SelectItem::UnnamedExpr(_)
                | SelectItem::ExprWithAlias { .. }
                | SelectItem::ExprWithAliases { .. } => false,
            };
            if is_star {
                return refuse(self.wildcard(place_of_span(item.span())));
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Flow {
        if let TableFactor::Table {
            args: None,
            with_ordinality: false,
            sample: None,
            version: None,
            ..
        }
        | TableFactor::Derived {
            lateral: false,
            sample: None,
            ..
        }
        | TableFactor::NestedJoin { .. } = factor
        {
            return ControlFlow::Continue(());
        }
        refuse(Refusal::new(Rule::OperatorNode).at(place_of_span(factor.span())))
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> Flow {
        let known = match relation.0.as_slice() {
            [ObjectNamePart::Identifier(name)] => self.ctes.contains(&folded(name)),
            [
                ObjectNamePart::Identifier(schema),
                ObjectNamePart::Identifier(table),
            ] => {
                let name = TableName::new(folded(schema), folded(table));
                self.governance.tables.iter().any(|t| t.name() == name)
            }
            _ => false,
        };
        if known {
            return ControlFlow::Continue(());
        }
        let names = self.table_names();
        refuse(
            Refusal::new(Rule::TableUnknown)
                .because(format!("it has {names}"), format!("可用的数据集：{names}"))
                .at(place_of_span(relation.span())),
        )
    }

    fn post_visit_expr(&mut self, _expr: &Expr) -> Flow {
        self.depth = self.depth.saturating_sub(1);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        // Told here because planning a long chain takes time that grows with its square.
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_EXPRESSION_DEPTH {
            return refuse(Refusal::new(Rule::SyntaxSize));
        }
        match expr {
            Expr::Function(function) => check_function(function),
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                refuse(Refusal::new(Rule::OperatorSubquery).at(place_of_span(expr.span())))
            }
            // Everything else is decided on the plan, by an exhaustive match.
            _ => ControlFlow::Continue(()),
        }
    }
}

impl<'a> Look<'a> {
    fn new(governance: &'a Governance) -> Self {
        Self {
            governance,
            ctes: BTreeSet::new(),
            depth: 0,
        }
    }

    fn wildcard(&self, at: Option<Place>) -> Refusal {
        let columns: Vec<String> = self.governance.tables.iter().flat_map(granted).collect();
        let columns = columns.join(", ");
        Refusal::new(Rule::ColumnWildcard)
            .because(
                format!("granted are {columns}"),
                format!("已授权的列：{columns}"),
            )
            .at(at)
    }

    fn table_names(&self) -> String {
        let names: Vec<String> = self
            .governance
            .tables
            .iter()
            .map(|table| table.name().to_string())
            .collect();
        names.join(", ")
    }
}

/// The granted columns of a table with their uses, for example `ybj.claims.amount (aggregate)`.
fn granted(table: &GovernedTable) -> Vec<String> {
    table
        .columns
        .iter()
        .filter(|column| !column.uses.is_empty())
        .map(|column| {
            let uses: Vec<String> = column.uses.iter().map(ToString::to_string).collect();
            format!("{}.{} ({})", table.name(), column.name, uses.join(", "))
        })
        .collect()
}

fn check_body(body: &SetExpr) -> Flow {
    match body {
        SetExpr::Select(_) | SetExpr::Query(_) => ControlFlow::Continue(()),
        SetExpr::SetOperation { .. } => refuse(Refusal::new(Rule::OperatorSet)),
        SetExpr::Values(_) => refuse(Refusal::new(Rule::OperatorValues)),
        SetExpr::Insert(_)
        | SetExpr::Update(_)
        | SetExpr::Delete(_)
        | SetExpr::Merge(_)
        | SetExpr::Table(_) => refuse(Refusal::new(Rule::SyntaxQuery)),
    }
}

fn check_function(function: &Function) -> Flow {
    let at = place_of_span(function.name.span());
    if function.over.is_some() {
        return refuse(Refusal::new(Rule::OperatorWindow).at(at));
    }
    let name = match function.name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => folded(name),
        _ => return refuse(Refusal::new(Rule::FunctionUnlisted).at(at)),
    };
    match functions::verdict(&name) {
        functions::Verdict::Allowed => ControlFlow::Continue(()),
        functions::Verdict::SingleValue => refuse(Refusal::new(Rule::FunctionValue).at(at)),
        functions::Verdict::Window => refuse(Refusal::new(Rule::OperatorWindow).at(at)),
        functions::Verdict::Sets => refuse(Refusal::new(Rule::AggregateSets).at(at)),
        functions::Verdict::Unlisted => refuse(
            Refusal::new(Rule::FunctionUnlisted)
                .because(
                    format!("allowed are {}", functions::list()),
                    format!("允许的函数：{}", functions::list()),
                )
                .at(at),
        ),
    }
}

/// Unquoted names are folded to lower case, as the planner does.
fn folded(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    }
}
