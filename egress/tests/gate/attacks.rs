//! Attacks of the suite that SQL can make against the shape `statistics`: each is refused by its rule,
//! or answered without the person it was aimed at. (A5–A8 need the ledger and dominance rules, which
//! this version does not have.)

use egress::{Reason, govern};

use crate::world::{CLAIMS, Claim, LIMITS, answer, answer_over, governance, lines};

/// Refused before any data is read, by this rule.
fn check(sql: &str, rule: &str) {
    match govern(sql, &governance()) {
        Ok(_) => panic!("{sql}: passed"),
        Err(refusal) => assert_eq!(refusal.rule, rule, "{sql}: {refusal:?}"),
    }
}

/// Runs, and nothing leaves.
fn check_empty(sql: &str) {
    match answer(sql) {
        Ok(released) => assert_eq!(lines(&released), Vec::<String>::new(), "{sql}"),
        Err(refusal) => panic!("{sql}: {refusal:?}"),
    }
}

#[test]
fn a1_scalar_over_few_persons() {
    check_empty("SELECT SUM(amount) AS s FROM ybj.claims WHERE region = '6502'");
    check_empty("SELECT COUNT(*) AS n FROM ybj.claims WHERE age = 30");
    // the group is large, the values behind the sum are one person's
    let mut claims: Vec<Claim> = CLAIMS.to_vec();
    for claim in claims.iter_mut().skip(1) {
        claim.4 = None;
    }
    for sql in [
        "SELECT SUM(amount) AS s FROM ybj.claims",
        "SELECT AVG(amount) AS s FROM ybj.claims",
        "SELECT COUNT(amount) AS s FROM ybj.claims",
    ] {
        let released = answer_over(sql, &claims, &governance(), LIMITS).unwrap();
        assert_eq!(lines(&released), Vec::<String>::new(), "{sql}");
    }
}

#[test]
fn a2_distinct_lists_no_small_group() {
    let released = answer("SELECT DISTINCT region, diagnosis FROM ybj.claims").unwrap();
    assert_eq!(lines(&released), ["6501,A", "6501,B", "6503,A"]);
    check("SELECT DISTINCT amount FROM ybj.claims", "column.use");
    check(
        "SELECT DISTINCT ON (region) region FROM ybj.claims",
        "operator.node",
    );
}

#[test]
fn a3_single_values() {
    for function in [
        "MIN(amount)",
        "MAX(amount)",
        "MEDIAN(amount)",
        "FIRST_VALUE(amount)",
        "ARRAY_AGG(amount)",
        "STRING_AGG(region, ',')",
        "APPROX_PERCENTILE_CONT(amount, 0.5)",
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY amount)",
    ] {
        check(
            &format!("SELECT {function} FROM ybj.claims"),
            "function.single_value",
        );
    }
    check("SELECT STDDEV(amount) FROM ybj.claims", "function.unlisted");
    check(
        "SELECT SUM(DISTINCT amount) FROM ybj.claims",
        "aggregate.argument",
    );
}

#[test]
fn a4_having_cannot_see_small_groups() {
    check_empty(
        "SELECT region, COUNT(*) AS n FROM ybj.claims GROUP BY region HAVING SUM(amount) = 15",
    );
    check_empty("SELECT region FROM ybj.claims GROUP BY region HAVING COUNT(DISTINCT id) <= 2");
}

#[test]
fn a9_more_rows_are_not_more_persons() {
    check(
        "SELECT region, COUNT(*) AS n FROM (SELECT region FROM ybj.claims UNION ALL SELECT region FROM ybj.claims) AS u GROUP BY region",
        "operator.set",
    );
    let fan_out = "SELECT a.region, COUNT(*) AS n FROM ybj.claims a JOIN ybj.claims b ON a.id = b.id GROUP BY a.region";
    let released = answer(fan_out).unwrap();
    assert!(
        lines(&released)
            .iter()
            .all(|line| !line.starts_with("6502"))
    );
    assert_eq!(lines(&released).len(), 2);
}

