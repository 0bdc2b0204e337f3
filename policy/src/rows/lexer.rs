//! Words, numbers, texts and signs of a row filter.

use super::{At, FilterError};

/// Words with a meaning of their own; a column of such a name is written in quotes.
pub(super) const KEYWORDS: [&str; 12] = [
    "AND",
    "OR",
    "NOT",
    "LIKE",
    "IN",
    "BETWEEN",
    "IS",
    "NULL",
    "DATE",
    "TIMESTAMP",
    "TRUE",
    "FALSE",
];

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// One of [`KEYWORDS`], in upper case.
    Keyword(&'static str),
    /// A column's name, quoted or not.
    Name(String),
    /// A text in single quotes.
    Text(String),
    /// A number as written.
    Number(String),
    /// An operator, a parenthesis or a comma.
    Sign(&'static str),
    /// The end of the filter.
    End,
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 10] = ["<=", ">=", "<>", "!=", "=", "<", ">", "(", ")", ","];

/// The tokens of a filter with their positions, an [`Token::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, At)>, FilterError> {
    let mut lexer = Lexer {
        chars: text.chars().collect(),
        position: 0,
    };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_while(char::is_whitespace);
        let start = lexer.position;
        let token = lexer.token()?;
        let length = (lexer.position - start).max(1);
        let end = token == Token::End;
        tokens.push((token, At { start, length }));
        if end {
            return Ok(tokens);
        }
    }
}

/// Whether a column's name can stand without quotes.
pub(super) fn is_bare(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(begins_word) && chars.all(continues_word) && keyword(name).is_none()
}

fn begins_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn keyword(word: &str) -> Option<&'static str> {
    KEYWORDS
        .into_iter()
        .find(|keyword| keyword.eq_ignore_ascii_case(word))
}

struct Lexer {
    chars: Vec<char>,
    position: usize,
}

impl Lexer {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    fn skip_while(&mut self, holds: impl Fn(char) -> bool) -> String {
        let rest = self.chars.get(self.position..).unwrap_or_default();
        let taken: String = rest.iter().copied().take_while(|&c| holds(c)).collect();
        self.position += taken.chars().count();
        taken
    }

    fn token(&mut self) -> Result<Token, FilterError> {
        match self.peek() {
            None => Ok(Token::End),
            Some(c) if begins_word(c) => {
                let word = self.skip_while(continues_word);
                Ok(keyword(&word).map_or(Token::Name(word), Token::Keyword))
            }
            Some(c) if c.is_ascii_digit() || c == '-' => Ok(self.number()),
            Some(quote @ '\'') => Ok(Token::Text(self.quoted(quote)?)),
            Some(quote @ '"') => Ok(Token::Name(self.quoted(quote)?)),
            Some(_) => self.sign(),
        }
    }

    fn number(&mut self) -> Token {
        let mut number = String::new();
        if self.peek() == Some('-') {
            self.position += 1;
            number.push('-');
        }
        number += &self.skip_while(|c| c.is_alphanumeric() || c == '.' || c == '_');
        Token::Number(number)
    }

    /// A text in quotes; a doubled quote stands for one.
    fn quoted(&mut self, quote: char) -> Result<String, FilterError> {
        let start = self.position;
        self.position += 1;
        let mut text = String::new();
        loop {
            text += &self.skip_while(|c| c != quote);
            if self.peek().is_none() {
                let at = At {
                    start,
                    length: self.position - start,
                };
                let en = format!("the quote {quote} is not closed");
                return Err(FilterError::new(at, en, format!("引号 {quote} 没有闭合")));
            }
            self.position += 1;
            if self.peek() != Some(quote) {
                return Ok(text);
            }
            self.position += 1;
            text.push(quote);
        }
    }

    fn sign(&mut self) -> Result<Token, FilterError> {
        let ahead: String = self
            .chars
            .get(self.position..)
            .unwrap_or_default()
            .iter()
            .take(2)
            .collect();
        if let Some(sign) = SIGNS.into_iter().find(|sign| ahead.starts_with(sign)) {
            self.position += sign.len();
            return Ok(Token::Sign(sign));
        }
        let at = At {
            start: self.position,
            length: 1,
        };
        let en = "this character has no meaning in a row filter; texts stand in 'single quotes'";
        Err(FilterError::new(
            at,
            en,
            "行过滤条件中不能有此字符；文本请用 '单引号'",
        ))
    }
}
