//! Row filters: which rows of a data set a scenario may use at all.
//!
//! A small grammar, parsed by hand so that nothing of an SQL engine is reachable from a policy:
//!
//! ```text
//! filter     = and { OR and }
//! and        = not { AND not }
//! not        = NOT not | "(" filter ")" | comparison
//! comparison = column ( op literal | [NOT] LIKE 'text' | [NOT] IN "(" literal { "," literal } ")"
//!            | [NOT] BETWEEN literal AND literal | IS [NOT] NULL )
//! op         = "=" | "<>" | "!=" | "<" | "<=" | ">" | ">="
//! literal    = 'text' | number | DATE '2020-01-01' | TIMESTAMP '2020-01-01 00:00:00' | TRUE | FALSE
//! column     = word | "quoted ""name"""
//! ```
//!
//! A row is kept when the filter is true; unknown (a comparison with an empty cell) drops it, as in SQL.

mod lexer;
mod parser;

use std::fmt;
use std::str::FromStr;

use crate::fault::Lang;
use crate::literal::Literal;
use crate::name::ColumnName;

/// The longest filter, in bytes.
pub const FILTER_BYTES_MAX: usize = 4096;

/// The deepest nesting of parentheses and NOT.
pub const FILTER_DEPTH_MAX: usize = 32;

/// The most literals of one `IN` list.
pub const IN_LIST_MAX: usize = 256;

/// A position in a filter's text, in characters from 0; positions take no part in equality.
#[derive(Debug, Clone, Copy)]
pub struct At {
    /// The first character.
    pub start: usize,
    /// How many characters.
    pub length: usize,
}

impl PartialEq for At {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for At {}

/// A column that a filter reads, and where it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRef {
    /// The column's name, case kept.
    pub name: ColumnName,
    /// Where it stands in the filter.
    pub at: At,
}

/// A literal and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// The value.
    pub literal: Literal,
    /// Where it stands in the filter.
    pub at: At,
}

crate::words::words! {
    /// A comparison; the word is its canonical spelling.
    Op {
        /// Equal.
        Eq = "=",
        /// Not equal; `!=` is read too.
        NotEq = "<>",
        /// Less.
        Lt = "<",
        /// Less or equal.
        LtEq = "<=",
        /// Greater.
        Gt = ">",
        /// Greater or equal.
        GtEq = ">=",
    }
}

/// A row filter as a tree; its [`Display`](fmt::Display) is the canonical text, which parses to the same tree.
///
/// ```
/// let filter: policy::RowFilter = "region like '65%' and not (amount < 0)".parse()?;
/// assert_eq!(filter.to_string(), "region LIKE '65%' AND NOT amount < 0");
/// # Ok::<(), policy::rows::FilterError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowFilter {
    /// `column op literal`
    Compare {
        /// The column.
        column: ColumnRef,
        /// The comparison.
        op: Op,
        /// The value.
        operand: Operand,
    },
    /// `column [NOT] LIKE 'pattern'`: `%` is any text, `_` any one character, nothing escapes.
    Like {
        /// The column, of type text.
        column: ColumnRef,
        /// The pattern; holds no backslash.
        pattern: String,
        /// Whether NOT is written.
        negated: bool,
    },
    /// `column [NOT] IN (literal, …)`
    In {
        /// The column.
        column: ColumnRef,
        /// The values, at least one.
        list: Vec<Operand>,
        /// Whether NOT is written.
        negated: bool,
    },
    /// `column [NOT] BETWEEN low AND high`, both included
    Between {
        /// The column.
        column: ColumnRef,
        /// The lowest value.
        low: Operand,
        /// The highest value.
        high: Operand,
        /// Whether NOT is written.
        negated: bool,
    },
    /// `column IS [NOT] NULL`
    IsNull {
        /// The column.
        column: ColumnRef,
        /// Whether NOT is written.
        negated: bool,
    },
    /// All of at least two.
    And(Vec<Self>),
    /// Any of at least two.
    Or(Vec<Self>),
    /// The opposite; unknown stays unknown.
    Not(Box<Self>),
}