#[test]
fn a10_one_hot_times_column() {
    for argument in [
        "amount * flag",
        "amount * CAST(age = 30 AS INT)",
        "amount * (CASE WHEN age = 30 THEN 1 ELSE 0 END)",
        "amount + 1",
        "flag / 2",
        "CAST(amount / 1000 AS BIGINT)",
        "floor(amount)",
        "amount * 1e-300",
        "CASE WHEN age > 30 THEN 1 WHEN age = 30 THEN amount ELSE 0 END",
        "CASE WHEN age > 30 THEN amount ELSE 1 END",
        "CASE age WHEN 30 THEN amount ELSE 0 END",
    ] {
        check(
            &format!("SELECT SUM({argument}) FROM ybj.claims"),
            "aggregate.argument",
        );
    }
    check(
        "SELECT SUM(coalesce(amount, 5)) FROM ybj.claims",
        "column.use",
    );
    // The flag is set for one person only.
    check_empty("SELECT SUM(flag) AS s FROM ybj.claims");
    check(
        "SELECT COUNT(CAST(diagnosis AS INT)) FROM ybj.claims",
        "aggregate.argument",
    );
}

#[test]
fn a11_windows() {
    check(
        "SELECT ROW_NUMBER() OVER (ORDER BY age) FROM ybj.claims",
        "operator.window",
    );
    check(
        "SELECT LAG(amount) OVER (ORDER BY age) FROM ybj.claims",
        "operator.window",
    );
    check(
        "SELECT SUM(amount) OVER (PARTITION BY region) FROM ybj.claims",
        "operator.window",
    );
}

#[test]
fn a12_conditions_on_columns_that_may_not_be_compared() {
    for sql in [
        "SELECT SUM(CASE WHEN id = 'ID-1' THEN amount ELSE 0 END) FROM ybj.claims",
        "SELECT COUNT(*) FILTER (WHERE id = 'ID-1') FROM ybj.claims",
        "SELECT COUNT(*) FROM ybj.claims WHERE id = 'ID-1'",
        "SELECT COUNT(*) FROM ybj.claims WHERE id IN ('ID-1', 'ID-2')",
        "SELECT COUNT(*) FROM ybj.claims WHERE id LIKE 'ID-1%'",
        "SELECT COUNT(*) FROM ybj.claims WHERE id IS NOT NULL",
        "SELECT COUNT(*) FROM ybj.claims WHERE id BETWEEN 'ID-1' AND 'ID-2'",
        "SELECT COUNT(*) FROM ybj.claims WHERE coalesce(id, 'x') = 'x'",
        "SELECT SUM(v) FROM (SELECT CASE WHEN id = 'ID-1' THEN amount END AS v FROM ybj.claims) AS q",
        "WITH q AS (SELECT id AS harmless FROM ybj.claims) SELECT COUNT(*) FROM q WHERE harmless = 'ID-1'",
        "SELECT COUNT(*) FROM ybj.claims c JOIN gaj.persons p ON c.id = p.id AND p.salary > 10",
        "SELECT COUNT(*) FROM ybj.claims c JOIN (SELECT 'ID-1' AS x, id FROM gaj.persons) p ON c.id = p.x AND c.id = p.id",
        "SELECT COUNT(*) FROM ybj.claims c JOIN gaj.persons p ON c.id = p.id GROUP BY c.id",
        "SELECT SUM(age) FROM ybj.claims",
    ] {
        check(sql, "column.use");
    }
}

#[test]
fn a13_no_row_can_make_the_run_fail() {
    for (sql, rule) in [
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE 1 / (age - 35) = 1",
            "operator.arithmetic",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE age % (age - 35) = 1",
            "operator.arithmetic",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE age / -1 = 1",
            "operator.arithmetic",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE substr(diagnosis, 1, age - 35) = 'x'",
            "function.argument",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE diagnosis LIKE region",
            "operator.expression",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE abs(age) = 1",
            "function.unlisted",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE age = CAST('x' AS INT)",
            "syntax.constant",
        ),
    ] {
        check(sql, rule);
    }
    // A cast that fails on some rows gives null there; those rows are simply not kept.
    check_empty("SELECT COUNT(*) AS n FROM ybj.claims WHERE CAST(diagnosis AS INT) > 0");
    // The engine's words never show, the refusal of a division above the aggregate included.
    let refusal = answer("SELECT COUNT(*) / (COUNT(*) - 16) AS x FROM ybj.claims").unwrap_err();
    assert_eq!(refusal.reason, Reason::Failed);
    let shown = serde_json::to_string(&refusal).unwrap() + &format!("{refusal} {refusal:?}");
    assert!(!shown.to_lowercase().contains("zero"), "{shown}");
    assert!(refusal.detail.is_some());
}

