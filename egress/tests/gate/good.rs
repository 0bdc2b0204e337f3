//! Queries that pass, with answers computed by hand over the tables of `world`.

use egress::{Band, Reason, RunLimits, govern};

use crate::world::{CLAIMS, LIMITS, answer, answer_over, governance, lines};

fn check(sql: &str, expect: &[&str]) {
    match answer(sql) {
        Ok(released) => assert_eq!(lines(&released), expect, "{sql}"),
        Err(refusal) => panic!("{sql}: {refusal:?} {}", detail(&refusal)),
    }
}

fn detail(refusal: &egress::Refusal) -> &str {
    refusal
        .detail
        .as_ref()
        .map_or("", |d| d.reveal_on_sample_data())
}

#[test]
fn groups_with_enough_persons_leave_whole() {
    for (sql, expect) in [
        // 6502 has five claims of two persons; the unknown ones of 6503 are in the sums of 6503, but
        // its three known ones are what lets it leave.
        (
            "SELECT region, COUNT(*) AS n, SUM(amount) AS total FROM ybj.claims GROUP BY region",
            &["6501,6,150", "6503,5,124"][..],
        ),
        (
            "SELECT region, AVG(amount) AS mean FROM ybj.claims GROUP BY region",
            &["6501,25", "6503,31"],
        ),
        ("SELECT DISTINCT region FROM ybj.claims", &["6501", "6503"]),
        ("SELECT COUNT(*) AS n FROM ybj.claims", &["16"]),
        (
            "SELECT SUM(2 * amount - amount / 4) AS s FROM ybj.claims",
            &["505.75"],
        ),
        (
            "SELECT SUM(coalesce(amount, 0)) AS s FROM ybj.claims",
            &["289"],
        ),
        (
            "SELECT COUNT(DISTINCT id) AS ids, COUNT(amount) AS n FROM ybj.claims",
            &["13,15"],
        ),
        (
            "SELECT substr(region, 1, 2) AS province, COUNT(*) AS n FROM ybj.claims GROUP BY substr(region, 1, 2)",
            &["65,16"],
        ),
        (
            "SELECT extract(year FROM visit) AS y, COUNT(*) AS n FROM ybj.claims GROUP BY 1",
            &["2024,16"],
        ),
        (
            "SELECT CASE WHEN age >= 40 THEN 'old' ELSE 'young' END AS band, COUNT(*) AS n FROM ybj.claims GROUP BY 1",
            &["old,5", "young,11"],
        ),
        (
            "SELECT floor(CAST(age AS DOUBLE) / 10) * 10 AS decade, COUNT(*) AS n FROM ybj.claims GROUP BY 1",
            &["20,5", "30,6"],
        ),
    ] {
        check(sql, expect);
    }
}

#[test]
fn having_order_and_limit_work_on_published_groups() {
    for (sql, expect) in [
        (
            "SELECT region, SUM(amount) AS s FROM ybj.claims GROUP BY region HAVING COUNT(*) >= 5 ORDER BY s DESC",
            &["6501,150", "6503,124"][..],
        ),
        (
            "SELECT region, COUNT(*) AS n FROM ybj.claims GROUP BY region ORDER BY n LIMIT 1",
            &["6503,5"],
        ),
        (
            "SELECT region, SUM(amount) / COUNT(*) AS per_claim FROM ybj.claims WHERE age BETWEEN 20 AND 70 GROUP BY region ORDER BY region DESC OFFSET 1",
            &["6501,25"],
        ),
        (
            "SELECT region FROM ybj.claims GROUP BY region LIMIT 1",
            &["6501"],
        ),
        (
            "SELECT DISTINCT n > 5 AS many FROM (SELECT region, COUNT(*) AS n FROM ybj.claims GROUP BY region) AS g",
            &["false", "true"],
        ),
    ] {
        check(sql, expect);
    }
}

#[test]
fn joins_ctes_and_aliases_are_followed() {
    for (sql, expect) in [
        // Person 4 joins with one claim, the other has the short id. F: 20 + 40 + (1 + 2 + 3) + 7 + 9;
        // M: 10 + 30 + 0 + (4 + 5) + 8.
        (
            "SELECT p.sex, COUNT(*) AS n, SUM(c.amount) AS s FROM ybj.claims c JOIN gaj.persons p ON c.id = p.id GROUP BY p.sex",
            &["F,7,82", "M,6,57"],
        ),
        (
            "WITH big AS (SELECT region AS r, amount AS a FROM ybj.claims WHERE diagnosis IN ('A', 'B')) SELECT r, SUM(a) AS s FROM big GROUP BY r",
            &["6501,150", "6503,124"],
        ),
    ] {
        check(sql, expect);
    }
    // `region` is granted for groups and comparisons, not for joins
    let sql = "SELECT t.title, COUNT(*) AS n FROM ybj.claims c LEFT JOIN pub.regions t ON c.region = t.code GROUP BY t.title";
    assert_eq!(answer(sql).unwrap_err().rule, "column.use");
}

