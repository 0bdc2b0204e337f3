//! The regulator's part: without the service, and without trusting it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use lineage::verify::{self, Finding, NotChecked, Report, ResultFile};
use lineage::{NoteVerifier, Receipt, TrustList};

use super::operator::Delivered;
use super::telling::{Telling, Told};
use super::world::World;
use crate::language::{Language, Text, text};
use crate::problem::Problem;

/// Verifies a copy of the log, and the operator's result with its receipt.
pub(super) async fn verify(
    telling: &mut Telling<'_>,
    world: &World,
    delivered: &Delivered,
) -> Result<(), Problem> {
    let title = text!(
        "The regulator verifies log and receipt offline, with the log's public key and the trust list alone",
        "监管方仅凭日志公钥与信任列表，离线核验日志与回执"
    );
    let work = async {
        let (key, trust) = held(world)?;
        let log = world.place("regulator-log");
        copy(&world.home().log(), &log).map_err(|error| Problem::file(&log, &error))?;
        let whole = verified(
            verify::log_directory(&log, &key, &trust)
                .map_err(|error| Problem::file(&log, &error))?,
        )?;
        let one = verified(receipt(delivered, &key, &trust)?)?;
        let (leaves, statements, files) = (whole.leaves, whole.statements, one.files);
        let lines = [
            text!(
                "log: {leaves} entries in one unbroken chain, {statements} signed approvals, verified",
                "日志：{leaves} 条记录首尾相接，{statements} 份签名批准，核验通过"
            ),
            text!(
                "receipt: {files} result file is exactly what was released, verified",
                "回执：{files} 个结果文件与所发布的完全一致，核验通过"
            ),
            unchecked(&whole),
        ];
        Ok(Told::new((), lines))
    };
    telling.step(title, work).await
}

/// Flips one bit in a copy of the log, and finds it.
pub(super) async fn tamper(telling: &mut Telling<'_>, world: &World) -> Result<(), Problem> {
    let title = text!(
        "Somebody flips one bit in a copy of the log, and the regulator verifies that copy",
        "有人改动了日志副本中的一个比特，监管方再行核验"
    );
    let work = async {
        let (key, trust) = held(world)?;
        let log = world.place("tampered-log");
        copy(&world.home().log(), &log).map_err(|error| Problem::file(&log, &error))?;
        let flipped = flip(&log).map_err(|error| Problem::file(&log, &error))?;
        let report = verify::log_directory(&log, &key, &trust)
            .map_err(|error| Problem::file(&log, &error))?;
        let found = report.findings.first().ok_or_else(|| {
            Problem::refused(text!(
                "a flipped bit was not found: this is a fault of Karez",
                "改动的比特未被发现：这是 Karez 的故障"
            ))
        })?;
        let flipped = flipped.display();
        Ok(Told::new(
            (),
            [
                text!("flipped in {flipped}", "改动位于 {flipped}"),
                found_text(found),
            ],
        ))
    };
    telling.step(title, work).await
}

/// What the regulator holds: the key of the log and the trust list.
fn held(world: &World) -> Result<(NoteVerifier, TrustList), Problem> {
    let path = world.home().log_vkey();
    let text = fs::read_to_string(&path).map_err(|error| Problem::file(&path, &error))?;
    let key = text
        .trim()
        .parse()
        .map_err(|error| Problem::file(&path, &error))?;
    Ok((key, TrustList::load(&world.home().trust())?))
}

fn receipt(
    delivered: &Delivered,
    key: &NoteVerifier,
    trust: &TrustList,
) -> Result<Report, Problem> {
    let path = &delivered.receipt;
    let bytes = fs::read(path).map_err(|error| Problem::file(path, &error))?;
    let receipt = Receipt::from_json(&bytes).map_err(|error| Problem::file(path, &error))?;
    let result = &delivered.result;
    let file =
        File::open(result).and_then(|file| ResultFile::read(&result.display().to_string(), file));
    let file = file.map_err(|error| Problem::file(result, &error))?;
    Ok(verify::receipt(&receipt, &[file], key, trust))
}

fn verified(report: Report) -> Result<Report, Problem> {
    match report.findings.first() {
        None => Ok(report),
        Some(finding) => Err(Problem::refused(found_text(finding))),
    }
}

fn found_text(finding: &Finding) -> Text {
    Text {
        en: format!(
            "NOT verified: {}",
            finding.text(Language::English.of_verifier())
        ),
        zh: format!(
            "核验未通过：{}",
            finding.text(Language::Chinese.of_verifier())
        ),
    }
}

/// What the verifier says that it did not look at.
fn unchecked(report: &Report) -> Text {
    let list = |language: Language, between: &str| {
        let items = report
            .not_checked
            .iter()
            .map(|item: &NotChecked| item.text(language.of_verifier()));
        items.collect::<Vec<_>>().join(between)
    };
    Text {
        en: format!(
            "not checked, and said so: {}",
            list(Language::English, "; ")
        ),
        zh: format!("未核验并如实说明：{}", list(Language::Chinese, "；")),
    }
}

/// Copies a directory of plain files and directories.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type()?.is_dir() {
            true => copy(&from, &to)?,
            false => drop(fs::copy(&from, &to)?),
        }
    }
    Ok(())
}

/// Flips the lowest bit of the byte in the middle of the largest file; the file.
fn flip(directory: &Path) -> io::Result<PathBuf> {
    let mut largest = (0, PathBuf::new());
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            match entry.metadata()? {
                metadata if metadata.is_dir() => open.push(entry.path()),
                metadata if metadata.len() > largest.0 => largest = (metadata.len(), entry.path()),
                _ => {}
            }
        }
    }
    let mut bytes = fs::read(&largest.1)?;
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    fs::write(&largest.1, bytes)?;
    Ok(largest.1)
}
