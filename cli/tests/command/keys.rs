//! Destroying a key, telling whose copy a file is, and reversing one value: each with its second thoughts and persons.

use std::fs;
use std::path::Path;

use crate::binary::{Ran, fixture};
use crate::world::{Home, Server};

/// A name's last parts, as a person types them.
fn short(ran: &Ran) -> String {
    let name = ran.json()["name"].as_str().unwrap().to_owned();
    let parts: Vec<&str> = name.split('/').skip(3).step_by(2).collect();
    parts.join("/")
}

/// A server with a released, reversible sample; returns the sample's short name.
fn released(home: &Home, server: &Server<'_>) -> String {
    for table in ["persons", "claims"] {
        let (file, schema) = (
            fixture(&format!("data/{table}.csv")),
            fixture(&format!("schemas/{table}.yaml")),
        );
        let words = format!("dataset register ybj/{table} --as provider --file");
        server
            .run_with(&words, &[&file, Path::new("--schema"), &schema])
            .expect(0);
    }
    let policy = fs::read_to_string(fixture("policies/medical.yaml")).unwrap();
    let reversible = home.beside("policy.yaml");
    let policy = policy.replace("sample: { method", "sample: { one_way: false, method");
    fs::write(&reversible, policy).unwrap();
    server
        .run_with(
            "scenario publish medical-spending --as institution --policy",
            &[&reversible],
        )
        .expect(0);
    server.run("key enrol --as institution").expect(0);
    short(
        &server
            .run("sample request medical-spending --watch --as developer --output json")
            .expect(0),
    )
}

#[test]
fn a_found_copy_names_its_recipient_and_a_value_goes_back_to_its_provider() {
    let home = Home::new();
    let server = Server::start(&home);
    let sample = released(&home, &server);
    let out = home.beside("sample");
    let fetch = format!("sample fetch {sample} --as developer --out");
    server.run_with(&fetch, &[&out]).expect(0);

    let trace = format!("sample trace --sample {sample} --as institution --output json");
    for file in ["ybj.persons.csv", "ybj.persons.parquet"] {
        let ran = server.run_with(&trace, &[&out.join(file)]).expect(0);
        assert_eq!(ran.json()["told"], true, "{file}");
        let recipient = ran.json()["copies"][0]["recipient"].to_string();
        assert!(recipient.contains("/developer/"), "{recipient}");
        assert!(ran.stderr.contains("told: karez://"), "{}", ran.stderr);
    }
    let foreign = server
        .run_with(&trace, &[&fixture("data/persons.csv")])
        .expect(0);
    assert_eq!(foreign.json()["told"], false);
    assert!(foreign.stderr.contains("not told"), "{}", foreign.stderr);
    server
        .run_with(
            &trace.replace("institution", "developer"),
            &[&out.join("ybj.persons.csv")],
        )
        .expect(1);

    let persons = fs::read_to_string(out.join("ybj.persons.csv")).unwrap();
    let shown = persons.lines().nth(5).unwrap().split(',').next().unwrap();
    let reverse = |duty: &str| {
        server.run(&format!(
            "sample reverse {sample} --dataset ybj/persons --column resident_id --value {shown} \
             --reason review-of-a-claim --as {duty} --output json"
        ))
    };
    assert_eq!(
        reverse("developer").expect(1).error()["reason"],
        "ACCESS_DENIED"
    );
    let asked = reverse("provider").expect(0);
    assert_eq!(asked.json()["state"], "requested");
    let reversal = short(&asked);
    let early = server.run(&format!(
        "sample reveal {reversal} --as provider --output json"
    ));
    assert_eq!(early.expect(1).error()["reason"], "APPROVAL_MISSING");
    let unasked = server.run(&format!("sample confirm {reversal} --as institution"));
    let unasked = unasked.expect(2);
    assert!(
        unasked.stderr.contains("review-of-a-claim"),
        "{}",
        unasked.stderr
    );
    let unwanted = short(&reverse("provider").expect(0));
    let reject = format!("sample reject {unwanted} --output json --as");
    let denied = server.run(&format!("{reject} provider")).expect(1);
    assert_eq!(denied.error()["reason"], "ACCESS_DENIED");
    let rejected = server
        .run(&format!("{reject} institution"))
        .expect(0)
        .json();
    assert_eq!(rejected["state"], "rejected");
    assert!(rejected["expire_time"].as_str() > rejected["create_time"].as_str());
    let late = server.run(&format!(
        "sample confirm {unwanted} --as institution --yes --output json"
    ));
    let late = late.expect(1).error();
    assert_eq!(late["reason"], "STATE_NOT_ALLOWED");
    let confirmed = server
        .run(&format!(
            "sample confirm {reversal} --as institution --yes --output json"
        ))
        .expect(0);
    assert_eq!(confirmed.json()["state"], "confirmed");
    let revealed = server
        .run(&format!(
            "sample reveal {reversal} --as provider --output json"
        ))
        .expect(0);
    let original = revealed.json()["value"].as_str().unwrap().to_owned();
    let raw = fs::read_to_string(fixture("data/persons.csv")).unwrap();
    assert!(
        raw.lines()
            .any(|line| line.starts_with(&format!("{original},")))
    );
}

