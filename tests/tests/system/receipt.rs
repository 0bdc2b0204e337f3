//! What a regulator can find out alone, with `log.vkey`, the trust list and the built verifier.

use std::fs;
use std::path::{Path, PathBuf};

use enclave::registry::JobState;
use lineage::event::Binding;
use lineage::log::NewEvent;
use lineage::{
    Digest, Duty, EventBody, Leaf, Log, NoteSigner, NoteVerifier, Statement, StatementKey,
    TrustList, verify,
};
use tempfile::TempDir;

use crate::binary::{self, Ran};
use crate::canary;
use crate::desk::{Desk, actor, fixture, fixture_text};

/// Positions of the log that are flipped through the library; every byte of the checkpoint comes on top.
const FLIPS: usize = 400;

/// Flips that are shown to both programs.
const FLIPS_BY_PROGRAM: usize = 6;

/// A delivered job, its receipt and result on disk, and the service at rest.
struct Delivered {
    work: TempDir,
    job_seq: u64,
    leaves: Vec<Leaf>,
}

impl Delivered {
    fn path(&self, name: &str) -> PathBuf {
        self.work.path().join(name)
    }

    /// What a regulator holds.
    fn trusted(&self) -> [PathBuf; 2] {
        [self.path("home/log.vkey"), self.path("home/trust.json")]
    }

    fn key(&self) -> NoteVerifier {
        fs::read_to_string(self.path("home/log.vkey"))
            .unwrap()
            .trim()
            .parse()
            .unwrap()
    }

    fn signer(&self) -> NoteSigner {
        NoteSigner::load(&self.path("home/log.key")).unwrap()
    }
}

fn delivered() -> Delivered {
    let work = tempfile::tempdir().unwrap();
    let desk = Desk::open(&work.path().join("home"));
    let read = |name: &str| fs::read(fixture(name)).unwrap();
    desk.medical(&read("data/persons.csv"), &read("data/claims.csv"));
    desk.enrol_reviewers();
    desk.submit("names", &fixture_text("logic/names_refused.sql"))
        .unwrap_err();
    desk.submit("spend", &fixture_text("logic/spend_by_prefecture.sql"))
        .unwrap();
    desk.approve("spend");
    let job = desk.submit_job("run", "spend");
    let ended = desk.job_ended(&job);
    let JobState::Delivered { seq, files, .. } = ended.state else {
        panic!("{:?}", ended.state)
    };
    for file in &files {
        fs::write(work.path().join(&file.name), desk.fetched(&job, &file.name)).unwrap();
    }
    let (receipt, _) = desk.enclave.receipt(&actor(Duty::Operator), &job).unwrap();
    fs::write(work.path().join("receipt.json"), receipt.to_json().unwrap()).unwrap();
    desk.enclave.stop().unwrap();
    let size = desk.enclave.read(enclave::registry::Registry::size);
    copy(&work.path().join("home/log"), &work.path().join("copy"));
    let key = NoteSigner::load(&desk.home.log_key()).unwrap();
    let (log, _) = Log::open(&work.path().join("copy"), key).unwrap();
    let leaves: Vec<Leaf> = log.leaves(0).collect::<Result<_, _>>().unwrap();
    assert_eq!(leaves.len() as u64, size);
    drop(log);
    fs::remove_dir_all(work.path().join("copy")).unwrap();
    Delivered {
        work,
        job_seq: seq,
        leaves,
    }
}

fn copy(from: &Path, to: &Path) {
    for file in canary::files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, &target).unwrap();
    }
}

/// Both programs on a log directory; they agree.
fn log_by_programs(of: &Delivered, directory: &Path) -> i32 {
    let [key, trust] = of.trusted();
    let options = [
        "--key".as_ref(),
        key.as_os_str(),
        "--trust".as_ref(),
        trust.as_os_str(),
    ];
    let verify = [&["log".as_ref(), directory.as_os_str()][..], &options].concat();
    let lineage = [
        &["lineage".as_ref(), "verify".as_ref(), directory.as_os_str()][..],
        &options,
    ]
    .concat();
    agree(
        binary::run(&binary::karez_verify(), verify),
        binary::run(&binary::karez(), lineage),
    )
}

