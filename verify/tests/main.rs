//! The program from outside: exit codes, both languages, JSON, and a flipped byte.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests may stop on the first surprise"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lineage::event::{
    Binding, BoundDataset, DatasetRegistered, DatasetVersion, JobDelivered, JobStarted,
    ProductApproved, ProductSubmitted, ReleasedFile, VersionPin,
};
use lineage::{
    Actor, Decision, Digest, Duty, Log, NewEvent, NoteSigner, Statement, StatementKey, TrustEntry,
    TrustList, event,
};

const PRODUCT: &str = "tenants/xj/scenarios/fraud/products/p1";
const JOB: &str = "tenants/xj/scenarios/fraud/jobs/j1";
const CLAIMS: &str = "tenants/xj/datasets/ybj/claims";

struct World {
    home: tempfile::TempDir,
}

impl World {
    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn run(&self, lang: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_karez-verify"))
            .args(arguments)
            .current_dir(self.home.path())
            .env_clear()
            .env("LANG", lang)
            .output()
            .unwrap()
    }

    fn check(&self, command: &[&str], code: i32, words: &[&str]) -> String {
        let trusted = ["--key", "log.vkey", "--trust", "trust.json"];
        let output = self.run("C", &[command, &trusted].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}{errors}");
        for word in words {
            assert!(
                text.contains(word) || errors.contains(word),
                "{word}: {text}{errors}"
            );
        }
        text
    }
}

fn registered() -> DatasetRegistered {
    DatasetRegistered {
        dataset: CLAIMS.into(),
        version: 1,
        provider: "ybj".into(),
        schema_digest: Digest::of(b"schema"),
        labels_digest: Digest::of(b"labels"),
        rows: 10,
        encoding: "utf-8".into(),
        separator: Some(",".into()),
        source_digest: Digest::of(b"salted source"),
        ciphertext_digest: Digest::of(b"ciphertext"),
        rejected_cells: 0,
        document_digest: Digest::of(b"document"),
    }
}

fn binding() -> Binding {
    Binding {
        logic_digest: Digest::of(b"SELECT 1"),
        policy_digest: Digest::of(b"policy"),
        datasets: vec![BoundDataset {
            dataset: CLAIMS.into(),
            schema_digest: Digest::of(b"schema"),
            labels_digest: Digest::of(b"labels"),
            version: VersionPin::Current,
        }],
        contract_digest: Digest::of(b"contract"),
    }
}

fn approved(key: &StatementKey, organisation: &str) -> ProductApproved {
    let binding_digest = binding().digest().unwrap();
    let statement = Statement::approve_product(PRODUCT, 1, binding_digest, organisation).unwrap();
    ProductApproved {
        product: PRODUCT.into(),
        version: 1,
        binding_digest,
        statement: key.sign(statement).unwrap(),
    }
}

fn append(log: &Log, body: impl Into<lineage::EventBody>) -> u64 {
    let actor: Actor = "karez://xj/opco/operator/p-1".parse().unwrap();
    let event = NewEvent::new(actor, "xj", body).decided(Decision::Permit, Digest::of(b"p"));
    log.append(event).unwrap().seq
}

fn trusted(organisation: &str, duty: Duty, key: &StatementKey) -> TrustEntry {
    TrustEntry {
        tenant: "xj".into(),
        organisation: organisation.into(),
        duty,
        person: "p-1".into(),
        public_key: key.public_key(),
    }
}

/// A log of one delivery, its key, a trust list, a receipt and the result.
fn world() -> World {
    let world = World {
        home: tempfile::tempdir().unwrap(),
    };
    let signer = NoteSigner::generate("example.com/log").unwrap();
    fs::write(world.path("log.vkey"), format!("{}\n", signer.verifier())).unwrap();
    let (institution, provider) = (
        StatementKey::generate().unwrap(),
        StatementKey::generate().unwrap(),
    );
    let entries = vec![
        trusted("sjj", Duty::Institution, &institution),
        trusted("ybj", Duty::Provider, &provider),
    ];
    let trust = TrustList::new(entries).unwrap();
    trust.save(&world.path("trust.json")).unwrap();
    let log = Log::create(&world.path("log"), signer, "example.com/log").unwrap();
    tell(&world, &log, &institution, &provider);
    world
}