/// A filter that does not follow the grammar: where, and in both languages what is expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("row filter, character {}: {en}", at.start + 1)]
pub struct FilterError {
    /// Where in the filter's text.
    pub at: At,
    en: String,
    zh: String,
}

impl FilterError {
    pub(crate) fn new(at: At, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self {
            at,
            en: en.into(),
            zh: zh.into(),
        }
    }

    /// The sentence without the position.
    #[must_use]
    pub fn message(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

impl FromStr for RowFilter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        parser::parse(text)
    }
}

/// One comparison with the column it reads: what a checker looks at.
pub(crate) enum Leaf<'f> {
    Operands(&'f ColumnRef, Vec<&'f Operand>),
    Pattern(&'f ColumnRef),
    Presence(&'f ColumnRef),
}

impl RowFilter {
    /// Every column that the filter reads, in the order written, repeats included.
    #[must_use]
    pub fn columns(&self) -> Vec<&ColumnRef> {
        let column = |leaf| match leaf {
            Leaf::Operands(column, _) | Leaf::Pattern(column) | Leaf::Presence(column) => column,
        };
        self.leaves().into_iter().map(column).collect()
    }

    pub(crate) fn leaves(&self) -> Vec<Leaf<'_>> {
        match self {
            Self::Compare {
                column, operand, ..
            } => vec![Leaf::Operands(column, vec![operand])],
            Self::In { column, list, .. } => vec![Leaf::Operands(column, list.iter().collect())],
            Self::Between {
                column, low, high, ..
            } => {
                vec![Leaf::Operands(column, vec![low, high])]
            }
            Self::Like { column, .. } => vec![Leaf::Pattern(column)],
            Self::IsNull { column, .. } => vec![Leaf::Presence(column)],
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Not(inner) => inner.leaves(),
        }
    }

    /// How tightly it binds: OR 0, AND 1, everything else 2.
    fn binding(&self) -> u8 {
        match self {
            Self::Or(_) => 0,
            Self::And(_) => 1,
            _ => 2,
        }
    }

    fn write_joined(
        parts: &[Self],
        word: &str,
        binding: u8,
        f: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                write!(f, " {word} ")?;
            }
            part.write_within(binding, f)?;
        }
        Ok(())
    }

    /// Writes it inside something that binds at `binding`, in parentheses where they are needed.
    fn write_within(&self, binding: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.binding() <= binding {
            write!(f, "({self})")
        } else {
            write!(f, "{self}")
        }
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

impl fmt::Display for ColumnRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_str();
        if lexer::is_bare(name) {
            f.write_str(name)
        } else {
            write!(f, "\"{}\"", name.replace('"', "\"\""))
        }
    }
}

impl fmt::Display for RowFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare {
                column,
                op,
                operand,
            } => write!(f, "{column} {op} {}", operand.literal),
            Self::Like {
                column,
                pattern,
                negated,
            } => {
                let pattern = Literal::Text(pattern.clone());
                write!(f, "{column} {}LIKE {pattern}", not(*negated))
            }
            Self::In {
                column,
                list,
                negated,
            } => {
                let list: Vec<String> = list.iter().map(|o| o.literal.to_string()).collect();
                write!(f, "{column} {}IN ({})", not(*negated), list.join(", "))
            }
            Self::Between {
                column,
                low,
                high,
                negated,
            } => {
                write!(
                    f,
                    "{column} {}BETWEEN {} AND {}",
                    not(*negated),
                    low.literal,
                    high.literal
                )
            }
            Self::IsNull { column, negated } => write!(f, "{column} IS {}NULL", not(*negated)),
            Self::And(parts) => Self::write_joined(parts, "AND", 1, f),
            Self::Or(parts) => Self::write_joined(parts, "OR", 0, f),
            Self::Not(inner) => {
                f.write_str("NOT ")?;
                inner.write_within(1, f)
            }
        }
    }
}

#[cfg(test)]
mod tests;
