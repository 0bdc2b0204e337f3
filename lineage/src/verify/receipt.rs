//! One receipt, and result files, against the log's key and the trust list.

use std::io::{self, Read};

use super::report::{NotChecked, Place, Problem, Report};
use super::rules::{Rules, Scope};
use crate::checkpoint::Checkpoint;
use crate::digest::Digest;
use crate::event::{EventBody, ReleasedFile};
use crate::leaf::Leaf;
use crate::note::NoteVerifier;
use crate::receipt::{Receipt, ReceiptEntry};
use crate::tree::{leaf_hash, verify_inclusion};
use crate::trust::TrustList;

/// A result file that somebody holds: its name for messages, digest and length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultFile {
    /// How messages call it.
    pub name: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its length in bytes.
    pub bytes: u64,
}

impl ResultFile {
    /// The digest and length of everything that a reader yields.
    ///
    /// # Errors
    /// The reader's own error.
    pub fn read(name: &str, reader: impl Read) -> io::Result<Self> {
        let (digest, bytes) = Digest::of_reader(reader)?;
        let name = name.to_owned();
        Ok(Self {
            name,
            digest,
            bytes,
        })
    }
}

/// Verifies a receipt and that each file is one that its subject released.
#[must_use]
pub fn receipt(
    receipt: &Receipt,
    files: &[ResultFile],
    key: &NoteVerifier,
    trust: &TrustList,
) -> Report {
    let mut report = Report::default();
    match Checkpoint::open(receipt.checkpoint(), key) {
        Ok(checkpoint) => check_leaves(&mut report, receipt, &checkpoint, files, trust),
        Err(error) => report.find(
            Place::file("receipt"),
            Problem::Checkpoint,
            error.to_string(),
        ),
    }
    if files.is_empty() {
        report.not_checked.push(NotChecked::Files);
    }
    report.not_checked.extend([
        NotChecked::RestOfLog,
        NotChecked::Witness,
        NotChecked::Contents,
        NotChecked::Clocks,
    ]);
    report
}

fn check_leaves(
    report: &mut Report,
    receipt: &Receipt,
    checkpoint: &Checkpoint,
    files: &[ResultFile],
    trust: &TrustList,
) {
    report.origin = Some(checkpoint.origin.clone());
    report.size = Some(checkpoint.size);
    report.root = Some(checkpoint.root);
    let mut leaves: Vec<Leaf> = Vec::new();
    for entry in receipt.entries() {
        match proven_leaf(entry, checkpoint) {
            Ok(leaf) => leaves.push(leaf),
            Err((problem, detail)) => {
                report.find(Place::leaf(entry.index()), problem, detail);
            }
        }
    }
    report.leaves = leaves.len() as u64;
    let subject = receipt.entries().first().map(ReceiptEntry::index);
    if let Some(subject) = leaves.iter().find(|leaf| Some(leaf.seq) == subject) {
        check_files(report, subject, files);
    }
    leaves.sort_by_key(|leaf| leaf.seq);
    leaves.dedup_by_key(|leaf| leaf.seq);
    let mut rules = Rules::new(trust, Scope::Receipt);
    leaves.iter().for_each(|leaf| rules.apply(leaf));
    report.statements = rules.statements();
    report.destroyed_keys = rules.destroyed_keys();
    report.not_checked.extend(rules.not_checked());
    report.findings.extend(rules.into_findings());
}

/// The leaf of an entry, once its proof leads to the signed root.
fn proven_leaf(entry: &ReceiptEntry, signed: &Checkpoint) -> Result<Leaf, (Problem, String)> {
    let inclusion = |detail: &str| (Problem::Inclusion, detail.to_owned());
    let bytes = entry.leaf_bytes();
    let bytes = bytes.ok_or_else(|| inclusion("the leaf is not base64"))?;
    let proof = entry.proof();
    let proof = proof.ok_or_else(|| inclusion("the proof is not base64 of hashes"))?;
    let hash = leaf_hash(&bytes);
    verify_inclusion(entry.index(), signed.size, &hash, &proof, &signed.root)
        .map_err(|error| inclusion(&error.to_string()))?;
    let leaf = Leaf::parse(&bytes).map_err(|error| (Problem::Leaf, error.to_string()))?;
    match leaf.seq == entry.index() {
        true => Ok(leaf),
        false => Err((Problem::Leaf, "the leaf says another seq".to_owned())),
    }
}

fn check_files(report: &mut Report, subject: &Leaf, files: &[ResultFile]) {
    let released: &[ReleasedFile] = match &subject.body {
        EventBody::JobDelivered(body) => &body.files,
        EventBody::SampleReleased(body) => &body.files,
        EventBody::ProductSubmitted(_)
        | EventBody::ProductApproved(_)
        | EventBody::JobStarted(_) => &[],
        _ => {
            report.not_checked.push(NotChecked::NoRules);
            &[]
        }
    };
    for file in files {
        let same = |one: &&ReleasedFile| one.digest == file.digest && one.bytes == file.bytes;
        match released.iter().find(same) {
            Some(_) => report.files += 1,
            None => {
                let detail = format!("leaf {} released no file with these bytes", subject.seq);
                report.find(Place::file(&file.name), Problem::File, detail);
            }
        }
    }
}