fn tell(world: &World, log: &Log, institution: &StatementKey, provider: &StatementKey) {
    let binding_digest = binding().digest().unwrap();
    let dataset = append(log, registered());
    let submitted = append(
        log,
        ProductSubmitted {
            product: PRODUCT.into(),
            version: 1,
            binding_digest,
            binding: binding(),
            organisation: "opco".into(),
        },
    );
    let approvals = vec![
        append(log, approved(institution, "sjj")),
        append(log, approved(provider, "ybj")),
    ];
    append(
        log,
        event::AccessDecided {
            action: "job.submit".into(),
            resource: JOB.into(),
            reasons: vec![],
            request_digest: None,
        },
    );
    let started = append(
        log,
        JobStarted {
            job: JOB.into(),
            product: PRODUCT.into(),
            version: 1,
            binding_digest,
            approvals: approvals.clone(),
            datasets: vec![DatasetVersion::whole(CLAIMS, 1)],
            plan_digest: Digest::of(b"plan"),
            layers: vec![],
        },
    );
    let delivered = append(log, delivered(&approvals, b"a,b\n1,2\n"));
    fs::write(world.path("result.csv"), b"a,b\n1,2\n").unwrap();
    let supporting = [&[dataset, submitted, started], approvals.as_slice()].concat();
    let receipt = log.receipt(delivered, &supporting).unwrap();
    fs::write(world.path("receipt.json"), receipt.to_json().unwrap()).unwrap();
}

fn delivered(approvals: &[u64], result: &[u8]) -> JobDelivered {
    JobDelivered {
        job: JOB.into(),
        product: PRODUCT.into(),
        version: 1,
        binding_digest: binding().digest().unwrap(),
        approvals: approvals.to_vec(),
        files: vec![ReleasedFile {
            name: "result.csv".into(),
            digest: Digest::of(result),
            bytes: result.len() as u64,
        }],
        groups_released_band: None,
        groups_withheld: "0".into(),
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_sound_log_and_receipt_verify() {
    let world = world();
    world.check(&["log", "log"], 0, &["VERIFIED", "Not checked", "witness"]);
    let receipt = ["receipt", "receipt.json", "--file", "result.csv"];
    world.check(
        &receipt,
        0,
        &["VERIFIED", "result files 1", "signed statements 2"],
    );
}

#[test]
fn json_says_the_same() {
    let world = world();
    let text = world.check(&["log", "log", "--json"], 0, &[]);
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["verified"], true);
    assert_eq!(report["leaves"], 8);
    fs::remove_file(world.path("log/checkpoint")).unwrap();
    let text = world.check(&["log", "log", "--json"], 1, &[]);
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["findings"][0]["problem"], "missing");
    assert_eq!(report["findings"][0]["file"], "checkpoint");
}

#[test]
fn a_flipped_byte_is_named_by_file_and_byte() {
    let world = world();
    let segment = world.path("log/segments/00000000000000000000.seg");
    flip(&segment, 40);
    let words = [
        "NOT VERIFIED",
        "segments/00000000000000000000.seg, byte 0, leaf 0",
    ];
    world.check(&["log", "log"], 1, &words);
}

#[test]
fn a_changed_result_and_an_emptied_trust_list_are_found() {
    let world = world();
    flip(&world.path("result.csv"), 0);
    let receipt = ["receipt", "receipt.json", "--file", "result.csv"];
    world.check(
        &receipt,
        1,
        &["NOT VERIFIED", "result.csv: a file is not one"],
    );
    fs::write(world.path("trust.json"), r#"{"entries":[]}"#).unwrap();
    world.check(&["receipt", "receipt.json"], 1, &["not on the trust list"]);
    world.check(&["log", "log"], 1, &["not on the trust list"]);
}

#[test]
fn usage_and_unreadable_inputs_are_exit_code_two() {
    let world = world();
    world.check(&["log"], 2, &["exactly one path", "--help"]);
    world.check(&["log", "nowhere"], 2, &["nowhere"]);
    world.check(&["receipt", "result.csv"], 2, &["not a receipt"]);
    world.check(&["receipt", "receipt.json", "--file", "no"], 2, &["no: "]);
    fs::write(world.path("log.vkey"), "no key").unwrap();
    world.check(&["log", "log"], 2, &["log.vkey"]);
}

#[test]
fn chinese_by_locale() {
    let world = world();
    let trusted = ["log", "log", "--key", "log.vkey", "--trust", "trust.json"];
    let output = world.run("zh_CN.UTF-8", &trusted);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("核验通过") && text.contains("未核验"),
        "{text}"
    );
    let help = String::from_utf8(world.run("zh_CN.UTF-8", &["--help"]).stdout).unwrap();
    assert!(help.contains("退出码"));
    let help = String::from_utf8(world.run("C", &["--help"]).stdout).unwrap();
    assert!(help.contains("Exit codes"));
}