#[test]
fn a14_order_and_limit() {
    check(
        "SELECT region FROM ybj.claims ORDER BY region LIMIT 1",
        "aggregate.none",
    );
    check(
        "SELECT SUM(amount) FROM (SELECT amount FROM ybj.claims ORDER BY age LIMIT 1) AS q",
        "operator.order",
    );
    let released = answer(
        "SELECT region, COUNT(*) AS n FROM ybj.claims GROUP BY region ORDER BY COUNT(*) LIMIT 2",
    );
    assert_eq!(lines(&released.unwrap()), ["6503,5", "6501,6"]);
}

#[test]
fn a17_other_paths() {
    for (sql, rule) in [
        (
            "EXPLAIN SELECT COUNT(*) FROM ybj.claims",
            "syntax.query_only",
        ),
        (
            "EXPLAIN ANALYZE SELECT COUNT(*) FROM ybj.claims",
            "syntax.query_only",
        ),
        ("SET a = 1", "syntax.query_only"),
        ("CREATE VIEW v AS SELECT 1", "syntax.query_only"),
        (
            "CREATE TABLE v AS SELECT region FROM ybj.claims",
            "syntax.query_only",
        ),
        ("COPY ybj.claims TO 'x.csv'", "syntax.query_only"),
        ("PREPARE p AS SELECT 1", "syntax.query_only"),
        ("SHOW TABLES", "syntax.query_only"),
        ("DESCRIBE ybj.claims", "syntax.query_only"),
        ("DROP TABLE ybj.claims", "syntax.query_only"),
        ("INSERT INTO ybj.claims VALUES (1)", "syntax.query_only"),
        ("SELECT 1; SELECT 2", "syntax.one_statement"),
        ("", "syntax.one_statement"),
        ("SELECT COUNT( FROM ybj.claims", "syntax.parse"),
        ("SELECT * FROM ybj.claims", "column.wildcard"),
        ("SELECT c.* FROM ybj.claims c", "column.wildcard"),
        (
            "SELECT SUM(amount) FROM (SELECT * FROM ybj.claims) AS q",
            "column.wildcard",
        ),
        (
            "SELECT COUNT(*) FROM information_schema.tables",
            "table.unknown",
        ),
        ("SELECT COUNT(*) FROM 'file.parquet'", "table.unknown"),
        ("SELECT COUNT(*) FROM claims", "table.unknown"),
        (
            "SELECT COUNT(*) FROM generate_series(1, 5)",
            "operator.node",
        ),
        (
            "SELECT COUNT(*) FROM (VALUES (1)) AS v(x)",
            "operator.values",
        ),
        ("SELECT 1", "operator.values"),
        ("SELECT COUNT(*)", "operator.values"),
        (
            "SELECT COUNT(*) FROM ybj.claims, gaj.persons",
            "operator.join",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims CROSS JOIN gaj.persons",
            "operator.join",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims c FULL JOIN gaj.persons p ON c.id = p.id",
            "operator.join",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims c RIGHT JOIN gaj.persons p ON c.id = p.id",
            "operator.join",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE id IN (SELECT id FROM gaj.persons)",
            "operator.subquery",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims c WHERE EXISTS (SELECT id FROM gaj.persons p WHERE p.id = c.id)",
            "operator.subquery",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE age = (SELECT COUNT(*) FROM gaj.persons)",
            "operator.subquery",
        ),
        (
            "WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x FROM r) SELECT COUNT(*) FROM r",
            "operator.node",
        ),
        (
            "SELECT region, COUNT(*) FROM ybj.claims GROUP BY ROLLUP(region, diagnosis)",
            "aggregate.grouping_sets",
        ),
        (
            "SELECT region, COUNT(*) FROM ybj.claims GROUP BY GROUPING SETS ((region), ())",
            "aggregate.grouping_sets",
        ),
        (
            "SELECT SUM(n) FROM (SELECT region, COUNT(*) AS n FROM ybj.claims GROUP BY region) AS q",
            "aggregate.level",
        ),
        (
            "SELECT COUNT(*) FROM (SELECT DISTINCT region FROM ybj.claims) AS q",
            "aggregate.level",
        ),
        ("SELECT name FROM ybj.claims", "column.not_granted"),
        (
            "SELECT COUNT(*) FROM (SELECT name, region FROM ybj.claims) AS q",
            "column.not_granted",
        ),
        (
            "SELECT region, COUNT(name) FROM ybj.claims GROUP BY region",
            "column.not_granted",
        ),
        (
            "SELECT __unit_person, COUNT(*) FROM ybj.claims GROUP BY 1",
            "column.unknown",
        ),
        (
            "SELECT COUNT(*) FROM (SELECT region AS __unit0_person FROM ybj.claims) AS q",
            "name.reserved",
        ),
        ("SELECT nothere FROM ybj.claims", "column.unknown"),
        ("SELECT region, amount FROM ybj.claims", "aggregate.none"),
        (
            "SELECT region, age, COUNT(*) FROM ybj.claims GROUP BY region",
            "syntax.plan",
        ),
        ("SELECT now()", "function.unlisted"),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE regexp_like(region, 'x')",
            "function.unlisted",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE region ~ 'x'",
            "operator.expression",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE region SIMILAR TO 'x'",
            "operator.expression",
        ),
        (
            "SELECT COUNT(*) FROM ybj.claims WHERE region = $1",
            "operator.expression",
        ),
    ] {
        check(sql, rule);
    }
}