#[test]
fn conditions_inside_aggregates_need_enough_persons_on_both_sides() {
    for (sql, expect) in [
        // A: persons 1, 2, 4 · B: persons 3, 4, 5
        (
            "SELECT region, SUM(CASE WHEN diagnosis = 'A' THEN amount ELSE 0 END) AS a FROM ybj.claims WHERE region = '6501' GROUP BY region",
            &["6501,80"][..],
        ),
        (
            "SELECT COUNT(CASE WHEN age >= 40 THEN 1 END) AS n FROM ybj.claims",
            &["5"],
        ),
        (
            "SELECT COUNT(*) FILTER (WHERE age >= 40) AS n FROM ybj.claims",
            &["5"],
        ),
        // only persons 3 and 5 are over 50
        (
            "SELECT COUNT(CASE WHEN age > 50 THEN 1 END) AS n FROM ybj.claims",
            &[],
        ),
        // all but persons 3 and 5
        (
            "SELECT COUNT(CASE WHEN age <= 50 THEN 1 END) AS n FROM ybj.claims",
            &[],
        ),
    ] {
        check(sql, expect);
    }
}

#[test]
fn reference_tables_without_units_may_be_counted() {
    check("SELECT COUNT(*) AS n FROM pub.regions", &["3"]);
    let refusal = answer("SELECT COUNT(*) AS n FROM pub.loose").unwrap_err();
    assert_eq!(refusal.rule, "unit.none");
}

#[test]
fn few_and_none_look_the_same() {
    let none = answer("SELECT SUM(amount) AS s FROM ybj.claims WHERE region = '0000'").unwrap();
    let few = answer("SELECT SUM(amount) AS s FROM ybj.claims WHERE region = '6502'").unwrap();
    for released in [none, few] {
        assert_eq!(lines(&released), Vec::<String>::new());
        assert_eq!(released.empty_because, Some(Reason::Threshold));
        assert_eq!(released.withheld, Band::UnderTen);
    }
    let having = "SELECT region FROM ybj.claims GROUP BY region HAVING COUNT(*) > 1000";
    assert_eq!(answer(having).unwrap().empty_because, None);
}

#[test]
fn partitions_do_not_change_the_answer() {
    let sql = "SELECT region, diagnosis, COUNT(*) AS n FROM ybj.claims GROUP BY region, diagnosis";
    let limits = RunLimits {
        partitions: 4,
        ..LIMITS
    };
    let many = answer_over(sql, CLAIMS, &governance(), limits).unwrap();
    assert_eq!(lines(&many), lines(&answer(sql).unwrap()));
    assert_eq!(lines(&many), ["6501,A,3", "6501,B,3", "6503,A,5"]);
}

#[test]
fn contract_and_limits_refuse() {
    let sql = "SELECT region, COUNT(*) AS n FROM ybj.claims GROUP BY region";
    let mut narrow = governance();
    narrow.contract.rows_max = 1;
    let refusal = answer_over(sql, CLAIMS, &narrow, LIMITS).unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.rule.as_str()),
        (Reason::Contract, "contract.rows")
    );
    let mut few = governance();
    few.contract.max_groups = 2;
    let refusal = answer_over(sql, CLAIMS, &few, LIMITS).unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.rule.as_str()),
        (Reason::Limit, "limit.groups")
    );
    let limits = RunLimits {
        memory_bytes: 64,
        ..LIMITS
    };
    let refusal = answer_over(sql, CLAIMS, &governance(), limits).unwrap_err();
    assert_eq!(
        (refusal.reason, refusal.rule.as_str()),
        (Reason::Limit, "limit.memory")
    );
}

#[test]
fn the_digest_is_of_the_plan_and_its_rules() {
    let governance = governance();
    let digest = |sql: &str| govern(sql, &governance).unwrap().digest().to_owned();
    let one = digest("SELECT COUNT(*) AS n FROM ybj.claims WHERE age > 30");
    // Plan mode and run mode are two processes: this value must come out in each of them. When an
    // upgrade of the engine renders plans anew, approved plans must be admitted again.
    assert_eq!(
        one,
        "sha256:db71159b8928d18ef09fe220b06f09a3910e5c522fb31477d2597a51e1ddccc5"
    );
    assert_eq!(
        one,
        digest("select  count(*)\nas n from ybj.claims where age > 30")
    );
    assert_ne!(
        one,
        digest("SELECT COUNT(*) AS n FROM ybj.claims WHERE age > 31")
    );
    let mut stricter = governance.clone();
    stricter.contract.k = 11;
    let sql = "SELECT COUNT(*) AS n FROM ybj.claims WHERE age > 30";
    assert_ne!(one, govern(sql, &stricter).unwrap().digest());
    let mut wider = governance.clone();
    wider.tables[0].rows = None;
    assert_ne!(one, govern(sql, &wider).unwrap().digest());
}

#[test]
fn governance_travels_as_json() {
    let text = serde_json::to_string(&governance()).unwrap();
    assert_eq!(
        serde_json::from_str::<egress::Governance>(&text).unwrap(),
        governance()
    );
}
