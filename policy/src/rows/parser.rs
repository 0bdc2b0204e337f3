//! Recursive descent over the tokens of a row filter, its depth bounded.

use super::lexer::{Token, tokens};
use super::{
    At, ColumnRef, FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FilterError, IN_LIST_MAX, Op, Operand,
    RowFilter,
};
use crate::fault::Lang;
use crate::literal::{Literal, date, timestamp};

pub(super) fn parse(text: &str) -> Result<RowFilter, FilterError> {
    if text.len() > FILTER_BYTES_MAX {
        let en = format!("a row filter has at most {FILTER_BYTES_MAX} bytes");
        let zh = format!("行过滤条件最长 {FILTER_BYTES_MAX} 字节");
        return Err(FilterError::new(
            At {
                start: 0,
                length: 1,
            },
            en,
            zh,
        ));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        position: 0,
        depth: 0,
    };
    let filter = parser.filter()?;
    match parser.peek() {
        Token::End => Ok(filter),
        _ => Err(parser.expected("AND, OR or the end", "AND、OR 或结尾")),
    }
}

struct Parser {
    tokens: Vec<(Token, At)>,
    position: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens
            .get(self.position)
            .map_or(&Token::End, |(token, _)| token)
    }

    fn at(&self) -> At {
        let last = self.tokens.last().map_or(
            At {
                start: 0,
                length: 1,
            },
            |(_, at)| *at,
        );
        self.tokens.get(self.position).map_or(last, |(_, at)| *at)
    }

    fn next(&mut self) -> (Token, At) {
        let taken = (self.peek().clone(), self.at());
        self.position += 1;
        taken
    }

    fn expected(&self, en: &str, zh: &str) -> FilterError {
        FilterError::new(
            self.at(),
            format!("expected {en} here"),
            format!("此处应为 {zh}"),
        )
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == token;
        self.position += usize::from(found);
        found
    }

    fn word(&mut self, keyword: &'static str) -> bool {
        self.take(&Token::Keyword(keyword))
    }

    fn sign(&mut self, sign: &'static str) -> Result<(), FilterError> {
        if self.take(&Token::Sign(sign)) {
            Ok(())
        } else {
            Err(self.expected(sign, sign))
        }
    }

    fn filter(&mut self) -> Result<RowFilter, FilterError> {
        let mut parts = vec![self.all()?];
        while self.word("OR") {
            parts.push(self.all()?);
        }
        Ok(joined(parts, RowFilter::Or))
    }

    fn all(&mut self) -> Result<RowFilter, FilterError> {
        let mut parts = vec![self.not()?];
        while self.word("AND") {
            parts.push(self.not()?);
        }
        Ok(joined(parts, RowFilter::And))
    }

    fn not(&mut self) -> Result<RowFilter, FilterError> {
        if self.depth == FILTER_DEPTH_MAX {
            let en = format!("nested deeper than {FILTER_DEPTH_MAX} levels");
            let zh = format!("嵌套超过 {FILTER_DEPTH_MAX} 层");
            return Err(FilterError::new(self.at(), en, zh));
        }
        self.depth += 1;
        let filter = if self.word("NOT") {
            RowFilter::Not(Box::new(self.not()?))
        } else if self.take(&Token::Sign("(")) {
            let inner = self.filter()?;
            self.sign(")")?;
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn comparison(&mut self) -> Result<RowFilter, FilterError> {
        let column = self.column()?;
        if let Some(op) = self.op() {
            return Ok(RowFilter::Compare {
                column,
                op,
                operand: self.operand()?,
            });
        }
        if self.word("IS") {
            let negated = self.word("NOT");
            if !self.word("NULL") {
                return Err(self.expected("NULL", "NULL"));
            }
            return Ok(RowFilter::IsNull { column, negated });
        }
        let negated = self.word("NOT");
        match self.peek() {
            Token::Keyword("LIKE") => self.like(column, negated),
            Token::Keyword("IN") => self.list(column, negated),
            Token::Keyword("BETWEEN") => self.between(column, negated),
            _ => Err(self.expected(
                "a comparison (=, <>, <, <=, >, >=, LIKE, IN, BETWEEN, IS NULL)",
                "比较（=、<>、<、<=、>、>=、LIKE、IN、BETWEEN、IS NULL）",
            )),
        }
    }

    fn column(&mut self) -> Result<ColumnRef, FilterError> {
        let Token::Name(name) = self.peek().clone() else {
            return Err(self.expected("a column", "列名"));
        };
        let (_, at) = self.next();
        let name = name.parse().map_err(|error: crate::name::NameError| {
            FilterError::new(at, error.message(Lang::En), error.message(Lang::Zh))
        })?;
        Ok(ColumnRef { name, at })
    }

    fn op(&mut self) -> Option<Op> {
        let Token::Sign(sign) = *self.peek() else {
            return None;
        };
        let sign = if sign == "!=" { "<>" } else { sign };
        let (_, op) = Op::WORDS.iter().find(|(word, _)| *word == sign)?;
        self.position += 1;
        Some(*op)
    }

    fn like(&mut self, column: ColumnRef, negated: bool) -> Result<RowFilter, FilterError> {
        self.position += 1;
        let Token::Text(pattern) = self.peek().clone() else {
            return Err(self.expected("a pattern in 'single quotes'", "'单引号' 中的模式"));
        };
        // Engines disagree on what a backslash escapes, so none is let in.
        if pattern.contains('\\') {
            let en = "a LIKE pattern holds no backslash; nothing can be escaped";
            return Err(FilterError::new(
                self.at(),
                en,
                "LIKE 模式中不能有反斜杠，不支持转义",
            ));
        }
        self.position += 1;
        Ok(RowFilter::Like {
            column,
            pattern,
            negated,
        })
    }

    fn list(&mut self, column: ColumnRef, negated: bool) -> Result<RowFilter, FilterError> {
        self.position += 1;
        self.sign("(")?;
        let mut list = vec![self.operand()?];
        while self.take(&Token::Sign(",")) {
            if list.len() == IN_LIST_MAX {
                let en = format!("an IN list has at most {IN_LIST_MAX} values");
                return Err(FilterError::new(
                    self.at(),
                    en,
                    format!("IN 列表最多 {IN_LIST_MAX} 个值"),
                ));
            }
            list.push(self.operand()?);
        }
        self.sign(")")?;
        Ok(RowFilter::In {
            column,
            list,
            negated,
        })
    }

    fn between(&mut self, column: ColumnRef, negated: bool) -> Result<RowFilter, FilterError> {
        self.position += 1;
        let low = self.operand()?;
        if !self.word("AND") {
            return Err(self.expected("AND", "AND"));
        }
        Ok(RowFilter::Between {
            column,
            low,
            high: self.operand()?,
            negated,
        })
    }

    fn operand(&mut self) -> Result<Operand, FilterError> {
        let wrong = self.expected(
            "a value ('text', number, DATE '2020-01-01', TIMESTAMP '2020-01-01 00:00:00', TRUE, FALSE)",
            "值（'文本'、数、DATE '2020-01-01'、TIMESTAMP '2020-01-01 00:00:00'、TRUE、FALSE）",
        );
        let (token, at) = self.next();
        let literal = match token {
            Token::Text(text) => Literal::Text(text),
            Token::Number(number) => Literal::Number(number.parse().map_err(|_| {
                FilterError::new(
                    at,
                    "not a decimal number of at most 38 digits",
                    "不是至多 38 位的十进制数",
                )
            })?),
            Token::Keyword("TRUE") => Literal::Boolean(true),
            Token::Keyword("FALSE") => Literal::Boolean(false),
            Token::Keyword("DATE") => Literal::Date(self.quoted(date, "DATE '2020-01-01'")?),
            Token::Keyword("TIMESTAMP") => {
                Literal::Timestamp(self.quoted(timestamp, "TIMESTAMP '2020-01-01 00:00:00'")?)
            }
            _ => return Err(wrong),
        };
        Ok(Operand { literal, at })
    }

    fn quoted<T>(&mut self, read: fn(&str) -> Option<T>, example: &str) -> Result<T, FilterError> {
        let read = match self.peek() {
            Token::Text(text) => read(text),
            _ => None,
        };
        let wrong = self.expected(
            &format!("a valid day or time as in {example}"),
            &format!("有效的日期或时间，如 {example}"),
        );
        self.position += 1;
        read.ok_or(wrong)
    }
}

/// One part stands for itself; nested parts of the same kind are one list, so that the tree is canonical.
fn joined(mut parts: Vec<RowFilter>, make: fn(Vec<RowFilter>) -> RowFilter) -> RowFilter {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    let flat = parts
        .into_iter()
        .flat_map(|part| match (part, make(Vec::new())) {
            (RowFilter::And(inner), RowFilter::And(_))
            | (RowFilter::Or(inner), RowFilter::Or(_)) => inner,
            (other, _) => vec![other],
        });
    make(flat.collect())
}