#[test]
fn a18_self_join_does_not_lend_persons() {
    // Each mention needs its own persons: one person's row beside everybody's is one person's.
    check_empty(
        "SELECT COUNT(*) AS n FROM ybj.claims a LEFT JOIN ybj.claims b ON a.id = b.id AND b.age = 30",
    );
    check_empty(
        "SELECT SUM(b.amount) AS s FROM ybj.claims a JOIN ybj.claims b ON a.id = b.id AND b.age = 41",
    );
}

#[test]
fn padding_with_unknown_persons_does_not_lift_a_group() {
    let mut claims: Vec<Claim> = CLAIMS.to_vec();
    claims.extend((0..20).map(|_| (None, "6502", "A", 33, Some(1.0))));
    let sql = "SELECT region, COUNT(*) AS n FROM ybj.claims GROUP BY region";
    let released = answer_over(sql, &claims, &governance(), LIMITS).unwrap();
    assert_eq!(lines(&released), ["6501,6", "6503,5"]);
}

#[test]
fn refusals_name_column_rule_and_place_but_no_literal() {
    let sql = "SELECT COUNT(*)\nFROM ybj.claims\nWHERE id = '650102199001011234'";
    let refusal = govern(sql, &governance()).unwrap_err();
    assert_eq!(refusal.column.as_deref(), Some("ybj.claims.id"));
    assert_eq!(refusal.place.map(|p| (p.line, p.column)), Some((3, 7)));
    for sql in [
        sql,
        "SELECT '650102199001011234",
        "SELECT COUNT(*) FROM ybj.claims WHERE \"650102199001011234\" = 1",
        "SELECT COUNT(*) FROM ybj.claims WHERE age = CAST('650102199001011234x' AS INT)",
        "SELECT COUNT(*) FROM ybj.claims WHERE age = '650102199001011234x'",
        "SELECT COUNT(*) FROM ybj.\"650102199001011234\"",
        "SELECT \"650102199001011234\"(1) FROM ybj.claims",
        "SELECT 650102199001011234 650102199001011234 FROM",
    ] {
        let refusal = govern(sql, &governance()).unwrap_err();
        let shown = serde_json::to_string(&refusal).unwrap() + &format!("{refusal} {refusal:?}");
        assert!(!shown.contains("650102199001011234"), "{sql}: {shown}");
        assert!(!refusal.message.zh.is_empty());
    }
}

#[test]
fn long_and_deep_text_is_refused_and_not_overrun() {
    let chain = vec!["age"; 1_950].join(" + ");
    let deep = format!("{}1{}", "(".repeat(500), ")".repeat(500));
    let long = "-".repeat(egress::MAX_SQL_BYTES + 1);
    for sql in [
        format!("SELECT SUM({chain}) FROM ybj.claims"),
        format!("SELECT COUNT(*) FROM ybj.claims WHERE {chain} > 0"),
        format!("SELECT COUNT(*) {} FROM ybj.claims", "+ 1".repeat(500)),
        format!("SELECT {deep} FROM ybj.claims"),
        long,
        format!("SELECT {} FROM ybj.claims", vec!["age"; 3_000].join(",")),
    ] {
        check(&sql, "syntax.size");
    }
    let conditions = vec!["age > 1"; 100].join(" AND ");
    let sql = format!("SELECT COUNT(*) AS n FROM ybj.claims WHERE {conditions}");
    assert_eq!(lines(&answer(&sql).unwrap()), ["16"]);
}
