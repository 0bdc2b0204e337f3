//! Codes, coordinates, names and free text.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use benches::{BenchError, ROWS};
use desensitize::hierarchy::Hierarchy;
use desensitize::{
    Constant, Generalize, Identifier, RegionLevel, Replacement, Scrub, ScrubFormat, Swap,
    Technique, Token, Truncate, TruncateTo,
};
use fixtures::{Content, NameStyle, Registers, Rest, Table as _, Value};

use crate::{Case, Limit};

/// The seed of the register.
const SEED: u64 = 20_260_208;
/// Codes of the hierarchy.
const CODES: usize = 2_000;

/// Invented columns of every kind, each value valid.
pub(crate) struct Register {
    columns: Vec<(Content, Vec<String>)>,
}

impl Register {
    pub(crate) fn new() -> Result<Self, BenchError> {
        let style = NameStyle::Meaningless;
        let register = Registers::new(SEED, ROWS as u64, 100, Rest::Nulls, style)?;
        let contents = register.contents().iter();
        let mut columns: Vec<_> = contents.map(|content| (*content, Vec::new())).collect();
        let mut row = Vec::new();
        for number in 0..register.rows() {
            register.row(number, &mut row);
            for ((_, texts), value) in columns.iter_mut().zip(row.drain(..)) {
                if let Value::Text(text) = value {
                    texts.push(text);
                }
            }
        }
        Ok(Self { columns })
    }

    pub(crate) fn texts(&self, of: Content) -> &[String] {
        let column = self.columns.iter().find(|(content, _)| *content == of);
        column.map_or(&[], |(_, texts)| texts)
    }

    pub(crate) fn column(&self, of: Content) -> ArrayRef {
        Arc::new(StringArray::from_iter_values(self.texts(of)))
    }

    /// Two columns side by side, in one text.
    fn written(
        &self,
        one: Content,
        other: Content,
        form: impl Fn(&str, &str) -> String,
    ) -> ArrayRef {
        let rows = self.texts(one).iter().zip(self.texts(other));
        Arc::new(StringArray::from_iter_values(
            rows.map(|(one, other)| form(one, other)),
        ))
    }
}

pub(crate) fn cases(register: &Register) -> Result<Vec<Case>, BenchError> {
    let of = |content| register.column(content);
    let region = |level| Technique::Generalize(Generalize::Region(level));
    let long = || regions(register, |region| format!("{region}003001"));
    let short = regions(register, str::to_owned);
    let grid = Technique::Generalize(Generalize::Grid { decimals: 2 });
    let constant = Technique::Constant(Constant {
        value: "公开".to_owned(),
    });
    let swap = Technique::Swap(Swap {
        rows: 8_192,
        domain: "swap".to_owned(),
    });
    let mut cases = vec![
        Case::new(
            "keep, names",
            of(Content::HanName),
            Technique::Keep,
            Limit::rebuild(),
        ),
        Case::new(
            "redact, names",
            of(Content::HanName),
            Technique::Redact,
            Limit::rebuild(),
        ),
        Case::new(
            "null, names",
            of(Content::HanName),
            Technique::Null,
            Limit::rebuild(),
        ),
        Case::new(
            "constant, texts",
            of(Content::HanName),
            constant,
            Limit::rebuild(),
        ),
        Case::new(
            "truncate, codes to 3",
            of(Content::OrderNumber),
            graphemes(3),
            Limit::substring(3),
        ),
        Case::new(
            "truncate, addresses to 3",
            of(Content::Address),
            graphemes(3),
            Limit::substring(9),
        ),
        Case::new(
            "generalize, division codes of 6",
            short,
            region(RegionLevel::Prefecture),
            Limit::rebuild(),
        ),
        Case::new(
            "generalize, division codes of 12",
            long(),
            region(RegionLevel::Township),
            Limit::rebuild(),
        ),
        Case::new(
            "generalize, coordinates to a grid of 2",
            of(Content::Gps),
            grid,
            Limit::rebuild(),
        ),
        hierarchy(register)?,
        Case::new("swap, names", of(Content::HanName), swap, Limit::take()),
        Case::new(
            "token, Han names as names",
            of(Content::HanName),
            Technique::Token(Token::name()),
            Limit::hmac(),
        ),
        Case::new(
            "token, Uyghur names as names",
            of(Content::UyghurName),
            Technique::Token(Token::name()),
            Limit::hmac(),
        ),
    ];
    for identifier in [Identifier::CreditCode, Identifier::Mobile] {
        let column = of(crate::masks::content(identifier));
        let token = Technique::Token(Token::identifier(identifier));
        cases.push(Case::new(
            format!("token, {identifier}"),
            column,
            token,
            Limit::hmac(),
        ));
    }
    cases.extend(scrubs(register));
    Ok(cases)
}

fn graphemes(count: usize) -> Technique {
    Technique::Truncate(Truncate {
        to: TruncateTo::Graphemes(count),
    })
}

/// The regions of the register's people.
fn regions(register: &Register, form: impl Fn(&str) -> String) -> ArrayRef {
    let ids = register.texts(Content::ResidentId).iter();
    let regions = ids.map(|id| form(id.get(..6).unwrap_or_default()));
    Arc::new(StringArray::from_iter_values(regions))
}

/// Codes of a register, of which the hierarchy lists them all.
fn hierarchy(register: &Register) -> Result<Case, BenchError> {
    let lines: String = (0..CODES)
        .map(|code| format!("C{code:05};chapter {};*\n", code / 100))
        .collect();
    let hierarchy =
        Hierarchy::parse(&lines).map_err(|refused| BenchError::Kernel(refused.into()))?;
    let codes = register.texts(Content::Count).iter();
    let codes = codes.map(|count| format!("C{:05}", count.parse().unwrap_or(0) % CODES));
    let technique = Technique::Generalize(Generalize::Hierarchy {
        hierarchy: Arc::new(hierarchy),
        level: 1,
    });
    Ok(Case::new(
        "generalize, codes by a hierarchy of 2,000",
        Arc::new(StringArray::from_iter_values(codes)),
        technique,
        Limit::dictionary(),
    ))
}

/// Sentences with nothing to find, with an identifier each, and the same as JSON.
fn scrubs(register: &Register) -> Vec<Case> {
    let scrub = |format| {
        Technique::Scrub(Scrub {
            format,
            with: Replacement::Mask,
        })
    };
    let sentence = |address: &str, mobile: &str| format!("{address}，联系电话 {mobile}，已回访。");
    let json = |address: &str, mobile: &str| {
        serde_json::json!({ "address": address, "phone": mobile, "visits": 3 }).to_string()
    };
    let with =
        |form: fn(&str, &str) -> String| register.written(Content::Address, Content::Mobile, form);
    vec![
        Case::new(
            "scrub, addresses without identifiers",
            register.column(Content::Address),
            scrub(ScrubFormat::Text),
            Limit::regexp(),
        ),
        Case::new(
            "scrub, sentences with a mobile",
            with(sentence),
            scrub(ScrubFormat::Text),
            Limit::regexp(),
        ),
        Case::new(
            "scrub, JSON with a mobile",
            with(json),
            scrub(ScrubFormat::Json),
            Limit::regexp(),
        ),
    ]
}