/// Both programs on a receipt with one result file.
fn receipt_by_programs(of: &Delivered, receipt: &Path, file: &Path) -> i32 {
    let [key, trust] = of.trusted();
    let options = [
        "--file".as_ref(),
        file.as_os_str(),
        "--key".as_ref(),
        key.as_os_str(),
        "--trust".as_ref(),
        trust.as_os_str(),
    ];
    let verify = [&["receipt".as_ref(), receipt.as_os_str()][..], &options].concat();
    let lineage = [
        &[
            "lineage".as_ref(),
            "verify".as_ref(),
            "--receipt".as_ref(),
            receipt.as_os_str(),
        ][..],
        &options,
    ]
    .concat();
    agree(
        binary::run(&binary::karez_verify(), verify),
        binary::run(&binary::karez(), lineage),
    )
}

fn agree(verify: Ran, karez: Ran) -> i32 {
    assert_eq!(
        verify.code, karez.code,
        "karez-verify: {verify:?}\nkarez: {karez:?}"
    );
    assert!(
        !verify.stdout.is_empty() && !karez.stdout.is_empty(),
        "{verify:?} {karez:?}"
    );
    verify.code.unwrap()
}

#[test]
fn a_stranger_verifies_receipt_result_and_log_offline() {
    let delivered = delivered();
    let (receipt, result) = (delivered.path("receipt.json"), delivered.path("result.csv"));
    assert_eq!(receipt_by_programs(&delivered, &receipt, &result), 0);
    assert_eq!(log_by_programs(&delivered, &delivered.path("home/log")), 0);

    let changed = delivered.path("changed.csv");
    let mut bytes = fs::read(&result).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&changed, bytes).unwrap();
    assert_eq!(
        receipt_by_programs(&delivered, &receipt, &changed),
        1,
        "another result"
    );

    let nobody = delivered.path("home/nobody.json");
    TrustList::default().save(&nobody).unwrap();
    fs::rename(&nobody, delivered.path("home/trust.json")).unwrap();
    assert_eq!(
        receipt_by_programs(&delivered, &receipt, &result),
        1,
        "approvals of nobody whom the regulator knows"
    );
}

/// What a forger makes of an event.
type Change<'a> = &'a dyn Fn(&Leaf) -> EventBody;

/// A history as the holder of the log's key would like it: every event but the first, changed, logged anew.
fn rewritten(of: &Delivered, change: impl Fn(&Leaf) -> EventBody) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let signer = of.signer();
    let origin = signer.name().to_owned();
    let log = Log::create(directory.path(), signer, &origin).unwrap();
    for leaf in &of.leaves[1..] {
        let event = NewEvent {
            actor: leaf.actor.clone(),
            tenant: leaf.tenant.clone(),
            request_id: leaf.request_id.clone(),
            policy: leaf.policy,
            decision: leaf.decision,
            subject: leaf.subject.clone(),
            body: change(leaf),
        };
        assert_eq!(log.append(event).unwrap().seq, leaf.seq);
    }
    log.checkpoint_now().unwrap();
    directory
}