/// A second person of an organisation, with a key to sign with; gives the directory.
fn second_person(home: &Home, server: &Server<'_>, organisation: &str, duty: &str) -> String {
    let identity = home.beside(&format!("{organisation}-second"));
    let identity = identity.display().to_string();
    let issue = format!(
        "cert issue --organisation {organisation} --duty {duty} --person second --out {identity}"
    );
    home.run(&issue).expect(0);
    home.run(&format!("key new --identity {identity}"))
        .expect(0);
    let enrol = format!("key enrol --identity {identity}");
    server.run(&enrol).expect(0);
    identity
}

/// A destruction as a person types it: `ybj/claims/ID` or `SCENARIO/ID`.
fn named(asked: &Ran) -> String {
    let name = asked.json()["name"].as_str().unwrap().to_owned();
    let parts: Vec<&str> = name.split('/').skip(3).collect();
    parts.join("/").replace("/destructions/", "/")
}

#[test]
fn a_key_is_destroyed_by_two_persons_after_saying_what_becomes_impossible() {
    let home = Home::new();
    let server = Server::start(&home);
    let sample = released(&home, &server);
    server.run("key enrol --as provider").expect(0);
    let second = second_person(&home, &server, "ybj", "provider");
    let destroy = "key destroy --dataset ybj/claims --version 1 --column amount --reason withdrawn --as provider --output json";
    let asked = server.run(destroy).expect(0);
    assert!(
        asked.stderr.contains("cannot be read again")
            && asked.stderr.contains("nothing is destroyed yet"),
        "{}",
        asked.stderr
    );
    assert_eq!(asked.json()["state"], "requested");
    let wanted = named(&asked);
    assert!(wanted.starts_with("ybj/claims/"), "{wanted}");
    // Who asked does not confirm; the second person is told and asked first.
    let alone = server.run(&format!(
        "key confirm {wanted} --as provider --yes --output json"
    ));
    assert_eq!(alone.expect(1).error()["reason"], "ACCESS_DENIED");
    let confirm = format!("key confirm {wanted} --identity {second} --output json");
    let unasked = server.run(&confirm).expect(2);
    assert!(
        unasked.stderr.contains("cannot be read again") && unasked.stderr.contains("withdrawn"),
        "{}",
        unasked.stderr
    );
    let done = server.run(&format!("{confirm} --yes")).expect(0).json();
    assert_eq!(
        (&done["state"], &done["key"]),
        (
            &"destroyed".into(),
            &"tenants/xj/datasets/ybj/claims/versions/1/columns/amount".into()
        )
    );
    assert_eq!(
        server.run(destroy).expect(1).error()["reason"],
        "KEY_DESTROYED"
    );

    let institution = second_person(&home, &server, "szj", "institution");
    let scenario = "key destroy --scenario medical-spending --reason expired --output json";
    let denied = server.run(&format!("{scenario} --as provider")).expect(1);
    assert_eq!(denied.error()["reason"], "ACCESS_DENIED");
    let asked = server
        .run(&format!("{scenario} --as institution"))
        .expect(0);
    let reject = format!(
        "key reject {} --identity {institution} --output json",
        named(&asked)
    );
    let rejected = server.run(&reject).expect(0).json();
    assert_eq!(rejected["state"], "rejected");
    let asked = server
        .run(&format!("{scenario} --as institution"))
        .expect(0);
    let confirm = format!(
        "key confirm {} --identity {institution} --yes",
        named(&asked)
    );
    server.run(&confirm).expect(0);
    let reverse = format!(
        "sample reverse {sample} --dataset ybj/persons --column resident_id --value x --reason y --as provider --output json"
    );
    assert_eq!(
        server.run(&reverse).expect(1).error()["reason"],
        "KEY_DESTROYED"
    );
    // What was released is still fetched.
    let fetch = format!("sample fetch {sample} --as developer --out");
    server.run_with(&fetch, &[&home.beside("sample")]).expect(0);
    for wrong in [
        "key destroy --reason expired --as provider",
        "key destroy --scenario s --dataset a/b --reason expired --as provider",
        "key destroy --dataset a/b --column c --reason expired --as provider",
        "key destroy --dataset a/b --reason because --as provider",
        "key confirm ybj --as provider",
    ] {
        server.run(wrong).expect(2);
    }
}
