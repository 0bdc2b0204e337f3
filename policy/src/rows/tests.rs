//! Filters as a person writes them: canonical text or the refusal, and a property over generated ones.

use proptest::prelude::*;

use super::*;

/// The canonical text, or the refusal; what is accepted must read back as the same filter.
fn check(text: &str, expect: &str) {
    let shown = match text.parse::<RowFilter>() {
        Ok(filter) => {
            assert_eq!(
                filter.to_string().parse::<RowFilter>().as_ref(),
                Ok(&filter),
                "{filter}"
            );
            filter.to_string()
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(shown, expect, "for {text:?}");
}

#[test]
fn accepted() {
    for (text, expect) in [
        ("region LIKE '65%'", "region LIKE '65%'"),
        ("a=1", "a = 1"),
        ("a!=-1.50", "a <> -1.5"),
        ("a<>'x''y'", "a <> 'x''y'"),
        ("a<=1 and b>=2 or c<3", "a <= 1 AND b >= 2 OR c < 3"),
        ("a = 1 OR (b = 2 OR c = 3)", "a = 1 OR b = 2 OR c = 3"),
        ("(a = 1 OR b = 2) AND c = 3", "(a = 1 OR b = 2) AND c = 3"),
        ("not a = 1", "NOT a = 1"),
        ("NOT (a = 1 AND b = 2)", "NOT (a = 1 AND b = 2)"),
        ("NOT NOT a = 1", "NOT NOT a = 1"),
        ("((((a = 1))))", "a = 1"),
        ("a NOT LIKE '%x_'", "a NOT LIKE '%x_'"),
        ("a in ('x', 'y')", "a IN ('x', 'y')"),
        ("a NOT IN (1)", "a NOT IN (1)"),
        ("a BETWEEN 1 AND 2 AND b = 3", "a BETWEEN 1 AND 2 AND b = 3"),
        (
            "a NOT BETWEEN date '2020-01-01' AND DATE '2020-12-31'",
            "a NOT BETWEEN DATE '2020-01-01' AND DATE '2020-12-31'",
        ),
        (
            "t > TIMESTAMP '2020-01-01 00:00:00.500'",
            "t > TIMESTAMP '2020-01-01 00:00:00.5'",
        ),
        ("a IS NULL OR b is not null", "a IS NULL OR b IS NOT NULL"),
        ("ok = true AND bad = FALSE", "ok = TRUE AND bad = FALSE"),
        ("\"marital-status\" = 'x'", "\"marital-status\" = 'x'"),
        ("\"date\" = 1", "\"date\" = 1"),
        ("\"a\"\"b\" = 1", "\"a\"\"b\" = 1"),
        ("\"plain\" = 1", "plain = 1"),
        ("地区 = '和田'", "地区 = '和田'"),
        ("Region = 'x'", "Region = 'x'"),
        ("a\n=\t1", "a = 1"),
    ] {
        check(text, expect);
    }
}

#[test]
fn refused() {
    let comparison = "expected a comparison (=, <>, <, <=, >, >=, LIKE, IN, BETWEEN, IS NULL) here";
    let value = "expected a value ('text', number, DATE '2020-01-01', TIMESTAMP '2020-01-01 00:00:00', TRUE, FALSE) here";
    for (text, at, expect) in [
        ("", 1, "expected a column here"),
        ("a", 2, comparison),
        ("a = ", 5, value),
        ("a = b", 5, value),
        ("a = NULL", 5, value),
        ("1 = a", 1, "expected a column here"),
        ("a = 1 b = 2", 7, "expected AND, OR or the end here"),
        (
            "a = 1; DROP TABLE x",
            6,
            "this character has no meaning in a row filter; texts stand in 'single quotes'",
        ),
        ("a = 1 -- x", 7, "expected AND, OR or the end here"),
        ("a = 'x", 5, "the quote ' is not closed"),
        ("\"a = 1", 1, "the quote \" is not closed"),
        ("(a = 1", 7, "expected ) here"),
        ("a = 1)", 6, "expected AND, OR or the end here"),
        ("a LIKE 5", 8, "expected a pattern in 'single quotes' here"),
        (
            "a LIKE 'x\\%'",
            8,
            "a LIKE pattern holds no backslash; nothing can be escaped",
        ),
        ("a IN ()", 7, value),
        ("a IN (1,)", 9, value),
        ("a BETWEEN 1 OR 2", 13, "expected AND here"),
        ("a IS 1", 6, "expected NULL here"),
        ("a NOT = 1", 7, comparison),
        (
            "a = DATE '2020-02-30'",
            10,
            "expected a valid day or time as in DATE '2020-01-01' here",
        ),
        (
            "a = DATE 2020",
            10,
            "expected a valid day or time as in DATE '2020-01-01' here",
        ),
        ("a = 1e9", 5, "not a decimal number of at most 38 digits"),
        ("a = 0x10", 5, "not a decimal number of at most 38 digits"),
        ("a = 1.2.3", 5, "not a decimal number of at most 38 digits"),
        ("lower(a) = 'x'", 6, comparison),
        ("a = (SELECT 1)", 5, value),
        (
            "a.b = 1",
            2,
            "this character has no meaning in a row filter; texts stand in 'single quotes'",
        ),
        ("EXISTS (a = 1)", 8, comparison),
        (
            "\"\" = 1",
            1,
            "`` is not a column name: use 1 to 128 bytes without control characters, not beginning with `__`, which the vault keeps for itself",
        ),
        (
            "__unit_person = 1",
            1,
            "`__unit_person` is not a column name: use 1 to 128 bytes without control characters, not beginning with `__`, which the vault keeps for itself",
        ),
    ] {
        check(text, &format!("row filter, character {at}: {expect}"));
    }
}

#[test]
fn limits_hold() {
    let nested = |depth: usize| "(".repeat(depth) + "a = 1" + &")".repeat(depth);
    assert!(nested(FILTER_DEPTH_MAX - 1).parse::<RowFilter>().is_ok());
    check(
        &nested(FILTER_DEPTH_MAX),
        "row filter, character 33: nested deeper than 32 levels",
    );
    let nots = "NOT ".repeat(FILTER_DEPTH_MAX) + "a = 1";
    check(
        &nots,
        "row filter, character 129: nested deeper than 32 levels",
    );
    let list = |n: usize| format!("a IN ({})", vec!["1"; n].join(","));
    assert!(list(IN_LIST_MAX).parse::<RowFilter>().is_ok());
    check(
        &list(IN_LIST_MAX + 1),
        "row filter, character 519: an IN list has at most 256 values",
    );
    let long = format!("a = '{}'", "x".repeat(FILTER_BYTES_MAX));
    check(
        &long,
        "row filter, character 1: a row filter has at most 4096 bytes",
    );
}

const NOWHERE: At = At {
    start: 0,
    length: 1,
};

fn column() -> impl Strategy<Value = ColumnRef> {
    prop_oneof!["[a-c_]{1,3}", "[ \"'a-z姓-]{1,4}", Just("and".to_owned())].prop_map(|name| {
        ColumnRef {
            name: name.parse().unwrap_or_else(|_| "x".parse().unwrap()),
            at: NOWHERE,
        }
    })
}

fn operand() -> impl Strategy<Value = Operand> {
    let literal =
        prop_oneof![
            "[ -~姓]{0,6}".prop_map(Literal::Text),
            any::<i64>().prop_map(|n| Literal::Number(n.into())),
            "-?[0-9]{1,8}\\.[0-9]{1,8}".prop_map(|n| Literal::Number(n.parse().unwrap())),
            (1_i16..3000, 1_i8..13, 1_i8..29)
                .prop_map(|(y, m, d)| Literal::Date(jiff::civil::date(y, m, d))),
            (0_i32..1_000_000).prop_map(|us| Literal::Timestamp(
                jiff::civil::date(2020, 2, 29).at(23, 59, 1, us * 1000)
            )),
            any::<bool>().prop_map(Literal::Boolean),
        ];
    literal.prop_map(|literal| Operand {
        literal,
        at: NOWHERE,
    })
}

fn leaf() -> impl Strategy<Value = RowFilter> {
    let ops: Vec<Op> = Op::WORDS.iter().map(|(_, op)| *op).collect();
    prop_oneof![
        (column(), prop::sample::select(ops), operand()).prop_map(|(column, op, operand)| {
            RowFilter::Compare {
                column,
                op,
                operand,
            }
        }),
        (column(), "[%_a-z']{0,5}", any::<bool>()).prop_map(|(column, pattern, negated)| {
            RowFilter::Like {
                column,
                pattern,
                negated,
            }
        }),
        (
            column(),
            prop::collection::vec(operand(), 1..4),
            any::<bool>()
        )
            .prop_map(|(column, list, negated)| RowFilter::In {
                column,
                list,
                negated
            }),
        (column(), operand(), operand(), any::<bool>()).prop_map(|(column, low, high, negated)| {
            RowFilter::Between {
                column,
                low,
                high,
                negated,
            }
        }),
        (column(), any::<bool>())
            .prop_map(|(column, negated)| RowFilter::IsNull { column, negated }),
    ]
}

/// Trees whose lists hold no list of the same kind: those that the parser makes.
fn filter() -> impl Strategy<Value = RowFilter> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        let many = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            many()
                .prop_map(|parts| RowFilter::And(apart(parts, |p| matches!(p, RowFilter::And(_))))),
            many().prop_map(|parts| RowFilter::Or(apart(parts, |p| matches!(p, RowFilter::Or(_))))),
            inner
                .clone()
                .prop_map(|inner| RowFilter::Not(Box::new(inner))),
        ]
    })
}

fn apart(parts: Vec<RowFilter>, same: fn(&RowFilter) -> bool) -> Vec<RowFilter> {
    let wrap = |part| {
        if same(&part) {
            RowFilter::Not(Box::new(part))
        } else {
            part
        }
    };
    parts.into_iter().map(wrap).collect()
}

proptest! {
    #[test]
    fn canonical_text_reads_back_as_the_same_tree(filter in filter()) {
        prop_assert_eq!(filter.to_string().parse::<RowFilter>(), Ok(filter));
    }

    #[test]
    fn any_text_is_answered(text in "[ -~姓\\n]{0,60}") {
        if let Err(error) = text.parse::<RowFilter>() {
            prop_assert!(error.at.start <= text.chars().count());
        }
    }
}