#[test]
fn an_approval_forged_with_the_servers_own_keys_is_found() {
    let delivered = delivered();
    let same = rewritten(&delivered, |leaf| leaf.body.clone());
    assert_eq!(
        log_by_programs(&delivered, same.path()),
        0,
        "rewriting alone cannot be seen without a witness"
    );

    let forger = StatementKey::generate().unwrap();
    let signed_anew = |leaf: &Leaf| match leaf.body.clone() {
        EventBody::KeyEnrolled(mut body) if body.duty == Duty::Institution => {
            body.public_key = forger.public_key();
            body.into()
        }
        EventBody::ProductApproved(mut body) if leaf.actor.duty() == Some(Duty::Institution) => {
            body.statement = forger.sign(body.statement.statement).unwrap();
            body.into()
        }
        body => body,
    };
    let other_person = |leaf: &Leaf| match leaf.body.clone() {
        EventBody::ProductApproved(mut body) if leaf.actor.duty() == Some(Duty::Institution) => {
            let organisation = &body.statement.statement.organisation;
            let digest = body.binding_digest;
            let statement =
                Statement::approve_product(&body.product, body.version, digest, organisation)
                    .unwrap();
            let provider =
                StatementKey::load(&delivered.path("home/clients/provider/signing.key")).unwrap();
            body.statement = provider.sign(statement).unwrap();
            body.into()
        }
        body => body,
    };
    let other_logic = |leaf: &Leaf| {
        let swap = |binding: &Binding| Binding {
            logic_digest: Digest::of(b"SELECT 1"),
            ..binding.clone()
        };
        let submitted = delivered.leaves.iter().find_map(|leaf| match &leaf.body {
            EventBody::ProductSubmitted(body) => Some(swap(&body.binding).digest().unwrap()),
            _ => None,
        });
        let digest = submitted.unwrap();
        match leaf.body.clone() {
            EventBody::ProductSubmitted(mut body) => {
                body.binding = swap(&body.binding);
                body.binding_digest = digest;
                body.into()
            }
            EventBody::ProductApproved(mut body) => {
                body.binding_digest = digest;
                body.into()
            }
            EventBody::JobStarted(mut body) => {
                body.binding_digest = digest;
                body.into()
            }
            EventBody::JobDelivered(mut body) => {
                body.binding_digest = digest;
                body.into()
            }
            body => body,
        }
    };
    let one_body_only = |leaf: &Leaf| match leaf.body.clone() {
        EventBody::JobStarted(mut body) => {
            body.approvals.truncate(1);
            body.into()
        }
        EventBody::JobDelivered(mut body) => {
            body.approvals.truncate(1);
            body.into()
        }
        body => body,
    };
    let forgeries: [(&str, Change<'_>); 4] = [
        ("an enrolled key of the server's own", &signed_anew),
        ("another person's signature", &other_person),
        ("another logic under the same signatures", &other_logic),
        ("one approval for two", &one_body_only),
    ];
    for (name, change) in forgeries {
        let forged = rewritten(&delivered, change);
        assert_eq!(
            log_by_programs(&delivered, forged.path()),
            1,
            "{name}: the log"
        );
        let (log, _) = Log::open(forged.path(), delivered.signer()).unwrap();
        let supporting: Vec<u64> = (1..delivered.job_seq).collect();
        let receipt = delivered.path("forged.json");
        fs::write(
            &receipt,
            log.receipt(delivered.job_seq, &supporting)
                .unwrap()
                .to_json()
                .unwrap(),
        )
        .unwrap();
        let code = receipt_by_programs(&delivered, &receipt, &delivered.path("result.csv"));
        assert_eq!(code, 1, "{name}: the receipt");
    }
    println!("{} forgeries found in log and receipt", forgeries.len());
}

#[test]
fn any_flipped_byte_of_a_real_log_is_found() {
    let delivered = delivered();
    let trust = TrustList::load(&delivered.path("home/trust.json")).unwrap();
    let key = delivered.key();
    let log = delivered.path("home/log");
    let mut positions = Vec::new();
    for file in canary::files(&log) {
        let length = fs::metadata(&file).unwrap().len() as usize;
        let step = match file.ends_with("checkpoint") {
            true => 1,
            false => (length / FLIPS).max(1),
        };
        positions.extend((0..length).step_by(step).map(|at| (file.clone(), at)));
    }
    let copied = tempfile::tempdir().unwrap();
    copy(&log, copied.path());
    for (number, (file, at)) in positions.iter().enumerate() {
        let target = copied.path().join(file.strip_prefix(&log).unwrap());
        let sound = fs::read(file).unwrap();
        let mut changed = sound.clone();
        changed[*at] ^= 1 << (number % 8);
        fs::write(&target, changed).unwrap();
        let report = verify::log_directory(copied.path(), &key, &trust).unwrap();
        assert!(!report.is_verified(), "byte {at} of {}", file.display());
        if number % (positions.len() / FLIPS_BY_PROGRAM) == 0 {
            assert_eq!(
                log_by_programs(&delivered, copied.path()),
                1,
                "byte {at} of {}",
                file.display()
            );
        }
        fs::write(&target, sound).unwrap();
    }
    assert_eq!(log_by_programs(&delivered, copied.path()), 0);
    println!(
        "{} flipped bytes found in {} files",
        positions.len(),
        canary::files(&log).len()
    );
    assert!(positions.len() > FLIPS);
}
